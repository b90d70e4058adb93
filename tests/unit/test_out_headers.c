/*
 * test_out_headers.c - lib/policy/out_fields.c, out_headers.c.
 */
#include "keyring_fixture.h"

#include "mail/message.h"
#include "policy/out_headers.h"
#include "policy/presigned.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ID "i-aeb55rztuhnt4ajdivtytk6n54aagujk2sfqq3r4c3b73p6j"

static struct keyring ring;
static struct arena arena;

static int
setup(void **state)
{
	struct err err;

	(void)state;
	arena_init(&arena, 65536, 1 << 22);
	return keyring_parse(&ring, slice_of(KEYRING_TEXT), "ring", &err);
}

static int
teardown(void **state)
{
	(void)state;
	keyring_fini(&ring);
	arena_fini(&arena);
	return 0;
}

static struct out_fields
fields_of(const char *header)
{
	struct out_fields fields = {.ntags = 0};
	struct message m;

	assert_int_equal(message_parse(&arena, slice_of(header), &m), 0);
	for (size_t i = 0; i < m.n; i++)
		out_fields_note(&fields, &arena, m.v[i].name, m.v[i].value);
	return fields;
}

/* --- reading --- */

static void
test_track(void **state)
{
	static const struct {
		const char *value;
		bool opens, clicks;
		int privacy;
		unsigned ignored;
	} rows[] = {
	    {"", true, true, PRIVACY_PSEUDONYMOUS, 0},
	    {"opens=off", false, true, PRIVACY_PSEUDONYMOUS, 0},
	    {"clicks=OFF", true, false, PRIVACY_PSEUDONYMOUS, 0},
	    {"opens=no, clicks=false;", false, false, PRIVACY_PSEUDONYMOUS, 0},
	    {"opens=off\n\tclicks=off", false, false, PRIVACY_PSEUDONYMOUS, 0},
	    {"off", false, false, PRIVACY_PSEUDONYMOUS, 0},
	    {"privacy=anonymous", true, true, PRIVACY_ANONYMOUS, 0},
	    {"privacy=off", false, false, PRIVACY_OFF, 0},
	    /* it cannot be widened */
	    {"privacy=identified", true, true, PRIVACY_PSEUDONYMOUS, 0},
	    {"opens=on", true, true, PRIVACY_PSEUDONYMOUS, 1},
	    {"opens=off opens=on", false, true, PRIVACY_PSEUDONYMOUS, 1},
	    {"opens", true, true, PRIVACY_PSEUDONYMOUS, 1},
	    {"open=off privacy=none x", true, true, PRIVACY_PSEUDONYMOUS, 3},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct account account = {
		    .opens = true, .clicks = true, .privacy = PRIVACY_PSEUDONYMOUS};
		struct out_fields fields = {.ntags = 0};
		struct out_track got;

		out_fields_note(
		    &fields, &arena, slice_of("x-gatepost-TRACK"), slice_of(rows[i].value));
		got = out_track_of(&account, &fields);
		if (got.opens != rows[i].opens || got.clicks != rows[i].clicks ||
		    (int)got.privacy != rows[i].privacy || fields.ignored != rows[i].ignored)
			fail_msg("%s: %d %d %d, ignored %u", rows[i].value, got.opens, got.clicks,
			    (int)got.privacy, fields.ignored);
		account.opens = account.clicks = false;
		got = out_track_of(&account, &fields);
		assert_false(got.opens || got.clicks);
	}
}

static void
test_tags(void **state)
{
	struct out_fields fields = fields_of(
	    "X-Gatepost-Tag: welcome, Spring-2026; welcome\n"
	    "x-gatepost-tag: a_b.c a:b \xc3\xa4\n"
	    "X-Gatepost-Account: shop\nX-Gatepost-Account: two\n\n");

	(void)state;
	assert_int_equal(fields.ntags, 3);
	assert_true(slice_eq(fields.tags[0], slice_of("welcome")));
	assert_true(slice_eq(fields.tags[1], slice_of("Spring-2026")));
	assert_true(slice_eq(fields.tags[2], slice_of("a_b.c")));
	assert_int_equal(fields.ignored, 2);
	assert_true(slice_eq(fields.account, slice_of("shop")));
	assert_int_equal(fields.count[OUT_ACCOUNT], 2);
}

