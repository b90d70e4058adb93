/*
 * test_account_map.c - lib/policy/account_map.c, account_lookup.c, account_match.c.
 */
#include "policy/account_match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define PAIR(key, value)                                                                           \
	{                                                                                          \
		SLICE_LIT(key), SLICE_LIT(value)                                                   \
	}

static const struct account_pair pairs[] = {
    PAIR("ip:192.0.2.0/24", "agency,shop,blog"),
    PAIR("ip:192.0.2.128/25", "half"),
    PAIR("ip:192.0.2.200", "host"),
    PAIR("ip:2001:db8::/32", "six"),
    PAIR("ip:2001:db8:1::/48", "six48"),
    PAIR("login:Ann@shop.example", "shop, blog"),
    PAIR("login:bob", "bob"),
    PAIR("from:News@shop.example", "news"),
    PAIR("from:@Shop.example", "shop"),
    PAIR("from:@blog.example", "blog"),
};

static struct arena arena;
static struct account_map map;
static struct account_problems problems;

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, 4096, 1 << 20);
	problems = (struct account_problems){.n = 0};
	return account_map_build(&map, pairs, COUNT(pairs), &arena, &problems) != 0 ||
	       problems.n != 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static void
test_keys(void **state)
{
	static const struct {
		const char *key, *want; /* NULL: refused */
	} rows[] = {
	    {"ip:192.0.2.0/24", "ip:192.0.2.0/24"},
	    {"IP:192.0.2.1", "ip:192.0.2.1"},
	    {"ip:192.0.2.1/32", "ip:192.0.2.1"},
	    {"ip:::ffff:192.0.2.0/120", "ip:192.0.2.0/24"},
	    {"ip:2001:DB8:0::/32", "ip:2001:db8::/32"},
	    {"login:Ann", "login:ann"},
	    {"Login:ann@shop.example", "login:ann@shop.example"},
	    {"from:Ann@Shop.example", "from:ann@shop.example"},
	    {"from:@Shop.example", "from:@shop.example"},
	    {"ip:192.0.2.1/24", NULL},
	    {"ip:", NULL},
	    {"ip:shop", NULL},
	    {"login:", NULL},
	    {"login:a b", NULL},
	    {"login:a,b", NULL},
	    {"login:a\nb", NULL},
	    {"from:", NULL},
	    {"from:@", NULL},
	    {"from:shop.example", NULL},
	    {"from:ann@", NULL},
	    {"from:<ann@shop.example>", NULL},
	    {"from:@a@b", NULL},
	    {"net:192.0.2.0/24", NULL},
	    {"shop", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[400];
		struct buf out = BUF_OVER(storage);
		struct err err = {ERR_NONE, ""};
		int rc = account_map_key_format(slice_of(rows[i].key), &out, &err);

		if (rows[i].want == NULL ? rc == 0 || err.code == ERR_NONE
					 : rc != 0 || strcmp(buf_text(&out), rows[i].want) != 0)
			fail_msg("%s: %d, %s %s", rows[i].key, rc, buf_text(&out), err.text);
	}
}

static const char *
named(const struct account_choice *choice)
{
	return choice == NULL ? "-" : choice->v[0];
}

static void
test_lookup(void **state)
{
	static const struct {
		const char *kind, *what, *want;
	} rows[] = {
	    {"ip", "192.0.2.1", "agency"},
	    {"ip", "192.0.2.127", "agency"},
	    {"ip", "192.0.2.128", "half"},
	    {"ip", "192.0.2.200", "host"},
	    {"ip", "192.0.2.201", "half"},
	    {"ip", "::ffff:192.0.2.200", "host"},
	    {"ip", "192.0.3.1", "-"},
	    {"ip", "2001:db8::1", "six"},
	    {"ip", "2001:db8:1::1", "six48"},
	    {"ip", "2001:db9::1", "-"},
	    {"login", "ann@SHOP.example", "shop"},
	    {"login", "ann", "-"},
	    {"login", "bob", "bob"},
	    {"login", "bobby", "-"},
	    {"login", "", "-"},
	    {"from", "news@shop.example", "news"},
	    {"from", "NEWS@SHOP.EXAMPLE", "news"},
	    {"from", "other@shop.example", "shop"},
	    {"from", "a@sub.shop.example", "-"},
	    {"from", "shop.example", "-"},
	    {"from", "<>", "-"},
	    {"from", "@blog.example", "blog"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct account_choice *got;
		struct net_addr addr;
		struct address from = address_parse(slice_of(rows[i].what));

		if (strcmp(rows[i].kind, "ip") == 0) {
			assert_int_equal(net_addr_parse(slice_of(rows[i].what), &addr), 0);
			got = account_map_network(&map, &addr);
		} else if (strcmp(rows[i].kind, "login") == 0) {
			got = account_map_login(&map, slice_of(rows[i].what));
		} else {
			got = account_map_from(&map, &from);
		}
		if (strcmp(named(got), rows[i].want) != 0)
			fail_msg("%s %s: %s", rows[i].kind, rows[i].what, named(got));
	}
}

static void
test_by_id(void **state)
{
	static const char *const names[] = {
	    "agency", "shop", "blog", "half", "host", "six", "six48", "bob", "news"};

	(void)state;
	assert_int_equal(map.naccounts, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *got = account_map_by_id(&map, account_id(slice_of(names[i])));

		assert_non_null(got);
		assert_string_equal(got, names[i]);
	}
	assert_null(account_map_by_id(&map, account_id(slice_of("other"))));
	assert_null(account_map_by_id(&map, 0));
}

/* A pair that is wrong is left out, with a word; the others stand. */
static void
test_problems(void **state)
{
	static const struct account_pair wrong[] = {
	    PAIR("ip:192.0.2.0/33", "shop"),
	    PAIR("login:a", "Shop"),
	    PAIR("login:b", ""),
	    PAIR("login:c", "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q"),
	    PAIR("login:d", "d"),
	    PAIR("login:D", "e"),
	    PAIR("ip:192.0.2.1", "y"),
	    PAIR("ip:192.0.2.1/32", "x"),
	    PAIR("from:@shop.example", "shop"),
	};

	(void)state;
	for (int turn = 0; turn < 2; turn++) {
		struct account_pair v[COUNT(wrong)];
		struct net_addr addr;

		for (size_t i = 0; i < COUNT(wrong); i++)
			v[i] = wrong[turn == 0 ? i : COUNT(wrong) - 1 - i];
		problems = (struct account_problems){.n = 0};
		assert_int_equal(account_map_build(&map, v, COUNT(v), &arena, &problems), 0);
		assert_int_equal(problems.n, 6);
		assert_null(account_map_login(&map, slice_of("a")));
		assert_string_equal(named(account_map_login(&map, slice_of("d"))), "d");
		assert_int_equal(net_addr_parse(slice_of("192.0.2.1"), &addr), 0);
		assert_string_equal(named(account_map_network(&map, &addr)), "x");
		assert_int_equal(map.nnames + map.nnetworks, 3);
	}
}

static void
test_bounds(void **state)
{
	static char key[ACCOUNT_KEY_BYTES + 20];
	struct account_pair pair = {{key, sizeof(key) - 1}, SLICE_LIT("shop")};

	(void)state;
	memset(key, 'a', sizeof(key) - 1);
	memcpy(key, "login:", 6);
	problems = (struct account_problems){.n = 0};
	assert_int_equal(account_map_build(&map, &pair, 1, &arena, &problems), 0);
	assert_int_equal(problems.n, 1);
	assert_null(account_map_login(&map, slice_make(key + 6, sizeof(key) - 7)));
	assert_int_equal(
	    account_map_build(&map, &pair, ACCOUNT_MAP_MAX + 1, &arena, &problems), -1);
	assert_int_equal(account_map_build(&map, NULL, 0, &arena, &problems), 0);
	assert_null(account_map_login(&map, slice_of("ann")));
	for (size_t bytes = 1; bytes < 2000; bytes += 13) {
		struct arena small;

		arena_init(&small, bytes, bytes);
		(void)account_map_build(&map, pairs, COUNT(pairs), &small, &problems);
		arena_fini(&small);
	}
}

/* --- matching --- */

static struct account_precedence
precedence_of(const char *first, const char *second, const char *third)
{
	const char *v[] = {first, second, third};
	struct option_words words = {v, third != NULL ? 3 : second != NULL ? 2 : 1};
	struct account_precedence p;
	struct err err = {ERR_NONE, ""};

	if (account_precedence_parse(&words, &p, &err) != 0)
		fail_msg("%s", err.text);
	return p;
}

struct match_row {
	const char *client, *login, *from, *header;
	const char *want; /* NULL: none */
	enum account_by by;
	const char *words;
};

static void
match_run(const struct account_precedence *precedence, const struct match_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct net_addr client = {.family = NET_NONE};
		struct address from = address_parse(slice_of(rows[i].from));
		struct account_facts facts = {&client, slice_of(rows[i].login), &from,
		    rows[i].from[0] != '\0', false, slice_of(rows[i].header)};
		struct account_match got;
		char storage[500];
		struct buf words = BUF_OVER(storage);

		if (rows[i].client[0] != '\0')
			assert_int_equal(net_addr_parse(slice_of(rows[i].client), &client), 0);
		got = account_match(&map, precedence, &facts, "fallback");
		account_match_words(&got, &words);
		if (got.account == NULL || strcmp(got.account, rows[i].want) != 0 ||
		    got.by != rows[i].by || strcmp(buf_text(&words), rows[i].words) != 0)
			fail_msg("row %zu: %s by %s: %s", i, got.account, account_by_name(got.by),
			    buf_text(&words));
	}
}

#define REFUSED "; the header asks for another, which neither the login nor the network may use"

static void
test_match(void **state)
{
	static const struct match_row rows[] = {
	    {"192.0.2.1", "", "", "", "agency", ACCOUNT_BY_NETWORK,
		"agency: ip:192.0.2.0/24 says so"},
	    {"192.0.2.200", "", "x@blog.example", "", "host", ACCOUNT_BY_NETWORK,
		"host: ip:192.0.2.200 says so, before from:@blog.example (blog)"},
	    {"192.0.2.1", "bob", "news@shop.example", "", "bob", ACCOUNT_BY_LOGIN,
		"bob: login:bob says so, before ip:192.0.2.0/24 (agency) and "
		"from:news@shop.example (news)"},
	    {"198.51.100.1", "unknown", "news@shop.example", "", "news", ACCOUNT_BY_FROM,
		"news: from:news@shop.example says so"},
	    {"198.51.100.1", "", "x@shop.example", "", "shop", ACCOUNT_BY_FROM,
		"shop: from:@shop.example says so"},
	    {"", "", "", "", "fallback", ACCOUNT_BY_DEFAULT,
		"fallback: the default, since neither login, network nor From is in the map"},
	    {"192.0.2.1", "", "", "shop", "shop", ACCOUNT_BY_HEADER,
		"shop: the header asks for it, and ip:192.0.2.0/24 allows it"},
	    {"192.0.2.1", "", "", " BLOG\n", "blog", ACCOUNT_BY_HEADER,
		"blog: the header asks for it, and ip:192.0.2.0/24 allows it"},
	    {"192.0.2.1", "bob", "", "blog", "blog", ACCOUNT_BY_HEADER,
		"blog: the header asks for it, and ip:192.0.2.0/24 allows it"},
	    {"", "ann@shop.example", "", "blog", "blog", ACCOUNT_BY_HEADER,
		"blog: the header asks for it, and login:ann@shop.example allows it"},
	    {"192.0.2.1", "", "", "news", "agency", ACCOUNT_BY_NETWORK,
		"agency: ip:192.0.2.0/24 says so" REFUSED},
	    {"198.51.100.1", "", "news@shop.example", "shop", "news", ACCOUNT_BY_FROM,
		"news: from:news@shop.example says so" REFUSED},
	    /* From proves nothing: what it gives cannot be asked for either */
	    {"198.51.100.1", "", "x@blog.example", "blog", "blog", ACCOUNT_BY_FROM,
		"blog: from:@blog.example says so" REFUSED},
	    {"", "", "", "shop", "fallback", ACCOUNT_BY_DEFAULT,
		"fallback: the default, since neither login, network nor From is in the "
		"map" REFUSED},
	};
	struct account_precedence p = precedence_of("login", "network", "from");

	(void)state;
	match_run(&p, rows, COUNT(rows));
}

static void
test_precedence(void **state)
{
	static const struct match_row from_first[] = {
	    {"192.0.2.1", "bob", "news@shop.example", "", "news", ACCOUNT_BY_FROM,
		"news: from:news@shop.example says so, before login:bob (bob) and "
		"ip:192.0.2.0/24 (agency)"},
	};
	static const struct match_row no_from[] = {
	    {"", "", "news@shop.example", "", "fallback", ACCOUNT_BY_DEFAULT,
		"fallback: the default, since neither login, network nor From is in the map"},
	};
	static const char *wrong[][4] = {
	    {"login", "login", NULL}, {"log", NULL}, {"from", "network", "login", "from"}};
	struct account_precedence a = precedence_of("from", "login", "network");
	struct account_precedence b = precedence_of("NETWORK", "login", NULL);

	(void)state;
	match_run(&a, from_first, 1);
	match_run(&b, no_from, 1);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct option_words words = {wrong[i], i == 2 ? 4 : i == 1 ? 1 : 2};
		struct err err = {ERR_NONE, ""};

		assert_int_equal(account_precedence_parse(&words, &a, &err), -1);
		assert_int_not_equal(err.code, ERR_NONE);
	}
	assert_int_equal(account_precedence_parse(&(struct option_words){NULL, 0}, &a, NULL), -1);
}

