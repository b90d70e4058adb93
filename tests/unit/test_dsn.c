/*
 * test_dsn.c - lib/policy/dsn: RFC 3464 reports, whole and broken, and what is none.
 */
#include "bounce_fixture.h"

#include "policy/dsn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct bounce_table table;
static struct arena rules;

/* --- a line a recipient: address action status reply category gives-up --- */

static void
dsn_show(const struct dsn *dsn, struct buf *out)
{
	buf_add_format(out, "%s", dsn_kind_name(dsn->kind));
	for (size_t i = 0; dsn->kind != DSN_NONE && i < dsn->n; i++) {
		const struct dsn_recipient *r = &dsn->v[i];

		buf_add_format(out, "\n%.*s %s %s %.*s %u %.*s%s", SLICE_ARG(r->address),
		    dsn_action_name(r->action), r->verdict.permanent ? "perm" : "temp",
		    SLICE_ARG(r->status), r->reply, SLICE_ARG(r->verdict.category),
		    bounce_gives_up(&r->verdict) ? " X" : "");
	}
}

static void
dsn_check(const char *name, struct slice text, const char *want)
{
	char storage[4000];
	struct buf got = BUF_OVER(storage);
	struct message message;
	struct arena a;
	struct dsn dsn;

	arena_init(&a, 65536, (size_t)16 * 1024 * 1024);
	assert_int_equal(message_parse(&a, text, &message), 0);
	assert_int_equal(dsn_read(&a, &table, &message, dsn_path_noted(&message), &dsn), 0);
	dsn_show(&dsn, &got);
	if (!slice_eq(buf_slice(&got), slice_of(want)))
		fail_msg("%s: got \"%s\", want \"%s\"", name, buf_text(&got), want);
	arena_fini(&a);
}

#define TOP                                                                                        \
	"From: MAILER-DAEMON@mx.example.net (Mail Delivery System)\n"                              \
	"To: list@example.org\n"                                                                   \
	"Subject: Undelivered Mail Returned to Sender\n"                                           \
	"Auto-Submitted: auto-replied\n"

#define REPORT                                                                                     \
	TOP "Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n"          \
	    "--B\nContent-Type: text/plain\n\n"                                                    \
	    "I'm sorry to have to inform you that your message could not be delivered.\n\n"

#define STATUS                                                                                     \
	"--B\nContent-Type: message/delivery-status\n\n"                                           \
	"Reporting-MTA: dns; mx.example.net\n"                                                     \
	"Original-Envelope-Id: i-abc\n\n"

