/*
 * test_account_domains.c - lib/policy/account_domains.c: of any account, and one label below.
 */
#include "policy/account_domains.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
test_have(void **state)
{
	static const struct account accounts[] = {{.bounce_domain = "b.shop.example"},
	    {.bounce_domain = ""}, {.bounce_domain = "A.Other.example"},
	    {.bounce_domain = "b.shop.example"}};
	static const struct {
		const char *domain;
		bool want;
	} rows[] = {{"b.shop.example", true}, {"B.SHOP.example", true},
	    {"bulk.b.shop.example", true}, {"x.bulk.b.shop.example", false},
	    {"shop.example", false}, {"a.other.example", true}, {"bulk.a.other.EXAMPLE", true},
	    {"", false}, {".", false}, {".b.shop.example", true}, {"b.shop.example.", false},
	    {"b.shop.exampl", false}, {"zb.shop.example", false}};
	const struct account *list[4];
	const char *v[4];
	struct account_names domains;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		list[i] = &accounts[i];
	account_domains_fill(&domains, v, list, 4);
	assert_int_equal(domains.n, 3);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (account_domains_have(&domains, slice_of(rows[i].domain)) != rows[i].want)
			fail_msg("\"%s\" is wrong", rows[i].domain);
	}
}

static void
test_feedbacks(void **state)
{
	static const struct account accounts[] = {{.feedback = "fbl@shop.example"},
	    {.feedback = ""}, {.feedback = "Abuse@other.example"}};
	const struct account *list[3] = {&accounts[0], &accounts[1], &accounts[2]};
	const char *v[3];
	struct account_names names;

	(void)state;
	account_feedbacks_fill(&names, v, list, 3);
	assert_int_equal(names.n, 2);
	assert_true(account_feedbacks_have(&names, slice_of("fbl@shop.example")));
	assert_true(account_feedbacks_have(&names, slice_of("abuse@Other.example")));
	assert_false(account_feedbacks_have(&names, slice_of("x@fbl@shop.example")));
	assert_false(account_feedbacks_have(&names, slice_of("shop.example")));
	assert_false(account_feedbacks_have(&names, slice_of("")));
}

static void
test_none(void **state)
{
	struct account_names domains = {NULL, 0};

	(void)state;
	assert_false(account_domains_have(&domains, slice_of("b.shop.example")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_have),
	    cmocka_unit_test(test_feedbacks),
	    cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
