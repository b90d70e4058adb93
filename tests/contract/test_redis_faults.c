/*
 * test_redis_faults.c - the store while its Redis is killed, stalled, full, read-only or locked: no
 * call waits longer than it may, each change of state is told once, and all goes on by itself.
 */
#include "io/deadline.h"
#include "io/redis_key.h"
#include "io/store_admin_grey.h"
#include "io/store_redis.h"
#include "redis_server.h"

#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define TIMEOUT_MS 300
#define SLACK_MS   700 /* for a machine that does other things too, and sanitizers */
#define HOUR       INT64_C(1800000000)

static const struct grey_windows usual = {240, 360 * 60, 36 * 86400, 5, 3600, false};

/* What the store told. */
struct told {
	pthread_mutex_t lock;
	int downs, ups, warnings;
	char why[300]; /* of the last down */
	char warning[300];
};

struct world {
	struct test_server server;
	struct arena arena;
	struct redis_conf conf;
	struct told told;
	struct store *store;
};

static void
told_state(void *arg, bool up, const char *why)
{
	struct told *told = arg;

	(void)pthread_mutex_lock(&told->lock);
	if (up)
		told->ups++;
	else
		told->downs++;
	if (!up)
		(void)snprintf(told->why, sizeof(told->why), "%s", why);
	(void)pthread_mutex_unlock(&told->lock);
	print_message("%s: %s\n", up ? "up" : "down", why);
}

static void
told_warning(void *arg, const char *what)
{
	struct told *told = arg;

	(void)pthread_mutex_lock(&told->lock);
	told->warnings++;
	(void)snprintf(told->warning, sizeof(told->warning), "%s", what);
	(void)pthread_mutex_unlock(&told->lock);
	print_message("warning: %s\n", what);
}

static int
told_read(struct world *w, const int *number)
{
	int n;

	(void)pthread_mutex_lock(&w->told.lock);
	n = *number;
	(void)pthread_mutex_unlock(&w->told.lock);
	return n;
}

static bool
told_contains(struct world *w, const char *text, const char *word)
{
	bool found;

	(void)pthread_mutex_lock(&w->told.lock);
	found = strstr(text, word) != NULL;
	(void)pthread_mutex_unlock(&w->told.lock);
	return found;
}

/* Waits up to ten seconds for the number to be told. */
static void
told_wait(struct world *w, const int *number, int wanted)
{
	for (int tries = 0; told_read(w, number) < wanted; tries++) {
		if (tries == 200)
			fail_msg("told %d times, not %d", told_read(w, number), wanted);
		sleep_ms(50);
	}
	assert_int_equal(told_read(w, number), wanted);
}

static int
world_setup(void **state)
{
	static struct world w;

	w = (struct world){.told.lock = PTHREAD_MUTEX_INITIALIZER};
	server_init(&w.server);
	server_start(&w.server, NULL);
	arena_init(&w.arena, 4096, 65536);
	w.conf = server_conf(&w.server, &w.arena);
	w.conf.timeout_ms = TIMEOUT_MS;
	w.conf.retry_ms = 200;
	w.conf.lists_refresh_ms = 3600000;
	*state = &w;
	return 0;
}

static int
world_teardown(void **state)
{
	struct world *w = *state;

	store_redis_free(w->store);
	server_fini(&w->server);
	arena_fini(&w->arena);
	return 0;
}

/* Opens the store, and waits until its thread has connected, or found that it cannot. */
static void
world_open(struct world *w)
{
	const struct store_notify notify = {&w->told, told_state, told_warning};
	struct err err = {ERR_NONE, ""};

	w->store = store_redis_new(&w->conf, &notify, &err);
	if (w->store == NULL)
		fail_msg("%s", err.text);
	sleep_ms(300);
}

static int
step_as(struct world *w, const char *rcpt, struct grey_step *step_r, struct err *err)
{
	static const struct net_addr client = {NET_IPV4, {192, 0, 2, 1}};
	struct address from = address_parse(slice_of("sender@example.com"));
	struct address to = address_parse(slice_of(rcpt));
	struct identity identity = identity_of_network(&client, 24, 64);
	struct grey_key key;
	struct grey_request request = {&key, &usual, &to, &from};

	grey_key_make(&key, &identity, &from, &to);
	return w->store->grey_step(w->store, &request, step_r, err);
}

static void
step_works(struct world *w, const char *rcpt, enum grey_outcome want)
{
	struct grey_step step;
	struct err err = {ERR_NONE, ""};

	if (step_as(w, rcpt, &step, &err) != 0)
		fail_msg("%s", err.text);
	assert_int_equal(step.outcome, want);
}

