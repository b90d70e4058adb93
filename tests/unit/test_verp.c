/*
 * test_verp.c - lib/policy/verp.c.
 */
#include "keyring_fixture.h"

#include "policy/verp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define DAY     20778u
#define ACCOUNT 0xdec733a1db3eULL
#define ARGS    4

static struct keyring ring;

static int
setup(void **state)
{
	struct err err;

	(void)state;
	return keyring_parse(&ring, slice_of(KEYRING_TEXT), "ring", &err);
}

static int
teardown(void **state)
{
	(void)state;
	keyring_fini(&ring);
	return 0;
}

static struct account
account_of(int mail_from, int recipients)
{
	return (struct account){.name = "shop",
	    .id = ACCOUNT,
	    .mail_from = mail_from,
	    .recipients = recipients,
	    .bounce_domain = "B.shop.example"};
}

static const struct token_ids ids = {ACCOUNT, 77, DAY, 0};

/* "S" stands for our sender, "I" for our id. */
struct row {
	int mail_from, recipients;
	const char *sender, *args[ARGS];
	size_t nrcpts;
	const char *lane;
	enum verp_how how;
	const char *why;
	const char *domain;    /* of our sender; NULL: the client's stays */
	const char *want_args; /* NULL: nothing is changed; "…I" ends in our id */
};

static void
sender_check(size_t i, const struct row *row, const struct verp_plan *plan)
{
	const struct token_terms any = {0};
	struct address sender = address_parse(slice_of(plan->sender));
	struct envelope_text text = {sender.local, sender.domain, NULL};
	struct envelope_id id;

	if (row->domain == NULL) {
		assert_string_equal(plan->sender, row->sender);
		return;
	}
	if (!slice_eq(sender.domain, slice_of(row->domain)) ||
	    envelope_id_open(&ring, &text, &any, &id) != TOKEN_GOOD)
		fail_msg("row %zu: %s", i, plan->sender);
	assert_int_equal(id.letter, ENVELOPE_BOUNCE);
	assert_int_equal(id.ids.message, 77);
	assert_int_equal(id.ids.rcpt, row->nrcpts == 1 ? 1 : 0);
	assert_true(id.ids.account == ACCOUNT);
	assert_true(sender.local.n <= 64);
}

static void
plan_check(size_t i, const struct row *row, const struct verp_plan *plan)
{
	char storage[300];
	struct buf want = BUF_OVER(storage);
	size_t at;

	if (plan->how != row->how || strcmp(plan->why, row->why) != 0 ||
	    plan->change != (row->want_args != NULL))
		fail_msg(
		    "row %zu: %s, %s, %d", i, verp_how_name(plan->how), plan->why, plan->change);
	if (!plan->change)
		return;
	sender_check(i, row, plan);
	at = slice_find(slice_of(row->want_args), '$');
	buf_add(&want, slice_head(slice_of(row->want_args), at));
	if (at < strlen(row->want_args))
		buf_add_text(&want, plan->id);
	if (strcmp(plan->args, buf_text(&want)) != 0)
		fail_msg("row %zu: %s, want %s", i, plan->args, buf_text(&want));
}

