/*
 * address_unwrap.c - see address_unwrap.h. Everything here reads lower case.
 */
#include "mail/address_unwrap.h"

/* Takes what stands before the first '=' from the front of *s, and the '=' too. */
static bool
field_take(struct slice *s, struct slice *field_r)
{
	size_t equals = slice_find(*s, '=');

	if (equals == s->n)
		return false;
	*field_r = slice_head(*s, equals);
	*s = slice_from(*s, equals + 1);
	return true;
}

/* --- BATV: signed return addresses ------------------------------------------------------------ */

/* "208d19533", "0814b5e089": a key number, the day, and some digits of a MAC; SparkPost's
 * "20676xgzi92p-" is in base 64. */
static bool
tag_is(struct slice s, bool hex)
{
	if (s.n < 6 || s.n > 24 || !ascii_is_digit(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++) {
		char c = s.p[i];

		if (!ascii_is_hex(c) && (hex || !(utf8_is_letter(c) || c == '-' || c == '_')))
			return false;
	}
	return true;
}

/* The user within a signed address, or all of s. */
static struct slice
batv_strip(struct slice s)
{
	static const struct {
		struct slice prefix;
		struct slice end; /* behind the tag */
		bool hex;
		bool both; /* the user may come first: "prvs=user=TAG" */
	} forms[] = {
	    {SLICE_LIT("prvs="), SLICE_LIT("="), true, true},
	    {SLICE_LIT("btv1=="), SLICE_LIT("=="), true, false},
	    {SLICE_LIT("msprvs1="), SLICE_LIT("="), false, false},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct slice body = slice_from(s, forms[i].prefix.n);
		size_t equals = slice_find(body, '=');
		struct slice first = slice_head(body, equals);
		struct slice rest = slice_from(body, equals);

		if (!slice_starts(s, forms[i].prefix) || !slice_starts(rest, forms[i].end))
			continue;
		rest = slice_from(rest, forms[i].end.n);
		if (rest.n > 0 && tag_is(first, forms[i].hex))
			return rest;
		if (forms[i].both && first.n > 0 && tag_is(rest, forms[i].hex))
			return first;
	}
	return s;
}

/* --- SRS: addresses that a forwarder rewrote -------------------------------------------------- */

/* A domain name of at least two labels. */
static bool
domain_is(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (!utf8_is_letter(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    memchr(".-_", s.p[i], 3) == NULL)
			return false;
	}
	return s.n > 0 && s.p[0] != '.' && slice_find(s, '.') < s.n;
}

/* Base 64, never with a dot in it, which tells it from a domain. */
static bool
hash_is(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if ((unsigned char)c >= 0x80 ||
		    (!utf8_is_letter(c) && !ascii_is_digit(c) && memchr("+/-_", c, 4) == NULL))
			return false;
	}
	return s.n > 0;
}

/* Two digits of base 32: the day. */
static bool
stamp_is(struct slice s)
{
	return s.n == 2 && hash_is(s);
}

/* s behind "HASH=DAY=", or all of it where that was removed before. */
static struct slice
hash_skip(struct slice s)
{
	struct slice rest = s;
	struct slice hash, stamp;

	if (field_take(&rest, &hash) && hash_is(hash) && field_take(&rest, &stamp) &&
	    stamp_is(stamp))
		return rest;
	return s;
}

/* Reads "HASH=DAY=domain=user", or "domain=user". */
static bool
origin_read(struct slice s, struct slice *domain_r, struct slice *user_r)
{
	*user_r = hash_skip(s);
	return field_take(user_r, domain_r) && domain_is(*domain_r) && user_r->n > 0;
}

static bool
is_separator(struct slice s, size_t at)
{
	return at < s.n && memchr("=+-", s.p[at], 3) != NULL;
}

/* "SRS0=HASH=DAY=domain=user" is kept as "srs0=domain=". */
static struct slice
srs0_keep(struct buf *out, struct slice s)
{
	struct slice domain, user;

	if (!is_separator(s, 4) || !origin_read(slice_from(s, 5), &domain, &user))
		return s;
	buf_add_text(out, "srs0=");
	buf_add(out, domain);
	buf_add_char(out, '=');
	return user;
}

/* "SRS1=HASH=forwarder==HASH=DAY=domain=user", from the second forwarder in a row, is kept as
 * "srs1=forwarder==domain=". */
static struct slice
srs1_keep(struct buf *out, struct slice s)
{
	struct slice rest = slice_from(s, 5);
	struct slice host, domain, user;

	if (!is_separator(s, 4) || !field_take(&rest, &host))
		return s;
	if (!domain_is(host) && (!hash_is(host) || !field_take(&rest, &host) || !domain_is(host)))
		return s;
	if (!is_separator(rest, 0) || !origin_read(slice_from(rest, 1), &domain, &user))
		return s;
	buf_add_text(out, "srs1=");
	buf_add(out, host);
	buf_add_text(out, "==");
	buf_add(out, domain);
	buf_add_char(out, '=');
	return user;
}

/* "mailbox+SRS=HASH=DAY=domain=user", as Microsoft 365 writes it, is kept as
 * "mailbox+srs=domain=": all that one mailbox forwards is not one sender. */
static struct slice
srs_mailbox_keep(struct buf *out, struct slice s)
{
	static const struct slice mark = SLICE_LIT("+srs=");
	size_t plus = slice_find(s, '+');
	struct slice rest = slice_from(s, plus);
	struct slice domain, user;

	if (plus == 0 || slice_find(s, '=') < plus || !slice_starts(rest, mark) ||
	    !origin_read(slice_from(rest, mark.n), &domain, &user))
		return s;
	buf_add(out, slice_head(s, plus + mark.n));
	buf_add(out, domain);
	buf_add_char(out, '=');
	return user;
}

/* Appends who forwards, and the domain; returns the user there, or all of s when it is no SRS. */
static struct slice
srs_keep(struct buf *out, struct slice s)
{
	static const struct slice srs0 = SLICE_LIT("srs0");
	static const struct slice srs1 = SLICE_LIT("srs1");
	struct slice user = s;

	if (slice_starts(s, srs0))
		user = srs0_keep(out, s);
	else if (slice_starts(s, srs1))
		user = srs1_keep(out, s);
	return user.n < s.n ? user : srs_mailbox_keep(out, s);
}

/* --- The steps together ----------------------------------------------------------------------- */

/* Without "+extension". A '+' at the front is a telephone number's. */
static struct slice
extension_strip(struct slice s)
{
	return slice_head(s, 1 + slice_find(slice_from(s, 1), '+'));
}

struct slice
address_unwrap(struct buf *out, struct slice s)
{
	size_t before;

	do {
		before = s.n;
		s = batv_strip(s);
		if (s.n == before)
			s = srs_keep(out, s);
		if (s.n == before)
			s = extension_strip(s);
	} while (s.n < before);
	return s;
}
