/*
 * subject.c - see subject.h.
 */
#include "mail/subject.h"

#include "mail/word.h"

/* How much of a subject is looked at for a prefix that is there already: some "Re:", and it. */
#define LOOK_BYTES (SUBJECT_PREFIX_MAX_BYTES + 400)

/* The prefix in encoded words, each of at least three bytes in 12 and what is around them. */
#define ENCODED_BYTES ((size_t)SUBJECT_PREFIX_MAX_BYTES * 8)

/* RFC 5322 section 2.1.1. */
#define LINE_BYTES 78

static const struct slice field_name = SLICE_LIT("Subject: ");

static bool
is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	}
	return true;
}

/* Bytes of "Re:", "AW:", "Fwd:", "Re[2]:", "Antw:" and the like at the start of s, or 0. */
static size_t
reply_mark_bytes(struct slice s)
{
	size_t n = 0;

	while (n < s.n && n < 5 && ascii_lower(s.p[n]) >= 'a' && ascii_lower(s.p[n]) <= 'z')
		n++;
	if (n < 1 || n > 4)
		return 0;
	if (n < s.n && (s.p[n] == '[' || s.p[n] == '(')) {
		do
			n++;
		while (n < s.n && ascii_is_digit(s.p[n]));
		n += n < s.n && (s.p[n] == ']' || s.p[n] == ')');
	}
	return n < s.n && s.p[n] == ':' ? n + 1 : 0;
}

static bool
has_prefix(struct slice value, struct slice prefix)
{
	char storage[LOOK_BYTES];
	struct buf shown = BUF_OVER(storage);
	struct slice rest;
	size_t mark;

	word_decode(&shown, value);
	rest = slice_trim(buf_slice(&shown));
	while ((mark = reply_mark_bytes(rest)) > 0 && !slice_starts_nocase(rest, prefix))
		rest = slice_trim(slice_from(rest, mark));
	return slice_starts_nocase(rest, prefix);
}

/* The prefix as it is written. A blank between two encoded words would not be shown, so there it
 * belongs into the first. */
static void
add_prefix(struct buf *out, struct slice prefix, bool before_word)
{
	static const struct slice mark = SLICE_LIT("=?");
	char storage[SUBJECT_PREFIX_MAX_BYTES + 1];
	struct buf text = BUF_OVER(storage);
	bool plain = is_ascii(prefix);

	for (size_t i = 0; plain && i + 1 < prefix.n; i++)
		plain = !slice_starts(slice_from(prefix, i), mark);
	if (plain) {
		buf_add(out, prefix);
		return;
	}
	buf_add(&text, prefix);
	if (before_word)
		buf_add_char(&text, ' ');
	word_encode(out, buf_slice(&text), field_name.n);
}

/* The value as a field can have it: a line end only before a blank, no NUL. */
static void
add_value(struct buf *out, struct slice value)
{
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		bool end = c == '\r' || c == '\n';

		if (c == '\r' && i + 1 < value.n && value.p[i + 1] == '\n')
			continue;
		buf_add_char(out, (char)(end ? '\n' : c == '\0' ? '?' : c));
		if (end && (i + 1 == value.n || (value.p[i + 1] != ' ' && value.p[i + 1] != '\t')))
			buf_add_char(out, ' ');
	}
}

/* Bytes of the last line of what is written, the first one with the field's name. */
static size_t
column_of(struct slice written)
{
	size_t last = slice_find_last(written, '\n');

	return last == written.n ? field_name.n + written.n : written.n - last - 1;
}

const char *
subject_prefix(struct arena *a, struct slice value, struct slice prefix)
{
	size_t cap = 2 * value.n + ENCODED_BYTES;
	struct slice subject = slice_trim(value);
	size_t first_line = slice_find(subject, '\n');
	char *storage;
	struct buf out;

	prefix = slice_trim(prefix);
	if (prefix.n == 0 || prefix.n > SUBJECT_PREFIX_MAX_BYTES)
		return NULL;
	if ((storage = arena_alloc(a, cap)) == NULL)
		return NULL;
	buf_init(&out, storage, cap);
	if (has_prefix(subject, prefix)) {
		add_value(&out, value);
		return buf_text(&out);
	}
	add_prefix(&out, prefix, word_bytes(subject) > 0);
	if (subject.n > 0) {
		bool fold = column_of(buf_slice(&out)) + 1 + first_line > LINE_BYTES;

		buf_add_text(&out, fold ? "\n " : " ");
		add_value(&out, subject);
	}
	return buf_text(&out);
}
