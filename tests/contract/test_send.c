/*
 * test_send.c - may an account send? The contract of send_step(), held to by both: the store in
 * memory, and the store in a real redis-server. One table of limits (limit_steps.h), one of
 * suppressions; the clock of either is set by hand. It is long because both stores share all of it;
 * what only Redis can do is behind "Redis alone".
 */
#include "io/store_admin_events.h"
#include "io/store_memory.h"
#include "io/store_memory_send.h"
#include "io/store_redis.h"
#include "limit_steps.h"
#include "redis_server.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define BASE_S       (LIMIT_BASE / LIMIT_US_PER_S)

struct fixture {
	struct store *store;
	void (*set_time)(struct fixture *f, int64_t now_us);
	void (*suppress)(
	    struct fixture *f, const char *account, const char *rcpt, const char *entry);
	void (*clear)(struct fixture *f);
	/* one step at exactly that time */
	struct send_step (*step_at)(
	    struct fixture *f, const struct send_request *request, int64_t now_us);
	/* memory */
	struct clock_port clock;
	int64_t now_us;
	struct memory_send send;
	struct memory_table table;
	/* Redis */
	struct test_server server;
	struct arena arena;
	struct redis_conf conf;
	struct store_admin *admin;
};

static struct send_step
ask(struct fixture *f, const struct send_request *request)
{
	struct send_step step = {.which = 0};
	struct err err = {ERR_NONE, ""};

	if (f->store->send_step(f->store, request, &step, &err) != 0)
		fail_msg("%s", err.text);
	return step;
}

/* --- the store in memory --- */

static int64_t
fake_now_s(const struct clock_port *clock)
{
	const struct fixture *f = (const struct fixture *)(const void *)((const char *)clock -
									 offsetof(struct fixture,
									     clock));

	return f->now_us / LIMIT_US_PER_S;
}

static int64_t
fake_mono_ms(const struct clock_port *clock)
{
	const struct fixture *f = (const struct fixture *)(const void *)((const char *)clock -
									 offsetof(struct fixture,
									     clock));

	return f->now_us / 1000;
}

static void
memory_set_time(struct fixture *f, int64_t now_us)
{
	f->now_us = now_us;
}

static void
memory_suppress(struct fixture *f, const char *account, const char *rcpt, const char *entry)
{
	struct address to = address_parse(slice_of(rcpt));
	struct suppression suppression;

	suppression_read(slice_of(entry), &suppression);
	assert_int_equal(store_memory_suppress(f->store, account, &to, &suppression, NULL), 0);
}

static void
memory_clear(struct fixture *f)
{
	static const uint64_t secret[2] = {1, 2};

	store_memory_free(f->store);
	f->store = store_memory_new(1000, &f->clock, NULL);
	assert_non_null(f->store);
	memory_table_fini(&f->table);
	memory_table_init(&f->table, 1000, secret);
}

/* The port's clock is not as fine as the table's. */
static struct send_step
memory_step_at(struct fixture *f, const struct send_request *request, int64_t now_us)
{
	struct send_step step;

	assert_int_equal(memory_send_step(&f->send, &f->table, request, now_us, &step), 0);
	return step;
}

static int
memory_setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){.set_time = memory_set_time,
	    .suppress = memory_suppress,
	    .clear = memory_clear,
	    .step_at = memory_step_at,
	    .clock = {fake_now_s, fake_mono_ms},
	    .now_us = LIMIT_BASE};
	memory_clear(&f);
	*state = &f;
	return 0;
}

static int
memory_teardown(void **state)
{
	struct fixture *f = *state;

	store_memory_free(f->store);
	memory_table_fini(&f->table);
	return 0;
}

/* --- the store in Redis --- */

static void
redis_set_time(struct fixture *f, int64_t now_us)
{
	f->server.frozen_s[1] = now_us % LIMIT_US_PER_S;
	f->server.frozen_s[0] = now_us / LIMIT_US_PER_S;
}

static void
redis_suppress(struct fixture *f, const char *account, const char *rcpt, const char *entry)
{
	server_do(&f->server, "HSET gp:supp:{%s} %s %s", account, rcpt, entry);
}

static void
redis_clear(struct fixture *f)
{
	server_do(&f->server, "FLUSHALL");
}

