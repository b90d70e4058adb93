/*
 * test_txn.c - lib/policy/txn.
 */
#include "policy/txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct direction_conf nobody_submits;

static void
assert_slice(struct slice got, const char *want)
{
	if (!slice_eq(got, slice_of(want)))
		fail_msg("\"%.*s\", want \"%s\"", SLICE_ARG(got), want);
}

/* A slice in storage that is used again for the next one: the txn must have its own copy. */
static struct slice
passing(const char *text)
{
	static char storage[2048];

	memset(storage, '#', sizeof(storage));
	memcpy(storage, text, strlen(text));
	return slice_make(storage, strlen(text));
}

static void
connected(struct txn *txn)
{
	static const uint8_t client[4] = {192, 0, 2, 1};
	struct net_addr addr = net_addr_ipv4(client);
	char daemon[] = "smtpd";

	txn_init(txn);
	txn_connect(txn, &addr, passing("mail.example.com"));
	txn_set_daemon(txn, slice_of(daemon), passing("mx.example.org"));
	memset(daemon, '#', sizeof(daemon));
	txn_helo(txn, passing("helo.example.com"));
	(void)passing("");
}

static void
mail_said(
    struct txn *txn, const struct direction_conf *conf, struct slice sender, struct slice login)
{
	struct slice args[] = {slice_of("SIZE=100"), slice_of("XVERP")};
	const struct txn_envelope envelope = {sender, login, false, args, 2};

	txn_mail(txn, conf, &envelope);
	assert_int_equal(txn->nargs, 2);
	assert_slice(txn->args[1], "XVERP");
}

static void
connection_check(const struct txn *txn)
{
	assert_int_equal(txn->client.family, NET_IPV4);
	assert_int_equal(txn->client.bytes[3], 1);
	assert_slice(txn->client_name, "mail.example.com");
	assert_slice(txn->helo, "helo.example.com");
	assert_slice(txn->daemon, "smtpd");
	assert_slice(txn->mta, "mx.example.org");
}

/* The answer that one finding makes; a note stands for an accepted recipient. */
static void
answered(struct txn *txn, const char *rcpt, struct finding finding)
{
	struct findings f = {.n = 1};
	struct verdict verdict;

	f.v[0] = finding;
	verdict = decide(&f);
	txn_rcpt(txn, passing(rcpt));
	txn_answered(txn, &f, &verdict);
	(void)passing("");
}

static void
test_connection_stays(void **state)
{
	struct txn txn;

	(void)state;
	connected(&txn);
	assert_int_equal(txn.phase, PHASE_HELO);
	connection_check(&txn);
	for (int i = 0; i < 3; i++) {
		mail_said(&txn, &nobody_submits, passing("<a@example.com>"), passing(""));
		answered(&txn, "<b@example.org>", (struct finding){.kind = FINDING_NOTE});
		connection_check(&txn);
		txn_end(&txn);
		assert_int_equal(txn.phase, PHASE_HELO);
		connection_check(&txn);
	}
	txn_fini(&txn);
}

/* A client that says the same HELO again and again costs nothing; a new name counts. */
static void
test_helo_again(void **state)
{
	struct txn txn;
	size_t used;

	(void)state;
	connected(&txn);
	used = txn.connection.used_bytes;
	for (int i = 0; i < 10000; i++)
		txn_helo(&txn, passing("helo.example.com"));
	assert_int_equal(txn.connection.used_bytes, used);
	txn_helo(&txn, passing("other.example.com"));
	assert_slice(txn.helo, "other.example.com");
	txn_fini(&txn);
}

static void
test_helo_is_cut(void **state)
{
	char name[2 * TXN_HELO_BYTES];
	struct txn txn;

	(void)state;
	memset(name, 'h', sizeof(name));
	txn_init(&txn);
	txn_helo(&txn, slice_make(name, sizeof(name)));
	assert_int_equal(txn.helo.n, TXN_HELO_BYTES);
	txn_fini(&txn);
}

static void
test_mail(void **state)
{
	struct direction_conf conf = nobody_submits;
	struct net_cidr network;
	struct txn txn;

	(void)state;
	connected(&txn);
	mail_said(&txn, &conf, passing("<A@example.com>"), slice_of(""));
	(void)passing("");
	assert_true(txn.open);
	assert_int_equal(txn.phase, PHASE_MAIL);
	assert_slice(txn.sender.text, "A@example.com");
	assert_slice(txn.sender.domain, "example.com");
	assert_int_equal(txn.direction.direction, DIRECTION_INBOUND);

	/* a second MAIL without an end in between */
	mail_said(&txn, &conf, passing("<>"), slice_of("user"));
	assert_true(txn.sender.null);
	assert_slice(txn.login, "user");
	assert_string_equal(txn.direction.why, "login");

	assert_int_equal(net_cidr_parse(slice_of("192.0.2.1"), &network, NULL), 0);
	net_set_init(&conf.submit_networks, &network, 1);
	mail_said(&txn, &conf, passing("<>"), slice_of(""));
	assert_string_equal(txn.direction.why, "network");
	assert_int_equal(txn.login.n, 0);
	txn_end(&txn);
	assert_false(txn.open);
	txn_fini(&txn);
}

