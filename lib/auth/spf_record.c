/*
 * spf_record.c - see spf_record.h.
 */
#include "auth/spf_record.h"

#include "auth/spf_macro.h"

/* So much of a term is told when it is wrong. */
#define TOLD_BYTES 60

enum takes {
	TAKES_NOTHING,
	TAKES_SPEC,     /* ":" domain-spec */
	TAKES_MAY_SPEC, /* [":" domain-spec] */
	TAKES_HOSTS,    /* [":" domain-spec] [dual-cidr-length] */
	TAKES_NETWORK,  /* ":" address ["/" length] */
};

static const struct row {
	struct slice name;
	enum spf_mechanism mechanism;
	enum takes takes;
} rows[] = {
    {SLICE_LIT("all"), SPF_ALL, TAKES_NOTHING},
    {SLICE_LIT("include"), SPF_INCLUDE, TAKES_SPEC},
    {SLICE_LIT("a"), SPF_A, TAKES_HOSTS},
    {SLICE_LIT("mx"), SPF_MX, TAKES_HOSTS},
    {SLICE_LIT("ptr"), SPF_PTR, TAKES_MAY_SPEC},
    {SLICE_LIT("ip4"), SPF_IP4, TAKES_NETWORK},
    {SLICE_LIT("ip6"), SPF_IP6, TAKES_NETWORK},
    {SLICE_LIT("exists"), SPF_EXISTS, TAKES_SPEC},
};

/* Says what is wrong with a term, whose bytes may be any. */
static int
refuse(struct err *err, struct slice text, const char *why)
{
	char told[TOLD_BYTES + 1];
	size_t n = text.n < TOLD_BYTES ? text.n : TOLD_BYTES;

	for (size_t i = 0; i < n; i++)
		told[i] = (char)(text.p[i] >= ' ' && text.p[i] <= '~' ? text.p[i] : '?');
	told[n] = '\0';
	return err_set(err, ERR_INVALID, "\"%s%s\": %s", told, n < text.n ? "..." : "", why);
}

/* ---- mechanisms ---- */

/* A number without a zero in front, up to max. */
static int
bits_parse(struct slice text, unsigned max, unsigned *bits_r)
{
	unsigned bits = 0;

	if (text.n == 0 || text.n > 3 || (text.n > 1 && text.p[0] == '0'))
		return -1;
	for (size_t i = 0; i < text.n; i++) {
		if (!ascii_is_digit(text.p[i]))
			return -1;
		bits = bits * 10 + (unsigned)(text.p[i] - '0');
	}
	*bits_r = bits;
	return bits <= max ? 0 : -1;
}

/* Where the digits at the end of text begin. */
static size_t
digits_begin(struct slice text)
{
	size_t at = text.n;

	while (at > 0 && ascii_is_digit(text.p[at - 1]))
		at--;
	return at;
}

/* Cuts "/24", "//64" or "/24//64" off the end. A domain-spec may have slashes of its own. */
static int
dual_cidr_cut(struct slice *text, struct spf_term *term)
{
	size_t at = digits_begin(*text);

	if (at >= 2 && at < text->n && text->p[at - 1] == '/' && text->p[at - 2] == '/') {
		if (bits_parse(slice_from(*text, at), 128, &term->bits6) != 0)
			return -1;
		text->n = at - 2;
		at = digits_begin(*text);
	}
	if (at >= 1 && at < text->n && text->p[at - 1] == '/') {
		if (bits_parse(slice_from(*text, at), 32, &term->bits4) != 0)
			return -1;
		text->n = at - 1;
	}
	return 0;
}

static int
network_parse(struct slice text, struct spf_term *term)
{
	bool ip4 = term->mechanism == SPF_IP4;
	size_t slash = slice_find(text, '/');
	struct slice address = slice_head(text, slash);
	unsigned *bits = ip4 ? &term->bits4 : &term->bits6;

	/* "ip4" has no colon in its address, "ip6" must; net_addr_parse() takes "IPv6:" in front */
	if ((slice_find(address, ':') < address.n) == ip4 || slice_find(address, 'v') < address.n ||
	    slice_find(address, 'V') < address.n)
		return -1;
	if (net_addr_parse(address, &term->network) != 0)
		return -1;
	return slash == text.n ? 0 : bits_parse(slice_from(text, slash + 1), ip4 ? 32 : 128, bits);
}

/* What follows the mechanism's name. 0, or -1 when it is not what belongs there. */
static int
argument_parse(const struct row *row, struct slice rest, struct spf_term *term)
{
	if (row->takes == TAKES_NETWORK)
		return rest.n == 0 || rest.p[0] != ':' ? -1
						       : network_parse(slice_from(rest, 1), term);
	if (row->takes == TAKES_HOSTS && dual_cidr_cut(&rest, term) != 0)
		return -1;
	if (rest.n == 0)
		return row->takes == TAKES_SPEC ? -1 : 0;
	if (row->takes == TAKES_NOTHING || rest.p[0] != ':')
		return -1;
	term->spec = slice_from(rest, 1);
	return spf_macro_is_domain_spec(term->spec) ? 0 : -1;
}

