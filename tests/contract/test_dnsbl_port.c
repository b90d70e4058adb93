/*
 * test_dnsbl_port.c - lib/io/dnsbl_port, over a DNS that answers from a table, a clock that is moved
 * by hand, and the store in memory; and once with its thread.
 */
#include "fake/fake_dns.h"
#include "io/clock.h"
#include "io/dnsbl_port.h"
#include "io/store_memory.h"
#include "policy/dnsbl.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000)

enum { GOOD, SECOND, ZONES };

static const char *const entries[ZONES] = {"good.example*30", "second.example"};

struct world {
	struct arena arena;
	struct fake_clock clock;
	struct fake_dns *dns;
	struct store *store;
	struct dnsbl_table *table;
	struct dnsbl_limits limits[DNSBL_ZONES_MAX];
	struct dnsbl_port *port;
	/* what was told last, and how often */
	char told[200];
	unsigned tellings;
};

static void
told(void *arg, const struct dnsbl_change *change)
{
	struct world *w = arg;

	w->tellings++;
	(void)snprintf(w->told, sizeof(w->told), "%s %s %s %s", change->zone, change->state,
	    change->reason, change->detail);
}

static void
dns_says(struct world *w, const char *line)
{
	struct err err;

	if (fake_dns_line(w->dns, slice_of(line), &err) != 0)
		fail_msg("%s", err.text);
}

static struct dnsbl_port *
port_new(struct world *w, struct dnsbl_port *before)
{
	struct dnsbl_setup setup = {
	    w->table, w->limits, &w->clock.port, fake_dns_port(w->dns), w->store, {w, told}};
	struct err err;
	struct dnsbl_port *port = dnsbl_port_new(&setup, before, &err);

	assert_non_null(port);
	return port;
}

static struct dnsbl_table *
table_new(struct world *w, const char *const *v, size_t n)
{
	struct dnsbl_table *table = dnsbl_table_new(&w->arena);
	struct err err;

	for (size_t i = 0; i < n; i++) {
		if (dnsbl_table_add(table, &w->arena, false, slice_of(v[i]), &err) != 0)
			fail_msg("%s", err.text);
	}
	return table;
}

static int
setup(void **state)
{
	static struct world w;

	w = (struct world){.told = ""};
	arena_init(&w.arena, 65536, 1024 * 1024);
	fake_clock_init(&w.clock);
	w.dns = fake_dns_new(&w.clock);
	w.store = store_memory_new(100, &w.clock.port, NULL);
	w.table = table_new(&w, entries, ZONES);
	for (size_t i = 0; i < DNSBL_ZONES_MAX; i++)
		w.limits[i] = (struct dnsbl_limits){30 * MINUTE, 60};
	w.port = port_new(&w, NULL);
	dns_says(&w, "A 2.0.0.127.good.example 127.0.0.2");
	dns_says(&w, "A 2.0.0.127.second.example 127.0.0.2");
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	dnsbl_port_free(w->port);
	store_memory_free(w->store);
	fake_dns_free(w->dns);
	arena_fini(&w->arena);
	return 0;
}

/* Until the canaries are answered. */
static void
tick(struct world *w)
{
	while (dnsbl_port_tick(w->port))
		;
}

static void
pass(struct world *w, int64_t ms)
{
	fake_clock_pass(&w->clock, ms);
	tick(w);
}

static void
state_is(struct world *w, size_t zone, enum dnsbl_state want)
{
	enum dnsbl_state got = dnsbl_port_state(w->port, zone);

	if (got != want)
		fail_msg("zone %zu is %s, not %s (%s)", zone, dnsbl_state_name(got),
		    dnsbl_state_name(want), w->told);
	assert_int_equal(w->port->usable(w->port, zone), want == DNSBL_STATE_OK);
}

static struct dnsbl_note
note_of(struct world *w, const char *zone)
{
	struct dnsbl_note note;

	if (!store_memory_zone(w->store, slice_of(zone), &note))
		fail_msg("nothing is known of %s", zone);
	return note;
}

