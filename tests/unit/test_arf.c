/*
 * test_arf.c - lib/policy/arf.
 */
#include "policy/arf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define TOP                                                                                        \
	"From: <fbl@provider.example>\n"                                                           \
	"Subject: FW: Hello\n"                                                                     \
	"Content-Type: multipart/report; report-type=feedback-report; boundary=B\n\n"              \
	"--B\n\nThis is an email abuse report.\n"

#define REPORT TOP "--B\nContent-Type: message/feedback-report\n\n"

#define ORIGINAL                                                                                   \
	"--B\nContent-Type: message/rfc822\n\n"                                                    \
	"Return-Path: <b-x@b.example.org>\nFrom: <shop@example.org>\n"                             \
	"To: <ann@example.com>\nMessage-ID: <1@example.org>\n"                                     \
	"X-Gatepost-ID: i-xyz\n\nHello\n--B--\n"

/* type source from rcpt,… id incidents complaint; none: no report. */
static const struct {
	const char *name, *text, *want;
} rows[] = {
    {"whole",
	REPORT "Feedback-Type: abuse\nUser-Agent: X/1.0\nVersion: 1\nSource-IP: 192.0.2.1\n"
	       "Original-Mail-From: <b-x@b.example.org>\nOriginal-Rcpt-To: <ann@example.com>\n"
	       "Incidents: 3\n\n" ORIGINAL,
	"abuse 192.0.2.1 b-x@b.example.org ann@example.com 1@example.org 3 yes"},
    {"several recipients",
	REPORT "Feedback-Type: abuse\nOriginal-Rcpt-To: ann@example.com\n"
	       "Original-Rcpt-To: rfc822; bob@example.com\n\n" ORIGINAL,
	"abuse   ann@example.com,bob@example.com 1@example.org 1 yes"},
    {"sparse", REPORT "Feedback-Type: abuse\n\n--B--\n", "abuse     1 yes"},
    {"redacted",
	REPORT "Feedback-Type: abuse\nOriginal-Rcpt-To: redacted-0123abcd\n"
	       "Original-Mail-From: <>\n\n--B--\n",
	"abuse   redacted-0123abcd  1 yes"},
    {"opt-out", REPORT "Feedback-Type: opt-out\nRemoval-Recipient: ann@example.com\n\n--B--\n",
	"opt-out   ann@example.com  1 yes"},
    {"source with more, IPv6",
	REPORT "Feedback-Type: fraud\nSource-IP: [IPv6:2001:db8::1] (mx.example.com)\n\n--B--\n",
	"fraud 2001:db8::1    1 yes"},
    {"source that is none", REPORT "Feedback-Type: abuse\nSource-IP: unknown\n\n--B--\n",
	"abuse     1 yes"},
    {"not about a wish", REPORT "Feedback-Type: auth-failure\nAuth-Failure: dmarc\n\n" ORIGINAL,
	"auth-failure    1@example.org 1 no"},
    {"the opposite", REPORT "Feedback-Type: not-spam\n\n--B--\n", "not-spam     1 no"},
    {"headers only, in a type that is misspelt",
	REPORT "Feedback-Type: abuse\n\n--B\nContent-Type: text/rfc822-header\n\n"
	       "From nobody Thu Nov  5 10:00:00 2026\nMessage-ID: <2@example.org>\n--B--\n",
	"abuse    2@example.org 1 yes"},
    {"its type is lost", TOP "--B\n\nFeedback-Type: abuse\n\n" ORIGINAL,
	"abuse    1@example.org 1 yes"},
    {"base64",
	TOP "--B\nContent-Type: message/feedback-report\nContent-Transfer-Encoding: base64\n\n"
	    "RmVlZGJhY2stVHlwZTogYWJ1c2UK\n--B--\n",
	"abuse     1 yes"},
    {"the message alone, with the recipient in a field of its own",
	"From: staff@provider.example\nSubject: complaint about message from 192.0.2.1\n"
	"Content-Type: multipart/mixed; boundary=B\n\n--B\nContent-Type: message/rfc822\n\n"
	"X-HmXmrOriginalRecipient: ann@example.com\nMessage-ID: <3@example.org>\n\nx\n--B--\n",
	"abuse   ann@example.com 3@example.org 1 yes"},
    {"no type", REPORT "User-Agent: X\n\n--B--\n", "none"},
    {"somebody sends one that he got",
	"From: ann@example.com\nContent-Type: multipart/mixed; boundary=A\n\n--A\n"
	"Content-Type: message/rfc822\n\n" REPORT "Feedback-Type: abuse\n\n--B--\n--A--\n",
	"none"},
    {"a letter", "From: ann@example.com\n\nFeedback-Type: abuse\n", "none"},
    {"nothing", "", "none"},
};

