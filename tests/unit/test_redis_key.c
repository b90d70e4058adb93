/*
 * test_redis_key.c - lib/io/redis_key.
 */
#include "io/redis_key.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void
key_is(struct buf *out, const char *want)
{
	assert_string_equal(buf_text(out), want);
	buf_reset(out);
}

static void
test_names(void **state)
{
	char storage[REDIS_KEY_BYTES];
	struct buf out = BUF_OVER(storage);
	struct grey_key key = {.identity.text = "2001:db8::/64", .sender = "<>", .rcpt = "b@c"};
	struct address local = address_parse(slice_of("{A}+x@b"));
	struct address remote = address_parse(slice_of("\"c:d\"@e"));

	(void)state;
	redis_key_grey(&out, "gp:", &key);
	key_is(&out, "gp:grey:{2001:db8::/64}:<>:b@c");
	redis_key_known(&out, "gp:", &key);
	key_is(&out, "gp:known:{2001:db8::/64}");
	redis_key_met(&out, "x", &local, &remote);
	key_is(&out, "xmet:{%7Ba%7D@b}:\"c%3Ad\"@e");
	redis_key_stat(&out, "gp:", 1795230000);
	key_is(&out, "gp:stat:2026112103");
	redis_key_list(&out, "gp:", STORE_OPTOUT);
	key_is(&out, "gp:optout:grey");
	redis_key_list(&out, "", STORE_ALLOW_NETWORKS);
	key_is(&out, "allow:networks");
	redis_key_list(&out, "gp:", STORE_ALLOW_SENDERS);
	key_is(&out, "gp:allow:senders");
	redis_key_list(&out, "gp:", STORE_OPTOUT_ALL);
	key_is(&out, "gp:optout:all");
	redis_key_list(&out, "gp:", STORE_ALLOW_CLIENTS);
	key_is(&out, "gp:allow:clients");
}

static void
test_longest(void **state)
{
	static const char prefix[] = "12345678901234567890123456789012";
	char storage[REDIS_KEY_BYTES];
	struct buf out = BUF_OVER(storage);
	struct grey_key key;
	struct redis_grey_name name;

	(void)state;
	memset(&key, 'x', sizeof(key));
	key.identity.text[IDENTITY_TEXT_BYTES - 1] = '\0';
	key.sender[GREY_ADDRESS_BYTES] = '\0';
	key.rcpt[GREY_ADDRESS_BYTES] = '\0';
	redis_key_grey(&out, prefix, &key);
	assert_false(out.over);
	assert_int_equal(redis_key_grey_parse(buf_slice(&out), prefix, &name), 0);
	assert_true(slice_eq(name.identity, slice_of(key.identity.text)));
	assert_true(slice_eq(name.sender, slice_of(key.sender)));
	assert_true(slice_eq(name.rcpt, slice_of(key.rcpt)));
}

static void
test_parse(void **state)
{
	static const struct {
		const char *key;
		int want;
		const char *identity, *sender, *rcpt;
	} rows[] = {
	    {"gp:grey:{192.0.2.0/24}:a@b:c@d", 0, "192.0.2.0/24", "a@b", "c@d"},
	    {"gp:grey:{2001:db8::/64}:<>:c@d", 0, "2001:db8::/64", "<>", "c@d"},
	    {"gp:grey:{x}:a:", -1, "", "", ""},
	    {"gp:grey:{x}:a", -1, "", "", ""},
	    {"gp:grey:{x}", -1, "", "", ""},
	    {"gp:grey:{x", -1, "", "", ""},
	    {"gp:grey:{", -1, "", "", ""},
	    {"gp:known:{x}", -1, "", "", ""},
	    {"grey:{x}:a:b", -1, "", "", ""},
	    {"", -1, "", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct redis_grey_name name;

		if (redis_key_grey_parse(slice_of(rows[i].key), "gp:", &name) != rows[i].want)
			fail_msg("%s", rows[i].key);
		if (rows[i].want != 0)
			continue;
		assert_true(slice_eq(name.identity, slice_of(rows[i].identity)));
		assert_true(slice_eq(name.sender, slice_of(rows[i].sender)));
		assert_true(slice_eq(name.rcpt, slice_of(rows[i].rcpt)));
	}
}

static void
test_parse_known(void **state)
{
	static const struct {
		const char *key;
		const char *want; /* NULL: none of these */
	} rows[] = {
	    {"gp:known:{192.0.2.0/24}", "192.0.2.0/24"},
	    {"gp:known:{a}b}", "a}b"},
	    {"gp:known:{}", NULL},
	    {"gp:known:{", NULL},
	    {"gp:known:{x", NULL},
	    {"gp:known:{x}:y", NULL},
	    {"gp:grey:{x}", NULL},
	    {"known:{x}", NULL},
	    {"gp:", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct slice identity;
		int got = redis_key_known_parse(slice_of(rows[i].key), "gp:", &identity);

		if (got != (rows[i].want == NULL ? -1 : 0) ||
		    (got == 0 && !slice_eq(identity, slice_of(rows[i].want))))
			fail_msg("%s", rows[i].key);
	}
}

static void
test_message(void **state)
{
	struct address ann = address_parse(slice_of("<\"Ann\"@Example.COM>"));
	char storage[REDIS_RCPT_FIELD_BYTES + REDIS_KEY_BYTES];
	struct buf out = BUF_OVER(storage);

	(void)state;
	redis_key_message(&out, "gp:", "shop", slice_of("abc"));
	assert_string_equal(buf_text(&out), "gp:msg:{shop}:abc");
	buf_reset(&out);
	redis_key_message_rcpt(&out, &ann);
	assert_string_equal(buf_text(&out), "rcpt:ann@example.com");
	buf_reset(&out);
	redis_key_event_copies(&out, "gp:", "shop");
	assert_string_equal(buf_text(&out), "gp:copies:{shop}");
}

static void
test_account(void **state)
{
	static const struct {
		const char *key;
		const char *want; /* NULL: none of these */
	} rows[] = {
	    {"gp:acct:{shop}", "shop"},
	    {"gp:acct:{a}b}", "a}b"},
	    {"gp:acct:{}", NULL},
	    {"gp:acct:{shop", NULL},
	    {"gp:acct:{shop}x", NULL},
	    {"gp:acctmap", NULL},
	    {"acct:{shop}", NULL},
	    {"", NULL},
	};
	char storage[REDIS_KEY_BYTES];
	struct buf out = BUF_OVER(storage);

	(void)state;
	redis_key_account(&out, "gp:", slice_of("shop"));
	key_is(&out, "gp:acct:{shop}");
	redis_key_account_map(&out, "gp:");
	key_is(&out, "gp:acctmap");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct slice name;
		int got = redis_key_account_parse(slice_of(rows[i].key), "gp:", &name);

		if (got != (rows[i].want == NULL ? -1 : 0) ||
		    (got == 0 && !slice_eq(name, slice_of(rows[i].want))))
			fail_msg("%s", rows[i].key);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_longest),
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_parse_known),
	    cmocka_unit_test(test_message),
	    cmocka_unit_test(test_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
