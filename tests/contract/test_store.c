/*
 * test_store.c - the contract of struct store, held to by both: the store in memory, and the store
 * in a real redis-server. One table of steps; the clock of either is set by hand.
 */
#include "io/redis_key.h"
#include "io/store_admin_grey.h"
#include "io/store_memory.h"
#include "io/store_redis.h"
#include "redis_server.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define DAY   INT64_C(86400)
#define BASE  INT64_C(1800000000) /* begins an hour */
#define STEPS 14

/* A store, and what differs between the two: the clock, and how one looks behind it. */
struct fixture {
	struct store *store;
	int64_t now_s;
	void (*set_time)(struct fixture *f, int64_t now_s);
	/* waits until what was handed to the background is done */
	void (*settle)(
	    struct fixture *f, const struct address *local, const struct address *remote);
	void (*list_set)(struct fixture *f, enum store_list list, const char *const *members);
	void (*clear)(struct fixture *f);
	int64_t (*counted)(struct fixture *f, unsigned stat, int64_t unix_s);
	/* memory */
	struct clock_port clock;
	/* Redis */
	struct test_server server;
	struct arena arena;
	struct redis_conf conf;
	struct store_admin *admin;
};

/* --- the store in memory --- */

static int64_t
fake_now_s(const struct clock_port *clock)
{
	const struct fixture *f = (const struct fixture *)(const void *)((const char *)clock -
									 offsetof(struct fixture,
									     clock));

	return f->now_s;
}

static int64_t
fake_mono_ms(const struct clock_port *clock)
{
	return fake_now_s(clock) * 1000;
}

static void
memory_set_time(struct fixture *f, int64_t now_s)
{
	f->now_s = now_s;
}

static void
memory_settle(struct fixture *f, const struct address *local, const struct address *remote)
{
	(void)f;
	(void)local;
	(void)remote;
}

static void
memory_list_set(struct fixture *f, enum store_list list, const char *const *members)
{
	struct slice slices[8];
	size_t n = 0;

	for (; members[n] != NULL; n++)
		slices[n] = slice_of(members[n]);
	assert_true(store_memory_set_list(f->store, list, slices, n, NULL) >= 0);
}

static void
memory_clear(struct fixture *f)
{
	store_memory_free(f->store);
	f->store = store_memory_new(1000, &f->clock, NULL);
	assert_non_null(f->store);
}

static int64_t
memory_counted(struct fixture *f, unsigned stat, int64_t unix_s)
{
	int64_t counts[STAT_COUNT];

	store_memory_counts(f->store, unix_s, counts);
	return counts[stat];
}

static int
memory_setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){.set_time = memory_set_time,
	    .settle = memory_settle,
	    .list_set = memory_list_set,
	    .clear = memory_clear,
	    .counted = memory_counted,
	    .clock = {fake_now_s, fake_mono_ms}};
	f.store = store_memory_new(1000, &f.clock, NULL);
	*state = &f;
	return f.store == NULL;
}

static int
memory_teardown(void **state)
{
	store_memory_free(((struct fixture *)*state)->store);
	return 0;
}

/* --- the store in Redis --- */

static void
redis_set_time(struct fixture *f, int64_t now_s)
{
	*f->server.frozen_s = now_s;
}

static void
redis_settle(struct fixture *f, const struct address *local, const struct address *remote)
{
	char storage[REDIS_KEY_BYTES + 1];
	struct buf key = BUF_OVER(storage);

	redis_key_met(&key, "gp:", local, remote);
	for (int tries = 0; server_number(&f->server, "EXISTS %s", buf_text(&key)) == 0; tries++) {
		assert_true(tries < 100);
		sleep_ms(20);
	}
}

static void
redis_list_set(struct fixture *f, enum store_list list, const char *const *members)
{
	char storage[REDIS_KEY_BYTES + 1];
	struct buf key = BUF_OVER(storage);

	redis_key_list(&key, "gp:", list);
	server_do(&f->server, "DEL %s", buf_text(&key));
	for (size_t i = 0; members[i] != NULL; i++)
		server_do(&f->server, "SADD %s %s", buf_text(&key), members[i]);
	sleep_ms(500); /* lists_refresh is 100 ms */
}

static void
redis_clear(struct fixture *f)
{
	server_do(&f->server, "FLUSHALL");
}

static int64_t
redis_counted(struct fixture *f, unsigned stat, int64_t unix_s)
{
	int64_t counts[STAT_COUNT];

	sleep_ms(1500); /* counters are written every second */
	assert_int_equal(store_admin_stat(f->admin, unix_s, counts, NULL), 0);
	return counts[stat];
}