static void
test_start(void **state)
{
	struct world *w = *state;

	state_is(w, GOOD, DNSBL_STATE_UNTESTED);
	tick(w);
	state_is(w, GOOD, DNSBL_STATE_OK);
	state_is(w, SECOND, DNSBL_STATE_OK);
	assert_int_equal(w->tellings, 2);
	assert_int_equal(fake_dns_asked(w->dns), 4);
	assert_string_equal(note_of(w, "good.example").state, "ok");
	assert_int_equal(note_of(w, "good.example").ms, 0);
	pass(w, 29 * MINUTE);
	assert_int_equal(fake_dns_asked(w->dns), 4);
	pass(w, MINUTE);
	assert_int_equal(fake_dns_asked(w->dns), 8);
	assert_int_equal(w->tellings, 2);
}

/* Each way of being wrong, found at the start, seen by nobody's mail, and mended. */
static void
test_wrong(void **state)
{
	static const struct {
		const char *lines[2];
		const char *told;
	} rows[] = {
	    {{"NXDOMAIN 2.0.0.127.good.example"},
		"good.example suspended dead test entry is not listed"},
	    {{"A 1.0.0.127.good.example 127.0.0.2"}, "good.example suspended lies 127.0.0.2"},
	    {{"A 2.0.0.127.good.example 127.255.255.254"},
		"good.example suspended error 127.255.255.254"},
	    {{"A 1.0.0.127.good.example 198.51.100.1"},
		"good.example suspended error 198.51.100.1"},
	    {{"TEMPERROR 1.0.0.127.good.example A"}, "good.example suspended silent no answer"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dnsbl_note note;
		struct world *w;
		char text[300];

		(void)teardown(state);
		(void)setup(state);
		w = *state;
		dns_says(w, rows[i].lines[0]);
		dns_says(w, "NXDOMAIN 2.0.0.127.second.example");
		dns_says(w, "NXDOMAIN 1.0.0.127.second.example");
		dns_says(w, "A 2.0.0.127.second.example 127.0.0.2");
		tick(w);
		state_is(w, GOOD, DNSBL_STATE_SUSPENDED);
		state_is(w, SECOND, DNSBL_STATE_OK);
		assert_int_equal(w->tellings, 2);
		note = note_of(w, "good.example");
		(void)snprintf(text, sizeof(text), "%s %s %s %s", note.name, note.state,
		    note.reason, note.error);
		assert_string_equal(text, rows[i].told);
		/* mended: it comes back by itself within a minute */
		dns_says(w, "NXDOMAIN 2.0.0.127.good.example");
		dns_says(w, "NXDOMAIN 1.0.0.127.good.example");
		dns_says(w, "A 2.0.0.127.good.example 127.0.0.2");
		pass(w, MINUTE - 1);
		state_is(w, GOOD, DNSBL_STATE_SUSPENDED);
		pass(w, 1);
		state_is(w, GOOD, DNSBL_STATE_OK);
		assert_string_equal(w->told, "good.example ok  ");
	}
}

/* A zone that does not answer holds up nobody. */
static void
test_never(void **state)
{
	struct world *w = *state;
	int64_t began_ms = w->clock.now_ms;
	unsigned ticks = 0;

	dns_says(w, "NEVER 1.0.0.127.good.example A");
	assert_true(dnsbl_port_tick(w->port));
	state_is(w, SECOND, DNSBL_STATE_OK);
	state_is(w, GOOD, DNSBL_STATE_UNTESTED);
	while (dnsbl_port_tick(w->port))
		assert_true(++ticks < 100);
	state_is(w, GOOD, DNSBL_STATE_SUSPENDED);
	assert_string_equal(w->told, "good.example suspended silent no answer");
	assert_true(w->clock.now_ms - began_ms <= 5000);
}

static void
report(struct world *w, size_t zone, enum dnsbl_status status, uint64_t client)
{
	struct dnsbl_report r = {status, true, client, "127.255.255.252"};

	w->port->report(w->port, zone, &r);
}

static void
test_reports(void **state)
{
	struct world *w = *state;
	struct dnsbl_note note;

	tick(w);
	report(w, GOOD, DNSBL_LISTED, 1);
	report(w, GOOD, DNSBL_UNLISTED, 2);
	report(w, GOOD, DNSBL_TEMPERROR, 3);
	w->port->decided(w->port, GOOD);
	assert_int_equal(note_of(w, "good.example").added.asked, 0);
	pass(w, 10000);
	note = note_of(w, "good.example");
	assert_int_equal(note.added.asked, 3);
	assert_int_equal(note.added.listed, 1);
	assert_int_equal(note.added.decided, 1);
	assert_int_equal(note.added.timeouts, 1);
	report(w, GOOD, DNSBL_ERROR, 4);
	state_is(w, GOOD, DNSBL_STATE_SUSPENDED);
	assert_string_equal(w->told, "good.example suspended error 127.255.255.252");
	tick(w); /* a change is told to the store at once */
	note = note_of(w, "good.example");
	assert_string_equal(note.state, "suspended");
	assert_string_equal(note.reason, "error");
	assert_string_equal(note.error, "127.255.255.252");
	assert_int_equal(note.added.asked, 4);
	assert_int_equal(note.added.errors, 1);
	assert_true(note.host[0] != '\0');
	for (uint64_t client = 1; client < 100; client++)
		report(w, SECOND, DNSBL_LISTED, client);
	state_is(w, SECOND, DNSBL_STATE_SUSPENDED);
	assert_string_equal(w->told, "second.example suspended breaker lists too many");
}

static void
off_are(struct world *w, const char *const *names)
{
	struct slice v[4];
	size_t n = 0;

	for (; names[n] != NULL; n++)
		v[n] = slice_of(names[n]);
	assert_int_equal(store_memory_set_list(w->store, STORE_DNSBL_OFF, v, n, NULL), 0);
}

static void
test_switch(void **state)
{
	struct world *w = *state;

	tick(w);
	off_are(w, (const char *const[]){"other.example", "GOOD.example", NULL});
	tick(w);
	state_is(w, GOOD, DNSBL_STATE_OFF);
	state_is(w, SECOND, DNSBL_STATE_OK);
	assert_string_equal(w->told, "good.example off operator ");
	assert_string_equal(note_of(w, "good.example").state, "off");
	pass(w, 100 * MINUTE);
	state_is(w, GOOD, DNSBL_STATE_OFF);
	off_are(w, (const char *const[]){NULL});
	tick(w);
	state_is(w, GOOD, DNSBL_STATE_OK);
	assert_string_equal(note_of(w, "good.example").state, "ok");
}

/* A reload: what is in both goes on; the counts of the old one are not lost. */
static void
test_take_over(void **state)
{
	static const char *const next_entries[] = {"third.example", "good.example*5"};
	struct world *w = *state;
	struct dnsbl_port *before = w->port;

	tick(w);
	dns_says(w, "A 1.0.0.127.good.example 127.0.0.2");
	pass(w, 30 * MINUTE);
	state_is(w, GOOD, DNSBL_STATE_SUSPENDED);
	report(w, SECOND, DNSBL_LISTED, 1);
	report(w, GOOD, DNSBL_LISTED, 1);
	w->table = table_new(w, next_entries, 2);
	w->port = port_new(w, before);
	state_is(w, 0, DNSBL_STATE_UNTESTED);
	state_is(w, 1, DNSBL_STATE_SUSPENDED);
	before->decided(before, GOOD); /* a session of before */
	dns_says(w, "NXDOMAIN 1.0.0.127.good.example");
	fake_clock_pass(&w->clock, 100 * MINUTE);
	tick(w);
	state_is(w, 1, DNSBL_STATE_OK);
	dnsbl_port_free(before);
	dnsbl_port_free(w->port);
	w->port = NULL;
	assert_string_equal(note_of(w, "good.example").state, "ok");
	assert_int_equal(note_of(w, "good.example").added.asked, 1);
	assert_int_equal(note_of(w, "good.example").added.decided, 1);
	assert_int_equal(note_of(w, "second.example").added.listed, 1);
}

/* A reload that is refused leaves the zones to the port that is in force; one that is not takes them
 * over when it has started. */
static void
test_retire(void **state)
{
	struct world *w = *state;
	struct dnsbl_setup setup = {
	    w->table, w->limits, &clock_real, fake_dns_port(w->dns), w->store, {NULL, NULL}};
	struct timespec pause = {0, 2000000};
	struct dnsbl_port *next;
	struct err err;
	unsigned asked;

	tick(w);
	dnsbl_port_free(port_new(w, w->port));
	asked = fake_dns_asked(w->dns);
	pass(w, 30 * MINUTE);
	assert_int_equal(fake_dns_asked(w->dns), asked + 4);
	next = dnsbl_port_new(&setup, w->port, &err);
	assert_int_equal(dnsbl_port_start(next, &err), 0);
	for (int i = 0; i < 2000 && fake_dns_asked(w->dns) < asked + 8; i++)
		(void)nanosleep(&pause, NULL);
	asked = fake_dns_asked(w->dns);
	pass(w, 30 * MINUTE);
	assert_int_equal(fake_dns_asked(w->dns), asked);
	dnsbl_port_free(next);
}

/* A whole session, as the pipeline does it. */
static void
test_session(void **state)
{
	struct world *w = *state;
	struct dnsbl_check *check;
	struct lookup lookup;

	tick(w);
	dns_says(w, "A 4.3.2.192.good.example 127.0.0.2");
	dns_says(w, "A 4.3.2.192.second.example 127.255.255.255");
	for (int i = 0; i < 2; i++) {
		lookup_init(&lookup, fake_dns_port(w->dns), w->clock.now_ms + 4000);
		check = dnsbl_check_new(&w->arena, w->table, w->port, DNSBL_CLIENT);
		(void)net_addr_parse(slice_of("192.2.3.4"), &check->client);
		while (!dnsbl_advance(check, &lookup))
			lookup_wait(&lookup);
		lookup_fini(&lookup);
		assert_int_equal(check->results[GOOD].status, DNSBL_LISTED);
		assert_int_equal(
		    check->results[SECOND].status, i == 0 ? DNSBL_ERROR : DNSBL_SUSPENDED);
	}
	assert_string_equal(w->told, "second.example suspended error 127.255.255.255");
}

/* ---- with the thread ---- */

#define THREADS 8

static void *
many_reports(void *arg)
{
	struct world *w = arg;

	for (uint64_t i = 0; i < 2000; i++) {
		if (w->port->usable(w->port, GOOD))
			report(w, GOOD, DNSBL_UNLISTED, i);
		w->port->decided(w->port, SECOND);
	}
	return NULL;
}

static void
test_thread(void **state)
{
	struct world *w = *state;
	struct dnsbl_setup setup = {
	    w->table, w->limits, &clock_real, fake_dns_port(w->dns), w->store, {NULL, NULL}};
	pthread_t threads[THREADS];
	struct err err;

	dnsbl_port_free(w->port);
	w->port = dnsbl_port_new(&setup, NULL, &err);
	assert_non_null(w->port);
	assert_int_equal(dnsbl_port_start(w->port, &err), 0);
	dnsbl_port_warm(w->port, 5000);
	state_is(w, GOOD, DNSBL_STATE_OK);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many_reports, w), 0);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	dnsbl_port_free(w->port);
	w->port = NULL;
	assert_int_equal(note_of(w, "good.example").added.asked, THREADS * 2000);
	assert_int_equal(note_of(w, "second.example").added.decided, THREADS * 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_start, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_wrong, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_never, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_reports, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_switch, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_take_over, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_retire, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_session, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_thread, setup, teardown),
	};

	return cmocka_run_group_tests_name("dnsbl_port", tests, NULL, NULL);
}
