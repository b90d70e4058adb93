/*
 * test_dnsbl.c - lib/policy/dnsbl and dnsbl_canary, over a DNS that answers from a table.
 */
#include "fake/fake_dns.h"
#include "policy/dnsbl.h"
#include "policy/dnsbl_canary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* A port that remembers what it was told. */
struct told {
	struct dnsbl_port port;
	bool unusable[DNSBL_ZONES_MAX];
	bool turns_unusable[DNSBL_ZONES_MAX]; /* once it is reported */
	unsigned reports[DNSBL_ZONES_MAX];
	struct dnsbl_report last[DNSBL_ZONES_MAX];
	unsigned decided[DNSBL_ZONES_MAX];
};

struct world {
	struct arena arena;
	struct fake_clock clock;
	struct fake_dns *dns;
	struct lookup lookup;
	struct dnsbl_table *table;
	struct told told;
};

static bool
told_usable(struct dnsbl_port *port, size_t zone)
{
	return !((struct told *)(void *)port)->unusable[zone];
}

static void
told_report(struct dnsbl_port *port, size_t zone, const struct dnsbl_report *report)
{
	struct told *told = (struct told *)(void *)port;

	told->reports[zone]++;
	told->last[zone] = *report;
	if (told->turns_unusable[zone])
		told->unusable[zone] = true;
}

static void
told_decided(struct dnsbl_port *port, size_t zone)
{
	((struct told *)(void *)port)->decided[zone]++;
}

static int
setup(void **state)
{
	static struct world w;

	w = (struct world){.told.port = {told_usable, told_report, told_decided}};
	arena_init(&w.arena, 65536, 1024 * 1024);
	fake_clock_init(&w.clock);
	w.dns = fake_dns_new(&w.clock);
	w.table = dnsbl_table_new(&w.arena);
	lookup_init(&w.lookup, fake_dns_port(w.dns), w.clock.now_ms + 4000);
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	lookup_fini(&w->lookup);
	fake_dns_free(w->dns);
	arena_fini(&w->arena);
	return 0;
}

static void
lists_are(struct world *w, bool domains, const char *const *entries)
{
	struct err err;

	for (; *entries != NULL; entries++) {
		if (dnsbl_table_add(w->table, &w->arena, domains, slice_of(*entries), &err) != 0)
			fail_msg("%s", err.text);
	}
}

#define LISTS(w, ...)   lists_are(w, false, (const char *const[]){__VA_ARGS__, NULL})
#define DOMAINS(w, ...) lists_are(w, true, (const char *const[]){__VA_ARGS__, NULL})

static void
dns_says(struct world *w, const char *line)
{
	struct err err;

	if (fake_dns_line(w->dns, slice_of(line), &err) != 0)
		fail_msg("%s", err.text);
}

static struct dnsbl_check *
client_check(struct world *w, const char *client)
{
	struct dnsbl_check *c = dnsbl_check_new(&w->arena, w->table, &w->told.port, DNSBL_CLIENT);

	assert_non_null(c);
	assert_int_equal(net_addr_parse(slice_of(client), &c->client), 0);
	return c;
}

static void
finish(struct world *w, struct dnsbl_check *c)
{
	unsigned calls = 0;

	while (!dnsbl_advance(c, &w->lookup)) {
		lookup_wait(&w->lookup);
		assert_true(++calls < 10);
	}
	assert_true(dnsbl_advance(c, &w->lookup));
}

static void
result_is(const struct dnsbl_check *c, size_t zone, enum dnsbl_status status, int weight,
    const char *codes)
{
	const struct dnsbl_result *r = &c->results[zone];

	if (r->status != status || r->weight != weight || strcmp(r->codes, codes) != 0)
		fail_msg("zone %zu: %s %d \"%s\", not %s %d \"%s\"", zone,
		    dnsbl_status_name(r->status), r->weight, r->codes, dnsbl_status_name(status),
		    weight, codes);
}

