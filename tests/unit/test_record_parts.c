/*
 * test_record_parts.c - lib/policy/record_parts.
 */
#include "policy/record_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Each list is read to its end, and written as "[part|part|part]…". */
struct row {
	const char *input;
	const char *want;
};

static void
rcpts_write(struct buf *out, struct slice rest)
{
	struct record_rcpt r;

	while (record_rcpt_next(&rest, &r))
		buf_add_format(out, "[%.*s|%.*s|%.*s]", SLICE_ARG(r.address), SLICE_ARG(r.answer),
		    SLICE_ARG(r.word));
}

static void
findings_write(struct buf *out, struct slice rest)
{
	struct record_finding f;

	while (record_finding_next(&rest, &f))
		buf_add_format(out, "[%.*s|%.*s|%.*s|%lld|%.*s]", SLICE_ARG(f.check),
		    SLICE_ARG(f.reason), SLICE_ARG(f.kind), (long long)f.weight, SLICE_ARG(f.text));
}

static void
limits_write(struct buf *out, struct slice rest)
{
	struct record_limit l;

	while (record_limit_next(&rest, &l))
		buf_add_format(out, "[%.*s|%lld]", SLICE_ARG(l.name), (long long)l.value);
}

static void
rows_check(const struct row *rows, size_t n, void (*write)(struct buf *out, struct slice rest))
{
	for (size_t i = 0; i < n; i++) {
		char storage[500];
		struct buf out = BUF_OVER(storage);

		write(&out, slice_of(rows[i].input));
		if (strcmp(buf_text(&out), rows[i].want) != 0)
			fail_msg(
			    "\"%s\": got %s, want %s", rows[i].input, buf_text(&out), rows[i].want);
	}
}

static void
test_rcpts(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"a@x accept known", "[a@x|accept|known]"},
	    {"a@x reject dnsbl; b@y accept role", "[a@x|reject|dnsbl][b@y|accept|role]"},
	    {"a b c@x defer new", "[a b c@x|defer|new]"},
	    {"a@x accept known; b@ex...", "[a@x|accept|known][b@ex...||]"},
	    {"a@x acc...", "[a@x acc...||]"},
	    {"a@x accept ", "[a@x|accept|]"},
	    {"; ; ", "[||][||]"},
	    {"a;b@x accept ok", "[a;b@x|accept|ok]"},
	    {"   ", "[   ||]"},
	};

	(void)state;
	rows_check(rows, COUNT(rows), rcpts_write);
}

static void
test_findings(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"dnsbl listed score 10 listed by bl.example",
		"[dnsbl|listed|score|10|listed by bl.example]"},
	    {"spf fail score 30; rdns none score 8 ; greylist new defer 0 Greylisted",
		"[spf|fail|score|30|][rdns|none|score|8|][greylist|new|defer|0|Greylisted]"},
	    {"dnsbl allowed score -20 allowed by a, b",
		"[dnsbl|allowed|score|-20|allowed by a, b]"},
	    {"spf", "[spf|||0|]"},
	    {"spf fail", "[spf|fail||0|]"},
	    {"spf fail sco...", "[spf|fail|sco...|0|]"},
	    {"spf fail score x y", "[spf|fail|score|0|y]"},
	    {"a b c 99999999999999999999999 t", "[a|b|c|1000000000000|t]"},
	    {"a b c -99999999999999999999999 t", "[a|b|c|-1000000000000|t]"},
	};

	(void)state;
	rows_check(rows, COUNT(rows), findings_write);
}

static void
test_limits(void **state)
{
	static const struct row rows[] = {
	    {"", ""},
	    {"block=30 low=10 medium=20 high=30", "[block|30][low|10][medium|20][high|30]"},
	    {"  block=30  ", "[block|30]"},
	    {"block", "[block|0]"},
	    {"=5 x=", "[|5][x|0]"},
	};

	(void)state;
	rows_check(rows, COUNT(rows), limits_write);
}

static void
test_match(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {
	    {"1K7QF0000A", true}, /* as it is */
	    {"1k7qf0000a", true},
	    {"ik7qfOOooa", true},
	    {"LK7QF0000A", true},
	    {"1K7QF0000", false},
	    {"1K7QF0000B", false},
	    {"4gH2nD3Kz5", true}, /* a queue id */
	    {"4gh2nd3kz5", false},
	    {"4gH2nD3Kz", false},
	    {"192.0.2.7", true}, /* a client */
	    {"192.0.2.70", false},
	    {"::ffff:192.0.2.7", true},
	    {"192.0.2.0/24", true},
	    {"192.0.0.0/16", true},
	    {"192.0.3.0/24", false},
	    {"192.0.2.7/24", false}, /* host bits: no network, and nothing else */
	    {"0.0.0.0/0", true},
	    {"::/0", false},
	    {"Alice@Sender.example", true}, /* the sender */
	    {"@sender.example", true},
	    {"@SENDER.example", true},
	    {"@ender.example", false},
	    {"sender.example", false},
	    {"lice@sender.example", false},
	    {"bob@example.org", true}, /* a recipient */
	    {"postmaster", true},
	    {"b c@example.net", true},
	    {"@example.net", true},
	    {"@example", false},
	    {"@", false},
	    {"", false},
	    {"accept", false},
	    {"<>", false},
	};
	static struct record record;

	(void)state;
	record_init(&record);
	record_add(&record, "code", slice_of("1K7QF0000A"));
	record_add(&record, "id", slice_of("4gH2nD3Kz5"));
	record_add(&record, "client", slice_of("192.0.2.7"));
	record_add(&record, "from", slice_of("alice@sender.example"));
	record_add(&record, "rcpt",
	    slice_of(
		"BOB@example.org reject dnsbl; Postmaster accept role; b c@example.net accept x"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct record_match m;

		record_match_init(&m, slice_of(rows[i].text));
		if (record_match_has(&m, &record) != rows[i].want)
			fail_msg("\"%s\": want %d", rows[i].text, rows[i].want);
	}
}

static void
test_match_other(void **state)
{
	static struct record record;
	struct record_match m;

	(void)state;
	record_init(&record);
	record_match_init(&m, slice_of("192.0.2.7"));
	assert_false(record_match_has(&m, &record)); /* no client */
	record_match_init(&m, slice_of("<>"));
	assert_false(record_match_has(&m, &record));
	record_match_init(&m, slice_of("-"));
	record_add(&record, "from", slice_of("<>"));
	record_add(&record, "client", slice_of("2001:db8::1"));
	assert_false(record_match_has(&m, &record));
	record_match_init(&m, slice_of("<>"));
	assert_true(record_match_has(&m, &record));
	record_match_init(&m, slice_of("2001:db8::/32"));
	assert_true(record_match_has(&m, &record));
	record_match_init(&m, slice_of("IPv6:2001:DB8::1"));
	assert_true(record_match_has(&m, &record));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rcpts),
	    cmocka_unit_test(test_findings),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_match),
	    cmocka_unit_test(test_match_other),
	};

	return cmocka_run_group_tests_name("record_parts", tests, NULL, NULL);
}
