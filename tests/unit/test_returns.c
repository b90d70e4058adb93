/*
 * test_returns.c - lib/policy/returns.c: about whom it is, and what is recorded.
 */
#include "policy/returns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define S            SLICE_LIT

static struct arena arena;

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, 4096, (size_t)16 * 1024 * 1024);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

#define HARD                                                                                       \
	{                                                                                          \
		.class = BOUNCE_RECIPIENT, .permanent = true, .hard = true                         \
	}
#define POLICY                                                                                     \
	{                                                                                          \
		.class = BOUNCE_POLICY, .permanent = true                                          \
	}
#define FULL                                                                                       \
	{                                                                                          \
		.class = BOUNCE_MAILBOX_FULL                                                       \
	}

struct row {
	const char *name;
	enum envelope_letter letter;
	const char *xverp;  /* NULL: none */
	const char *sent;   /* "a@x b@y": recipients of the message; NULL: it is not kept */
	const char *sender; /* of what came; NULL: the null sender */
	enum dsn_kind kind;
	struct dsn_recipient v[4];
	const char *report; /* feedback type; NULL: none */
	const char *named;  /* in it; NULL: nobody */
	const char *want;   /* "TYPE RCPT KIND", lines */
};

static const struct row rows[] = {
    {"one recipient, and his mail is forwarded", ENVELOPE_BOUNCE, NULL, "a@x", NULL, DSN_FAILURE,
	{{.address = S("other@z"), .action = DSN_FAILED, .verdict = HARD}}, NULL, NULL,
	"bounced a@x soft\n"},
    {"one recipient, and nobody is named", ENVELOPE_BOUNCE, NULL, "a@x", NULL, DSN_FAILURE,
	{{.reply = 550, .verdict = HARD}}, NULL, NULL, "bounced a@x hard\n"},
    {"… by a person", ENVELOPE_BOUNCE, NULL, "a@x", "a@x", DSN_FAILURE,
	{{.reply = 550, .verdict = HARD}}, NULL, NULL, "bounced a@x soft\n"},
    {"one recipient, as he was sent to", ENVELOPE_BOUNCE, NULL, "a@x", NULL, DSN_FAILURE,
	{{.original = S("a@x"), .final = S("b@inner"), .verdict = HARD}}, NULL, NULL,
	"bounced a@x hard\n"},
    {"several: who is named", ENVELOPE_BOUNCE, NULL, "a@x b@x c@x", NULL, DSN_FAILURE,
	{{.address = S("A@X"), .action = DSN_FAILED, .verdict = HARD},
	    {.original = S("b@x"), .final = S("z@z"), .verdict = POLICY}},
	NULL, NULL, "bounced A@X soft\nbounced b@x failed\n"},
    {"one recipient: himself, by a server", ENVELOPE_BOUNCE, NULL, "a@x", NULL, DSN_FAILURE,
	{{.final = S("A@x"), .action = DSN_FAILED, .verdict = HARD}}, NULL, NULL,
	"bounced a@x hard\n"},
    {"… by a person", ENVELOPE_BOUNCE, NULL, "a@x", "a@x", DSN_FAILURE,
	{{.final = S("a@x"), .action = DSN_FAILED, .verdict = HARD}}, NULL, NULL,
	"bounced a@x soft\n"},
    {"… by a person, behind XVERP", ENVELOPE_BOUNCE, "a@x", "a@x", "a@x", DSN_FAILURE,
	{{.final = S("a@x"), .action = DSN_FAILED, .verdict = HARD}}, NULL, NULL,
	"bounced a@x soft\n"},
    {"XVERP says which of several", ENVELOPE_BOUNCE, "b@x", "a@x b@x", NULL, DSN_FAILURE,
	{{.final = S("b@x"), .verdict = HARD}}, NULL, NULL, "bounced b@x hard\n"},
    {"several: strangers are nobody, once", ENVELOPE_BOUNCE, NULL, "a@x b@x", NULL, DSN_FAILURE,
	{{.address = S("v@y"), .verdict = HARD}, {.address = S("w@y"), .verdict = HARD}}, NULL,
	NULL, "bounced - failed not-among-recipients\n"},
    {"not kept: nobody", ENVELOPE_BOUNCE, NULL, NULL, NULL, DSN_FAILURE,
	{{.address = S("a@x"), .verdict = HARD}}, NULL, NULL,
	"bounced - failed message-not-kept\n"},
    {"XVERP", ENVELOPE_BOUNCE, "b@x", "a@x b@x", NULL, DSN_FAILURE,
	{{.address = S("z@z"), .verdict = HARD}}, NULL, NULL, "bounced b@x soft\n"},
    {"XVERP, forged, or of an alias that was expanded: nobody", ENVELOPE_BOUNCE, "v@x", "a@x b@x",
	NULL, DSN_FAILURE, {{.address = S("v@x"), .verdict = HARD}}, NULL, NULL,
	"bounced - failed not-among-recipients\n"},
    {"… who was the only recipient", ENVELOPE_BOUNCE, "v@x", "team@x", NULL, DSN_FAILURE,
	{{.original = S("team@x"), .final = S("v@x"), .verdict = HARD}}, NULL, NULL,
	"bounced - failed not-among-recipients\n"},
    {"… a reply", ENVELOPE_BOUNCE, "v@x", "team@x", "v@x", DSN_AUTO_REPLY, {{.address = S("v@x")}},
	NULL, NULL, "replied - failed not-among-recipients\n"},
    {"XVERP, not kept", ENVELOPE_BOUNCE, "v@x", NULL, NULL, DSN_FAILURE,
	{{.address = S("v@x"), .verdict = HARD}}, NULL, NULL,
	"bounced - failed message-not-kept\n"},
    {"his server made of him several, none of them he", ENVELOPE_BOUNCE, "a@x", "a@x", NULL,
	DSN_FAILURE,
	{{.address = S("p@x"), .verdict = HARD}, {.address = S("q@x"), .verdict = HARD}}, NULL,
	NULL, "bounced a@x soft\n"},
    {"several are named, one of them he", ENVELOPE_BOUNCE, "a@x", "a@x", NULL, DSN_FAILURE,
	{{.address = S("p@x"), .verdict = HARD}, {.final = S("a@x"), .verdict = FULL}}, NULL, NULL,
	"bounced a@x soft\n"},
    {"twice: the failure counts", ENVELOPE_BOUNCE, NULL, "a@x b@x", NULL, DSN_FAILURE,
	{{.address = S("a@x"), .action = DSN_DELIVERED},
	    {.address = S("a@x"), .action = DSN_FAILED, .verdict = HARD}},
	NULL, NULL, "bounced a@x soft\n"},
    {"delivered, relayed, delayed", ENVELOPE_BOUNCE, NULL, "a@x b@x c@x", NULL, DSN_DELAY,
	{{.address = S("a@x"), .action = DSN_DELIVERED},
	    {.address = S("b@x"), .action = DSN_RELAYED}, {.address = S("c@x"), .verdict = FULL}},
	NULL, NULL, "delivered a@x delivered\nrelayed b@x failed\ndeferred c@x delayed\n"},
    {"a reply", ENVELOPE_BOUNCE, NULL, "a@x", "a@x", DSN_AUTO_REPLY, {{.address = S("a@x")}}, NULL,
	NULL, "replied a@x failed\n"},
    {"nothing", ENVELOPE_BOUNCE, NULL, "a@x b@x", "a@x", DSN_NONE, {{.reply = 0}}, NULL, NULL,
	"returned - failed not-among-recipients\n"},
    {"a complaint, redacted", ENVELOPE_ID, NULL, "a@x", "fbl@p", DSN_COMPLAINT, {{.reply = 0}},
	"abuse", "hidden@p", "complained a@x complained\n"},
    {"a complaint of one of several", ENVELOPE_ID, NULL, "a@x b@x", "fbl@p", DSN_COMPLAINT,
	{{.reply = 0}}, "Abuse", "b@x", "complained b@x complained\n"},
    {"a complaint of nobody knows whom", ENVELOPE_ID, NULL, "a@x b@x", "fbl@p", DSN_COMPLAINT,
	{{.reply = 0}}, "abuse", NULL, "complained - failed not-among-recipients\n"},
    {"a forged complaint names a stranger: it is about who got the message", ENVELOPE_ID, NULL,
	"a@x", "a@x", DSN_COMPLAINT, {{.reply = 0}}, "abuse", "victim@y",
	"complained a@x complained\n"},
    {"… one of several who got it: nobody", ENVELOPE_ID, NULL, "a@x b@x", "a@x", DSN_COMPLAINT,
	{{.reply = 0}}, "abuse", "victim@y", "complained - failed not-among-recipients\n"},
    {"… behind XVERP", ENVELOPE_BOUNCE, "victim@y", "a@x b@x", "a@x", DSN_COMPLAINT, {{.reply = 0}},
	"abuse", "a@x", "complained - failed not-among-recipients\n"},
    {"… a message that is not kept", ENVELOPE_ID, NULL, NULL, "a@x", DSN_COMPLAINT, {{.reply = 0}},
	"abuse", "victim@y", "complained - failed message-not-kept\n"},
    {"another report", ENVELOPE_ID, NULL, "a@x", "fbl@p", DSN_COMPLAINT, {{.reply = 0}}, "not-spam",
	NULL, "feedback a@x failed\n"},
    {"opt-out", ENVELOPE_ID, NULL, "a@x", "fbl@p", DSN_COMPLAINT, {{.reply = 0}}, "opt-out", NULL,
	"unsubscribed a@x unsubscribed\n"},
    {"unsubscribes", ENVELOPE_UNSUBSCRIBE, NULL, "a@x", "other@z", DSN_NONE, {{.reply = 0}}, NULL,
	NULL, "unsubscribed a@x unsubscribed\n"},
    {"unsubscribes, one of several", ENVELOPE_UNSUBSCRIBE, NULL, "a@x b@x", "B@x", DSN_NONE,
	{{.reply = 0}}, NULL, NULL, "unsubscribed B@x unsubscribed\n"},
    {"unsubscribes, and who is it?", ENVELOPE_UNSUBSCRIBE, NULL, "a@x b@x", "c@x", DSN_NONE,
	{{.reply = 0}}, NULL, NULL, "who is it"},
    {"a bounce is no wish", ENVELOPE_UNSUBSCRIBE, NULL, "a@x", NULL, DSN_FAILURE,
	{{.address = S("a@x"), .verdict = HARD}}, NULL, NULL, "returned a@x failed\n"},
};

