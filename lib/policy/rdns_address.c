/*
 * rdns_address.c - see rdns_address.h.
 */
#include "policy/rdns_address.h"

#include "policy/dns_name.h"

/* Numbers in one name: every second byte of the longest one may begin another. */
#define NUMBERS_MAX (DNS_NAME_MAX_BYTES / 2 + 1)

/* Bytes between two octets of an address: "203-0", "203x0", "203.ip0". */
#define GAP_MAX_BYTES 3

/* So many digits make two octets an address: "8-52" does, "mx1-2" does not. */
#define PAIR_MIN_DIGITS 3

/* A run of digits that is longer than an octet's is no octet. */
#define NOT_AN_OCTET 256

struct number {
	unsigned value; /* 0 to 255, or NOT_AN_OCTET */
	size_t at;      /* where its digits begin */
	size_t n;       /* how many there are */
};

static bool
contains(struct slice s, struct slice part)
{
	for (size_t i = 0; part.n > 0 && i + part.n <= s.n; i++) {
		if (memcmp(s.p + i, part.p, part.n) == 0)
			return true;
	}
	return false;
}

static struct number
number_at(struct slice name, size_t at)
{
	struct number number = {.at = at};

	while (at + number.n < name.n && ascii_is_digit(name.p[at + number.n])) {
		if (number.value < NOT_AN_OCTET)
			number.value = number.value * 10 + (unsigned)(name.p[at + number.n] - '0');
		number.n++;
	}
	if (number.n > 3 || number.value > 255)
		number.value = NOT_AN_OCTET;
	return number;
}

static size_t
numbers_find(struct slice name, struct number numbers[NUMBERS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < name.n && n < NUMBERS_MAX; i++) {
		if (!ascii_is_digit(name.p[i]))
			continue;
		numbers[n] = number_at(name, i);
		i += numbers[n].n;
		n++;
	}
	return n;
}

/* How many octets of v, beginning with v[from] and going on by step, stand at numbers[0] and after
 * it with small gaps. */
static size_t
octets_match(const struct number *numbers, size_t n, const uint8_t *v, int from, int step)
{
	size_t matched = 0;

	for (int at = from; at >= 0 && at < 4 && matched < n; at += step) {
		const struct number *number = &numbers[matched];
		bool far = matched > 0 &&
			   number->at - (number[-1].at + number[-1].n) > GAP_MAX_BYTES;

		if (far || number->value != v[at])
			break;
		matched++;
	}
	return matched;
}

/* "203-0-113-77" and backwards, three octets of it, or the last two. */
static bool
has_octets(const struct number *numbers, size_t n, const uint8_t *octets)
{
	for (size_t i = 0; i + 1 < n; i++) {
		const struct number *at = &numbers[i];
		bool pair = at[0].n + at[1].n >= PAIR_MIN_DIGITS;

		if (octets_match(at, n - i, octets, 0, 1) >= 3 ||
		    octets_match(at, n - i, octets, 1, 1) >= 3 ||
		    octets_match(at, n - i, octets, 3, -1) >= 3 ||
		    octets_match(at, n - i, octets, 2, -1) >= 3)
			return true;
		if (pair && (octets_match(at, n - i, octets, 2, 1) == 2 ||
				octets_match(at, n - i, octets, 3, -1) >= 2))
			return true;
	}
	return false;
}

/* The octets in digits without anything between; format says how an octet is written. */
static void
join(struct buf *out, const char *format, const uint8_t *octets, bool backwards)
{
	for (size_t i = 0; i < 4; i++) {
		unsigned octet = octets[backwards ? 3 - i : i];

		if (format[0] == 'x')
			buf_add_format(out, "%02x", octet);
		else if (format[0] == '3')
			buf_add_format(out, "%03u", octet);
		else
			buf_add_u64(out, octet);
	}
}

/* "203000113077", its last six or nine digits, "203011377", and the address as one number. */
static bool
is_joined(struct slice digits, const uint8_t *octets)
{
	uint64_t whole = (uint64_t)octets[0] << 24 | (uint64_t)octets[1] << 16 |
			 (uint64_t)octets[2] << 8 | octets[3];
	char storage[16]; /* twelve digits, and the NUL of buf_add_format() */
	struct buf text = BUF_OVER(storage);

	join(&text, "3", octets, false);
	if (contains(digits, buf_slice(&text)) ||
	    ((digits.n == 6 || digits.n == 9) && slice_ends(buf_slice(&text), digits)))
		return true;
	buf_reset(&text);
	join(&text, "3", octets, true);
	if (contains(digits, buf_slice(&text)))
		return true;
	if (digits.n < 8)
		return false;
	buf_reset(&text);
	join(&text, "1", octets, false);
	if (slice_eq(digits, buf_slice(&text)))
		return true;
	buf_reset(&text);
	buf_add_u64(&text, whole);
	return slice_eq(digits, buf_slice(&text));
}

