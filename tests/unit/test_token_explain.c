/*
 * test_token_explain.c - lib/policy/token_explain.c.
 */
#include "keyring_fixture.h"

#include "policy/token_explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define DAY    20778u /* 2026-11-21 */
#define BOUNCE "b-aeb55rztuhnt4ajdivtytk6n54aagujkcj2poavaqehlvl57"
#define ENVID  "i-aeb55rztuhnt4ajdivtytk6n54aagujk2sfqq3r4c3b73p6j"
#define CLICK  "AQMC3sczods-ASNFZ4mrze8AA1EqAAdodHRwczovL2EuZXhhbXBsZS8eOJEhADHZ_PKxMAc0ulO2"

#define GOOD "good: signed by a key of this keyring\n"
#define KEY  "key: 3, current, made 2026-01-01T00:00:00Z\n"
#define IDS                                                                                        \
	"account: shop (dec733a1db3e)\nmessage: aerukz4jvpg66\nsent: 2026-11-21\n"                 \
	"recipient: number 3 of the message\n"
#define FORGED                                                                                     \
	"refused: the signature is wrong; it was changed, is of another domain, forged, or made "  \
	"with another host's keyring\n"

static struct keyring ring;
static struct arena arena;
static struct account_map map;

static int
setup(void **state)
{
	static const struct account_pair pair = {SLICE_LIT("login:ann"), SLICE_LIT("shop")};
	static struct account_problems problems;
	struct err err;

	(void)state;
	arena_init(&arena, 1024, 65536);
	return keyring_parse(&ring, slice_of(KEYRING_TEXT), "ring", &err) != 0 ||
	       account_map_build(&map, &pair, 1, &arena, &problems) != 0;
}

static int
teardown(void **state)
{
	(void)state;
	keyring_fini(&ring);
	arena_fini(&arena);
	return 0;
}

static void
test_rows(void **state)
{
	static const struct {
		const char *text;
		bool good;
		const char *want;
	} rows[] = {
	    {BOUNCE "@b.shop.example", true, "kind: return path\n" GOOD KEY IDS},
	    {"<" BOUNCE "@B.shop.example>\n", true, "kind: return path\n" GOOD KEY IDS},
	    {BOUNCE "+ann=example.net@b.shop.example", true,
		"kind: return path\n" GOOD KEY IDS
		"delivered to: ann@example.net (as the MTA wrote it; not signed)\n"},
	    {BOUNCE "@b.blog.example", false, "kind: return path\n" FORGED KEY},
	    {ENVID, true, "kind: ENVID or id header\n" GOOD KEY IDS},
	    {"ENVID=" ENVID, true, "kind: ENVID or id header\n" GOOD KEY IDS},
	    {CLICK, true, "kind: click\n" GOOD KEY IDS "link: 7\ntarget: https://a.example/\n"},
	    {"https://t.shop.example/c/" CLICK "?utm=1", true,
		"kind: click\n" GOOD KEY IDS "link: 7\ntarget: https://a.example/\n"},
	    {"https://t.shop.example/c/B" CLICK, false,
		"refused: no token of ours, or a part is missing\n"},
	    {"", false, "refused: no token of ours, or a part is missing\n"},
	    {"<>", false, "refused: no token of ours, or a part is missing\n"},
	};
	struct token_reader reader = {&ring, &map, NULL, DAY};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[1000];
		struct buf out = BUF_OVER(storage);
		bool good = token_explain(&reader, slice_of(rows[i].text), &out);

		if (good != rows[i].good || strcmp(buf_text(&out), rows[i].want) != 0)
			fail_msg("%s: %d\n%s", rows[i].text, good, buf_text(&out));
	}
}

static void
test_without_map(void **state)
{
	struct token_reader reader = {&ring, NULL, NULL, DAY - 5};
	char storage[1000];
	struct buf out = BUF_OVER(storage);

	(void)state;
	assert_false(token_explain(&reader, slice_of(ENVID), &out));
	assert_non_null(strstr(buf_text(&out), "account: not known here (dec733a1db3e)\n"));
	assert_non_null(strstr(buf_text(&out), "refused: it will be sent later than today\n"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_without_map),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
