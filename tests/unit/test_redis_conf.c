/*
 * test_redis_conf.c - lib/io/redis_conf: the section `redis`.
 */
#include "io/redis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
	const char *option, *value; /* what differs from the defaults */
	const char *option2, *value2;
	int want;
};

static int
set(struct redis_conf *conf, struct arena *a, const char *name, const char *value)
{
	const struct option *row = option_find(redis_options, slice_of(name));

	assert_non_null(row);
	return option_set(row, conf, a, slice_of(value), NULL);
}

static void
test_values(void **state)
{
	static const struct row rows[] = {
	    {NULL, NULL, NULL, NULL, 0},
	    {"server", "unix:/tmp/s", NULL, NULL, 0},
	    {"server", "nonsense", NULL, NULL, -1},
	    {"user", "anna", NULL, NULL, -1},
	    {"user", "anna", "password", "secret", 0},
	    {"password", "secret", NULL, NULL, 0},
	    {"prefix", "", NULL, NULL, 0},
	    {"prefix", "mail.example.com:", NULL, NULL, 0},
	    {"prefix", "a{b}:", NULL, NULL, -1},
	    {"prefix", "a*", NULL, NULL, -1},
	    {"prefix", "a b", NULL, NULL, -1},
	    {"prefix", "123456789012345678901234567890123", NULL, NULL, -1},
	    {"timeout", "9ms", NULL, NULL, -1},
	    {"timeout", "10ms", NULL, NULL, 0},
	    {"timeout", "30s", NULL, NULL, 0},
	    {"timeout", "31s", NULL, NULL, -1},
	    {"connections", "0", NULL, NULL, -1},
	    {"connections", "256", NULL, NULL, 0},
	    {"connections", "257", NULL, NULL, -1},
	    {"database", "-1", NULL, NULL, -1},
	    {"queue", "1k", NULL, NULL, -1},
	    {"queue", "64k", NULL, NULL, 0},
	    {"tls_cert", "/a", NULL, NULL, -1},
	    {"tls_key", "/a", NULL, NULL, -1},
	    {"tls_cert", "/a", "tls_key", "/b", 0},
	    {"tls", "yes", "server", "unix:/tmp/s", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct redis_conf conf;
		struct arena a;
		int got = 0;

		arena_init(&a, 4096, 65536);
		assert_int_equal(option_defaults(redis_options, &conf, &a), 0);
		if (rows[i].option != NULL)
			got = set(&conf, &a, rows[i].option, rows[i].value);
		if (rows[i].option2 != NULL && got == 0)
			got = set(&conf, &a, rows[i].option2, rows[i].value2);
		if (got == 0)
			got = redis_section.check(&conf, NULL);
		if (got != rows[i].want)
			fail_msg("row %zu: %s = %s", i, rows[i].option, rows[i].value);
		arena_fini(&a);
	}
}

static void
test_defaults(void **state)
{
	struct redis_conf conf;
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 65536);
	assert_int_equal(option_defaults(redis_options, &conf, &a), 0);
	assert_string_equal(conf.server, "tcp:127.0.0.1:6379");
	assert_string_equal(conf.prefix, "gp:");
	assert_string_equal(conf.password, "");
	assert_int_equal(conf.timeout_ms, 500);
	assert_int_equal(conf.retry_ms, 1000);
	assert_int_equal(conf.lists_refresh_ms, 5000);
	assert_int_equal(conf.queue_bytes, 4 * 1024 * 1024);
	assert_false(conf.tls);
	arena_fini(&a);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_defaults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
