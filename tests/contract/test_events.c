/*
 * test_events.c - events and messages through a real redis-server: kept by the store, read by an
 * operator's tool.
 */
#include "io/store_admin_events.h"
#include "io/store_redis.h"
#include "redis_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#define BASE INT64_C(1800000000)

static const struct event_terms terms = {INT64_C(30) * 86400, 100000};

struct fixture {
	struct test_server server;
	struct arena arena;
	struct redis_conf conf;
	struct store *store;
	struct store_admin *admin;
};

static void
state_print(void *arg, bool up, const char *why)
{
	(void)arg;
	print_message("state %s: %s\n", up ? "up" : "down", why);
}

static void
warning_print(void *arg, const char *what)
{
	(void)arg;
	print_message("warning: %s\n", what);
}

static const struct store_notify notify = {NULL, state_print, warning_print};

static int
setup(void **state)
{
	static struct fixture f;
	struct err err = {ERR_NONE, ""};

	server_init(&f.server);
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
teardown(void **state)
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

	sleep_ms(100); /* what the test before left in the queue */
	server_do(&f->server, "FLUSHALL");
	*f->server.frozen_s = BASE;
	return 0;
}

/* Waits until that command answers at least `wanted` of the key. */
static void
settle(struct fixture *f, const char *command, const char *key, long long wanted)
{
	for (int tries = 0; server_number(&f->server, "%s %s", command, key) < wanted; tries++) {
		if (tries == 200)
			fail_msg("%s %s: only %lld of %lld", command, key,
			    server_number(&f->server, "%s %s", command, key), wanted);
		sleep_ms(20);
	}
}

static void
event_keep(struct fixture *f, const char *account, int64_t number, const struct event_terms *t)
{
	static struct event event;

	event.account = account;
	record_init(&event.fields);
	record_add(&event.fields, "type", slice_of("sent"));
	record_add(&event.fields, "account", slice_of(account));
	record_add_number(&event.fields, "bytes", number);
	f->store->event(f->store, &event, t);
}

static void
assert_numbers(struct fixture *f, int64_t from_ms, int64_t until_ms, int64_t first, int64_t last)
{
	struct store_events_range range = {from_ms, until_ms, first > last};
	struct store_events *e = store_admin_events(f->admin, "shop", &range, NULL);
	static struct record record;
	int64_t kept_ms, step = first <= last ? 1 : -1;
	struct err err = {ERR_NONE, ""};

	assert_non_null(e);
	for (int64_t want = first; want != last + step; want += step) {
		char text[24];

		if (store_events_next(e, &record, &kept_ms, &err) != 1)
			fail_msg("ends before %lld: %s", (long long)want, err.text);
		(void)snprintf(text, sizeof(text), "%lld", (long long)want);
		if (!slice_eq(record_get(&record, "bytes"), slice_of(text)))
			fail_msg(
			    "got %.*s, want %s", SLICE_ARG(record_get(&record, "bytes")), text);
	}
	assert_int_equal(store_events_next(e, &record, &kept_ms, &err), 0);
	store_events_free(e);
}

static void
assert_none(struct fixture *f, int64_t from_ms, int64_t until_ms)
{
	static struct record record;
	int64_t kept_ms;

	for (int newest = 0; newest < 2; newest++) {
		struct store_events_range range = {from_ms, until_ms, newest};
		struct store_events *e = store_admin_events(f->admin, "shop", &range, NULL);

		assert_int_equal(store_events_next(e, &record, &kept_ms, NULL), 0);
		store_events_free(e);
	}
}