/* It fails with that code and these words, and at once. */
static void
step_fails(struct world *w, enum err_code code, const char *words)
{
	struct grey_step step;
	struct err err = {ERR_NONE, ""};
	int64_t began_us = deadline_now_us();

	assert_int_equal(step_as(w, "r@example.net", &step, &err), -1);
	assert_int_equal(err.code, code);
	if (strstr(err.text, words) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", words, err.text);
	assert_true(deadline_now_us() - began_us < (TIMEOUT_MS + SLACK_MS) * 1000);
}

/* While the breaker is open nobody waits. */
static void
steps_fail_fast(struct world *w)
{
	int64_t began_us = deadline_now_us();
	struct grey_step step;
	struct err err;

	for (int i = 0; i < 1000; i++) {
		assert_int_equal(step_as(w, "r@example.net", &step, &err), -1);
		assert_int_equal(err.code, ERR_UNAVAILABLE);
		assert_true(err.text[0] != '\0');
	}
	assert_true(deadline_now_us() - began_us < SLACK_MS * 1000);
}

static int64_t
counted(struct world *w, unsigned stat, int64_t unix_s)
{
	struct redis_conf conf = w->conf;
	struct store_admin *admin;
	int64_t counts[STAT_COUNT];

	conf.password = w->server.password != NULL ? w->server.password : "";
	conf.user = "";
	admin = store_admin_new(&conf, NULL);
	assert_non_null(admin);
	assert_int_equal(store_admin_stat(admin, unix_s, counts, NULL), 0);
	store_admin_free(admin);
	return counts[stat];
}

/* Waits until the counter has come that far, and sees that it goes no further. */
static void
counted_wait(struct world *w, unsigned stat, int64_t wanted)
{
	for (int tries = 0; counted(w, stat, HOUR) < wanted && tries < 100; tries++)
		sleep_ms(50);
	assert_int_equal(counted(w, stat, HOUR), wanted);
	sleep_ms(1500);
	assert_int_equal(counted(w, stat, HOUR), wanted);
}

/* --- the server goes and comes --- */

static void
test_killed(void **state)
{
	struct world *w = *state;

	world_open(w);
	step_works(w, "r@example.net", GREY_NEW);
	step_works(w, "r@example.net", GREY_EARLY);
	server_kill(&w->server);
	step_fails(w, ERR_UNAVAILABLE, "cannot connect to Redis");
	steps_fail_fast(w);
	sleep_ms(1000); /* several probes */
	steps_fail_fast(w);
	assert_int_equal(told_read(w, &w->told.downs), 1);
	server_start(&w->server, NULL); /* empty: the script is unknown, too */
	told_wait(w, &w->told.ups, 1);
	step_works(w, "r@example.net", GREY_NEW);
	assert_int_equal(told_read(w, &w->told.downs), 1);
}

static void
test_restarted_between_steps(void **state)
{
	struct world *w = *state;

	world_open(w);
	step_works(w, "r@example.net", GREY_NEW);
	server_kill(&w->server);
	server_start(&w->server, NULL);
	step_works(w, "r@example.net", GREY_NEW); /* on a new connection, and nobody noticed */
	assert_int_equal(told_read(w, &w->told.downs), 0);
	assert_int_equal(told_read(w, &w->told.ups), 0);
}

static void
test_down_from_the_start(void **state)
{
	struct world *w = *state;

	server_kill(&w->server);
	world_open(w);
	told_wait(w, &w->told.downs, 1);
	step_fails(w, ERR_UNAVAILABLE, "cannot connect to Redis");
	server_start(&w->server, NULL);
	told_wait(w, &w->told.ups, 1);
	step_works(w, "r@example.net", GREY_NEW);
}

static void
test_script_flushed(void **state)
{
	struct world *w = *state;

	world_open(w);
	step_works(w, "r@example.net", GREY_NEW);
	server_do(&w->server, "SCRIPT FLUSH");
	step_works(w, "r@example.net", GREY_EARLY);
	step_works(w, "r@example.net", GREY_EARLY);
	assert_int_equal(told_read(w, &w->told.downs), 0);
}

/* --- the server stalls --- */

#define THREADS 64

struct crowd {
	struct world *world;
	atomic_bool stop;
	atomic_long done, failed;
	atomic_llong longest_us;
};

static void *
crowd_member(void *arg)
{
	struct crowd *crowd = arg;
	struct store *store = crowd->world->store;
	struct grey_step step;
	struct err err;

	while (!atomic_load(&crowd->stop)) {
		int64_t began_us = deadline_now_us(), took_us;
		int status = step_as(crowd->world, "r@example.net", &step, &err);
		long long longest_us = atomic_load(&crowd->longest_us);

		took_us = deadline_now_us() - began_us;
		while (took_us > longest_us &&
		       !atomic_compare_exchange_weak(&crowd->longest_us, &longest_us, took_us))
			;
		if (status == 0)
			atomic_fetch_add(&crowd->done, 1);
		else
			atomic_fetch_add(&crowd->failed, 1);
		store->count(store, STAT_GREY_ASKED, HOUR, 1);
		sleep_ms(status == 0 ? 1 : 10);
	}
	return NULL;
}

static void
test_stalled_under_load(void **state)
{
	struct world *w = *state;
	struct crowd crowd = {.world = w};
	pthread_t threads[THREADS];
	long done;

	world_open(w);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_member, &crowd), 0);
	sleep_ms(1000);
	assert_int_equal(atomic_load(&crowd.failed), 0);
	atomic_store(&crowd.longest_us, 0);
	(void)kill(w->server.pid, SIGSTOP);
	sleep_ms(4000);
	assert_int_equal(told_read(w, &w->told.downs), 1);
	assert_int_equal(told_read(w, &w->told.ups), 0);
	(void)kill(w->server.pid, SIGCONT);
	told_wait(w, &w->told.ups, 1);
	done = atomic_load(&crowd.done);
	sleep_ms(1000);
	atomic_store(&crowd.stop, true);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	print_message("%ld steps, %ld failed, the longest took %lld ms\n", atomic_load(&crowd.done),
	    atomic_load(&crowd.failed), atomic_load(&crowd.longest_us) / 1000);
	assert_true(atomic_load(&crowd.failed) > 0);
	assert_true(atomic_load(&crowd.done) > done);
	assert_true(atomic_load(&crowd.longest_us) < (TIMEOUT_MS + SLACK_MS) * 1000);
	assert_int_equal(told_read(w, &w->told.downs), 1);
	/* not one more, nor one less: what was on its way when the server stalled counts once */
	counted_wait(w, STAT_GREY_ASKED, atomic_load(&crowd.done) + atomic_load(&crowd.failed));
}