static void
test_statuses(void **state)
{
	struct world *w = *state;
	struct dnsbl_check *c;

	LISTS(w, "none.example", "listed.example=127.0.0.2*7", "other.example=127.0.0.2",
	    "error.example", "temp.example", "never.example", "both.example=127.0.0.[2..3]",
	    "many.example=127.0.0.[0..255]*3", "list.dnswl.org*-5", "nodata.example");
	dns_says(w, "A 4.3.2.192.listed.example 127.0.0.2");
	dns_says(w, "A 4.3.2.192.other.example 127.0.0.3");
	dns_says(w, "A 4.3.2.192.error.example 127.255.255.254");
	dns_says(w, "TEMPERROR 4.3.2.192.temp.example A");
	dns_says(w, "NEVER 4.3.2.192.never.example A");
	dns_says(w, "A 4.3.2.192.both.example 127.0.0.2");
	dns_says(w, "A 4.3.2.192.both.example 192.0.2.1");
	for (int i = 2; i < 10; i++) {
		char line[64] = "A 4.3.2.192.many.example 127.0.0.x";

		line[strlen(line) - 1] = (char)('0' + i);
		dns_says(w, line);
	}
	dns_says(w, "A 4.3.2.192.list.dnswl.org 127.0.10.3");
	dns_says(w, "NODATA 4.3.2.192.nodata.example");
	c = client_check(w, "192.2.3.4");
	assert_false(dnsbl_advance(c, &w->lookup)); /* never.example */
	assert_int_equal(fake_dns_asked(w->dns), 10);
	assert_int_equal(w->told.reports[1], 0);
	finish(w, c);
	assert_int_equal(fake_dns_asked(w->dns), 10);
	result_is(c, 0, DNSBL_UNLISTED, 0, "");
	result_is(c, 1, DNSBL_LISTED, 7, "127.0.0.2");
	result_is(c, 2, DNSBL_UNLISTED, 0, "");
	result_is(c, 3, DNSBL_ERROR, 0, "127.255.255.254");
	result_is(c, 4, DNSBL_TEMPERROR, 0, "");
	result_is(c, 5, DNSBL_TEMPERROR, 0, "");
	result_is(c, 6, DNSBL_ERROR, 0, "192.0.2.1");
	result_is(c, 7, DNSBL_LISTED, 3,
	    "127.0.0.2,127.0.0.3,127.0.0.4,127.0.0.5,127.0.0.6,127.0.0.7,...");
	result_is(c, 8, DNSBL_ERROR, 0, "127.0.10.3");
	result_is(c, 9, DNSBL_UNLISTED, 0, "");
	for (size_t i = 0; i < 10; i++) {
		assert_int_equal(w->told.reports[i], 1);
		assert_int_equal(w->told.last[i].status, c->results[i].status);
	}
	assert_string_equal(w->told.last[3].detail, "127.255.255.254");
	assert_false(w->told.last[1].alone); /* many.example lists it too */
}

/* One question for all the rules of a zone, each of which weighs once. */
static void
test_fan_out(void **state)
{
	struct world *w = *state;
	struct dnsbl_check *c;

	LISTS(w, "zen.example=127.0.0.[2;3]*20", "zen.example=127.0.0.[4..7]*25",
	    "zen.example=127.0.0.[10;11]*5 block", "zen.example=127.0.0.2*100");
	dns_says(w, "A 4.3.2.192.zen.example 127.0.0.4");
	dns_says(w, "A 4.3.2.192.zen.example 127.0.0.5");
	dns_says(w, "A 4.3.2.192.zen.example 127.0.0.10");
	c = client_check(w, "192.2.3.4");
	finish(w, c);
	assert_int_equal(fake_dns_asked(w->dns), 1);
	result_is(c, 0, DNSBL_LISTED, 30, "127.0.0.4,127.0.0.5,127.0.0.10");
	assert_true(c->results[0].block);
	assert_true(w->told.last[0].alone);
	assert_int_equal(w->told.last[0].client, dnsbl_client_key(&c->client));
}

