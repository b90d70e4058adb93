/*
 * test_dns.c - the contract of policy/dns.h, on the fake and on libunbound with a real server; and
 * what only the real one can go through: dead servers, many threads, questions left behind.
 */
#include "dns_server.h"
#include "fake/fake_dns.h"
#include "io/clock.h"
#include "io/dns.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define TEXT10(c)    c c c c c c c c c c
#define TEXT60       TEXT10("abcdef")
#define TEXT240      TEXT60 TEXT60 TEXT60 TEXT60
#define LABEL60      TEXT60

/* NAME TYPE REST for the server; TYPE NAME REST for the fake. */
static const char *const both_lines[] = {
    "a.example. A 192.0.2.1",
    "a.example. AAAA 2001:db8::1",
    "many.example. A 192.0.2.3",
    "many.example. A 192.0.2.4",
    "many.example. A 192.0.2.5",
    "example. MX 10 mx.example.",
    "null.example. MX 0 .",
    "1.2.0.192.in-addr.arpa. PTR a.example.",
    "txt.example. TXT \"v=spf1 \" \"-all\"",
    "long.example. TXT \"" TEXT240 "\" \"" TEXT240 "\" \"" TEXT240 "\" \"" TEXT240 "\" \"" TEXT240
    "\" \"" TEXT240 "\" \"" TEXT240 "\" \"" TEXT240 "\" \"" TEXT240 "\"",
    "deep.below.example. A 192.0.2.8",
    "x.test. A 192.0.2.9",
    "5.0.0.127.in-addr.arpa. PTR loop.example.",
    "w-1_2+3=4.example. A 192.0.2.10",
};

static const char *const real_lines[] = {
    "short.example. 1 A 192.0.2.7",
    "*.w.example. A 192.0.2.77",
};

struct row {
	const char *name;
	const char *ask;
	enum dns_type type;
	enum dns_status status;
	size_t n;
	const char *rdata; /* the records in byte order, one behind the other */
	size_t rdata_n;
};

#define RDATA(text) text, sizeof(text) - 1

static const struct row rows[] = {
    {"address", "a.example", DNS_A, DNS_FOUND, 1, RDATA("\xc0\0\2\1")},
    {"case and dot", "A.eXample.", DNS_A, DNS_FOUND, 1, RDATA("\xc0\0\2\1")},
    {"IPv6", "a.example", DNS_AAAA, DNS_FOUND, 1, RDATA("\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1")},
    {"three", "many.example", DNS_A, DNS_FOUND, 3, RDATA("\xc0\0\2\3\xc0\0\2\4\xc0\0\2\5")},
    {"mail host", "example", DNS_MX, DNS_FOUND, 1, RDATA("\0\x0a\2mx\7example\0")},
    {"null MX", "null.example", DNS_MX, DNS_FOUND, 1, RDATA("\0\0\0")},
    {"pointer", "1.2.0.192.in-addr.arpa", DNS_PTR, DNS_FOUND, 1, RDATA("\1a\7example\0")},
    {"two strings", "txt.example", DNS_TXT, DNS_FOUND, 1, RDATA("\7v=spf1 \4-all")},
    {"punctuation", "w-1_2+3=4.example", DNS_A, DNS_FOUND, 1, RDATA("\xc0\0\2\x0a")},
    {"no such type", "a.example", DNS_TXT, DNS_NODATA, 0, RDATA("")},
    {"only names below", "below.example", DNS_A, DNS_NODATA, 0, RDATA("")},
    {"no such name", "nobody.example", DNS_A, DNS_NXDOMAIN, 0, RDATA("")},
    {"no such name, MX", "nobody.example", DNS_MX, DNS_NXDOMAIN, 0, RDATA("")},
    {"server fails", "x.broken.example", DNS_A, DNS_TEMPERROR, 0, RDATA("")},
    {"not builtin: test", "x.test", DNS_A, DNS_FOUND, 1, RDATA("\xc0\0\2\x09")},
    {"not builtin: 127", "5.0.0.127.in-addr.arpa", DNS_PTR, DNS_FOUND, 1,
	RDATA("\4loop\7example\0")},
};

/* What a test gets. */
struct door {
	const char *name;
	struct dns *dns;
	bool real;
};

static struct fake_clock clock_fake;
static struct fake_dns *fake;
static struct dns_server server;
static char server_text[32];
static struct door doors[2] = {{"fake", NULL, false}, {"real", NULL, true}};

