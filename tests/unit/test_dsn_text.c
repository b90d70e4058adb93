/*
 * test_dsn_text.c - lib/policy/dsn_text, dsn_forms, dsn_split, dsn_signs, dsn_named, dsn_html: what
 * came back in free text.
 */
#include "bounce_fixture.h"

#include "policy/dsn.h"
#include "policy/dsn_forms.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct bounce_table table;
static struct arena rules;

/* Every row of the tables of forms has an example in which it is found. */
static void
test_forms(void **state)
{
	(void)state;
	for (unsigned f = 0; f < DSN_FORM_TABLES; f++)
		for (const struct dsn_form *row = dsn_forms[f]; row->phrase != NULL; row++) {
			char storage[400];
			struct buf words = BUF_OVER(storage);

			bounce_words(&words, slice_of(row->example));
			if (!bounce_phrase_in(buf_slice(&words), slice_of(row->phrase)))
				fail_msg("\"%s\" is not in \"%s\"", row->phrase, row->example);
			assert_true(dsn_form_in((enum dsn_forms)f, buf_slice(&words)));
		}
}

#define DAEMON  "From: MAILER-DAEMON@mx.example.net\nTo: me@example.org\n"
#define FAILURE DAEMON "Subject: failure notice\n\n"

static const struct {
	const char *name, *text, *want;
} rows[] = {
    {"qmail",
	FAILURE "Hi. This is the qmail-send program at mx.example.net.\n"
		"I'm afraid I wasn't able to deliver your message to the following addresses.\n"
		"This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
		"<ann@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
		"<bob@example.com>:\n192.0.2.1 does not like recipient.\n"
		"Remote host said: 552 over quota\nGiving up on 192.0.2.1.\n\n"
		"--- Below this line is a copy of the message.\n\n"
		"Return-Path: <me@example.org>\nTo: <carl@example.com>\n",
	"failure\nann@example.com failed perm 5.1.1 userunknown X\n"
	"bob@example.com failed perm  mailboxfull"},
    {"Exim",
	DAEMON "Subject: Mail delivery failed: returning message to sender\n"
	       "X-Failed-Recipients: ann@example.com\n\n"
	       "A message that you sent could not be delivered to one or more of its\n"
	       "recipients. This is a permanent error. The following address(es) failed:\n\n"
	       "  ann@example.com\n"
	       "    SMTP error from remote mail server after RCPT TO:<ann@example.com>:\n"
	       "    host mx.example.com [192.0.2.1]: 550 5.1.1 <ann@example.com>:\n"
	       "    unknown user\n\n"
	       "------ This is a copy of the message, including all the headers. ------\n",
	"failure\nann@example.com failed perm 5.1.1 userunknown X"},
    {"Exim names others than its header",
	DAEMON "Subject: Mail delivery failed\nX-Failed-Recipients: x@example.com\n\n"
	       "The following address(es) failed:\n\n  ann@example.com\n    550 user unknown\n",
	"failure\nann@example.com failed perm  userunknown X"},
    {"Exim waits",
	DAEMON "Subject: Warning: message 1a-2b-3c delayed 24 hours\n\n"
	       "A message that you sent has not yet been delivered to one or more of its\n"
	       "recipients after more than 24 hours on the queue.\n\n"
	       "The address to which the message has not yet been delivered is:\n\n"
	       "  ann@example.com\n    Delay reason: Connection timed out\n",
	"delay\nann@example.com delayed temp  expired"},
    {"Postfix, before it knew reports",
	DAEMON "Subject: Undelivered Mail Returned to Sender\n\n"
	       "I'm sorry to have to inform you that the message returned\n"
	       "below could not be delivered to one or more destinations.\n\n"
	       "For further assistance, please contact <postmaster@example.net>\n\n"
	       "<ann@example.com>: host mx.example.com[192.0.2.1] said: 550\n"
	       "    <me@example.org>: Sender address rejected: not wanted\n",
	"failure\nann@example.com failed perm  rejected"},
    {"Sendmail, its transcript only",
	DAEMON "Subject: Returned mail: User unknown\n\n"
	       "   ----- Transcript of session follows -----\n"
	       "While talking to mx.example.com:\n>>> MAIL From:<me@example.org>\n"
	       ">>> RCPT To:<ann@example.com>\n<<< 550 No such user here.\n"
	       "550 <ann@example.com>... User unknown\n"
	       "554 <bob@example.com>... 550 Host unknown\n\n"
	       "   ----- Unsent message follows -----\nTo: carl@example.com\n",
	"failure\nann@example.com failed perm  userunknown X\n"
	"bob@example.com failed perm  hostunknown X"},
    {"Exchange",
	"From: System Administrator <postmaster@example.com>\nTo: me@example.org\n"
	"Subject: Undeliverable: Hello\n\nYour message\n\n  To:      carl@example.com\n"
	"  Subject: Hello\n\ndid not reach the following recipient(s):\n\n"
	"ann@example.com on Thu, 5 Nov 2026 16:51:51 -0500\n"
	"    The recipient name is not recognized\n",
	"failure\nann@example.com failed perm  userunknown X"},
    {"Exchange in HTML",
	"From: postmaster@example.com\nTo: me@example.org\nSubject: Undeliverable: Hello\n"
	"Content-Type: text/html\n\n<html><style>p { color: red }</style><p>Delivery has failed to "
	"these recipients:</p><p><a href=\"mailto:ann@example.com\">ann@example.com</a><br>\n"
	"The email address you entered couldn&#39;t be found.</p><!-- x@y.example --></html>\n",
	"failure\nann@example.com failed perm  userunknown X"},
    {"a line in prose",
	DAEMON "Subject: Mail delivery failed\n\n"
	       "There was an error delivering your mail to <ann@example.com>.\n\n"
	       "mx.example.com did not like our RCPT TO:\n550 5.1.1 user unknown\n\n"
	       "Message headers follow.\n\nTo: <ann@example.com>\n",
	"failure\nann@example.com failed perm 5.1.1 userunknown X"},
    {"a label",
	"From: Postmaster <postmaster@example.com>\nTo: me@example.org\nSubject: Undeliverable "
	"Mail\n"
	"\nUser mailbox exceeds allowed size: ann@example.com\n\nOriginal message follows.\n",
	"failure\nann@example.com failed perm  mailboxfull"},
    {"local parts alone",
	"From: MAILER-DAEMON@provider.example\nTo: me@example.org\nSubject: Mail Delivery "
	"Problem\n\n"
	"Your mail to the following recipients could not be delivered because\n"
	"they are not accepting mail from you:\n\tann\n",
	"failure\nann@provider.example failed perm  rejected"},
    {"the recipient stands in the copy only",
	DAEMON "Return-Path: <>\nSubject: Undeliverable Message\n\n"
	       "Message could not be delivered to mobile.\nError: No valid recipients\n\n"
	       "Original Message:\nFrom: me@example.org\nTo: 5550100@mobile.example\n",
	"failure\n5550100@mobile.example failed perm  userunknown X"},
    {"the recipient stands in our address only",
	"From: MAILER-DAEMON@mx.example.net\nTo: b-x+ann=example.com@b.example.org\n"
	"Subject: Undeliverable mail\n\nYour message could not be delivered.\n",
	"failure\nann@example.com failed perm  unknown"},
    {"nobody can tell", FAILURE "Your message could not be delivered.\n",
	"failure\n failed perm  unknown"},
    {"base64",
	DAEMON "Subject: failure notice\nContent-Transfer-Encoding: base64\n\n"
	       "PGFubkBleGFtcGxlLmNvbT46CnVzZXIgdW5rbm93bgo=\n",
	"failure\nann@example.com failed perm  userunknown X"},
    {"Latin 1",
	"From: postmaster@example.de\nTo: me@example.org\nSubject: Unzustellbar: Hallo\n\n"
	"Ihre Nachricht konnte nicht zugestellt werden:\n\n"
	"ann@example.de\nEmpf\344nger unbekannt\n",
	"failure\nann@example.de failed perm  userunknown X"},
    {"French",
	"From: postmaster@example.fr\nTo: me@example.org\n"
	"Subject: =?UTF-8?Q?=C3=89chec_de_la_remise?=\n\n"
	"Votre message n'a pas pu \303\252tre remis :\n\nann@example.fr\nBo\303\256te pleine\n",
	"failure\nann@example.fr failed perm  mailboxfull"},
    {"delivered",
	DAEMON
	"Subject: Successful Mail Delivery Report\n\n"
	"Your message was successfully delivered to the destination(s)\n\n<ann@example.com>\n",
	"success\nann@example.com delivered temp  "},
    /* what is none */
    {"vacation",
	"From: ann@example.com\nTo: me@example.org\nSubject: Out of office: Hello\n"
	"Return-Path: <>\nAuto-Submitted: auto-replied\n\nI am away. Mail bob@example.com.\n",
	"auto-reply\nann@example.com  temp  auto-reply"},
    {"vacation, in another language, by its subject",
	"From: ann@example.de\nSubject: Abwesenheitsnotiz: Hallo\n\nIch bin nicht da.\n",
	"auto-reply\nann@example.de  temp  auto-reply"},
    {"challenge",
	"From: ann@example.com\nSubject: Re: Hello\nReturn-Path: <>\n\n"
	"Please confirm your message by a reply, to prove that you are a person.\n",
	"challenge\nann@example.com  temp  challenge"},
    {"a letter", "From: ann@example.com\nTo: me@example.org\nSubject: Hello\n\nHow are you?\n",
	"none"},
    {"a letter about a bounce",
	"From: ann@example.com\nTo: me@example.org\nSubject: Re: Undeliverable: Hello\n\n"
	"Your mail could not be delivered to me? I have it: ann@example.com\n",
	"none"},
    {"a bounce passed on by hand",
	"From: ann@example.com\nTo: me@example.org\nSubject: Fwd: failure notice\n\n"
	"What is this?\n\n> <bob@example.com>:\n> Sorry, no mailbox here by that name.\n",
	"none"},
    {"a parcel",
	"From: Parcels <info@parcels.example>\nTo: me@example.org\nSubject: Delivery failed\n\n"
	"Dear me@example.org,\nyour parcel could not be delivered.\n",
	"none"},
    {"an answer of somebody whose name is a daemon's",
	"Return-Path: <ann@far.example>\nFrom: Ann Bounce <ann@far.example>\n"
	"To: b-1@example.org\nSubject: Re: hello\n\nuser unknown?\n550 5.1.1\n",
	"none"},
    {"the same, and nobody noted his return path",
	"From: Ann Bounce <ann@far.example>\nTo: b-1@example.org\nSubject: Re: hello\n\n"
	"user unknown?\n550 5.1.1\n",
	"none"},
    {"the postmaster writes himself",
	"Return-Path: <postmaster@small.example>\nFrom: Postmaster <postmaster@small.example>\n"
	"To: b-1@example.org\nSubject: Hello\n\nUser unknown? 550 5.1.1\n\nbob@small.example\n",
	"none"},
    {"the postmaster quotes a report",
	"Return-Path: <postmaster@small.example>\nFrom: Postmaster <postmaster@small.example>\n"
	"To: b-1@example.org\nSubject: Look at this\n\n"
	"Final-Recipient: rfc822; bob@small.example\nAction: failed\nStatus: 5.1.1\n",
	"none"},
    {"a person's letter about it",
	"Return-Path: <ann@far.example>\nFrom: Ann <ann@far.example>\nTo: b-1@example.org\n"
	"Subject: Mail delivery problem\n\nYour message could not be delivered:\n\n"
	"bob@far.example\n550 5.1.1 user unknown\n",
	"none"},
    {"the postmaster's program, which has a return path",
	"Return-Path: <postmaster@small.example>\nFrom: Postmaster <postmaster@small.example>\n"
	"To: b-1@example.org\nSubject: Undeliverable mail\n\nYour message could not be "
	"delivered:\n\n"
	"bob@small.example\n550 5.1.1 user unknown\n",
	"failure\nbob@small.example failed perm 5.1.1 userunknown X"},
    {"a newsletter of postmasters",
	"From: Postmaster News <news@example.com>\nTo: me@example.org\nSubject: Issue 7\n\n"
	"What a user unknown means.\n",
	"none"},
};

