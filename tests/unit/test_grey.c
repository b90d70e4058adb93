/*
 * test_grey.c - lib/policy/grey.
 */
#include "policy/grey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define T0     1795230000 /* when all begins */
#define MINUTE 60
#define HOUR   3600
#define DAY    86400

static const struct grey_windows defaults = {
    .block_s = 4 * MINUTE,
    .pass_s = 360 * MINUTE,
    .expire_s = 36 * DAY,
    .promote_after = 5,
    .promote_gap_s = HOUR,
};

/* A try some seconds after T0, and what is wanted of it. */
struct
try {
	int64_t at;
	enum grey_outcome outcome;
	int64_t tries, wait_s, delay_s;
	int64_t first; /* seconds after T0 */
};

struct story {
	const char *name;
	struct try tries[5]; /* up to the first with tries = 0 */
};

static void
story_run(const struct story *story, const struct grey_windows *w)
{
	struct grey_tuple tuple = {.first = 0};
	struct grey_known known = {.passes = 0};

	for (size_t i = 0; i < COUNT(story->tries) && story->tries[i].tries > 0; i++) {
		const struct try *want = &story->tries[i];
		struct grey_step got = grey_advance(&tuple, &known, T0 + want->at, w);

		if (got.outcome != want->outcome || got.now != T0 + want->at ||
		    got.first != T0 + want->first || got.tries != want->tries ||
		    got.wait_s != want->wait_s || got.delay_s != want->delay_s)
			fail_msg("%s, try %zu: %s, first %lld, tries %lld, wait %lld, delay %lld",
			    story->name, i, grey_outcome_name(got.outcome),
			    (long long)(got.first - T0), (long long)got.tries,
			    (long long)got.wait_s, (long long)got.delay_s);
		if (tuple.first != got.first || tuple.tries != got.tries || tuple.last != got.now)
			fail_msg("%s, try %zu: the record says another thing", story->name, i);
	}
}

static void
test_windows(void **state)
{
	static const struct story stories[] = {
	    {"at once again", {{0, GREY_NEW, 1, 240, 0, 0}, {0, GREY_EARLY, 2, 240, 0, 0}}},
	    {"second 1", {{0, GREY_NEW, 1, 240, 0, 0}, {1, GREY_EARLY, 2, 239, 0, 0}}},
	    {"second 239", {{0, GREY_NEW, 1, 240, 0, 0}, {239, GREY_EARLY, 2, 1, 0, 0}}},
	    {"second 240", {{0, GREY_NEW, 1, 240, 0, 0}, {240, GREY_PASSED, 2, 0, 240, 0}}},
	    {"early tries do not start the wait again",
		{{0, GREY_NEW, 1, 240, 0, 0}, {100, GREY_EARLY, 2, 140, 0, 0},
		    {239, GREY_EARLY, 3, 1, 0, 0}, {312, GREY_PASSED, 4, 0, 312, 0}}},
	    {"minute 360",
		{{0, GREY_NEW, 1, 240, 0, 0}, {360 * MINUTE, GREY_PASSED, 2, 0, 360 * MINUTE, 0}}},
	    {"a second after minute 360",
		{{0, GREY_NEW, 1, 240, 0, 0},
		    {360 * MINUTE + 1, GREY_NEW, 1, 240, 0, 360 * MINUTE + 1},
		    {360 * MINUTE + 241, GREY_PASSED, 2, 0, 240, 360 * MINUTE + 1}}},
	    {"early tries do not hold the window open",
		{{0, GREY_NEW, 1, 240, 0, 0}, {239, GREY_EARLY, 2, 1, 0, 0},
		    {360 * MINUTE + 1, GREY_NEW, 1, 240, 0, 360 * MINUTE + 1}}},
	    {"repeats leave the tries alone",
		{{0, GREY_NEW, 1, 240, 0, 0}, {240, GREY_PASSED, 2, 0, 240, 0},
		    {240, GREY_REPEAT, 2, 0, 0, 0}, {DAY, GREY_REPEAT, 2, 0, 0, 0}}},
	    {"day 36 after the last use",
		{{0, GREY_NEW, 1, 240, 0, 0}, {240, GREY_PASSED, 2, 0, 240, 0},
		    {240 + 36 * DAY, GREY_REPEAT, 2, 0, 0, 0},
		    {240 + 72 * DAY, GREY_REPEAT, 2, 0, 0, 0}}},
	    {"a second after day 36",
		{{0, GREY_NEW, 1, 240, 0, 0}, {240, GREY_PASSED, 2, 0, 240, 0},
		    {240 + 36 * DAY + 1, GREY_NEW, 1, 240, 0, 240 + 36 * DAY + 1}}},
	    {"the clock went back before the first try",
		{{0, GREY_NEW, 1, 240, 0, 0}, {-1, GREY_NEW, 1, 240, 0, -1},
		    {238, GREY_EARLY, 2, 1, 0, -1}, {239, GREY_PASSED, 3, 0, 240, -1}}},
	    {"and for a passed tuple",
		{{0, GREY_NEW, 1, 240, 0, 0}, {240, GREY_PASSED, 2, 0, 240, 0},
		    {-5, GREY_NEW, 1, 240, 0, -5}}},
	    {"the clock went back, but not that far",
		{{0, GREY_NEW, 1, 240, 0, 0}, {200, GREY_EARLY, 2, 40, 0, 0},
		    {100, GREY_EARLY, 3, 140, 0, 0}, {240, GREY_PASSED, 4, 0, 240, 0},
		    {230, GREY_REPEAT, 4, 0, 0, 0}}},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(stories); i++)
		story_run(&stories[i], &defaults);
}

