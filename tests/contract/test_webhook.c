/*
 * test_webhook.c - which events are due at a webhook, through a real redis-server with a clock of ours.
 */
#include "io/store_admin_webhook.h"
#include "redis_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define BASE  INT64_C(1800000000)
#define LEASE 20

struct fixture {
	struct test_server server;
	struct arena arena;
	struct redis_conf conf;
	struct store_admin *admin;
	struct account account;
	struct store_webhook_terms terms;
};

static const char *all[] = {"all"}, *bounced[] = {"bounced"};

static int
setup(void **state)
{
	static struct fixture f;
	struct err err = {ERR_NONE, ""};

	server_init(&f.server);
	server_start(&f.server, NULL);
	arena_init(&f.arena, 4096, 65536);
	f.conf = server_conf(&f.server, &f.arena);
	f.admin = store_admin_new(&f.conf, &err);
	if (f.admin == NULL)
		print_error("%s\n", err.text);
	f.account = (struct account){.name = "shop", .retention_s = 86400};
	f.terms = (struct store_webhook_terms){&f.account, "me", LEASE * 1000, 3600 * 1000, 100};
	*state = &f;
	return f.admin == NULL;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	store_admin_free(f->admin);
	server_fini(&f->server);
	arena_fini(&f->arena);
	return 0;
}

static int
clear(void **state)
{
	struct fixture *f = *state;

	server_do(&f->server, "FLUSHALL");
	*f->server.frozen_s = BASE;
	f->account.webhook_events = (struct option_words){all, 1};
	return 0;
}

static void
add(struct fixture *f, const char *type, int number)
{
	server_do(&f->server, "XADD gp:ev:{shop} * type %s account shop bytes %d", type, number);
}

/* Takes, and compares with "NUMBER/TRIES NUMBER/TRIES …"; the entry of the last is kept. */
static char last_entry[STORE_WEBHOOK_ENTRY_BYTES];

static struct store_webhook_batch
take(struct fixture *f, size_t wanted, bool first, const char *want)
{
	char storage[400];
	struct buf got = BUF_OVER(storage);
	struct store_webhook_batch batch;
	struct err err = {ERR_NONE, ""};

	if (store_admin_webhook_take(f->admin, &f->terms, wanted, first, &batch, &err) != 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < batch.n; i++) {
		static struct record event;
		struct slice entry;
		int64_t tries;

		store_webhook_batch_at(&batch, i, &entry, &tries, &event);
		buf_add_format(&got, "%s%.*s/%d", i > 0 ? " " : "",
		    SLICE_ARG(record_get(&event, "bytes")), (int)tries);
		(void)snprintf(last_entry, sizeof(last_entry), "%.*s", SLICE_ARG(entry));
	}
	assert_string_equal(buf_text(&got), want);
	store_webhook_batch_free(&batch);
	return batch;
}

static void
settle(struct fixture *f, enum store_webhook_settled settled, int64_t delay_ms)
{
	struct store_webhook_outcome outcome = {.settled = settled,
	    .account = "shop",
	    .entry = last_entry,
	    .tries = 1,
	    .delay_ms = delay_ms,
	    .reason = "HTTP status 500",
	    .keep_dead = 100,
	    .retention_s = 86400};
	struct err err = {ERR_NONE, ""};

	if (store_admin_webhook_settle(f->admin, &outcome, &err) != 0)
		fail_msg("%s", err.text);
}

static long long
pending(struct fixture *f)
{
	redisReply *answer = server_ask(&f->server, "XPENDING gp:ev:{shop} webhooks");
	long long n = answer->element[0]->integer;

	freeReplyObject(answer);
	assert_int_equal(n, server_number(&f->server, "ZCARD gp:hook:{shop}:due"));
	return n;
}

static struct store_webhook_state
state_of(struct fixture *f)
{
	struct store_webhook_state state;
	struct err err = {ERR_NONE, ""};

	if (store_admin_webhook_state(f->admin, "shop", &state, &err) != 0)
		fail_msg("%s", err.text);
	return state;
}

/* --- the tests --- */

static void
test_delivered(void **state)
{
	struct fixture *f = *state;

	assert_false(state_of(f).seen);
	take(f, 4, true, "");
	for (int i = 0; i < 3; i++)
		add(f, "sent", i);
	assert_int_equal(state_of(f).unread, 3);
	assert_true(take(f, 2, false, "0/1 1/1").more);
	settle(f, WEBHOOK_DELIVERED, 0);
	assert_int_equal(pending(f), 1);
	settle(f, WEBHOOK_DELIVERED, 0); /* twice: the answer was lost */
	assert_int_equal(state_of(f).delivered, 1);
	assert_false(take(f, 2, false, "2/1").more);
	settle(f, WEBHOOK_DELIVERED, 0);
	assert_int_equal(state_of(f).unread, 0);
	assert_int_equal(state_of(f).waiting, 1);
	assert_int_equal(state_of(f).delivered_at_s, BASE);
}