static struct send_step
redis_step_at(struct fixture *f, const struct send_request *request, int64_t now_us)
{
	redis_set_time(f, now_us);
	return ask(f, request);
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

static const struct store_notify notify = {NULL, redis_state, redis_warning};

static int
redis_setup(void **state)
{
	static struct fixture f;
	struct err err = {ERR_NONE, ""};

	f = (struct fixture){.set_time = redis_set_time,
	    .suppress = redis_suppress,
	    .clear = redis_clear,
	    .step_at = redis_step_at};
	server_init(&f.server);
	*f.server.frozen_s = BASE_S;
	server_start(&f.server, NULL);
	arena_init(&f.arena, 4096, 65536);
	f.conf = server_conf(&f.server, &f.arena);
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

static int
clear(void **state)
{
	struct fixture *f = *state;

	f->clear(f);
	f->set_time(f, LIMIT_BASE);
	return 0;
}

/* --- limits --- */

/* What passes many times over is counted at once: that is the same, and quicker. */
#define AT_ONCE 50

static void
try_check(const struct limit_scenario *s, const struct limit_try *t, const struct limit_step *got,
    bool last)
{
	if (got->outcome == t->want &&
	    (!last ||
		(got->wait_s == t->wait_s && got->count == t->count && got->limit == t->limit)))
		return;
	fail_msg("%s, step %d: got %s wait %lld count %lld limit %lld, want %s %lld %lld %lld",
	    s->name, (int)(t - s->tries), limit_outcome_name(got->outcome), (long long)got->wait_s,
	    (long long)got->count, (long long)got->limit, limit_outcome_name(t->want),
	    (long long)t->wait_s, (long long)t->count, (long long)t->limit);
}

static void
try_run(struct fixture *f, const struct limit_scenario *s, const struct limit_try *t,
    struct send_request *request)
{
	bool at_once = t->want == LIMIT_PASS && t->times > AT_ONCE;
	int times = at_once ? 1 : t->times;

	request->count = at_once ? t->times : 1;
	request->more = t->more;
	if (request->ramp == NULL)
		request->rate = t->rate != NULL ? t->rate : &s->rate;
	for (int n = 1; n <= times; n++) {
		struct send_step got = f->step_at(f, request, LIMIT_BASE + t->at_us);

		assert_int_equal(got.now_s, s->ramp != NULL && strcmp(s->ramp, "off") == 0
						? got.now_s
						: (LIMIT_BASE + t->at_us) / LIMIT_US_PER_S);
		try_check(s, t, s->ramp == NULL ? &got.rate : &got.warm, n == times);
	}
}

static void
test_limits(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < LIMIT_SCENARIOS; i++) {
		const struct limit_scenario *s = &limit_scenarios[i];
		struct send_request request = {.account = "shop", .lane = "bulk"};
		struct limit_ramp ramp;

		if (s->ramp == NULL && s->rate.interval_us == 0 && s->rate.daily == 0)
			continue; /* then it is not asked */
		f->clear(f);
		if (s->ramp != NULL) {
			assert_int_equal(limit_ramp_parse(slice_of(s->ramp), &ramp, NULL), 0);
			request.ramp = &ramp;
		}
		for (const struct limit_try *t = s->tries; t->times > 0; t++)
			try_run(f, s, t, &request);
	}
}

/* The first of several may be refused, the others are counted. */
static void
test_several(void **state)
{
	static const struct limit_rate rate = {LIMIT_S, 10, 100};
	struct fixture *f = *state;
	struct send_request request = {.account = "shop", .rate = &rate, .count = 5};
	struct send_step got = f->step_at(f, &request, LIMIT_BASE);

	assert_int_equal(got.rate.outcome, LIMIT_PASS);
	assert_int_equal(got.rate.count, 5);
	request.count = 90; /* more than the bucket has, and than the day allows */
	got = f->step_at(f, &request, LIMIT_BASE);
	assert_int_equal(got.rate.outcome, LIMIT_PASS);
	assert_int_equal(got.rate.count, 95);
	got = f->step_at(f, &request, LIMIT_BASE);
	assert_int_equal(got.rate.outcome, LIMIT_RATE);
	assert_int_equal(got.rate.wait_s, 1);
	assert_int_equal(got.rate.count, 95);
	got = f->step_at(f, &request, LIMIT_BASE + LIMIT_S);
	assert_int_equal(got.rate.outcome, LIMIT_PASS);
	assert_int_equal(got.rate.count, 185);
	got = f->step_at(f, &request, LIMIT_BASE + 1000 * LIMIT_S);
	assert_int_equal(got.rate.outcome, LIMIT_DAILY);
	assert_int_equal(got.rate.limit, 100);
}

/* --- suppression --- */

#define NAMES 4

struct row {
	const char *name;
	const char *entries[NAMES][3]; /* account, recipient, entry; NULL ends them */
	const char *rcpts[NAMES];
	enum suppression_reason want;
	unsigned which;
	bool for_all;
};

/* The time is BASE_S, 1728000000. */
static const struct row rows[] = {
    {"nobody", {{NULL}}, {"ann@example.com"}, SUPPRESSED_NOT, 0, false},
    {"by the account", {{"shop", "ann@example.com", "bounced 3 1 2 0 550 5.1.1 gone"}},
	{"Ann@Example.COM"}, SUPPRESSED_BOUNCED, 0, false},
    {"by all", {{"*", "ann@example.com", "complained 1 1 2 0"}}, {"ann@example.com"},
	SUPPRESSED_COMPLAINED, 0, true},
    {"by both: the account's word",
	{{"*", "ann@example.com", "complained 1 1 2 0"},
	    {"shop", "ann@example.com", "unsubscribed 1 1 2 0"}},
	{"ann@example.com"}, SUPPRESSED_UNSUBSCRIBED, 0, false},
    {"by another account", {{"club", "ann@example.com", "complained 1 1 2 0"}}, {"ann@example.com"},
	SUPPRESSED_NOT, 0, false},
    {"somebody else", {{"shop", "bob@example.com", "complained 1 1 2 0"}}, {"ann@example.com"},
	SUPPRESSED_NOT, 0, false},
    {"not her other address", {{"shop", "ann@example.com", "complained 1 1 2 0"}},
	{"ann+news@example.com"}, SUPPRESSED_NOT, 0, false},
    {"quotes that say nothing", {{"shop", "ann@example.com", "complained 1 1 2 0"}},
	{"\"Ann\"@example.com"}, SUPPRESSED_COMPLAINED, 0, false},
    {"still", {{"shop", "ann@example.com", "bounced 1 1 2 1728000001"}}, {"ann@example.com"},
	SUPPRESSED_BOUNCED, 0, false},
    {"no longer", {{"shop", "ann@example.com", "bounced 1 1 2 1728000000"}}, {"ann@example.com"},
	SUPPRESSED_NOT, 0, false},
    {"no longer by all", {{"*", "ann@example.com", "bounced 1 1 2 1728000000"}},
	{"ann@example.com"}, SUPPRESSED_NOT, 0, false},
    {"no longer by the account, still by all",
	{{"shop", "ann@example.com", "bounced 1 1 2 5"},
	    {"*", "ann@example.com", "manual 1 1 2 0 asked us"}},
	{"ann@example.com"}, SUPPRESSED_MANUAL, 0, true},
    {"the second of three", {{"shop", "bob@example.com", "manual 1 1 2 0"}},
	{"ann@example.com", "bob@example.com", "cem@example.com"}, SUPPRESSED_MANUAL, 1, false},
    {"the first counts, though by all",
	{{"*", "bob@example.com", "manual 1 1 2 0"},
	    {"shop", "cem@example.com", "bounced 9 1 2 0"}},
	{"ann@example.com", "bob@example.com", "cem@example.com"}, SUPPRESSED_MANUAL, 1, true},
    {"other words", {{"shop", "ann@example.com", "left the company"}}, {"ann@example.com"},
	SUPPRESSED_MANUAL, 0, false},
    {"no words", {{"shop", "ann@example.com", ""}}, {"ann@example.com"}, SUPPRESSED_MANUAL, 0,
	false},
};

/* With suppress = off. */
static const struct row spared_rows[] = {
    {"bounced, and spared",
	{{"shop", "ann@example.com", "bounced 3 1 2 0"},
	    {"*", "ann@example.com", "bounced 3 1 2 0"}},
	{"ann@example.com"}, SUPPRESSED_NOT, 0, false},
    {"bounced, and unsubscribed from all",
	{{"shop", "ann@example.com", "bounced 3 1 2 0"},
	    {"*", "ann@example.com", "unsubscribed 1 1 2 0"}},
	{"ann@example.com"}, SUPPRESSED_UNSUBSCRIBED, 0, true},
    {"unsubscribed is not spared", {{"shop", "bob@example.com", "unsubscribed 1 1 2 0"}},
	{"ann@example.com", "bob@example.com"}, SUPPRESSED_UNSUBSCRIBED, 1, false},
};

static const struct limit_rate slow = {LIMIT_S, 1000, 1000};

static void
row_check(
    struct fixture *f, const struct row *row, const struct limit_rate *rate, bool spares_bounced)
{
	struct address rcpts[NAMES];
	const struct address *list[NAMES];
	struct send_request request = {
	    .account = "shop", .rcpts = list, .count = 1, .rate = rate, .lane = ""};
	struct send_step got;

	request.spares_bounced = spares_bounced;
	f->clear(f);
	for (size_t i = 0; i < NAMES && row->entries[i][0] != NULL; i++)
		f->suppress(f, row->entries[i][0], row->entries[i][1], row->entries[i][2]);
	for (size_t i = 0; i < NAMES && row->rcpts[i] != NULL; i++) {
		rcpts[i] = address_parse(slice_of(row->rcpts[i]));
		list[request.nrcpts++] = &rcpts[i];
	}
	got = ask(f, &request);
	if (got.suppressed.reason != row->want || got.which != row->which ||
	    got.for_all != row->for_all || got.now_s != BASE_S || got.rate.outcome != LIMIT_PASS)
		fail_msg("%s: got %s, %zu, %d at %lld", row->name,
		    suppression_reason_name(got.suppressed.reason), got.which, got.for_all,
		    (long long)got.now_s);
	if (rate == NULL)
		return;
	/* nothing was counted when somebody is suppressed, and else once */
	request.nrcpts = 0;
	got = ask(f, &request);
	if (got.rate.count != (row->want == SUPPRESSED_NOT ? 2 : 1))
		fail_msg("%s: counted %lld", row->name, (long long)got.rate.count - 1);
}

static void
test_suppressed(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		row_check(*state, &rows[i], NULL, false);
		row_check(*state, &rows[i], &slow, false);
	}
	for (size_t i = 0; i < COUNT(spared_rows); i++) {
		row_check(*state, &spared_rows[i], NULL, true);
		row_check(*state, &spared_rows[i], &slow, true);
	}
}