static void
test_rcpts(void **state)
{
	static const struct {
		const char *rcpt, *text;
		struct finding finding;
		enum answer answer;
	} rows[] = {
	    {"<one@example.org>", "one@example.org",
		{.kind = FINDING_NOTE, .reason = "passed", .delay_s = 300}, ANSWER_CONTINUE},
	    {"<two@example.org>", "two@example.org",
		{.kind = FINDING_DEFER, .reason = "new", .wait_s = 240, .delay_s = 900},
		ANSWER_DEFER},
	    {"three@example.org", "three@example.org",
		{.kind = FINDING_DEFER, .reason = "early", .wait_s = 100}, ANSWER_DEFER},
	    {"<four@example.org>", "four@example.org", {.kind = FINDING_BLOCK, .reason = "listed"},
		ANSWER_REJECT},
	    {"<five@example.org>", "five@example.org",
		{.kind = FINDING_NOTE, .reason = "known", .delay_s = 20}, ANSWER_CONTINUE},
	};
	const struct txn_rcpt *kept;
	struct txn txn;

	(void)state;
	connected(&txn);
	mail_said(&txn, &nobody_submits, slice_of("<a@example.com>"), slice_of(""));
	for (size_t i = 0; i < COUNT(rows); i++) {
		answered(&txn, rows[i].rcpt, rows[i].finding);
		assert_int_equal(txn.phase, PHASE_RCPT);
		assert_slice(txn.rcpt.text, rows[i].text);
	}
	assert_int_equal(txn.nrcpts, 5);
	assert_int_equal(txn.nrcpts_kept, 5);
	assert_int_equal(txn.naccepted, 2);
	assert_int_equal(txn.wait_s, 240);
	assert_int_equal(txn.delay_s, 300); /* two's 900 do not count: it was not let in */
	assert_null(txn.would);
	kept = txn.rcpts;
	for (size_t i = 0; i < COUNT(rows); i++, kept = kept->next) {
		assert_slice(kept->addr.text, rows[i].text);
		assert_int_equal(kept->answer, rows[i].answer);
		assert_string_equal(kept->reason, rows[i].finding.reason);
	}
	assert_null(kept);
	txn_fini(&txn);
}

static void
test_shadow(void **state)
{
	static const struct {
		const char *check, *would;
		const char *want, *want_check;
	} rows[] = {
	    {"spf", "reject", "reject", "spf"},
	    {"dmarc", "reject", "reject", "spf"},
	    {"score", "quarantine", "reject", "spf"},
	    {"grey", "defer", "reject", "spf"},
	    {"rdns", NULL, "reject", "spf"},
	};
	struct txn txn;

	(void)state;
	connected(&txn);
	mail_said(&txn, &nobody_submits, slice_of("<a@example.com>"), slice_of(""));
	answered(&txn, "<one@example.org>",
	    (struct finding){
		.kind = FINDING_NOTE, .check = "grey", .reason = "new", .would = "defer"});
	assert_string_equal(txn.would, "defer");
	assert_string_equal(txn.would_check, "grey");
	assert_int_equal(txn.naccepted, 1);
	/* the hardest, and of equals the first */
	for (size_t i = 0; i < COUNT(rows); i++) {
		answered(&txn, "<two@example.org>",
		    (struct finding){.kind = FINDING_NOTE,
			.reason = "fail",
			.check = rows[i].check,
			.would = rows[i].would});
		assert_string_equal(txn.would, rows[i].want);
		assert_string_equal(txn.would_check, rows[i].want_check);
	}
	mail_said(&txn, &nobody_submits, slice_of("<a@example.com>"), slice_of(""));
	assert_null(txn.would);
	txn_fini(&txn);
}

/* The cause names a recipient's reason, else the last finding, else there is none. */
static void
test_reason(void **state)
{
	struct findings f = {.n = 0};
	struct verdict verdict;
	struct txn txn;

	(void)state;
	connected(&txn);
	mail_said(&txn, &nobody_submits, slice_of("<a@example.com>"), slice_of(""));
	for (int i = 0; i < 3; i++) {
		if (i > 0)
			(void)findings_add(&f, i == 1 ? FINDING_DEFER : FINDING_NOTE, "check",
			    i == 1 ? "cause" : "last");
		verdict = decide(&f);
		txn_rcpt(&txn, slice_of("<b@example.org>"));
		txn_answered(&txn, &f, &verdict);
		if (i == 0)
			assert_null(txn.last->reason);
		else
			assert_string_equal(txn.last->reason, "cause");
	}
	f.v[0].kind = FINDING_NOTE;
	verdict = decide(&f);
	txn_answered(&txn, &f, &verdict);
	assert_string_equal(txn.last->reason, "last");
	txn_fini(&txn);
}