static struct dns *
port_new(const char *resolver, const struct dns_notify *notify)
{
	struct dns_conf conf = {resolver, DNSSEC_AUTO, 4000, 10000};
	struct err err;
	struct dns *dns = dns_unbound_new(&conf, notify, &err);

	if (dns == NULL)
		fail_msg("%s", err.text);
	return dns;
}

static int64_t
now_ms(void)
{
	return clock_real.mono_ms(&clock_real);
}

static void
sleep_ms(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	(void)nanosleep(&t, NULL);
}

static int
fake_fill(void)
{
	struct err err;

	for (size_t i = 0; i < COUNT(both_lines); i++) {
		char line[4096];
		const char *type = strchr(both_lines[i], ' ') + 1;
		const char *rest = strchr(type, ' ') + 1;

		(void)snprintf(line, sizeof(line), "%.*s %.*s %s", (int)(rest - 1 - type), type,
		    (int)(type - 1 - both_lines[i]), both_lines[i], rest);
		if (fake_dns_line(fake, slice_of(line), &err) != 0) {
			(void)fprintf(stderr, "%s\n", err.text);
			return -1;
		}
	}
	return fake_dns_line(fake, slice_of("TEMPERROR x.broken.example A"), &err);
}

static int
group_setup(void **state)
{
	const char *lines[COUNT(both_lines) + COUNT(real_lines)];

	(void)state;
	memcpy(lines, both_lines, sizeof(both_lines));
	memcpy(lines + COUNT(both_lines), real_lines, sizeof(real_lines));
	fake_clock_init(&clock_fake);
	fake = fake_dns_new(&clock_fake);
	if (fake == NULL || fake_fill() != 0 ||
	    dns_server_init(&server, dns_server_free_port(), lines, COUNT(lines)) != 0 ||
	    dns_server_start(&server) != 0)
		return -1;
	(void)snprintf(server_text, sizeof(server_text), "127.0.0.1@%d", server.port);
	doors[0].dns = fake_dns_port(fake);
	doors[1].dns = port_new(server_text, NULL);
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	dns_unbound_free(doors[1].dns);
	dns_server_fini(&server);
	fake_dns_free(fake);
	return 0;
}

static int
slice_order(const void *a, const void *b)
{
	return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* NULL, or what is wrong with the answer. */
static const char *
answer_fault(const struct dns_answer *answer, const struct row *row)
{
	struct slice sorted[DNS_RECORDS_MAX];
	size_t at = 0;

	if (answer->status != row->status)
		return "status";
	if (answer->n != row->n)
		return "number of records";
	if (answer->secure)
		return "secure";
	if (answer->status != DNS_TEMPERROR && (answer->ttl_s <= 0 || answer->ttl_s > 300))
		return "ttl";
	if (answer->n == 0)
		return NULL;
	memcpy(sorted, answer->rdata, answer->n * sizeof(sorted[0]));
	qsort(sorted, answer->n, sizeof(sorted[0]), slice_order);
	for (size_t i = 0; i < answer->n; at += sorted[i++].n) {
		struct slice want = slice_head(
		    slice_from(slice_make(row->rdata, row->rdata_n), at), sorted[i].n);

		if (!slice_eq(sorted[i], want))
			return "rdata";
	}
	return at == row->rdata_n ? NULL : "rdata is short";
}

/* Until everything that was asked is answered, or for_ms are over. */
static void
wait_all(struct dns *dns, struct dns_batch *batch, int64_t for_ms)
{
	int64_t until_ms = now_ms() + for_ms;

	while (dns->wait(dns, batch, until_ms))
		continue;
}

static void
test_table(void **state)
{
	const struct door *door = *state;
	struct dns *dns = door->dns;
	struct dns_batch *batch = dns->begin(dns);
	int index[COUNT(rows)];

	for (size_t i = 0; i < COUNT(rows); i++)
		index[i] = dns->ask(dns, batch, slice_of(rows[i].ask), rows[i].type);
	wait_all(dns, batch, 4000);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct dns_answer *answer = dns->answer(dns, batch, index[i]);
		const char *fault = answer_fault(answer, &rows[i]);

		if (fault != NULL)
			fail_msg("%s: %s: %s is wrong (status %d, %zu records, ttl %lld)",
			    door->name, rows[i].name, fault, (int)answer->status, answer->n,
			    (long long)answer->ttl_s);
	}
	dns->end(dns, batch);
}

