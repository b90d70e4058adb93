/*
 * test_web_wish.c - forms that unsubscribe somebody, and all that must not.
 */
#include "policy/web_wish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void
test_wish(void **state)
{
#define PART(field, value) "--x\r\nContent-Disposition: form-data; " field "\r\n\r\n" value "\r\n"
	static const struct {
		const char *body;
		enum web_wish want;
	} rows[] = {
	    {"List-Unsubscribe=One-Click", WEB_WISH_ONE_CLICK},
	    {"List-Unsubscribe=One-Click\r\n", WEB_WISH_ONE_CLICK},
	    {"list-unsubscribe=one-click", WEB_WISH_ONE_CLICK},
	    {"List%2DUnsubscribe=One%2dClick", WEB_WISH_ONE_CLICK},
	    {"a=b&List-Unsubscribe=One-Click&c=d", WEB_WISH_ONE_CLICK},
	    {"a=b\r\nList-Unsubscribe=One-Click\r\n", WEB_WISH_ONE_CLICK},
	    {PART("name=\"List-Unsubscribe\"", "One-Click") "--x--", WEB_WISH_ONE_CLICK},
	    {PART("name=\"a\"", "b") PART("name=List-Unsubscribe", "one-click"),
		WEB_WISH_ONE_CLICK},
	    {PART("name=\"List-Unsubscribe\"; x=y", "One-Click"), WEB_WISH_ONE_CLICK},
	    {PART("name=\"List-Unsubscribe\"\r\nContent-Type: text/plain", "One-Click"),
		WEB_WISH_ONE_CLICK},
	    {"--x\nContent-Disposition: form-data; name=\"unsubscribe\"\n\nyes\n--x--\n",
		WEB_WISH_FORM},
	    {"unsubscribe=yes", WEB_WISH_FORM},
	    {"", WEB_WISH_NONE},
	    {"&&=&", WEB_WISH_NONE},
	    {"x=y", WEB_WISH_NONE},
	    {"unsubscribe=no", WEB_WISH_NONE},
	    {"unsubscribe", WEB_WISH_NONE},
	    {"unsubscribe=One-Click", WEB_WISH_NONE},
	    {"xList-Unsubscribe=One-Click", WEB_WISH_NONE},
	    {"List-Unsubscribe=One-Clickx", WEB_WISH_NONE},
	    {"List-Unsubscribe=One-Clic%", WEB_WISH_NONE},
	    {"List-Unsubscribe=One-Clic%6", WEB_WISH_NONE},
	    {"List-Unsubscribe=", WEB_WISH_NONE},
	    {"One-Click", WEB_WISH_NONE},
	    {"{\"List-Unsubscribe\": \"One-Click\"}", WEB_WISH_NONE},
	    {PART("filename=\"List-Unsubscribe\"", "One-Click"), WEB_WISH_NONE},
	    {PART("name=\"a\"", "One-Click"), WEB_WISH_NONE},
	    {PART("name=\"List-Unsubscribe\"", "no") PART("name=\"a\"", "One-Click"),
		WEB_WISH_NONE},
	    {PART("name=\"List-Unsubscribe\"", "no\r\nOne-Click"), WEB_WISH_NONE},
	    {"--", WEB_WISH_NONE},
	    {"--\nname=", WEB_WISH_NONE},
	    {"--\n name=\"\n\n", WEB_WISH_NONE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum web_wish got = web_wish_read(slice_of(rows[i].body));

		if (got != rows[i].want)
			fail_msg("%s: %d, not %d", rows[i].body, (int)got, (int)rows[i].want);
	}
#undef PART
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_wish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