static const struct {
	const char *name, *text, *want;
} rows[] = {
    {"one recipient",
	REPORT STATUS "Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.1.1\n"
		      "Diagnostic-Code: smtp; 550 5.1.1 <ann@example.com>: User unknown\n\n--B--\n",
	"failure\nann@example.com failed perm 5.1.1 550 userunknown X"},
    {"one failed, one waits",
	REPORT STATUS "Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.2.2\n"
		      "Diagnostic-Code: smtp; 552 5.2.2 over quota\n\n"
		      "Final-Recipient: rfc822; bob@example.com\nAction: delayed\nStatus: 4.4.1\n\n"
		      "--B--\n",
	"failure\nann@example.com failed perm 5.2.2 552 mailboxfull\n"
	"bob@example.com delayed temp 4.4.1 0 expired"},
    {"delay only",
	REPORT STATUS "Final-Recipient: rfc822; bob@example.com\nAction: delayed\nStatus: 4.4.1\n"
		      "\n--B--\n",
	"delay\nbob@example.com delayed temp 4.4.1 0 expired"},
    {"relayed",
	REPORT STATUS "Final-Recipient: rfc822; bob@example.com\nAction: relayed\nStatus: 2.0.0\n"
		      "\n--B--\n",
	"success\nbob@example.com relayed temp 2.0.0 0 "},
    {"delivered and expanded",
	REPORT STATUS "Final-Recipient: rfc822; a@example.com\nAction: delivered\nStatus: 2.1.5\n\n"
		      "Final-Recipient: rfc822; b@example.com\nAction: expanded\nStatus: 2.1.5\n\n"
		      "--B--\n",
	"success\na@example.com delivered temp 2.1.5 0 \nb@example.com expanded temp 2.1.5 0 "},
    {"as we sent it, not as its server knows him",
	REPORT STATUS
	"Original-Recipient: rfc822;ann@example.com\n"
	"Final-Recipient: rfc822; a12@mailhub\nAction: failed\nStatus: 5.1.1\n\n--B--\n",
	"failure\nann@example.com failed perm 5.1.1 0 userunknown X"},
    {"the final one first, as Postfix has it; and two of them",
	REPORT STATUS
	"Final-Recipient: rfc822; a12@hub.example\n"
	"Original-Recipient: rfc822;ann@example.com\nAction: failed\nStatus: 5.1.1\n\n"
	"Final-Recipient: rfc822; b12@hub.example\n"
	"Original-Recipient: rfc822;bob@example.com\nAction: relayed\nStatus: 2.0.0\n"
	"\n--B--\n",
	"failure\nann@example.com failed perm 5.1.1 0 userunknown X\n"
	"bob@example.com relayed temp 2.0.0 0 "},
    {"original first, and a status is missing",
	REPORT STATUS
	"Original-Recipient: rfc822;a@example.com\nFinal-Recipient: rfc822; a@x.example\n"
	"Action: failed\n\nOriginal-Recipient: rfc822;b@example.com\n"
	"Final-Recipient: rfc822; b@x.example\nAction: failed\nStatus: 5.2.2\n\n--B--\n",
	"failure\na@example.com failed perm  0 unknown\n"
	"b@example.com failed perm 5.2.2 0 mailboxfull"},
    {"source route, brackets, capitals",
	REPORT STATUS "FINAL-RECIPIENT: RFC822; <@relay.example:ann@example.com>\n"
		      "ACTION: Failed (gave up)\nSTATUS: 5.1.1 (bad mailbox)\n\n--B--\n",
	"failure\nann@example.com failed perm 5.1.1 0 userunknown X"},
    {"x400, and the original",
	REPORT STATUS
	"Original-Recipient: rfc822; ann@example.com\n"
	"Final-Recipient: x400; /S=ann/ADMD= /C=WW/\nAction: failed\nStatus: 5.0.0\n\n"
	"--B--\n",
	"failure\nann@example.com failed perm 5.0.0 0 onhold"},
    {"RFC 6533",
	REPORT STATUS "Final-Recipient: utf-8; \\x{E4}nn@example.com\nAction: failed\n"
		      "Status: 5.1.1\n\n--B--\n",
	"failure\n\303\244nn@example.com failed perm 5.1.1 0 userunknown X"},
    {"a code that says more",
	REPORT STATUS "Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.0.0\n"
		      "Diagnostic-Code: smtp; 550-5.7.26 This mail is unauthenticated\n"
		      " 550 5.7.26 see https://example.com/\n\n--B--\n",
	"failure\nann@example.com failed perm 5.7.26 550 authfailure"},
    {"text in front of a code that misleads",
	REPORT STATUS "Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.1.1\n"
		      "Diagnostic-Code: smtp; 550 5.1.1 blocked using bl.example\n\n--B--\n",
	"failure\nann@example.com failed perm 5.1.1 550 blocked"},
    {"empty lines where none belong",
	REPORT STATUS "Action: failed\n\nFinal-Recipient: rfc822; ann@example.com\n\n"
		      "Status: 5.1.1\n\n--B--\n",
	"failure\nann@example.com failed perm 5.1.1 0 userunknown X"},
    {"no empty lines between recipients",
	REPORT STATUS
	"Final-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.1.1\n"
	"Final-Recipient: rfc822; b@example.com\nAction: failed\nStatus: 5.2.2\n--B--\n",
	"failure\na@example.com failed perm 5.1.1 0 userunknown X\n"
	"b@example.com failed perm 5.2.2 0 mailboxfull"},
    {"a diagnostic text without its fold",
	REPORT STATUS "Final-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.0.0\n"
		      "Diagnostic-Code: smtp; 550 sorry,\nmailbox full\n\n--B--\n",
	"failure\na@example.com failed perm 5.0.0 550 mailboxfull"},
    {"the reason is in the text for people",
	REPORT "<ann@example.com>: user unknown\n" STATUS
	       "Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.0.0\n\n--B--\n",
	"failure\nann@example.com failed perm 5.0.0 0 userunknown X"},
    {"refused after DATA",
	REPORT
	"<ann@example.com>: host mx said: 550 user unknown (in reply to end of DATA)\n" STATUS
	"Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.0.0\n"
	"Diagnostic-Code: smtp; 550 user unknown\n\n--B--\n",
	"failure\nann@example.com failed perm 5.0.0 550 filtered"},
    {"a transcript in which RCPT was refused, though DATA stands above it",
	REPORT "   ----- Transcript of session follows -----\n>>> DATA\n<<< 550 user unknown\n"
	       "<<< 503 5.0.0 Need RCPT (recipient)\n" STATUS
	       "Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.1.1\n"
	       "Diagnostic-Code: smtp; 550 user unknown\n\n--B--\n",
	"failure\nann@example.com failed perm 5.1.1 550 userunknown X"},
    {"an old try in the text does not make it temporary",
	REPORT "451 4.4.1 reply: read error from mx\n" STATUS
	       "Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.0.0\n\n--B--\n",
	"failure\nann@example.com failed perm 5.0.0 0 systemerror"},
    {"its type is wrong",
	REPORT "--B\nContent-Type: message/x-status\n\nReporting-MTA: dns; x\n\n"
	       "Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.1.1\n\n--B--\n",
	"failure\nann@example.com failed perm 5.1.1 0 userunknown X"},
    {"base64",
	REPORT "--B\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
	       "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFubkBleGFtcGxlLmNvbQpBY3Rpb246IGZh\n"
	       "aWxlZApTdGF0dXM6IDUuMS4xCg==\n--B--\n",
	"failure\nann@example.com failed perm 5.1.1 0 userunknown X"},
    {"the header is lost",
	"\n--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
	"Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.1.1\n\n--B--\n",
	"failure\nann@example.com failed perm 5.1.1 0 userunknown"},
    {"an address that was hidden",
	REPORT STATUS
	"Final-Recipient: rfc822; an...@example.com\nAction: failed\nStatus: 5.1.1\n\n"
	"--B--\n",
	"none"},
    {"somebody sends a report that he got",
	"From: ann@example.com\nSubject: Fwd: what is that?\n"
	"Content-Type: multipart/mixed; boundary=A\n\n--A\n\nHello, see below.\n"
	"--A\nContent-Type: message/rfc822\n\n" REPORT STATUS
	"Final-Recipient: rfc822; bob@example.com\nAction: failed\nStatus: 5.1.1\n\n--B--\n--A--\n",
	"none"},
    {"a challenge dressed as a report",
	"From: noreply@challenge.example\nSubject: Re: Hello\n"
	"Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\n\n"
	"Your address is not pre-approved. Click here.\n" STATUS
	"Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 4.7.0\n\n--B--\n",
	"challenge\nnoreply@challenge.example  temp  0 challenge"},
    {"a receipt",
	"From: ann@example.com\nSubject: Read: Hello\n"
	"Content-Type: multipart/report; report-type=disposition-notification; boundary=B\n\n"
	"--B\n\nYour message was read.\n--B\nContent-Type: message/disposition-notification\n\n"
	"Final-Recipient: rfc822; ann@example.com\n"
	"Disposition: manual-action/MDN-sent-manually; displayed\n\n--B--\n",
	"receipt\nann@example.com  temp  0 receipt"},
    {"a complaint",
	"From: fbl@provider.example\n"
	"Content-Type: multipart/report; report-type=feedback-report; boundary=B\n\n--B\n\nx\n"
	"--B\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n\n--B--\n",
	"complaint\nfbl@provider.example  temp  0 complaint"},
    {"JSON",
	"From: no-reply@sns.example\nSubject: Notification Message\n\n"
	"{\"notificationType\":\"Bounce\",\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":"
	"\"ann@example.com\",\"action\":\"failed\",\"status\":\"5.1.1\",\"diagnosticCode\":"
	"\"smtp; 550 5.1.1 user unknown\"},{\"emailAddress\":\"bob@example.com\"}]}}\n",
	"failure\nann@example.com failed perm 5.1.1 550 userunknown X\n"
	"bob@example.com failed perm  0 unknown"},
    {"JSON as a string",
	"From: no-reply@sns.example\n\n{\"Message\" : \"{\\\"bouncedRecipients\\\":"
	"[{\\\"emailAddress\\\":\\\"ann@example.com\\\",\\\"status\\\":\\\"5.1.1\\\"}]}\"}\n",
	"failure\nann@example.com failed perm 5.1.1 0 userunknown X"},
    {"JSON cut short", "From: a@b.example\n\n{\"bouncedRecipients\":[{\"emailAddress\":\"", "none"},
    {"nothing, encoded", "From: a@b.example\nContent-Transfer-Encoding: quoted-printable\n\n",
	"none"},
    {"nothing", "", "none"},
};

