/*
 * test_redis_address.c - lib/io/redis_address.
 */
#include "io/redis_address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		int want;
		const char *path, *host;
		int port;
	} rows[] = {
	    {"unix:/run/redis.sock", 0, "/run/redis.sock", "", 0},
	    {"unix:redis.sock", -1, "", "", 0},
	    {"unix:", -1, "", "", 0},
	    {"/run/redis.sock", -1, "", "", 0},
	    {"tcp:127.0.0.1:6379", 0, "", "127.0.0.1", 6379},
	    {"tcp:[::1]:6379", 0, "", "::1", 6379},
	    {"tcp:redis.example.com:1", 0, "", "redis.example.com", 1},
	    {"tcp:redis.example.com:65535", 0, "", "redis.example.com", 65535},
	    {"tcp:::1:6379", -1, "", "", 0},
	    {"tcp:127.0.0.1", -1, "", "", 0},
	    {"tcp:127.0.0.1:", -1, "", "", 0},
	    {"tcp:127.0.0.1:0", -1, "", "", 0},
	    {"tcp:127.0.0.1:65536", -1, "", "", 0},
	    {"tcp:127.0.0.1:+1", -1, "", "", 0},
	    {"tcp::6379", -1, "", "", 0},
	    {"tcp:[]:6379", -1, "", "", 0},
	    {"tcp:a b:6379", -1, "", "", 0},
	    {"tcp:http://a:6379", -1, "", "", 0},
	    {"redis://127.0.0.1:6379", -1, "", "", 0},
	    {"", -1, "", "", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct redis_server server;
		struct err err = {ERR_NONE, ""};

		if (redis_server_parse(rows[i].text, &server, &err) != rows[i].want)
			fail_msg("\"%s\": %s", rows[i].text, err.text);
		assert_int_equal(err.code, rows[i].want == 0 ? ERR_NONE : ERR_INVALID);
		if (rows[i].want != 0)
			continue;
		assert_string_equal(server.path, rows[i].path);
		assert_string_equal(server.host, rows[i].host);
		assert_int_equal(server.port, rows[i].port);
	}
}

static void
test_too_long(void **state)
{
	char text[400] = "unix:/";
	struct redis_server server;

	(void)state;
	memset(text + 6, 'x', 106);
	text[5 + 107] = '\0'; /* 107 bytes of path fit, with their NUL */
	assert_int_equal(redis_server_parse(text, &server, NULL), 0);
	text[5 + 107] = 'x';
	text[5 + 108] = '\0';
	assert_int_equal(redis_server_parse(text, &server, NULL), -1);
	memcpy(text, "tcp:", 4);
	memset(text + 4, 'x', 256);
	memcpy(text + 260, ":1", 3);
	assert_int_equal(redis_server_parse(text, &server, NULL), -1);
}

static void
test_numbers(void **state)
{
	struct redis_address address;
	struct redis_numbers numbers;

	(void)state;
	assert_int_equal(redis_address_init(&address, "tcp:[2001:DB8::1]:6379", NULL), 0);
	numbers = redis_address_numbers(&address);
	assert_int_equal(numbers.n, 1);
	assert_string_equal(numbers.text[0], "2001:db8::1");
	assert_int_equal(redis_address_resolve(&address, NULL), 0);
	redis_address_fini(&address);

	assert_int_equal(redis_address_init(&address, "tcp:localhost:6379", NULL), 0);
	assert_int_equal(redis_address_numbers(&address).n, 0);
	assert_int_equal(redis_address_resolve(&address, NULL), 0);
	assert_true(redis_address_numbers(&address).n > 0);
	redis_address_fini(&address);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_too_long),
	    cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
