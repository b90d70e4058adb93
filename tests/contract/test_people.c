/*
 * test_people.c - reports, consents and forgetting, through a real redis-server.
 */
#include "io/store_admin_consent.h"
#include "io/store_admin_events.h"
#include "io/store_admin_forget.h"
#include "io/store_admin_report.h"
#include "redis_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define BASE INT64_C(1800000000)
#define DAY  INT64_C(86400)

struct fixture {
	struct test_server server;
	struct arena arena;
	struct store_admin *admin;
};

static int
setup(void **state)
{
	static struct fixture f;
	struct redis_conf conf;
	struct err err = {ERR_NONE, ""};

	server_init(&f.server);
	server_start(&f.server, NULL);
	arena_init(&f.arena, 4096, 65536);
	conf = server_conf(&f.server, &f.arena);
	conf.timeout_ms = 5000; /* slow machines, sanitizers */
	f.admin = store_admin_new(&conf, &err);
	if (f.admin == NULL)
		print_error("%s\n", err.text);
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
	return 0;
}

/* Three pages and a part of one, in order; an iterator that is left early leaves the connection well. */
static void
test_report(void **state)
{
	struct fixture *f = *state;
	struct store_report *report;
	struct report_event event;
	struct err err = {ERR_NONE, ""};
	struct store_report_days days = {BASE - 250 * DAY, BASE};
	char want[24];

	assert_int_equal(store_admin_report_any(f->admin, "shop", &days, &err), 0);
	for (int i = 0; i < 3500; i++)
		server_do(&f->server,
		    "XADD gp:ev:{shop} %d-1 type sent msg m%d nrcpt 2 odd x time %d", 1000 + i, i,
		    i);
	assert_int_equal(store_admin_report_any(f->admin, "shop", &days, &err), 1);
	for (int from = 0; from <= 3500; from += 700) {
		report = store_admin_report(f->admin, "shop", 1000 + from, &err);
		assert_non_null(report);
		for (int i = from; i < (from == 1400 ? 1450 : 3500); i++) {
			assert_int_equal(store_report_next(report, &event, &err), 1);
			(void)snprintf(want, sizeof(want), "m%d", i);
			assert_true(slice_eq(event.msg, slice_of(want)));
			assert_int_equal(event.nrcpt, 2);
			assert_int_equal(event.time_s, i == 0 ? 1 : i); /* none: when it was kept */
			assert_int_equal(event.rcpt.n, 0);
		}
		if (from != 1400)
			assert_int_equal(store_report_next(report, &event, &err), 0);
		store_report_free(report);
	}
	assert_null(store_admin_report(f->admin, "*", 0, &err));
}

static void
test_counted(void **state)
{
	static const uint64_t secret[2] = {1, 2};
	struct fixture *f = *state;
	struct store_report_days days = {BASE - 250 * DAY, BASE};
	struct report *report = report_new(REPORT_BY_DAY, secret, NULL);
	const struct report_row *rows;
	struct err err = {ERR_NONE, ""};

	assert_int_equal(store_admin_report_counted(f->admin, "shop", &days, report, &err), 0);
	for (int i = -1; i <= 252; i++) {
		char hour[STAT_HOUR_BYTES];

		stat_hour(hour, BASE + DAY - i * DAY);
		hour[8] = '\0';
		server_do(&f->server, "HSET gp:hits:{shop}:%s opened:human 1 odd x", hour);
		server_do(&f->server,
		    "EVAL redis.call('HSET',KEYS[1],'opened'..string.char(32)..'human',2) 1 "
		    "gp:hits:{shop}:%s",
		    hour);
	}
	assert_int_equal(store_admin_report_counted(f->admin, "shop", &days, report, &err), 1);
	report_sort(report);
	assert_int_equal(report_rows(report, &rows), 251);
	assert_int_equal(report_total(report)->counts[REPORT_OPENED_TOTAL], 502);
	report_free(report);
	server_do(&f->server, "SET gp:hits:{shop}:20270115 x");
	report = report_new(REPORT_BY_DAY, secret, NULL);
	assert_int_equal(store_admin_report_counted(f->admin, "shop", &days, report, &err), -1);
	assert_non_null(strstr(err.text, "WRONGTYPE"));
	report_free(report);
	assert_int_equal(store_admin_report_any(f->admin, "zoo", &days, &err), 0); /* goes on */
}