/* More than fits into UDP, and more than we keep. */
static void
test_long_answer(void **state)
{
	const struct door *door = *state;
	struct dns *dns = door->dns;

	for (int round = 0; round < 2; round++) {
		struct dns_batch *batch = dns->begin(dns);
		int index = dns->ask(dns, batch, slice_of("long.example"), DNS_TXT);
		const struct dns_answer *answer;

		wait_all(dns, batch, 4000);
		answer = dns->answer(dns, batch, index);
		assert_int_equal(answer->status, DNS_FOUND);
		assert_int_equal(answer->n, 1);
		assert_int_equal(answer->rdata[0].n, 9 * 241);
		assert_memory_equal(answer->rdata[0].p + 1, TEXT240, 240);
		dns->end(dns, batch);
	}
}

static void
test_same_question(void **state)
{
	const struct door *door = *state;
	struct dns *dns = door->dns;
	struct dns_batch *batch = dns->begin(dns);
	int a = dns->ask(dns, batch, slice_of("a.example"), DNS_A);
	int b = dns->ask(dns, batch, slice_of("nobody.example"), DNS_A);

	assert_int_equal(a, 0);
	assert_int_equal(b, 1);
	assert_int_equal(dns->ask(dns, batch, slice_of("A.Example."), DNS_A), a);
	assert_int_equal(dns->ask(dns, batch, slice_of("a.example"), DNS_AAAA), 2);
	wait_all(dns, batch, 4000);
	assert_int_equal(dns->ask(dns, batch, slice_of("nobody.example"), DNS_A), b);
	/* a second round of questions in the same batch */
	assert_int_equal(dns->ask(dns, batch, slice_of("example"), DNS_MX), 3);
	wait_all(dns, batch, 4000);
	assert_int_equal(dns->answer(dns, batch, 3)->status, DNS_FOUND);
	dns->end(dns, batch);
	dns->end(dns, NULL);
}

static void
test_refused_names(void **state)
{
	static const struct {
		const char *name;
		struct slice ask;
		bool ok;
	} names[] = {
	    {"label of 63", SLICE_LIT(LABEL60 "abc.example"), true},
	    {"label of 64", SLICE_LIT(LABEL60 "abcd.example"), false},
	    {"254 bytes", SLICE_LIT(LABEL60 "." LABEL60 "." LABEL60 "." LABEL60 ".abcdefghij"),
		false},
	    {"empty", SLICE_LIT(""), false},
	    {"dot first", SLICE_LIT(".a.example"), false},
	    {"two dots", SLICE_LIT("a..example"), false},
	    {"two dots last", SLICE_LIT("a.example.."), false},
	    {"blank", SLICE_LIT("a b.example"), true},
	    {"NUL", SLICE_LIT("a\0.example"), false},
	    {"8-bit", SLICE_LIT("\xc3\xa4.example"), false},
	    {"backslash", SLICE_LIT("a\\.b.example"), false},
	    {"root", SLICE_LIT("."), true},
	};
	const struct door *door = *state;
	struct dns *dns = door->dns;
	struct dns_batch *batch = dns->begin(dns);

	for (size_t i = 0; i < COUNT(names); i++) {
		bool ok = dns->ask(dns, batch, names[i].ask, DNS_A) >= 0;

		if (ok != names[i].ok)
			fail_msg("%s: %s", door->name, names[i].name);
	}
	dns->end(dns, batch);
}

/* The longest name there is goes to libunbound and comes back. */
static void
test_longest_name(void **state)
{
	const struct door *door = *state;
	struct dns *dns = door->dns;
	struct dns_batch *batch = dns->begin(dns);
	char name[DNS_NAME_MAX_BYTES + 2];
	int index;

	memset(name, 'x', sizeof(name));
	for (size_t i = 50; i < DNS_NAME_MAX_BYTES - 8; i += 51)
		name[i] = '.';
	memcpy(name + DNS_NAME_MAX_BYTES - 8, ".example", 8);
	assert_int_equal(
	    dns->ask(dns, batch, slice_make(name, DNS_NAME_MAX_BYTES + 1), DNS_A), DNS_ASK_NO_NAME);
	index = dns->ask(dns, batch, slice_make(name, DNS_NAME_MAX_BYTES), DNS_A);
	assert_int_equal(index, 0);
	wait_all(dns, batch, 4000);
	assert_int_equal(dns->answer(dns, batch, index)->status, DNS_NXDOMAIN);
	dns->end(dns, batch);
}

