/*
 * test_forget.c - lib/policy/forget.
 */
#include "policy/forget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct forget_person ann;

static int
setup(void **state)
{
	struct address address = address_parse(slice_of("Ann@Example.com"));

	(void)state;
	return forget_person_init(&ann, &address, NULL);
}

static void
test_init(void **state)
{
	static const char *const wrong[] = {"", "<>", "ann", "@example.com", "a b\x01@example.com"};

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct address address = address_parse(slice_of(wrong[i]));
		static struct forget_person person;
		struct err err;

		if (forget_person_init(&person, &address, &err) != -1)
			fail_msg("\"%s\" is a person", wrong[i]);
	}
}

static void
test_scrub(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: not named */
	} rows[] = {
	    {"ann@example.com", "(forgotten)"},
	    {"<ANN@EXAMPLE.COM>", "<(forgotten)>"},
	    {"bob@x, Ann@example.com, cy@y", "bob@x, (forgotten), cy@y"},
	    {"ann@example.com,ann@example.com", "(forgotten),(forgotten)"},
	    {"ann@example.com.", "(forgotten)."},
	    {"to ann@example.com: no", "to (forgotten): no"},
	    {"bounce-ann=example.com@list.example", "bounce-(forgotten)@list.example"},
	    {"http://x/?m=ann%40example.com&y", "http://x/?m=(forgotten)&y"},
	    {"http://x/?m=ANN@Example.com", "http://x/?m=(forgotten)"},
	    {"http://x/ann@example.com/y", "http://x/(forgotten)/y"},
	    {"http://x/?u=%2F%3Dann%2540example.com%26", "http://x/?u=%2F%3D(forgotten)%26"},
	    {"\"ann\"@example.com, \"bob\"@x", "(forgotten), \"bob\"@x"},
	    {"login:ann@example.com", "login:(forgotten)"},
	    {"joann@example.com", NULL},
	    {"jo.ann@example.com", NULL},
	    {"jo+ann@example.com", NULL},
	    {"jo-ann@example.com", NULL},
	    {"jo.ann=example.com@x", NULL},
	    {"ann@example.com.au", NULL},
	    {"ann@example.community", NULL},
	    {"ann@example.com-pany", NULL},
	    {"\xc3\xa4"
	     "ann@example.com",
		NULL},
	    {"ann@example.co", NULL},
	    {"ann+x@example.com", NULL},
	    {"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[FORGET_VALUE_BYTES(100)];
		struct buf out = BUF_OVER(storage);
		bool named = forget_scrub(&ann, slice_of(rows[i].text), &out);
		const char *want = rows[i].want == NULL ? rows[i].text : rows[i].want;

		if (named != (rows[i].want != NULL) || strcmp(buf_text(&out), want) != 0)
			fail_msg("\"%s\" becomes \"%s\"", rows[i].text, buf_text(&out));
		assert_int_equal(forget_names(&ann, slice_of(rows[i].text)), named);
		assert_false(forget_names(&ann, buf_slice(&out)));
	}
}

static void
test_gone(void **state)
{
	static const struct {
		const char *entry;
		bool gone;
	} rows[] = {{"ann@example.com", true}, {"\"Ann\"@example.COM", true}, {"(forgotten)", true},
	    {"", false}, {"joann@example.com", false}, {"ann@exam...", false},
	    {"(forgotten)@example.com", false}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (forget_is_gone(&ann, slice_of(rows[i].entry)) != rows[i].gone)
			fail_msg("\"%s\"", rows[i].entry);
	}
}

/* Of an address that a URL spells in more than one way. */
static void
test_encoded(void **state)
{
	static const char *const named[] = {"a.n+x@example.com", "http://y/A.N%2BX%40example.com/z",
	    "http://y/?u=http%3A%2F%2Fz%2F%3Fm%3Da.n%252bx%2540example.com%26b",
	    "a.n+x=example.com@z", "%61%2e%6E%2b%78%40%65xample%2ecom", "=\"a.n+x\"@example.com",
	    "\"a\\.n+x\"@example.com", "%22a.n+x%22%40example.com"};
	static const char *const others[] = {"a.nx@example.com", "a.n%20x%40example.com",
	    "z%2Ea.n%2Bx%40example.com", "a.n%2Bx%40example.com%2Eau", "a.n%2Bx%4example.com",
	    "a.n%2B", "a.n%2Bx%40example.com%61", "x%2541.n+x@example.com", "%"};
	struct address address = address_parse(slice_of("A.N+x@example.com"));
	static struct forget_person person;

	(void)state;
	assert_int_equal(forget_person_init(&person, &address, NULL), 0);
	for (size_t i = 0; i < COUNT(named); i++) {
		if (!forget_names(&person, slice_of(named[i])))
			fail_msg("%s", named[i]);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		if (forget_names(&person, slice_of(others[i])))
			fail_msg("%s", others[i]);
	}
}

static void
test_fields(void **state)
{
	static const struct {
		enum forget_whose whose;
		const char *name, *value, *want; /* NULL: it goes */
	} rows[] = {
	    {FORGET_HIS, "type", "opened", "opened"},
	    {FORGET_HIS, "msg", "abc", "abc"},
	    {FORGET_HIS, "rcpt", "ann@example.com", NULL},
	    {FORGET_HIS, "rcpt", "x", NULL},
	    {FORGET_HIS, "client", "192.0.2.1", NULL},
	    {FORGET_HIS, "agent", "Mail", NULL},
	    {FORGET_HIS, "subject", "Dear Ann", NULL},
	    {FORGET_HIS, "invented-later", "x", NULL},
	    {FORGET_HIS, "to", "ann@example.com", "(forgotten)"},
	    {FORGET_HIS, "url", "http://x/y?name=ann#z", "http://x/y"},
	    {FORGET_HIS, "url", "http://x/jo@y/ann=example.com", "http://x/*/(forgotten)"},
	    {FORGET_HIS, "forgot", "1", "1"},
	    {FORGET_MAYBE, "client", "192.0.2.1", NULL},
	    {FORGET_MAYBE, "url", "http://x/y?name=ann", "http://x/y?name=ann"},
	    {FORGET_MAYBE, "rcpt", "ann@example.com", NULL},
	    {FORGET_OTHERS, "client", "192.0.2.1", "192.0.2.1"},
	    {FORGET_OTHERS, "rcpt", "bob@example.com", "bob@example.com"},
	    {FORGET_OTHERS, "rcpt", "ANN@example.com", NULL},
	    {FORGET_OTHERS, "to", "ann@example.com, bob@x", "(forgotten), bob@x"},
	    {FORGET_OTHERS, "invented-later", "for ann@example.com", "for (forgotten)"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[FORGET_VALUE_BYTES(100)];
		struct buf room = BUF_OVER(storage);
		struct slice value = slice_of(rows[i].value);
		bool stays = forget_field(
		    &ann, rows[i].whose, slice_of(rows[i].name), &value, &room);

		if (stays != (rows[i].want != NULL) ||
		    (stays && !slice_eq(value, slice_of(rows[i].want))))
			fail_msg("%d %s=%s: %d \"%.*s\"", (int)rows[i].whose, rows[i].name,
			    rows[i].value, stays, SLICE_ARG(value));
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_init),
	    cmocka_unit_test(test_scrub),
	    cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_encoded),
	    cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests_name("forget", tests, setup, NULL);
}
