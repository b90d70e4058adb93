/*
 * test_dnsbl_store.c - what a real redis-server is told of the DNS lists, and the operator's switch
 * there; while it is away nothing is lost.
 */
#include "io/redis_key.h"
#include "io/store_admin_zone.h"
#include "io/store_redis.h"
#include "redis_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct world {
	struct test_server server;
	struct arena arena;
	struct redis_conf conf;
	struct store *store;
	struct store_admin *admin;
};

static void
told_state(void *arg, bool up, const char *why)
{
	(void)arg;
	print_message("%s: %s\n", up ? "up" : "down", why);
}

static void
told_warning(void *arg, const char *what)
{
	(void)arg;
	print_message("warning: %s\n", what);
}

static int
setup(void **state)
{
	static const struct store_notify notify = {NULL, told_state, told_warning};
	static struct world w;
	struct err err;

	w = (struct world){.admin = NULL};
	server_init(&w.server);
	server_start(&w.server, NULL);
	arena_init(&w.arena, 4096, 65536);
	w.conf = server_conf(&w.server, &w.arena);
	w.conf.retry_ms = 200;
	w.conf.lists_refresh_ms = 3600000; /* but for the one that matters here */
	w.store = store_redis_new(&w.conf, &notify, &err);
	assert_non_null(w.store);
	store_redis_warm(w.store);
	w.admin = store_admin_new(&w.conf, &err);
	assert_non_null(w.admin);
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	store_admin_free(w->admin);
	store_redis_free(w->store);
	server_fini(&w->server);
	arena_fini(&w->arena);
	return 0;
}

static struct dnsbl_note
note_make(const char *name, int64_t asked)
{
	struct dnsbl_note note = {.state = "suspended",
	    .reason = "error",
	    .since_s = 1800000000,
	    .seen_s = 1800000010,
	    .ms = 17,
	    .error_s = 1800000005,
	    .host = "mx1",
	    .error = "127.255.255.254",
	    .added = {asked, 2, 1, 3, 0}};

	(void)snprintf(note.name, sizeof(note.name), "%s", name);
	return note;
}

/* Waits up to ten seconds for that many questions to be counted. */
static struct redis_zone_row
row_wait(struct world *w, const char *name, int64_t asked)
{
	struct redis_zone_row row = {.ms = -1};
	struct err err;

	for (int tries = 0; tries < 200; tries++) {
		int found = store_admin_zone(w->admin, slice_of(name), &row, &err);

		if (found > 0 && row.counts.asked >= asked)
			break;
		sleep_ms(50);
	}
	assert_int_equal(row.counts.asked, asked);
	return row;
}

static void
test_note(void **state)
{
	struct world *w = *state;
	struct dnsbl_note note = note_make("one.example", 5);
	struct redis_zone_row row;
	struct err err;

	assert_int_equal(store_admin_zone(w->admin, slice_of("one.example"), &row, &err), 0);
	assert_int_equal(row.ms, -1);
	w->store->note_zone(w->store, &note);
	row = row_wait(w, "one.example", 5);
	assert_string_equal(row.state, "suspended");
	assert_string_equal(row.reason, "error");
	assert_string_equal(row.host, "mx1");
	assert_string_equal(row.error, "127.255.255.254");
	assert_int_equal(row.since_s, 1800000000);
	assert_int_equal(row.seen_s, 1800000010);
	assert_int_equal(row.error_s, 1800000005);
	assert_int_equal(row.ms, 17);
	assert_int_equal(row.counts.listed, 2);
	assert_int_equal(row.counts.decided, 1);
	assert_int_equal(row.counts.errors, 3);
	assert_int_equal(row.counts.timeouts, 0);
	assert_int_equal(server_number(&w->server, "TTL gp:dnsbl:one.example"), -1);
	/* counts only: the state stays */
	note.state = NULL;
	note.reason = NULL;
	w->store->note_zone(w->store, &note);
	row = row_wait(w, "one.example", 10);
	assert_string_equal(row.state, "suspended");
	note = note_make("one.example", 1);
	note.state = "ok";
	note.reason = "";
	note.ms = -1;
	w->store->note_zone(w->store, &note);
	row = row_wait(w, "one.example", 11);
	assert_string_equal(row.state, "ok");
	assert_string_equal(row.reason, "");
	assert_int_equal(row.ms, 17);
}