/* With nothing but the envelope. */
static const struct row unread_rows[] = {
    {"it could not be read", ENVELOPE_BOUNCE, "b@x", "a@x b@x", NULL, DSN_NONE, {{.reply = 0}},
	NULL, NULL, "returned b@x failed\n"},
    {"… at the address of unsubscribes: it may be no wish", ENVELOPE_UNSUBSCRIBE, NULL, "a@x",
	"a@x", DSN_NONE, {{.reply = 0}}, NULL, NULL, "returned a@x failed\n"},
};

/* What the store would say. */
static void
store_ask(struct return_who *who, const char *sent)
{
	struct slice rest = slice_of(sent);

	who->sent.known = sent != NULL;
	while (rest.n > 0) {
		struct slice one = slice_head(rest, slice_find(rest, ' '));

		for (size_t i = 0; i < who->n; i++)
			who->had[i] |= !who->v[i].null && slice_eq_nocase(who->v[i].text, one);
		who->sent.only_n = who->sent.nrcpts++ == 0 ? one.n : 0;
		memcpy(who->sent.only, one.p, who->sent.only_n);
		rest = slice_from(rest, one.n + 1);
	}
}

static void
items_show(const struct return_items *items, struct buf *out)
{
	for (size_t i = 0; i < items->n; i++) {
		const struct return_item *item = &items->v[i];

		buf_add_format(out, "%s %.*s %s%s%s\n", item->type,
		    SLICE_ARG(item->rcpt.n > 0 ? item->rcpt : slice_of("-")),
		    suppress_return_name(&item->what), item->unsure != NULL ? " " : "",
		    item->unsure != NULL ? item->unsure : "");
	}
}

