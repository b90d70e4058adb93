/*
 * forget.c - see forget.h.
 */
#include "policy/forget.h"

#include "policy/suppression.h"

static void
form_make(struct forget_person *p, size_t i, struct slice key, const char *at)
{
	size_t sign = slice_find_last(key, '@');
	struct buf out = BUF_OVER(p->storage[i]);

	buf_add(&out, slice_head(key, sign));
	buf_add_text(&out, at);
	buf_add(&out, slice_from(key, sign + 1));
	p->forms[i] = buf_slice(&out);
}

int
forget_person_init(struct forget_person *p, const struct address *address, struct err *err)
{
	static const char *const ats[FORGET_FORMS] = {"@", "=", "%40"};
	char storage[SUPPRESSION_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	if (address->malformed || address->null || address->domain.n == 0)
		return err_set(
		    err, ERR_INVALID, "that is no address of a person: user@example.com");
	suppression_key(address, &key);
	for (size_t i = 0; i < FORGET_FORMS; i++)
		form_make(p, i, buf_slice(&key), ats[i]);
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
	return slice_eq(buf_slice(&key), p->forms[0]);
}

/* --- somewhere in a text --- */

static bool
is_letter(char c)
{
	return ascii_is_digit(c) || utf8_is_letter(c);
}

/* Would that, in front of the address, make it another one? What separates things in a URL would, too,
 * but hardly ever does. */
static bool
goes_on_before(char c, bool whole)
{
	return is_letter(c) || strchr(whole ? "!#$%*+^_`{|}~.-" : "._", c) != NULL;
}

/* A blank behind the end. */
static char
char_at(struct slice text, size_t at)
{
	if (at < text.n)
		return text.p[at];
	return ' ';
}

static bool
is_word(struct slice text, size_t at, size_t n, bool whole)
{
	char next = char_at(text, at + n);
	char after = char_at(text, at + n + 1);

	if (at > 0 && text.p[at - 1] != '\0' && goes_on_before(text.p[at - 1], whole))
		return false;
	return !is_letter(next) && next != '-' && !(next == '.' && is_letter(after));
}

static bool
stands_at(struct slice text, size_t at, struct slice form, bool whole)
{
	return slice_starts_nocase(slice_from(text, at), form) && is_word(text, at, form.n, whole);
}

/* Where he stands next, from *at_r on, and how long; false: nowhere. */
static bool
find(const struct forget_person *p, struct slice text, size_t *at_r, size_t *n_r)
{
	char first = p->forms[0].p[0];

	for (size_t at = *at_r; at < text.n; at++) {
		if (ascii_lower(text.p[at]) != first)
			continue;
		for (size_t i = 0; i < FORGET_FORMS; i++) {
			if (!stands_at(text, at, p->forms[i], i == 0))
				continue;
			*at_r = at;
			*n_r = p->forms[i].n;
			return true;
		}
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

uint32_t
forget_nth(const struct forget_person *p, struct slice to)
{
	for (uint32_t nth = 1; to.n > 0; nth++) {
		struct slice entry = slice_head(to, slice_find(to, ','));

		to = slice_from(to, entry.n + 1);
		if (forget_is(p, slice_trim(entry)))
			return nth;
	}
	return 0;
}

/* --- fields --- */

/* What says nobody. */
static const struct slice staying[] = {SLICE_LIT("type"), SLICE_LIT("time"), SLICE_LIT("account"),
    SLICE_LIT("msg"), SLICE_LIT("nth"), SLICE_LIT("person"), SLICE_LIT("to"), SLICE_LIT("nrcpt"),
    SLICE_LIT("tag"), SLICE_LIT("bytes"), SLICE_LIT("did"), SLICE_LIT("skipped"), SLICE_LIT("by"),
    SLICE_LIT("from"), SLICE_LIT("host"), SLICE_LIT("who"), SLICE_LIT("why"), SLICE_LIT("link"),
    SLICE_LIT("url"), SLICE_LIT("class"), SLICE_LIT("strength"), SLICE_LIT("status")};

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
	size_t page = 0;

	if (!stays(p, whose, name, *value))
		return false;
	if (whose == FORGET_HIS && slice_eq(name, slice_of("url"))) {
		while (page < value->n && value->p[page] != '?' && value->p[page] != '#')
			page++;
		*value = slice_head(*value, page); /* behind it there may be names */
	}
	if (forget_scrub(p, *value, storage))
		*value = buf_slice(storage);
	return true;
}
