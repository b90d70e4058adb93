/*
 * authres_owner.c - whose an Authentication-Results field is; see authres.h.
 *
 * The id is the first word, up to ';', blank or '='. Two readings are tried: with comments as nothing,
 * and with their parentheses as blanks; both without quotes, backslashes and control characters,
 * which some readers keep and some drop.
 */
#include "auth/authres.h"

#include "auth/domain.h"
#include "policy/dns_name.h"

/* What is looked at of one reading: an id is a host name, as a rule. The id of a longer one is not
 * ours; comments do not count. */
#define READING_BYTES 512

/* Where a reading stands. */
struct reader {
	struct slice rest;
	bool comments; /* they are understood */
	size_t depth;  /* of comments */
};

/* True when c is part of the words before the results. */
static bool
reader_keeps(struct reader *r, char c)
{
	if (r->comments && (c == '(' || (c == ')' && r->depth > 0))) {
		r->depth = c == '(' ? r->depth + 1 : r->depth - 1;
		return false;
	}
	return r->depth == 0 && c != '"';
}

/* Parentheses are blanks, where comments are not understood; there, other control characters are
 * blanks too, as for a reader that stops at them, and else nothing ('\0'). */
static char
folded(const struct reader *r, char c)
{
	if (ascii_is_space(c) || c == '(' || c == ')')
		return ' ';
	if ((unsigned char)c < 0x20 || c == 0x7f)
		return (char)(r->comments ? '\0' : ' ');
	return ascii_lower(c);
}

/* Appends the words before the first ';' or '=' outside of comments; out->over when they are too
 * many. Returns that byte, or NUL. */
static char
read_words(struct slice value, bool comments, struct buf *out)
{
	struct reader r = {.rest = value, .comments = comments};

	for (; r.rest.n > 0; r.rest = slice_from(r.rest, 1)) {
		char c = r.rest.p[0];

		if (c == '\\' && r.rest.n > 1) {
			r.rest = slice_from(r.rest, 1);
			c = r.rest.p[0];
		} else if (!reader_keeps(&r, c)) {
			continue;
		}
		if (r.depth > 0)
			continue;
		if (c == ';' || c == '=')
			return c;
		c = folded(&r, c);
		if (c != '\0' && !(c == ' ' && out->n > 0 && out->p[out->n - 1] == ' '))
			buf_add_char(out, c);
	}
	return '\0';
}

static bool
is_id_byte(char c)
{
	return (c >= 'a' && c <= 'z') || ascii_is_digit(c) || c == '-' || c == '_' || c == '.' ||
	       (unsigned char)c >= 0x80;
}

/* The word at *at: a run of what host names are made of; what is between is skipped. */
static struct slice
word_next(struct slice words, size_t *at)
{
	size_t from;

	while (*at < words.n && !is_id_byte(words.p[*at]))
		(*at)++;
	from = *at;
	while (*at < words.n && is_id_byte(words.p[*at]))
		(*at)++;
	return slice_make(words.p + from, *at - from);
}

/* Some reader may show or compare a name in another form: U-labels, full-width letters. */
static bool
is_same(struct slice word, struct slice id)
{
	char storage[DNS_NAME_MAX_BYTES + 1];
	struct buf normal = BUF_OVER(storage);

	if (slice_eq_nocase(word, id))
		return true;
	return domain_normalise(word, &normal) == 0 &&
	       slice_eq_nocase(buf_slice(&normal), dns_name_without_dot(id));
}

/* An id may hold more than a host name's bytes ("gatepost/1@mx"); such a one is compared whole. */
static bool
is_whole(struct slice words, struct slice id)
{
	struct slice text = slice_trim(words);
	bool starts = id.n > 0 && slice_starts_nocase(text, id);

	return starts && (text.n == id.n || !is_id_byte(text.p[id.n]));
}

static bool
words_are_ours(struct slice words, const struct slice *ids, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_whole(words, ids[i]))
			return true;
	}
	while (at < words.n) {
		struct slice word = word_next(words, &at);

		for (size_t i = 0; i < n && word.n > 0; i++) {
			if (is_same(word, ids[i]))
				return true;
		}
	}
	return false;
}

/* No word at all, or one that is a method: "spf=pass" without an id before it. */
static bool
has_no_id(struct slice words, char end)
{
	size_t at = 0;

	if (word_next(words, &at).n == 0)
		return true;
	return end == '=' && word_next(words, &at).n == 0;
}

enum authres_owner
authres_owner(struct slice value, const struct slice *ids, size_t n)
{
	char storage[2][READING_BYTES];
	struct buf reading = BUF_OVER(storage[0]), naive = BUF_OVER(storage[1]);
	char end = read_words(value, true, &reading);
	size_t at = 0;

	(void)read_words(value, false, &naive);
	if (words_are_ours(buf_slice(&reading), ids, n))
		return AUTHRES_OURS;
	/* without comments understood, what stands behind the first word may be a comment's */
	if (words_are_ours(word_next(buf_slice(&naive), &at), ids, n))
		return AUTHRES_OURS;
	return has_no_id(buf_slice(&reading), end) || reading.over ? AUTHRES_NOBODYS
								   : AUTHRES_OTHERS;
}