static void
test_evidence(void **state)
{
	struct fixture *f = *state;
	struct address ann = address_parse(slice_of("ann@example.com"));
	const struct address *list[] = {&ann};
	struct send_request request = {.account = "shop", .rcpts = list, .nrcpts = 1, .count = 1};
	struct send_step got;

	f->suppress(f, "shop", "ann@example.com", "bounced 3 17 18 0 550 5.1.1 gone\x1b[31m");
	got = ask(f, &request);
	assert_int_equal(got.suppressed.count, 3);
	assert_int_equal(got.suppressed.first_s, 17);
	assert_int_equal(got.suppressed.last_s, 18);
	assert_true(slice_eq(slice_make(got.suppressed.evidence, got.suppressed.evidence_n),
	    slice_of("550 5.1.1 gone?[31m")));
}

/* --- what is counted --- */

static int64_t
rate_count(struct fixture *f, const char *account)
{
	static const struct limit_rate plenty = {0, 1, 1000000};
	struct send_request request = {.account = account, .rate = &plenty, .count = 1};

	return ask(f, &request).rate.count - 1;
}

static void
test_counted_once(void **state)
{
	static const struct limit_rate two = {60 * LIMIT_S, 2, 0};
	struct fixture *f = *state;
	struct limit_ramp ramp;
	struct send_request request = {
	    .account = "shop", .rate = &two, .count = 1, .lane = "bulk", .ramp = &ramp};
	struct send_step got;

	assert_int_equal(limit_ramp_parse(slice_of("1 x2"), &ramp, NULL), 0);
	got = ask(f, &request);
	assert_int_equal(got.rate.count, 1);
	assert_int_equal(got.warm.count, 1);
	/* the ramp refuses: the rate has as much room as before */
	for (int i = 0; i < 5; i++) {
		got = ask(f, &request);
		assert_int_equal(got.rate.outcome, LIMIT_PASS);
		assert_int_equal(got.warm.outcome, LIMIT_WARMUP);
		assert_int_equal(got.warm.limit, 1);
		assert_int_equal(got.warm.wait_s, 86400);
	}
	/* another recipient of a message that has its lane */
	request.more = true;
	got = ask(f, &request);
	assert_int_equal(got.rate.count, 2);
	assert_int_equal(got.warm.count, 2);
	assert_int_equal(got.warm.outcome, LIMIT_PASS);
	/* the rate refuses: the ramp is not asked */
	got = ask(f, &request);
	assert_int_equal(got.rate.outcome, LIMIT_RATE);
	assert_int_equal(got.warm.count, 0);
	request.rate = NULL;
	got = ask(f, &request);
	assert_int_equal(got.warm.count, 3);
	assert_int_equal(rate_count(f, "shop"), 2);
}