static void
redis_state(void *arg, bool up, const char *why)
{
	(void)arg;
	print_message("state %s: %s\n", up ? "up" : "down", why);
}

static void
redis_warning(void *arg, const char *what)
{
	(void)arg;
	print_message("warning: %s\n", what);
}

static int
redis_setup(void **state)
{
	static const struct store_notify notify = {NULL, redis_state, redis_warning};
	static struct fixture f;
	struct err err = {ERR_NONE, ""};

	f = (struct fixture){.set_time = redis_set_time,
	    .settle = redis_settle,
	    .list_set = redis_list_set,
	    .clear = redis_clear,
	    .counted = redis_counted};
	server_init(&f.server);
	*f.server.frozen_s = BASE;
	server_start(&f.server, NULL);
	arena_init(&f.arena, 4096, 65536);
	f.conf = server_conf(&f.server, &f.arena);
	f.conf.lists_refresh_ms = 100;
	f.conf.timeout_ms = 5000; /* slow machines, sanitizers */
	f.store = store_redis_new(&f.conf, &notify, &err);
	f.admin = store_admin_new(&f.conf, &err);
	if (f.store == NULL || f.admin == NULL)
		print_error("%s\n", err.text);
	*state = &f;
	return f.store == NULL || f.admin == NULL;
}

static int
redis_teardown(void **state)
{
	struct fixture *f = *state;

	store_redis_free(f->store);
	store_admin_free(f->admin);
	server_fini(&f->server);
	arena_fini(&f->arena);
	return 0;
}

/* --- the table --- */

static const struct grey_windows usual = {240, 360 * 60, 36 * DAY, 0, 0, false};
static const struct grey_windows promoting = {240, 360 * 60, 36 * DAY, 2, 3600, false};
static const struct grey_windows open_door = {0, 360 * 60, 36 * DAY, 0, 0, false};
static const struct grey_windows learning = {240, 360 * 60, 36 * DAY, 2, 3600, true};

struct step {
	int64_t at_s; /* after the start of the scenario */
	const char *rcpt;
	enum grey_outcome want;
	int64_t tries, wait_s, delay_s;
	int64_t first_s;                    /* as at_s */
	const struct grey_windows *windows; /* NULL: the scenario's */
};

struct scenario {
	const char *name;
	const struct grey_windows *windows;
	struct step steps[STEPS]; /* ends in rcpt == NULL */
};

#define TRY(...)    TRY_BY(__VA_ARGS__, NULL)
#define TRY_BY(...) TRY_ROW(__VA_ARGS__)
#define TRY_ROW(at, rcpt, want, tries, wait, delay, first, windows)                                \
	{                                                                                          \
		(at), (rcpt), (want), (tries), (wait), (delay), (first), (windows)                 \
	}