static bool
qualifier_read(char c, enum spf_code *code_r)
{
	static const char signs[] = "+-~?";
	static const enum spf_code codes[] = {SPF_PASS, SPF_FAIL, SPF_SOFTFAIL, SPF_NEUTRAL};
	const char *sign = c == '\0' ? NULL : strchr(signs, c);

	*code_r = sign == NULL ? SPF_PASS : codes[sign - signs];
	return sign != NULL;
}

/* How many bytes of text are a name: letters, digits, '-', '_', '.'. */
static size_t
name_length(struct slice text)
{
	size_t n = 0;

	for (; n < text.n; n++) {
		char lower = ascii_lower(text.p[n]);

		if (!(lower >= 'a' && lower <= 'z') && !ascii_is_digit(lower) && lower != '-' &&
		    lower != '_' && lower != '.')
			break;
	}
	return n;
}

static int
mechanism_parse(struct slice text, struct spf_term *term_r, struct err *err)
{
	struct slice rest, name;

	*term_r = (struct spf_term){.text = text, .bits4 = 32, .bits6 = 128};
	rest = slice_from(text, qualifier_read(text.p[0], &term_r->qualifier) ? 1 : 0);
	name = slice_head(rest, name_length(rest));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!slice_eq_nocase(name, rows[i].name))
			continue;
		term_r->mechanism = rows[i].mechanism;
		if (argument_parse(&rows[i], slice_from(rest, name.n), term_r) == 0)
			return 0;
		return refuse(err, text, "that is not how this mechanism is written");
	}
	return refuse(err, text, "there is no such mechanism");
}

/* ---- modifiers ---- */

/* "name=value": a name, and '=' right behind it. */
static bool
is_modifier(struct slice text)
{
	size_t n = name_length(text);

	return n < text.n && text.p[n] == '=';
}

static int
spec_set(struct slice *spec, struct slice text, struct slice value, struct err *err)
{
	if (spec->n > 0)
		return refuse(err, text, "the modifier is there twice");
	if (!spf_macro_is_domain_spec(value))
		return refuse(err, text, "the modifier wants the name of a domain");
	*spec = value;
	return 0;
}

static int
modifier_parse(struct slice text, struct spf_record *record, struct err *err)
{
	struct slice name = slice_head(text, name_length(text));
	struct slice value = slice_from(text, name.n + 1);
	char first = ascii_lower(text.p[0]); /* '=' when there is no name */

	if (first < 'a' || first > 'z')
		return refuse(err, text, "a modifier's name begins with a letter");
	if (slice_eq_nocase(name, slice_of("redirect")))
		return spec_set(&record->redirect, text, value, err);
	if (slice_eq_nocase(name, slice_of("exp")))
		return spec_set(&record->exp, text, value, err);
	/* one that we do not know: ignored, whatever its macros */
	if (slice_find(value, ' ') < value.n || !spf_macro_is_string(value, true))
		return refuse(err, text, "the modifier has something in it that is no macro");
	return 0;
}

/* ---- records ---- */

/* Cuts off the next word; only blanks separate them. */
static bool
word_next(struct slice *rest, struct slice *word_r)
{
	while (rest->n > 0 && rest->p[0] == ' ')
		*rest = slice_from(*rest, 1);
	*word_r = slice_head(*rest, slice_find(*rest, ' '));
	*rest = slice_from(*rest, word_r->n);
	return word_r->n > 0;
}

bool
spf_record_is(struct slice text)
{
	static const struct slice version = SLICE_LIT("v=spf1");

	return slice_starts_nocase(text, version) &&
	       (text.n == version.n || text.p[version.n] == ' ');
}

int
spf_record_parse(struct slice text, struct spf_record *record_r, struct err *err)
{
	struct slice rest = slice_from(text, sizeof("v=spf1") - 1);
	struct slice word;
	struct spf_term term;

	*record_r = (struct spf_record){.terms = rest};
	while (word_next(&rest, &word)) {
		if (is_modifier(word) ? modifier_parse(word, record_r, err) != 0
				      : mechanism_parse(word, &term, err) != 0)
			return -1;
	}
	return 0;
}

bool
spf_term_next(struct slice *terms, struct spf_term *term_r)
{
	struct slice word;
	struct err err;

	while (word_next(terms, &word)) {
		if (!is_modifier(word) && mechanism_parse(word, term_r, &err) == 0)
			return true;
	}
	return false;
}

bool
spf_term_is_lookup(const struct spf_term *term)
{
	return term->mechanism != SPF_ALL && term->mechanism != SPF_IP4 &&
	       term->mechanism != SPF_IP6;
}