static void
test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[2000];
		struct buf got = BUF_OVER(storage);
		struct message message;
		struct arena a;
		struct dsn dsn;

		arena_init(&a, 65536, 1024 * 1024);
		assert_int_equal(message_parse(&a, slice_of(rows[i].text), &message), 0);
		assert_int_equal(dsn_read(&a, &table, &message, dsn_path_noted(&message), &dsn), 0);
		buf_add_text(&got, dsn_kind_name(dsn.kind));
		for (size_t k = 0; dsn.kind != DSN_NONE && k < dsn.n; k++) {
			const struct dsn_recipient *r = &dsn.v[k];

			buf_add_format(&got, "\n%.*s %s %s %.*s %.*s%s", SLICE_ARG(r->address),
			    dsn_action_name(r->action), r->verdict.permanent ? "perm" : "temp",
			    SLICE_ARG(r->status), SLICE_ARG(r->verdict.category),
			    bounce_gives_up(&r->verdict) ? " X" : "");
		}
		if (!slice_eq(buf_slice(&got), slice_of(rows[i].want)))
			fail_msg("%s: got \"%s\", want \"%s\"", rows[i].name, buf_text(&got),
			    rows[i].want);
		arena_fini(&a);
	}
}

/* The envelope counts, not what the message says of it. */
static void
test_path(void **state)
{
	static const struct {
		const char *name, *top;
		enum dsn_path path;
		enum dsn_kind want;
	} cases[] = {
	    {"null, and no Return-Path", "", DSN_PATH_NULL, DSN_FAILURE},
	    {"named, and no Return-Path", "", DSN_PATH_NAMED, DSN_NONE},
	    {"unknown", "", DSN_PATH_UNKNOWN, DSN_NONE},
	    {"a Return-Path that was forged", "Return-Path: <>\n", DSN_PATH_NAMED, DSN_NONE},
	    {"a Return-Path of before", "Return-Path: <ann@far.example>\n", DSN_PATH_NULL,
		DSN_FAILURE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char storage[1000];
		struct buf text = BUF_OVER(storage);
		struct message message;
		struct arena a;
		struct dsn dsn;

		buf_add_format(&text,
		    "%sFrom: root@far.example\nTo: b-1@example.org\nSubject: hello\n\n"
		    "Your message could not be delivered:\n\nbob@far.example\n"
		    "550 5.1.1 user unknown\n",
		    cases[i].top);
		arena_init(&a, 65536, 1024 * 1024);
		assert_int_equal(message_parse(&a, buf_slice(&text), &message), 0);
		assert_int_equal(dsn_read(&a, &table, &message, cases[i].path, &dsn), 0);
		if (dsn.kind != cases[i].want)
			fail_msg("%s: got %s", cases[i].name, dsn_kind_name(dsn.kind));
		arena_fini(&a);
	}
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
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