static void
arf_show(const struct arf *arf, struct buf *out)
{
	if (!arf->found) {
		buf_add_text(out, "none");
		return;
	}
	buf_add_format(out, "%.*s ", SLICE_ARG(arf->feedback_type));
	net_addr_format(out, &arf->source);
	buf_add_format(out, " %.*s ", SLICE_ARG(arf->original_mail_from));
	for (size_t i = 0; i < arf->nrcpt; i++)
		buf_add_format(out, "%s%.*s", i > 0 ? "," : "", SLICE_ARG(arf->rcpt[i]));
	buf_add_format(out, " %.*s %u %s", SLICE_ARG(arf->message_id), arf->incidents,
	    arf_is_complaint(arf) ? "yes" : "no");
}

static void
test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[1000];
		struct buf got = BUF_OVER(storage);
		struct message message;
		struct arena a;
		struct arf arf;

		arena_init(&a, 4096, 1024 * 1024);
		assert_int_equal(message_parse(&a, slice_of(rows[i].text), &message), 0);
		assert_int_equal(arf_read(&a, &message, &arf), 0);
		arf_show(&arf, &got);
		if (!slice_eq(buf_slice(&got), slice_of(rows[i].want)))
			fail_msg("%s: got \"%s\", want \"%s\"", rows[i].name, buf_text(&got),
			    rows[i].want);
		arena_fini(&a);
	}
}

static void
test_correlators(void **state)
{
	struct message message;
	struct arena a;
	struct arf arf;

	(void)state;
	arena_init(&a, 4096, 1024 * 1024);
	assert_int_equal(message_parse(&a, slice_of(rows[0].text), &message), 0);
	assert_int_equal(arf_read(&a, &message, &arf), 0);
	assert_true(slice_eq(arf.id_header, slice_of("i-xyz")));
	assert_true(slice_eq(arf.returned_path, slice_of("b-x@b.example.org")));
	arena_fini(&a);
}

/* The account chose the name of the field. */
static void
test_id_header(void **state)
{
	static const char text[] = REPORT
	    "Feedback-Type: abuse\n\n--B\nContent-Type: message/rfc822\n\n"
	    "From: <shop@example.org>\n"
	    "X-Shop-Ref: i-abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnop\n\nHello\n--B--\n";
	struct message message;
	struct arena a;
	struct arf arf;

	(void)state;
	arena_init(&a, 4096, 1024 * 1024);
	assert_int_equal(message_parse(&a, slice_of(text), &message), 0);
	assert_int_equal(arf_read(&a, &message, &arf), 0);
	assert_true(slice_eq(
	    arf.id_header, slice_of("i-abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnop")));
	arena_fini(&a);
}

static void
test_bounds(void **state)
{
	static char text[100000];
	struct buf out = BUF_OVER(text);
	struct message message;
	struct arena a;
	struct arf arf;

	(void)state;
	buf_add_text(&out, REPORT "Feedback-Type: abuse\n");
	for (unsigned i = 0; i <= ARF_RCPTS_MAX; i++)
		buf_add_format(&out, "Original-Rcpt-To: u%u@example.com\n", i);
	arena_init(&a, 4096, 1024 * 1024);
	assert_int_equal(message_parse(&a, buf_slice(&out), &message), 0);
	assert_int_equal(arf_read(&a, &message, &arf), 0);
	assert_int_equal(arf.nrcpt, ARF_RCPTS_MAX);
	arena_fini(&a);
	arena_init(&a, 64, 400);
	assert_int_equal(arf_read(&a, &message, &arf), -1);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_correlators),
	    cmocka_unit_test(test_id_header),
	    cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
