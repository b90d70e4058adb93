/*
 * test_suppress.c - returns are recorded once, in a real redis-server: redis_suppress_step() does what
 * suppress_rule() says (suppress_steps.h), whoever asks at the same time, and whoever dies meanwhile.
 */
#include "io/redis_key.h"
#include "io/redis_link.h"
#include "io/redis_suppress_step.h"
#include "redis_server.h"
#include "suppress_steps.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define ANN          "ann@example.com"
#define SUPP         "gp:supp:{shop}"
#define BOUNCE       "gp:bounce:{shop}:" ANN

static struct address ann;

struct fixture {
	struct test_server server;
	struct arena arena;
	struct redis_conf conf;
	struct redis_link link;
};

static void
state_changed(void *arg, bool up, const char *why)
{
	(void)arg;
	(void)up;
	(void)why;
}

static void
warned(void *arg, const char *what)
{
	(void)arg;
	(void)what;
}

static const struct store_notify notify = {NULL, state_changed, warned};

static int
setup(void **state)
{
	static struct fixture f;
	struct err err = {ERR_NONE, ""};

	ann = address_parse(slice_of("<" ANN ">"));
	server_init(&f.server);
	*f.server.frozen_s = SUPPRESS_BASE;
	server_start(&f.server, NULL);
	arena_init(&f.arena, 4096, 65536);
	f.conf = server_conf(&f.server, &f.arena);
	f.conf.timeout_ms = 5000; /* slow machines, sanitizers */
	*state = &f;
	return redis_link_init(&f.link, &f.conf, &notify, &err);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	redis_link_fini(&f->link);
	server_fini(&f->server);
	arena_fini(&f->arena);
	return 0;
}

static int
clear(void **state)
{
	struct fixture *f = *state;

	server_do(&f->server, "FLUSHALL");
	*f->server.frozen_s = SUPPRESS_BASE;
	return 0;
}

struct step_talk {
	const struct suppress_request *request;
	struct suppress_step *step;
};

static int
step_talk(struct redis_conn *conn, void *arg, struct deadline until, struct err *err)
{
	struct step_talk *talk = arg;

	return redis_suppress_step(conn, "gp:", talk->request, talk->step, until, err);
}

static int
try_step(struct fixture *f, const struct suppress_request *request, struct suppress_step *step_r,
    struct err *err)
{
	struct step_talk talk = {request, step_r};

	return redis_link_ask(&f->link, step_talk, &talk, err);
}

static struct suppress_step
step(struct fixture *f, const struct suppress_request *request)
{
	struct suppress_step got = {.seen = false};
	struct err err = {ERR_NONE, ""};

	if (try_step(f, request, &got, &err) != 0)
		fail_msg("%s", err.text);
	return got;
}

/* A request about Ann, whose limit is that. */
static struct suppress_request
about_ann(const struct suppress_return *what, const char *id, int64_t bounce_limit)
{
	return (struct suppress_request){
	    .account = "shop",
	    .rcpt = &ann,
	    .what = what,
	    .terms = {true, bounce_limit},
	    .id = slice_of(id),
	};
}

/* What Redis has. */
static struct suppress_state
state_read(struct fixture *f)
{
	struct suppress_state state = {.entry = {.reason = SUPPRESSED_NOT}};
	redisReply *entry = server_ask(&f->server, "HGET " SUPP " " ANN);
	redisReply *soft = server_ask(&f->server, "HGET " BOUNCE " soft");

	if (entry->type == REDIS_REPLY_STRING)
		suppression_read(slice_make(entry->str, entry->len), &state.entry);
	if (soft->type == REDIS_REPLY_STRING)
		suppress_soft_read(slice_make(soft->str, soft->len), &state.soft);
	freeReplyObject(entry);
	freeReplyObject(soft);
	return state;
}

/* --- the rule's own table --- */

static void
try_check(struct fixture *f, const struct suppress_scenario *s, const struct suppress_try *t,
    const struct suppress_step *got)
{
	struct suppress_state kept = state_read(f);
	const struct suppression *e = &kept.entry;
	int64_t ends_s = e->until_s == 0 ? 0 : e->until_s - SUPPRESS_BASE;

	if (got->outcome != t->want || got->seen || got->now_s != SUPPRESS_BASE + t->at_s)
		fail_msg("%s, step %d: %s", s->name, (int)(t - s->tries),
		    suppress_outcome_name(got->outcome));
	if (e->reason != t->reason || e->count != t->count || ends_s != t->ends_s ||
	    kept.soft.count != t->soft || kept.soft.steps != t->steps)
		fail_msg("%s, step %d: Redis has %s %lld ends %lld, soft %lld %lld", s->name,
		    (int)(t - s->tries), suppression_reason_name(e->reason), (long long)e->count,
		    (long long)ends_s, (long long)kept.soft.count, (long long)kept.soft.steps);
	if (server_number(&f->server, "TTL " BOUNCE) < SUPPRESS_SEEN_S)
		fail_msg("%s, step %d: TTL", s->name, (int)(t - s->tries));
}

