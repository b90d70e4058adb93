/*
 * test_verdicts.c - decision records through a real redis-server: kept by the store, read by an
 * operator's tool.
 */
#include "io/store_admin_verdicts.h"
#include "io/store_redis.h"
#include "policy/record_parts.h"
#include "redis_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include <cmocka.h>

#define BASE INT64_C(1800000000)
#define KEEP 100000

struct fixture {
	struct test_server server;
	struct arena arena;
	struct redis_conf conf;
	struct store *store;
	struct store_admin *admin;
};

/* What the stores said of themselves. */
static atomic_int changes;
static atomic_int warnings;

static void
state_print(void *arg, bool up, const char *why)
{
	(void)arg;
	(void)atomic_fetch_add(&changes, 1);
	print_message("state %s: %s\n", up ? "up" : "down", why);
}

static void
warning_print(void *arg, const char *what)
{
	(void)arg;
	(void)atomic_fetch_add(&warnings, 1);
	print_message("warning: %s\n", what);
}

static const struct store_notify notify = {NULL, state_print, warning_print};

static int
setup(void **state)
{
	static struct fixture f;
	struct err err = {ERR_NONE, ""};

	server_init(&f.server);
	*f.server.frozen_s = BASE;
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

	server_do(&f->server, "DEL gp:verdicts");
	*f->server.frozen_s = BASE;
	return 0;
}

/* Waits until the background wrote that many. */
static void
settle(struct fixture *f, long long wanted)
{
	for (int tries = 0; server_number(&f->server, "XLEN gp:verdicts") < wanted; tries++) {
		if (tries == 200)
			fail_msg("only %lld of %lld records",
			    server_number(&f->server, "XLEN gp:verdicts"), wanted);
		sleep_ms(20);
	}
}

static void
keep_numbered(struct fixture *f, int64_t number, int64_t keep)
{
	static struct record record;

	record_init(&record);
	record_add(&record, "code", slice_of("CODE"));
	record_add_number(&record, "score", number);
	f->store->record(f->store, &record, keep);
}

/* The scores of all records that the iterator has, which must go up (down) by one from `first` to
 * `last`. */
static void
assert_numbers(struct store_verdicts *v, int64_t first, int64_t last)
{
	static struct record record;
	int64_t kept_ms, step = first <= last ? 1 : -1;
	struct err err = {ERR_NONE, ""};

	assert_non_null(v);
	for (int64_t want = first; want != last + step; want += step) {
		if (store_verdicts_next(v, &record, &kept_ms, &err) != 1)
			fail_msg("ends before %lld: %s", (long long)want, err.text);
		assert_int_equal(record_number(record_get(&record, "score")), want);
	}
	assert_int_equal(store_verdicts_next(v, &record, &kept_ms, &err), 0);
	assert_int_equal(store_verdicts_next(v, &record, &kept_ms, &err), 0);
	store_verdicts_free(v);
}

static void
test_round_trip(void **state)
{
	struct fixture *f = *state;
	static struct record record, back;
	struct store_verdicts *v;
	int64_t kept_ms = 0;

	record_init(&record);
	record_add(&record, "code", slice_of("K7QF"));
	record_add(&record, "from", slice_of("<>"));
	record_add(&record, "helo", slice_make("a\r\n$3\r\nb\0c\xff", 12));
	record_add(&record, "rcpt", slice_of("\xc3\xa4@example.org reject dnsbl; b@example.org"));
	f->store->record(f->store, &record, KEEP);
	settle(f, 1);
	v = store_admin_verdicts(f->admin, NULL);
	assert_int_equal(store_verdicts_next(v, &back, &kept_ms, NULL), 1);
	assert_int_equal(kept_ms / 1000, BASE);
	assert_int_equal(back.n, record.n);
	for (size_t i = 0; i < record.n; i++) {
		assert_string_equal(back.v[i].name, record.v[i].name);
		assert_true(slice_eq(back.v[i].value, record.v[i].value));
	}
	assert_int_equal(store_verdicts_next(v, &back, &kept_ms, NULL), 0);
	store_verdicts_free(v);
}

static void
test_none(void **state)
{
	struct fixture *f = *state;
	static struct record record;
	int64_t kept_ms;
	struct store_verdicts *v = store_admin_verdicts(f->admin, NULL);

	assert_int_equal(store_verdicts_next(v, &record, &kept_ms, NULL), 0);
	store_verdicts_free(v);
	v = store_admin_verdicts_from(f->admin, 0, NULL);
	assert_int_equal(store_verdicts_next(v, &record, &kept_ms, NULL), 0);
	store_verdicts_free(v);
	/* nothing to keep, and nothing is to be kept */
	record_init(&record);
	f->store->record(f->store, &record, KEEP);
	keep_numbered(f, 1, 0);
	keep_numbered(f, 2, -1);
	keep_numbered(f, 3, KEEP);
	settle(f, 1);
	assert_numbers(store_admin_verdicts(f->admin, NULL), 3, 3);
}

/* Over several pages, whose entries have the same millisecond and then others. */
static void
test_pages(void **state)
{
	struct fixture *f = *state;

	for (int64_t i = 0; i < 600; i++) {
		if (i == 450) {
			settle(f, 450);
			*f->server.frozen_s = BASE + 10;
		}
		keep_numbered(f, i, KEEP);
	}
	settle(f, 600);
	assert_numbers(store_admin_verdicts(f->admin, NULL), 599, 0);
	assert_numbers(store_admin_verdicts_from(f->admin, 0, NULL), 0, 599);
	assert_numbers(store_admin_verdicts_from(f->admin, -1, NULL), 0, 599);
	assert_numbers(store_admin_verdicts_from(f->admin, BASE * 1000, NULL), 0, 599);
	assert_numbers(store_admin_verdicts_from(f->admin, BASE * 1000 + 1000, NULL), 450, 599);
	assert_numbers(store_admin_verdicts_from(f->admin, (BASE + 10) * 1000, NULL), 450, 599);
}

