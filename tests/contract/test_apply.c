/*
 * test_apply.c - milter/apply, with a libmilter that only writes down what it is told.
 */
#include "apply.h"

#include "mail/body_edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define CHUNK        65535
#define ALL                                                                                        \
	(SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE | SMFIF_CHGFROM | SMFIF_CHGBODY |        \
	    SMFIF_DELRCPT | SMFIF_ADDRCPT)

static char said_storage[4096];
static struct buf said = BUF_OVER(said_storage);
static char body_storage[1024 * 1024];
static struct buf body_out = BUF_OVER(body_storage);
static char *macro_v;  /* {v}; NULL: the MTA did not send it */
static int calls_left; /* the call that finds 1 fails; 0: none */

static int
say(const char *what, const char *a, const char *b)
{
	buf_add_format(&said, "%s[%s%s%s]", what, a, b == NULL ? "" : "|", b == NULL ? "" : b);
	return calls_left > 0 && --calls_left == 0 ? MI_FAILURE : MI_SUCCESS;
}

int
smfi_insheader(SMFICTX *ctx, int index, char *name, char *value)
{
	(void)ctx;
	buf_add_i64(&said, index);
	return say("+", name, value);
}

int
smfi_chgheader(SMFICTX *ctx, char *name, int index, char *value)
{
	(void)ctx;
	buf_add_i64(&said, index);
	return say(value == NULL ? "-" : "=", name, value);
}

int
smfi_chgfrom(SMFICTX *ctx, char *sender, char *args)
{
	(void)ctx;
	return say("from", sender, args);
}

int
smfi_delrcpt(SMFICTX *ctx, char *rcpt)
{
	(void)ctx;
	return say("drop", rcpt, NULL);
}

int
smfi_addrcpt(SMFICTX *ctx, char *rcpt)
{
	(void)ctx;
	return say("add", rcpt, NULL);
}

int
smfi_replacebody(SMFICTX *ctx, unsigned char *p, int n)
{
	char length[32];
	struct buf text = BUF_OVER(length);

	(void)ctx;
	assert_in_range(n, 0, CHUNK);
	assert_non_null(p);
	buf_add(&body_out, slice_make((const char *)p, (size_t)n));
	buf_add_i64(&text, n);
	return say("body", buf_text(&text), NULL);
}

char *
smfi_getsymval(SMFICTX *ctx, char *name)
{
	(void)ctx;
	return strcmp(name, "v") == 0 ? macro_v : NULL;
}

int
smfi_setsymlist(SMFICTX *ctx, int stage, char *macros)
{
	(void)ctx;
	(void)stage;
	(void)macros;
	return MI_SUCCESS;
}

int
smfi_setreply(SMFICTX *ctx, char *code, char *xcode, char *text)
{
	(void)ctx;
	(void)xcode;
	return say("reply", code, text);
}

int
smfi_quarantine(SMFICTX *ctx, char *reason)
{
	(void)ctx;
	return say("hold", reason, NULL);
}

static struct arena arena;