static void
test_scenarios(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < SUPPRESS_SCENARIOS; i++) {
		const struct suppress_scenario *s = &suppress_scenarios[i];

		(void)clear(state);
		if (s->entry[0] != '\0')
			server_do(&f->server, "HSET " SUPP " " ANN " %s", s->entry);
		if (s->counted[0] != '\0')
			server_do(&f->server, "HSET " BOUNCE " soft %s", s->counted);
		for (const struct suppress_try *t = s->tries; t->what != NULL; t++) {
			char id[20];
			struct suppress_request request;
			struct suppress_step got;

			(void)snprintf(id, sizeof(id), "m%d", (int)(t - s->tries));
			*f->server.frozen_s = SUPPRESS_BASE + t->at_s;
			request = about_ann(t->what, id, s->bounce_limit);
			request.terms.failures = !s->ignores_failures;
			got = step(f, &request);
			try_check(f, s, t, &got);
		}
	}
}

/* --- once --- */

static void
test_once(void **state)
{
	struct fixture *f = *state;
	struct suppress_request request = about_ann(&return_soft, "mmmmmmmmmmmmm", 3);
	struct suppress_step got;

	for (int i = 0; i < 5; i++) {
		got = step(f, &request);
		assert_int_equal(got.seen, i > 0);
		assert_int_equal(got.state.soft.count, 1);
	}
	assert_int_equal(got.outcome, RULED_UNTOUCHED);
	/* another message; the same with another kind of return; and another recipient */
	request.id = slice_of("nnnnnnnnnnnnn");
	assert_int_equal(step(f, &request).state.soft.count, 2);
	request.what = &return_hard;
	got = step(f, &request);
	assert_false(got.seen);
	assert_int_equal(got.outcome, RULED_SUPPRESSED);
	got = step(f, &request);
	assert_true(got.seen);
	assert_int_equal(got.outcome, RULED_STANDS);
	assert_int_equal(state_read(f).entry.count, 1);
	assert_int_equal(server_number(&f->server, "HLEN " SUPP), 1);
	request.what = &return_complained;
	assert_int_equal(step(f, &request).outcome, RULED_SUPPRESSED);
	request.what = &return_unsubscribed;
	assert_int_equal(step(f, &request).outcome, RULED_STANDS);
}

/* As long as the request says, whatever comes later; and never shorter than usual. */
static void
test_known_for(void **state)
{
	struct fixture *f = *state;
	struct suppress_request request = about_ann(&return_hard, "mmmmmmmmmmmmm", 3);
	const int64_t long_s = 31 * SUPPRESS_DAY;

	request.seen_s = 1;
	(void)step(f, &request);
	assert_true(server_number(&f->server, "TTL " BOUNCE) > SUPPRESS_SEEN_S - 60);
	request.id = slice_of("nnnnnnnnnnnnn");
	request.seen_s = long_s;
	(void)step(f, &request);
	assert_true(server_number(&f->server, "TTL " BOUNCE) > long_s - 60);
	request.seen_s = 0;
	request.id = slice_of("");
	(void)step(f, &request);
	assert_true(server_number(&f->server, "TTL " BOUNCE) > long_s - 60);
	*f->server.frozen_s += SUPPRESS_DAY;
	request.id = slice_of("ooooooooooooo");
	(void)step(f, &request);
	assert_in_range(server_number(&f->server, "TTL " BOUNCE), long_s - SUPPRESS_DAY - 60,
	    long_s - SUPPRESS_DAY);
	request.id = slice_of("nnnnnnnnnnnnn");
	assert_true(step(f, &request).seen);
}

static void
test_without_id(void **state)
{
	struct fixture *f = *state;
	struct suppress_request request = about_ann(&return_soft, "", 3);

	assert_int_equal(step(f, &request).outcome, RULED_COUNTED);
	assert_int_equal(step(f, &request).outcome, RULED_COUNTED);
	assert_int_equal(step(f, &request).outcome, RULED_SUPPRESSED);
	assert_int_equal(server_number(&f->server, "HEXISTS " BOUNCE " seen"), 0);
}

