/*
 * test_lookup.c - lib/policy/lookup, over the DNS of the scenarios.
 */
#include "fake/fake_dns.h"
#include "policy/lookup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct fake_clock fake_clock;
static struct fake_dns *fake;

static int
world_begin(void **state)
{
	struct err err;

	(void)state;
	fake_clock_init(&fake_clock);
	fake = fake_dns_new(&fake_clock);
	if (fake == NULL || fake_dns_line(fake, slice_of("A here.example 192.0.2.1"), &err) != 0)
		return -1;
	return fake_dns_line(fake, slice_of("NEVER silent.example A"), &err);
}

static int
world_end(void **state)
{
	(void)state;
	fake_dns_free(fake);
	return 0;
}

static enum dns_status
status_of(struct lookup *lookup, const char *name)
{
	return lookup_ask(lookup, slice_of(name), DNS_A)->status;
}

static void
test_answers(void **state)
{
	struct lookup lookup;

	(void)state;
	lookup_init(&lookup, fake_dns_port(fake), 0);
	assert_int_equal(status_of(&lookup, "here.example"), DNS_FOUND);
	assert_int_equal(status_of(&lookup, "HERE.example."), DNS_FOUND);
	assert_int_equal(status_of(&lookup, "nowhere.example"), DNS_NXDOMAIN);
	assert_int_equal(status_of(&lookup, "no name..example"), DNS_NXDOMAIN);
	assert_int_equal(fake_dns_asked(fake), 2);
	lookup_fini(&lookup);
}

/* A question is worth waiting for until the deadline, and again when that is put off. */
static void
test_deadline(void **state)
{
	int64_t begun_ms = fake_clock.now_ms;
	struct lookup lookup;

	(void)state;
	lookup_init(&lookup, fake_dns_port(fake), begun_ms + 1000);
	assert_int_equal(status_of(&lookup, "silent.example"), DNS_PENDING);
	assert_false(lookup.over);
	lookup_wait(&lookup);
	assert_true(lookup.over);
	assert_int_equal(fake_clock.now_ms, begun_ms + 1000);
	assert_int_equal(status_of(&lookup, "silent.example"), DNS_TEMPERROR);
	assert_false(lookup_ask(&lookup, slice_of("silent.example"), DNS_A)->unasked);
	lookup_extend(&lookup, begun_ms + 1500);
	assert_int_equal(status_of(&lookup, "silent.example"), DNS_PENDING);
	lookup_wait(&lookup);
	assert_int_equal(fake_clock.now_ms, begun_ms + 1500);
	lookup_fini(&lookup);
	assert_int_equal(status_of(&lookup, "here.example"), DNS_TEMPERROR);
}

/* One with which nothing was begun, or after its end: a temporary error, and no wait. */
static void
test_none(void **state)
{
	struct lookup lookup = {.over = true};

	(void)state;
	assert_int_equal(status_of(&lookup, "here.example"), DNS_TEMPERROR);
	assert_true(lookup_ask(&lookup, slice_of("here.example"), DNS_A)->unasked);
	lookup_extend(&lookup, fake_clock.now_ms + 1000);
	lookup_wait(&lookup);
	assert_true(lookup.over);
	lookup_fini(&lookup);
}

static void
test_full(void **state)
{
	struct lookup lookup;
	char name[32];

	(void)state;
	lookup_init(&lookup, fake_dns_port(fake), 0);
	for (int i = 0; i < DNS_BATCH_MAX; i++) {
		struct buf out = BUF_OVER(name);

		buf_add_format(&out, "n%d.example", i);
		assert_int_equal(status_of(&lookup, buf_text(&out)), DNS_NXDOMAIN);
	}
	assert_int_equal(status_of(&lookup, "here.example"), DNS_TEMPERROR);
	assert_true(lookup_ask(&lookup, slice_of("here.example"), DNS_A)->unasked);
	assert_int_equal(status_of(&lookup, "n5.example"), DNS_NXDOMAIN);
	lookup_fini(&lookup);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_answers, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_deadline, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_none, world_begin, world_end),
	    cmocka_unit_test_setup_teardown(test_full, world_begin, world_end),
	};

	return cmocka_run_group_tests_name("test_lookup", tests, NULL, NULL);
}