static void
test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		dsn_check(rows[i].name, slice_of(rows[i].text), rows[i].want);
}

static void
test_correlators(void **state)
{
	static const char text[] = REPORT STATUS
	    "Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.1.1\n"
	    "Remote-MTA: dns; mx.example.com\n\n"
	    "--B\nContent-Type: message/rfc822\n\n"
	    "From: Shop <shop@example.org>\nTo: ann@example.com\nSubject: Hello\n"
	    "Message-ID: <1@example.org>\nX-Gatepost-ID: i-xyz\n\nHello\n--B--\n";
	struct message message;
	struct arena a;
	struct dsn dsn;

	(void)state;
	arena_init(&a, 65536, 1024 * 1024);
	assert_int_equal(message_parse(&a, slice_of(text), &message), 0);
	assert_int_equal(dsn_read(&a, &table, &message, dsn_path_noted(&message), &dsn), 0);
	assert_true(dsn.structured && !dsn.over);
	assert_true(slice_eq(dsn.envid, slice_of("i-abc")));
	assert_true(slice_eq(dsn.message_id, slice_of("1@example.org")));
	assert_true(slice_eq(dsn.id_header, slice_of("i-xyz")));
	assert_true(slice_eq(dsn.returned_subject, slice_of("Hello")));
	assert_true(slice_eq(dsn.reporting_mta, slice_of("mx.example.net")));
	assert_true(slice_eq(dsn.v[0].remote_mta, slice_of("mx.example.com")));
	arena_fini(&a);
}