static void
test_none(void **state)
{
	struct account_precedence p = precedence_of("login", "network", "from");
	struct net_addr client = {.family = NET_NONE};
	struct account_facts facts = {.client = &client};
	struct account_match got = account_match(&map, &p, &facts, "");
	char storage[200];
	struct buf words = BUF_OVER(storage);

	(void)state;
	assert_null(got.account);
	account_match_words(&got, &words);
	assert_string_equal(
	    buf_text(&words), "no account: neither login, network nor From is in the map");
}

static void
test_may_write(void **state)
{
	static const struct {
		const char *from[3]; /* NULL ends them */
		bool odd;
		const char *words; /* NULL: allowed */
	} rows[] = {
	    {{"x@own.example"}, false, NULL},
	    {{"X@OWN.example"}, false, NULL},
	    {{"x@shop.example"}, false, NULL}, /* the map's domain */
	    {{"x@own.example", "y@shop.example"}, false, NULL},
	    {{"news@shop.example"}, false, "account shop may not use news@shop.example in From"},
	    {{"x@blog.example"}, false, "account shop may not use x@blog.example in From"},
	    {{"x@own.example", "y@evil.example"}, false,
		"account shop may not use y@evil.example in From"},
	    {{"x@sub.own.example"}, false, "account shop may not use x@sub.own.example in From"},
	    {{NULL}, false, "the From field is not one that account shop may send"},
	    {{"x@own.example"}, true, "the From field is not one that account shop may send"},
	    {{"x\n@evil.example"}, false, "account shop may not use x?@evil.example in From"},
	};
	struct slice own = SLICE_LIT("@own.example");
	struct account account = {.name = "shop", .check_from = true, .from = {&own, 1}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address v[3];
		struct account_facts facts = {.from = v, .from_odd = rows[i].odd};
		const struct address *wrong;
		char storage[300];
		struct buf words = BUF_OVER(storage);
		bool may;

		for (; facts.nfrom < 3 && rows[i].from[facts.nfrom] != NULL; facts.nfrom++)
			v[facts.nfrom] = address_parse(slice_of(rows[i].from[facts.nfrom]));
		may = account_may_write(&account, &map, &facts, &wrong);
		if (!may)
			account_wrong_from_words(&account, wrong, &words);
		if (may != (rows[i].words == NULL) ||
		    (!may && strcmp(buf_text(&words), rows[i].words) != 0))
			fail_msg("row %zu: %d, %s", i, may, buf_text(&words));
		account.check_from = false;
		assert_true(account_may_write(&account, &map, &facts, &wrong));
		account.check_from = true;
	}
}

int
main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys),
	    WITH(test_lookup),
	    WITH(test_by_id),
	    WITH(test_problems),
	    WITH(test_bounds),
	    WITH(test_match),
	    WITH(test_precedence),
	    WITH(test_none),
	    WITH(test_may_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