static void
test_learn(void **state)
{
	static const struct story stories[] = {
	    {"learned, then known to the tuple",
		{{0, GREY_LEARNED, 1, 0, 0, 0}, {1, GREY_REPEAT, 1, 0, 0, 0},
		    {1 + 36 * DAY, GREY_REPEAT, 1, 0, 0, 0},
		    {2 + 72 * DAY, GREY_LEARNED, 1, 0, 0, 2 + 72 * DAY}}},
	    {"the clock went back",
		{{0, GREY_LEARNED, 1, 0, 0, 0}, {-1, GREY_LEARNED, 1, 0, 0, -1}}},
	};
	struct grey_windows w = defaults;

	(void)state;
	w.learn = true;
	for (size_t i = 0; i < COUNT(stories); i++)
		story_run(&stories[i], &w);
	w.block_s = 0;
	for (size_t i = 0; i < COUNT(stories); i++)
		story_run(&stories[i], &w);
}

static void
test_no_block(void **state)
{
	static const struct story story = {
	    "block = 0", {{0, GREY_PASSED, 1, 0, 0, 0}, {0, GREY_REPEAT, 1, 0, 0, 0}}};
	struct grey_windows w = defaults;

	(void)state;
	w.block_s = 0;
	story_run(&story, &w);
}

/* A new tuple of the identity passes, 240 seconds after its first try. */
static void
one_pass(struct grey_known *known, int64_t passed_at, const struct grey_windows *w)
{
	struct grey_tuple tuple = {.first = 0};
	struct grey_step step = grey_advance(&tuple, known, passed_at - 240, w);

	assert_int_equal(step.outcome, GREY_NEW);
	step = grey_advance(&tuple, known, passed_at, w);
	assert_int_equal(step.outcome, GREY_PASSED);
}

static void
test_promotion(void **state)
{
	struct grey_known known = {.passes = 0};
	struct grey_tuple tuple = {.first = 0};
	struct grey_step step;

	(void)state;
	for (int64_t i = 0; i < 5; i++) {
		one_pass(&known, T0 + i * HOUR, &defaults);
		assert_int_equal(known.passes, i + 1);
		assert_int_equal(known.last_counted, T0 + i * HOUR);
		assert_int_equal(known.last, T0 + i * HOUR);
	}
	step = grey_advance(&tuple, &known, T0 + 5 * HOUR, &defaults);
	assert_int_equal(step.outcome, GREY_KNOWN);
	assert_int_equal(step.now, T0 + 5 * HOUR);
	assert_int_equal(step.first, T0 + 5 * HOUR);
	assert_int_equal(step.tries, 1);
	assert_int_equal(step.wait_s + step.delay_s, 0);
	assert_int_equal(tuple.tries, 0); /* no tuple was made */
	assert_int_equal(known.passes, 5);
	assert_int_equal(known.last, T0 + 5 * HOUR);
	assert_int_equal(known.last_counted, T0 + 4 * HOUR);
}

/* A tuple that there is stays as it is while the identity is known. */
static void
test_known_leaves_the_tuple(void **state)
{
	struct grey_known known = {.passes = 7, .last_counted = T0, .last = T0};
	struct grey_tuple tuple = {.first = T0, .last = T0 + 1, .tries = 3};
	struct grey_step step = grey_advance(&tuple, &known, T0 + 10, &defaults);

	(void)state;
	assert_int_equal(step.outcome, GREY_KNOWN);
	assert_int_equal(tuple.first, T0);
	assert_int_equal(tuple.last, T0 + 1);
	assert_int_equal(tuple.tries, 3);
	assert_int_equal(tuple.passed, 0);
}

