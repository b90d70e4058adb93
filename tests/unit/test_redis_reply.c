/*
 * test_redis_reply.c - lib/io/redis_reply: which errors mean that Redis does not work for us.
 */
#include "io/redis_conn.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
test_errors(void **state)
{
	static const struct {
		const char *text;
		enum err_code want;
		const char *words;
	} rows[] = {
	    {"NOAUTH Authentication required.", ERR_UNAVAILABLE, "NOAUTH Auth"},
	    {"WRONGPASS invalid username-password pair", ERR_UNAVAILABLE, "WRONGPASS"},
	    {"NOPERM this user has no permissions", ERR_UNAVAILABLE, "NOPERM"},
	    {"LOADING Redis is loading the dataset in memory", ERR_UNAVAILABLE, "LOADING"},
	    {"READONLY You can't write against a read only replica.", ERR_UNAVAILABLE, "READONLY"},
	    {"OOM command not allowed when used memory > 'maxmemory'. script: 5b3c, on "
	     "@user_script:1.",
		ERR_UNAVAILABLE, "memory > 'maxmemory'."},
	    {"MISCONF Redis is configured to save RDB snapshots", ERR_UNAVAILABLE, "MISCONF"},
	    {"MASTERDOWN Link with MASTER is down", ERR_UNAVAILABLE, "MASTERDOWN"},
	    {"CLUSTERDOWN The cluster is down", ERR_UNAVAILABLE, "CLUSTERDOWN"},
	    {"TRYAGAIN Multiple keys request during rehashing", ERR_UNAVAILABLE, "TRYAGAIN"},
	    {"NOREPLICAS Not enough good replicas to write.", ERR_UNAVAILABLE, "NOREPLICAS"},
	    {"BUSY Redis is busy running a script.", ERR_UNAVAILABLE, "BUSY"},
	    {"ERR Error running script (call to f_5b3c): @user_script:9: @user_script: 9: "
	     "-READONLY You can't write against a read only replica.",
		ERR_UNAVAILABLE, "Redis: READONLY You"},
	    {"ERR Error running script (call to f_5b3c): @user_script:9: WRONGTYPE Operation",
		ERR_IO, "WRONGTYPE"},
	    {"ERR The user executing the script can't run this command or subcommand",
		ERR_UNAVAILABLE, "can't run"},
	    {"ERR ACL failure in script: User x has no permissions", ERR_UNAVAILABLE, "ACL"},
	    {"WRONGTYPE Operation against a key holding the wrong kind of value", ERR_IO,
		"WRONGTYPE"},
	    {"ERR unknown command", ERR_IO, "unknown command"},
	    {"OOMPH", ERR_IO, "OOMPH"},
	    {"", ERR_IO, "Redis: "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[200];
		redisReply reply = {.type = REDIS_REPLY_ERROR, .str = text};
		struct err err = {ERR_NONE, ""};

		reply.len = strlen(rows[i].text);
		memcpy(text, rows[i].text, reply.len);
		assert_int_equal(redis_reply_check(&reply, &err), -1);
		if (err.code != rows[i].want || strstr(err.text, rows[i].words) == NULL)
			fail_msg("%s: %d %s", rows[i].text, err.code, err.text);
		assert_null(strstr(err.text, "script: 5b3c"));
	}
}

static void
test_others(void **state)
{
	char text[] = "NOSCRIPT No matching script";
	redisReply reply = {.type = REDIS_REPLY_STRING, .str = text, .len = sizeof(text) - 1};

	(void)state;
	assert_int_equal(redis_reply_check(&reply, NULL), 0);
	assert_false(redis_reply_is_noscript(&reply));
	assert_int_equal(redis_reply_text(&reply).n, sizeof(text) - 1);
	reply.type = REDIS_REPLY_ERROR;
	assert_true(redis_reply_is_noscript(&reply));
	assert_int_equal(redis_reply_text(&reply).n, 0);
	reply = (redisReply){.type = REDIS_REPLY_INTEGER, .integer = 7};
	assert_int_equal(redis_reply_check(&reply, NULL), 0);
	assert_int_equal(redis_reply_text(&reply).n, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