static void
test_reading_bounds(void **state)
{
	struct out_fields fields = {.ntags = 0};
	char large[1000];

	(void)state;
	memset(large, 'a', sizeof(large));
	out_fields_note(&fields, &arena, slice_of("X-Gatepost-Tag"), slice_make(large, 1000));
	out_fields_note(&fields, &arena, slice_of("X-Gatepost-Tag"), slice_of("1 2 3 4 5 6 7 8 9"));
	assert_int_equal(fields.ntags, OUT_TAGS_MAX);
	assert_int_equal(fields.ignored, 2);
	out_fields_note(&fields, &arena, slice_of("X-Gatepost-Account"), slice_make(large, 1000));
	assert_int_equal(fields.account.n, ACCOUNT_NAME_BYTES + 1); /* which is no name */
}

/* --- adding --- */

struct row {
	const char *header;               /* as it comes; the From is read out of it by hand: */
	const char *from, *sender, *rcpt; /* rcpt NULL: several */
	void (*change)(struct account *account);
	const char *want; /* the header after it, with tokens as TOKEN */
	const char *done; /* sender list_unsubscribe feedback_id id */
};

static void
all(struct account *a)
{
	a->sender_header = a->list_unsubscribe = a->feedback_id = true;
}

static void
none(struct account *a)
{
	a->id_header = "off";
}

static void
list_only(struct account *a)
{
	a->list_unsubscribe = true;
	a->id_header = "off";
}

static void
list_http(struct account *a)
{
	list_only(a);
	a->track_scheme = SCHEME_HTTP;
}

static void
list_web(struct account *a)
{
	list_only(a);
	a->bounce_domain = "";
}

static void
list_mail(struct account *a)
{
	list_only(a);
	a->track_domain = "";
}

static void
list_neither(struct account *a)
{
	list_web(a);
	a->track_domain = "";
}

static void
sender_option(struct account *a)
{
	none(a);
	a->sender_header = true;
	a->sender = "mail@shop.example";
}

static void
sender_envelope(struct account *a)
{
	none(a);
	a->sender_header = true;
}

#define WEB  "<https://t.shop.example/u/TOKEN>"
#define MAIL "<mailto:u-TOKEN@bulk.b.shop.example?subject=unsubscribe>"
#define POST "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n"