static const struct scenario scenarios[] = {
    {"the block window", &usual,
	{TRY(0, "a", GREY_NEW, 1, 240, 0, 0), TRY(0, "a", GREY_EARLY, 2, 240, 0, 0),
	    TRY(1, "a", GREY_EARLY, 3, 239, 0, 0), TRY(239, "a", GREY_EARLY, 4, 1, 0, 0),
	    TRY(240, "a", GREY_PASSED, 5, 0, 240, 0), TRY(240, "a", GREY_REPEAT, 5, 0, 0, 0),
	    TRY(9999, "a", GREY_REPEAT, 5, 0, 0, 0)}},
    {"tuples are apart", &usual,
	{TRY(0, "a", GREY_NEW, 1, 240, 0, 0), TRY(10, "b", GREY_NEW, 1, 240, 0, 10),
	    TRY(240, "a", GREY_PASSED, 2, 0, 240, 0), TRY(240, "b", GREY_EARLY, 2, 10, 0, 10),
	    TRY(250, "b", GREY_PASSED, 3, 0, 240, 10)}},
    {"minute 360 still passes", &usual,
	{TRY(0, "a", GREY_NEW, 1, 240, 0, 0), TRY(21600, "a", GREY_PASSED, 2, 0, 21600, 0)}},
    {"after minute 360 it starts anew", &usual,
	{TRY(0, "a", GREY_NEW, 1, 240, 0, 0), TRY(21601, "a", GREY_NEW, 1, 240, 0, 21601),
	    TRY(21601 + 240, "a", GREY_PASSED, 2, 0, 240, 21601)}},
    {"early retries do not prolong the window", &usual,
	{TRY(0, "a", GREY_NEW, 1, 240, 0, 0), TRY(200, "a", GREY_EARLY, 2, 40, 0, 0),
	    TRY(21601, "a", GREY_NEW, 1, 240, 0, 21601)}},
    {"long after the window", &usual,
	{TRY(0, "a", GREY_NEW, 1, 240, 0, 0), TRY(400 * DAY, "a", GREY_NEW, 1, 240, 0, 400 * DAY)}},
    {"day 36 still repeats, and renews", &usual,
	{TRY(0, "a", GREY_NEW, 1, 240, 0, 0), TRY(300, "a", GREY_PASSED, 2, 0, 300, 0),
	    TRY(300 + 36 * DAY, "a", GREY_REPEAT, 2, 0, 0, 0),
	    TRY(300 + 72 * DAY, "a", GREY_REPEAT, 2, 0, 0, 0),
	    TRY(301 + 108 * DAY, "a", GREY_NEW, 1, 240, 0, 301 + 108 * DAY),
	    TRY(302 + 108 * DAY, "a", GREY_EARLY, 2, 239, 0, 301 + 108 * DAY)}},
    {"a clock that was set back", &usual,
	{TRY(1000, "a", GREY_NEW, 1, 240, 0, 1000), TRY(999, "a", GREY_NEW, 1, 240, 0, 999),
	    TRY(1239, "a", GREY_PASSED, 2, 0, 240, 999), TRY(500, "a", GREY_NEW, 1, 240, 0, 500)}},
    {"promotion wants the gap", &promoting,
	{TRY(0, "a", GREY_NEW, 1, 240, 0, 0), TRY(0, "b", GREY_NEW, 1, 240, 0, 0),
	    TRY(0, "c", GREY_NEW, 1, 240, 0, 0), TRY(240, "a", GREY_PASSED, 2, 0, 240, 0),
	    TRY(3839, "b", GREY_PASSED, 2, 0, 3839, 0), TRY(3839, "d", GREY_NEW, 1, 240, 0, 3839),
	    TRY(3840, "c", GREY_PASSED, 2, 0, 3840, 0), TRY(3841, "d", GREY_KNOWN, 1, 0, 0, 3841),
	    TRY(3841, "a", GREY_KNOWN, 1, 0, 0, 3841),
	    TRY(3841 + 36 * DAY, "e", GREY_KNOWN, 1, 0, 0, 3841 + 36 * DAY),
	    TRY(3842 + 72 * DAY, "e", GREY_NEW, 1, 240, 0, 3842 + 72 * DAY)}},
    {"a known identity's tuples are left alone", &promoting,
	{TRY(0, "a", GREY_NEW, 1, 240, 0, 0), TRY(240, "a", GREY_PASSED, 2, 0, 240, 0),
	    TRY(5000, "b", GREY_NEW, 1, 240, 0, 5000), TRY(5240, "b", GREY_PASSED, 2, 0, 240, 5000),
	    TRY(5300, "c", GREY_KNOWN, 1, 0, 0, 5300),
	    TRY_BY(5400, "c", GREY_NEW, 1, 240, 0, 5400, &usual),
	    TRY(5401, "c", GREY_KNOWN, 1, 0, 0, 5401),
	    TRY_BY(5402, "c", GREY_EARLY, 2, 238, 0, 5400, &usual)}},
    {"an idle identity counts from the start", &promoting,
	{TRY(0, "a", GREY_NEW, 1, 240, 0, 0), TRY(240, "a", GREY_PASSED, 2, 0, 240, 0),
	    TRY(40 * DAY, "b", GREY_NEW, 1, 240, 0, 40 * DAY),
	    TRY(40 * DAY + 240, "b", GREY_PASSED, 2, 0, 240, 40 * DAY),
	    TRY(40 * DAY + 999, "c", GREY_NEW, 1, 240, 0, 40 * DAY + 999)}},
    {"without a block time", &open_door,
	{TRY(0, "a", GREY_PASSED, 1, 0, 0, 0), TRY(1, "a", GREY_REPEAT, 1, 0, 0, 0),
	    TRY(1 + 36 * DAY, "a", GREY_REPEAT, 1, 0, 0, 0),
	    TRY(2 + 72 * DAY, "a", GREY_PASSED, 1, 0, 0, 2 + 72 * DAY)}},
    {"learning", &learning,
	{TRY(0, "a", GREY_LEARNED, 1, 0, 0, 0), TRY(1, "a", GREY_REPEAT, 1, 0, 0, 0),
	    TRY_BY(2, "a", GREY_REPEAT, 1, 0, 0, 0, &usual),
	    TRY(3600, "b", GREY_LEARNED, 1, 0, 0, 3600), TRY(3601, "c", GREY_KNOWN, 1, 0, 0, 3601),
	    TRY_BY(3601, "d", GREY_NEW, 1, 240, 0, 3601, &usual),
	    TRY(3602, "d", GREY_KNOWN, 1, 0, 0, 3602)}},
    {"learning begun with a tuple that waits", &usual,
	{TRY(0, "a", GREY_NEW, 1, 240, 0, 0), TRY_BY(1, "a", GREY_PASSED, 2, 0, 1, 0, &learning),
	    TRY_BY(240, "a", GREY_REPEAT, 2, 0, 0, 0, &learning)}},
};