/* "cb00714d" and backwards, in the name without its separators. */
static bool
has_hex(struct slice joined, const uint8_t *octets)
{
	char storage[12]; /* eight digits, and the NUL of buf_add_format() */
	struct buf text = BUF_OVER(storage);

	join(&text, "x", octets, false);
	if (contains(joined, buf_slice(&text)))
		return true;
	buf_reset(&text);
	join(&text, "x", octets, true);
	return contains(joined, buf_slice(&text));
}

static bool
has_ipv4(struct slice name, struct slice joined, const uint8_t *octets)
{
	struct number numbers[NUMBERS_MAX];
	size_t n = numbers_find(name, numbers);

	if (has_octets(numbers, n, octets) || has_hex(joined, octets))
		return true;
	for (size_t i = 0; i < n; i++) {
		if (is_joined(slice_make(name.p + numbers[i].at, numbers[i].n), octets))
			return true;
	}
	return false;
}

/* Half of the 32 nibbles, forwards or backwards, in the name without its separators. */
static bool
has_nibbles(struct slice joined, const uint8_t *bytes)
{
	static const char digits[] = "0123456789abcdef";
	char forwards[32];
	char backwards[32];

	for (size_t i = 0; i < 16; i++) {
		forwards[2 * i] = backwards[31 - 2 * i] = digits[bytes[i] >> 4];
		forwards[2 * i + 1] = backwards[30 - 2 * i] = digits[bytes[i] & 15];
	}
	for (size_t half = 0; half < 32; half += 16) {
		if (contains(joined, slice_make(forwards + half, 16)) ||
		    contains(joined, slice_make(backwards + half, 16)))
			return true;
	}
	return false;
}

/* Four groups from `from` on, as people write them: "db8-0-1-5". */
static void
groups_format(struct buf *out, const uint8_t *bytes, size_t from)
{
	for (size_t i = from; i < from + 4; i++) {
		if (i > from)
			buf_add_char(out, '-');
		buf_add_format(out, "%x", (unsigned)bytes[2 * i] << 8 | (unsigned)bytes[2 * i + 1]);
	}
}

static bool
has_ipv6(struct slice dashed, struct slice joined, const struct net_addr *client)
{
	char storage[NET_ADDR_TEXT_BYTES];
	struct buf text = BUF_OVER(storage);

	if (has_nibbles(joined, client->bytes))
		return true;
	net_addr_format(&text, client); /* "2001:db8::5" */
	for (size_t i = 0; i < text.n; i++)
		text.p[i] = (char)(text.p[i] == ':' ? '-' : text.p[i]);
	if (contains(dashed, buf_slice(&text)))
		return true;
	for (size_t half = 0; half < 8; half += 4) {
		buf_reset(&text);
		groups_format(&text, client->bytes, half);
		if (text.n >= 10 && contains(dashed, buf_slice(&text)))
			return true;
	}
	return false;
}

static bool
is_separator(char c)
{
	return c == '-' || c == '.' || c == '_';
}

bool
rdns_has_address(struct slice name, const struct net_addr *client)
{
	char dashed_storage[DNS_NAME_MAX_BYTES]; /* lower case, every separator a '-' */
	char joined_storage[DNS_NAME_MAX_BYTES]; /* … without any */
	struct buf dashed = BUF_OVER(dashed_storage);
	struct buf joined = BUF_OVER(joined_storage);

	name = slice_head(name, DNS_NAME_MAX_BYTES);
	for (size_t i = 0; i < name.n; i++) {
		bool separator = is_separator(name.p[i]);

		buf_add_char(&dashed, (char)(separator ? '-' : ascii_lower(name.p[i])));
		if (!separator)
			buf_add_char(&joined, ascii_lower(name.p[i]));
	}
	if (client->family == NET_IPV4)
		return has_ipv4(name, buf_slice(&joined), client->bytes);
	return client->family == NET_IPV6 &&
	       has_ipv6(buf_slice(&dashed), buf_slice(&joined), client);
}