/* The account chose the name of the field; others have fields of their own. */
static void
test_id_header(void **state)
{
#define ID "i-abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnop"
	static const struct {
		const char *name, *fields, *want;
	} cases[] = {
	    {"a name of its own", "X-Mailer: x\nX-Shop-Ref: " ID "\n", ID},
	    {"in capitals, and behind ours of somebody else's",
		"X-Gatepost-ID: other\nX-SHOP-REF: I-"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOP\n",
		"I-ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGHIJKLMNOP"},
	    {"no field of that kind", "Reference: " ID "\n", ""},
	    {"a return path is none",
		"X-Sender-ID: b"
		"-abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnop\n",
		""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char storage[2000];
		struct buf text = BUF_OVER(storage);
		struct message message;
		struct arena a;
		struct dsn dsn;

		buf_add_format(&text,
		    "%s--B\nContent-Type: text/rfc822-headers\n\nFrom: "
		    "shop@example.org\n%s\n--B--\n",
		    REPORT STATUS
		    "Final-Recipient: rfc822; ann@example.com\nAction: failed\nStatus: 5.1.1\n\n",
		    cases[i].fields);
		arena_init(&a, 65536, 1024 * 1024);
		assert_int_equal(message_parse(&a, buf_slice(&text), &message), 0);
		assert_int_equal(dsn_read(&a, &table, &message, dsn_path_noted(&message), &dsn), 0);
		if (!slice_eq(dsn.id_header, slice_of(cases[i].want)))
			fail_msg("%s: got \"%.*s\"", cases[i].name, SLICE_ARG(dsn.id_header));
		arena_fini(&a);
	}
#undef ID
}

/* Seven reports of 1 MB, and attachments without end, in no more than was promised. */
static void
test_memory_suffices(void **state)
{
	size_t room = (size_t)16 * 1024 * 1024;
	char *text = malloc(room);
	struct message message;
	struct arena parsed, a;
	struct dsn dsn;
	struct buf out;

	(void)state;
	assert_non_null(text);
	buf_init(&out, text, room);
	buf_add_text(&out, REPORT);
	for (unsigned i = 0; i < 7; i++) {
		buf_add_format(&out,
		    "--B\nContent-Type: message/delivery-status\n"
		    "Content-Transfer-Encoding: quoted-printable\n\n"
		    "Final-Recipient: rfc822; u%u@example.com\nAction: failed\nStatus: 5.1.1\n",
		    i);
		for (size_t k = 0; k < 16 * 1024; k++)
			buf_add_text(&out,
			    "X-Filler: 0123456789 0123456789 0123456789 0123456789 01234567\n");
	}
	for (size_t i = 0; i < 700; i++) {
		buf_add_text(&out, "--B\nContent-Disposition: attachment\n"
				   "Content-Transfer-Encoding: base64\n\n");
		for (size_t k = 0; k < 1600; k++)
			buf_add_text(&out, "eHh4\n");
	}
	buf_add_text(&out, "--B--\n");
	assert_false(out.over);
	arena_init(&parsed, 65536, 1024 * 1024);
	arena_init(&a, 65536, (size_t)17 * 1024 * 1024);
	assert_int_equal(message_parse(&parsed, buf_slice(&out), &message), 0);
	assert_int_equal(dsn_read(&a, &table, &message, dsn_path_noted(&message), &dsn), 0);
	assert_int_equal(dsn.n, 7);
	arena_fini(&a);
	arena_fini(&parsed);
	free(text);
}

/* Memory that ends at any point is said so, and nothing worse. */
static void
test_no_memory(void **state)
{
	struct message message;
	struct arena a, small;
	struct dsn dsn;

	(void)state;
	arena_init(&a, 65536, 1024 * 1024);
	assert_int_equal(message_parse(&a, slice_of(rows[1].text), &message), 0);
	for (size_t max = 64; max < 20000; max += 64) {
		arena_init(&small, 64, max);
		if (dsn_read(&small, &table, &message, dsn_path_noted(&message), &dsn) != 0)
			assert_true(small.failed);
		else
			assert_false(small.failed);
		arena_fini(&small);
	}
	arena_fini(&a);
}

/* More recipients than anybody has, in one report. */
static void
test_bounds(void **state)
{
	static const char begin[] = REPORT STATUS;
	size_t room = sizeof(begin) + 100 * (DSN_RECIPIENTS_MAX + 1);
	char *text = malloc(room);
	struct buf out;
	struct message message;
	struct arena a;
	struct dsn dsn;

	(void)state;
	assert_non_null(text);
	buf_init(&out, text, room);
	buf_add_text(&out, begin);
	for (unsigned i = 0; i <= DSN_RECIPIENTS_MAX; i++)
		buf_add_format(
		    &out, "Final-Recipient: rfc822; u%u@example.com\nAction: failed\n\n", i);
	arena_init(&a, 65536, (size_t)64 * 1024 * 1024);
	assert_int_equal(message_parse(&a, buf_slice(&out), &message), 0);
	assert_int_equal(dsn_read(&a, &table, &message, dsn_path_noted(&message), &dsn), 0);
	assert_int_equal(dsn.n, DSN_RECIPIENTS_MAX);
	assert_true(dsn.over);
	arena_fini(&a);
	free(text);
}

/* Reads what `begin`, n times `row` and `end` make together; CPU seconds that it took. */
static double
time_read(struct arena *a, const struct slice *begin, size_t n,
    void (*row)(struct buf *out, size_t i), struct dsn *dsn_r)
{
	size_t room = (size_t)24 * 1024 * 1024;
	char *text = malloc(room);
	struct message message;
	struct buf out;
	clock_t at;

	assert_non_null(text);
	buf_init(&out, text, room);
	buf_add(&out, *begin);
	for (size_t i = 0; i < n; i++)
		row(&out, i);
	assert_false(out.over);
	arena_init(a, 65536, (size_t)96 * 1024 * 1024);
	assert_int_equal(message_parse(a, arena_copy(a, buf_slice(&out)), &message), 0);
	free(text);
	at = clock();
	assert_int_equal(dsn_read(a, &table, &message, dsn_path_noted(&message), dsn_r), 0);
	print_message("  %zu read in %.2f s\n", dsn_r->n, (double)(clock() - at) / CLOCKS_PER_SEC);
	return (double)(clock() - at) / CLOCKS_PER_SEC;
}

static void
same_address(struct buf *out, size_t i)
{
	buf_add_text(out, i == 0 ? "X-Failed-Recipients:" : ",");
	buf_add_text(out, " ann@example.com");
	if (i % 50 == 49)
		buf_add_text(out, "\n");
	if (i % 50 == 49 && i + 1 < DSN_RECIPIENTS_MAX)
		buf_add_text(out, "X-Failed-Recipients: bob@example.com");
	if (i + 1 == DSN_RECIPIENTS_MAX) {
		buf_add_text(out, "\nann@example.com\n");
		for (size_t k = 0; k < 1600; k++)
			buf_add_text(out, "user ");
	}
}

static void
same_report(struct buf *out, size_t i)
{
	(void)i;
	buf_add_text(out, "Final-Recipient: rfc822; ann@example.com\nAction: failed\n"
			  "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 user unknown\n\n");
}

static void
long_report(struct buf *out, size_t i)
{
	buf_add_format(out,
	    "Final-Recipient: rfc822; u%zu@example.com\nAction: failed\nStatus: 5.1.1\n"
	    "Diagnostic-Code: smtp; 550 5.1.1 user unknown ",
	    i);
	for (size_t k = 0; k < 1600; k++)
		buf_add_text(out, "user ");
	buf_add_text(out, "\n\n");
}

static void
usual_report(struct buf *out, size_t i)
{
	buf_add_format(out,
	    "Final-Recipient: rfc822; u%zu@example.com\n"
	    "Original-Recipient: rfc822;u%zu@example.com\nAction: failed\nStatus: 5.1.1\n"
	    "Remote-MTA: dns; mx.example.com\nDiagnostic-Code: smtp; 550-5.1.1 The email account "
	    "that you tried to reach does not exist. Please try\n    550-5.1.1 double-checking the "
	    "recipient's email address for typos or\n    550 5.1.1 unnecessary spaces.\n\n",
	    i, i);
}

/* Who is named twenty thousand times is read once. */
static void
test_same_again(void **state)
{
	static const struct slice top = SLICE_LIT(TOP), report = SLICE_LIT(REPORT STATUS);
	struct arena a;
	struct dsn dsn;

	(void)state;
	assert_true(time_read(&a, &top, DSN_RECIPIENTS_MAX, same_address, &dsn) < 2);
	assert_int_equal(dsn.n, 2);
	assert_true(slice_eq(dsn.v[0].address, slice_of("ann@example.com")));
	arena_fini(&a);
	assert_true(time_read(&a, &report, DSN_RECIPIENTS_MAX, same_report, &dsn) < 2);
	assert_int_equal(dsn.n, 1);
	assert_true(bounce_gives_up(&dsn.v[0].verdict) && !dsn.over);
	arena_fini(&a);
}

/* There is an end to what is spent on one message: who stands behind it is not given up. */
static void
test_work_ends(void **state)
{
	static const struct slice report = SLICE_LIT(REPORT STATUS);
	const struct dsn_recipient *last;
	struct arena a;
	struct dsn dsn;

	(void)state;
	assert_true(time_read(&a, &report, 2000, long_report, &dsn) < 2);
	assert_int_equal(dsn.n, 2000);
	assert_true(dsn.over);
	last = &dsn.v[dsn.n - 1];
	assert_int_equal(last->verdict.class, BOUNCE_UNKNOWN);
	assert_true(last->verdict.permanent && !bounce_gives_up(&last->verdict));
	assert_true(slice_eq(last->status, slice_of("5.1.1")));
	assert_true(last->diagnostic.n <= DSN_DIAGNOSTIC_MAX_BYTES);
	assert_true(bounce_gives_up(&dsn.v[0].verdict));
	arena_fini(&a);
}

/* But a mailing to as many as one report may have is read whole. */
static void
test_work_suffices(void **state)
{
	static const struct slice report = SLICE_LIT(REPORT STATUS);
	struct arena a;
	struct dsn dsn;
	size_t given_up = 0;

	(void)state;
	(void)time_read(&a, &report, DSN_RECIPIENTS_MAX, usual_report, &dsn);
	assert_int_equal(dsn.n, DSN_RECIPIENTS_MAX);
	for (size_t i = 0; i < dsn.n; i++)
		given_up += bounce_gives_up(&dsn.v[i].verdict);
	assert_int_equal(given_up, DSN_RECIPIENTS_MAX);
	assert_false(dsn.over);
	arena_fini(&a);
}

static int
setup(void **state)
{
	struct err err;

	(void)state;
	return bounce_fixture_load(&rules, &table, &err);
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&rules);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_same_again),
	    cmocka_unit_test(test_work_ends),
	    cmocka_unit_test(test_work_suffices),
	    cmocka_unit_test(test_correlators),
	    cmocka_unit_test(test_id_header),
	    cmocka_unit_test(test_memory_suffices),
	    cmocka_unit_test(test_no_memory),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