static void
test_marks(void **state)
{
	struct fixture *f = *state;
	struct suppress_request request = about_ann(&return_soft, "", 10000);
	char text[2000];

	/* ids of any bytes and lengths are told apart, and never taken for two */
	memset(text, 'x', sizeof(text));
	request.id = slice_make(text, sizeof(text));
	assert_false(step(f, &request).seen);
	text[1999] = 'y';
	assert_false(step(f, &request).seen);
	assert_true(step(f, &request).seen);
	request.id = slice_of("a b\r\n\x01\xff m/soft");
	assert_false(step(f, &request).seen);
	assert_true(step(f, &request).seen);
	request.id = slice_of("m");
	assert_false(step(f, &request).seen);
	/* the last some hundred are known */
	for (int i = 10000; i < 12000; i++) {
		(void)snprintf(text, sizeof(text), "%d", i);
		request.id = slice_of(text);
		assert_false(step(f, &request).seen);
	}
	request.id = slice_of("11999");
	assert_true(step(f, &request).seen);
	request.id = slice_of("11500");
	assert_true(step(f, &request).seen);
	assert_true(server_number(&f->server, "HSTRLEN " BOUNCE " seen") <= 10000);
	assert_int_equal(state_read(f).soft.count, 2004);
}

/* --- what is kept beside it --- */

static void
test_event(void **state)
{
	struct fixture *f = *state;
	struct suppress_request request = about_ann(&return_hard, "mmmmmmmmmmmmm", 3);
	struct event event = {.account = "shop"};

	record_init(&event.fields);
	record_add(&event.fields, "type", slice_of("bounced"));
	record_add(&event.fields, "rcpt", slice_of(ANN));
	request.event = &event;
	request.event_terms = (struct event_terms){.retention_s = 1000, .keep = 5};
	request.became = "bounced";
	server_do(&f->server, "HSET gp:msg:{shop}:mmmmmmmmmmmmm rcpt:" ANN " sent");
	for (int i = 0; i < 3; i++)
		(void)step(f, &request);
	assert_int_equal(server_number(&f->server, "XLEN gp:ev:{shop}"), 1);
	assert_int_equal(server_number(&f->server, "TTL gp:ev:{shop}"), 1000);
	assert_int_equal(
	    server_number(&f->server, "HSTRLEN gp:msg:{shop}:mmmmmmmmmmmmm rcpt:" ANN), 7);
	/* a message that is forgotten is not made anew; no event where none is kept */
	request.id = slice_of("nnnnnnnnnnnnn");
	request.event_terms.keep = 0;
	(void)step(f, &request);
	assert_int_equal(server_number(&f->server, "XLEN gp:ev:{shop}"), 1);
	assert_int_equal(server_number(&f->server, "EXISTS gp:msg:{shop}:nnnnnnnnnnnnn"), 0);
	/* events that change nobody are kept, too */
	request.id = slice_of("ooooooooooooo");
	request.what = &return_policy;
	request.event_terms.keep = 5;
	(void)step(f, &request);
	(void)step(f, &request);
	assert_int_equal(server_number(&f->server, "XLEN gp:ev:{shop}"), 2);
}

/* The notice of a delay may come behind that of the end. */
static void
test_became(void **state)
{
	static const struct {
		const char *became;
		long long bytes; /* of the field then */
	} tries[] = {{"deferred", 8}, {"bounced", 7}, {"deferred", 7}, {"delivered", 9},
	    {"deferred", 9}, {"complained", 10}};
	struct fixture *f = *state;
	struct suppress_request request = about_ann(&return_policy, "mmmmmmmmmmmmm", 3);

	server_do(&f->server, "HSET gp:msg:{shop}:mmmmmmmmmmmmm rcpt:" ANN " sent");
	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		server_do(&f->server, "DEL " BOUNCE); /* each is new */
		request.became = tries[i].became;
		(void)step(f, &request);
		if (server_number(&f->server, "HSTRLEN gp:msg:{shop}:mmmmmmmmmmmmm rcpt:" ANN) !=
		    tries[i].bytes)
			fail_msg("step %zu, \"%s\"", i, tries[i].became);
	}
}

