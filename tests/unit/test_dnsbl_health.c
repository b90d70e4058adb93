/*
 * test_dnsbl_health.c - lib/policy/dnsbl_health, with a clock moved by hand.
 */
#include "policy/dnsbl_health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define MINUTE       INT64_C(60000)
#define HOUR         (60 * MINUTE)

static const struct dnsbl_limits usual = {30 * MINUTE, 60};

struct world {
	struct dnsbl_health h;
	struct dnsbl_limits limits;
	struct dnsbl_time now;
};

static struct world
begin(void)
{
	struct world w = {.limits = usual, .now = {1800000000, 5000}};

	dnsbl_health_init(&w.h, w.now);
	return w;
}

static void
pass(struct world *w, int64_t ms)
{
	w->now.mono_ms += ms;
	w->now.unix_s += ms / 1000;
}

static bool
canary(struct world *w, enum dnsbl_canary_result result)
{
	struct dnsbl_canary c = {.result = result, .ms = 20, .detail = "127.0.0.9"};

	return dnsbl_health_canary(&w->h, &w->limits, &c, w->now);
}

static bool
report(struct world *w, enum dnsbl_status status, uint64_t client, bool alone)
{
	struct dnsbl_report r = {status, alone, client, "127.255.255.254"};

	return dnsbl_health_report(&w->h, &w->limits, &r, w->now);
}

static void
state_is(const struct world *w, enum dnsbl_state state, enum dnsbl_reason reason)
{
	if (w->h.state != state || w->h.reason != reason)
		fail_msg("%s %s, not %s %s", dnsbl_state_name(w->h.state),
		    dnsbl_reason_name(w->h.reason), dnsbl_state_name(state),
		    dnsbl_reason_name(reason));
}

static struct world
begin_ok(void)
{
	struct world w = begin();

	assert_true(canary(&w, DNSBL_CANARY_RIGHT));
	return w;
}

