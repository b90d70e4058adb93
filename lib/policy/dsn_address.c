/*
 * dsn_address.c - addresses and codes in texts that were not made to be parsed.
 */
#include "policy/dsn_parts.h"

#include "mail/address.h"

/* What an address may be made of here, but for its '@'. Nothing rare: a text is full of marks. */
static bool
is_local(char c)
{
	return utf8_is_letter(c) || ascii_is_digit(c) ||
	       memchr("!#$%&'*+-/=?^_.{}~", c, 18) != NULL;
}

static bool
is_domain(char c)
{
	return utf8_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '.' || c == '_';
}

/* Does the domain end in a name as of a top-level domain? What is beyond ASCII behind it is a mark. */
static bool
has_top(struct slice domain)
{
	size_t dot = slice_find_last(domain, '.');

	return dot + 2 < domain.n && (unsigned char)domain.p[domain.n - 1] < 0x80;
}

/* Does a mark of East Asian texts end there: U+3000 … U+303F, "(" and ":" and "<" in full width? */
static bool
is_wide_mark(struct slice before)
{
	struct slice last = slice_from(before, before.n < 3 ? 0 : before.n - 3);
	unsigned char c = (unsigned char)(last.n == 3 ? last.p[2] : 0);

	return slice_starts(last, slice_of("\343\200")) ||
	       (slice_starts(last, slice_of("\357\274")) && (c < 0x90 || (c >= 0x9a && c <= 0xa0)));
}

/* The address around the '@' at `at` in text, nothing before `from`; its first byte, or n: none. */
static size_t
address_around(struct slice text, size_t from, size_t at, size_t *end_r)
{
	size_t begin = at, end = at + 1;
	size_t least = at > ADDRESS_MAX_BYTES ? at - ADDRESS_MAX_BYTES : 0;

	while (begin > from && begin > least && is_local(text.p[begin - 1]) &&
	       !is_wide_mark(slice_head(text, begin)))
		begin--;
	while (end < text.n && end - at < ADDRESS_MAX_BYTES && is_domain(text.p[end]) &&
	       !((unsigned char)text.p[end] >= 0x80 &&
		   has_top(slice_head(slice_from(text, at), end - at))))
		end++;
	while (end > at + 1 && memchr(".-_", text.p[end - 1], 3) != NULL)
		end--;
	while (begin < at && memchr("'*/=.{}", text.p[begin], 7) != NULL)
		begin++;
	*end_r = end;
	return begin < at && end > at + 1 ? begin : text.n;
}

bool
dsn_address_next(struct slice *rest, struct slice *address_r, struct slice *before_r)
{
	size_t from = 0;

	while (from < rest->n) {
		size_t at = from + slice_find(slice_from(*rest, from), '@');
		size_t end = at, begin;

		if (at >= rest->n)
			break;
		begin = address_around(*rest, from, at, &end);
		if (begin < rest->n) {
			*before_r = slice_head(*rest, begin);
			*address_r = slice_head(slice_from(*rest, begin), end - begin);
			*rest = slice_from(*rest, end);
			return true;
		}
		from = at + 1;
	}
	*rest = slice_from(*rest, rest->n);
	return false;
}

/* Without the brackets or quotes around it, and what is behind them. */
static struct slice
unwrap(struct slice text)
{
	size_t open = slice_find(text, '<');
	struct slice inner = slice_from(text, open + 1);

	if (open < text.n && slice_find(inner, '>') < inner.n)
		return slice_trim(slice_head(inner, slice_find(inner, '>')));
	while (text.n > 1 && (text.p[0] == '"' || text.p[0] == '\'' || text.p[0] == '<') &&
	       slice_find(text, ' ') == text.n)
		text = slice_from(text, 1);
	while (text.n > 0 && memchr("\"'>;,", text.p[text.n - 1], 5) != NULL)
		text.n--;
	if (text.n > 1 && text.p[text.n - 1] == '.' && text.p[text.n - 2] != '.')
		text.n--;
	return text;
}

/* An address of our days: a local part and a domain, nothing missing, nothing hidden ("ann...@"). */
static bool
is_whole(struct slice text)
{
	size_t at = slice_find_last(text, '@');

	if (at == 0 || at + 1 >= text.n || text.n > ADDRESS_MAX_BYTES)
		return false;
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 0x20 || (text.p[i] == ' ' && text.p[0] != '"') ||
		    (i > at && text.p[i] == '.' && text.p[i - 1] == '.'))
			return false;
	return !slice_ends(slice_head(text, at), slice_of("...")) && slice_find(text, '/') != 0 &&
	       text.p[0] != '@';
}