static void
test_large_event(void **state)
{
	struct fixture *f = *state;
	struct suppress_request request = about_ann(&return_hard, "mmmmmmmmmmmmm", 3);
	struct event event = {.account = "shop"};
	struct address rcpt;
	char text[ADDRESS_MAX_BYTES + 20];

	memset(text, 'x', sizeof(text));
	memcpy(text, "<\"", 2);
	memcpy(text + ADDRESS_MAX_BYTES - 20, "\"@example.com>", 15);
	rcpt = address_parse(slice_of(text));
	request.rcpt = &rcpt;
	record_init(&event.fields);
	for (int i = 0; i < RECORD_FIELDS_MAX; i++)
		record_add(&event.fields, "subject", slice_make(text, 200));
	request.event = &event;
	request.event_terms = (struct event_terms){.retention_s = 1000, .keep = 5};
	request.became = "bounced";
	assert_int_equal(step(f, &request).outcome, RULED_SUPPRESSED);
	assert_int_equal(server_number(&f->server, "XLEN gp:ev:{shop}"), 1);
}

/* --- entries that have ended --- */

static void
test_sweep(void **state)
{
	struct fixture *f = *state;
	struct suppress_request request = about_ann(&return_policy, "", 3);

	for (int i = 0; i < 300; i++)
		freeReplyObject(server_ask(&f->server, "HSET " SUPP " %d@example.com %s", i,
		    i % 3 == 0   ? "bounced 3 1 2 0 for good"
		    : i % 3 == 1 ? "bounced 3 1 2 1728000000 ended"
				 : "bounced 3 1 2 1728000001"));
	server_do(&f->server, "HSET " SUPP " odd1@example.com %s", "bounced 3 1 2 5x");
	server_do(&f->server, "HSET " SUPP " odd2@example.com %s", "gone 3 1 2 5");
	server_do(&f->server, "HSET " SUPP " odd3@example.com %s", "bounced 3 999999999999 2 5");
	server_do(&f->server, "HSET " SUPP " odd4@example.com %s", "");
	for (int i = 0; i < 600; i++)
		(void)step(f, &request);
	assert_int_equal(server_number(&f->server, "HLEN " SUPP), 204);
	assert_int_equal(server_number(&f->server, "HEXISTS " SUPP " 1@example.com"), 0);
	assert_int_equal(server_number(&f->server, "HEXISTS " SUPP " 2@example.com"), 1);
}

/* --- many at once --- */

#define THREADS 8
#define TRIES   60

struct crowd {
	struct fixture *f;
	atomic_int next, failed;
};

static void *
crowd_run(void *arg)
{
	struct crowd *c = arg;

	for (int i = 0; i < TRIES; i++) {
		struct suppress_request request = about_ann(&return_soft, "", 100000);
		struct suppress_step got;
		struct err err;
		char id[20];

		(void)snprintf(id, sizeof(id), "%d", atomic_fetch_add(&c->next, 1) / 2);
		request.id = slice_of(id); /* each is told twice */
		while (try_step(c->f, &request, &got, &err) != 0)
			(void)atomic_fetch_add(&c->failed, 1);
	}
	return NULL;
}

static void
test_many_at_once(void **state)
{
	struct fixture *f = *state;
	struct crowd c = {.f = f};
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_run, &c), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	assert_int_equal(state_read(f).soft.count, THREADS * TRIES / 2);
	print_message("%d of %d steps began anew more than 10 times\n", atomic_load(&c.failed),
	    THREADS * TRIES);
}

/* --- somebody dies --- */

#define RETURNS 400
#define DEATHS  12

/* All returns, one after the other, over a connection of its own; never comes back. */
static void
child_run(struct fixture *f, int ready)
{
	struct redis_conf conf = f->conf;
	struct redis_target target;
	struct redis_conn conn = {.context = NULL};
	struct err err;

	if (redis_target_init(&target, &conf, &err) != 0 ||
	    redis_conn_open(&conn, &target, deadline_in_ms(5000), &err) != 0 ||
	    write(ready, "x", 1) != 1)
		_exit(1);
	for (int i = 0; i < RETURNS; i++) {
		struct suppress_request request = about_ann(&return_soft, "", 100000);
		struct address rcpt;
		struct suppress_step got;
		char id[20], text[40];

		(void)snprintf(id, sizeof(id), "%d", i);
		(void)snprintf(text, sizeof(text), "%d@example.com", i % 40);
		rcpt = address_parse(slice_of(text));
		request.rcpt = &rcpt;
		request.id = slice_of(id);
		if (redis_suppress_step(&conn, "gp:", &request, &got, deadline_in_ms(5000), &err) !=
		    0)
			_exit(1);
	}
	_exit(0);
}