static void
row_check(const struct row *row, bool unread)
{
	char storage[1000];
	struct buf got = BUF_OVER(storage);
	struct slice named = slice_of(row->named);
	struct dsn dsn = {.kind = row->kind, .v = (struct dsn_recipient *)(void *)row->v};
	struct arf arf = {.found = row->report != NULL,
	    .feedback_type = slice_of(row->report),
	    .rcpt = &named,
	    .nrcpt = row->named != NULL};
	const struct return_message message = {
	    &dsn, &arf, row->sender == NULL, unread, slice_of(row->sender), slice_of(NULL)};
	const struct return_ref ref = {row->letter, "return", {1, 2, 3, 0}, slice_of(row->xverp)};
	struct return_items items = {NULL, 0};
	struct return_who who;

	while (
	    dsn.n < COUNT(row->v) && (row->v[dsn.n].address.n > 0 || row->v[dsn.n].final.n > 0 ||
					 row->v[dsn.n].original.n > 0 || row->v[dsn.n].reply > 0))
		dsn.n++;
	assert_int_equal(returns_who(&arena, &ref, &message, &who), 0);
	store_ask(&who, row->sent);
	switch (returns_items(&arena, &ref, &message, &who, &items)) {
	case RETURN_READ:
		items_show(&items, &got);
		break;
	case RETURN_WHO_IS_IT:
		buf_add_text(&got, "who is it");
		break;
	case RETURN_NO_MEMORY:
		buf_add_text(&got, "no memory");
	}
	if (strcmp(buf_text(&got), row->want) != 0)
		fail_msg("%s: got \"%s\", want \"%s\"", row->name, buf_text(&got), row->want);
}

