/*
 * limit.c - see limit.h: rates and days.
 */
#include "policy/limit.h"

#include <assert.h>

static const char rate_forms[] = "write 200/s, 30/m, 1000/h, 5000/d, or off";

static int64_t
unit_us(struct slice unit)
{
	static const struct {
		const char *name;
		int64_t s;
	} units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", LIMIT_DAY_S}};

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (slice_eq(unit, slice_of(units[i].name)))
			return units[i].s * LIMIT_US_PER_S;
	}
	return 0;
}

int
limit_rate_parse(struct slice text, int64_t *interval_us_r, struct err *err)
{
	struct slice digits = slice_head(text, slice_find(text, '/'));
	int64_t period = unit_us(slice_from(text, digits.n + 1));
	int64_t n = 0;

	if (slice_eq_nocase(text, slice_of("off"))) {
		*interval_us_r = 0;
		return 0;
	}
	for (size_t i = 0; i < digits.n; i++) {
		if (!ascii_is_digit(digits.p[i]))
			return err_set(err, ERR_INVALID, "that is no rate; %s", rate_forms);
		n = n * 10 + (digits.p[i] - '0');
		if (n > LIMIT_RATE_MAX)
			return err_set(
			    err, ERR_INVALID, "more than %d; write off for none", LIMIT_RATE_MAX);
	}
	if (n == 0 || period == 0)
		return err_set(err, ERR_INVALID, "that is no rate; %s", rate_forms);
	*interval_us_r = period / n;
	return 0;
}

/* How far ahead of now the bucket's time may be. */
static int64_t
rate_ahead_us(const struct limit_rate *rate)
{
	int64_t most = LIMIT_AHEAD_US / rate->interval_us;

	return rate->interval_us * (rate->burst < most ? rate->burst : most);
}

static int64_t
seconds_up(int64_t us)
{
	return (us + LIMIT_US_PER_S - 1) / LIMIT_US_PER_S;
}

/* What is left of the day. */
static int64_t
day_rest_s(int64_t now_us)
{
	return seconds_up(LIMIT_DAY_S * LIMIT_US_PER_S - now_us % (LIMIT_DAY_S * LIMIT_US_PER_S));
}

struct limit_step
limit_advance(struct limit_bucket *bucket, int64_t now_us, const struct limit_rate *rate)
{
	int64_t day = now_us / LIMIT_US_PER_S / LIMIT_DAY_S;
	int64_t count = bucket->day == day ? bucket->count : 0;
	int64_t tat = bucket->tat_us;
	struct limit_step step = {LIMIT_PASS, 0, count, rate->daily};

	if (rate->daily > 0 && count >= rate->daily) {
		step.outcome = LIMIT_DAILY;
		step.wait_s = day_rest_s(now_us);
		return step;
	}
	if (rate->interval_us > 0) {
		int64_t ahead = rate_ahead_us(rate);

		/* Further ahead it can be only if the clock was set back, or the rate was lower:
		 * kept, or whoever is refused would be until the clock is there again. */
		tat = tat > now_us + ahead ? now_us + ahead : tat < now_us ? now_us : tat;
		bucket->tat_us = tat;
		tat += rate->interval_us;
		if (tat > now_us + ahead) {
			step.outcome = LIMIT_RATE;
			step.wait_s = seconds_up(tat - now_us - ahead);
			return step;
		}
	}
	*bucket = (struct limit_bucket){tat, day, count + 1};
	step.count = count + 1;
	return step;
}

struct limit_step
limit_warm(struct limit_warmth *warmth, int64_t now_us, const struct limit_ramp *ramp, bool more)
{
	int64_t day = now_us / LIMIT_US_PER_S / LIMIT_DAY_S;
	struct limit_step step = {LIMIT_PASS, 0, 0, 0};
	struct limit_warmth w = *warmth;
	int64_t limit;

	if (ramp->first == 0)
		return step;
	limit = limit_ramp_at(ramp, w.step);
	if (w.day != day) {
		if (limit < LIMIT_RAMP_OVER && w.count * 2 >= limit)
			w.step++;
		w.count = 0;
		w.day = day;
		limit = limit_ramp_at(ramp, w.step);
	}
	step.limit = limit < LIMIT_RAMP_OVER ? limit : 0;
	step.count = w.count;
	if (step.limit > 0 && w.count >= limit && !more) {
		step.outcome = LIMIT_WARMUP;
		step.wait_s = day_rest_s(now_us);
		return step;
	}
	step.count = ++w.count;
	*warmth = w;
	return step;
}

const char *
limit_outcome_name(enum limit_outcome outcome)
{
	static const char *const names[] = {"pass", "rate", "daily", "warmup"};

	assert((size_t)outcome < sizeof(names) / sizeof(*names));
	return names[outcome];
}

void
limit_words(struct buf *out, const struct limit_step *step)
{
	switch (step->outcome) {
	case LIMIT_PASS:
		break;
	case LIMIT_RATE:
		buf_add_format(
		    out, "sending too fast, try again in %lld s", (long long)step->wait_s);
		break;
	case LIMIT_DAILY:
		buf_add_format(
		    out, "the limit of %lld recipients a day is reached", (long long)step->limit);
		break;
	case LIMIT_WARMUP:
		buf_add_format(out, "the warm-up limit of %lld recipients today is reached",
		    (long long)step->limit);
		break;
	}
}
