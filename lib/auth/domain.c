/*
 * domain.c - see domain.h.
 */
#include "auth/domain.h"

#include "policy/dns_name.h"

#include <idn2.h>

/* A name of DNS_NAME_MAX_BYTES in A-labels is never longer than this as UTF-8: each byte of
 * punycode stands for at most one character of four bytes. */
#define UTF8_NAME_BYTES ((size_t)4 * DNS_NAME_MAX_BYTES)

static bool
is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	}
	return true;
}

/* No literal, quote or the like can be a name; DNS itself would take them. */
static bool
is_host_text(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = ascii_lower(s.p[i]);

		if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) && memchr("-_.", c, 3) == NULL)
			return false;
	}
	return true;
}

static int
ascii_normalise(struct slice text, struct buf *out)
{
	if (!is_host_text(text) || text.n == 0 || text.p[0] == '.')
		return -1;
	return dns_name_normalise(text, out);
}

static int
utf8_normalise(struct slice text, struct buf *out)
{
	uint8_t utf8[UTF8_NAME_BYTES + 1];
	uint8_t *ascii = NULL;
	int status = -1;

	if (text.n > UTF8_NAME_BYTES || memchr(text.p, '\0', text.n) != NULL)
		return -1;
	memcpy(utf8, text.p, text.n);
	utf8[text.n] = '\0';
	if (idn2_lookup_u8(utf8, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) == IDN2_OK)
		status = ascii_normalise(slice_of((const char *)ascii), out);
	idn2_free(ascii);
	return status;
}

int
domain_normalise(struct slice text, struct buf *out)
{
	return is_ascii(text) ? ascii_normalise(text, out) : utf8_normalise(text, out);
}

size_t
domain_labels(struct slice name)
{
	size_t n = name.n > 0 ? 1 : 0;

	for (size_t i = 0; i < name.n; i++)
		n += name.p[i] == '.';
	return n;
}

struct slice
domain_tail(struct slice name, size_t keep)
{
	size_t at = name.n;

	while (at > 0) {
		if (name.p[at - 1] == '.' && --keep == 0)
			break;
		at--;
	}
	return slice_from(name, at);
}