static void
test_items(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		row_check(&rows[i], false);
	for (size_t i = 0; i < COUNT(unread_rows); i++)
		row_check(&unread_rows[i], true);
}

static void
test_evidence(void **state)
{
	static char longest[2000];
	const struct dsn_recipient r[] = {
	    {.reply = 550, .status = S("5.1.1"), .diagnostic = S("no such user")},
	    {.reply = 550, .status = S("5.1.1"), .diagnostic = S("550 5.1.1 no such user")},
	    {.reply = 550, .diagnostic = S("550-no such\r\n    user \r\n")}, {.status = S("5.1.1")},
	    {.diagnostic = {longest, sizeof(longest)}}};
	static const char *const want[] = {"550 5.1.1 no such user (0123456789abc)",
	    "550 5.1.1 no such user (0123456789abc)", "550-no such user (0123456789abc)",
	    "5.1.1 (0123456789abc)", NULL};

	(void)state;
	memset(longest, 'x', sizeof(longest));
	for (size_t i = 0; i < COUNT(r); i++) {
		const struct return_item item = {.type = "bounced", .dsn = &r[i]};
		char storage[SUPPRESSION_EVIDENCE_BYTES + 1];
		struct buf out = BUF_OVER(storage);

		returns_evidence(&item, slice_of("0123456789abc"), &out);
		assert_true(out.n <= SUPPRESSION_EVIDENCE_BYTES);
		assert_true(slice_ends(buf_slice(&out), slice_of(" (0123456789abc)")));
		if (want[i] != NULL)
			assert_string_equal(buf_text(&out), want[i]);
	}
}

/* No memory at any moment is said, and nothing else. */
static void
test_memory(void **state)
{
	static const struct dsn_recipient v[100];
	const struct dsn dsn = {
	    .kind = DSN_FAILURE, .v = (struct dsn_recipient *)(void *)v, .n = 100};
	const struct arf arf = {.found = false};
	const struct return_message message = {&dsn, &arf, true, false, slice_of(""), slice_of("")};
	const struct return_ref ref = {ENVELOPE_BOUNCE, "return", {1, 2, 3, 0}, {NULL, 0}};
	bool done = false;

	(void)state;
	for (size_t room = 64; !done && room < (size_t)1 << 20; room *= 2) {
		struct return_items items;
		struct return_who who;
		struct arena a;

		arena_init(&a, 64, room);
		if (returns_who(&a, &ref, &message, &who) == 0)
			done = returns_items(&a, &ref, &message, &who, &items) == RETURN_READ;
		arena_fini(&a);
	}
	assert_true(done);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_items),
	    cmocka_unit_test(test_evidence),
	    cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