static void
test_stop_while_stalled(void **state)
{
	struct world *w = *state;
	int64_t began_us;

	world_open(w);
	w->store->count(w->store, STAT_GREY_ASKED, HOUR, 1);
	(void)kill(w->server.pid, SIGSTOP);
	began_us = deadline_now_us();
	store_redis_free(w->store);
	w->store = NULL;
	assert_true(deadline_now_us() - began_us < (2000 + SLACK_MS) * 1000);
	assert_int_equal(w->told.warnings, 1);
	(void)kill(w->server.pid, SIGCONT);
}

static void
test_stop_writes_what_is_left(void **state)
{
	struct world *w = *state;

	world_open(w);
	w->store->count(w->store, STAT_GREY_ASKED, HOUR, 7);
	store_redis_free(w->store);
	w->store = NULL;
	assert_int_equal(counted(w, STAT_GREY_ASKED, HOUR), 7);
}

/* Nobody asks Redis any more, and nothing is on its way to it. */
static void
stall(struct world *w)
{
	struct grey_step step;
	struct err err;

	sleep_ms(1500);
	(void)kill(w->server.pid, SIGSTOP);
	for (int i = 0; i < REDIS_BREAKER_TIMEOUTS; i++)
		assert_int_equal(step_as(w, "r@example.net", &step, &err), -1);
	told_wait(w, &w->told.downs, 1);
}

static void
met(struct world *w, const char *remote)
{
	struct address local = address_parse(slice_of("local@example.net"));
	struct address other = address_parse(slice_of(remote));

	w->store->met(w->store, &local, &other, 1000);
}

static void *
wake_soon(void *arg)
{
	struct world *w = arg;

	sleep_ms(700);
	(void)kill(w->server.pid, SIGCONT);
	return NULL;
}

/* A stop has two seconds also when Redis was away before. */
static void
test_stop_waits_for_redis(void **state)
{
	struct world *w = *state;
	pthread_t waker;

	world_open(w);
	stall(w);
	w->store->count(w->store, STAT_GREY_ASKED, HOUR, 7);
	met(w, "a@example.com");
	assert_int_equal(pthread_create(&waker, NULL, wake_soon, w), 0);
	store_redis_free(w->store);
	w->store = NULL;
	assert_int_equal(pthread_join(waker, NULL), 0);
	assert_int_equal(w->told.warnings, 0);
	assert_int_equal(counted(w, STAT_GREY_ASKED, HOUR), 7);
	assert_int_equal(
	    server_number(&w->server, "EXISTS gp:met:{local@example.net}:a@example.com"), 1);
}