static void
test_families(void **state)
{
	struct world *w = *state;
	struct dnsbl_check *c;

	LISTS(w, "both.example", "four.example ipv4", "six.example ipv6");
	dns_says(w, "A 8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
		    "both.example 127.0.0.2");
	c = client_check(w, "2001:db8::8");
	finish(w, c);
	result_is(c, 0, DNSBL_LISTED, 10, "127.0.0.2");
	result_is(c, 1, DNSBL_UNASKED, 0, "");
	result_is(c, 2, DNSBL_UNLISTED, 0, "");
	assert_int_equal(w->told.reports[1], 0);
	c = client_check(w, "::ffff:192.0.2.1");
	finish(w, c);
	result_is(c, 1, DNSBL_UNLISTED, 0, "");
	result_is(c, 2, DNSBL_UNASKED, 0, "");
	for (int i = 0; i < 2; i++) {
		c = client_check(w, i == 0 ? "127.0.0.1" : "::1");
		finish(w, c);
		result_is(c, 0, DNSBL_UNASKED, 0, "");
	}
	c->finished = false;
	c->client = (struct net_addr){.family = NET_NONE};
	finish(w, c);
	result_is(c, 0, DNSBL_UNASKED, 0, "");
}

static void
test_names(void **state)
{
	struct world *w = *state;
	struct dnsbl_check *c = NULL;

	LISTS(w, "client.example");
	DOMAINS(w, "all.example*9", "sender.example sender", "rdns.example rdns helo");
	dns_says(w, "A bad.example.net.all.example 127.0.0.2");
	dns_says(w, "A host.example.org.all.example 127.0.0.3");
	dns_says(w, "A bad.example.net.sender.example 127.0.0.2");
	c = dnsbl_check_new(&w->arena, w->table, &w->told.port, DNSBL_NAMES);
	c->names[DNSBL_NAME_HELO] = slice_of("HOST.example.org");
	assert_false(dnsbl_advance(c, &w->lookup));
	assert_int_equal(fake_dns_asked(w->dns), 2);
	c->names[DNSBL_NAME_SENDER] = slice_of("bad.example.net");
	assert_false(dnsbl_advance(c, &w->lookup));
	assert_int_equal(fake_dns_asked(w->dns), 4);
	c->names[DNSBL_NAME_RDNS] = slice_of("192.0.2.1");
	c->names_known = true;
	finish(w, c);
	assert_int_equal(fake_dns_asked(w->dns), 4);
	result_is(c, 0, DNSBL_UNASKED, 0, "");
	result_is(c, 1, DNSBL_LISTED, 9, "127.0.0.3,127.0.0.2");
	result_is(c, 2, DNSBL_LISTED, 10, "127.0.0.2");
	result_is(c, 3, DNSBL_UNLISTED, 0, "");

	/* names that never come, when the deadline does */
	c = dnsbl_check_new(&w->arena, w->table, &w->told.port, DNSBL_NAMES);
	assert_false(dnsbl_advance(c, &w->lookup));
	w->lookup.over = true;
	assert_true(dnsbl_advance(c, &w->lookup));
	result_is(c, 1, DNSBL_UNASKED, 0, "");
}