/* Accounts of which nothing is kept but counts. */
static void
test_counted_only(void **state)
{
	struct fixture *f = *state;
	struct store_report_days days = {BASE - 250 * DAY, BASE};
	struct store_event_accounts accounts;
	struct err err = {ERR_NONE, ""};

	for (int i = 0; i < 250; i++) {
		char hour[STAT_HOUR_BYTES];

		stat_hour(hour, BASE - i * DAY);
		hour[8] = '\0';
		server_do(&f->server, "HSET gp:hits:{shop}:%s opened 1", hour);
		server_do(&f->server, "HSET gp:hits:{n%d}:20270115 opened 1", i);
	}
	server_do(&f->server, "XADD gp:ev:{zoo} * type sent");
	server_do(&f->server, "HSET gp:hits:{zoo}:20270115 opened 1");
	server_do(&f->server, "HSET gp:hits:{NO}:20270115 opened 1");
	server_do(&f->server, "HSET gp:hits:{shap:20270115 opened 1");
	server_do(&f->server, "HSET gp:hook:{hook} since 1");
	assert_int_equal(store_admin_report_accounts(f->admin, &accounts, &err), 0);
	assert_int_equal(accounts.n, 252);
	assert_string_equal(accounts.v[0], "n0");
	assert_string_equal(accounts.v[250], "shop");
	assert_string_equal(accounts.v[251], "zoo");
	store_event_accounts_free(&accounts);
	assert_int_equal(store_admin_event_accounts(f->admin, &accounts, &err), 0);
	assert_int_equal(accounts.n, 1);
	store_event_accounts_free(&accounts);
	assert_int_equal(store_admin_report_any(f->admin, "shop", &days, &err), 1);
	days = (struct store_report_days){BASE - 150 * DAY, BASE - 140 * DAY};
	assert_int_equal(store_admin_report_any(f->admin, "shop", &days, &err), 1);
	assert_int_equal(store_admin_report_any(f->admin, "n0", &days, &err), 0);
	assert_int_equal(store_admin_report_any(f->admin, "zoo", &days, &err), 1);
}

struct seen {
	int n;
	int stop;
	char last[40];
};

static bool
consent_see(void *arg, const char *account, struct slice field, const struct consent *consent)
{
	struct seen *seen = arg;

	(void)snprintf(seen->last, sizeof(seen->last), "%s %.*s %s", account,
	    SLICE_ARG(slice_head(field, 20)), consent_mode_name(consent->mode));
	return ++seen->n != seen->stop;
}

static void
test_consent(void **state)
{
	struct fixture *f = *state;
	struct address ann = address_parse(slice_of("Ann@example.com"));
	struct consent consent = {.mode = PRIVACY_ANONYMOUS, .since_s = 5};
	struct seen seen = {.n = 0};
	struct err err = {ERR_NONE, ""};

	assert_int_equal(store_admin_consent_get(f->admin, "*", &ann, &consent, &err), 0);
	assert_int_equal(store_admin_consent_set(f->admin, "*", &ann, &consent, &err), 0);
	consent.mode = PRIVACY_OFF;
	assert_int_equal(store_admin_consent_set(f->admin, "shop", &ann, &consent, &err), 0);
	assert_int_equal(store_admin_consent_get(f->admin, "*", &ann, &consent, &err), 1);
	assert_int_equal(consent.mode, PRIVACY_ANONYMOUS);
	server_do(&f->server, "HSET gp:consent:{No:Name} a b");
	server_do(&f->server, "HSET gp:consent:{shop} bob@example.com nonsense");
	assert_int_equal(store_admin_consents_all(f->admin, consent_see, &seen, &err), 0);
	assert_int_equal(seen.n, 3);
	seen = (struct seen){.stop = 1};
	assert_int_equal(store_admin_consents_all(f->admin, consent_see, &seen, &err), 0);
	assert_int_equal(seen.n, 1);
	seen = (struct seen){.n = 0};
	assert_int_equal(store_admin_consents_of(f->admin, &ann, consent_see, &seen, &err), 0);
	assert_int_equal(seen.n, 2);
	assert_int_equal(
	    store_admin_consent_remove(f->admin, "shop", slice_of("bob@example.com"), &err), 1);
	assert_int_equal(
	    store_admin_consent_remove(f->admin, "shop", slice_of("bob@example.com"), &err), 0);
	seen = (struct seen){.n = 0};
	assert_int_equal(store_admin_consents(f->admin, "shop", consent_see, &seen, &err), 0);
	assert_string_equal(seen.last, "shop ann@example.com off");
	server_do(&f->server, "SET gp:consent:{zoo} x");
	assert_int_equal(store_admin_consents(f->admin, "zoo", consent_see, &seen, &err), -1);
}