/* What is lost is told, by number. */
static void
test_stop_tells_losses(void **state)
{
	struct world *w = *state;
	int64_t began_us;

	world_open(w);
	stall(w);
	met(w, "a@example.com");
	met(w, "b@example.com");
	met(w, "c@example.com");
	began_us = deadline_now_us();
	store_redis_free(w->store);
	w->store = NULL;
	assert_true(deadline_now_us() - began_us < (2000 + SLACK_MS) * 1000);
	assert_int_equal(w->told.warnings, 1);
	assert_true(told_contains(w, w->told.warning, "left to write, 3 commands:"));
	(void)kill(w->server.pid, SIGCONT);
}

/* A store that takes the place of another one, as at a reload. */
static struct store *
replace(struct world *w, struct store *before)
{
	const struct store_notify notify = {&w->told, told_state, told_warning};
	struct err err = {ERR_NONE, ""};
	struct store *store = store_redis_replace(before, &w->conf, &notify, &err);

	if (store == NULL)
		fail_msg("%s", err.text);
	return store;
}

/* What one has left its heir writes, whoever of those between them went first. */
static void
test_replaced_while_stalled(void **state)
{
	struct world *w = *state;
	struct store *first, *second;
	struct store_gauges gauges;

	w->conf.queue_bytes = 4096;
	world_open(w);
	stall(w);
	w->store->count(w->store, STAT_GREY_ASKED, HOUR, 7);
	met(w, "a@example.com");
	first = w->store;
	second = replace(w, first);
	w->store = replace(w, second);
	store_redis_free(replace(w, w->store)); /* a reload that failed in the end */
	store_redis_free(second);
	for (int i = 0; i < 100; i++) {
		struct address local = address_parse(slice_of("local@example.net"));

		first->met(first, &local, &local, 1000);
	}
	store_redis_gauges(first, &gauges);
	assert_true(gauges.dropped > 0);
	store_redis_free(first);
	(void)kill(w->server.pid, SIGCONT);
	told_wait(w, &w->told.ups, 1);
	counted_wait(w, STAT_GREY_ASKED, 7);
	assert_int_equal(
	    server_number(&w->server, "EXISTS gp:met:{local@example.net}:a@example.com"), 1);
	assert_int_equal(w->told.warnings, 0);
	assert_int_equal(counted(w, STAT_EVENTS_DROPPED, time(NULL)), gauges.dropped);
	store_redis_gauges(w->store, &gauges);
	assert_int_equal(counted(w, STAT_EVENTS_DROPPED, time(NULL)), gauges.dropped);
}

/* Another prefix is another world: what belongs to this one does not go there. */
static void
test_replaced_by_another_prefix(void **state)
{
	struct world *w = *state;
	struct store *before;

	world_open(w);
	stall(w);
	met(w, "a@example.com");
	before = w->store;
	w->conf.prefix = "other:";
	w->store = replace(w, before);
	store_redis_free(before);
	assert_int_equal(w->told.warnings, 1);
	(void)kill(w->server.pid, SIGCONT);
	sleep_ms(1500);
	assert_int_equal(
	    server_number(&w->server, "EXISTS gp:met:{local@example.net}:a@example.com"), 0);
}

/* --- the server refuses --- */

static void
test_password_refused(void **state)
{
	struct world *w = *state;

	server_do(&w->server, "CONFIG SET requirepass right");
	w->server.password = "right";
	w->conf.password = "wrong";
	world_open(w);
	told_wait(w, &w->told.downs, 1);
	assert_true(told_contains(w, w->told.why, "WRONGPASS"));
	step_fails(w, ERR_UNAVAILABLE, "WRONGPASS");
	steps_fail_fast(w);
	server_do(&w->server, "CONFIG SET requirepass wrong");
	w->server.password = "wrong";
	told_wait(w, &w->told.ups, 1);
	step_works(w, "r@example.net", GREY_NEW);
}

static void
test_password_wanted(void **state)
{
	struct world *w = *state;

	server_do(&w->server, "CONFIG SET requirepass right");
	w->server.password = "right";
	world_open(w);
	step_fails(w, ERR_UNAVAILABLE, "NOAUTH");
	assert_int_equal(told_read(w, &w->told.downs), 1);
}