static struct address
address_of(const char *text)
{
	return address_parse(slice_of(text));
}

static struct grey_step
try_once(struct fixture *f, const char *sender, const char *rcpt, const struct grey_windows *w)
{
	static const struct net_addr client = {NET_IPV4, {192, 0, 2, 1}};
	struct address from = address_of(sender), to = address_of(rcpt);
	struct identity identity = identity_of_network(&client, 24, 64);
	struct grey_key key;
	struct grey_request request = {&key, w, NULL, NULL};
	struct grey_step step = {.outcome = GREY_NEW};
	struct err err = {ERR_NONE, ""};

	grey_key_make(&key, &identity, &from, &to);
	if (!from.null) {
		request.met_local = &to;
		request.met_remote = &from;
	}
	if (f->store->grey_step(f->store, &request, &step, &err) != 0)
		fail_msg("%s", err.text);
	return step;
}

static void
scenario_run(struct fixture *f, const struct scenario *scenario, int64_t base_s)
{
	for (const struct step *s = scenario->steps; s->rcpt != NULL; s++) {
		const struct grey_windows *w = s->windows != NULL ? s->windows : scenario->windows;
		struct grey_step got;

		f->set_time(f, base_s + s->at_s);
		got = try_once(f, "sender@example.com", s->rcpt, w);
		if (got.outcome == s->want && got.tries == s->tries && got.wait_s == s->wait_s &&
		    got.delay_s == s->delay_s && got.now == base_s + s->at_s &&
		    got.first == base_s + s->first_s)
			continue;
		fail_msg("%s, step %d: got %s tries %lld wait %lld delay %lld now %lld first %lld, "
			 "want %s tries %lld wait %lld delay %lld now %lld first %lld",
		    scenario->name, (int)(s - scenario->steps), grey_outcome_name(got.outcome),
		    (long long)got.tries, (long long)got.wait_s, (long long)got.delay_s,
		    (long long)(got.now - base_s), (long long)(got.first - base_s),
		    grey_outcome_name(s->want), (long long)s->tries, (long long)s->wait_s,
		    (long long)s->delay_s, (long long)s->at_s, (long long)s->first_s);
	}
}

static void
test_steps(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++) {
		f->clear(f);
		scenario_run(f, &scenarios[i], BASE + (int64_t)i * 1000 * DAY);
	}
	f->clear(f);
}

/* --- who is who --- */

static void
test_keys(void **state)
{
	/* each pair is one tuple, and none is that of another line */
	static const char *const pairs[][2] = {
	    {"a@example.com", "A@EXAMPLE.com"},
	    {"prvs=1234567890=b@example.com", "b@example.com"},
	    {"c+first@example.com", "c+second@example.com"},
	    {"<>", ""},
	    {"\"x:y\"@example.com", "\"X:Y\"@example.com"},
	    {"\"x\"@example.com", "\"X\"@example.com"},
	    {"{d}@example.com", "{D}@example.com"},
	    {"e%41@example.com", "E%41@example.com"},
	    {"\xc3\xa4@example.com", "\xc3\xa4@EXAMPLE.COM"},
	    {"<f g@example.com>", "<F G@example.com>"},
	};
	struct fixture *f = *state;

	f->clear(f);
	f->set_time(f, BASE);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		assert_int_equal(
		    try_once(f, pairs[i][0], "r@example.net", &usual).outcome, GREY_NEW);
		assert_int_equal(
		    try_once(f, pairs[i][1], "R@example.net", &usual).outcome, GREY_EARLY);
	}
}