static void
test_full_batch(void **state)
{
	const struct door *door = *state;
	struct dns *dns = door->dns;
	struct dns_batch *batch = dns->begin(dns);
	char name[40];

	for (int i = 0; i < DNS_BATCH_MAX; i++) {
		(void)snprintf(name, sizeof(name), "n%d.full.example", i);
		assert_int_equal(dns->ask(dns, batch, slice_of(name), DNS_A), i);
	}
	assert_int_equal(dns->ask(dns, batch, slice_of("one.more.example"), DNS_A), DNS_ASK_FULL);
	assert_int_equal(dns->ask(dns, batch, slice_of("n7.full.example"), DNS_A), 7);
	wait_all(dns, batch, 4000);
	for (int i = 0; i < DNS_BATCH_MAX; i++)
		assert_int_equal(dns->answer(dns, batch, i)->status, DNS_NXDOMAIN);
	dns->end(dns, batch);
}

/* ---- many at once ---- */

struct crowd {
	struct dns *dns;
	atomic_int batches; /* still to do */
	atomic_int faults;
	bool leave; /* end() without waiting */
};

static void
crowd_batch(struct crowd *crowd, int number)
{
	struct dns *dns = crowd->dns;
	struct dns_batch *batch = dns->begin(dns);
	int index[COUNT(rows)];
	char own[40];
	int last;

	(void)snprintf(own, sizeof(own), "n%d.crowd.example", number % 100);
	for (size_t i = 0; i < COUNT(rows); i++)
		index[i] = dns->ask(dns, batch, slice_of(rows[i].ask), rows[i].type);
	last = dns->ask(dns, batch, slice_of(own), DNS_A);
	if (!crowd->leave)
		wait_all(dns, batch, 4000);
	else if (number % 3 == 0)
		sleep_ms(number % 4);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct dns_answer *answer = dns->answer(dns, batch, index[i]);

		if (crowd->leave && answer->status == DNS_PENDING)
			continue;
		if (answer_fault(answer, &rows[i]) != NULL)
			(void)atomic_fetch_add(&crowd->faults, 1);
	}
	if (!crowd->leave && dns->answer(dns, batch, last)->status != DNS_NXDOMAIN)
		(void)atomic_fetch_add(&crowd->faults, 1);
	dns->end(dns, batch);
}

static void *
crowd_main(void *arg)
{
	struct crowd *crowd = arg;
	int number;

	while ((number = atomic_fetch_sub(&crowd->batches, 1)) > 0)
		crowd_batch(crowd, number);
	return NULL;
}

static void
crowd_run(struct dns *dns, int batches, bool leave)
{
	struct crowd crowd = {.dns = dns, .leave = leave};
	pthread_t threads[16];

	atomic_init(&crowd.batches, batches);
	atomic_init(&crowd.faults, 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowd_main, &crowd), 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		(void)pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&crowd.faults), 0);
}

static void
test_crowd(void **state)
{
	const struct door *door = *state;

	crowd_run(door->dns, 500, false);
	crowd_run(door->dns, 500, true);
}

/* The same with a port that keeps nothing: every answer lands in somebody's hands. */
static void
test_crowd_uncached(void **state)
{
	struct dns_conf conf = {server_text, DNSSEC_AUTO, 4000, 0};
	struct dns *dns = dns_unbound_new(&conf, NULL, NULL);
	struct dns_counts counts;

	(void)state;
	crowd_run(dns, 300, false);
	crowd_run(dns, 300, true);
	dns_unbound_counts(dns, &counts);
	assert_int_equal(counts.kept, 0);
	assert_true(counts.joined > 0);
	dns_unbound_free(dns);
}

/* ---- the fake's own ---- */

static void
test_fake_never(void **state)
{
	struct dns *dns = fake_dns_port(fake);
	int64_t begun_ms = clock_fake.now_ms;
	struct dns_batch *batch;
	unsigned asked = fake_dns_asked(fake);
	struct err err;
	int index;

	(void)state;
	assert_int_equal(fake_dns_line(fake, slice_of("NEVER lost.example TXT"), &err), 0);
	batch = dns->begin(dns);
	index = dns->ask(dns, batch, slice_of("lost.example"), DNS_TXT);
	(void)dns->ask(dns, batch, slice_of("lost.example"), DNS_TXT);
	assert_false(dns->wait(dns, batch, begun_ms + 1500));
	assert_int_equal(dns->answer(dns, batch, index)->status, DNS_PENDING);
	assert_int_equal(clock_fake.now_ms, begun_ms + 1500);
	assert_false(dns->wait(dns, batch, begun_ms + 1500));
	assert_int_equal(clock_fake.now_ms, begun_ms + 1500);
	dns->end(dns, batch);
	assert_int_equal(fake_dns_asked(fake), asked + 1);
}