static void
test_plan(void **state)
{
	enum { V = MAIL_FROM_VERP, K = MAIL_FROM_KEEP };
	enum { E = RECIPIENTS_EXPAND, O = RECIPIENTS_ONE, M = RECIPIENTS_MESSAGE };
	static const char b[] = "b.shop.example";
	static const struct row rows[] = {
	    {V, E, "<a@x.example>", {"XVERP"}, 3, "", VERP_EXPAND, "xverp", b, "ENVID=$"},
	    {V, E, "<a@x.example>", {"SIZE=5", "xverp=-="}, 1, "", VERP_EXPAND, "xverp", b,
		"ENVID=$"},
	    {V, M, "<a@x.example>", {"XVERP"}, 3, "", VERP_EXPAND, "xverp", b, "ENVID=$"},
	    {V, E, "<a@x.example>", {"XVERPX"}, 3, "", VERP_MESSAGE, "no-xverp", b, "ENVID=$"},
	    {V, E, "<a@x.example>", {0}, 1, "", VERP_SINGLE, "single", b, "ENVID=$"},
	    {V, O, "<a@x.example>", {0}, 1, "", VERP_SINGLE, "single", b, "ENVID=$"},
	    {V, M, "<a@x.example>", {0}, 5, "", VERP_MESSAGE, "option", b, "ENVID=$"},
	    {V, E, "<a@x.example>", {0}, 1, "bulk", VERP_SINGLE, "single", "bulk.b.shop.example",
		"ENVID=$"},
	    {V, E, "<a@x.example>", {"RET=HDRS"}, 1, "", VERP_SINGLE, "single", b,
		"RET=HDRS ENVID=$"},
	    {V, E, "<a@x.example>", {"ENVID=theirs", "ret=full"}, 1, "", VERP_SINGLE, "single", b,
		"RET=full ENVID=theirs"},
	    {V, E, "<a@x.example>", {"RET=nonsense"}, 1, "", VERP_SINGLE, "single", b, "ENVID=$"},
	    {K, E, "<a@x.example>", {0}, 2, "", VERP_KEEP, "option", NULL, "ENVID=$"},
	    {K, E, "<a@x.example>", {"ENVID=theirs"}, 2, "", VERP_KEEP, "option", NULL, NULL},
	    {V, E, "<>", {"XVERP"}, 1, "", VERP_KEEP, "null", NULL, NULL},
	    {V, E, "", {0}, 1, "", VERP_KEEP, "null", NULL, NULL},
	    {K, E, "<>", {0}, 1, "", VERP_KEEP, "null", NULL, NULL},
	    {V, E, "<a\x01@x.example>", {0}, 1, "", VERP_KEEP, "malformed", NULL, NULL},
	    {K, E, "<a\x01@x.example>", {0}, 1, "", VERP_KEEP, "option", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct account account = account_of(rows[i].mail_from, rows[i].recipients);
		struct address sender = address_parse(slice_of(rows[i].sender));
		struct slice args[ARGS];
		struct verp_facts facts = {
		    &sender, args, 0, rows[i].nrcpts, ids, slice_of(rows[i].lane)};
		struct err err = {ERR_NONE, ""};
		struct verp_plan plan;

		for (; facts.nargs < ARGS && rows[i].args[facts.nargs] != NULL; facts.nargs++)
			args[facts.nargs] = slice_of(rows[i].args[facts.nargs]);
		if (verp_plan(&plan, &account, &ring, &facts, &err) != 0)
			fail_msg("row %zu: %s", i, err.text);
		plan_check(i, &rows[i], &plan);
		assert_int_equal(strlen(plan.id), ENVELOPE_ID_TEXT_BYTES);
	}
}

/* The second time, it is the same message. */
static void
test_twice(void **state)
{
	struct account account = account_of(MAIL_FROM_VERP, RECIPIENTS_EXPAND);
	struct address sender = address_parse(slice_of("<a@x.example>"));
	struct verp_facts facts = {.sender = &sender, .nrcpts = 1, .ids = ids};
	struct verp_plan first, second;

	(void)state;
	assert_int_equal(verp_plan(&first, &account, &ring, &facts, NULL), 0);
	sender = address_parse(slice_of(first.sender));
	facts.ids.message = 78;
	assert_int_equal(verp_plan(&second, &account, &ring, &facts, NULL), 0);
	assert_false(second.change);
	assert_string_equal(second.why, "ours");
	assert_string_equal(second.id, first.id);
	assert_int_equal(second.ids.message, 77);
	/* but not that of another account */
	facts.ids.account = 1;
	assert_int_equal(verp_plan(&second, &account, &ring, &facts, NULL), 0);
	assert_true(second.change);
}

static void
test_cannot(void **state)
{
	struct account account = account_of(MAIL_FROM_VERP, RECIPIENTS_EXPAND);
	struct address sender = address_parse(slice_of("<a@x.example>"));
	struct verp_facts facts = {.sender = &sender, .nrcpts = 1, .ids = ids};
	struct keyring empty = {.n = 0};
	struct err err = {ERR_NONE, ""};
	struct verp_plan plan;

	(void)state;
	assert_int_equal(verp_plan(&plan, &account, &empty, &facts, &err), -1);
	assert_false(plan.change);
	account.bounce_domain = "";
	assert_int_equal(verp_plan(&plan, &account, &ring, &facts, &err), -1);
	assert_false(plan.change);
}

static void
test_second(void **state)
{
	struct account one = account_of(MAIL_FROM_VERP, RECIPIENTS_ONE);
	struct account kept = account_of(MAIL_FROM_KEEP, RECIPIENTS_ONE);
	struct account expand = account_of(MAIL_FROM_VERP, RECIPIENTS_EXPAND);
	struct address sender = address_parse(slice_of("<a@x.example>"));
	struct address null = address_parse(slice_of("<>"));

	(void)state;
	assert_false(verp_second_must_wait(&one, &sender, 0));
	assert_true(verp_second_must_wait(&one, &sender, 1));
	assert_false(verp_second_must_wait(&one, &null, 1));
	assert_false(verp_second_must_wait(&kept, &sender, 1));
	assert_false(verp_second_must_wait(&expand, &sender, 1));
}

static void
test_asked(void **state)
{
	const struct slice args[] = {SLICE_LIT("SIZE=1"), SLICE_LIT("XVERP=-=")};
	struct slice delimiters;

	(void)state;
	assert_true(verp_is_asked(args, 2, &delimiters));
	assert_true(slice_eq(delimiters, slice_of("-=")));
	assert_false(verp_is_asked(args, 1, &delimiters));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plan),
	    cmocka_unit_test(test_twice),
	    cmocka_unit_test(test_cannot),
	    cmocka_unit_test(test_second),
	    cmocka_unit_test(test_asked),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