static void
test_pages(void **state)
{
	struct fixture *f = *state;

	for (int64_t i = 0; i < 500; i++) {
		if (i == 250) {
			settle(f, "XLEN", "gp:ev:{shop}", 250);
			*f->server.frozen_s = BASE + 10;
		}
		event_keep(f, "shop", i, &terms);
	}
	settle(f, "XLEN", "gp:ev:{shop}", 500);
	assert_numbers(f, 0, INT64_MAX, 0, 499);
	assert_numbers(f, 0, INT64_MAX, 499, 0);
	assert_numbers(f, (BASE + 1) * 1000, INT64_MAX, 250, 499);
	assert_numbers(f, (BASE + 10) * 1000, INT64_MAX, 499, 250);
	assert_numbers(f, -5, BASE * 1000, 0, 249);
	assert_numbers(f, BASE * 1000, (BASE + 9) * 1000, 249, 0);
	assert_none(f, (BASE + 11) * 1000, INT64_MAX);
	assert_none(f, 0, (BASE - 1) * 1000);
	assert_none(f, (BASE + 10) * 1000, BASE * 1000);
}

/* All fields that an event may have come back. */
static void
test_fields(void **state)
{
	static const char *const names[] = {"type", "time", "account", "msg", "rcpt", "to", "nrcpt",
	    "id", "host", "from", "return", "subject", "tag", "msgid", "bytes", "client", "login",
	    "by", "did", "skipped", "reason"};
	struct fixture *f = *state;
	struct store_events_range range = {0, INT64_MAX, true};
	static struct event event;
	static struct record back;
	struct store_events *e;
	int64_t kept_ms = 0;
	size_t n = sizeof(names) / sizeof(*names);

	event.account = "shop";
	record_init(&event.fields);
	for (size_t i = 0; i < n; i++)
		record_add(&event.fields, names[i], slice_of(names[n - 1 - i]));
	f->store->event(f->store, &event, &terms);
	settle(f, "XLEN", "gp:ev:{shop}", 1);
	e = store_admin_events(f->admin, "shop", &range, NULL);
	assert_int_equal(store_events_next(e, &back, &kept_ms, NULL), 1);
	assert_int_equal(kept_ms / 1000, BASE);
	assert_int_equal(back.n, n);
	for (size_t i = 0; i < n; i++)
		assert_true(slice_eq(record_get(&back, names[i]), slice_of(names[n - 1 - i])));
	store_events_free(e);
}

static void
test_life(void **state)
{
	static const struct event_terms none = {INT64_C(30) * 86400, 0}, at_once = {0, 100};
	struct fixture *f = *state;
	struct event_terms few = {86400, 50};

	*f->server.frozen_s = 0; /* what is too old is judged by the host's clock */
	event_keep(f, "quiet", 1, &none);
	event_keep(f, "quiet", 1, &at_once);
	/* an entry of long ago goes, in whole nodes */
	for (int i = 0; i < 150; i++)
		server_do(&f->server, "XADD gp:ev:{old} 1000-%d type sent", i + 1);
	event_keep(f, "old", 1, &few);
	settle(f, "TTL", "gp:ev:{old}", 86390);
	assert_in_range(server_number(&f->server, "XLEN gp:ev:{old}"), 1, 100);
	for (int i = 0; i < 400; i++)
		event_keep(f, "busy", i, &few);
	settle(f, "TTL", "gp:ev:{busy}", 86390);
	settle(f, "XLEN", "gp:ev:{busy}", 50);
	sleep_ms(200);
	assert_in_range(server_number(&f->server, "XLEN gp:ev:{busy}"), 50, 200);
	assert_int_equal(server_number(&f->server, "EXISTS gp:ev:{quiet}"), 0);
}

static void
test_accounts(void **state)
{
	static const char *const names[] = {"shop", "a", "club-2", "zoo.example"};
	struct fixture *f = *state;
	struct store_event_accounts accounts;

	assert_int_equal(store_admin_event_accounts(f->admin, &accounts, NULL), 0);
	assert_int_equal(accounts.n, 0);
	store_event_accounts_free(&accounts);
	for (int i = 0; i < 4; i++)
		event_keep(f, names[i], i, &terms);
	for (int i = 0; i < 200; i++)
		server_do(&f->server, "XADD gp:ev:{n%d} * type sent", i);
	server_do(&f->server, "XADD gp:ev:{NO} * type sent");
	settle(f, "EXISTS", "gp:ev:{zoo.example}", 1);
	assert_int_equal(store_admin_event_accounts(f->admin, &accounts, NULL), 0);
	assert_int_equal(accounts.n, 204);
	assert_string_equal(accounts.v[0], "a");
	assert_string_equal(accounts.v[1], "club-2");
	assert_string_equal(accounts.v[2], "n0");
	assert_string_equal(accounts.v[202], "shop");
	assert_string_equal(accounts.v[203], "zoo.example");
	store_event_accounts_free(&accounts);
}