/* As many and as long as a client likes: counted, but not kept. */
static void
test_rcpts_bound(void **state)
{
	char raw[2000];
	struct txn txn;

	(void)state;
	connected(&txn);
	mail_said(&txn, &nobody_submits, slice_of("<a@example.com>"), slice_of(""));
	for (int i = 0; i < TXN_RCPTS_MAX + 50; i++) {
		char number[12];
		int n = snprintf(number, sizeof(number), "<%d.", i);

		memset(raw, 'a', sizeof(raw));
		memcpy(raw, number, (size_t)n);
		memcpy(raw + sizeof(raw) - 3, "@b>", 3);
		txn_rcpt(&txn, slice_make(raw, sizeof(raw)));
		assert_true(txn.rcpt.malformed);
		assert_true(txn.rcpt.text.n <= ADDRESS_MAX_BYTES);
		txn_answered(
		    &txn, &(struct findings){.n = 0}, &(struct verdict){ANSWER_CONTINUE, NULL});
	}
	assert_int_equal(txn.nrcpts, TXN_RCPTS_MAX + 50);
	assert_int_equal(txn.naccepted, TXN_RCPTS_MAX + 50);
	assert_int_equal(txn.nrcpts_kept, TXN_RCPTS_MAX);
	assert_true(txn.last->addr.malformed);
	assert_memory_equal(txn.last->addr.text.p, "999.a", 5);
	assert_false(txn.transaction.failed);
	txn_fini(&txn);
}

static void
test_message_answered(void **state)
{
	static const struct {
		enum finding_kind kind;
		const char *reason;
		enum answer worst; /* so far */
	} rows[] = {
	    {FINDING_NOTE, "noted", ANSWER_CONTINUE},
	    {FINDING_DEFER, "later", ANSWER_DEFER},
	    {FINDING_BLOCK, "never", ANSWER_REJECT},
	    {FINDING_DEFER, "again", ANSWER_REJECT},
	};
	struct findings none = {.n = 0};
	struct verdict accept = {ANSWER_CONTINUE, NULL};
	struct txn txn;

	(void)state;
	connected(&txn);
	mail_said(&txn, &nobody_submits, slice_of("<a@example.com>"), slice_of(""));
	txn.phase = PHASE_DATA;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct findings f = {.n = 0};
		struct verdict verdict;

		findings_add(&f, rows[i].kind, "check", rows[i].reason)->wait_s = 7;
		verdict = decide(&f);
		txn_message_answered(&txn, &f, &verdict);
		assert_int_equal(txn.answer, rows[i].worst);
		assert_string_equal(txn.reason, rows[i].reason);
		assert_int_equal(txn.wait_s, i == 0 ? 0 : 7);
	}
	txn_message_answered(&txn, &none, &accept);
	assert_int_equal(txn.answer, ANSWER_REJECT);
	assert_string_equal(txn.reason, "again");
	txn_end(&txn);
	assert_int_equal(txn.answer, ANSWER_CONTINUE);
	assert_null(txn.reason);
	txn_fini(&txn);
}

static void
test_queue_id(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
	    {"", ""},
	    {"4Xabc", "4Xabc"},
	    {"", "4Xabc"}, /* what was told stays */
	    {"4Xdef", "4Xdef"},
	    {"0123456789012345678901234567890123456789012345678901234567890123456789",
		"0123456789012345678901234567890123456789012345678901234567890123"},
	};
	struct txn txn;
	size_t used;

	(void)state;
	connected(&txn);
	mail_said(&txn, &nobody_submits, slice_of("<a@example.com>"), slice_of(""));
	for (size_t i = 0; i < COUNT(rows); i++) {
		txn_set_queue_id(&txn, passing(rows[i].in));
		(void)passing("");
		assert_slice(txn.queue_id, rows[i].want);
	}
	txn_set_queue_id(&txn, passing("4Xdef"));
	used = txn.transaction.used_bytes;
	txn_set_queue_id(&txn, passing("4Xdef")); /* the MTA tells it at every step */
	assert_int_equal(txn.transaction.used_bytes, used);
	txn_fini(&txn);
}

