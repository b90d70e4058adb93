/*
 * forget.c - see forget.h.
 */
#include "policy/forget.h"

#include "policy/hit.h"

int
forget_person_init(struct forget_person *p, const struct address *address, struct err *err)
{
	struct buf key = BUF_OVER(p->storage);

	if (address->malformed || address->null || address->domain.n == 0)
		return err_set(
		    err, ERR_INVALID, "that is no address of a person: user@example.com");
	suppression_key(address, &key);
	p->address = buf_slice(&key);
	grey_address_format(p->normal, address);
	return 0;
}

bool
forget_is(const struct forget_person *p, struct slice text)
{
	struct address address = address_parse(text);
	char storage[SUPPRESSION_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	if (text.n > ADDRESS_MAX_BYTES)
		return false;
	suppression_key(&address, &key);
	return slice_eq(buf_slice(&key), p->address);
}

bool
forget_is_gone(const struct forget_person *p, struct slice entry)
{
	return slice_eq(entry, slice_of(FORGET_MARK)) || forget_is(p, entry);
}

/* --- somewhere in a text --- */

/* The value of "2f"; -1 when these are no two such digits. */
static int
hex_pair(struct slice text)
{
	static const char digits[] = "0123456789abcdef";
	int value = 0;

	if (text.n < 2)
		return -1;
	for (size_t i = 0; i < 2; i++) {
		const char *digit = memchr(digits, ascii_lower(text.p[i]), sizeof(digits) - 1);

		if (digit == NULL)
			return -1;
		value = value * 16 + (int)(digit - digits);
	}
	return value;
}

/* The character at that place, percent-encoded once ("%40"), more often ("%2540") or not at all, and how
 * many bytes it takes; behind the end a blank, which takes none. */
static size_t
char_read(struct slice text, size_t at, char *c_r)
{
	struct slice rest = slice_from(text, at + 1);
	int value;

	*c_r = ' ';
	if (at >= text.n)
		return 0;
	*c_r = text.p[at];
	if (*c_r != '%')
		return 1;
	while (slice_starts(rest, slice_of("25")) && hex_pair(slice_from(rest, 2)) >= 0)
		rest = slice_from(rest, 2);
	value = hex_pair(rest);
	if (value < 0)
		return 1;
	*c_r = (char)value;
	return text.n - at - rest.n + 2;
}

/* How many bytes that character takes there; 0: another is there. */
static size_t
char_match(struct slice text, size_t at, char lower)
{
	char c;
	size_t n;

	if (at < text.n && ascii_lower(text.p[at]) == lower)
		return 1;
	n = char_read(text, at, &c);
	return ascii_lower(c) == lower ? n : 0;
}

/* The character that ends there. */
static char
char_before(struct slice text, size_t at)
{
	size_t hex = at;
	char c;

	if (at == 0)
		return ' ';
	if (at > 2 && hex_pair(slice_from(text, at - 2)) >= 0) {
		hex = at - 2;
		while (hex > 2 && memcmp(text.p + hex - 2, "25", 2) == 0)
			hex -= 2;
		if (text.p[hex - 1] == '%' && char_read(text, hex - 1, &c) == at - hex + 1)
			return c;
	}
	return text.p[at - 1];
}

static bool
is_letter(char c)
{
	return ascii_is_digit(c) || utf8_is_letter(c);
}

/* Would that, in front of the address, make it another one? What separates things in a URL would, too,
 * but hardly ever does. */
static bool
goes_on_before(char c, bool plain)
{
	return is_letter(c) || (c != '\0' && strchr(plain ? "!#$%*+^_`{|}~.-" : "._", c) != NULL);
}

static bool
is_word(struct slice text, size_t at, size_t n, bool plain)
{
	char next, after;
	size_t next_n = char_read(text, at + n, &next);

	(void)char_read(text, at + n + next_n, &after);
	if (goes_on_before(char_before(text, at), plain))
		return false;
	return !is_letter(next) && next != '-' && !(next == '.' && is_letter(after));
}

/* The local part, perhaps in quotes that it does not need; how many bytes. */
static size_t
local_match(struct slice local, struct slice text, size_t from)
{
	size_t at = from, n = char_match(text, at, '"');
	bool quoted = local.p[0] != '"' && n > 0;

	at += quoted ? n : 0;
	for (size_t i = 0; i < local.n; i++, at += n) {
		at += quoted && char_match(text, at, '\\') == 1;
		n = char_match(text, at, local.p[i]);
		if (n == 0)
			return 0;
	}
	n = quoted ? char_match(text, at, '"') : 0;
	return quoted && n == 0 ? 0 : at + n - from;
}

/* Does he stand right there? How many bytes; 0: no. */
static size_t
match(const struct forget_person *p, struct slice text, size_t from)
{
	size_t sign = slice_find_last(p->address, '@');
	size_t at = from, n = local_match(slice_head(p->address, sign), text, from);
	bool plain;

	if (n == 0)
		return 0;
	at += n;
	plain = at < text.n && text.p[at] == '@';
	n = at < text.n && text.p[at] == '=' ? 1 : char_match(text, at, '@');
	for (size_t i = sign + 1; i < p->address.n && n > 0; i++) {
		at += n;
		n = char_match(text, at, p->address.p[i]);
	}
	at += n;
	return n > 0 && is_word(text, from, at - from, plain) ? at - from : 0;
}

/* Where he stands next, from *at_r on, and how long; false: nowhere. */
static bool
find(const struct forget_person *p, struct slice text, size_t *at_r, size_t *n_r)
{
	for (; *at_r < text.n; (*at_r)++) {
		*n_r = match(p, text, *at_r);
		if (*n_r > 0)
			return true;
	}
	return false;
}

bool
forget_names(const struct forget_person *p, struct slice text)
{
	size_t at = 0, n;

	return find(p, text, &at, &n);
}

bool
forget_scrub(const struct forget_person *p, struct slice text, struct buf *out)
{
	size_t done = 0, at = 0, n;

	while (find(p, text, &at, &n)) {
		buf_add(out, slice_from(slice_head(text, at), done));
		buf_add_text(out, FORGET_MARK);
		at += n;
		done = at;
	}
	buf_add(out, slice_from(text, done));
	return done > 0;
}

/* --- fields --- */

/* What says nobody. */
static const struct slice staying[] = {SLICE_LIT("type"), SLICE_LIT("time"), SLICE_LIT("account"),
    SLICE_LIT("msg"), SLICE_LIT("nth"), SLICE_LIT("person"), SLICE_LIT("to"), SLICE_LIT("nrcpt"),
    SLICE_LIT("tag"), SLICE_LIT("bytes"), SLICE_LIT("did"), SLICE_LIT("skipped"), SLICE_LIT("by"),
    SLICE_LIT("from"), SLICE_LIT("host"), SLICE_LIT("who"), SLICE_LIT("why"), SLICE_LIT("link"),
    SLICE_LIT("url"), SLICE_LIT("class"), SLICE_LIT("strength"), SLICE_LIT("status"),
    SLICE_LIT("forgot")};

/* What says of an event of one of several, who it was. */
static const struct slice telling[] = {SLICE_LIT("client"), SLICE_LIT("agent")};

static bool
is_among(struct slice name, const struct slice *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (slice_eq(name, names[i]))
			return true;
	}
	return false;
}

static bool
stays(const struct forget_person *p, enum forget_whose whose, struct slice name, struct slice value)
{
	if (slice_eq(name, slice_of("rcpt")))
		return whose != FORGET_HIS && !forget_is(p, value);
	if (whose == FORGET_HIS)
		return is_among(name, staying, sizeof(staying) / sizeof(*staying));
	return whose == FORGET_OTHERS ||
	       !is_among(name, telling, sizeof(telling) / sizeof(*telling));
}

bool
forget_field(const struct forget_person *p, enum forget_whose whose, struct slice name,
    struct slice *value, struct buf *storage)
{
	size_t before = storage->n;

	if (!stays(p, whose, name, *value))
		return false;
	if (whose == FORGET_HIS && slice_eq(name, slice_of("url"))) {
		hit_page(*value, storage);
		*value = slice_from(buf_slice(storage), before);
		before = storage->n;
	}
	if (forget_scrub(p, *value, storage))
		*value = slice_from(buf_slice(storage), before);
	return true;
}
