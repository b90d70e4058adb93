/*
 * option_value.c - the kinds of option whose value is one number: text to number and back.
 */
#include "conf/option_parts.h"

#include <assert.h>

struct unit {
	const char *name;
	int64_t factor;
};

struct scale {
	const struct unit *units; /* from large to small; ends in a factor of 0 */
	int64_t bare;             /* factor of a number without a unit; 0: a unit must be there */
	bool nocase;
	const char *noun;
	const char *forms; /* what is allowed, by examples */
};

static const struct unit second_units[] = {
    {"w", 604800}, {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {NULL, 0}};
static const struct unit milli_units[] = {
    {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0}};
static const struct unit byte_units[] = {
    {"G", 1LL << 30}, {"M", 1LL << 20}, {"k", 1LL << 10}, {NULL, 0}};

static const struct scale second_scale = {
    second_units, 1, false, "unit of time", "write seconds or 90s, 4m, 6h, 36d, 2w"};
static const struct scale milli_scale = {
    milli_units, 0, false, "unit of time", "write 500ms, 2s or 1m"};
static const struct scale byte_scale = {
    byte_units, 1, true, "unit of size", "write bytes or 64k, 4M, 1G"};

static const struct scale *
scale_of(enum option_kind kind)
{
	return kind == OPTION_KIND_SECONDS  ? &second_scale
	       : kind == OPTION_KIND_MILLIS ? &milli_scale
	       : kind == OPTION_KIND_BYTES  ? &byte_scale
					    : NULL;
}

static const struct unit *
unit_find(const struct scale *scale, struct slice name)
{
	for (const struct unit *u = scale->units; u->factor != 0; u++) {
		struct slice is = slice_of(u->name);

		if (scale->nocase ? slice_eq_nocase(name, is) : slice_eq(name, is))
			return u;
	}
	return NULL;
}

static int
range_error(const struct option *row, struct err *err)
{
	char storage[96];
	struct buf limits = BUF_OVER(storage);

	option_value_format(row, row->min, &limits);
	buf_add_text(&limits, " to ");
	option_value_format(row, row->max, &limits);
	return err_set(err, ERR_INVALID, "must be from %s", buf_text(&limits));
}

/* The number at *at, which moves behind it. Digits in `base`; false when there are none. One that
 * does not fit is INT64_MAX. */
static bool
digits_take(struct slice text, size_t *at, int base, int64_t *value_r)
{
	size_t from = *at;
	int64_t value = 0;

	for (; *at < text.n; (*at)++) {
		int digit = text.p[*at] - '0';

		if (digit < 0 || digit >= base)
			break;
		value = value > (INT64_MAX - digit) / base ? INT64_MAX : value * base + digit;
	}
	*value_r = value;
	return *at > from;
}

/* The letters at *at: all up to the next digit, so that an error can name the whole of it. */
static struct slice
unit_take(struct slice text, size_t *at)
{
	size_t from = *at;

	while (*at < text.n && !ascii_is_digit(text.p[*at]))
		(*at)++;
	return slice_make(text.p + from, *at - from);
}

/* One step of "1h30m" from *at on: adds it to *sum, and lowers *ceiling to its factor. */
static int
step_parse(const struct scale *scale, struct slice text, size_t *at, int64_t *ceiling, int64_t *sum,
    struct err *err)
{
	size_t from = *at;
	const struct unit *unit;
	struct slice name;
	int64_t count, factor;

	if (!digits_take(text, at, 10, &count))
		return err_set(err, ERR_INVALID, "that is no number with a unit; %s", scale->forms);
	name = unit_take(text, at);
	unit = unit_find(scale, name);
	factor = unit != NULL ? unit->factor : name.n == 0 && from == 0 ? scale->bare : 0;
	if (factor == 0 && name.n == 0)
		return err_set(err, ERR_INVALID, "a unit is missing at the end; %s", scale->forms);
	if (factor == 0)
		return err_set(err, ERR_INVALID, "\"%.*s\" is no %s; %s",
		    SLICE_ARG(slice_head(name, 16)), scale->noun, scale->forms);
	if (factor >= *ceiling)
		return err_set(
		    err, ERR_INVALID, "units go from large to small, each once; %s", scale->forms);
	*ceiling = factor;
	*sum = count > (INT64_MAX - *sum) / factor ? INT64_MAX : *sum + count * factor;
	return 0;
}

static int
scaled_parse(const struct scale *scale, struct slice text, int64_t *value_r, struct err *err)
{
	int64_t ceiling = INT64_MAX;
	int64_t sum = 0;
	size_t at = 0;

	do {
		if (step_parse(scale, text, &at, &ceiling, &sum, err) != 0)
			return -1;
	} while (at < text.n);
	*value_r = sum;
	return 0;
}

static int
number_parse(struct slice text, int64_t *value_r, struct err *err)
{
	bool negative = text.n > 0 && text.p[0] == '-';
	size_t at = negative ? 1 : 0;

	if (!digits_take(text, &at, 10, value_r) || at < text.n)
		return err_set(err, ERR_INVALID, "that is no whole number; write digits only");
	if (negative)
		*value_r = -*value_r;
	return 0;
}

static int
octal_parse(struct slice text, int64_t *value_r, struct err *err)
{
	size_t at = 0;

	if (!digits_take(text, &at, 8, value_r) || at < text.n)
		return err_set(
		    err, ERR_INVALID, "that is no file mode; write octal digits, as in 0660");
	return 0;
}

static int
bool_parse(struct slice text, int64_t *value_r, struct err *err)
{
	static const char *const words[] = {"no", "yes", "false", "true", "off", "on"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (slice_eq_nocase(text, slice_of(words[i]))) {
			*value_r = (int64_t)(i % 2);
			return 0;
		}
	}
	return err_set(err, ERR_INVALID, "write yes or no");
}

static int
enum_parse(const struct option *row, struct slice text, int64_t *value_r, struct err *err)
{
	char storage[160];
	struct buf known = BUF_OVER(storage);

	for (int i = 0; row->words[i] != NULL; i++) {
		if (slice_eq_nocase(text, slice_of(row->words[i]))) {
			*value_r = i;
			return 0;
		}
		buf_add_text(&known, i == 0 ? "" : ", ");
		buf_add_text(&known, row->words[i]);
	}
	return err_set(err, ERR_INVALID, "no such choice; write one of %s", buf_text(&known));
}

int
option_value_parse(const struct option *row, struct slice text, int64_t *value_r, struct err *err)
{
	int rc;

	if (text.n == 0)
		return err_set(err, ERR_INVALID, "the value is empty");
	switch (row->kind) {
	case OPTION_KIND_BOOL:
		return bool_parse(text, value_r, err);
	case OPTION_KIND_ENUM:
		return enum_parse(row, text, value_r, err);
	case OPTION_KIND_NUMBER:
		rc = number_parse(text, value_r, err);
		break;
	case OPTION_KIND_OCTAL:
		rc = octal_parse(text, value_r, err);
		break;
	default:
		assert(scale_of(row->kind) != NULL);
		rc = scaled_parse(scale_of(row->kind), text, value_r, err);
		break;
	}
	if (rc == 0 && (*value_r < row->min || *value_r > row->max))
		return range_error(row, err);
	return rc;
}

/* In the largest unit that leaves no rest; 0 in the smallest. */
static void
scaled_format(const struct scale *scale, int64_t value, struct buf *out)
{
	const struct unit *u = scale->units;

	while (u->factor != 0 && (value == 0 || value % u->factor != 0))
		u++;
	buf_add_format(out, "%lld", (long long)(u->factor == 0 ? value : value / u->factor));
	if (u->factor != 0)
		buf_add_text(out, u->name);
	else if (scale->bare == 0)
		buf_add_text(out, u[-1].name);
}

void
option_value_format(const struct option *row, int64_t value, struct buf *out)
{
	switch (row->kind) {
	case OPTION_KIND_BOOL:
		buf_add_text(out, value != 0 ? "yes" : "no");
		break;
	case OPTION_KIND_ENUM:
		buf_add_text(out, row->words[value]);
		break;
	case OPTION_KIND_NUMBER:
		buf_add_format(out, "%lld", (long long)value);
		break;
	case OPTION_KIND_OCTAL:
		buf_add_format(out, "%04llo", (unsigned long long)value);
		break;
	default:
		assert(scale_of(row->kind) != NULL);
		scaled_format(scale_of(row->kind), value, out);
		break;
	}
}