/* More zones than fit one batch, several times before they are written. */
static void
test_many(void **state)
{
	struct world *w = *state;
	char name[DNSBL_NAME_BYTES];

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 60; i++) {
			struct dnsbl_note note;

			(void)snprintf(name, sizeof(name), "%0160d.example", i);
			note = note_make(name, 1);
			w->store->note_zone(w->store, &note);
		}
	}
	for (int i = 0; i < 60; i++) {
		(void)snprintf(name, sizeof(name), "%0160d.example", i);
		(void)row_wait(w, name, 3);
	}
}

static void
test_outage(void **state)
{
	struct world *w = *state;
	struct dnsbl_note note = note_make("away.example", 7);

	w->store->note_zone(w->store, &note);
	(void)row_wait(w, "away.example", 7);
	server_kill(&w->server);
	for (int i = 0; i < 10; i++) {
		w->store->note_zone(w->store, &note);
		sleep_ms(100);
	}
	server_start(&w->server, NULL); /* empty: it saved nothing */
	(void)row_wait(w, "away.example", 70);
}

/* Waits up to three seconds; the milliseconds it took. */
static int
switch_wait(struct world *w, const char *name, bool off)
{
	int ms = 0;

	while (w->store->has_name(w->store, STORE_DNSBL_OFF, slice_of(name)) != off) {
		assert_true(ms < 3000);
		sleep_ms(20);
		ms += 20;
	}
	return ms;
}

static void
test_switch(void **state)
{
	struct world *w = *state;
	struct dnsbl_note note = note_make("sw.example", 1);
	struct slice name = slice_of("sw.example");
	struct err err;

	w->store->note_zone(w->store, &note);
	(void)row_wait(w, "sw.example", 1);
	assert_false(w->store->has_name(w->store, STORE_DNSBL_OFF, name));
	assert_int_equal(store_admin_list_add(w->admin, STORE_DNSBL_OFF, name, &err), 1);
	assert_int_equal(store_admin_list_add(w->admin, STORE_DNSBL_OFF, name, &err), 0);
	print_message("off after %d ms\n", switch_wait(w, "sw.example", true));
	assert_true(w->store->has_name(w->store, STORE_DNSBL_OFF, slice_of("SW.Example")));
	assert_false(w->store->has_name(w->store, STORE_DNSBL_OFF, slice_of("w.example")));
	assert_int_equal(store_admin_list_has(w->admin, STORE_DNSBL_OFF, name, &err), 1);
	server_do(&w->server, "SADD gp:off:dnsbl AA.example %s", "two words");
	assert_int_equal(switch_wait(w, "aa.example", true) < 3000, 1);
	assert_true(w->store->has_name(w->store, STORE_DNSBL_OFF, name));
	assert_int_equal(store_admin_list_remove(w->admin, STORE_DNSBL_OFF, name, &err), 1);
	print_message("on after %d ms\n", switch_wait(w, "sw.example", false));
	assert_int_equal(store_admin_list_has(w->admin, STORE_DNSBL_OFF, name, &err), 0);
	assert_int_equal(
	    store_admin_list_add(w->admin, STORE_DNSBL_OFF, slice_of("two words"), &err), -1);
	assert_int_equal(err.code, ERR_INVALID);
}

/* What somebody else put there does no harm. */
static void
test_strange(void **state)
{
	struct world *w = *state;
	struct dnsbl_note note = note_make("odd.example", 1);
	struct redis_zone_row row;
	struct err err;

	server_do(&w->server, "HSET gp:dnsbl:odd.example asked x state %s ms -5 error %s what ever",
	    "0123456789012345678901234567890",
	    "0123456789012345678901234567890123456789012345678901234567890123456789");
	assert_int_equal(store_admin_zone(w->admin, slice_of("odd.example"), &row, &err), 1);
	assert_int_equal(row.counts.asked, 0);
	assert_int_equal(strlen(row.state), sizeof(row.state) - 1);
	assert_int_equal(strlen(row.error), sizeof(row.error) - 1);
	server_do(&w->server, "SET gp:dnsbl:str.example x");
	assert_int_equal(store_admin_zone(w->admin, slice_of("str.example"), &row, &err), -1);
	(void)snprintf(note.name, sizeof(note.name), "str.example");
	w->store->note_zone(w->store, &note); /* refused, and dropped */
	note = note_make("after.example", 4);
	w->store->note_zone(w->store, &note);
	(void)row_wait(w, "after.example", 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_note, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_many, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_outage, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_switch, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_strange, setup, teardown),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("dnsbl_store", tests, NULL, NULL);
}
