/*
 * address_set.c - see address_set.h.
 */
#include "mail/address_set.h"

#include <stdlib.h>

#define DOMAIN_MAX_BYTES 255 /* RFC 5321 section 4.5.3.1.2 */
#define LABEL_MAX_BYTES  63  /* RFC 1035 section 2.3.4 */
#define SHOW_BYTES       64  /* how much of a wrong pattern the error repeats */

static int
pattern_error(struct err *err, struct slice text, const char *reason)
{
	return err_set(
	    err, ERR_INVALID, "\"%.*s\": %s", SLICE_ARG(slice_head(text, SHOW_BYTES)), reason);
}

/* What no pattern may hold anywhere, or NULL. */
static const char *
bytes_problem(struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == ' ' || c == '\t')
			return "an address holds no spaces; write one entry for each address";
		if (c < ' ' || c == 0x7f)
			return "an address holds no control characters";
		if (strchr("<>,;()\"", (char)c) != NULL)
			return "write the bare address, without < > ( ) , ; or quotes";
		if (c == '*')
			return "* is no wildcard here; write @example.com for a domain, "
			       ".example.com for all below it, user@ for a local part anywhere";
	}
	return NULL;
}

/* Letters, digits, '-', '_' (seen in practice), and the bytes of UTF-8 (RFC 6531). */
static bool
is_label_char(char c)
{
	return utf8_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

/* Why it is no domain, or NULL. */
static const char *
domain_problem(struct slice domain)
{
	size_t label = 0;

	if (address_domain_is_literal(domain))
		return NULL;
	if (domain.n > DOMAIN_MAX_BYTES)
		return "a domain has at most 255 bytes";
	for (size_t i = 0; i <= domain.n; i++) {
		if (i < domain.n && domain.p[i] != '.') {
			if (!is_label_char(domain.p[i]))
				return "a domain holds letters, digits, hyphens and dots only";
			label++;
			continue;
		}
		if (label == 0)
			return "a part of the domain between dots is empty";
		if (label > LABEL_MAX_BYTES)
			return "a part of a domain between dots has at most 63 bytes";
		label = 0;
	}
	return NULL;
}

/* Why it is no pattern, or NULL. */
static const char *
pattern_problem(struct slice text)
{
	size_t at = slice_find(text, '@');
	struct slice domain = slice_from(text, at + 1);
	const char *problem = bytes_problem(text);

	if (problem != NULL)
		return problem;
	if (at == text.n && slice_find(text, '.') == text.n)
		return "neither address nor domain; write user@ for a local part, @name for a "
		       "domain without a dot";
	if (at == text.n)
		return domain_problem(slice_from(text, text.p[0] == '.' ? 1 : 0));
	if (slice_find(domain, '@') < domain.n)
		return "more than one @";
	if (at > 0 && domain.n == 0)
		return NULL;
	return domain_problem(domain);
}

int
address_pattern_parse(struct arena *a, struct slice text, struct slice *pattern_r, struct err *err)
{
	char storage[ADDRESS_PATTERN_MAX_BYTES];
	struct buf pattern = BUF_OVER(storage);
	const char *problem;

	if (text.n == 0)
		return pattern_error(err, text, "an address pattern may not be empty");
	problem = pattern_problem(text);
	if (problem != NULL)
		return pattern_error(err, text, problem);
	if (slice_find(text, '@') == text.n && text.p[0] != '.')
		buf_add_char(&pattern, '@');
	buf_add_lower(&pattern, text);
	if (pattern.over)
		return pattern_error(err, text, "longer than any address can be (320 bytes)");
	*pattern_r = arena_copy(a, buf_slice(&pattern));
	if (pattern_r->p == NULL)
		return err_set(err, ERR_NOMEM, "no memory left for the list");
	return 0;
}

static int
pattern_compare(const void *a, const void *b)
{
	return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

void
address_set_init(struct address_set *set, struct slice *v, size_t n)
{
	*set = (struct address_set){v, n};
	if (n > 0)
		qsort(v, n, sizeof(*v), pattern_compare);
}

static bool
set_has(const struct address_set *set, struct slice pattern)
{
	return bsearch(&pattern, set->v, set->n, sizeof(*set->v), pattern_compare) != NULL;
}

/* ".example.com" for every domain above this one. */
static bool
set_has_parent(const struct address_set *set, struct slice domain)
{
	for (size_t i = 1; i < domain.n; i++) {
		if (domain.p[i] == '.' && set_has(set, slice_from(domain, i)))
			return true;
	}
	return false;
}

bool
address_set_has(const struct address_set *set, const struct address *addr)
{
	char storage[ADDRESS_PATTERN_MAX_BYTES];
	struct buf text = BUF_OVER(storage);
	size_t at = addr->local.n;
	struct slice whole, domain;

	if (set->n == 0 || addr->null)
		return false;
	buf_add_lower(&text, addr->local);
	buf_add_char(&text, '@');
	buf_add_lower(&text, addr->domain);
	if (text.over)
		return false;
	whole = buf_slice(&text);
	domain = slice_from(whole, at);
	return set_has(set, whole) || (at > 0 && set_has(set, slice_head(whole, at + 1))) ||
	       (domain.n > 1 && set_has(set, domain)) ||
	       set_has_parent(set, slice_from(whole, at + 1));
}