static void
test_overflow(void **state)
{
	static const struct limit_rate two = {60 * LIMIT_S, 2, 0};
	struct fixture *f = *state;
	struct limit_ramp ramp;
	struct send_request request = {.account = "shop",
	    .rate = &two,
	    .count = 1,
	    .lane = "",
	    .ramp = &ramp,
	    .overflow = true};

	assert_int_equal(limit_ramp_parse(slice_of("1 x2"), &ramp, NULL), 0);
	assert_int_equal(ask(f, &request).warm.outcome, LIMIT_PASS);
	assert_int_equal(ask(f, &request).warm.outcome, LIMIT_WARMUP);
	assert_int_equal(ask(f, &request).rate.outcome, LIMIT_RATE);
	assert_int_equal(rate_count(f, "shop"), 2);
}

static void
test_apart(void **state)
{
	static const struct limit_rate one = {60 * LIMIT_S, 1, 0};
	struct fixture *f = *state;
	struct send_request request = {.account = "shop", .rate = &one, .count = 1};

	assert_int_equal(ask(f, &request).rate.outcome, LIMIT_PASS);
	assert_int_equal(ask(f, &request).rate.outcome, LIMIT_RATE);
	request.account = "club";
	assert_int_equal(ask(f, &request).rate.outcome, LIMIT_PASS);
	request.account = "shop";
	f->set_time(f, LIMIT_BASE + 60 * LIMIT_S);
	assert_int_equal(ask(f, &request).rate.outcome, LIMIT_PASS);
}