#define RCPTS 100

static void
test_message(void **state)
{
	static struct address rcpts[RCPTS];
	static const struct address *list[RCPTS];
	static char text[RCPTS][40];
	struct fixture *f = *state;
	static struct event sent;
	struct store_message *m;
	struct err err;

	for (int i = 0; i < RCPTS; i++) {
		(void)snprintf(text[i], sizeof(text[i]), "<U%02d@Example.com>", i);
		rcpts[i] = address_parse(slice_of(text[i]));
		list[i] = &rcpts[i];
	}
	rcpts[0] = address_parse(slice_of("<\"U\\00\"@Example.com>"));
	sent.account = "shop";
	record_init(&sent.fields);
	f->store->message(f->store, &sent, list, RCPTS, 3600); /* has no id */
	record_add(&sent.fields, "type", slice_of("sent"));
	record_add(&sent.fields, "msg", slice_of("aaaabbbbcccc2"));
	record_add(&sent.fields, "subject", slice_of("Hello"));
	f->store->message(f->store, &sent, list, RCPTS, 0); /* for no time */
	assert_int_equal(
	    store_admin_message_get(f->admin, "shop", slice_of("aaaabbbbcccc2"), &m, &err), 0);
	f->store->message(f->store, &sent, list, RCPTS, 3600);
	settle(f, "HLEN", "gp:msg:{shop}:aaaabbbbcccc2", RCPTS + 4);
	assert_int_equal(
	    store_admin_message_get(f->admin, "shop", slice_of("AAAABBBBCCCC2"), &m, &err), 1);
	assert_int_equal(m->fields.n, 4);
	assert_true(slice_starts(record_get(&m->fields, "to"), slice_of("u00@example.com, u01@")));
	assert_true(slice_eq(record_get(&m->fields, "subject"), slice_of("Hello")));
	assert_in_range(m->ttl_s, 3590, 3600);
	assert_int_equal(m->nrcpts, RCPTS);
	assert_true(slice_eq(m->rcpts[0].address, slice_of("u00@example.com")));
	assert_true(slice_eq(m->rcpts[99].address, slice_of("u99@example.com")));
	assert_true(slice_eq(m->rcpts[99].state, slice_of("sent")));
	store_message_free(m);
	assert_int_equal(
	    store_admin_message_get(f->admin, "club", slice_of("aaaabbbbcccc2"), &m, &err), 0);
	server_do(&f->server, "SET gp:msg:{shop}:x y");
	assert_int_equal(store_admin_message_get(f->admin, "shop", slice_of("x"), &m, &err), -1);
	assert_non_null(strstr(err.text, "WRONGTYPE"));
}

/* While Redis stands still: a queue that is full takes no part of a message, and counts it. */
static void
test_full(void **state)
{
	static struct address rcpt;
	static const struct address *list[] = {&rcpt};
	struct fixture *f = *state;
	static struct event sent;
	struct redis_conf conf = f->conf;
	struct store *store;
	int64_t counts[STAT_COUNT];
	long long kept;

	conf.queue_bytes = 65536;
	store = store_redis_new(&conf, &notify, NULL);
	assert_non_null(store);
	*f->server.frozen_s = 0;
	rcpt = address_parse(slice_of("a@example.com"));
	(void)kill(f->server.pid, SIGSTOP);
	sent.account = "shop";
	for (int i = 0; i < 3000; i++) {
		char id[16];

		(void)snprintf(id, sizeof(id), "m%d", i);
		record_init(&sent.fields);
		record_add(&sent.fields, "msg", slice_of(id));
		store->message(store, &sent, list, 1, 3600);
	}
	(void)kill(f->server.pid, SIGCONT);
	sleep_ms(2500);
	kept = server_number(&f->server, "DBSIZE");
	assert_int_equal(store_admin_stat(f->admin, (int64_t)time(NULL), counts, NULL), 0);
	print_message("%lld keys, %lld dropped\n", kept, (long long)counts[STAT_EVENTS_DROPPED]);
	assert_in_range(kept, 100, 2900);
	assert_int_equal(kept - 1 + counts[STAT_EVENTS_DROPPED], 3000); /* and the counters' hour */
	assert_int_equal(server_number(&f->server, "TTL gp:msg:{shop}:m0") > 3000, 1);
	assert_int_equal(server_number(&f->server, "HLEN gp:msg:{shop}:m0"), 3);
	store_redis_free(store);
}

