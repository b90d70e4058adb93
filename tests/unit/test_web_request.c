/*
 * test_web_request.c - lib/policy/web_request, and what no attack on a link gets from it.
 */
#include "policy/token.h"
#include "policy/web_request.h"
#include "unit/keyring_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void
test_target(void **state)
{
	static const struct {
		const char *uri;
		enum web_path path;
		const char *token, *host;
	} rows[] = {
	    {"/o/abc_-9", WEB_PATH_OPEN, "abc_-9", ""},
	    {"/c/abc", WEB_PATH_CLICK, "abc", ""},
	    {"/u/abc?x=1&y=/o/z", WEB_PATH_UNSUBSCRIBE, "abc", ""},
	    {"http://t.example:8080/o/abc", WEB_PATH_OPEN, "abc", "t.example:8080"},
	    {"HTTPS://t.example/c/abc", WEB_PATH_CLICK, "abc", "t.example"},
	    {"/robots.txt", WEB_PATH_ROBOTS, "", ""},
	    {"", WEB_PATH_NONE, "", ""},
	    {"/", WEB_PATH_NONE, "", ""},
	    {"/o/", WEB_PATH_NONE, "", ""},
	    {"/o/?abc", WEB_PATH_NONE, "", ""},
	    {"/o", WEB_PATH_NONE, "", ""},
	    {"/O/abc", WEB_PATH_NONE, "", ""},
	    {"/x/abc", WEB_PATH_NONE, "", ""},
	    {"//o/abc", WEB_PATH_NONE, "", ""},
	    {"/c/abc/", WEB_PATH_NONE, "", ""},
	    {"/c/abc%2Fdef", WEB_PATH_NONE, "", ""},
	    {"/c/abc.gif", WEB_PATH_NONE, "", ""},
	    {"/c/../o/abc", WEB_PATH_NONE, "", ""},
	    {"/c/abc\\def", WEB_PATH_NONE, "", ""},
	    {"/c/abc\r\nX: y", WEB_PATH_NONE, "", ""},
	    {"/c/abc#x", WEB_PATH_NONE, "", ""},
	    {"/c/abc=", WEB_PATH_NONE, "", ""},
	    {"/c/https://evil.example/", WEB_PATH_NONE, "", ""},
	    {"http:///o/abc", WEB_PATH_OPEN, "abc", ""},
	    {"*", WEB_PATH_NONE, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct web_target t = web_request_target(slice_of(rows[i].uri));

		if (t.path != rows[i].path || !slice_eq(t.token, slice_of(rows[i].token)) ||
		    !slice_eq(t.host, slice_of(rows[i].host)))
			fail_msg("%s: %d \"%.*s\" \"%.*s\"", rows[i].uri, t.path,
			    SLICE_ARG(t.token), SLICE_ARG(t.host));
	}
}

static void
test_may_redirect(void **state)
{
	static const struct {
		const char *url;
		bool may;
	} rows[] = {
	    {"https://shop.example/a?b=c&d=e#f", true},
	    {"http://shop.example", true},
	    {"HTTPS://SHOP.example:8443/", true},
	    {"https://shop.example?x=@y:z", true},
	    {"https://shop.example/@user,x/a:b", true},
	    {"http://[2001:db8::1]:80/a", true},
	    {"http://192.0.2.1/", true},
	    {"", false},
	    {"https://", false},
	    {"https:///evil.example", false},
	    {"https:/evil.example", false},
	    {"https:evil.example", false},
	    {"https://?x", false},
	    {"https://#x", false},
	    {"https://:80/", false},
	    {"//evil.example/", false},
	    {"/evil.example", false},
	    {"javascript:alert(1)//https://", false},
	    {"data:text/html,x", false},
	    {"ftp://shop.example/", false},
	    {"https://shop.example@evil.example/", false},
	    {"https://user:password@evil.example/", false},
	    {"https://shop.example\\@evil.example/", false},
	    {"https:\\\\evil.example/", false},
	    {"https://shop.example/\r\nSet-Cookie: x=y", false},
	    {"https://shop.example/a b", false},
	    {"https://shop.example/\x7f", false},
	    {"https://sh\xc3\xb6p.example/", false},
	    {"https://shop.example:80x/", false},
	    {"https://shop.example:80:90/", false},
	    {"http://[]/", false},
	    {"http://[::1/", false},
	    {"http://[::1]x/", false},
	    {" https://shop.example/", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (web_request_may_redirect(slice_of(rows[i].url)) != rows[i].may)
			fail_msg("%s: %s", rows[i].url, rows[i].may ? "refused" : "let pass");
	}
}

static void
test_host(void **state)
{
	static const char *const rows[][2] = {{"t.example", "t.example"},
	    {"t.example:8080", "t.example"}, {"[::1]:80", "[::1]"}, {"[::1]", "[::1]"}, {"", ""}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice host = web_request_host(slice_of(rows[i][0]));

		if (!slice_eq(host, slice_of(rows[i][1])))
			fail_msg("%s: %.*s", rows[i][0], SLICE_ARG(host));
	}
}

static void
test_client(void **state)
{
	static const struct {
		const char *peer; /* "": a unix socket; "?": nobody knows */
		const char *forwarded;
		const char *want;
	} rows[] = {
	    {"198.51.100.7", "203.0.113.5", "198.51.100.7"}, /* no proxy of ours */
	    {"127.0.0.1", "203.0.113.5", "203.0.113.5"},
	    {"127.0.0.1", "", "127.0.0.1"},
	    {"127.0.0.1", "10.1.2.3, 203.0.113.5", "203.0.113.5"}, /* the client's own words */
	    {"127.0.0.1", "203.0.113.5, 10.0.0.9", "203.0.113.5"}, /* 10/8 is a proxy */
	    {"127.0.0.1", "203.0.113.5 ,10.0.0.9,\t10.0.0.8 ", "203.0.113.5"},
	    {"127.0.0.1", "10.0.0.9, 10.0.0.8", "10.0.0.9"},
	    {"127.0.0.1", "203.0.113.5, evil", "127.0.0.1"},
	    {"127.0.0.1", "203.0.113.5, evil, 10.0.0.8", "10.0.0.8"},
	    {"127.0.0.1", "203.0.113.5:4711", "203.0.113.5"},
	    {"::1", "[2001:db8::5]:4711", "2001:db8::5"},
	    {"::1", "2001:db8::5", "2001:db8::5"},
	    {"::ffff:127.0.0.1", "203.0.113.5", "203.0.113.5"},
	    {"", "203.0.113.5", "203.0.113.5"},
	    {"", "203.0.113.5, 10.0.0.9", "203.0.113.5"},
	    {"", "203.0.113.5, 192.0.2.1", "192.0.2.1"},
	    {"", "evil", ""},
	    {"", "", ""},
	    {"?", "203.0.113.5", ""},
	    {"127.0.0.1", ",,,", "127.0.0.1"},
	    {"127.0.0.1", "unknown", "127.0.0.1"},
	    {"127.0.0.1", "[::1", "127.0.0.1"},
	};
	struct net_cidr v[3];
	struct net_set proxies;

	(void)state;
	assert_int_equal(net_cidr_parse(slice_of("127.0.0.0/8"), &v[0], NULL), 0);
	assert_int_equal(net_cidr_parse(slice_of("10.0.0.0/8"), &v[1], NULL), 0);
	assert_int_equal(net_cidr_parse(slice_of("::1"), &v[2], NULL), 0);
	net_set_init(&proxies, v, 3);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_addr peer = {.family = NET_NONE}, client;
		char storage[NET_ADDR_TEXT_BYTES];
		struct buf out = BUF_OVER(storage);

		if (rows[i].peer[0] != '\0' && rows[i].peer[0] != '?')
			assert_int_equal(net_addr_parse(slice_of(rows[i].peer), &peer), 0);
		client = web_request_client(
		    rows[i].peer[0] == '\0' ? NULL : &peer, &proxies, slice_of(rows[i].forwarded));
		net_addr_format(&out, &client);
		if (strcmp(buf_text(&out), rows[i].want) != 0)
			fail_msg("%s by %s: %s", rows[i].forwarded, rows[i].peer, storage);
	}
}

static void
test_language(void **state)
{
	static const char *const ours[] = {"en", "de", "fr", "es"};
	static const struct {
		const char *accept;
		size_t want;
	} rows[] = {
	    {"", 0},
	    {"de", 1},
	    {"de-AT", 1},
	    {"DE-at,en;q=0.5", 1},
	    {"ja, fr;q=0.2", 2},
	    {"en;q=0.1, es;q=0.9", 3},
	    {"fr;q=0, es;q=0.001", 3},
	    {"fr;q=0", 0},
	    {"*", 0},
	    {"de;q=0.5,fr;q=0.5", 1},
	    {"de;q=x,fr", 2},
	    {"deutsch", 0},
	    {" fr ;q= 0.8 ", 2},
	    {";;;,,,", 0},
	    {"de;q=1.5", 1},
	    {"de;level=1", 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t got = web_request_language(slice_of(rows[i].accept), ours, COUNT(ours));

		if (got != rows[i].want)
			fail_msg("%s: %s", rows[i].accept, ours[got]);
	}
}

/* --- no open redirect: a path leads where its token was made for, or nowhere --- */

static struct keyring ring, other;

/* Where that path leads; false: it is 404. */
static bool
leads_to(const struct keyring *keyring, const char *uri, uint64_t account, struct slice *target_r,
    struct token *token)
{
	struct web_target t = web_request_target(slice_of(uri));
	struct token_terms terms = {.kind = TOKEN_CLICK, .account = account};

	*target_r = slice_make(NULL, 0);
	if (t.path != WEB_PATH_CLICK || token_open(keyring, t.token, &terms, token) != TOKEN_GOOD ||
	    !web_request_may_redirect(token->target))
		return false;
	*target_r = token->target;
	return true;
}

static const char *
path_make(const struct keyring *keyring, enum token_kind kind, uint64_t account, const char *target,
    const char *suffix)
{
	static char storage[16384];
	struct token token = {.kind = kind, .ids = {account, 42, 20000, 1}, .link = 1};
	struct buf out = BUF_OVER(storage);
	struct err err;

	token.target = slice_of(target);
	buf_add_text(&out, "/c/");
	if (token_make(keyring, &token, &out, &err) != 0)
		fail_msg("%s", err.text);
	buf_add_text(&out, suffix);
	return buf_text(&out);
}

static void
test_attacks(void **state)
{
	static const char good[] = "https://shop.example/a?b=c";
	struct slice target;
	struct token token;
	char path[16384];
	size_t n;

	(void)state;
	assert_true(
	    leads_to(&ring, path_make(&ring, TOKEN_CLICK, 7, good, ""), 7, &target, &token));
	assert_true(slice_eq(target, slice_of(good)));
	/* signed by others; for another account; for something else */
	assert_false(
	    leads_to(&ring, path_make(&other, TOKEN_CLICK, 7, good, ""), 7, &target, &token));
	assert_false(
	    leads_to(&ring, path_make(&ring, TOKEN_CLICK, 8, good, ""), 7, &target, &token));
	assert_false(leads_to(&ring, path_make(&ring, TOKEN_OPEN, 7, "", ""), 7, &target, &token));
	assert_false(leads_to(
	    &ring, path_make(&ring, TOKEN_UNSUBSCRIBE, 7, "a@b.example", ""), 7, &target, &token));
	/* something behind it */
	static const char *const suffixes[] = {"/", "%2F", "/https://evil.example", "\r\nX: y",
	    "%0d%0aX", "=", "A", "AAAA", "#", "@evil.example", "\\", ".", "%00"};
	for (size_t i = 0; i < COUNT(suffixes); i++) {
		const char *uri = path_make(&ring, TOKEN_CLICK, 7, good, suffixes[i]);

		if (leads_to(&ring, uri, 7, &target, &token))
			fail_msg("\"%s\" behind the token: it leads to %.*s", suffixes[i],
			    SLICE_ARG(target));
	}
	/* any one bit of it otherwise */
	(void)snprintf(path, sizeof(path), "%s", path_make(&ring, TOKEN_CLICK, 7, good, ""));
	n = strlen(path);
	for (size_t i = 3; i < n * 8; i++) {
		char was = path[i / 8];

		path[i / 8] = (char)(was ^ (1 << i % 8));
		if (path[i / 8] != '?' && path[i / 8] != '\0' &&
		    leads_to(&ring, path, 7, &target, &token))
			fail_msg("bit %zu changed: it leads to %.*s", i, SLICE_ARG(target));
		path[i / 8] = was;
	}
	/* cut anywhere; and 8 kB of anything */
	for (size_t i = n - 1; i > 2; i--) {
		path[i] = '\0';
		assert_false(leads_to(&ring, path, 7, &target, &token));
	}
	memset(path, 'A', 8192);
	memcpy(path, "/c/", 3);
	path[8192] = '\0';
	assert_false(leads_to(&ring, path, 7, &target, &token));
}

/* What we would have signed ourselves, as somebody's link: it leads nowhere all the same. */
static void
test_signed_attacks(void **state)
{
	static const char *const targets[] = {"https:///evil.example", "https://",
	    "http://a@evil.example/", "https://shop.example\\@evil.example", "https://:80/"};
	struct slice target;
	struct token token;

	(void)state;
	for (size_t i = 0; i < COUNT(targets); i++) {
		if (leads_to(&ring, path_make(&ring, TOKEN_CLICK, 7, targets[i], ""), 7, &target,
			&token))
			fail_msg("%s", targets[i]);
	}
}

static int
setup(void **state)
{
	(void)state;
	return keyring_parse(&ring, slice_of(KEYRING_TEXT), "", NULL) != 0 ||
	       keyring_parse(&other, slice_of(KEYRING_TEXT_OTHER), "", NULL) != 0;
}

static int
teardown(void **state)
{
	(void)state;
	keyring_fini(&ring);
	keyring_fini(&other);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_target),
	    cmocka_unit_test(test_may_redirect),
	    cmocka_unit_test(test_host),
	    cmocka_unit_test(test_client),
	    cmocka_unit_test(test_language),
	    cmocka_unit_test(test_attacks),
	    cmocka_unit_test(test_signed_attacks),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