static void
test_no_question(void **state)
{
	static const struct limit_rate off = {0, 1, 0};
	static const struct limit_ramp warm = {.first = 0};
	struct fixture *f = *state;
	struct send_request request = {
	    .account = "shop", .rate = &off, .ramp = &warm, .lane = "", .count = 1};
	struct send_step got = ask(f, &request);

	assert_int_equal(got.rate.outcome, LIMIT_PASS);
	assert_int_equal(got.rate.count, 0);
	assert_int_equal(got.warm.outcome, LIMIT_PASS);
	assert_int_equal(got.suppressed.reason, SUPPRESSED_NOT);
	assert_int_equal(got.now_s, 0);
}

/* --- many at once --- */

#define THREADS 8
#define TRIES   200

struct crowd {
	struct fixture *f;
	struct send_request request;
	atomic_int passed, warm;
};

static void *
crowd_send(void *arg)
{
	struct crowd *c = arg;

	for (int i = 0; i < TRIES; i++) {
		struct send_step got = ask(c->f, &c->request);

		if (got.rate.outcome != LIMIT_PASS)
			continue;
		(void)atomic_fetch_add(&c->passed, 1);
		if (got.warm.outcome == LIMIT_PASS)
			(void)atomic_fetch_add(&c->warm, 1);
	}
	return NULL;
}

static void
crowd_run(struct crowd *c)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_send, c), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static void
test_many_at_once(void **state)
{
	static const struct limit_rate burst = {LIMIT_S, 300, 0}, daily = {1, 1000000, 400};
	struct fixture *f = *state;
	struct crowd c = {.f = f, .request = {.account = "shop", .rate = &burst, .count = 1}};
	struct limit_ramp ramp;

	crowd_run(&c);
	assert_int_equal(atomic_load(&c.passed), 300);
	assert_int_equal(rate_count(f, "shop"), 300);
	c.request.account = "club";
	c.request.rate = &daily;
	atomic_store(&c.passed, 0);
	crowd_run(&c);
	assert_int_equal(atomic_load(&c.passed), 400);
	/* what the ramp refuses is given back, and nothing else */
	c.request = (struct send_request){
	    .account = "new", .rate = &slow, .count = 1, .ramp = &ramp, .lane = "new"};
	assert_int_equal(limit_ramp_parse(slice_of("50 x2"), &ramp, NULL), 0);
	atomic_store(&c.passed, 0);
	atomic_store(&c.warm, 0);
	crowd_run(&c);
	assert_int_equal(atomic_load(&c.warm), 50);
	assert_int_equal(rate_count(f, "new"), 50);
}

/* --- Redis alone --- */

static void
assert_text(struct fixture *f, const char *key, const char *field, const char *want)
{
	redisReply *reply = server_ask(&f->server, "HGET %s %s", key, field);

	if (reply->str == NULL || strcmp(reply->str, want) != 0)
		fail_msg("%s %s: %s, want %s", key, field, reply->str, want);
	freeReplyObject(reply);
}

/* What a person finds in Redis, and for how long. */
static void
test_readable(void **state)
{
	static const struct limit_rate rate = {LIMIT_S, 10, 0}, long_one = {LIMIT_DAY, 20, 0};
	struct fixture *f = *state;
	struct limit_ramp ramp;
	struct send_request request = {
	    .account = "shop", .rate = &rate, .count = 3, .ramp = &ramp, .lane = "bulk"};

	assert_int_equal(limit_ramp_parse(slice_of("4 x2"), &ramp, NULL), 0);
	(void)f->step_at(f, &request, LIMIT_BASE + 7);
	assert_text(f, "gp:rate:{shop}", "tat_us", "1728000003000007");
	assert_text(f, "gp:rate:{shop}", "day", "20000");
	assert_text(f, "gp:rate:{shop}", "count", "3");
	assert_text(f, "gp:warm:{bulk}", "step", "0");
	assert_text(f, "gp:warm:{bulk}", "day", "20000");
	assert_text(f, "gp:warm:{bulk}", "count", "3");
	assert_int_equal(server_number(&f->server, "TTL gp:rate:{shop}"), 2 * 86400);
	assert_int_equal(server_number(&f->server, "TTL gp:warm:{bulk}"), 60 * 86400);
	(void)f->step_at(f, &request, LIMIT_BASE + 7 + LIMIT_DAY);
	assert_text(f, "gp:warm:{bulk}", "step", "1");
	assert_int_equal(server_number(&f->server, "TTL gp:rate:{shop}"), 2 * 86400);
	/* a bucket that takes longer to fill stays longer */
	request = (struct send_request){.account = "slow", .rate = &long_one, .count = 15};
	(void)f->step_at(f, &request, LIMIT_BASE);
	assert_int_equal(server_number(&f->server, "TTL gp:rate:{slow}"), 16 * 86400);
}