static void
test_promotion_gap(void **state)
{
	struct grey_known known = {.passes = 0};

	(void)state;
	one_pass(&known, T0, &defaults);
	assert_int_equal(known.passes, 1);
	one_pass(&known, T0 + HOUR - 1, &defaults);
	assert_int_equal(known.passes, 1);
	assert_int_equal(known.last_counted, T0);
	assert_int_equal(known.last, T0);
	one_pass(&known, T0 + HOUR, &defaults);
	assert_int_equal(known.passes, 2);
	assert_int_equal(known.last_counted, T0 + HOUR);
	one_pass(&known, T0 + 300, &defaults); /* the clock went back: no pass is counted twice */
	assert_int_equal(known.passes, 2);
}

/* Without promotion nothing is counted, and there is no record to keep. */
static void
test_no_promotion(void **state)
{
	struct grey_windows w = defaults;
	struct grey_known known = {.passes = 0};

	(void)state;
	w.promote_after = 0;
	for (int64_t i = 0; i < 10; i++)
		one_pass(&known, T0 + i * HOUR, &w);
	assert_int_equal(known.passes, 0);
	assert_int_equal(known.last, 0);
}

/* Early tries and repeats of one tuple count nothing; its pass counts once. */
static void
test_only_passes_count(void **state)
{
	struct grey_known known = {.passes = 0};
	struct grey_tuple tuple = {.first = 0};

	(void)state;
	(void)grey_advance(&tuple, &known, T0, &defaults);
	(void)grey_advance(&tuple, &known, T0 + 239, &defaults);
	assert_int_equal(known.passes, 0);
	assert_int_equal(known.last, 0);
	(void)grey_advance(&tuple, &known, T0 + 240, &defaults);
	for (int64_t i = 1; i < 20; i++)
		(void)grey_advance(&tuple, &known, T0 + 240 + i * 2 * HOUR, &defaults);
	assert_int_equal(known.passes, 1);
}

static void
test_learned_counts(void **state)
{
	struct grey_windows w = defaults;
	struct grey_known known = {.passes = 0};
	struct grey_tuple last = {.first = 0};

	(void)state;
	w.learn = true;
	for (int64_t i = 0; i < 5; i++) {
		struct grey_tuple tuple = {.first = 0};

		assert_int_equal(
		    grey_advance(&tuple, &known, T0 + i * HOUR, &w).outcome, GREY_LEARNED);
		assert_int_equal(tuple.passed, T0 + i * HOUR);
	}
	assert_int_equal(known.passes, 5);
	assert_int_equal(grey_advance(&last, &known, T0 + 5 * HOUR, &w).outcome, GREY_KNOWN);
}