static void
test_no_such_database(void **state)
{
	struct world *w = *state;

	w->conf.database = 99;
	world_open(w);
	step_fails(w, ERR_UNAVAILABLE, "DB index is out of range");
	assert_int_equal(told_read(w, &w->told.downs), 1);
}

static void
test_rights_missing(void **state)
{
	struct world *w = *state;

	server_do(&w->server, "ACL SETUSER gate on >pw ~* &* +@all -hset");
	w->conf.user = "gate";
	w->conf.password = "pw";
	world_open(w);
	step_fails(w, ERR_UNAVAILABLE, "");
	steps_fail_fast(w);
	sleep_ms(1500); /* the probes must not take it for a working server */
	assert_int_equal(told_read(w, &w->told.downs), 1);
	assert_int_equal(told_read(w, &w->told.ups), 0);
	server_do(&w->server, "ACL SETUSER gate +hset");
	told_wait(w, &w->told.ups, 1);
	step_works(w, "r@example.net", GREY_NEW);
}

static void
test_read_only_replica(void **state)
{
	struct world *w = *state;

	world_open(w);
	step_works(w, "r@example.net", GREY_NEW);
	server_do(&w->server, "REPLICAOF 127.0.0.1 1");
	step_fails(w, ERR_UNAVAILABLE, "READONLY");
	steps_fail_fast(w);
	w->store->count(w->store, STAT_GREY_ASKED, HOUR, 5);
	sleep_ms(1500);
	assert_int_equal(told_read(w, &w->told.downs), 1);
	server_do(&w->server, "REPLICAOF NO ONE");
	told_wait(w, &w->told.ups, 1);
	step_works(w, "r@example.net", GREY_EARLY);
	counted_wait(w, STAT_GREY_ASKED, 5);
	assert_int_equal(told_read(w, &w->told.downs), 1);
}

static void
test_replica_without_master(void **state)
{
	struct world *w = *state;

	world_open(w);
	server_do(&w->server, "CONFIG SET replica-serve-stale-data no");
	server_do(&w->server, "REPLICAOF 127.0.0.1 1");
	step_fails(w, ERR_UNAVAILABLE, "MASTERDOWN");
	server_do(&w->server, "REPLICAOF NO ONE");
	told_wait(w, &w->told.ups, 1);
	assert_int_equal(told_read(w, &w->told.downs), 1);
}

static void
test_out_of_memory(void **state)
{
	struct world *w = *state;

	world_open(w);
	step_works(w, "r@example.net", GREY_NEW);
	server_do(&w->server, "CONFIG SET maxmemory 1");
	step_fails(w, ERR_UNAVAILABLE, "OOM");
	steps_fail_fast(w);
	w->store->count(w->store, STAT_GREY_ASKED, HOUR, 5);
	sleep_ms(1500);
	assert_int_equal(told_read(w, &w->told.downs), 1);
	server_do(&w->server, "CONFIG SET maxmemory 0");
	told_wait(w, &w->told.ups, 1);
	step_works(w, "r@example.net", GREY_EARLY);
	counted_wait(w, STAT_GREY_ASKED, 5);
}

/* The writer is the first to hear of it: what was refused is written later. */
static void
test_out_of_memory_writer(void **state)
{
	struct world *w = *state;

	world_open(w);
	server_do(&w->server, "CONFIG SET maxmemory 1");
	w->store->count(w->store, STAT_GREY_ASKED, HOUR, 5);
	w->store->count(w->store, STAT_GREY_NEW, HOUR, 6);
	told_wait(w, &w->told.downs, 1);
	server_do(&w->server, "CONFIG SET maxmemory 0");
	told_wait(w, &w->told.ups, 1);
	counted_wait(w, STAT_GREY_ASKED, 5);
	assert_int_equal(counted(w, STAT_GREY_NEW, HOUR), 6);
}

static void
test_one_key_is_wrong(void **state)
{
	struct world *w = *state;
	struct grey_step step;
	struct err err;

	world_open(w);
	server_do(&w->server, "SET gp:grey:{192.0.2.0/24}:sender@example.com:bad@example.net 1");
	assert_int_equal(step_as(w, "bad@example.net", &step, &err), -1);
	assert_int_equal(err.code, ERR_IO);
	step_works(w, "r@example.net", GREY_NEW);
	assert_int_equal(told_read(w, &w->told.downs), 0);
}

/* --- what is written in the background --- */

#define EVENTS 2000

