/*
 * limit_ramp.c - see limit.h: the schedule of a warm-up.
 */
#include "policy/limit.h"

#define PERCENT_MAX 1000 /* ten times as many as the day before is no warm-up */

static const char ramp_forms[] =
    "write off, on, or a schedule: 50 x2 10000 x1.3 (the first day, then factor, bound, factor)";

static struct slice
word_take(struct slice *rest)
{
	struct slice word;

	*rest = slice_trim(*rest);
	word = slice_head(*rest, slice_find(*rest, ' '));
	*rest = slice_from(*rest, word.n);
	return word;
}

/* Digits, at most LIMIT_RAMP_OVER; -1 for anything else. */
static int64_t
count_parse(struct slice word)
{
	int64_t n = 0;

	for (size_t i = 0; i < word.n; i++) {
		if (!ascii_is_digit(word.p[i]))
			return -1;
		n = n * 10 + (word.p[i] - '0');
		if (n > LIMIT_RAMP_OVER)
			return -1;
	}
	return word.n == 0 ? -1 : n;
}

/* "x2", "x1.3", "x1.25" in percent; -1 for anything else. */
static int64_t
factor_parse(struct slice word)
{
	struct slice whole, rest;
	int64_t percent, cents;

	if (word.n < 2 || ascii_lower(word.p[0]) != 'x')
		return -1;
	whole = slice_head(slice_from(word, 1), slice_find(slice_from(word, 1), '.'));
	rest = slice_from(word, 1 + whole.n);
	percent = count_parse(whole) * 100;
	if (rest.n > 0) {
		cents = rest.n > 3 ? -1 : count_parse(slice_from(rest, 1));
		if (cents < 0)
			return -1;
		percent += rest.n == 2 ? cents * 10 : cents;
	}
	return percent > 100 && percent <= PERCENT_MAX ? percent : -1;
}

/* One factor and its bound. */
static int
part_parse(struct limit_ramp *ramp, struct slice *rest, struct err *err)
{
	int64_t before = ramp->nparts == 0 ? ramp->first : ramp->parts[ramp->nparts - 1].until;
	struct slice factor = word_take(rest), until = word_take(rest);
	struct limit_ramp_part part = {factor_parse(factor), LIMIT_RAMP_OVER};

	if (ramp->nparts == LIMIT_RAMP_PARTS)
		return err_set(err, ERR_INVALID, "more than %d factors", LIMIT_RAMP_PARTS);
	if (part.percent < 0)
		return err_set(err, ERR_INVALID,
		    "a factor is from x1.01 to x10, with at most two decimals; %s", ramp_forms);
	if (until.n > 0) {
		part.until = count_parse(until);
		if (part.until <= before)
			return err_set(err, ERR_INVALID,
			    "each number must be larger than the one before, up to %d",
			    LIMIT_RAMP_OVER);
		if (slice_trim(*rest).n == 0)
			return err_set(err, ERR_INVALID, "a factor is missing at the end");
	}
	ramp->parts[ramp->nparts++] = part;
	return 0;
}

int
limit_ramp_parse(struct slice text, struct limit_ramp *ramp_r, struct err *err)
{
	struct limit_ramp ramp = {.first = 0};
	struct slice rest = slice_trim(text);

	if (slice_eq_nocase(rest, slice_of("on")))
		rest = slice_of("50 x2 10000 x1.3");
	if (slice_eq_nocase(rest, slice_of("off"))) {
		*ramp_r = ramp;
		return 0;
	}
	ramp.first = count_parse(word_take(&rest));
	if (ramp.first < 1 || slice_trim(rest).n == 0)
		return err_set(err, ERR_INVALID, "that is no warm-up; %s", ramp_forms);
	while (slice_trim(rest).n > 0) {
		if (part_parse(&ramp, &rest, err) != 0)
			return -1;
	}
	*ramp_r = ramp;
	return 0;
}

int64_t
limit_ramp_at(const struct limit_ramp *ramp, int64_t step)
{
	int64_t n = ramp->first;
	size_t part = 0;

	for (; step > 0 && n < LIMIT_RAMP_OVER; step--) {
		const struct limit_ramp_part *p = &ramp->parts[part];
		/* a factor near 1 of a small number would stand still */
		int64_t more = n * p->percent / 100 > n ? n * p->percent / 100 : n + 1;

		n = more < p->until ? more : p->until;
		if (n == p->until && part + 1 < ramp->nparts)
			part++;
	}
	return n;
}