/* Nobody settles it: it comes again when its time is over, not before, to whoever asks. */
static void
test_lease(void **state)
{
	struct fixture *f = *state;

	add(f, "sent", 7);
	take(f, 4, true, "7/1");
	*f->server.frozen_s += LEASE - 1;
	take(f, 4, true, "");
	*f->server.frozen_s += 1;
	f->terms.consumer = "other";
	take(f, 4, true, "7/2");
	take(f, 4, true, "");
	settle(f, WEBHOOK_DELIVERED, 0);
	f->terms.consumer = "me";
	*f->server.frozen_s += LEASE;
	take(f, 4, false, "");
	assert_int_equal(pending(f), 0);
}

static void
test_again(void **state)
{
	struct fixture *f = *state;

	add(f, "sent", 7);
	take(f, 4, true, "7/1");
	for (int tries = 2; tries < 5; tries++) {
		char want[16];

		settle(f, WEBHOOK_AGAIN, 60000);
		*f->server.frozen_s += 59;
		take(f, 4, false, "");
		*f->server.frozen_s += 1;
		(void)snprintf(want, sizeof(want), "7/%d", tries);
		take(f, 4, false, want);
	}
	assert_int_equal(state_of(f).failed, 3);
	assert_string_equal(state_of(f).error, "HTTP status 500");
	assert_int_equal(state_of(f).error_at_s, BASE + 120);
	/* what is due comes before what is new */
	settle(f, WEBHOOK_AGAIN, 1000);
	*f->server.frozen_s += 1;
	add(f, "sent", 8);
	assert_true(take(f, 1, false, "7/5").more);
	take(f, 1, false, "8/1");
}

static void
test_types(void **state)
{
	struct fixture *f = *state;

	f->account.webhook_events = (struct option_words){bounced, 1};
	take(f, 4, true, "");
	for (int i = 0; i < 150; i++)
		add(f, i == 149 ? "bounced" : "sent", i);
	server_do(&f->server, "XADD gp:ev:{shop} * type bounced bytes 200 forgot 1");
	server_do(&f->server, "XADD gp:ev:{shop} * bytes 201");
	/* some are looked at in one turn */
	while (take(f, 1, false, state_of(f).unread > 52 ? "" : "149/1").n == 0)
		assert_true(state_of(f).unread > 2);
	take(f, 1, false, "");
	assert_int_equal(pending(f), 1);
	f->account.webhook_events = (struct option_words){NULL, 0};
	add(f, "bounced", 300);
	take(f, 4, false, "");
	assert_int_equal(pending(f), 1);
}

static int
dead_note(void *arg, const struct store_webhook_dead *dead, struct err *err)
{
	(void)err;
	*(struct store_webhook_dead *)arg = *dead;
	return 0;
}

static struct store_webhook_dead
dead_of(struct fixture *f)
{
	struct store_webhook_dead dead = {.name = ""};
	struct err err = {ERR_NONE, ""};

	if (store_admin_webhook_dead(f->admin, "shop", dead_note, &dead, &err) != 0)
		fail_msg("%s", err.text);
	return dead;
}

static void
test_dead(void **state)
{
	struct fixture *f = *state;
	struct store_webhook_dead dead;
	struct err err;

	add(f, "bounced", 7);
	take(f, 4, true, "7/1");
	settle(f, WEBHOOK_DEAD, 0);
	assert_int_equal(pending(f), 0);
	dead = dead_of(f);
	assert_string_equal(dead.entry, last_entry);
	assert_string_equal(dead.type, "bounced");
	assert_string_equal(dead.reason, "HTTP status 500");
	assert_int_equal(dead.tries, 1);
	assert_int_equal(state_of(f).dead, 1);
	assert_in_range(server_number(&f->server, "TTL gp:hook:{shop}:dead"), 1, 2 * 86400);
	assert_int_equal(store_admin_webhook_retry(f->admin, "shop", "1-1", &err), 0);
	assert_int_equal(store_admin_webhook_retry(f->admin, "shop", dead.name, &err), 1);
	assert_int_equal(store_admin_webhook_retry(f->admin, "shop", dead.name, &err), 0);
	assert_int_equal(state_of(f).dead, 0);
	take(f, 4, false, "7/1"); /* from the beginning */
	settle(f, WEBHOOK_DEAD, 0);
	server_do(&f->server, "XDEL gp:ev:{shop} %s", last_entry);
	dead = dead_of(f);
	assert_string_equal(dead.type, "");
	assert_int_equal(store_admin_webhook_retry(f->admin, "shop", dead.name, &err), 0);
	assert_int_equal(store_admin_webhook_drop(f->admin, "shop", dead.name, &err), 1);
	assert_int_equal(store_admin_webhook_drop(f->admin, "shop", dead.name, &err), 0);
	assert_int_equal(state_of(f).died, 2);
}