struct slice
dsn_address_clean(struct slice text)
{
	size_t semicolon = slice_find(text, ';');
	struct slice type = slice_trim(slice_head(text, semicolon));
	size_t colon;

	if (semicolon < text.n && slice_find(type, '@') == type.n)
		text = slice_from(text, semicolon + 1);
	text = unwrap(slice_trim(text));
	colon = slice_find(text, ':');
	if (text.n > 0 && text.p[0] == '@' && colon < text.n)
		text = slice_from(text, colon + 1);
	if (slice_starts_nocase(text, slice_of("mailto:")) ||
	    slice_starts_nocase(text, slice_of("rfc822:")))
		text = slice_from(text, 7);
	if (slice_find(text, ' ') < text.n && slice_find(text, '@') < slice_find(text, ' '))
		text = slice_head(text, slice_find(text, ' '));
	text = slice_trim(text);
	return is_whole(text) ? text : slice_head(text, 0);
}

int
dsn_address_compare(struct slice a, struct slice b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++) {
		int d = (unsigned char)ascii_lower(a.p[i]) - (unsigned char)ascii_lower(b.p[i]);

		if (d != 0)
			return d;
	}
	return (a.n > b.n) - (a.n < b.n);
}

/* --- codes --- */

/* "d.d.d" at `at`, as RFC 3463 has them: its bytes, or 0. */
static size_t
status_bytes(struct slice text, size_t at)
{
	size_t n = 3;
	struct slice t = slice_from(text, at);

	if (at > 0 && (ascii_is_digit(text.p[at - 1]) || utf8_is_letter(text.p[at - 1]) ||
			  memchr("._/", text.p[at - 1], 3) != NULL))
		return 0;
	if (t.n < 5 || memchr("245", t.p[0], 3) == NULL || t.p[1] != '.' || t.p[2] < '0' ||
	    t.p[2] > '7' || t.p[3] != '.' || !ascii_is_digit(t.p[4]))
		return 0;
	for (n = 5; n < t.n && n < 7 && ascii_is_digit(t.p[n]); n++)
		continue;
	if (n < t.n && (ascii_is_digit(t.p[n]) || utf8_is_letter(t.p[n]) || t.p[n] == '_' ||
			   (t.p[n] == '.' && n + 1 < t.n && ascii_is_digit(t.p[n + 1]))))
		return 0;
	return n;
}

/* A reply code at `at`: 421, 450 … 554, alone as a word; or 0. */
static unsigned
reply_at(struct slice text, size_t at)
{
	struct slice t = slice_from(text, at);
	char next = (char)(t.n > 3 ? t.p[3] : ' ');

	if (at > 0 && !ascii_is_space(text.p[at - 1]) &&
	    memchr("(\"':;#=>", text.p[at - 1], 8) == NULL)
		return 0;
	if (t.n < 3 || (t.p[0] != '4' && t.p[0] != '5') || t.p[1] < '0' || t.p[1] > '7' ||
	    !ascii_is_digit(t.p[2]) ||
	    (!ascii_is_space(next) && memchr("-:,;)\"'", next, 7) == NULL))
		return 0;
	return (unsigned)(t.p[0] - '0') * 100 + (unsigned)(t.p[1] - '0') * 10 +
	       (unsigned)(t.p[2] - '0');
}

/* "said: ", "Remote Server returned '": what stands in front of a reply. */
static bool
is_quoting(struct slice before)
{
	static const char *const words[] = {
	    "said", "returned", "repl", "respon", "answered", "<<<"};
	struct slice near = slice_from(before, before.n < 16 ? 0 : before.n - 16);

	for (size_t i = 0; i < near.n; i++)
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
			if (slice_starts_nocase(slice_from(near, i), slice_of(words[k])))
				return true;
	return false;
}

bool
dsn_codes_quoted(struct slice text)
{
	text = slice_head(text, BOUNCE_TEXT_MAX_BYTES);
	for (size_t i = 0; i + 3 <= text.n; i++) {
		if (reply_at(text, i) == 0)
			continue;
		if (is_quoting(slice_head(text, i)) ||
		    (i + 4 < text.n && text.p[i + 4] == text.p[i] && status_bytes(text, i + 4) > 0))
			return true;
	}
	return false;
}

struct dsn_codes
dsn_codes_find(struct slice text, char class)
{
	struct dsn_codes codes = {.reply = 0};
	bool said = false; /* the status says more than "5.0.0" */

	text = slice_head(text, BOUNCE_TEXT_MAX_BYTES);
	for (size_t i = 0; i + 3 <= text.n; i++) {
		size_t n = text.p[i] >= '2' && text.p[i] <= '5' ? status_bytes(text, i) : 0;
		struct slice status = slice_head(slice_from(text, i), n);
		bool vague = slice_ends(status, slice_of(".0.0"));

		if (class != '\0' && text.p[i] != class)
			continue;
		if (codes.reply == 0)
			codes.reply = reply_at(text, i);
		if (n > 0 && (codes.status.n == 0 || (!said && !vague))) {
			codes.status = status;
			said = !vague;
		}
	}
	return codes;
}
