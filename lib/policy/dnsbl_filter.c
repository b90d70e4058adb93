/*
 * dnsbl_filter.c - see dnsbl_rule.h: sets of answers.
 */
#include "policy/dnsbl_rule.h"

static const char shape[] = "the filter must be four numbers from 0 to 255 with dots between, each "
			    "of which may be [a..b;c;...], as in 127.0.0.[2..4;9]";

/* Takes a number from the front of *rest: that, or -1. */
static int
number_take(struct slice *rest)
{
	int number = 0;
	size_t n = 0;

	for (; n < rest->n && n < 4 && ascii_is_digit(rest->p[n]); n++)
		number = number * 10 + (rest->p[n] - '0');
	*rest = slice_from(*rest, n);
	return n > 0 && number <= 255 ? number : -1;
}

static bool
char_take(struct slice *rest, char c)
{
	if (rest->n == 0 || rest->p[0] != c)
		return false;
	*rest = slice_from(*rest, 1);
	return true;
}

static void
range_add(uint64_t set[4], int from, int to)
{
	for (int i = from; i <= to; i++)
		set[i / 64] |= UINT64_C(1) << (i % 64);
}

/* "7" or "2..9". */
static int
range_take(struct slice *rest, uint64_t set[4])
{
	int from = number_take(rest);
	int to = from;

	if (char_take(rest, '.')) {
		if (!char_take(rest, '.'))
			return -1;
		to = number_take(rest);
	}
	if (from < 0 || to < from)
		return -1;
	range_add(set, from, to);
	return 0;
}

/* "127" or "[2..4;9]". */
static int
octet_take(struct slice *rest, uint64_t set[4])
{
	int number;

	if (!char_take(rest, '[')) {
		number = number_take(rest);
		if (number < 0)
			return -1;
		range_add(set, number, number);
		return 0;
	}
	do {
		if (range_take(rest, set) != 0)
			return -1;
	} while (char_take(rest, ';'));
	return char_take(rest, ']') ? 0 : -1;
}

static bool
set_has(const uint64_t set[4], unsigned i)
{
	return (set[i / 64] >> (i % 64) & 1) != 0;
}

int
dnsbl_filter_parse(struct slice text, struct dnsbl_filter *filter_r, struct err *err)
{
	static const struct dnsbl_filter only127 = {{{0, UINT64_C(1) << 63, 0, 0}}};
	struct slice rest = text;

	*filter_r = (struct dnsbl_filter){{{0}}};
	for (size_t i = 0; i < 4; i++) {
		if ((i > 0 && !char_take(&rest, '.')) || octet_take(&rest, filter_r->octet[i]) != 0)
			return err_set(err, ERR_INVALID, "%s", shape);
	}
	if (rest.n > 0)
		return err_set(err, ERR_INVALID, "%s", shape);
	if (memcmp(filter_r->octet[0], only127.octet[0], sizeof(only127.octet[0])) != 0)
		return err_set(err, ERR_INVALID,
		    "the filter must begin with 127: any other answer comes from a resolver that "
		    "lies, and never scores");
	return 0;
}

bool
dnsbl_filter_has(const struct dnsbl_filter *filter, const char *code)
{
	for (size_t i = 0; i < 4; i++) {
		if (!set_has(filter->octet[i], (unsigned char)code[i]))
			return false;
	}
	return true;
}

bool
dnsbl_is_error(const struct dnsbl_zone *zone, struct slice rdata)
{
	if (rdata.n != 4 || rdata.p[0] != 127 || memcmp(rdata.p, "\x7f\0\0\1", 4) == 0 ||
	    memcmp(rdata.p + 1, "\xff\xff", 2) == 0)
		return true;
	for (size_t i = 0; i < zone->nerrors; i++) {
		if (dnsbl_filter_has(&zone->errors[i], rdata.p))
			return true;
	}
	return false;
}