/* As many as a page has, and ids at both ends of what there is. */
static void
test_edges(void **state)
{
	static const char *const ids[] = {"0-1", "0-18446744073709551615", "1-0",
	    "5-18446744073709551615", "18446744073709551615-18446744073709551615"};
	struct fixture *f = *state;
	static struct record record;
	struct store_verdicts *v;
	int64_t kept_ms;

	for (int i = 0; i < 200; i++)
		keep_numbered(f, i, KEEP);
	settle(f, 200);
	assert_numbers(store_admin_verdicts(f->admin, NULL), 199, 0);
	assert_numbers(store_admin_verdicts_from(f->admin, 0, NULL), 0, 199);
	server_do(&f->server, "DEL gp:verdicts");
	for (int i = 0; i < 5; i++)
		server_do(&f->server, "XADD gp:verdicts %s score %d", ids[i], i);
	assert_numbers(store_admin_verdicts(f->admin, NULL), 4, 0);
	assert_numbers(store_admin_verdicts_from(f->admin, 0, NULL), 0, 4);
	assert_numbers(store_admin_verdicts_from(f->admin, 2, NULL), 3, 4);
	v = store_admin_verdicts(f->admin, NULL);
	assert_int_equal(store_verdicts_next(v, &record, &kept_ms, NULL), 1);
	assert_true(kept_ms == INT64_MAX);
	store_verdicts_free(v);
}

static void
test_bounded(void **state)
{
	struct fixture *f = *state;
	static char text[RECORD_VALUE_BYTES];
	static struct record record;

	memset(text, 'x', sizeof(text));
	record_init(&record);
	for (int i = 0; i < 3; i++) /* the largest there is */
		record_add(&record, "findings", slice_make(text, sizeof(text)));
	for (int i = 0; i < 400; i++) {
		f->store->record(f->store, &record, 100);
		if (i % 100 == 99)
			sleep_ms(200); /* the queue has 4 MB */
	}
	settle(f, 100);
	sleep_ms(300);
	assert_in_range(server_number(&f->server, "XLEN gp:verdicts"), 100, 250);
}

static void
test_foreign(void **state)
{
	struct fixture *f = *state;
	static struct record record;
	struct store_verdicts *v;
	int64_t kept_ms;
	struct err err;

	server_do(&f->server, "XADD gp:verdicts * tomorrow x score 7 score 8 helo %s", "a\x1b[31m");
	v = store_admin_verdicts(f->admin, NULL);
	assert_int_equal(store_verdicts_next(v, &record, &kept_ms, NULL), 1);
	assert_int_equal(record.n, 2);
	assert_true(slice_eq(record_get(&record, "score"), slice_of("7")));
	assert_true(slice_eq(record_get(&record, "helo"), slice_of("a?[31m")));
	store_verdicts_free(v);
	server_do(&f->server, "DEL gp:verdicts");
	server_do(&f->server, "SET gp:verdicts x");
	v = store_admin_verdicts(f->admin, NULL);
	assert_int_equal(store_verdicts_next(v, &record, &kept_ms, &err), -1);
	assert_non_null(strstr(err.text, "WRONGTYPE"));
	store_verdicts_free(v);
}

/* A user who may not add to the stream: that is said once, nothing else suffers. */
static void
test_forbidden(void **state)
{
	struct fixture *f = *state;
	struct address local = address_parse(slice_of("local@example.net"));
	struct address remote = address_parse(slice_of("remote@example.com"));
	struct redis_conf conf = f->conf;
	static struct fixture poor;
	int warnings_before = atomic_load(&warnings), changes_before;

	server_do(&f->server, "ACL SETUSER poor on >pw ~* +@all -xadd");
	conf.user = "poor";
	conf.password = "pw";
	poor.store = store_redis_new(&conf, &notify, NULL);
	assert_non_null(poor.store);
	store_redis_warm(poor.store);
	changes_before = atomic_load(&changes);
	for (int i = 0; i < 20; i++)
		keep_numbered(&poor, i, KEEP);
	poor.store->met(poor.store, &local, &remote, 3600);
	for (int tries = 0; tries < 200; tries++) {
		if (server_number(
			&f->server, "EXISTS gp:met:{local@example.net}:remote@example.com"))
			break;
		sleep_ms(20);
	}
	keep_numbered(&poor, 20, KEEP);
	sleep_ms(300);
	assert_int_equal(
	    server_number(&f->server, "EXISTS gp:met:{local@example.net}:remote@example.com"), 1);
	assert_int_equal(server_number(&f->server, "EXISTS gp:verdicts"), 0);
	assert_int_equal(atomic_load(&warnings), warnings_before + 1);
	assert_int_equal(atomic_load(&changes), changes_before);
	store_redis_free(poor.store);
	server_do(&f->server, "ACL DELUSER poor");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_round_trip, clear),
	    cmocka_unit_test_setup(test_none, clear),
	    cmocka_unit_test_setup(test_pages, clear),
	    cmocka_unit_test_setup(test_edges, clear),
	    cmocka_unit_test_setup(test_bounded, clear),
	    cmocka_unit_test_setup(test_foreign, clear),
	    cmocka_unit_test_setup(test_forbidden, clear),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("verdicts", tests, setup, teardown);
}