static void
test_admin(void **state)
{
	struct fixture *f = *state;
	struct limit_ramp ramp;
	struct send_request request = {
	    .account = "shop", .rate = &slow, .count = 3, .ramp = &ramp, .lane = "bulk"};
	struct address ann = address_parse(slice_of("<Ann@example.com>"));
	struct suppression s;
	struct store_limits limits;

	assert_int_equal(limit_ramp_parse(slice_of("4 x2"), &ramp, NULL), 0);
	assert_int_equal(store_admin_limits(f->admin, "shop", "bulk", &limits, NULL), 0);
	assert_int_equal(limits.bucket.tat_us, 0);
	assert_int_equal(limits.now_us, LIMIT_BASE);
	(void)ask(f, &request);
	assert_int_equal(store_admin_limits(f->admin, "shop", "bulk", &limits, NULL), 0);
	assert_int_equal(limits.bucket.tat_us, LIMIT_BASE + 3 * LIMIT_S);
	assert_int_equal(limits.bucket.day, 20000);
	assert_int_equal(limits.bucket.count, 3);
	assert_int_equal(limits.warmth.count, 3);
	assert_int_equal(store_admin_suppression_get(f->admin, "shop", &ann, &s, NULL), 0);
	f->suppress(f, "shop", "ann@example.com", "bounced 3 1 2 0 gone");
	assert_int_equal(store_admin_suppression_get(f->admin, "shop", &ann, &s, NULL), 1);
	assert_int_equal(s.reason, SUPPRESSED_BOUNCED);
	f->suppress(f, STORE_ALL_ACCOUNTS, "ann@example.com", "complained 3 1 2 0");
	assert_int_equal(
	    store_admin_suppression_get(f->admin, STORE_ALL_ACCOUNTS, &ann, &s, NULL), 1);
	assert_int_equal(s.reason, SUPPRESSED_COMPLAINED);
	server_do(&f->server, "SET gp:rate:{shop} x");
	assert_int_equal(store_admin_limits(f->admin, "shop", "bulk", &limits, NULL), -1);
	server_do(&f->server, "DEL gp:rate:{shop}");
	assert_int_equal(store_admin_limits(f->admin, "shop", "bulk", &limits, NULL), 0);
}

static void
test_script_lost(void **state)
{
	struct fixture *f = *state;
	struct address ann = address_parse(slice_of("ann@example.com"));
	const struct address *list[] = {&ann};
	struct limit_ramp ramp;
	struct send_request request = {.account = "shop",
	    .rcpts = list,
	    .nrcpts = 1,
	    .rate = &slow,
	    .count = 1,
	    .lane = "",
	    .ramp = &ramp};

	assert_int_equal(limit_ramp_parse(slice_of("4 x2"), &ramp, NULL), 0);
	for (int i = 1; i <= 3; i++) {
		struct send_step got;

		server_do(&f->server, "SCRIPT FLUSH");
		got = ask(f, &request);
		assert_int_equal(got.rate.count, i);
		assert_int_equal(got.warm.count, i);
	}
	server_do(&f->server, "SCRIPT FLUSH");
	request.rcpts = NULL;
	request.nrcpts = 0;
	request.rate = NULL;
	assert_int_equal(ask(f, &request).warm.count, 4);
}

/* A key that holds something else: no answer, no crash, and the next question is answered. */
static void
test_wrong_type(void **state)
{
	static const char *const keys[] = {
	    "gp:rate:{shop}", "gp:supp:{shop}", "gp:supp:{*}", "gp:warm:{}"};
	struct fixture *f = *state;
	struct address ann = address_parse(slice_of("ann@example.com"));
	const struct address *list[] = {&ann};
	struct limit_ramp ramp;
	struct send_request request = {.account = "shop",
	    .rcpts = list,
	    .nrcpts = 1,
	    .rate = &slow,
	    .count = 1,
	    .lane = "",
	    .ramp = &ramp};
	struct send_step step;
	struct err err;

	assert_int_equal(limit_ramp_parse(slice_of("4 x2"), &ramp, NULL), 0);
	for (int limited = 0; limited < 2; limited++) {
		for (size_t i = limited ? 0 : 1; i < COUNT(keys); i++) {
			f->clear(f);
			request.rate = limited ? &slow : NULL;
			server_do(&f->server, "SET %s x", keys[i]);
			if (f->store->send_step(f->store, &request, &step, &err) != -1)
				fail_msg("%s: passes", keys[i]);
			assert_int_equal(err.code, ERR_IO);
			assert_non_null(strstr(err.text, "WRONGTYPE"));
			server_do(&f->server, "DEL %s", keys[i]);
			assert_int_equal(ask(f, &request).warm.outcome, LIMIT_PASS);
		}
	}
}