static void
test_foreign(void **state)
{
	struct fixture *f = *state;
	struct store_events_range range = {0, INT64_MAX, false};
	static struct record record;
	struct store_events *e;
	int64_t kept_ms;
	struct err err;

	assert_null(store_admin_events(f->admin, "No Name", &range, &err));
	assert_int_equal(err.code, ERR_INVALID);
	server_do(&f->server, "XADD gp:ev:{shop} * tomorrow x type %s", "a\x1b[31m");
	e = store_admin_events(f->admin, "shop", &range, NULL);
	assert_int_equal(store_events_next(e, &record, &kept_ms, NULL), 1);
	assert_int_equal(record.n, 1);
	assert_true(slice_eq(record_get(&record, "type"), slice_of("a?[31m")));
	store_events_free(e);
	server_do(&f->server, "DEL gp:ev:{shop}");
	server_do(&f->server, "SET gp:ev:{shop} x");
	event_keep(f, "shop", 1, &terms); /* dropped, with no harm to what follows */
	event_keep(f, "club", 1, &terms);
	settle(f, "EXISTS", "gp:ev:{club}", 1);
	e = store_admin_events(f->admin, "shop", &range, NULL);
	assert_int_equal(store_events_next(e, &record, &kept_ms, &err), -1);
	assert_non_null(strstr(err.text, "WRONGTYPE"));
	store_events_free(e);
}

/* With the rights of redis.md, and no more, nothing is refused. */
static void
test_rights(void **state)
{
	static const struct limit_rate rate = {1000000, 10, 100};
	struct fixture *f = *state;
	struct store_events_range range = {0, INT64_MAX, true};
	struct address ann = address_parse(slice_of("ann@example.com"));
	const struct address *list[] = {&ann};
	struct limit_ramp ramp;
	struct send_request request = {.account = "shop",
	    .rcpts = list,
	    .nrcpts = 1,
	    .count = 1,
	    .rate = &rate,
	    .ramp = &ramp,
	    .lane = ""};
	struct redis_conf conf = f->conf;
	struct store_event_accounts accounts;
	struct store_limits limits;
	struct store_message *message;
	struct suppression s;
	struct send_step step;
	static struct event sent = {.account = "shop"};
	static struct record record;
	struct store_admin *admin;
	struct store_events *e;
	struct store *store;
	redisReply *log;
	int64_t kept_ms;

	server_do(&f->server, "ACL SETUSER gatepost reset on >pw ~gp:* +get +set +scard +smembers "
			      "+hincrby +expire +del "
			      "+time +hmget +hset +eval +evalsha +script|load +xadd +xtrim "
			      "+xdel +zrangebyscore +zrem");
	server_do(&f->server,
	    "ACL SETUSER ctl reset on >pw %%R~gp:* +script|load +time +scan +hmget +ttl +hgetall "
	    "+xrange +xrevrange");
	server_do(&f->server, "ACL LOG RESET");
	conf.user = "gatepost";
	conf.password = "pw";
	store = store_redis_new(&conf, &notify, NULL);
	assert_int_equal(limit_ramp_parse(slice_of("1 x2"), &ramp, NULL), 0);
	for (int i = 0; i < 2; i++) /* passes, and is given back */
		assert_int_equal(store->send_step(store, &request, &step, NULL), 0);
	record_init(&sent.fields);
	record_add(&sent.fields, "msg", slice_of("m1"));
	*f->server.frozen_s = 0;
	sleep_ms(100);
	store->event(store, &sent, &terms);
	store->message(store, &sent, list, 1, 3600);
	settle(f, "HLEN", "gp:msg:{shop}:m1", 2);
	settle(f, "TTL", "gp:ev:{shop}", 1);
	conf.user = "ctl";
	admin = store_admin_new(&conf, NULL);
	assert_int_equal(store_admin_event_accounts(admin, &accounts, NULL), 0);
	assert_int_equal(accounts.n, 1);
	e = store_admin_events(admin, "shop", &range, NULL);
	assert_int_equal(store_events_next(e, &record, &kept_ms, NULL), 1);
	assert_int_equal(store_admin_message_get(admin, "shop", slice_of("m1"), &message, NULL), 1);
	assert_int_equal(store_admin_limits(admin, "shop", "", &limits, NULL), 0);
	assert_int_equal(store_admin_suppression_get(admin, "shop", &ann, &s, NULL), 0);
	log = server_ask(&f->server, "ACL LOG");
	assert_int_equal(log->elements, 0);
	freeReplyObject(log);
	store_message_free(message);
	store_events_free(e);
	store_event_accounts_free(&accounts);
	store_admin_free(admin);
	store_redis_free(store);
	server_do(&f->server, "ACL DELUSER gatepost ctl");
}