static void
forget_tell(void *arg, enum store_forget_kind kind, const char *account,
    const struct store_forget_counts *counts)
{
	struct store_forget_counts *all = arg;

	(void)account;
	all[kind].found += counts->found;
	all[kind].done += counts->done;
}

/* More than a page of everything, among much that is not hers. */
static void
test_forget(void **state)
{
	static struct forget_person person;
	struct fixture *f = *state;
	struct address ann = address_parse(slice_of("ann@example.com"));
	struct store_forget_wish wish = {&person, false, false, 1};
	struct store_forget_counts counts[STORE_FORGET_KINDS] = {{0, 0}};
	struct err err = {ERR_NONE, ""};
	redisReply *ids;

	assert_int_equal(forget_person_init(&person, &ann, &err), 0);
	for (int i = 0; i < 1000; i++) {
		const char *who = i % 4 == 0 ? "ann@example.com" : "bob@example.com";

		server_do(&f->server,
		    "XADD gp:ev:{shop} %d-1 type opened msg m%d nth 1 client 192.0.2.1", i + 1, i);
		server_do(&f->server, "HSET gp:msg:{shop}:m%d rcpt:%s sent to %s nrcpt 1 subject s",
		    i, who, who);
		server_do(&f->server, "EXPIRE gp:msg:{shop}:m%d 1000", i);
		server_do(&f->server, "XADD gp:verdicts %d-1 rcpt %s", i + 1, who);
		server_do(&f->server, "SET gp:met:{%s}:x%d@far.example 1", who, i);
	}
	assert_int_equal(store_admin_forget(f->admin, &wish, forget_tell, counts, &err), 0);
	for (unsigned kind = 0; kind <= STORE_FORGET_CORRESPONDENTS; kind++) {
		bool none = kind == STORE_FORGET_TUPLES || kind == STORE_FORGET_COUNTS;

		if (counts[kind].found != (none ? 0 : 250) ||
		    counts[kind].done != counts[kind].found)
			fail_msg("kind %u: %d of %d", kind, (int)counts[kind].done,
			    (int)counts[kind].found);
	}
	assert_int_equal(server_number(&f->server, "XLEN gp:ev:{shop}"), 1000);
	assert_int_equal(server_number(&f->server, "XLEN gp:verdicts"), 750);
	assert_int_equal(server_number(&f->server, "HEXISTS gp:msg:{shop}:m4 subject"), 0);
	assert_int_equal(server_number(&f->server, "HEXISTS gp:msg:{shop}:m5 subject"), 1);
	assert_in_range(server_number(&f->server, "TTL gp:msg:{shop}:m4"), 900, 1000);
	ids = server_ask(&f->server, "XREVRANGE gp:ev:{shop} + - COUNT 1");
	assert_string_equal(ids->element[0]->element[1]->element[6]->str, "forgot");
	freeReplyObject(ids);
	memset(counts, 0, sizeof(counts));
	assert_int_equal(store_admin_forget(f->admin, &wish, forget_tell, counts, &err), 0);
	for (unsigned kind = 0; kind < STORE_FORGET_KINDS; kind++)
		assert_int_equal(counts[kind].found, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_report, clear),
	    cmocka_unit_test_setup(test_counted, clear),
	    cmocka_unit_test_setup(test_counted_only, clear),
	    cmocka_unit_test_setup(test_consent, clear),
	    cmocka_unit_test_setup(test_forget, clear),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("people", tests, setup, teardown);
}