static void
test_fake_lines(void **state)
{
	static const struct {
		const char *line;
		int status;
	} lines[] = {
	    {"PTR 192.0.2.200 mail.example", 0},
	    {"NODATA empty.example", 0},
	    {"NS example ns.example", 0},
	    {"  A \t spaced.example  192.0.2.1  ", 0},
	    {"A a.example", -1},
	    {"A a.example 2001:db8::1", -1},
	    {"A a.example 192.0.2.1 192.0.2.2", -1},
	    {"MX example mx.example", -1},
	    {"MX example 70000 mx.example", -1},
	    {"TXT a.example", -1},
	    {"SOA example x", -1},
	    {"NEVER a.example", -1},
	    {"UNASKED a.example", -1},
	    {"NEVER a.example B", -1},
	    {"a.example A 192.0.2.1", -1},
	    {"A a..example 192.0.2.1", -1},
	    {"", -1},
	    {"A", -1},
	};
	struct dns *dns = fake_dns_port(fake);
	struct dns_batch *batch;
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		if (fake_dns_line(fake, slice_of(lines[i].line), &err) != lines[i].status)
			fail_msg("%s", lines[i].line);
	}
	batch = dns->begin(dns);
	(void)dns->ask(dns, batch, slice_of("200.2.0.192.in-addr.arpa"), DNS_PTR);
	(void)dns->ask(dns, batch, slice_of("empty.example"), DNS_A);
	assert_int_equal(fake_dns_line(fake, slice_of("NXDOMAIN empty.example"), &err), 0);
	assert_int_equal(dns->answer(dns, batch, 0)->status, DNS_FOUND);
	assert_int_equal(dns->answer(dns, batch, 1)->status, DNS_NODATA);
	dns->end(dns, batch);
	batch = dns->begin(dns);
	(void)dns->ask(dns, batch, slice_of("empty.example"), DNS_A);
	assert_int_equal(dns->answer(dns, batch, 0)->status, DNS_NXDOMAIN);
	dns->end(dns, batch);
}

/* ---- the real one's own ---- */

static enum dns_status
ask_one(struct dns *dns, const char *name, int64_t for_ms)
{
	struct dns_batch *batch = dns->begin(dns);
	int index = dns->ask(dns, batch, slice_of(name), DNS_A);
	enum dns_status status;

	wait_all(dns, batch, for_ms);
	status = index == DNS_ASK_FULL ? DNS_TEMPERROR : dns->answer(dns, batch, index)->status;
	dns->end(dns, batch);
	return status;
}

static void
test_cache(void **state)
{
	struct dns *dns = port_new(server_text, NULL);
	struct dns_counts counts;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask_one(dns, "a.example", 4000), DNS_FOUND);
		assert_int_equal(ask_one(dns, "nobody.example", 4000), DNS_NXDOMAIN);
		assert_int_equal(ask_one(dns, "x.broken.example", 4000), DNS_TEMPERROR);
		assert_int_equal(ask_one(dns, "short.example", 4000), DNS_FOUND);
	}
	dns_unbound_counts(dns, &counts);
	assert_int_equal(counts.asked, 12);
	assert_int_equal(counts.kept, 8);
	assert_int_equal(counts.failed, 1);
	sleep_ms(1200);
	assert_int_equal(ask_one(dns, "short.example", 4000), DNS_FOUND);
	assert_int_equal(ask_one(dns, "x.broken.example", 4000), DNS_TEMPERROR);
	dns_unbound_counts(dns, &counts);
	assert_int_equal(counts.kept, 8);
	assert_int_equal(ask_one(dns, "a.example", 4000), DNS_FOUND);
	dns_unbound_counts(dns, &counts);
	assert_int_equal(counts.kept, 9);
	dns_unbound_free(dns);
}

