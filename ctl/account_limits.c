/*
 * account_limits.c - see account_limits.h. What the numbers mean is asked of limit.h: what would it say
 * to the next recipient?
 */
#include "account_limits.h"

#include "io/store_admin_events.h"

#include <inttypes.h>

/* How many would pass at once. */
static void
room_find(struct account_limits *limits, const struct store_limits *now)
{
	struct limit_rate rate = {
	    limits->account->limit.interval_us, limits->account->limit.burst, 0};
	struct limit_bucket bucket = now->bucket;
	struct limit_step step = {.outcome = LIMIT_PASS};

	limits->room = -1;
	if (rate.interval_us == 0)
		return;
	do {
		step = limit_advance(&bucket, now->now_us, &rate);
		limits->room++;
	} while (step.outcome == LIMIT_PASS && limits->room <= LIMIT_RATE_MAX);
	limits->wait_s = limits->room > 0 ? 0 : step.wait_s;
}

static void
today_find(struct account_limits *limits, const struct store_limits *now)
{
	struct limit_rate only_counts = {0, 1, 0};
	struct limit_bucket bucket = now->bucket;

	limits->today = -1;
	if (limits->account->limit.interval_us == 0 && limits->account->limit.daily == 0)
		return;
	limits->today = limit_advance(&bucket, now->now_us, &only_counts).count - 1;
}

static void
warmth_find(struct account_limits *limits, const struct store_limits *now)
{
	struct limit_warmth warmth = now->warmth;
	struct limit_step step;

	if (limits->account->ramp.first == 0)
		return;
	step = limit_warm(&warmth, now->now_us, &limits->account->ramp, true);
	limits->step = warmth.step + 1;
	limits->warm_today = step.count - 1;
	limits->warm_limit = step.limit;
}

void
account_limits_read(
    struct account_limits *limits_r, struct store_admin *admin, const struct account *account)
{
	bool any = account->limit.interval_us > 0 || account->limit.daily > 0 ||
		   account->ramp.first > 0;
	struct store_limits now;
	struct err err;

	*limits_r = (struct account_limits){.account = account, .room = -1, .today = -1};
	if (!any)
		return;
	if (store_admin_limits(admin, account->name, account->lane, &now, &err) != 0) {
		memcpy(limits_r->why, err.text, sizeof(limits_r->why));
		return;
	}
	room_find(limits_r, &now);
	today_find(limits_r, &now);
	warmth_find(limits_r, &now);
}

/* --- one after the other --- */

struct limit_line {
	const char *name;
	int64_t now, of; /* of: 0: no bound */
	const char *words;
};

#define LINES 3

static size_t
lines_make(const struct account_limits *limits, struct limit_line v[LINES])
{
	size_t n = 0;

	if (limits->room >= 0)
		v[n++] = (struct limit_line){
		    "room", limits->room, limits->account->limit.burst, "would pass at once"};
	if (limits->today >= 0)
		v[n++] = (struct limit_line){
		    "today", limits->today, limits->account->limit.daily, "recipients today"};
	if (limits->step > 0)
		v[n++] = (struct limit_line){"warmup", limits->warm_today, limits->warm_limit,
		    "recipients of the warm-up's day"};
	return n;
}

void
account_limits_tell(const struct account_limits *limits, struct out *out)
{
	struct limit_line lines[LINES];
	size_t n = lines_make(limits, lines);

	if (n > 0 || limits->why[0] != '\0')
		out_print(out, OUT_NORMAL, "\nlimits\n");
	for (size_t i = 0; i < n; i++) {
		bool full = lines[i].of > 0 &&
			    (i == 0 && limits->room >= 0 ? lines[i].now == 0
							 : lines[i].now >= lines[i].of);

		out_print(out, full ? OUT_WARNING : OUT_NORMAL, "  %" PRId64, lines[i].now);
		if (lines[i].of > 0)
			out_print(out, OUT_NORMAL, " of %" PRId64, lines[i].of);
		out_print(out, OUT_NORMAL, " %s", lines[i].words);
		if (lines[i].now == limits->room && i == 0 && limits->wait_s > 0)
			out_print(out, OUT_DIM, ", the next in %" PRId64 " s", limits->wait_s);
		out_print(out, OUT_NORMAL, "\n");
	}
	if (limits->step > 0)
		out_print(out, OUT_DIM, "  the warm-up is at step %" PRId64 "%s\n", limits->step,
		    limits->warm_limit == 0 ? ", and over" : "");
	if (limits->why[0] != '\0') {
		out_print(out, OUT_NORMAL, "  not known: ");
		out_slice(out, OUT_WARNING, slice_of(limits->why));
		out_print(out, OUT_NORMAL, "\n");
	}
}

void
account_limits_pipe(const struct account_limits *limits, struct out *out)
{
	struct limit_line lines[LINES];
	size_t n = lines_make(limits, lines);

	for (size_t i = 0; i < n; i++) {
		out_print(out, OUT_NORMAL, "limit\t%s\t%" PRId64 "\t", lines[i].name, lines[i].now);
		if (lines[i].of > 0)
			out_print(out, OUT_NORMAL, "%" PRId64 "\n", lines[i].of);
		else
			out_print(out, OUT_NORMAL, "-\n");
	}
	if (limits->step > 0)
		out_print(out, OUT_NORMAL, "limit\tstep\t%" PRId64 "\t-\n", limits->step);
}

json_t *
account_limits_json(const struct account_limits *limits)
{
	static const char *const bounds[LINES] = {"burst", "daily", "warmup_limit"};
	struct limit_line lines[LINES];
	size_t n = lines_make(limits, lines);
	json_t *object;

	if (n == 0)
		return json_null();
	object = json_object();
	for (size_t i = 0; i < n; i++) {
		size_t which = lines[i].name[0] == 'r' ? 0 : lines[i].name[0] == 't' ? 1 : 2;
		json_t *of = lines[i].of > 0 ? json_integer((json_int_t)lines[i].of) : json_null();

		(void)json_object_set_new(
		    object, lines[i].name, json_integer((json_int_t)lines[i].now));
		(void)json_object_set_new(object, bounds[which], of);
	}
	if (limits->step > 0)
		(void)json_object_set_new(
		    object, "warmup_step", json_integer((json_int_t)limits->step));
	return object;
}