static void
test_start(void **state)
{
	static const struct {
		enum dnsbl_canary_result result;
		enum dnsbl_state state;
		enum dnsbl_reason reason;
		const char *error;
	} rows[] = {
	    {DNSBL_CANARY_RIGHT, DNSBL_STATE_OK, DNSBL_REASON_NONE, ""},
	    {DNSBL_CANARY_DEAD, DNSBL_STATE_SUSPENDED, DNSBL_REASON_DEAD,
		"test entry is not listed"},
	    {DNSBL_CANARY_LIES, DNSBL_STATE_SUSPENDED, DNSBL_REASON_LIES, "127.0.0.9"},
	    {DNSBL_CANARY_ERROR, DNSBL_STATE_SUSPENDED, DNSBL_REASON_ERROR, "127.0.0.9"},
	    {DNSBL_CANARY_SILENT, DNSBL_STATE_SUSPENDED, DNSBL_REASON_SILENT, "no answer"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w = begin();

		state_is(&w, DNSBL_STATE_UNTESTED, DNSBL_REASON_NONE);
		assert_true(dnsbl_health_due(&w.h, w.now.mono_ms));
		assert_true(canary(&w, rows[i].result));
		state_is(&w, rows[i].state, rows[i].reason);
		assert_string_equal(w.h.error, rows[i].error);
		assert_int_equal(w.h.since_s, w.now.unix_s);
		assert_false(dnsbl_health_due(&w.h, w.now.mono_ms));
	}
}

/* While it is well, every half hour; what is wrong then counts as at the start. */
static void
test_interval(void **state)
{
	struct world w = begin_ok();

	(void)state;
	pass(&w, 30 * MINUTE - 1);
	assert_false(dnsbl_health_due(&w.h, w.now.mono_ms));
	pass(&w, 1);
	assert_true(dnsbl_health_due(&w.h, w.now.mono_ms));
	assert_false(canary(&w, DNSBL_CANARY_RIGHT));
	assert_false(dnsbl_health_due(&w.h, w.now.mono_ms));
	assert_int_equal(w.h.answer_ms / 8, 20);
	pass(&w, 30 * MINUTE);
	assert_true(canary(&w, DNSBL_CANARY_LIES));
	state_is(&w, DNSBL_STATE_SUSPENDED, DNSBL_REASON_LIES);
}

/* How long until it is due again, in minutes. */
static int64_t
wait_of(const struct world *w)
{
	return (w->h.canary_ms - w->now.mono_ms) / MINUTE;
}

static void
test_back_off(void **state)
{
	static const int64_t waits[] = {1, 2, 4, 8, 16, 30, 30, 30};
	struct world w = begin_ok();

	(void)state;
	assert_true(canary(&w, DNSBL_CANARY_DEAD));
	for (size_t i = 0; i < COUNT(waits); i++) {
		assert_int_equal(wait_of(&w), waits[i]);
		pass(&w, waits[i] * MINUTE);
		assert_true(dnsbl_health_due(&w.h, w.now.mono_ms));
		assert_false(canary(&w, DNSBL_CANARY_DEAD));
	}
	for (size_t i = 0; i < 100; i++)
		(void)canary(&w, DNSBL_CANARY_DEAD);
	assert_true(canary(&w, DNSBL_CANARY_RIGHT));
	state_is(&w, DNSBL_STATE_OK, DNSBL_REASON_NONE);
	/* again soon: it waits as long as before */
	pass(&w, 30 * MINUTE);
	assert_true(canary(&w, DNSBL_CANARY_LIES));
	assert_int_equal(wait_of(&w), 30);
	/* again after long: it begins anew */
	assert_true(canary(&w, DNSBL_CANARY_RIGHT));
	pass(&w, 6 * HOUR);
	assert_true(canary(&w, DNSBL_CANARY_LIES));
	assert_int_equal(wait_of(&w), 1);
}

static void
test_silence(void **state)
{
	struct world w = begin_ok();

	(void)state;
	for (int i = 0; i < DNSBL_SILENT_AFTER - 1; i++)
		assert_false(report(&w, DNSBL_TEMPERROR, 1, false));
	assert_false(report(&w, DNSBL_UNLISTED, 1, false)); /* not in a row */
	for (int i = 0; i < DNSBL_SILENT_AFTER - 1; i++)
		assert_false(report(&w, DNSBL_TEMPERROR, 1, false));
	assert_true(report(&w, DNSBL_TEMPERROR, 1, false));
	state_is(&w, DNSBL_STATE_SUSPENDED, DNSBL_REASON_SILENT);
	assert_int_equal(w.h.counts.timeouts, 2 * DNSBL_SILENT_AFTER - 1);
	for (int i = 0; i < 20; i++)
		assert_false(canary(&w, DNSBL_CANARY_SILENT));
	assert_int_equal(wait_of(&w), 5);
	assert_true(canary(&w, DNSBL_CANARY_RIGHT));
	/* canaries alone: two in a row */
	assert_false(canary(&w, DNSBL_CANARY_SILENT));
	state_is(&w, DNSBL_STATE_OK, DNSBL_REASON_NONE);
	assert_int_equal(wait_of(&w), 1);
	assert_true(canary(&w, DNSBL_CANARY_SILENT));
	state_is(&w, DNSBL_STATE_SUSPENDED, DNSBL_REASON_SILENT);
}

/* A canary that could not be sent out changes nothing, and is sent again in a minute. */
static void
test_unasked(void **state)
{
	struct world w = begin_ok();

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_false(canary(&w, DNSBL_CANARY_UNASKED));
		assert_int_equal(wait_of(&w), 1);
		state_is(&w, DNSBL_STATE_OK, DNSBL_REASON_NONE);
	}
	assert_true(canary(&w, DNSBL_CANARY_DEAD));
	assert_false(canary(&w, DNSBL_CANARY_UNASKED));
	state_is(&w, DNSBL_STATE_SUSPENDED, DNSBL_REASON_DEAD);
}

static void
test_error_answer(void **state)
{
	struct world w = begin_ok();

	(void)state;
	assert_false(report(&w, DNSBL_LISTED, 1, true));
	assert_true(report(&w, DNSBL_ERROR, 2, false));
	state_is(&w, DNSBL_STATE_SUSPENDED, DNSBL_REASON_ERROR);
	assert_string_equal(w.h.error, "127.255.255.254");
	assert_int_equal(w.h.error_s, w.now.unix_s);
	assert_false(report(&w, DNSBL_ERROR, 3, false)); /* was on its way */
	assert_int_equal(w.h.counts.asked, 3);
	assert_int_equal(w.h.counts.listed, 1);
	assert_int_equal(w.h.counts.errors, 2);
	assert_true(canary(&w, DNSBL_CANARY_DEAD)); /* another reason: told */
	state_is(&w, DNSBL_STATE_SUSPENDED, DNSBL_REASON_DEAD);
}