static const struct row rows[] = {
    {"From: a\n", "a@shop.example", "<x@shop.example>", "<r@r.example>", none, "From: a\n",
	"off off off off"},
    {"From: a\n", "a@shop.example", "<x@shop.example>", "<r@r.example>", NULL,
	"X-Gatepost-ID: " ID "\nFrom: a\n", "off off off added"},
    {"X-GATEPOST-ID: forged\nFrom: a\nX-gatepost-id: again\n", "a@shop.example", "<x@shop.example>",
	"<r@r.example>", NULL, "X-Gatepost-ID: " ID "\nFrom: a\n", "off off off added"},
    {"X-Gatepost-Tag: welcome\nFrom: a\nX-Gatepost-Track: off\nX-Gatepost-Account: shop\n"
     "X-Gatepost-Tag: b\nX-Other: c\n",
	"a@shop.example", "<x@shop.example>", "<r@r.example>", none, "From: a\nX-Other: c\n",
	"off off off off"},
    {"X-Gatepost-Tag: Welcome\nFrom: a\n", "a@customer.example", "<x@shop.example>",
	"<r@r.example>", all,
	"Sender: x@shop.example\nList-Unsubscribe: " WEB ",\n " MAIL "\n" POST
	"Feedback-ID: welcome:bulk:shop.example:shop\nX-Gatepost-ID: " ID "\nFrom: a\n",
	"added added added added"},
    {"From: a\n", "a@shop.example", "<x@shop.example>", NULL, all,
	"List-Unsubscribe: " MAIL "\nFeedback-ID: bulk:shop.example:shop\nX-Gatepost-ID: " ID
	"\nFrom: a\n",
	"own added added added"},
    {"From: a\nSender: b\nlist-unsubscribe: <mailto:c>\nFEEDBACK-ID: d\n", "a@customer.example",
	"<x@shop.example>", "<r@r.example>", all,
	"X-Gatepost-ID: " ID "\nFrom: a\nSender: b\nlist-unsubscribe: <mailto:c>\nFEEDBACK-ID: d\n",
	"present present present added"},
    {"From: a\n", "a@shop.example", "<x@shop.example>", "<r@r.example>", list_http,
	"List-Unsubscribe: <http://t.shop.example/u/TOKEN>,\n " MAIL "\nFrom: a\n",
	"off added off off"},
    {"From: a\n", "a@shop.example", "<x@shop.example>", "<r@r.example>", list_web,
	"List-Unsubscribe: " WEB "\n" POST "From: a\n", "off added off off"},
    {"From: a\nList-Unsubscribe-Post: x\n", "a@shop.example", "<x@shop.example>", "<r@r.example>",
	list_web, "List-Unsubscribe: " WEB "\nFrom: a\nList-Unsubscribe-Post: x\n",
	"off added off off"},
    {"From: a\n", "a@shop.example", "<x@shop.example>", NULL, list_web, "From: a\n",
	"off several off off"},
    {"From: a\n", "a@shop.example", "<x@shop.example>", "<r@r.example>", list_mail,
	"List-Unsubscribe: " MAIL "\nFrom: a\n", "off added off off"},
    {"From: a\n", "a@shop.example", "<x@shop.example>", "<r@r.example>", list_neither, "From: a\n",
	"off no-way off off"},
    {"From: a\n", "a@customer.example", "<x@other.example>", "<r@r.example>", sender_option,
	"Sender: mail@shop.example\nFrom: a\n", "added off off off"},
    {"From: a\n", "a@customer.example", "<x@other.example>", "<r@r.example>", sender_envelope,
	"From: a\n", "no-address off off off"},
    {"From: a\n", "a@customer.example", "<>", "<r@r.example>", sender_envelope, "From: a\n",
	"no-address off off off"},
    {"From: a\n", "a@customer.example", "<\"x y\"@shop.example>", "<r@r.example>", sender_envelope,
	"From: a\n", "no-address off off off"},
    {"From: a\n", "a@SHOP.example", "<x@shop.example>", "<r@r.example>", sender_envelope,
	"From: a\n", "own off off off"},
    /* signatures that came with it, and stay */
    {"DKIM-Signature: h=From:Sender:List-Unsubscribe-Post:Feedback-ID:X-Gatepost-ID\nFrom: a\n",
	"a@customer.example", "<x@shop.example>", "<r@r.example>", all,
	"DKIM-Signature: h=From:Sender:List-Unsubscribe-Post:Feedback-ID:X-Gatepost-ID\nFrom: a\n",
	"signed signed signed signed"},
    {"DKIM-Signature: h=From\nX-Gatepost-ID: old\nFrom: a\n", "a@customer.example",
	"<x@shop.example>", NULL, all,
	"Sender: x@shop.example\nList-Unsubscribe: " MAIL
	"\nFeedback-ID: bulk:shop.example:shop\nX-Gatepost-ID: " ID
	"\nDKIM-Signature: h=From\nFrom: a\n",
	"added added added added"},
    {"DKIM-Signature: h=From:X-Gatepost-ID\nX-Gatepost-ID: old\nFrom: a\n", "a@shop.example",
	"<x@shop.example>", "<r@r.example>", NULL,
	"DKIM-Signature: h=From:X-Gatepost-ID\nX-Gatepost-ID: old\nFrom: a\n",
	"off off off signed"},
};

static bool
is_token_char(char c)
{
	return utf8_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

/* Copies text with what stands behind "/u/" and ":u-" as TOKEN. */
static void
tokens_hide(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		struct slice before = slice_from(buf_slice(out), out->n < 3 ? out->n : out->n - 3);

		if (out->n >= 3 &&
		    (slice_eq(before, slice_of("/u/")) || slice_eq(before, slice_of(":u-")))) {
			buf_add_text(out, "TOKEN");
			while (i < text.n && is_token_char(text.p[i]))
				i++;
		}
		buf_add_char(out, text.p[i]);
	}
}

static struct account
account_plain(void)
{
	static const struct account_key key = {"s", "shop.example"};

	return (struct account){.name = "shop",
	    .id = 1,
	    .track_domain = "t.shop.example",
	    .bounce_domain = "b.shop.example",
	    .sender = "",
	    .id_header = "X-Gatepost-ID",
	    .keys = &key,
	    .nkeys = 1};
}

