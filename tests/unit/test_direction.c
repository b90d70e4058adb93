/*
 * test_direction.c - lib/policy/direction.
 */
#include "policy/direction.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct row {
	const char *client; /* NULL: the MTA names none */
	const char *login, *daemon;
	enum direction direction;
	const char *why;
};

static void
rows_run(const struct direction_conf *conf, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct net_addr client = {.family = NET_NONE};
		struct direction_facts facts = {
		    &client, slice_of(rows[i].login), slice_of(rows[i].daemon), false};
		struct direction_result got;

		if (rows[i].client != NULL)
			assert_int_equal(net_addr_parse(slice_of(rows[i].client), &client), 0);
		got = direction_of(conf, &facts);
		if (got.direction != rows[i].direction || strcmp(got.why, rows[i].why) != 0)
			fail_msg("row %zu: %d by %s, want %s", i, (int)got.direction, got.why,
			    rows[i].why);
	}
}

/* The configuration that the text makes, for conf_free(). */
static struct conf *
conf_of(const char *text)
{
	static const struct conf_section *const sections[] = {&direction_section};
	struct err err = {.code = ERR_NONE};
	struct conf *conf = conf_parse(sections, 1, slice_of(text), "milter.conf", NULL, &err);

	if (conf == NULL)
		fail_msg("%s", err.text);
	return conf;
}

static void
test_default(void **state)
{
	static const struct row rows[] = {
	    {"192.0.2.1", NULL, NULL, DIRECTION_INBOUND, "none"},
	    {NULL, NULL, NULL, DIRECTION_OUTBOUND, "local"},
	    {"192.0.2.1", "user", NULL, DIRECTION_OUTBOUND, "login"},
	    {NULL, "user", NULL, DIRECTION_OUTBOUND, "login"},
	    {"127.9.9.9", NULL, NULL, DIRECTION_OUTBOUND, "network"},
	    {"::1", NULL, NULL, DIRECTION_OUTBOUND, "network"},
	    {"::ffff:127.0.0.1", NULL, NULL, DIRECTION_OUTBOUND, "network"},
	    {"128.0.0.0", NULL, NULL, DIRECTION_INBOUND, "none"},
	    {"::2", NULL, NULL, DIRECTION_INBOUND, "none"},
	    {"192.0.2.1", NULL, "ORIGINATING", DIRECTION_OUTBOUND, "daemon"},
	    {"192.0.2.1", NULL, "Submission", DIRECTION_OUTBOUND, "daemon"},
	    {"192.0.2.1", NULL, "submissions", DIRECTION_INBOUND, "none"},
	    {"192.0.2.1", NULL, "smtpd", DIRECTION_INBOUND, "none"},
	    {"192.0.2.1", NULL, "ORIGINATING submission", DIRECTION_INBOUND, "none"},
	    /* which word is given when there is more than one */
	    {"127.0.0.1", "user", "submission", DIRECTION_OUTBOUND, "login"},
	    {"127.0.0.1", NULL, "submission", DIRECTION_OUTBOUND, "network"},
	};
	struct conf *conf = conf_of("");

	(void)state;
	rows_run(conf_section(conf, 0), rows, COUNT(rows));
	conf_free(conf);
}

static void
test_set(void **state)
{
	static const struct row rows[] = {
	    {"127.0.0.1", NULL, NULL, DIRECTION_INBOUND, "none"},
	    {"::1", NULL, NULL, DIRECTION_INBOUND, "none"},
	    {"192.0.2.255", NULL, NULL, DIRECTION_OUTBOUND, "network"},
	    {"192.0.3.0", NULL, NULL, DIRECTION_INBOUND, "none"},
	    {"198.51.100.1", NULL, "ORIGINATING", DIRECTION_INBOUND, "none"},
	    {"198.51.100.1", NULL, "mua", DIRECTION_OUTBOUND, "daemon"},
	};
	struct conf *conf = conf_of("inbound {\n\tsubmit_networks = {\"192.0.2.0/24\"}\n"
				    "\tsubmit_daemons = {\"MUA\"}\n}\n");

	(void)state;
	rows_run(conf_section(conf, 0), rows, COUNT(rows));
	conf_free(conf);
}

static void
test_account(void **state)
{
	struct net_addr client;
	const struct direction_facts facts = {
	    &client, slice_of(NULL), slice_of(NULL), .account = true};
	struct conf *conf = conf_of("");
	struct direction_result got;

	(void)state;
	assert_int_equal(net_addr_parse(slice_of("192.0.2.1"), &client), 0);
	got = direction_of(conf_section(conf, 0), &facts);
	assert_int_equal(got.direction, DIRECTION_OUTBOUND);
	assert_string_equal(got.why, "account");
	conf_free(conf);
}

/* With nothing configured, a daemon without a name is not one of the submitters'. */
static void
test_empty(void **state)
{
	static const struct row rows[] = {
	    {"127.0.0.1", NULL, "", DIRECTION_INBOUND, "none"},
	    {"127.0.0.1", NULL, "submission", DIRECTION_INBOUND, "none"},
	    {"127.0.0.1", "user", "", DIRECTION_OUTBOUND, "login"},
	};
	static const char *words[] = {""};
	struct direction_conf conf = {.submit_daemons = {words, 1}};

	(void)state;
	net_set_init(&conf.submit_networks, NULL, 0);
	rows_run(&conf, rows, COUNT(rows));
	conf.submit_daemons.n = 0;
	rows_run(&conf, rows, COUNT(rows));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_default),
	    cmocka_unit_test(test_set),
	    cmocka_unit_test(test_account),
	    cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests_name("direction", tests, NULL, NULL);
}
