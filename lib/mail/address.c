/*
 * address.c - see address.h. How greylisting compares addresses is in address_normalise.c.
 *
 * Reading is stable: the text of an address, read again, gives the same text, local part and
 * domain. So what was stored or logged can be read back.
 */
#include "mail/address.h"

#define NO_AT ((size_t)-1)

static bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

/* A letter, a digit, or part of a UTF-8 character. */
static bool
is_word(char c)
{
	return utf8_is_letter(c) || ascii_is_digit(c);
}

/* How long the source route at the start of s is, its colon included; 0: there is none.
 * The colons within an address literal ("@[IPv6:2001:db8::1]:") do not end it. */
static size_t
route_bytes(struct slice s)
{
	bool literal = false;

	if (s.n == 0 || s.p[0] != '@')
		return 0;
	for (size_t i = 1; i < s.n; i++) {
		char c = s.p[i];

		if (c == ':' && !literal)
			return i + 1;
		if (c == '[' || c == ']')
			literal = c == '[';
		else if (!is_word(c) && memchr("@,.-_:", c, 6) == NULL)
			return 0;
	}
	return 0;
}

struct scan {
	size_t
	    end; /* where the address stops: at '>', at a blank behind the domain, or at the end */
	size_t at; /* the last '@' before that, or NO_AT */
	bool open; /* a quote was not closed */
};

/* Is there a blank at i that ends the address? Those right behind the '@' do not: Sendmail takes
 * "user@ example.com" for an address of example.com. */
static bool
blank_ends(struct slice s, size_t i, size_t at)
{
	return ascii_is_space(s.p[i]) && at != NO_AT && s.p[i - 1] != '@' &&
	       !ascii_is_space(s.p[i - 1]);
}

/* Finds the end of the address at the start of s. Within quotes, when they count, nothing ends it
 * and no '@' divides it. */
static struct scan
text_scan(struct slice s, bool quotes)
{
	struct scan scan = {s.n, NO_AT, false};

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool stops = c == '>' || (quotes && blank_ends(s, i, scan.at));

		if (quotes && c == '"') {
			scan.open = !scan.open;
		} else if (scan.open && c == '\\') {
			i++;
		} else if (!scan.open && stops) {
			scan.end = i;
			break;
		} else if (!scan.open && c == '@') {
			scan.at = i;
		}
	}
	return scan;
}

/* The bytes of the UTF-8 character at the start of s (RFC 3629, so neither overlong forms nor
 * surrogates), or 0 when it is none. s is not empty. */
