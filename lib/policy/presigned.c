/*
 * presigned.c - see presigned.h.
 */
#include "policy/presigned.h"

#include "auth/dkim_tag.h"

/* Those that have a list of fields, h=, cover these and the body. */
static const struct kind {
	const char *name;
	bool lists;
	bool may_cover_all; /* RFC 4870: without h=, all fields below it */
} kinds[] = {
    {"DKIM-Signature", true, false},
    {"DomainKey-Signature", true, true},
    {"ARC-Message-Signature", true, false},
    {"ARC-Seal", false, false},
    {"ARC-Authentication-Results", false, false},
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* NULL: the field is none of them. */
static const struct kind *
kind_of(const struct message_field *field)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (slice_eq_nocase(field->name, slice_of(kinds[i].name)))
			return &kinds[i];
	}
	return NULL;
}

static size_t
fields_count(const struct message *message, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < message->n; i++)
		n += slice_eq_nocase(message->v[i].name, slice_of(name));
	return n;
}

/* How often a list with colons has that word. */
static size_t
words_count(struct slice list, const char *word)
{
	size_t n = 0;

	while (list.n > 0) {
		struct slice next = slice_head(list, slice_find(list, ':'));

		n += slice_eq_nocase(slice_trim(next), slice_of(word));
		list = slice_from(list, next.n + 1);
	}
	return n;
}

bool
presigned_is(const struct message *message)
{
	for (size_t i = 0; i < message->n; i++) {
		const struct kind *kind = kind_of(&message->v[i]);

		if (kind != NULL && kind->lists)
			return true;
	}
	return false;
}

/* A name that stands in h= more often than there are fields says that there are no more of them (RFC
 * 6376 section 5.4.2); the signature itself does not count. */
bool
presigned_may_add(const struct message *message, const char *name)
{
	size_t there = message == NULL ? 0 : fields_count(message, name);

	for (size_t i = 0; message != NULL && i < message->n; i++) {
		const struct kind *kind = kind_of(&message->v[i]);
		struct slice list;
		size_t own;

		if (kind == NULL || !kind->lists || !dkim_tag_find(message->v[i].value, "h", &list))
			continue;
		own = slice_eq_nocase(slice_of(kind->name), slice_of(name));
		if (words_count(list, name) > there - own)
			return false;
	}
	return true;
}

bool
presigned_may_remove(const struct message *message, const char *name)
{
	for (size_t i = 0; message != NULL && i < message->n; i++) {
		const struct kind *kind = kind_of(&message->v[i]);
		struct slice list;

		if (kind == NULL || !kind->lists)
			continue;
		if (!dkim_tag_find(message->v[i].value, "h", &list)) {
			if (kind->may_cover_all)
				return false;
		} else if (words_count(list, name) > 0) {
			return false;
		}
	}
	return true;
}

int
presigned_strip(const struct message *message, struct edits *edits)
{
	size_t before = edits->n;

	for (size_t i = 0; i < KINDS; i++) {
		/* from the last to the first: see edit.h */
		for (size_t n = fields_count(message, kinds[i].name); n > 0; n--) {
			if (n <= EDITS_MAX &&
			    edits_delete_header(edits, (int)n, kinds[i].name) == 0)
				continue;
			edits->n = before;
			return -1;
		}
	}
	return (int)(edits->n - before);
}