static void
test_cache_is_bounded(void **state)
{
	struct dns_conf conf = {server_text, DNSSEC_AUTO, 4000, 3};
	struct dns *dns = dns_unbound_new(&conf, NULL, NULL);
	struct dns_counts counts;

	(void)state;
	(void)ask_one(dns, "n1.w.example", 4000);
	(void)ask_one(dns, "n2.w.example", 4000);
	(void)ask_one(dns, "n3.w.example", 4000);
	(void)ask_one(dns, "n1.w.example", 4000); /* used again */
	(void)ask_one(dns, "n4.w.example", 4000); /* drops n2 */
	dns_unbound_counts(dns, &counts);
	assert_int_equal(counts.kept, 1);
	(void)ask_one(dns, "n1.w.example", 4000);
	(void)ask_one(dns, "n2.w.example", 4000);
	dns_unbound_counts(dns, &counts);
	assert_int_equal(counts.kept, 2);
	dns_unbound_free(dns);
}

/* A server that says nothing: nobody waits longer than allowed, and asking never waits. */
static void
test_silent(void **state)
{
	char resolver[32];
	int port;
	int fd = dns_server_silent(&port);
	struct dns *dns;
	struct dns_batch *batch;
	int64_t begun_ms, took_ms;
	int index;

	(void)state;
	(void)snprintf(resolver, sizeof(resolver), "127.0.0.1@%d", port);
	dns = port_new(resolver, NULL);

	begun_ms = now_ms();
	batch = dns->begin(dns);
	index = dns->ask(dns, batch, slice_of("a.example"), DNS_A);
	assert_true(now_ms() - begun_ms < 400);
	wait_all(dns, batch, 600);
	took_ms = now_ms() - begun_ms;
	assert_in_range(took_ms, 595, 1500);
	assert_int_equal(dns->answer(dns, batch, index)->status, DNS_PENDING);
	/* a deadline that has passed is no wait at all */
	index = dns->ask(dns, batch, slice_of("b.example"), DNS_A);
	assert_false(dns->wait(dns, batch, begun_ms));
	assert_true(now_ms() - begun_ms < 1600);
	assert_int_equal(dns->answer(dns, batch, index)->status, DNS_PENDING);
	dns->end(dns, batch);

	begun_ms = now_ms();
	assert_int_equal(ask_one(dns, "c.example", 200), DNS_PENDING);
	assert_in_range(now_ms() - begun_ms, 195, 590);
	dns_unbound_free(dns); /* with three questions in flight */
	(void)close(fd);
}

/* Nobody listens at all. */
static void
test_closed_port(void **state)
{
	char resolver[32];
	struct dns *dns;
	int64_t begun_ms = now_ms();
	enum dns_status status;

	(void)state;
	(void)snprintf(resolver, sizeof(resolver), "127.0.0.1@%d", dns_server_free_port());
	dns = port_new(resolver, NULL);
	status = ask_one(dns, "a.example", 500);
	assert_true(status == DNS_PENDING || status == DNS_TEMPERROR);
	assert_true(now_ms() - begun_ms < 1500);
	dns_unbound_free(dns);
}

/* Asks n questions that nobody answers, and leaves them behind. Returns how many could be asked. */
static int
ask_and_leave(struct dns *dns, int round, int n)
{
	struct dns_batch *batch = dns->begin(dns);
	int asked = 0;
	char name[40];

	for (int i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "slow%d-%d.example", round, i);
		if (dns->ask(dns, batch, slice_of(name), DNS_A) == asked)
			asked++;
		else
			assert_int_equal(dns->ask(dns, batch, slice_of(name), DNS_A), DNS_ASK_FULL);
	}
	dns->end(dns, batch);
	return asked;
}

/* More questions than may be in flight fail at once, and so do those that would only wait behind
 * slow ones; questions left behind do no harm. */
static void
test_flood(void **state)
{
	char resolver[32];
	int port;
	int fd = dns_server_silent(&port);
	struct dns_counts counts;
	struct dns *dns;
	int64_t begun_ms = now_ms();

	(void)state;
	(void)snprintf(resolver, sizeof(resolver), "127.0.0.1@%d", port);
	dns = port_new(resolver, NULL);
	for (int i = 0; i < 80; i++)
		(void)ask_and_leave(dns, i, 100);
	dns_unbound_counts(dns, &counts);
	assert_true(counts.refused >= 8000 - 4096);
	assert_int_equal(ask_one(dns, "again.example", 4000), DNS_TEMPERROR);
	assert_true(now_ms() - begun_ms < 3000);
	dns_unbound_free(dns);

	dns = port_new(resolver, NULL);
	for (int i = 0; i < 12; i++)
		(void)ask_and_leave(dns, i, 100);
	assert_int_equal(ask_one(dns, "a.example", 2200), DNS_PENDING);
	begun_ms = now_ms();
	assert_int_equal(ask_one(dns, "b.example", 4000), DNS_TEMPERROR);
	assert_true(now_ms() - begun_ms < 1000);
	dns_unbound_free(dns);
	(void)close(fd);
}