static void
row_run(size_t i, const struct row *row)
{
	struct account account = account_plain();
	struct verp_plan plan = {.ids = {1, 2, 3, 0}, .id = ID};
	struct out_fields fields = fields_of(row->header);
	struct address from = address_parse(slice_of(row->from));
	struct address sender = address_parse(slice_of(row->sender));
	struct address rcpt = address_parse(slice_of(row->rcpt));
	struct out_facts facts = {&account, &ring, &plan, &fields, &from, 1, &sender,
	    row->rcpt == NULL ? NULL : &rcpt, slice_of("bulk"), 0, NULL};
	static struct edits edits;
	struct out_done done;
	struct message m;
	char storage[5000], words[100], plain[5000];
	struct buf text = BUF_OVER(storage), out = BUF_OVER(plain), said = BUF_OVER(words);

	edits.n = 0;
	if (row->change != NULL)
		row->change(&account);
	assert_int_equal(out_headers_strip(&fields, &edits), 0);
	assert_int_equal(message_parse(&arena, slice_of(row->header), &m), 0);
	for (size_t k = 0; k < m.n; k++)
		facts.nids += slice_eq_nocase(m.v[k].name, slice_of(account.id_header));
	facts.presigned = presigned_is(&m) ? &m : NULL;
	assert_int_equal(out_headers_add(&facts, &edits, &arena, &done), 0);
	assert_int_equal(message_apply(&arena, &m, &edits), 0);
	message_format(&m, &text);
	text.n--; /* the empty line */
	tokens_hide(&out, buf_slice(&text));
	buf_add_format(
	    &said, "%s %s %s %s", done.sender, done.list_unsubscribe, done.feedback_id, done.id);
	if (strcmp(buf_text(&out), row->want) != 0 || strcmp(buf_text(&said), row->done) != 0)
		fail_msg("row %zu: %s\n%s", i, buf_text(&said), buf_text(&out));
}

static void
test_add(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		row_run(i, &rows[i]);
}

/* What is in the URL and in the address can be read again. */
static void
test_tokens(void **state)
{
	struct account account = account_plain();
	struct verp_plan plan = {.ids = {1, 2, 3, 1}, .id = ID};
	struct out_fields fields = {.ntags = 0};
	struct address sender = address_parse(slice_of("<x@shop.example>"));
	struct address rcpt = address_parse(slice_of("<Ann@r.example>"));
	struct out_facts facts = {
	    &account, &ring, &plan, &fields, NULL, 0, &sender, &rcpt, {NULL, 0}, 0, NULL};
	static struct edits edits;
	struct out_done done;
	const struct token_terms terms = {.kind = TOKEN_UNSUBSCRIBE, .account = 1};
	struct token token;
	struct envelope_text text;
	struct envelope_id id;
	struct slice value;

	(void)state;
	edits.n = 0;
	list_only(&account);
	assert_int_equal(out_headers_add(&facts, &edits, &arena, &done), 0);
	assert_int_equal(edits.n, 2);
	value = slice_of(edits.v[1].value);
	value = slice_from(value, sizeof("<https://t.shop.example/u/") - 1);
	assert_int_equal(
	    token_open(&ring, slice_head(value, slice_find(value, '>')), &terms, &token),
	    TOKEN_GOOD);
	assert_true(slice_eq(token.target, slice_of("Ann@r.example")));
	assert_int_equal(token.ids.message, 2);
	value = slice_from(value, slice_find(value, ':') + 1);
	text = (struct envelope_text){
	    slice_head(value, slice_find(value, '@')), slice_of("b.shop.example"), NULL};
	assert_int_equal(envelope_id_open(&ring, &text, &terms, &id), TOKEN_GOOD);
	assert_int_equal(id.letter, ENVELOPE_UNSUBSCRIBE);
}

static void
test_no_room(void **state)
{
	struct account account = account_plain();
	struct verp_plan plan = {.ids = {1, 2, 3, 1}, .id = ID};
	struct out_fields fields = {.count = {[OUT_TAG] = EDITS_MAX + 1}};
	struct address sender = address_parse(slice_of("<x@shop.example>"));
	struct out_facts facts = {
	    &account, &ring, &plan, &fields, NULL, 0, &sender, NULL, {NULL, 0}, 0, NULL};
	static struct edits edits;
	struct out_done done;
	struct arena small;

	(void)state;
	edits.n = 0;
	assert_int_equal(out_headers_strip(&fields, &edits), -1);
	all(&account);
	for (edits.n = EDITS_MAX - 2; edits.n <= EDITS_MAX; edits.n++) {
		size_t before = edits.n;

		assert_int_equal(out_headers_add(&facts, &edits, &arena, &done), -1);
		assert_int_equal(edits.n, before);
	}
	edits.n = 0;
	arena_init(&small, 16, 16);
	assert_int_equal(out_headers_add(&facts, &edits, &small, &done), -1);
	assert_int_equal(edits.n, 0);
	arena_fini(&small);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_track),
	    cmocka_unit_test(test_tags),
	    cmocka_unit_test(test_reading_bounds),
	    cmocka_unit_test(test_add),
	    cmocka_unit_test(test_tokens),
	    cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