static void
test_queue_overflow(void **state)
{
	struct world *w = *state;
	int64_t now_s;

	w->conf.queue_bytes = 65536;
	world_open(w);
	server_kill(&w->server);
	step_fails(w, ERR_UNAVAILABLE, "");
	now_s = (int64_t)time(NULL);
	for (int i = 0; i < EVENTS; i++) {
		char text[40];
		struct address local = address_parse(slice_of("local@example.net"));
		struct address remote;

		(void)snprintf(text, sizeof(text), "remote%d@example.com", i);
		remote = address_parse(slice_of(text));
		w->store->met(w->store, &local, &remote, 86400);
	}
	server_start(&w->server, NULL);
	told_wait(w, &w->told.ups, 1);
	sleep_ms(2500);
	server_do(&w->server, "EVAL %s 0",
	    "for _, k in ipairs(redis.call('KEYS', 'gp:met:*')) do redis.call('INCR', 'n') end");
	print_message("%lld of %d events fitted\n", server_number(&w->server, "GET n"), EVENTS);
	assert_true(server_number(&w->server, "GET n") > 100);
	assert_true(server_number(&w->server, "GET n") < EVENTS);
	assert_int_equal(
	    counted(w, STAT_EVENTS_DROPPED, now_s), EVENTS - server_number(&w->server, "GET n"));
}

static void
test_counters_complete(void **state)
{
	struct world *w = *state;

	world_open(w);
	server_kill(&w->server);
	step_fails(w, ERR_UNAVAILABLE, "");
	for (int hour = 0; hour < 40; hour++) {
		for (unsigned stat = 0; stat < STAT_COUNT; stat++)
			w->store->count(w->store, stat, HOUR + hour * 3600, 2);
	}
	sleep_ms(1200);
	w->store->count(w->store, STAT_GREY_ASKED, HOUR, 1);
	server_start(&w->server, NULL);
	told_wait(w, &w->told.ups, 1);
	counted_wait(w, STAT_GREY_ASKED, 3);
	for (int hour = 0; hour < 40; hour++)
		assert_int_equal(counted(w, STAT_COUNT - 1, HOUR + hour * 3600), 2);
	assert_int_equal(server_number(&w->server, "DBSIZE"), 40 + 2); /* and two of the probe */
	assert_true(server_number(&w->server, "TTL gp:stat:2027011508") > 89 * 86400);
}

static void
test_lists(void **state)
{
	static const struct net_addr client = {NET_IPV4, {10, 0, 0, 1}};
	struct world *w = *state;
	struct store *store;

	w->conf.lists_refresh_ms = 100;
	server_do(&w->server, "SADD gp:allow:networks 10.0.0.0/24");
	world_open(w);
	store = w->store;
	assert_true(store->has_network(store, STORE_ALLOW_NETWORKS, &client));
	/* too long: what was known stays, and that is told once */
	server_do(&w->server, "EVAL %s 1 gp:allow:networks",
	    "redis.call('DEL', KEYS[1]) for i = 1, 100001 do redis.call('SADD', KEYS[1], i) end");
	told_wait(w, &w->told.warnings, 1);
	assert_true(told_contains(w, w->told.warning, "100001"));
	sleep_ms(500);
	assert_int_equal(told_read(w, &w->told.warnings), 1);
	assert_true(store->has_network(store, STORE_ALLOW_NETWORKS, &client));
	/* no set at all: another matter, but the same list */
	server_do(&w->server, "SET gp:allow:networks 1");
	sleep_ms(500);
	assert_true(store->has_network(store, STORE_ALLOW_NETWORKS, &client));
	server_do(&w->server, "DEL gp:allow:networks");
	sleep_ms(500);
	assert_false(store->has_network(store, STORE_ALLOW_NETWORKS, &client));
	/* it was right in between, so it is told again */
	server_do(&w->server, "SADD gp:allow:networks nonsense");
	told_wait(w, &w->told.warnings, 2);
	assert_int_equal(told_read(w, &w->told.downs), 0);
}