static void
test_hostile(void **state)
{
	static const char *const values[] = {"", "x", "-1", "nan", "inf", "-inf", "1e300",
	    "0x7fffffff", "9007199254740993", "99999999999999999999", "1.5", " 7", "\x01\xff"};
	static const char *const fields[] = {"tat_us", "day", "count", "step"};
	struct fixture *f = *state;
	struct limit_ramp ramp;
	struct send_request request = {
	    .account = "shop", .rate = &slow, .count = 1, .lane = "", .ramp = &ramp};

	assert_int_equal(limit_ramp_parse(slice_of("4 x1.01"), &ramp, NULL), 0);
	for (size_t v = 0; v < COUNT(values); v++) {
		for (size_t i = 0; i < COUNT(fields); i++) {
			struct send_step got;

			f->clear(f);
			server_do(&f->server, "HSET gp:rate:{shop} day 20000 %s %s", fields[i],
			    values[v]);
			server_do(
			    &f->server, "HSET gp:warm:{} day 20000 %s %s", fields[i], values[v]);
			got = ask(f, &request);
			if (got.rate.outcome != LIMIT_PASS && got.rate.outcome != LIMIT_DAILY &&
			    got.rate.wait_s > 1)
				fail_msg("%s %s: %s %lld", fields[i], values[v],
				    limit_outcome_name(got.rate.outcome),
				    (long long)got.rate.wait_s);
			/* a limit remains */
			for (int n = 0; n < 1100 && got.rate.outcome == LIMIT_PASS && v < 4; n++)
				got = f->step_at(f,
				    &(struct send_request){
					.account = "shop", .rate = &slow, .count = 1},
				    LIMIT_BASE);
			assert_true(v >= 4 || got.rate.outcome != LIMIT_PASS);
		}
	}
}