/* What goes from the stream is told of: as dead when it waited, as lost when nobody had read it. */
static void
test_gone(void **state)
{
	struct fixture *f = *state;
	struct store_webhook_batch batch;

	for (int i = 0; i < 6; i++)
		add(f, "sent", i);
	take(f, 2, true, "0/1 1/1");
	server_do(&f->server, "XTRIM gp:ev:{shop} MAXLEN = 2");
	*f->server.frozen_s += LEASE;
	batch = take(f, 4, false, "4/1 5/1");
	assert_int_equal(batch.gone, 2);
	assert_int_equal(batch.lost, 2);
	assert_string_equal(dead_of(f).reason, "the event is kept no more");
	assert_int_equal(pending(f), 2);
	batch = take(f, 4, false, "");
	assert_int_equal(batch.gone + batch.lost, 0);
	/* all of it, unread */
	settle(f, WEBHOOK_DELIVERED, 0);
	add(f, "sent", 6);
	server_do(&f->server, "XTRIM gp:ev:{shop} MAXLEN = 0");
	batch = take(f, 4, false, "");
	assert_int_equal(batch.lost, 1);
	assert_int_equal(take(f, 4, false, "").lost, 0);
	assert_int_equal(state_of(f).lost, 3);
	add(f, "sent", 7);
	assert_int_equal(take(f, 4, false, "7/1").lost, 0);
}

/* The stream expires and comes again: none of the new one is missed. */
static void
test_expired(void **state)
{
	struct fixture *f = *state;

	add(f, "sent", 1);
	take(f, 4, true, "1/1");
	settle(f, WEBHOOK_DELIVERED, 0);
	server_do(&f->server, "DEL gp:ev:{shop}");
	*f->server.frozen_s += 100;
	add(f, "sent", 2);
	*f->server.frozen_s += 7200; /* and nobody looked for long */
	take(f, 4, false, "2/1");
}

static void
test_backlog(void **state)
{
	struct fixture *f = *state;

	add(f, "sent", 1);
	*f->server.frozen_s += 10;
	add(f, "sent", 2);
	*f->server.frozen_s += 3595;
	take(f, 4, true, "2/1");
}

/* The list of times is lost: who starts next mends it. */
static void
test_mended(void **state)
{
	struct fixture *f = *state;

	add(f, "sent", 1);
	add(f, "sent", 2);
	take(f, 4, true, "1/1 2/1");
	server_do(&f->server, "DEL gp:hook:{shop}:due");
	*f->server.frozen_s += LEASE;
	take(f, 4, false, "");
	take(f, 4, true, "1/2 2/2");
	/* what is somebody's stays his */
	take(f, 4, true, "");
}

static void
test_odd(void **state)
{
	struct fixture *f = *state;
	struct store_webhook_batch batch;
	struct err err = {ERR_NONE, ""};

	server_do(&f->server, "SET gp:ev:{shop} x");
	assert_int_equal(store_admin_webhook_take(f->admin, &f->terms, 1, true, &batch, &err), -1);
	assert_int_equal(err.code, ERR_IO);
	server_do(&f->server, "DEL gp:ev:{shop}");
	server_do(&f->server, "SET gp:hook:{shop}:due x");
	assert_int_equal(store_admin_webhook_take(f->admin, &f->terms, 1, true, &batch, &err), -1);
	server_do(&f->server, "DEL gp:hook:{shop}:due");
	take(f, 1, true, "");
}

static bool
stats_have(struct fixture *f, const char *word)
{
	redisReply *answer = server_ask(&f->server, "INFO commandstats");
	bool has = strstr(answer->str, word) != NULL;

	freeReplyObject(answer);
	return has;
}

/* The scripts' texts go over the wire once, and again when Redis has lost them. */
static void
test_scripts(void **state)
{
	struct fixture *f = *state;
	struct err err;

	add(f, "sent", 1);
	add(f, "sent", 2);
	take(f, 1, true, "1/1");
	settle(f, WEBHOOK_AGAIN, 1000);
	server_do(&f->server, "CONFIG RESETSTAT");
	take(f, 1, false, "2/1");
	settle(f, WEBHOOK_DEAD, 0);
	assert_false(stats_have(f, "cmdstat_eval:"));
	assert_false(stats_have(f, "script|load"));
	server_do(&f->server, "SCRIPT FLUSH");
	*f->server.frozen_s += 1;
	take(f, 1, false, "1/2");
	assert_true(stats_have(f, "script|load:calls=1,"));
	server_do(&f->server, "SCRIPT FLUSH");
	settle(f, WEBHOOK_DELIVERED, 0);
	server_do(&f->server, "SCRIPT FLUSH");
	assert_int_equal(store_admin_webhook_retry(f->admin, "shop", dead_of(f).name, &err), 1);
	assert_false(stats_have(f, "cmdstat_eval:"));
	take(f, 1, false, "2/1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_delivered, clear),
	    cmocka_unit_test_setup(test_lease, clear),
	    cmocka_unit_test_setup(test_again, clear),
	    cmocka_unit_test_setup(test_types, clear),
	    cmocka_unit_test_setup(test_dead, clear),
	    cmocka_unit_test_setup(test_gone, clear),
	    cmocka_unit_test_setup(test_expired, clear),
	    cmocka_unit_test_setup(test_backlog, clear),
	    cmocka_unit_test_setup(test_mended, clear),
	    cmocka_unit_test_setup(test_odd, clear),
	    cmocka_unit_test_setup(test_scripts, clear),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup, teardown);
}