/* Nothing that grows is kept for ever. */
static void
test_every_key_expires(void **state)
{
	static const struct grey_windows passing = {0, 360 * 60, 36 * 86400, 5, 3600, false};
	static const struct grey_key key = {{IDENTITY_NETWORK, "192.0.2.0/24"}, "a@b", "c@d"};
	static const struct grey_request request = {&key, &passing, NULL, NULL};
	struct address local = address_parse(slice_of("local@example.net"));
	struct address remote = address_parse(slice_of("remote@example.com"));
	struct world *w = *state;
	struct store_admin *admin;
	struct grey_step step;

	world_open(w);
	step_works(w, "r@example.net", GREY_NEW);
	assert_int_equal(w->store->grey_step(w->store, &request, &step, NULL), 0);
	assert_int_equal(step.outcome, GREY_PASSED);
	w->store->met(w->store, &local, &remote, 1000);
	w->store->count(w->store, STAT_GREY_ASKED, HOUR, 1);
	admin = store_admin_new(&w->conf, NULL);
	assert_int_equal(store_admin_probe(admin, NULL), 0);
	store_admin_free(admin);
	store_redis_free(w->store);
	w->store = NULL;
	/* two tuples, an identity, a correspondent, an hour, two of the probe */
	assert_int_equal(server_number(&w->server, "DBSIZE"), 7);
	assert_int_equal(server_number(&w->server, "EVAL %s 0",
			     "local n = 0 for _, k in ipairs(redis.call('KEYS', '*')) do "
			     "if redis.call('TTL', k) > 0 then n = n + 1 end end return n"),
	    7);
	assert_int_equal(server_number(&w->server, "TTL gp:known:{192.0.2.0/24}"), 36 * 86400 + 60);
}

/* --- TCP, and what an operator asks --- */

/* A port that was free a moment ago. */
static unsigned
free_port(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t n = sizeof(any);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&any, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)(void *)&any, &n), 0);
	(void)close(fd);
	return ntohs(any.sin_port);
}

static void
test_tcp(void **state)
{
	struct world *w = *state;
	char port[8];

	(void)snprintf(port, sizeof(port), "%u", free_port());
	server_do(&w->server, "CONFIG SET port %s", port);
	server_do(&w->server, "CONFIG SET requirepass secret");
	w->server.password = "secret";
	w->conf.password = "secret";
	w->conf.database = 3;
	w->conf.prefix = "other:";
	for (int i = 0; i < 2; i++) {
		char url[64];

		(void)snprintf(
		    url, sizeof(url), "tcp:%s:%s", i == 0 ? "127.0.0.1" : "localhost", port);
		w->conf.server = url;
		world_open(w);
		step_works(w, "r@example.net", i == 0 ? GREY_NEW : GREY_EARLY);
		store_redis_free(w->store);
		w->store = NULL;
	}
	assert_int_equal(server_number(&w->server, "DBSIZE"), 0);
	assert_int_equal(told_read(w, &w->told.downs), 0);
}

static void
test_tcp_refused(void **state)
{
	struct world *w = *state;

	w->conf.server = "tcp:127.0.0.1:1";
	world_open(w);
	step_fails(w, ERR_UNAVAILABLE, "refused");
	steps_fail_fast(w);
	store_redis_free(w->store);
	w->conf.server = "tcp:no-such-host.invalid:6379";
	world_open(w);
	step_fails(w, ERR_UNAVAILABLE, "no-such-host.invalid");
	steps_fail_fast(w);
}

static void
test_admin_tuples(void **state)
{
	struct world *w = *state;
	struct store_admin *admin;
	struct store_grey_row row;
	struct store_scan *scan;
	int n = 0, sum = 0, number;

	world_open(w);
	admin = store_admin_new(&w->conf, NULL);
	assert_non_null(admin);
	for (int i = 0; i < 250; i++) {
		char rcpt[40];

		(void)snprintf(rcpt, sizeof(rcpt), "r%d@example.net", i);
		step_works(w, rcpt, GREY_NEW);
	}
	scan = store_admin_grey_scan(admin, NULL);
	while (store_scan_grey(scan, &row, NULL) == 1) {
		assert_true(slice_eq(row.identity, slice_of("192.0.2.0/24")));
		assert_true(slice_eq(row.sender, slice_of("sender@example.com")));
		assert_int_equal(sscanf(row.rcpt.p, "r%d@example.net", &number), 1);
		assert_true(row.tuple.first > 1700000000 && row.tuple.last == row.tuple.first);
		assert_int_equal(row.tuple.tries, 1);
		assert_int_equal(row.tuple.passed, 0);
		assert_true(row.ttl_s > 21600 && row.ttl_s <= 21660);
		sum += number;
		n++;
	}
	store_scan_free(scan);
	assert_int_equal(n, 250);
	assert_int_equal(sum, 250 * 249 / 2);
	assert_int_equal(
	    store_admin_grey_forget(
		admin, slice_of("gp:grey:{192.0.2.0/24}:sender@example.com:r7@example.net"), NULL),
	    1);
	assert_int_equal(
	    store_admin_grey_forget(
		admin, slice_of("gp:grey:{192.0.2.0/24}:sender@example.com:r7@example.net"), NULL),
	    0);
	assert_int_equal(store_admin_grey_forget(admin, slice_of("gp:allow:networks"), NULL), -1);
	step_works(w, "r7@example.net", GREY_NEW);
	store_admin_free(admin);
}