static void
test_long_addresses(void **state)
{
	struct fixture *f = *state;
	char text[2000];

	f->clear(f);
	f->set_time(f, BASE);
	for (int i = 0; i < 3; i++) {
		memset(text, i == 2 ? '\x01' : 'l', sizeof(text));
		memcpy(text + 300 + i, "@example.com", 13);
		assert_int_equal(try_once(f, text, text, &usual).outcome, GREY_NEW);
		assert_int_equal(try_once(f, text, text, &usual).outcome, GREY_EARLY);
	}
}

/* --- correspondents --- */

static void
test_met(void **state)
{
	struct fixture *f = *state;
	struct address local = address_of("local+tag@example.net");
	struct address remote = address_of("Remote@example.com");
	const char *answer = "prvs=1234567890=remote@example.com"; /* how it will be sent */

	f->clear(f);
	f->set_time(f, BASE);
	f->store->met(f->store, &local, &remote, 60 * DAY);
	f->settle(f, &local, &remote);
	assert_int_equal(try_once(f, answer, "LOCAL@example.net", &usual).outcome, GREY_MET);
	assert_int_equal(try_once(f, answer, "LOCAL@example.net", &usual).first, BASE);
	assert_int_equal(try_once(f, answer, "LOCAL@example.net", &usual).tries, 1);
	/* neither the other way round, nor anybody else */
	assert_int_equal(try_once(f, "local@example.net", answer, &usual).outcome, GREY_NEW);
	assert_int_equal(try_once(f, answer, "other@example.net", &usual).outcome, GREY_NEW);
	f->set_time(f, BASE + 60 * DAY);
	assert_int_equal(try_once(f, answer, "local@example.net", &usual).outcome, GREY_MET);
	f->set_time(f, BASE + 60 * DAY + 1);
	assert_int_not_equal(try_once(f, answer, "local@example.net", &usual).outcome, GREY_MET);
}

static void
test_met_for_no_time(void **state)
{
	struct fixture *f = *state;
	struct address local = address_of("quick@example.net");
	struct address remote = address_of("remote@example.com");

	f->clear(f);
	f->store->met(f->store, &local, &remote, 0);
	sleep_ms(200);
	assert_int_equal(
	    try_once(f, "remote@example.com", "quick@example.net", &usual).outcome, GREY_NEW);
}

/* --- lists --- */

static bool
has_network(struct fixture *f, const char *text)
{
	struct net_addr addr;

	assert_int_equal(net_addr_parse(slice_of(text), &addr), 0);
	return f->store->has_network(f->store, STORE_ALLOW_NETWORKS, &addr);
}

static void
test_networks(void **state)
{
	static const char *const members[] = {
	    "192.0.2.0/24", "198.51.100.7", "2001:db8::/32", "192.0.2.1/24", "rubbish", NULL};
	static const char *const none[] = {NULL};
	struct fixture *f = *state;

	assert_false(has_network(f, "192.0.2.1"));
	f->list_set(f, STORE_ALLOW_NETWORKS, members);
	assert_true(has_network(f, "192.0.2.1"));
	assert_true(has_network(f, "198.51.100.7"));
	assert_true(has_network(f, "2001:db8::1"));
	assert_false(has_network(f, "198.51.100.8"));
	assert_false(has_network(f, "2001:db9::1"));
	f->list_set(f, STORE_ALLOW_NETWORKS, none);
	assert_false(has_network(f, "192.0.2.1"));
}

static void
test_addresses(void **state)
{
	static const char *const optout[] = {"Anna@example.net", "example.org", "a b@c", NULL};
	static const char *const senders[] = {".example.com", NULL};
	static const char *const none[] = {NULL};
	struct fixture *f = *state;
	struct store *store = f->store;
	struct address anna = address_of("anna@EXAMPLE.net"), otto = address_of("otto@example.org");
	struct address sub = address_of("x@mail.example.com");

	f->list_set(f, STORE_OPTOUT, optout);
	f->list_set(f, STORE_ALLOW_SENDERS, senders);
	assert_true(store->has_address(store, STORE_OPTOUT, &anna));
	assert_true(store->has_address(store, STORE_OPTOUT, &otto));
	assert_false(store->has_address(store, STORE_OPTOUT, &sub));
	assert_true(store->has_address(store, STORE_ALLOW_SENDERS, &sub));
	assert_false(store->has_address(store, STORE_ALLOW_SENDERS, &anna));
	f->list_set(f, STORE_OPTOUT, none);
	f->list_set(f, STORE_ALLOW_SENDERS, none);
	assert_false(store->has_address(store, STORE_OPTOUT, &anna));
}

