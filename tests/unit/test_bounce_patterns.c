/*
 * test_bounce_patterns.c - lib/policy/bounce_patterns.txt: what servers say, and what it means.
 */
#include "bounce_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Whether a recipient is given up is the letter: 'X', or '-'. */
static const struct {
	const char *text, *status;
	unsigned reply;
	enum bounce_class class;
	char gives_up;
} rows[] = {
    /* recipients that are not */
    {"550 5.1.1 <ann@example.com>: Recipient address rejected: User unknown in local recipient "
     "table",
	"5.1.1", 550, BOUNCE_RECIPIENT, 'X'},
    {"550-5.1.1 The email account that you tried to reach does not exist. Please try", "5.1.1", 550,
	BOUNCE_RECIPIENT, 'X'},
    {"550 Requested action not taken: mailbox unavailable", "", 550, BOUNCE_RECIPIENT, 'X'},
    {"550 5.7.1 No mailbox found", "5.7.1", 550, BOUNCE_RECIPIENT, 'X'},
    {"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", "5.1.10", 550,
	BOUNCE_RECIPIENT, 'X'},
    {"550 5.4.1 Recipient address rejected: Access denied.", "5.4.1", 550, BOUNCE_RECIPIENT, 'X'},
    {"sorry, no mailbox here by that name. (#5.1.1)", "5.1.1", 0, BOUNCE_RECIPIENT, 'X'},
    {"This user doesn't have a example.com account (ann@example.com) [-5]", "", 0, BOUNCE_RECIPIENT,
	'X'},
    {"550 5.1.6 recipient no longer on server", "5.1.6", 550, BOUNCE_RECIPIENT, 'X'},
    {"Empf\303\244nger unbekannt", "", 550, BOUNCE_RECIPIENT, 'X'},
    {"Adresse d au moins un destinataire invalide", "", 550, BOUNCE_RECIPIENT, 'X'},
    {"El usuario no existe", "", 550, BOUNCE_RECIPIENT, 'X'},
    {"utente sconosciuto", "", 550, BOUNCE_RECIPIENT, 'X'},
    {"Host or domain name not found. Name service error for name=x.example type=A: Host not found",
	"5.4.4", 0, BOUNCE_RECIPIENT, 'X'},
    {"The domain x.example doesn't receive email: returned Null MX", "5.1.10", 556,
	BOUNCE_RECIPIENT, 'X'},
    {"", "5.1.1", 0, BOUNCE_RECIPIENT, 'X'},
    {"", "5.1.2", 0, BOUNCE_RECIPIENT, 'X'},
    /* mailboxes that are closed may open again */
    {"550 5.2.1 The email account that you tried to reach is disabled", "5.2.1", 550,
	BOUNCE_RECIPIENT, '-'},
    {"This account has been disabled or discontinued", "", 554, BOUNCE_RECIPIENT, '-'},
    {"", "5.2.1", 550, BOUNCE_RECIPIENT, '-'},
    /* no room */
    {"552 5.2.2 The email account that you tried to reach is over quota", "5.2.2", 552,
	BOUNCE_MAILBOX_FULL, '-'},
    {"550 5.1.1 mailbox is full", "5.1.1", 550, BOUNCE_MAILBOX_FULL, '-'},
    {"Das Postfach des Empf\344ngers ist voll", "", 550, BOUNCE_MAILBOX_FULL, '-'},
    {"La bo\303\256te du destinataire est pleine", "", 550, BOUNCE_MAILBOX_FULL, '-'},
    {"", "4.2.2", 452, BOUNCE_MAILBOX_FULL, '-'},
    /* who sends: nobody may be given up for that, whatever the code */
    {"550 5.1.1 blocked using zen.spamhaus.org", "5.1.1", 550, BOUNCE_REPUTATION, '-'},
    {"554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.example", "5.7.1",
	554, BOUNCE_REPUTATION, '-'},
    {"550 5.1.1 User unknown; your IP address is listed", "5.1.1", 550, BOUNCE_REPUTATION, '-'},
    {"550-5.2.1 The user you are trying to contact is receiving mail at a rate", "5.2.1", 550,
	BOUNCE_REPUTATION, '-'},
    {"421 Too many connections", "4.7.0", 421, BOUNCE_REPUTATION, '-'},
    {"550 5.1.1 Sender address rejected: Domain not found", "5.1.1", 550, BOUNCE_POLICY, '-'},
    {"553 5.1.8 <a@b.example>... Domain of sender address a@b.example does not exist", "5.1.8", 553,
	BOUNCE_POLICY, '-'},
    {"550 5.7.1 Email rejected per DMARC policy for x.example", "5.7.1", 550, BOUNCE_POLICY, '-'},
    {"550 5.7.1 Fix reverse DNS for 192.0.2.1", "5.7.1", 550, BOUNCE_POLICY, '-'},
    {"450 4.2.0 <ann@example.com>: Recipient address rejected: Greylisted", "4.2.0", 450,
	BOUNCE_POLICY, '-'},
    {"554 5.7.1 <ann@example.com>: Relay access denied", "5.7.1", 554, BOUNCE_CONFIGURATION, '-'},
    /* what is sent */
    {"550 5.1.1 message rejected as spam", "5.1.1", 550, BOUNCE_CONTENT, '-'},
    {"552 5.3.4 Message size exceeds fixed limit", "5.3.4", 552, BOUNCE_CONTENT, '-'},
    {"554 5.6.0 contains a virus", "5.6.0", 554, BOUNCE_CONTENT, '-'},
    /* the way */
    {"connect to mx.example.com[192.0.2.1]:25: Connection timed out", "4.4.1", 0,
	BOUNCE_INFRASTRUCTURE, '-'},
    {"retry timeout exceeded", "", 0, BOUNCE_INFRASTRUCTURE, '-'},
    {"mail for x.example loops back to myself", "5.4.6", 0, BOUNCE_INFRASTRUCTURE, '-'},
    {"550 5.3.0 Internal system error", "5.3.0", 550, BOUNCE_INFRASTRUCTURE, '-'},
    {"503 5.5.1 Bad sequence of commands", "5.5.1", 503, BOUNCE_CONFIGURATION, '-'},
    /* codes that say little */
    {"550 5.7.1 go away", "5.7.1", 550, BOUNCE_POLICY, '-'},
    {"550 go away", "", 550, BOUNCE_UNKNOWN, '-'},
    {"", "5.0.0", 550, BOUNCE_UNKNOWN, '-'},
    /* words in addresses and hosts mean nothing */
    {"550 <user.unknown@spam.example> from mx.virus-scan.example", "", 550, BOUNCE_UNKNOWN, '-'},
};

static void
test_patterns(void **state)
{
	struct bounce_table table;
	struct arena a;
	struct err err;
	size_t wrong = 0;

	(void)state;
	if (bounce_fixture_load(&a, &table, &err) != 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct bounce_facts facts = {.text = slice_of(rows[i].text),
		    .status = slice_of(rows[i].status),
		    .reply = rows[i].reply,
		    .permanent = true};
		struct bounce_verdict verdict;

		bounce_classify(&table, &facts, &verdict);
		if (verdict.class != rows[i].class ||
		    bounce_gives_up(&verdict) != (rows[i].gives_up == 'X')) {
			print_error("\"%s\" %s: got %s %.*s, line %u\n", rows[i].text,
			    rows[i].status, bounce_class_name(verdict.class),
			    SLICE_ARG(verdict.category), verdict.line);
			wrong++;
		}
		facts.permanent = false;
		bounce_classify(&table, &facts, &verdict);
		assert_false(bounce_gives_up(&verdict));
	}
	arena_fini(&a);
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