static void
count_change(void *arg, bool up, const char *why)
{
	assert_non_null(why);
	((atomic_int *)arg)[up]++;
}

/* The server dies and comes back at the same address: mail that is asked about is told so at once,
 * and all is well again within seconds, without a restart. */
static void
test_recovery(void **state)
{
	atomic_int changes[2] = {0, 0};
	struct dns_notify notify = {changes, count_change};
	const char *line = "*.w.example. A 192.0.2.77";
	struct dns_server own;
	char resolver[32], name[40];
	struct dns *dns;
	int n = 0;
	int64_t back_ms;

	(void)state;
	assert_int_equal(dns_server_init(&own, dns_server_free_port(), &line, 1), 0);
	assert_int_equal(dns_server_start(&own), 0);
	(void)snprintf(resolver, sizeof(resolver), "127.0.0.1@%d", own.port);
	dns = port_new(resolver, &notify);
	for (int i = 0; i < 10 && ask_one(dns, "first.w.example", 300) != DNS_FOUND; i++)
		continue; /* on a busy machine */
	assert_int_equal(ask_one(dns, "first.w.example", 300), DNS_FOUND);

	dns_server_stop(&own);
	for (int64_t until = now_ms() + 8000; now_ms() < until; sleep_ms(100)) {
		(void)snprintf(name, sizeof(name), "n%d.w.example", n++);
		assert_true(ask_one(dns, name, 300) != DNS_FOUND);
	}
	assert_int_equal(atomic_load(&changes[false]), 1);
	assert_int_equal(atomic_load(&changes[true]), 0);

	assert_int_equal(dns_server_start(&own), 0);
	back_ms = now_ms();
	do {
		sleep_ms(100);
		(void)snprintf(name, sizeof(name), "n%d.w.example", n++);
		assert_true(now_ms() - back_ms < 15000);
	} while (ask_one(dns, name, 300) != DNS_FOUND);
	print_message("found again %lld ms after its return\n", (long long)(now_ms() - back_ms));
	assert_int_equal(atomic_load(&changes[false]), 1);
	assert_int_equal(atomic_load(&changes[true]), 1);
	dns_unbound_free(dns);
	dns_server_fini(&own);
}

/* Answers every question for an address, but for names that begin with "slow". */
static void *
slow_main(void *arg)
{
	static const char record[] = "\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\x7f\0\0\2";
	struct sockaddr_storage peer;
	socklen_t peer_n = sizeof(peer);
	char packet[1024];
	ssize_t n;

	while ((n = recvfrom(*(int *)arg, packet, 512, 0, (struct sockaddr *)&peer, &peer_n)) > 0) {
		size_t end = 12;

		if (memcmp(packet + 13, "stop", 4) == 0)
			break;
		if (memcmp(packet + 13, "slow", 4) == 0)
			continue;
		while (end < (size_t)n && packet[end] != '\0')
			end += 1 + (size_t)packet[end];
		end += 5;
		memcpy(packet + 2, "\x81\x80\0\1\0\1\0\0\0\0", 10);
		memcpy(packet + end, record, sizeof(record) - 1);
		(void)sendto(*(int *)arg, packet, end + sizeof(record) - 1, 0,
		    (struct sockaddr *)&peer, peer_n);
	}
	return NULL;
}

/* Many names that the resolver does not get answered: the others are answered all the same. */
static void
test_slow_names(void **state)
{
	char resolver[32], name[40];
	int port;
	int fd = dns_server_silent(&port);
	pthread_t thread;
	struct dns *dns;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, slow_main, &fd), 0);
	(void)snprintf(resolver, sizeof(resolver), "127.0.0.1@%d", port);
	dns = port_new(resolver, NULL);
	for (int i = 0; i < 160; i++) {
		struct dns_batch *batch = dns->begin(dns);

		(void)snprintf(name, sizeof(name), "slow%d.example", i);
		(void)dns->ask(dns, batch, slice_of(name), i % 2 == 0 ? DNS_A : DNS_TXT);
		dns->end(dns, batch);
		sleep_ms(50);
		(void)snprintf(name, sizeof(name), "fast%d.example", i);
		if (i % 40 == 39)
			assert_int_equal(ask_one(dns, name, 4000), DNS_FOUND);
	}
	(void)ask_one(dns, "stop.example", 200);
	(void)pthread_join(thread, NULL);
	dns_unbound_free(dns);
	(void)close(fd);
}