/* What no check judges is one pair of lists, what is not greylisted another. */
static void
test_lists_apart(void **state)
{
	static const char *const networks[] = {"192.0.2.0/24", NULL};
	static const char *const addresses[] = {"anna@example.net", NULL};
	static const char *const none[] = {NULL};
	struct fixture *f = *state;
	struct store *store = f->store;
	struct address anna = address_of("anna@example.net"), otto = address_of("otto@example.net");
	struct net_addr client, other;

	assert_int_equal(net_addr_parse(slice_of("192.0.2.1"), &client), 0);
	assert_int_equal(net_addr_parse(slice_of("192.0.3.1"), &other), 0);
	f->list_set(f, STORE_ALLOW_CLIENTS, networks);
	f->list_set(f, STORE_OPTOUT_ALL, addresses);
	assert_true(store->has_network(store, STORE_ALLOW_CLIENTS, &client));
	assert_false(store->has_network(store, STORE_ALLOW_CLIENTS, &other));
	assert_false(store->has_network(store, STORE_ALLOW_NETWORKS, &client));
	assert_true(store->has_address(store, STORE_OPTOUT_ALL, &anna));
	assert_false(store->has_address(store, STORE_OPTOUT_ALL, &otto));
	assert_false(store->has_address(store, STORE_OPTOUT, &anna));
	f->list_set(f, STORE_ALLOW_NETWORKS, networks);
	f->list_set(f, STORE_OPTOUT, addresses);
	f->list_set(f, STORE_ALLOW_CLIENTS, none);
	f->list_set(f, STORE_OPTOUT_ALL, none);
	assert_false(store->has_network(store, STORE_ALLOW_CLIENTS, &client));
	assert_true(store->has_network(store, STORE_ALLOW_NETWORKS, &client));
	assert_false(store->has_address(store, STORE_OPTOUT_ALL, &anna));
	assert_true(store->has_address(store, STORE_OPTOUT, &anna));
	f->list_set(f, STORE_ALLOW_NETWORKS, none);
	f->list_set(f, STORE_OPTOUT, none);
}

/* --- counters, and many at once --- */

static void
test_count(void **state)
{
	struct fixture *f = *state;
	int64_t hour = BASE + 5000 * DAY;

	f->store->count(f->store, STAT_GREY_ASKED, hour, 1);
	f->store->count(f->store, STAT_GREY_ASKED, hour + 3599, 2);
	f->store->count(f->store, STAT_GREY_ASKED, hour + 3600, 40);
	f->store->count(f->store, STAT_GREY_DELAY + STAT_LADDER_STEPS - 1, hour, 5);
	assert_int_equal(f->counted(f, STAT_GREY_ASKED, hour + 1800), 3);
	assert_int_equal(f->counted(f, STAT_GREY_ASKED, hour + 3600), 40);
	assert_int_equal(f->counted(f, STAT_GREY_DELAY + STAT_LADDER_STEPS - 1, hour), 5);
	assert_int_equal(f->counted(f, STAT_GREY_NEW, hour), 0);
}

#define THREADS 16
#define TRIES   100

static void *
many_tries(void *arg)
{
	struct fixture *f = arg;

	for (int i = 0; i < TRIES; i++) {
		(void)try_once(f, "many@example.com", "many@example.net", &usual);
		f->store->count(f->store, STAT_GREY_EARLY, BASE + 6000 * DAY, 1);
	}
	return NULL;
}

static void
test_many_at_once(void **state)
{
	struct fixture *f = *state;
	pthread_t threads[THREADS];

	f->clear(f);
	f->set_time(f, BASE);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many_tries, f), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(
	    try_once(f, "many@example.com", "many@example.net", &usual).tries, THREADS * TRIES + 1);
	assert_int_equal(f->counted(f, STAT_GREY_EARLY, BASE + 6000 * DAY), THREADS * TRIES);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_steps),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_long_addresses),
	    cmocka_unit_test(test_met),
	    cmocka_unit_test(test_met_for_no_time),
	    cmocka_unit_test(test_networks),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_lists_apart),
	    cmocka_unit_test(test_count),
	    cmocka_unit_test(test_many_at_once),
	};
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	failed = cmocka_run_group_tests_name("store_memory", tests, memory_setup, memory_teardown);
	failed += cmocka_run_group_tests_name("store_redis", tests, redis_setup, redis_teardown);
	return failed != 0;
}