/* After its end nothing of a transaction is left, and its memory serves the next. */
/* Fields that checks read again are kept, up to a bound; others are not. */
static void
test_fields(void **state)
{
	const struct txn_field *field;
	struct txn txn;

	(void)state;
	connected(&txn);
	mail_said(&txn, &nobody_submits, slice_of("<a@example.com>"), slice_of(""));
	txn_header(&txn, slice_of("Received"), slice_of(" by somebody"));
	txn_header(&txn, slice_of("FROM"), slice_of(" a@example.com"));
	txn_header(&txn, slice_of("Subject"), slice_of(" hello\n\tworld"));
	txn_header(&txn, slice_of("From"), slice_of(" b@example.com"));
	assert_int_equal(txn.from_room.n, 2);
	assert_int_equal(txn.fields_room.n, 1);
	field = txn_field_next(&txn, NULL, "from");
	assert_true(slice_eq(field->value, slice_of(" a@example.com")));
	field = txn_field_next(&txn, field, "from");
	assert_true(slice_eq(field->value, slice_of(" b@example.com")));
	assert_null(txn_field_next(&txn, field, "from"));
	assert_null(txn_field_next(&txn, NULL, "received"));
	/* others do not crowd From out */
	for (int i = 0; i < TXN_FIELDS_MAX; i++)
		txn_header(&txn, slice_of("Subject"), slice_of(" again"));
	assert_int_equal(txn.fields_room.n, TXN_FIELDS_MAX);
	assert_false(txn.from_over);
	for (int i = 0; i < TXN_FIELDS_MAX; i++)
		txn_header(&txn, slice_of("From"), slice_of(" c@example.com"));
	assert_int_equal(txn.from_room.n, TXN_FIELDS_MAX);
	assert_true(txn.from_over);
	txn_end(&txn);
	assert_null(txn.fields);
	assert_false(txn.from_over);
	txn_fini(&txn);
}

/* What was found stays for the record, and so does the last answer that was no acceptance. */
static void
test_found(void **state)
{
	struct findings f = {.n = 0};
	struct verdict verdict;
	struct finding *score;
	struct txn txn;

	(void)state;
	connected(&txn);
	mail_said(&txn, &nobody_submits, slice_of("<a@example.com>"), slice_of(""));
	score = findings_add(&f, FINDING_SCORE, "rdns", "no_ptr");
	score->weight = 8;
	score->words = "no reverse DNS name";
	score = findings_add(&f, FINDING_BLOCK, "score", "block");
	score->xcode = "5.7.25";
	memcpy(score->text, "No", 3);
	verdict = decide(&f);
	txn_rcpt(&txn, slice_of("<b@example.org>"));
	txn_answered(&txn, &f, &verdict);
	assert_int_equal(txn.found->n, 2);
	assert_string_equal(txn.found->v[0].text, "no reverse DNS name");
	assert_string_equal(txn.found->v[1].text, "No");
	assert_int_equal(txn.score, 8);
	assert_string_equal(txn.reply, "554 5.7.25 No");
	/* what is said of one who is exempt is not what was found */
	f.n = 0;
	(void)findings_add(&f, FINDING_NOTE, "inbound", "role");
	verdict = decide(&f);
	txn_rcpt(&txn, slice_of("<postmaster@example.org>"));
	txn.exempt = "role";
	txn_answered(&txn, &f, &verdict);
	assert_int_equal(txn.found->n, 2);
	assert_int_equal(txn.nexempt, 1);
	assert_string_equal(txn.last->exempt, "role");
	txn_fini(&txn);
}

static void
test_end(void **state)
{
	struct txn txn;

	(void)state;
	connected(&txn);
	mail_said(&txn, &nobody_submits, slice_of("<a@example.com>"), slice_of("user"));
	txn_set_queue_id(&txn, slice_of("4Xabc"));
	answered(&txn, "<b@example.org>", (struct finding){.kind = FINDING_DEFER, .wait_s = 9});
	txn_error_note(&txn, "grey");
	txn_error_note(&txn, "spf");
	txn_error_note(&txn, "grey");
	assert_string_equal(txn.on_error, "grey,spf");
	txn_end(&txn);
	assert_int_equal(txn.transaction.used_bytes, 0);
	assert_false(txn.open);
	assert_int_equal(txn.login.n + txn.queue_id.n + txn.sender.text.n + txn.rcpt.text.n, 0);
	assert_null(txn.rcpts);
	assert_null(txn.last);
	assert_int_equal(txn.nrcpts_kept + txn.nrcpts + txn.naccepted, 0);
	assert_int_equal(txn.wait_s, 0);
	assert_string_equal(txn.on_error, "");
	txn_fini(&txn);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_connection_stays),
	    cmocka_unit_test(test_helo_again),
	    cmocka_unit_test(test_helo_is_cut),
	    cmocka_unit_test(test_mail),
	    cmocka_unit_test(test_rcpts),
	    cmocka_unit_test(test_shadow),
	    cmocka_unit_test(test_reason),
	    cmocka_unit_test(test_rcpts_bound),
	    cmocka_unit_test(test_message_answered),
	    cmocka_unit_test(test_queue_id),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_found),
	    cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests_name("txn", tests, NULL, NULL);
}