static void
test_askable(void **state)
{
	static const struct {
		const char *name;
		bool want;
	} rows[] = {
	    {"example.com", true},
	    {"A.b-c_d.example", true},
	    {"example.com.", false},
	    {"localhost", false},
	    {"", false},
	    {".example", false},
	    {"192.0.2.1", false},
	    {"[192.0.2.1]", false},
	    {"[IPv6:2001:db8::1]", false},
	    {"2001:db8::1", false},
	    {"1.2.3.4.5", false},
	    {"foo.123", false},
	    {"xn--bcher-kva.example", true},
	    {"foo.xn--p1ai", true},
	    {"two words.example", false},
	    {"b\xc3\xbc"
	     "cher.example",
		false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (dnsbl_name_is_askable(slice_of(rows[i].name)) != rows[i].want)
			fail_msg("%s", rows[i].name);
	}
}

static void
test_suspended(void **state)
{
	struct world *w = *state;
	struct dnsbl_check *c;

	LISTS(w, "a.example block", "b.example block");
	dns_says(w, "A 4.3.2.192.a.example 127.0.0.2");
	dns_says(w, "A 4.3.2.192.b.example 127.0.0.2");
	w->told.unusable[0] = true;
	w->told.turns_unusable[1] = true;
	c = client_check(w, "192.2.3.4");
	finish(w, c);
	assert_int_equal(fake_dns_asked(w->dns), 1);
	result_is(c, 0, DNSBL_SUSPENDED, 0, "");
	result_is(c, 1, DNSBL_SUSPENDED, 0, "");
	assert_false(c->results[1].block);
	assert_int_equal(w->told.reports[0], 0);
	assert_int_equal(w->told.reports[1], 1);
}

static void
test_no_dns(void **state)
{
	struct world *w = *state;
	struct lookup none = {.over = true};
	struct dnsbl_check *c;

	LISTS(w, "a.example");
	c = client_check(w, "192.2.3.4");
	assert_true(dnsbl_advance(c, &none));
	result_is(c, 0, DNSBL_TEMPERROR, 0, "");
	assert_int_equal(w->told.reports[0], 0);
}

/* What could not be asked is nobody's silence: the zone's health does not hear of it. */
static void
test_unasked(void **state)
{
	struct world *w = *state;
	struct dnsbl_check *c;

	LISTS(w, "unasked.example", "temp.example");
	DOMAINS(w, "names.example*3");
	dns_says(w, "UNASKED 4.3.2.192.unasked.example A");
	dns_says(w, "TEMPERROR 4.3.2.192.temp.example A");
	c = client_check(w, "192.2.3.4");
	finish(w, c);
	result_is(c, 0, DNSBL_TEMPERROR, 0, "");
	result_is(c, 1, DNSBL_TEMPERROR, 0, "");
	assert_true(c->results[0].unasked);
	assert_false(c->results[1].unasked);
	assert_int_equal(w->told.reports[0], 0);
	assert_int_equal(w->told.reports[1], 1);
	/* of several questions one is enough: to be listed, or to be silent */
	for (int i = 0; i < 2; i++) {
		dns_says(w, "UNASKED a.example.names.example A");
		dns_says(w, i == 0 ? "A b.example.names.example 127.0.0.2"
				   : "TEMPERROR b.example.names.example A");
		c = dnsbl_check_new(&w->arena, w->table, &w->told.port, DNSBL_NAMES);
		c->names[DNSBL_NAME_HELO] = slice_of("a.example");
		c->names[DNSBL_NAME_SENDER] = slice_of("b.example");
		c->names_known = true;
		lookup_fini(&w->lookup);
		lookup_init(&w->lookup, fake_dns_port(w->dns), w->clock.now_ms + 4000);
		finish(w, c);
		assert_int_equal(c->results[2].status, i == 0 ? DNSBL_LISTED : DNSBL_TEMPERROR);
		assert_false(c->results[2].unasked);
		assert_int_equal(w->told.reports[2], i + 1);
		dns_says(w, "NXDOMAIN b.example.names.example");
	}
}

/* Results as they stand, without asking. */
static struct dnsbl_check *
results_are(struct world *w, const int *weights, size_t n, size_t block)
{
	struct dnsbl_check *c = dnsbl_check_new(&w->arena, w->table, &w->told.port, DNSBL_CLIENT);

	for (size_t i = 0; i < n; i++) {
		c->results[i].status = weights[i] == 0 ? DNSBL_UNLISTED : DNSBL_LISTED;
		c->results[i].weight = weights[i];
		c->results[i].block = i == block;
	}
	c->finished = true;
	return c;
}

static void
test_score(void **state)
{
	static const struct {
		int weights[4];
		int others, floor;
		size_t block; /* 9: none */
		int score;
		unsigned decided[4];
	} rows[] = {
	    {{0, 0, 0, 0}, 40, -20, 9, 0, {0, 0, 0, 0}},
	    {{10, 0, 0, 0}, 0, -20, 9, 10, {0, 0, 0, 0}},
	    {{30, 0, 0, 0}, 0, -20, 9, 30, {1, 0, 0, 0}},
	    {{20, 20, 0, 0}, 0, -20, 9, 40, {1, 1, 0, 0}},
	    {{30, 30, 0, 0}, 0, -20, 9, 60, {0, 0, 0, 0}},
	    {{30, 5, 0, 0}, 0, -20, 9, 35, {1, 0, 0, 0}},
	    {{10, 0, 0, 0}, 25, -20, 9, 10, {1, 0, 0, 0}},
	    {{10, 0, 0, 0}, 35, -20, 9, 10, {0, 0, 0, 0}},
	    {{40, -15, 0, 0}, 0, -20, 9, 25, {0, 1, 0, 0}},
	    {{40, -15, -15, 0}, 0, -20, 9, 20, {0, 0, 0, 0}},
	    {{60, -15, -15, 0}, 0, -20, 9, 40, {1, 0, 0, 0}},
	    {{0, -15, -15, 0}, 0, 0, 9, 0, {0, 0, 0, 0}},
	    {{10, 0, 0, 0}, 0, -20, 0, 10, {1, 0, 0, 0}},
	    {{10, 30, 0, 0}, 0, -20, 0, 40, {0, 0, 0, 0}},
	};
	struct world *w = *state;

	LISTS(w, "a.example", "b.example", "c.example", "d.example");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dnsbl_check *c = results_are(w, rows[i].weights, 4, rows[i].block);
		struct dnsbl_check *checks[] = {NULL, c};
		const struct dnsbl_check *const all[] = {NULL, c};
		struct dnsbl_stakes stakes = {rows[i].floor, rows[i].others, 30};

		memset(w->told.decided, 0, sizeof(w->told.decided));
		assert_int_equal(dnsbl_score(all, 2, rows[i].floor), rows[i].score);
		dnsbl_decided(checks, 2, &stakes);
		dnsbl_decided(checks, 2, &stakes); /* the next recipient */
		if (memcmp(w->told.decided, rows[i].decided, sizeof(rows[i].decided)) != 0)
			fail_msg("row %zu", i);
	}
}