/* A hit that is only counted, by the script. */
static void
hit_count(struct fixture *f)
{
	static struct keyring keyring;
	static const struct hit_verdict verdict = {HIT_HUMAN, ""};
	const struct hit hit = {.kind = HIT_OPENED, .time_s = BASE, .ids = {.message = 1}};
	const struct hit_note note = {.hit = &hit,
	    .verdict = &verdict,
	    .account = "shop",
	    .privacy = PRIVACY_ANONYMOUS,
	    .keyring = &keyring,
	    .retention_s = 86400,
	    .keep = 1000};

	f->store->hit(f->store, &note);
}

static uint64_t
dropped(struct fixture *f)
{
	struct store_gauges gauges;

	store_redis_gauges(f->store, &gauges);
	return gauges.dropped;
}

/* Waits until so many were counted, and not one more. */
static void
settle_hits(struct fixture *f, long long wanted)
{
	static const char script[] = "return tonumber(redis.call('HGET', KEYS[1], ARGV[1])) or 0";
	static const char command[] = "EVAL %s 1 gp:hits:{shop}:20270115 %s";

	for (int tries = 0; tries < 200; tries++) {
		if (server_number(&f->server, command, script, "opened human") >= wanted)
			break;
		sleep_ms(20);
	}
	assert_int_equal(server_number(&f->server, command, script, "opened human"), wanted);
}

/* What calls a script that Redis has lost is not lost with it. */
static void
test_script_lost(void **state)
{
	struct fixture *f = *state;
	uint64_t before = dropped(f);

	hit_count(f);
	settle_hits(f, 1);
	server_do(&f->server, "SCRIPT FLUSH");
	hit_count(f);
	event_keep(f, "shop", 1, &terms); /* beside it, once */
	hit_count(f);
	settle_hits(f, 3);
	hit_count(f);
	settle_hits(f, 4);
	assert_int_equal(server_number(&f->server, "XLEN gp:ev:{shop}"), 1);
	server_kill(&f->server);
	server_start(&f->server, NULL);
	hit_count(f);
	settle_hits(f, 1);
	assert_int_equal(dropped(f), before);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_pages, clear),
	    cmocka_unit_test_setup(test_fields, clear),
	    cmocka_unit_test_setup(test_life, clear),
	    cmocka_unit_test_setup(test_accounts, clear),
	    cmocka_unit_test_setup(test_message, clear),
	    cmocka_unit_test_setup(test_full, clear),
	    cmocka_unit_test_setup(test_foreign, clear),
	    cmocka_unit_test_setup(test_rights, clear),
	    cmocka_unit_test_setup(test_script_lost, clear),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("events", tests, setup, teardown);
}
