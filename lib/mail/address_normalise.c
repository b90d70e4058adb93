/*
 * address_normalise.c - see address.h: the address without what its sender's machines change from
 * message to message, so that the second try of a message meets the tuple of the first.
 *
 * It is careful: too little costs a sender one more retry, too much lets a stranger in on another's
 * tuple. So digits go only from local parts of VERP's form, where machines count their messages and
 * recipients, and never from "user01". What stands for an address in there, "user01=163.com",
 * stays whole.
 *
 * Every step shortens what it reads or leaves it alone, and normalising again changes nothing: '#'
 * is neither a digit nor a letter to any of the rules, and no rule looks for it.
 */
#include "mail/address.h"
#include "mail/address_unwrap.h"

/* A local part of hexadecimal digits that is longer than a UUID numbers one message (Amazon SES
 * and others); one as long as a UUID may be somebody's alias, and stays. */
#define UUID_BYTES 36

/* Fewer hexadecimal digits than this in a row may be a word. */
#define HEX_TOKEN_BYTES 8

/* What words and numbers are made of; '#' is a number that was masked before. */
static bool
is_token(char c)
{
	return utf8_is_letter(c) || ascii_is_digit(c) || c == '#';
}

static size_t
token_bytes(struct slice s)
{
	size_t n = 0;

	while (n < s.n && is_token(s.p[n]))
		n++;
	return n;
}

/* Only hexadecimal digits and the bytes in `marks`, and at least one decimal digit. */
static bool
is_hex_number(struct slice s, const char *marks)
{
	bool digits = false;

	for (size_t i = 0; i < s.n; i++) {
		if (!ascii_is_hex(s.p[i]) && memchr(marks, s.p[i], strlen(marks)) == NULL)
			return false;
		digits = digits || ascii_is_digit(s.p[i]);
	}
	return digits;
}

/* Appends one token: a long hexadecimal number, or any two decimal digits or more, as '#'. */
static void
token_mask(struct buf *out, struct slice s)
{
	size_t digits;

	if (s.n >= HEX_TOKEN_BYTES && is_hex_number(s, "")) {
		buf_add_char(out, '#');
		return;
	}
	for (size_t i = 0; i < s.n; i += digits == 0 ? 1 : digits) {
		for (digits = 0; i + digits < s.n && ascii_is_digit(s.p[i + digits]);)
			digits++;
		buf_add_char(out, (char)(digits > 1 ? '#' : s.p[i]));
	}
}

/* How much of s, which stands behind a '=', is the domain of an address in VERP's form: all up to
 * the last dot that has a top-level domain behind it. 0: none of it. */
static size_t
domain_bytes(struct slice s)
{
	size_t best = 0;

	for (size_t i = 0; i < s.n && (is_token(s.p[i]) || s.p[i] == '.' || s.p[i] == '-'); i++) {
		size_t end = i + 1;

		if (i == 0 || s.p[i] != '.')
			continue;
		while (end < s.n && utf8_is_letter(s.p[end]))
			end++;
		if (end - i > 2 && (end == s.n || !is_token(s.p[end])))
			best = end;
	}
	return best;
}

/* The length of the word at s[at] that marks a return address of a machine, or 0. A separator must
 * follow: people are called "bounce12". */
static size_t
mark_bytes(struct slice s, size_t at)
{
	static const struct slice marks[] = {
	    SLICE_LIT("bounce"), SLICE_LIT("bounces"), SLICE_LIT("return")};

	if (at > 0 && utf8_is_letter(s.p[at - 1]))
		return 0;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		size_t end = at + marks[i].n;

		if (slice_starts(slice_from(s, at), marks[i]) && end < s.n &&
		    memchr("-._=", s.p[end], 4) != NULL)
			return marks[i].n;
	}
	return 0;
}

/* Where VERP's part of s begins: behind the marking word, since lists have numbers in their names,
 * or at the front when there is but "user=domain"; s.n when s does not look like VERP. */
static size_t
verp_find(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		size_t mark = mark_bytes(s, i);

		if (mark > 0)
			return i + mark;
		if (s.p[i] == '=' && domain_bytes(slice_from(s, i + 1)) > 0)
			return 0;
	}
	return s.n;
}

/* The length of the "user=domain" at the front of s, where VERP has a recipient, or 0. */
static size_t
recipient_bytes(struct slice s)
{
	size_t user = token_bytes(s);
	size_t domain = 0;

	if (user < s.n && s.p[user] == '=')
		domain = domain_bytes(slice_from(s, user + 1));
	return domain > 0 ? user + 1 + domain : 0;
}

/* Appends s with the numbers in it as '#', but not those of a recipient ("user01=163.com"). */
static void
verp_mask(struct buf *out, struct slice s)
{
	while (s.n > 0) {
		size_t kept = recipient_bytes(s);
		size_t n = kept > 0 ? kept : token_bytes(s);

		if (kept == 0 && n > 0)
			token_mask(out, slice_head(s, n));
		else
			buf_add(out, slice_head(s, n > 0 ? n : 1));
		s = slice_from(s, n > 0 ? n : 1);
	}
}

/* Appends a local part without quotes, in lower case. */
static void
local_normalise(struct buf *out, struct slice local)
{
	struct slice user = address_unwrap(out, local);
	size_t verp = verp_find(user);

	if (user.n > UUID_BYTES && is_hex_number(user, "-._")) {
		buf_add_char(out, '#');
		return;
	}
	buf_add(out, slice_head(user, verp));
	verp_mask(out, slice_from(user, verp));
}

void
address_normalise(struct buf *out, const struct address *a)
{
	char storage[ADDRESS_MAX_BYTES];
	struct buf lower = BUF_OVER(storage);

	if (a->null) {
		buf_add_text(out, "<>");
		return;
	}
	buf_add_lower(&lower, a->local);
	if (address_local_is_plain(a->local))
		local_normalise(out, buf_slice(&lower));
	else
		buf_add(out, buf_slice(&lower));
	buf_add_lower(out, slice_from(a->text, a->local.n)); /* the '@' and the domain */
}