static void
test_client_key(void **state)
{
	static const char *const clients[] = {
	    "192.0.2.1", "192.0.3.1", "2001:db8::1", "2001:db8:0:1::1", "10.0.0.1"};
	struct net_addr a, b = {.family = NET_NONE};

	(void)state;
	assert_int_equal(dnsbl_client_key(&b), 0);
	for (size_t i = 0; i < COUNT(clients); i++) {
		for (size_t k = 0; k < COUNT(clients); k++) {
			(void)net_addr_parse(slice_of(clients[i]), &a);
			(void)net_addr_parse(slice_of(clients[k]), &b);
			assert_int_equal(dnsbl_client_key(&a) == dnsbl_client_key(&b), i == k);
		}
	}
	(void)net_addr_parse(slice_of("2001:db8::ffff"), &a);
	(void)net_addr_parse(slice_of("2001:db8::1"), &b);
	assert_true(dnsbl_client_key(&a) == dnsbl_client_key(&b));
}

static void
test_canary(void **state)
{
	static const struct {
		bool domains;
		const char *entry;
		const char *lines[3];
		enum dnsbl_canary_result want;
		const char *detail;
	} rows[] = {
	    {false, "bl.example", {"A 2.0.0.127.bl.example 127.0.0.2"}, DNSBL_CANARY_RIGHT, ""},
	    {false, "bl.example", {"A 2.0.0.127.bl.example 127.0.0.9"}, DNSBL_CANARY_RIGHT, ""},
	    {false, "bl.example", {NULL}, DNSBL_CANARY_DEAD, ""},
	    {false, "bl.example no-test", {NULL}, DNSBL_CANARY_RIGHT, ""},
	    {false, "bl.example",
		{"A 2.0.0.127.bl.example 127.0.0.2", "A 1.0.0.127.bl.example 127.0.0.2"},
		DNSBL_CANARY_LIES, "127.0.0.2"},
	    {false, "bl.example no-test", {"A 1.0.0.127.bl.example 127.0.0.2"}, DNSBL_CANARY_LIES,
		"127.0.0.2"},
	    {false, "bl.example", {"A 2.0.0.127.bl.example 127.255.255.254"}, DNSBL_CANARY_ERROR,
		"127.255.255.254"},
	    {false, "bl.example",
		{"A 2.0.0.127.bl.example 127.0.0.2", "A 1.0.0.127.bl.example 198.51.100.7"},
		DNSBL_CANARY_ERROR, "198.51.100.7"},
	    {false, "bl.example", {"TEMPERROR 2.0.0.127.bl.example A"}, DNSBL_CANARY_SILENT, ""},
	    {false, "bl.example",
		{"A 2.0.0.127.bl.example 127.0.0.2", "NEVER 1.0.0.127.bl.example A"},
		DNSBL_CANARY_SILENT, ""},
	    {false, "bl.example", {"UNASKED 2.0.0.127.bl.example A"}, DNSBL_CANARY_UNASKED, ""},
	    {false, "bl.example",
		{"UNASKED 2.0.0.127.bl.example A", "TEMPERROR 1.0.0.127.bl.example A"},
		DNSBL_CANARY_SILENT, ""},
	    {false, "bl.example",
		{"UNASKED 2.0.0.127.bl.example A", "A 1.0.0.127.bl.example 127.0.0.2"},
		DNSBL_CANARY_LIES, "127.0.0.2"},
	    {false, "six.example ipv6",
		{"A 2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.six.example "
		 "127.0.0.2"},
		DNSBL_CANARY_RIGHT, ""},
	    {true, "dbl.example", {"A test.dbl.example 127.0.0.2"}, DNSBL_CANARY_RIGHT, ""},
	    {true, "dbl.example",
		{"A test.dbl.example 127.0.0.2", "A invalid.dbl.example 127.0.0.2"},
		DNSBL_CANARY_LIES, "127.0.0.2"},
	    {true, "@spamhaus-dbl", {"A dbltest.com.dbl.spamhaus.org 127.0.1.2"},
		DNSBL_CANARY_RIGHT, ""},
	    {true, "@spamhaus-dbl:k3y.dbl.dq.spamhaus.net",
		{"A dbltest.com.k3y.dbl.dq.spamhaus.net 127.0.1.2"}, DNSBL_CANARY_RIGHT, ""},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dnsbl_canary canary;
		struct world *w;

		(void)teardown(state);
		(void)setup(state);
		w = *state;
		lists_are(w, rows[i].domains, (const char *const[]){rows[i].entry, NULL});
		for (size_t k = 0; k < 3 && rows[i].lines[k] != NULL; k++)
			dns_says(w, rows[i].lines[k]);
		while (!dnsbl_canary_advance(&canary, &w->table->zones[0], &w->lookup))
			lookup_wait(&w->lookup);
		assert_int_equal(fake_dns_asked(w->dns), 2);
		if (canary.result != rows[i].want || strcmp(canary.detail, rows[i].detail) != 0)
			fail_msg("row %zu: %d %s", i, canary.result, canary.detail);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_statuses, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_fan_out, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_families, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_names, setup, teardown),
	    cmocka_unit_test(test_askable),
	    cmocka_unit_test_setup_teardown(test_suspended, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_no_dns, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_unasked, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_score, setup, teardown),
	    cmocka_unit_test(test_client_key),
	    cmocka_unit_test_setup_teardown(test_canary, setup, teardown),
	};

	return cmocka_run_group_tests_name("dnsbl", tests, NULL, NULL);
}