static void
test_odd_names(void **state)
{
	static const char *const names[] = {"<>", "", "a b@example.com", "\"a\\\"b\"@example.com",
	    "\x01\xff@example.com", "no-domain", "@example.com", "a\r\n$3\r\nb@example.com"};
	struct fixture *f = *state;
	struct address rcpts[COUNT(names) + 1];
	const struct address *list[COUNT(names) + 1];
	struct send_request request = {.account = "shop", .rcpts = list, .rate = &slow, .count = 1};
	char text[2000], account[2000];
	struct send_step step;
	struct err err;

	memset(text, 'l', sizeof(text));
	for (size_t i = 0; i < COUNT(names) + 1; i++) {
		rcpts[i] = address_parse(
		    i < COUNT(names) ? slice_of(names[i]) : slice_make(text, sizeof(text)));
		list[i] = &rcpts[i];
	}
	request.nrcpts = COUNT(rcpts);
	assert_int_equal(ask(f, &request).suppressed.reason, SUPPRESSED_NOT);
	server_do(&f->server, "HSET gp:supp:{shop} %s gone", "a b@example.com");
	assert_int_equal(ask(f, &request).which, 2);
	memset(account, 'a', sizeof(account));
	account[sizeof(account) - 1] = '\0';
	request.account = account;
	assert_int_equal(f->store->send_step(f->store, &request, &step, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void
test_thousand(void **state)
{
	static struct address rcpts[SEND_RCPTS_MAX + 1];
	static const struct address *list[SEND_RCPTS_MAX + 1];
	static char text[SEND_RCPTS_MAX + 1][ADDRESS_MAX_BYTES + 1];
	struct fixture *f = *state;
	struct send_request request = {
	    .account = "shop", .rcpts = list, .nrcpts = SEND_RCPTS_MAX, .rate = &slow};
	struct send_step step;

	for (int i = 0; i <= SEND_RCPTS_MAX; i++) {
		memset(text[i], 'x', ADDRESS_MAX_BYTES);
		(void)snprintf(text[i], 20, "%d@", i);
		text[i][strlen(text[i])] = 'x';
		rcpts[i] = address_parse(slice_of(text[i]));
		list[i] = &rcpts[i];
	}
	request.count = SEND_RCPTS_MAX;
	assert_int_equal(ask(f, &request).rate.count, SEND_RCPTS_MAX);
	f->suppress(f, "shop", text[999], "manual 1 1 2 0");
	step = ask(f, &request);
	assert_int_equal(step.which, 999);
	f->suppress(f, "*", text[998], "manual 1 1 2 0");
	request.rate = NULL;
	step = ask(f, &request);
	assert_int_equal(step.which, 998);
	request.nrcpts++;
	assert_int_equal(f->store->send_step(f->store, &request, &step, NULL), -1);
}

static int64_t
mono_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A server that answers nothing, then one that is gone. */
static void
test_down(void **state)
{
	struct fixture *f = *state;
	struct redis_conf conf = f->conf;
	struct send_request request = {.account = "shop", .rate = &slow, .count = 1};
	struct store *store;
	struct send_step step;
	struct err err;
	int64_t began;

	conf.timeout_ms = 300;
	store = store_redis_new(&conf, &notify, NULL);
	assert_non_null(store);
	assert_int_equal(store->send_step(store, &request, &step, &err), 0);
	(void)kill(f->server.pid, SIGSTOP);
	began = mono_ms();
	assert_int_equal(store->send_step(store, &request, &step, &err), -1);
	assert_int_equal(err.code, ERR_TIMEOUT);
	assert_in_range(mono_ms() - began, 250, 600);
	(void)kill(f->server.pid, SIGCONT);
	server_kill(&f->server);
	began = mono_ms();
	assert_int_equal(store->send_step(store, &request, &step, &err), -1);
	assert_in_range(mono_ms() - began, 0, 400);
	/* who asks nothing is answered */
	request.rate = NULL;
	assert_int_equal(store->send_step(store, &request, &step, &err), 0);
	store_redis_free(store);
	server_start(&f->server, NULL);
	for (int tries = 0; f->store->send_step(f->store, &request, &step, &err) != 0; tries++) {
		assert_true(tries < 100);
		sleep_ms(50);
	}
}

/* --- how fast --- */

#define MEASURE_MS 1000

struct measure {
	struct fixture *f;
	int kind;
	atomic_long n;
};

static void *
measure_run(void *arg)
{
	static const struct limit_rate plenty = {10, 100000, 0};
	static const struct grey_windows windows = {240, 21600, INT64_C(3110400), 0, 0, false};
	struct measure *m = arg;
	struct store *store = m->f->store;
	struct address ann = address_parse(slice_of("ann@example.com"));
	struct address from = address_parse(slice_of("from@example.org"));
	const struct address *list[] = {&ann};
	struct net_addr client = {NET_IPV4, {192, 0, 2, 1}};
	struct identity identity = identity_of_network(&client, 24, 64);
	struct limit_ramp ramp;
	struct send_request request = {.account = "shop",
	    .rcpts = list,
	    .nrcpts = m->kind == 3 ? 0 : 1,
	    .rate = m->kind == 2 ? NULL : &plenty,
	    .count = 1,
	    .lane = "bulk"};
	struct grey_key key;
	struct grey_request grey = {&key, &windows, NULL, NULL};
	int64_t until = mono_ms() + MEASURE_MS;

	grey_key_make(&key, &identity, &from, &ann);
	(void)limit_ramp_parse(slice_of("900000 x2"), &ramp, NULL);
	if (m->kind == 4)
		request.ramp = &ramp;
	while (mono_ms() < until) {
		struct send_step step;
		struct grey_step got;
		struct err err;

		if (m->kind == 0)
			(void)store->grey_step(store, &grey, &got, &err);
		else
			(void)store->send_step(store, &request, &step, &err);
		(void)atomic_fetch_add(&m->n, 1);
	}
	return NULL;
}

static void
test_measure(void **state)
{
	static const char *const names[] = {"grey_step", "send_step: suppression and rate",
	    "send_step: suppression", "send_step: rate", "send_step: all three, with a ramp"};
	struct fixture *f = *state;

	redis_set_time(f, 0);
	for (int kind = 0; kind < (int)COUNT(names); kind++) {
		struct measure m = {.f = f, .kind = kind};
		pthread_t threads[THREADS];

		for (int i = 0; i < THREADS; i++)
			assert_int_equal(pthread_create(&threads[i], NULL, measure_run, &m), 0);
		for (int i = 0; i < THREADS; i++)
			(void)pthread_join(threads[i], NULL);
		print_message("%-40s %ld in %d ms, %d threads\n", names[kind], atomic_load(&m.n),
		    MEASURE_MS, THREADS);
		assert_true(atomic_load(&m.n) > 0);
	}
}

#define BOTH                                                                                       \
	cmocka_unit_test_setup(test_limits, clear), cmocka_unit_test_setup(test_several, clear),   \
	    cmocka_unit_test_setup(test_suppressed, clear),                                        \
	    cmocka_unit_test_setup(test_evidence, clear),                                          \
	    cmocka_unit_test_setup(test_counted_once, clear),                                      \
	    cmocka_unit_test_setup(test_overflow, clear),                                          \
	    cmocka_unit_test_setup(test_apart, clear),                                             \
	    cmocka_unit_test_setup(test_no_question, clear),                                       \
	    cmocka_unit_test_setup(test_many_at_once, clear)

int
main(void)
{
	static const struct CMUnitTest both[] = {BOTH};
	static const struct CMUnitTest all[] = {
	    BOTH,
	    cmocka_unit_test_setup(test_readable, clear),
	    cmocka_unit_test_setup(test_admin, clear),
	    cmocka_unit_test_setup(test_script_lost, clear),
	    cmocka_unit_test_setup(test_wrong_type, clear),
	    cmocka_unit_test_setup(test_hostile, clear),
	    cmocka_unit_test_setup(test_odd_names, clear),
	    cmocka_unit_test_setup(test_thousand, clear),
	    cmocka_unit_test_setup(test_down, clear),
	    cmocka_unit_test_setup(test_measure, clear),
	};
	int failed;

	(void)signal(SIGPIPE, SIG_IGN);
	failed = cmocka_run_group_tests_name("memory", both, memory_setup, memory_teardown);
	failed += cmocka_run_group_tests_name("redis", all, redis_setup, redis_teardown);
	return failed != 0;
}