static size_t
utf8_bytes(struct slice s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (n == 0 || n > s.n || p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/* No control characters, and whole UTF-8 characters only. */
static bool
text_is_clean(struct slice s)
{
	while (s.n > 0) {
		size_t n = utf8_bytes(s);

		if (n == 0 || is_control(s.p[0]))
			return false;
		s = slice_from(s, n);
	}
	return true;
}

bool
address_local_is_plain(struct slice local)
{
	for (size_t i = 0; i < local.n; i++) {
		char c = local.p[i];

		if (is_control(c) || memchr(" ()<>[]:;@\\,\"", c, 13) != NULL)
			return false;
	}
	return local.n > 0;
}

/* One quoted string, from the first byte to the last. */
static bool
local_is_quoted(struct slice local)
{
	if (local.n < 2 || local.p[0] != '"')
		return false;
	for (size_t i = 1; i < local.n; i++) {
		if (local.p[i] == '\\')
			i++;
		else if (local.p[i] == '"')
			return i == local.n - 1;
	}
	return false;
}

/* How long the quoted local part at the start of s is; 0: there is none. */
static size_t
quoted_bytes(struct slice s)
{
	for (size_t i = 1; i < s.n && s.p[0] == '"'; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1 < s.n && s.p[i + 1] == '@' ? i + 1 : 0;
	}
	return 0;
}

bool
address_list_next(struct slice *list, struct slice *address_r)
{
	size_t quoted;

	*list = slice_trim(*list);
	if (list->n == 0)
		return false;
	quoted = quoted_bytes(*list);
	*address_r = slice_head(*list, quoted + slice_find(slice_from(*list, quoted), ','));
	*list = slice_from(*list, address_r->n + 1);
	*address_r = slice_trim(*address_r);
	return true;
}

bool
address_domain_is_literal(struct slice domain)
{
	if (domain.n < 3 || domain.p[0] != '[' || domain.p[domain.n - 1] != ']')
		return false;
	for (size_t i = 1; i < domain.n - 1; i++) {
		if (!is_word(domain.p[i]) && memchr(".:-", domain.p[i], 3) == NULL)
			return false;
	}
	return true;
}

/* Labels of letters, digits, '-' and the '_' that some hosts have, none of them empty. */
static bool
domain_is_name(struct slice domain)
{
	char before = '.';

	for (size_t i = 0; i < domain.n; i++) {
		char c = domain.p[i];

		if (!is_word(c) && memchr("-_.", c, 3) == NULL)
			return false;
		if (c == '.' && before == '.')
			return false;
		before = c;
	}
	return before != '.';
}

/* What the text itself says, without the brackets around it. */
static bool
text_is_malformed(const struct address *a)
{
	if (!text_is_clean(a->text))
		return true;
	if (!address_local_is_plain(a->local) && !local_is_quoted(a->local))
		return true;
	if (a->local.n == a->text.n)
		return false;
	if (a->domain.p != a->local.p + a->local.n + 1)
		return true; /* a blank before it */
	return !domain_is_name(a->domain) && !address_domain_is_literal(a->domain);
}

/* Removes blanks, '<' and source routes from the front, and blanks from the back; returns how
 * many '<' there were. */
static size_t
front_strip(struct slice *s)
{
	size_t opened = 0;
	size_t before;

	do {
		*s = slice_trim(*s);
		before = s->n;
		if (s->n > 0 && s->p[0] == '<') {
			opened++;
			*s = slice_from(*s, 1);
		}
		*s = slice_from(*s, route_bytes(*s));
	} while (s->n < before);
	return opened;
}

struct address
address_parse(struct slice raw)
{
	struct address a = {.null = false};
	size_t opened = front_strip(&raw);
	struct scan scan = text_scan(slice_head(raw, ADDRESS_MAX_BYTES), true);
	struct slice rest;
	bool closed;

	/* a quote that never ends is an ordinary byte, or it would swallow the '@' and the '>' */
	if (scan.open)
		scan = text_scan(slice_head(raw, ADDRESS_MAX_BYTES), false);
	a.text = slice_trim(slice_head(raw, scan.end));
	a.local = slice_head(a.text, scan.at);
	a.domain = scan.at == NO_AT ? slice_make(a.text.p, 0)
				    : slice_trim(slice_from(a.text, scan.at + 1));
	a.null = a.text.n == 0;

	rest = slice_from(raw, scan.end);
	closed = rest.n > 0 && rest.p[0] == '>';
	a.malformed = opened > 1 || (opened == 1) != closed;
	if (scan.end == ADDRESS_MAX_BYTES && rest.n > 0 && !closed)
		a.malformed = true; /* cut */
	if (closed && rest.n > 1 && !ascii_is_space(rest.p[1]))
		a.malformed = true; /* what follows may be ESMTP parameters, after a blank */
	if (!a.null && text_is_malformed(&a))
		a.malformed = true;
	return a;
}

bool
address_is_role(const struct address *a)
{
	static const struct slice postmaster = SLICE_LIT("postmaster");
	static const struct slice abuse = SLICE_LIT("abuse");
	struct slice local = a->local;

	if (local_is_quoted(local))
		local = slice_make(local.p + 1, local.n - 2);
	return slice_eq_nocase(local, postmaster) || slice_eq_nocase(local, abuse);
}