static void
test_admin_lists(void **state)
{
	struct world *w = *state;
	struct store_admin *admin = store_admin_new(&w->conf, NULL);
	struct store_scan *scan;
	struct slice member;
	struct err err;

	assert_non_null(admin);
	assert_int_equal(
	    store_admin_list_add(admin, STORE_OPTOUT, slice_of("a@b.example"), &err), 1);
	assert_int_equal(
	    store_admin_list_add(admin, STORE_OPTOUT, slice_of("a@b.example"), &err), 0);
	assert_int_equal(store_admin_list_add(admin, STORE_OPTOUT, slice_of("a b"), &err), -1);
	assert_int_equal(
	    store_admin_list_add(admin, STORE_ALLOW_NETWORKS, slice_of("10.0.0.1/8"), &err), -1);
	scan = store_admin_list_scan(admin, STORE_OPTOUT, &err);
	assert_int_equal(store_scan_member(scan, &member, &err), 1);
	assert_true(slice_eq(member, slice_of("a@b.example")));
	assert_int_equal(store_scan_member(scan, &member, &err), 0);
	store_scan_free(scan);
	assert_int_equal(
	    store_admin_list_remove(admin, STORE_OPTOUT, slice_of("a@b.example"), &err), 1);
	assert_int_equal(
	    store_admin_list_remove(admin, STORE_OPTOUT, slice_of("a@b.example"), &err), 0);
	scan = store_admin_list_scan(admin, STORE_OPTOUT, &err);
	assert_int_equal(store_scan_member(scan, &member, &err), 0);
	store_scan_free(scan);
	store_admin_free(admin);
}

static void
test_admin_info(void **state)
{
	struct world *w = *state;
	struct store_admin *admin = store_admin_new(&w->conf, NULL);
	struct store_info info;
	struct err err;

	assert_non_null(admin);
	assert_int_equal(store_admin_info(admin, &info, &err), 0);
	assert_string_equal(info.role, "master");
	assert_string_equal(info.maxmemory_policy, "noeviction");
	assert_true(info.version[0] >= '5' && info.used_memory > 500000);
	assert_true(info.latency_us > 0 && info.maxmemory == 0);
	assert_int_equal(store_admin_probe(admin, &err), 0);
	server_do(&w->server, "CONFIG SET maxmemory 1");
	assert_int_equal(store_admin_probe(admin, &err), -1);
	assert_non_null(strstr(err.text, "OOM"));
	server_kill(&w->server);
	assert_int_equal(store_admin_info(admin, &info, &err), -1);
	server_start(&w->server, NULL);
	assert_int_equal(store_admin_info(admin, &info, &err), 0); /* on a new connection */
	store_admin_free(admin);
}

int
main(void)
{
#define FAULT(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
	static const struct CMUnitTest tests[] = {
	    FAULT(test_killed),
	    FAULT(test_restarted_between_steps),
	    FAULT(test_down_from_the_start),
	    FAULT(test_script_flushed),
	    FAULT(test_stalled_under_load),
	    FAULT(test_stop_while_stalled),
	    FAULT(test_stop_writes_what_is_left),
	    FAULT(test_stop_waits_for_redis),
	    FAULT(test_stop_tells_losses),
	    FAULT(test_replaced_while_stalled),
	    FAULT(test_replaced_by_another_prefix),
	    FAULT(test_password_refused),
	    FAULT(test_password_wanted),
	    FAULT(test_no_such_database),
	    FAULT(test_rights_missing),
	    FAULT(test_read_only_replica),
	    FAULT(test_replica_without_master),
	    FAULT(test_out_of_memory),
	    FAULT(test_out_of_memory_writer),
	    FAULT(test_one_key_is_wrong),
	    FAULT(test_queue_overflow),
	    FAULT(test_counters_complete),
	    FAULT(test_lists),
	    FAULT(test_every_key_expires),
	    FAULT(test_tcp),
	    FAULT(test_tcp_refused),
	    FAULT(test_admin_tuples),
	    FAULT(test_admin_lists),
	    FAULT(test_admin_info),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("redis_faults", tests, NULL, NULL) != 0;
}