/* Returns the exit status; with us >= 0 it is killed by then. */
static int
child(struct fixture *f, int us)
{
	int ready[2], status;
	char c;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child_run(f, ready[1]);
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	(void)close(ready[0]);
	if (us >= 0) {
		(void)nanosleep(&(struct timespec){0, us * 1000L}, NULL);
		(void)kill(pid, SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

/* Killed at any time, and all sent again, as the MTAs do that had no answer: each counts once. */
static void
test_killed(void **state)
{
	struct fixture *f = *state;
	int64_t sum = 0;

	for (int i = 0; i < DEATHS; i++)
		(void)child(f, 500 + i * 3700);
	assert_int_equal(child(f, -1), 0);
	for (int i = 0; i < 40; i++) {
		redisReply *reply = server_ask(
		    &f->server, "HGET gp:bounce:{shop}:%d@example.com soft", i);
		struct suppress_soft soft;

		suppress_soft_read(slice_make(reply->str, reply->len), &soft);
		sum += soft.count;
		freeReplyObject(reply);
	}
	assert_int_equal(sum, RETURNS);
}

/* --- what stands in the way --- */

static void
test_wrong_type(void **state)
{
	static const char *const keys[] = {SUPP, BOUNCE};
	struct fixture *f = *state;
	struct suppress_request request = about_ann(&return_hard, "m", 3);
	struct suppress_step got;

	for (size_t i = 0; i < COUNT(keys); i++) {
		struct err err = {ERR_NONE, ""};

		(void)clear(state);
		server_do(&f->server, "SET %s x", keys[i]);
		assert_int_equal(try_step(f, &request, &got, &err), -1);
		assert_int_equal(err.code, ERR_IO);
		server_do(&f->server, "DEL %s", keys[i]);
		assert_int_equal(step(f, &request).outcome, RULED_SUPPRESSED);
	}
}

/* An entry of a megabyte, in an operator's words: it stands, and is left as it is. */
static void
test_huge_entry(void **state)
{
	struct fixture *f = *state;
	struct suppress_request request = about_ann(&return_hard, "m", 3);
	size_t n = 1 << 20;
	char *text = malloc(n);

	assert_non_null(text);
	memset(text, 'x', n);
	text[n - 1] = '\0';
	server_do(&f->server, "HSET " SUPP " " ANN " %s", text);
	assert_int_equal(step(f, &request).outcome, RULED_STANDS);
	assert_int_equal(server_number(&f->server, "HSTRLEN " SUPP " " ANN), (long long)n - 1);
	/* one of ours with so much evidence gives way */
	memcpy(text, "manual 1 1 2 1728000009 ", 24);
	server_do(&f->server, "HSET " SUPP " " ANN " %s", text);
	request.id = slice_of("n");
	assert_int_equal(step(f, &request).outcome, RULED_SUPPRESSED);
	assert_true(server_number(&f->server, "HSTRLEN " SUPP " " ANN) < 100);
	free(text);
}

/* Without the right to sweep, returns are recorded all the same. */
static void
test_rights(void **state)
{
	struct fixture *f = *state;
	struct suppress_request request = about_ann(&return_hard, "m", 3);

	server_do(&f->server, "ACL SETUSER default -hrandfield");
	assert_int_equal(step(f, &request).outcome, RULED_SUPPRESSED);
	server_do(&f->server, "ACL SETUSER default +@all");
}

static void
test_down(void **state)
{
	struct fixture *f = *state;
	struct suppress_request request = about_ann(&return_hard, "m", 3);
	struct suppress_step got;
	struct err err = {ERR_NONE, ""};

	assert_int_equal(step(f, &request).outcome, RULED_SUPPRESSED);
	server_kill(&f->server);
	assert_int_equal(try_step(f, &request, &got, &err), -1);
	assert_true(err.code == ERR_UNAVAILABLE || err.code == ERR_TIMEOUT);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_scenarios, clear),
	    cmocka_unit_test_setup(test_once, clear),
	    cmocka_unit_test_setup(test_known_for, clear),
	    cmocka_unit_test_setup(test_without_id, clear),
	    cmocka_unit_test_setup(test_marks, clear),
	    cmocka_unit_test_setup(test_event, clear),
	    cmocka_unit_test_setup(test_became, clear),
	    cmocka_unit_test_setup(test_large_event, clear),
	    cmocka_unit_test_setup(test_sweep, clear),
	    cmocka_unit_test_setup(test_many_at_once, clear),
	    cmocka_unit_test_setup(test_killed, clear),
	    cmocka_unit_test_setup(test_wrong_type, clear),
	    cmocka_unit_test_setup(test_huge_entry, clear),
	    cmocka_unit_test_setup(test_rights, clear),
	    cmocka_unit_test_setup(test_down, clear),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup, teardown);
}