static int
begin(void **state)
{
	(void)state;
	arena_init(&arena, 4096, 4 * 1024 * 1024);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

enum {
	FIELDS = 1,
	SENDER = 2,
	DROPS = 4,
	BODY = 8,
	WHOLE = 16,
	EMPTY_BODY = 32,
	ADDS = 64,
};

static void
edits_make(unsigned what, struct edits *edits, struct body_edits *spans)
{
	static const char *const drops[] = {"<u1@d.example>", "<u2@d.example>"};
	static const char *const adds[] = {"ann@d.example"};

	*edits = (struct edits){.whole = (what & WHOLE) != 0};
	body_edits_init(spans, &arena);
	if ((what & FIELDS) != 0) {
		(void)edits_delete_header(edits, 1, "X-Gatepost-Tag");
		(void)edits_change_header(edits, 1, "C", "new");
		(void)edits_insert_header(edits, 0, "S", "sig");
	}
	if ((what & SENDER) != 0) {
		edits->sender = "<b-tok@b.example>";
		edits->sender_args = "ENVID=tok RET=HDRS";
	}
	if ((what & DROPS) != 0) {
		edits->drops = drops;
		edits->ndrops = COUNT(drops);
	}
	if ((what & ADDS) != 0) {
		edits->adds = adds;
		edits->nadds = COUNT(adds);
	}
	edits->body = slice_of("one two\r\n");
	edits->body_edits = spans;
	if ((what & BODY) != 0)
		(void)body_edits_replace(spans, 4, 3, slice_of("2"));
	if ((what & EMPTY_BODY) != 0)
		(void)body_edits_replace(spans, 0, 9, slice_of(""));
}

#define POSTFIX  "Postfix 3.7.11"
#define ALTERED  "1-[X-Gatepost-Tag]1=[C| new]0+[S| sig]"
#define RENAMED  "from[<b-tok@b.example>|ENVID=tok RET=HDRS]"
#define DROPPED  "drop[<u1@d.example>]drop[<u2@d.example>]"
#define ADDED    "add[ann@d.example]"
#define NO_ARGS  "from[<b-tok@b.example>]"
#define NOT(bit) (ALL & ~(unsigned long)(bit))

static const struct {
	const char *name;
	unsigned what;
	unsigned long actions, steps;
	const char *v;
	int want;
	const char *said;
} rows[] = {
    {"nothing", 0, ALL, SMFIP_HDR_LEADSPC, POSTFIX, 0, ""},
    {"everything, the body last", FIELDS | SENDER | DROPS | BODY, ALL, SMFIP_HDR_LEADSPC, POSTFIX,
	0, ALTERED RENAMED DROPPED "body[7]"},
    {"an MTA that puts the blank there", FIELDS, ALL, 0, POSTFIX, 0,
	"1-[X-Gatepost-Tag]1=[C|new]0+[S|sig]"},
    {"nothing left of the body", EMPTY_BODY, ALL, SMFIP_HDR_LEADSPC, POSTFIX, 0, "body[0]"},
    {"no parameters for Sendmail", SENDER, ALL, SMFIP_HDR_LEADSPC, "8.17.1.9", 0, NO_ARGS},
    {"nor for who does not say", SENDER, ALL, SMFIP_HDR_LEADSPC, NULL, 0, NO_ARGS},
    {"nor for an empty name", SENDER, ALL, SMFIP_HDR_LEADSPC, "", 0, NO_ARGS},
    {"Postfix by another name", SENDER, ALL, SMFIP_HDR_LEADSPC, "ESMTP", 0, RENAMED},

    {"fields that stand for themselves", FIELDS, NOT(SMFIF_CHGHDRS), SMFIP_HDR_LEADSPC, POSTFIX, 0,
	"0+[S| sig]"},
    {"fields that belong together", FIELDS | WHOLE, NOT(SMFIF_CHGHDRS), SMFIP_HDR_LEADSPC, POSTFIX,
	APPLY_LEFT_CONTENT, ""},
    {"the same, none to be added", FIELDS | WHOLE, NOT(SMFIF_ADDHDRS), SMFIP_HDR_LEADSPC, POSTFIX,
	APPLY_LEFT_CONTENT, ""},
    {"a body without its fields", FIELDS | BODY, NOT(SMFIF_CHGHDRS), SMFIP_HDR_LEADSPC, POSTFIX,
	APPLY_LEFT_CONTENT, ""},
    {"fields without their body", FIELDS | BODY, NOT(SMFIF_CHGBODY), SMFIP_HDR_LEADSPC, POSTFIX,
	APPLY_LEFT_CONTENT, ""},
    {"the envelope all the same", FIELDS | BODY | SENDER | DROPS, NOT(SMFIF_CHGBODY),
	SMFIP_HDR_LEADSPC, POSTFIX, APPLY_LEFT_CONTENT, RENAMED DROPPED},
    {"a sender that stays", FIELDS | SENDER | BODY | WHOLE, NOT(SMFIF_CHGFROM), SMFIP_HDR_LEADSPC,
	POSTFIX, APPLY_LEFT_SENDER, ALTERED "body[7]"},
    {"who must get no copy", FIELDS | SENDER | DROPS | BODY, NOT(SMFIF_DELRCPT), SMFIP_HDR_LEADSPC,
	POSTFIX, -1, ""},
    {"one in place of others: nobody is lost on the way", DROPS | ADDS, ALL, SMFIP_HDR_LEADSPC,
	POSTFIX, 0, ADDED DROPPED},
    {"one who must get a copy", DROPS | ADDS, NOT(SMFIF_ADDRCPT), SMFIP_HDR_LEADSPC, POSTFIX, -1,
	""},
    {"nothing was agreed on", FIELDS | SENDER | BODY, 0, SMFIP_HDR_LEADSPC, POSTFIX,
	APPLY_LEFT_CONTENT | APPLY_LEFT_SENDER, ""},
};

static void
test_edits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct apply_terms terms = {rows[i].actions, rows[i].steps};
		struct body_edits spans;
		struct edits edits;

		macro_v = (char *)rows[i].v;
		buf_reset(&said);
		edits_make(rows[i].what, &edits, &spans);
		assert_int_equal(apply_edits(NULL, &terms, &edits), rows[i].want);
		if (!slice_eq(buf_slice(&said), slice_of(rows[i].said)))
			fail_msg("%s: %s", rows[i].name, buf_text(&said));
	}
}