/* A client whose sessions ask a hundred names each that nobody answers, again and again, gets less
 * and less; who asks for little besides is answered all the time. */
static void
test_greedy(void **state)
{
	char resolver[32], name[40];
	int port;
	int fd = dns_server_silent(&port);
	pthread_t thread;
	struct dns *dns;
	int asked[9];

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, slow_main, &fd), 0);
	(void)snprintf(resolver, sizeof(resolver), "127.0.0.1@%d", port);
	dns = port_new(resolver, NULL);
	for (int i = 0; i < 9; i++) {
		asked[i] = ask_and_leave(dns, i, 100);
		if (i % 3 != 2)
			continue;
		(void)snprintf(name, sizeof(name), "fast%d.example", i);
		assert_int_equal(ask_one(dns, name, 4000), DNS_FOUND);
		sleep_ms(2100);
		(void)snprintf(name, sizeof(name), "late%d.example", i);
		assert_int_equal(ask_one(dns, name, 4000), DNS_FOUND);
	}
	assert_int_equal(asked[0], 100);
	assert_int_equal(asked[1], 100);
	assert_in_range(asked[2], 60, 70);
	for (int i = 3; i < 6; i++)
		assert_in_range(asked[i], 20, 40);
	for (int i = 6; i < 9; i++)
		assert_in_range(asked[i], 1, 30);
	(void)ask_one(dns, "stop.example", 200);
	(void)pthread_join(thread, NULL);
	dns_unbound_free(dns);
	(void)close(fd);
}

/* One that was never asked has no thread to end. */
static void
test_unused(void **state)
{
	struct dns *dns = port_new(server_text, NULL);

	(void)state;
	dns_unbound_free(dns);
	dns_unbound_free(NULL);
}

static void
test_check(void **state)
{
	int port;
	int fd = dns_server_silent(&port);
	char silent[32], closed[32];
	struct {
		const char *resolver;
		int dnssec;
		int status;
		const char *says;
	} cases[] = {
	    {server_text, DNSSEC_AUTO, 0, "DNSSEC is left to it"},
	    {server_text, DNSSEC_NO, 0, "DNSSEC is not checked"},
	    {server_text, DNSSEC_YES, -1, ""}, /* bogus; or there is no root key */
	    {silent, DNSSEC_AUTO, -1, "does not answer within 1000 ms"},
	    {closed, DNSSEC_AUTO, -1, ""},
	    {"nonsense", DNSSEC_AUTO, -1, "write system"},
	};

	(void)state;
	(void)snprintf(silent, sizeof(silent), "127.0.0.1@%d", port);
	(void)snprintf(closed, sizeof(closed), "127.0.0.1@%d", dns_server_free_port());
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns_conf conf = {cases[i].resolver, cases[i].dnssec, 1000, 10};
		char storage[300];
		struct buf said = BUF_OVER(storage);
		struct err err = {.text = ""};
		int status = dns_check(&conf, &said, &err);
		const char *words = status == 0 ? buf_text(&said) : err.text;

		print_message("%s: %s\n", cases[i].resolver, words);
		assert_int_equal(status, cases[i].status);
		assert_non_null(strstr(words, cases[i].says));
	}
	(void)close(fd);
}

#define ON_BOTH(test)                                                                              \
	{#test " (fake)", test, NULL, NULL, &doors[0]},                                            \
	{                                                                                          \
#test " (real)", test, NULL, NULL, &doors[1]                                       \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    ON_BOTH(test_table),
	    ON_BOTH(test_long_answer),
	    ON_BOTH(test_same_question),
	    ON_BOTH(test_refused_names),
	    ON_BOTH(test_longest_name),
	    ON_BOTH(test_full_batch),
	    ON_BOTH(test_crowd),
	    cmocka_unit_test(test_crowd_uncached),
	    cmocka_unit_test(test_fake_never),
	    cmocka_unit_test(test_fake_lines),
	    cmocka_unit_test(test_cache),
	    cmocka_unit_test(test_cache_is_bounded),
	    cmocka_unit_test(test_silent),
	    cmocka_unit_test(test_closed_port),
	    cmocka_unit_test(test_flood),
	    cmocka_unit_test(test_recovery),
	    cmocka_unit_test(test_slow_names),
	    cmocka_unit_test(test_greedy),
	    cmocka_unit_test(test_unused),
	    cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests_name("dns", tests, group_setup, group_teardown);
}
