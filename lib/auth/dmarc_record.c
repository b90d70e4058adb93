/*
 * dmarc_record.c - see dmarc_record.h.
 */
#include "auth/dmarc_record.h"

/* A word and what it stands for; the last has no word. */
struct word {
	const char *text;
	unsigned value;
};

/* What has been read so far, beside the record itself. */
struct reading {
	struct dmarc_record *record;
	unsigned seen;   /* OR of 1 << index in tags[] */
	bool bad_policy; /* an sp or np that is none */
};

const char *
dmarc_policy_name(enum dmarc_policy policy)
{
	static const char *const names[] = {
	    [DMARC_POLICY_ABSENT] = "",
	    [DMARC_POLICY_NONE] = "none",
	    [DMARC_POLICY_QUARANTINE] = "quarantine",
	    [DMARC_POLICY_REJECT] = "reject",
	};

	return names[policy];
}

/* The words of RFC 9989's grammar are literals of ABNF: case does not count. */
static unsigned
word_value(const struct word *words, struct slice text, unsigned otherwise)
{
	for (; words->text != NULL; words++) {
		if (slice_eq_nocase(text, slice_of(words->text)))
			return words->value;
	}
	return otherwise;
}

static enum dmarc_policy
read_policy(struct slice value)
{
	static const struct word words[] = {
	    {"none", DMARC_POLICY_NONE},
	    {"quarantine", DMARC_POLICY_QUARANTINE},
	    {"reject", DMARC_POLICY_REJECT},
	    {NULL, 0},
	};

	return (enum dmarc_policy)word_value(words, value, DMARC_POLICY_ABSENT);
}

static bool
is_letter(struct slice value, char letter)
{
	return value.n == 1 && ascii_lower(value.p[0]) == letter;
}

static void
tag_p(struct reading *r, struct slice value)
{
	r->record->p = read_policy(value);
}

static void
tag_sp(struct reading *r, struct slice value)
{
	r->record->sp = read_policy(value);
	r->bad_policy |= r->record->sp == DMARC_POLICY_ABSENT;
}

static void
tag_np(struct reading *r, struct slice value)
{
	r->record->has_rfc9989 = true;
	r->record->np = read_policy(value);
	r->bad_policy |= r->record->np == DMARC_POLICY_ABSENT;
}

static void
tag_psd(struct reading *r, struct slice value)
{
	static const struct word words[] = {{"y", DMARC_PSD_YES}, {"n", DMARC_PSD_NO}, {NULL, 0}};

	r->record->has_rfc9989 = true;
	r->record->psd = (enum dmarc_psd)word_value(words, value, DMARC_PSD_UNKNOWN);
}

static void
tag_t(struct reading *r, struct slice value)
{
	r->record->has_rfc9989 = true;
	r->record->testing = is_letter(value, 'y');
}

static void
tag_adkim(struct reading *r, struct slice value)
{
	r->record->strict_dkim = is_letter(value, 's');
}

static void
tag_aspf(struct reading *r, struct slice value)
{
	r->record->strict_spf = is_letter(value, 's');
}

static void
tag_fo(struct reading *r, struct slice value)
{
	static const struct word words[] = {{"0", DMARC_FO_ALL}, {"1", DMARC_FO_ANY},
	    {"d", DMARC_FO_DKIM}, {"s", DMARC_FO_SPF}, {NULL, 0}};
	unsigned fo = 0;

	while (value.n > 0) {
		struct slice one = slice_head(value, slice_find(value, ':'));

		value = slice_from(value, one.n + 1);
		fo |= word_value(words, slice_trim(one), 0);
	}
	r->record->fo = fo != 0 ? fo : DMARC_FO_ALL;
}

static void
tag_rua(struct reading *r, struct slice value)
{
	r->record->rua = value;
}

static void
tag_ruf(struct reading *r, struct slice value)
{
	r->record->ruf = value;
}

static const struct {
	const char *name;
	void (*read)(struct reading *r, struct slice value);
} tags[] = {
    {"p", tag_p},
    {"sp", tag_sp},
    {"np", tag_np},
    {"psd", tag_psd},
    {"t", tag_t},
    {"adkim", tag_adkim},
    {"aspf", tag_aspf},
    {"fo", tag_fo},
    {"rua", tag_rua},
    {"ruf", tag_ruf},
};

/* Cuts "name = value" off the front of *rest. What has no '=' is a tag of no name: unknown. */
static void
tag_next(struct slice *rest, struct slice *name_r, struct slice *value_r)
{
	struct slice tag = slice_head(*rest, slice_find(*rest, ';'));
	size_t equals = slice_find(tag, '=');

	*rest = slice_from(*rest, tag.n + 1);
	*name_r = slice_trim(slice_head(tag, equals == tag.n ? 0 : equals));
	*value_r = slice_trim(slice_from(tag, equals + 1));
}

static void
tag_read(struct reading *r, struct slice name, struct slice value)
{
	for (unsigned i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		if (!slice_eq_nocase(name, slice_of(tags[i].name)) || (r->seen & 1u << i) != 0)
			continue;
		r->seen |= 1u << i;
		tags[i].read(r, value);
	}
}

/* RFC 3986 in short: a scheme, a colon, something without blanks; of mailto, an address. */
static bool
is_uri(struct slice uri)
{
	static const struct slice mailto = SLICE_LIT("mailto");
	struct slice scheme = slice_head(uri, slice_find(uri, ':'));
	struct slice rest = slice_from(uri, scheme.n + 1);
	size_t at = slice_find(rest, '@');

	if (scheme.n == 0 || rest.n == 0)
		return false;
	for (size_t i = 0; i < scheme.n; i++) {
		char c = ascii_lower(scheme.p[i]);

		if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) && memchr("+-.", c, 3) == NULL)
			return false;
	}
	for (size_t i = 0; i < rest.n; i++) {
		if (rest.p[i] <= ' ' || rest.p[i] > '~')
			return false;
	}
	return !slice_eq_nocase(scheme, mailto) || (at > 0 && at + 1 < rest.n);
}

static bool
has_uri(struct slice list)
{
	while (list.n > 0) {
		struct slice uri = slice_head(list, slice_find(list, ','));

		list = slice_from(list, uri.n + 1);
		if (is_uri(slice_trim(uri)))
			return true;
	}
	return false;
}

/* The version must stand first, exactly so but for blanks around the '='. */
static bool
is_version(struct slice text, struct slice name, struct slice value)
{
	static const struct slice v = SLICE_LIT("v");
	static const struct slice dmarc1 = SLICE_LIT("DMARC1");

	return text.n > 0 && !ascii_is_space(text.p[0]) && slice_eq_nocase(name, v) &&
	       slice_eq(value, dmarc1);
}

bool
dmarc_record_parse(struct slice text, struct dmarc_record *record_r)
{
	struct reading r = {.record = record_r};
	struct slice rest = text, name, value;

	*record_r = (struct dmarc_record){.fo = DMARC_FO_ALL};
	tag_next(&rest, &name, &value);
	if (!is_version(text, name, value))
		return false;
	if (text.n > DMARC_RECORD_MAX_BYTES)
		return true;
	while (rest.n > 0) {
		tag_next(&rest, &name, &value);
		tag_read(&r, name, value);
	}
	record_r->usable = record_r->p != DMARC_POLICY_ABSENT && !r.bad_policy;
	if (!record_r->usable && has_uri(record_r->rua)) {
		record_r->usable = record_r->implied = true;
		record_r->p = DMARC_POLICY_NONE;
		record_r->sp = record_r->np = DMARC_POLICY_ABSENT;
	}
	return true;
}
