/*
 * spf_entry.c - see spf_parts.h: the questions of one check, and the policies in their answers.
 */
#include "auth/spf_parts.h"

#include "policy/dns_rdata.h"

static bool
is_label(struct slice label)
{
	for (size_t i = 0; i < label.n; i++) {
		if (label.p[i] < ' ' || label.p[i] > '~' || label.p[i] == '\\')
			return false;
	}
	return label.n > 0 && label.n <= DNS_LABEL_MAX_BYTES;
}

int
spf_name_make(struct slice name, struct buf *out)
{
	struct slice rest;
	size_t dot;

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	rest = name;
	if (name.n > DNS_NAME_MAX_BYTES)
		return -1;
	while ((dot = slice_find(rest, '.')) < rest.n) {
		if (!is_label(slice_head(rest, dot)))
			return -1;
		rest = slice_from(rest, dot + 1);
	}
	if (rest.n == name.n || rest.n > DNS_LABEL_MAX_BYTES || !spf_macro_is_toplabel(rest))
		return -1;
	buf_add_lower(out, name);
	return out->over ? -1 : 0;
}

struct spf_entry *
spf_entry_find(const struct spf *spf, struct slice name, enum dns_type type)
{
	for (struct spf_entry *e = spf->entries; e != NULL; e = e->next) {
		if (e->type == type && slice_eq(e->name, name))
			return e;
	}
	return NULL;
}

struct spf_entry *
spf_entry_get(struct spf *spf, struct slice name, enum dns_type type)
{
	struct spf_entry *entry = spf_entry_find(spf, name, type);
	struct spf_entry **last = &spf->entries;

	if (entry != NULL || spf->nentries == spf->limits.questions)
		return entry;
	entry = arena_alloc(spf->arena, sizeof(*entry));
	if (entry == NULL)
		return NULL;
	entry->name = arena_copy(spf->arena, name);
	entry->type = type;
	while (*last != NULL)
		last = &(*last)->next;
	if (entry->name.p == NULL)
		return NULL;
	*last = entry;
	spf->nentries++;
	return entry;
}

/* True for a TXT record that begins as a policy does, however its strings are cut. */
static bool
is_policy(struct slice rdata)
{
	char head_bytes[8];
	struct buf head = BUF_OVER(head_bytes);

	(void)dns_txt_join(rdata, &head);
	return spf_record_is(buf_slice(&head));
}

/* Joins the policy into the arena and parses it. */
static enum spf_code
policy_read(struct spf *spf, struct spf_entry *entry, struct slice rdata, struct err *err)
{
	char *storage;
	struct buf text;

	(void)err_set(
	    err, ERR_LIMIT, "the record is longer than %zu bytes", spf->limits.record_bytes);
	/* each string has a length in front, so rdata has room for what they hold */
	if (rdata.n > spf->limits.record_bytes + spf->limits.record_bytes / 16 + 16)
		return SPF_PERMERROR;
	storage = arena_alloc(spf->arena, rdata.n);
	if (storage == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory");
		return SPF_TEMPERROR;
	}
	buf_init(&text, storage, rdata.n);
	if (dns_txt_join(rdata, &text) != 0) {
		(void)err_set(err, ERR_INVALID, "the record is cut off");
		return SPF_PERMERROR;
	}
	if (text.n > spf->limits.record_bytes)
		return SPF_PERMERROR;
	return spf_record_parse(buf_slice(&text), &entry->record, err) == 0 ? SPF_PASS
									    : SPF_PERMERROR;
}

/* Picks the one policy among the TXT records, RFC 7208 section 4.5. */
static enum spf_code
answer_read(struct spf *spf, struct spf_entry *entry, struct err *err)
{
	const struct dns_answer *answer = entry->answer;
	size_t found = answer->n;

	(void)err_set(err, ERR_INVALID, "it publishes no policy");
	if (answer->status == DNS_TEMPERROR || answer->status == DNS_PENDING) {
		(void)err_set(err, ERR_UNAVAILABLE, "its policy cannot be looked up now");
		return SPF_TEMPERROR;
	}
	if (answer->status != DNS_FOUND)
		return SPF_NONE;
	for (size_t i = 0; i < answer->n; i++) {
		if (!is_policy(answer->rdata[i]))
			continue;
		if (found < answer->n) {
			(void)err_set(err, ERR_INVALID, "it publishes more than one policy");
			return SPF_PERMERROR;
		}
		found = i;
	}
	return found == answer->n ? SPF_NONE : policy_read(spf, entry, answer->rdata[found], err);
}

enum spf_code
spf_entry_read(struct spf *spf, struct spf_entry *entry)
{
	struct err err;

	if (entry->read)
		return entry->code;
	entry->read = true;
	entry->code = answer_read(spf, entry, &err);
	if (entry->code != SPF_PASS)
		entry->problem = arena_copy(spf->arena, slice_of(err.text));
	return entry->code;
}