/* Feeds clients 1 to n, of which `listed` percent are listed; the client at which it trips, or 0. */
static unsigned
clients(struct world *w, unsigned n, unsigned listed, bool alone)
{
	for (unsigned i = 1; i <= n; i++) {
		bool hit = i * listed / 100 > (i - 1) * listed / 100;

		if (report(w, hit ? DNSBL_LISTED : DNSBL_UNLISTED, i * UINT64_C(0x10001), alone))
			return i;
	}
	return 0;
}

static void
test_breaker(void **state)
{
	static const struct {
		unsigned share, listed;
		bool alone;
		unsigned trips;
	} rows[] = {
	    {60, 100, true, 50},
	    {60, 62, true, 50},
	    {60, 60, true, 0},
	    {60, 10, true, 0},
	    {60, 100, false, 0},
	    {95, 90, true, 0},
	    {95, 100, true, 50},
	    {100, 100, true, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w = begin_ok();
		unsigned trips;

		w.limits.share = rows[i].share;
		trips = clients(&w, 1000, rows[i].listed, rows[i].alone);
		if (trips != rows[i].trips)
			fail_msg("row %zu: %u", i, trips);
		if (trips > 0)
			state_is(&w, DNSBL_STATE_SUSPENDED, DNSBL_REASON_BREAKER);
	}
}

/* One client is one, however often it comes; none is none; and a window ends. */
static void
test_breaker_window(void **state)
{
	struct world w = begin_ok();

	(void)state;
	for (int i = 0; i < 10000; i++)
		assert_false(report(&w, DNSBL_LISTED, 77, true));
	for (int i = 0; i < 1000; i++)
		assert_false(report(&w, DNSBL_LISTED, 0, true));
	assert_int_equal(w.h.window.distinct, 1);
	assert_int_equal(clients(&w, 48, 100, true), 0);
	pass(&w, DNSBL_WINDOW_MS);
	assert_int_equal(clients(&w, 49, 100, true), 0);
	assert_int_equal(w.h.window.distinct, 49);
	assert_int_equal(clients(&w, 50, 100, true), 50);
	assert_int_equal(wait_of(&w), 30); /* its canaries are right: it must wait all the same */
	pass(&w, 30 * MINUTE);
	assert_true(canary(&w, DNSBL_CANARY_RIGHT));
	assert_int_equal(w.h.window.distinct, 0);
	assert_int_equal(clients(&w, 100, 10, true), 0);
}

static void
test_switch(void **state)
{
	struct world w = begin_ok();

	(void)state;
	assert_false(dnsbl_health_switch(&w.h, true, w.now));
	assert_true(dnsbl_health_switch(&w.h, false, w.now));
	state_is(&w, DNSBL_STATE_OFF, DNSBL_REASON_OPERATOR);
	assert_false(dnsbl_health_switch(&w.h, false, w.now));
	pass(&w, 100 * HOUR);
	assert_false(dnsbl_health_due(&w.h, w.now.mono_ms));
	assert_false(canary(&w, DNSBL_CANARY_RIGHT)); /* was on its way */
	assert_false(report(&w, DNSBL_ERROR, 1, false));
	state_is(&w, DNSBL_STATE_OFF, DNSBL_REASON_OPERATOR);
	assert_true(dnsbl_health_switch(&w.h, true, w.now));
	state_is(&w, DNSBL_STATE_UNTESTED, DNSBL_REASON_NONE);
	assert_true(dnsbl_health_due(&w.h, w.now.mono_ms));
	assert_true(canary(&w, DNSBL_CANARY_RIGHT));
	state_is(&w, DNSBL_STATE_OK, DNSBL_REASON_NONE);
}

static void
test_names(void **state)
{
	(void)state;
	assert_string_equal(dnsbl_state_name(DNSBL_STATE_UNTESTED), "untested");
	assert_string_equal(dnsbl_state_name(DNSBL_STATE_OFF), "off");
	assert_string_equal(dnsbl_reason_name(DNSBL_REASON_NONE), "");
	assert_string_equal(dnsbl_reason_name(DNSBL_REASON_OPERATOR), "operator");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_start),
	    cmocka_unit_test(test_interval),
	    cmocka_unit_test(test_back_off),
	    cmocka_unit_test(test_silence),
	    cmocka_unit_test(test_unasked),
	    cmocka_unit_test(test_error_answer),
	    cmocka_unit_test(test_breaker),
	    cmocka_unit_test(test_breaker_window),
	    cmocka_unit_test(test_switch),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("dnsbl_health", tests, NULL, NULL);
}