/* Each thing that it is told may be refused. */
static void
test_refused(void **state)
{
	struct apply_terms terms = {ALL, SMFIP_HDR_LEADSPC};
	struct body_edits spans;
	struct edits edits;

	(void)state;
	edits_make(FIELDS | SENDER | DROPS | ADDS | BODY, &edits, &spans);
	for (int n = 1; n <= 8; n++) {
		calls_left = n;
		buf_reset(&said);
		assert_int_equal(apply_edits(NULL, &terms, &edits), -1);
		assert_int_equal(calls_left, 0);
	}
	calls_left = 0;
}

static void
test_empty_value(void **state)
{
	struct apply_terms terms = {ALL, 0};
	struct edits edits = {.n = 0};

	(void)state;
	buf_reset(&said);
	assert_int_equal(edits_change_header(&edits, 1, "A", ""), 0);
	assert_int_equal(edits_insert_header(&edits, 0, "B", ""), 0);
	assert_int_equal(apply_edits(NULL, &terms, &edits), 0);
	assert_string_equal(buf_text(&said), "1=[A| ]0+[B|]"); /* "" would delete it */
}

static int
expected_put(void *to, struct slice bytes)
{
	buf_add(to, bytes);
	return 0;
}

/* Spans of all sizes: few packets, none too large, and the body that was meant. */
static void
test_body_packets(void **state)
{
	static const size_t steps[] = {3, 1000, 65534, 65535, 65536, 131070, 200000};
	static char want_storage[1024 * 1024];
	size_t n = 5 * CHUNK;
	char *p = arena_alloc(&arena, n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		p[i] = (char)('a' + i * 7 % 26);
	for (size_t i = 0; i < COUNT(steps); i++) {
		struct buf want = BUF_OVER(want_storage);
		struct apply_terms terms = {ALL, SMFIP_HDR_LEADSPC};
		struct edits edits = {.body = slice_make(p, n)};
		struct body_edits spans;
		size_t packets = 0;

		body_edits_init(&spans, &arena);
		for (size_t at = 0; at < n && spans.n < 1000; at += steps[i])
			assert_int_equal(body_edits_replace(&spans, at, 1, slice_of("XY")), 0);
		edits.body_edits = &spans;
		buf_reset(&said);
		buf_reset(&body_out);
		assert_int_equal(
		    body_edits_apply_to(&spans, edits.body, &(struct sink){expected_put, &want}),
		    0);
		assert_int_equal(apply_edits(NULL, &terms, &edits), 0);
		assert_true(slice_eq(buf_slice(&body_out), buf_slice(&want)));
		for (size_t at = 0; at < said.n; at++)
			packets += said.p[at] == '[';
		assert_int_equal(packets, want.n / CHUNK + 1);
	}
}

static void
test_negotiate(void **state)
{
	static const struct {
		unsigned needs;
		unsigned long offered, want;
	} asked[] = {
	    {0, ALL, 0},
	    {NEED_INSERT_HEADER | NEED_CHANGE_HEADER, ALL, SMFIF_ADDHDRS | SMFIF_CHGHDRS},
	    {NEED_CHANGE_SENDER, ALL, SMFIF_CHGFROM},
	    {NEED_CHANGE_BODY, ALL, SMFIF_CHGBODY},
	    {NEED_DROP_RCPT | NEED_QUARANTINE, ALL, SMFIF_DELRCPT | SMFIF_QUARANTINE},
	    {NEED_ADD_RCPT, ALL, SMFIF_ADDRCPT},
	    {~0u, ALL, ALL},
	    {~0u, SMFIF_CHGHDRS, SMFIF_CHGHDRS},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(asked); i++) {
		struct pipeline p = {.needs = asked[i].needs};

		assert_int_equal(
		    apply_negotiate(&p, asked[i].offered, ~0ul).actions, asked[i].want);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_edits, begin, end),
	    cmocka_unit_test_setup_teardown(test_refused, begin, end),
	    cmocka_unit_test_setup_teardown(test_empty_value, begin, end),
	    cmocka_unit_test_setup_teardown(test_body_packets, begin, end),
	    cmocka_unit_test(test_negotiate),
	};

	return cmocka_run_group_tests_name("apply", tests, NULL, NULL);
}