static void
test_known_windows(void **state)
{
	static const struct {
		const char *name;
		int64_t after, promote_after;
		enum grey_outcome outcome;
		int64_t passes, last; /* afterwards; last in seconds after T0 */
	} rows[] = {
	    {"day 36", 36 * DAY, 5, GREY_KNOWN, 5, 36 * DAY},
	    {"a second later", 36 * DAY + 1, 5, GREY_NEW, 0, -T0},
	    {"the clock went back", -10, 5, GREY_KNOWN, 5, -10},
	    {"one pass short", 1, 6, GREY_NEW, 5, 0},
	    {"promote_after was lowered", 1, 1, GREY_KNOWN, 5, 1},
	    {"promote_after = 0", 1, 0, GREY_NEW, 5, 0},
	    {"promote_after = 0, idle", 36 * DAY + 1, 0, GREY_NEW, 0, -T0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct grey_windows w = defaults;
		struct grey_known known = {.passes = 5, .last_counted = T0, .last = T0};
		struct grey_tuple tuple = {.first = 0};
		struct grey_step step;

		w.promote_after = rows[i].promote_after;
		step = grey_advance(&tuple, &known, T0 + rows[i].after, &w);
		if (step.outcome != rows[i].outcome || known.passes != rows[i].passes ||
		    known.last != T0 + rows[i].last)
			fail_msg("%s: %s, %lld passes, last %lld", rows[i].name,
			    grey_outcome_name(step.outcome), (long long)known.passes,
			    (long long)(known.last - T0));
	}
}

static void
test_names(void **state)
{
	static const struct {
		enum grey_outcome outcome;
		const char *name;
		bool delays;
	} rows[] = {
	    {GREY_NEW, "new", true},
	    {GREY_EARLY, "early", true},
	    {GREY_PASSED, "passed", false},
	    {GREY_REPEAT, "repeat", false},
	    {GREY_KNOWN, "known", false},
	    {GREY_MET, "met", false},
	    {GREY_LEARNED, "learned", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_string_equal(grey_outcome_name(rows[i].outcome), rows[i].name);
		assert_int_equal(grey_outcome_delays(rows[i].outcome), rows[i].delays);
	}
}

static void
key_of(struct grey_key *key_r, struct slice sender, struct slice rcpt)
{
	static const uint8_t client[4] = {192, 0, 2, 1};
	struct net_addr addr = net_addr_ipv4(client);
	struct identity identity = identity_of_network(&addr, 24, 64);
	struct address from = address_parse(sender);
	struct address to = address_parse(rcpt);

	memset(key_r, 'x', sizeof(*key_r));
	grey_key_make(key_r, &identity, &from, &to);
}

static void
test_key(void **state)
{
	static const struct {
		struct slice in;
		const char *want;
	} rows[] = {
	    {SLICE_LIT("<User+Tag@Example.COM>"), "user@example.com"},
	    {SLICE_LIT("<>"), "<>"},
	    {SLICE_LIT(""), "<>"},
	    {SLICE_LIT("<prvs=0814b5e089=bob@example.com>"), "bob@example.com"},
	    {SLICE_LIT("<b\xc3\xa4r@example.com>"), "b%C3%A4r@example.com"},
	    {SLICE_LIT("<100%@example.com>"), "100%25@example.com"},
	    {SLICE_LIT("<\"a b\"@example.com>"), "\"a%20b\"@example.com"},
	    {SLICE_LIT("<a\0\r\n\x7f\x01@b>"), "a%00%0D%0A%7F%01@b"},
	    {SLICE_LIT("<u@[IPv6:2001:DB8::1]>"), "u@[ipv6%3A2001%3Adb8%3A%3A1]"},
	    {SLICE_LIT("<{a}*?[b]~@c>"), "%7Ba%7D*?[b]~@c"},
	    {SLICE_LIT("<\xff\xfe>"), "%FF%FE"},
	};
	struct grey_key key;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		key_of(&key, rows[i].in, slice_of("<to@example.org>"));
		assert_string_equal(key.sender, rows[i].want);
		assert_string_equal(key.rcpt, "to@example.org");
		assert_string_equal(key.identity.text, "192.0.2.0/24");
		key_of(&key, slice_of("<to@example.org>"), rows[i].in);
		assert_string_equal(key.rcpt, rows[i].want);
	}
}

/* A local part of n times the byte c, at d. */
static struct slice
long_address(char *storage, size_t n, char c, char end)
{
	memset(storage, c, n);
	memcpy(storage + n, "@d", 2);
	storage[n + 2] = end;
	return slice_make(storage, n + 3);
}

static void
test_key_cut(void **state)
{
	static const struct {
		const char *name;
		size_t n;
		char c;
		size_t want; /* bytes in the key; those that were cut end in "~" and 16 digits */
	} rows[] = {
	    {"fits", 157, 'a', 160},
	    {"a byte too long", 158, 'a', 140 + 17},
	    {"the longest", 509, 'a', 140 + 17},
	    {"longer than an address can be", 5000, 'a', 140 + 17},
	    {"escapes fit", 52, '\xe4', 159},
	    {"escapes, one too many: 46 whole ones are kept", 53, '\xe4', 138 + 17},
	    {"the longest escapes", 509, '\xe4', 138 + 17},
	};
	char storage[8192];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice in = long_address(storage, rows[i].n, rows[i].c, 'e');
		struct grey_key key;
		size_t n;

		key_of(&key, in, in);
		n = strlen(key.sender);
		if (n != rows[i].want)
			fail_msg("%s: %zu bytes, want %zu", rows[i].name, n, rows[i].want);
		assert_string_equal(key.rcpt, key.sender);
		if (n >= 159)
			continue;
		assert_int_equal(key.sender[n - 17], '~');
		assert_int_equal(strspn(key.sender + n - 16, "0123456789abcdef"), 16);
	}
}

/* What is cut off still tells two addresses apart. */
static void
test_key_cut_differs(void **state)
{
	char storage[512];
	struct grey_key a, b, c;

	(void)state;
	key_of(&a, long_address(storage, 300, 'a', 'e'), slice_of("<>"));
	key_of(&b, long_address(storage, 300, 'a', 'f'), slice_of("<>"));
	key_of(&c, long_address(storage, 300, 'A', 'E'), slice_of("<>"));
	assert_string_not_equal(a.sender, b.sender);
	assert_memory_equal(a.sender, b.sender, 141);
	assert_string_equal(a.sender, c.sender);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_windows),
	    cmocka_unit_test(test_learn),
	    cmocka_unit_test(test_no_block),
	    cmocka_unit_test(test_promotion),
	    cmocka_unit_test(test_known_leaves_the_tuple),
	    cmocka_unit_test(test_promotion_gap),
	    cmocka_unit_test(test_no_promotion),
	    cmocka_unit_test(test_only_passes_count),
	    cmocka_unit_test(test_learned_counts),
	    cmocka_unit_test(test_known_windows),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_key),
	    cmocka_unit_test(test_key_cut),
	    cmocka_unit_test(test_key_cut_differs),
	};

	return cmocka_run_group_tests_name("grey", tests, NULL, NULL);
}
