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

/* What is said beside a code of a recipient that is not (5.1.x). */
static const struct {
	const char *text;
	bool gives_up;
} said_rows[] = {
    /* who sends, or trouble of who answers, in the words of a recipient that is not */
    {"550 5.1.0 MAIL FROM not acceptable", false},
    {"550 5.1.0 We do not take mail from you", false},
    {"550 5.1.0 Message from your network refused", false},
    {"550 5.1.1 Mail from 203.0.113.4 refused", false},
    {"550 5.1.1 Mail not wanted from this source", false},
    {"550 5.1.2 bad sender's system address", false},
    {"550 5.1.1 system busy", false},
    {"550 5.1.1 internal LDAP lookup error", false},
    {"550 5.1.1 user lookup failed, database error", false},
    {"550 5.1.1 unknown client", false},
    {"550 5.1.1 unknown helo", false},
    {"550 5.1.1 user unknown (rate control)", false},
    {"550 5.1.1 anti-harvesting: user unknown", false},
    {"550 5.1.4 ambiguous", false},
    {"550 5.1.3 bad destination mailbox address syntax", false},
    {"550 5.1.0 Address rejected", false},
    {"550 5.1.1 Recipient unknown, directory server did not answer", false},
    {"550 5.1.1 User unknown: could not reach the directory", false},
    {"550 5.1.1 Unable to verify recipient at this time", false},
    {"550 5.1.1 recipient verification could not be completed", false},
    {"550 5.1.1 User unknown; try again in an hour", false},
    {"550 5.1.1 Mailbox not found, the backend store is offline", false},
    {"550 5.1.1 No such user (SQL error)", false},
    {"550 5.1.1 cannot look up user: connection to Active Directory lost", false},
    {"550 5.1.1 the recipient could not be found because our directory is being rebuilt", false},
    {"550 5.1.1 We do not know you", false},
    {"550 5.1.1 We do not want your newsletters", false},
    {"550 5.1.1 Go away", false},
    {"550 5.1.1 Your server is unknown to us", false},
    {"550 5.1.1 your organisation is not listed in our partner directory", false},
    {"550 5.1.1 Sender is unknown here", false},
    {"550 5.1.1 The sending domain does not exist", false},
    {"550 5.1.1 originator address not found", false},
    {"550 5.1.1 The user does not wish to hear from this sender", false},
    {"550 5.1.1 Recipient no longer accepts mail from strangers", false},
    {"550 5.1.1 User unknown. Too many of them from your address range", false},
    {"550 5.1.1 dictionary attack suspected, no such user", false},
    {"550 5.1.1 No such user, tarpit", false},
    {"550 5.1.1 connecting host not registered here", false},
    {"550 5.1.1 Non-existent reverse record of the connecting address", false},
    {"550 5.1.1 mail loop: user not found after 20 hops", false},
    {"550 5.1.1 User unknown in table hash:/etc/aliases: database is locked", false},
    {"550 5.1.1 Connections from your country are not served", false},
    {"550 5.1.1 Your message lacks a Message-ID", false},
    {"550 5.1.1 Account of the sender is not known", false},
    {"550 5.1.2 Domain of the originator does not exist", false},
    {"550 5.1.2 host name lookup did not complete", false},
    {"550 5.1.2 We do not relay for that domain, sending host unknown", false},
    {"550 5.1.10 Recipient not found; hybrid connector misconfigured", false},
    {"550 5.1.6 mailbox is being moved to another server, try later", false},
    {"550 5.1.1 User's mailbox has moved to a new store, retry after migration", false},
    {"550 5.1.1 user unknown (greylisted)", false},
    {"550 5.1.1 sender unknown", false},
    {"550 5.1.1 Access for this host was never registered", false},
    {"550 5.1.1 No such domain: your HELO argument is invalid", false},
    {"550 5.1.1 User unknown - lookup server is unreachable, please resend", false},
    {"550 5.1.1 User database unavailable, user not found", false},
    {"550 5.1.1 Recipient lookup timed out", false},
    {"550 5.1.1 NIS map not available; user unknown", false},
    {"550 5.1.1 no such user; YP server not responding", false},
    {"550 5.1.1 user unknown (disk I/O error)", false},
    {"550 5.1.1 user unknown: Permission denied reading /etc/aliases", false},
    {"550 5.1.1 can't open alias file, user unknown", false},
    {"550 5.1.1 mailbox not found: quota service failure", false},
    {"550 5.1.1 Unknown user, address lookup crashed", false},
    {"550 5.1.1 Relaying is for our customers; unknown user", false},
    {"550 5.1.1 authentication needed before RCPT, unknown user", false},
    {"550 5.1.1 Unknown sender, user does not exist", false},
    {"550 5.1.1 Return address does not exist", false},
    {"550 5.1.1 Reply address is invalid", false},
    {"550 5.1.1 The address in your From line does not exist", false},
    {"550 5.1.1 The domain you send from does not exist", false},
    {"550 5.1.1 your domain name was not found", false},
    {"550 5.1.1 Invalid address in MAIL FROM", false},
    {"550 5.1.1 remote host is unknown", false},
    {"550 5.1.1 your PTR does not exist", false},
    {"550 5.1.1 IP not listed in our whitelist", false},
    {"550 5.1.1 We do not know this IP", false},
    {"550 5.1.1 403 unknown network", false},
    {"550 5.1.1 User unknown because you exceeded the allowance of invalid recipients", false},
    {"550 5.1.1 bounce verification: tag does not exist", false},
    {"550 5.1.1 BATV signature is invalid, address does not exist", false},
    {"550 5.1.1 recipient has not subscribed to your list", false},
    {"550 5.1.1 Recipient does not exist for you", false},
    {"550 5.1.1 User not found in the allowed correspondents of ann", false},
    {"550 5.1.2 Unknown connecting host 203.0.113.4", false},
    {"550 5.1.2 unresolvable hostname, DNS server failed", false},
    {"550 5.1.1 DNS error: domain not found at this time", false},
    {"550 5.1.1 recipient domain's DNS is broken: no such host", false},
    {"550 5.1.10 sender not found", false},
    {"550 5.1.1 License exceeded, user not found", false},
    {"550 5.1.1 user store in read-only mode, no such mailbox", false},
    {"550 5.1.1 Das Verzeichnis ist nicht erreichbar, Benutzer unbekannt", false},
    {"550 5.1.1 annuaire indisponible, utilisateur inconnu", false},
    {"550 5.1.1 Absender unbekannt", false},
    {"550 5.1.1 suspicious pattern; recipient not found", false},
    {"550 5.1.1 user unknown, code 75 tempfail", false},
    {"550 5.1.1 Unknown recipient [assertion failed in rcpt.c]", false},
    {"550 5.1.1 unknown error while finding user", false},
    {"550 5.1.1 User unknown: daemon restarted during lookup", false},
    {"550 5.1.1 unknown user (virus scanner down)", false},
    {"550 5.1.1 recipient unknown, callahead was refused", false},
    {"550 5.1.1 Unknown recipient: replication lag between data centres", false},
    {"550 5.1.1 Your reverse name is unknown, user not found", false},
    {"550 5.1.1 no such user for unauthenticated peers", false},
    {"550 5.1.1 mailbox not found; cluster node restarting", false},
    {"550 5.1.1 This host is not known here", false},
    {"550 5.1.1 Address in envelope from is invalid", false},
    {"550 5.1.1 user unknown, disk is full", false},
    {"550 5.1.1 user unknown due to a bug in our software", false},
    {"550 5.1.1 user not found: token expired while asking the user service", false},
    {"550 5.1.1 the sending party does not exist", false},
    {"550 5.1.1 writer of this letter is unknown", false},
    {"550 5.1.1 No such user; we are having trouble today", false},
    {"550 5.1.1 no such user because of an outage", false},
    {"550 5.1.1 user unknown (API returned 503)", false},
    {"550 5.1.1 user unknown: socket closed", false},
    {"550 5.1.1 SMTP banner mismatch: host unknown", false},
    {"550 5.1.1 user unknown; slow down", false},
    {"550 5.1.1 not known: your certificate", false},
    {"550 5.1.2 Domain not found: resolver is failing", false},
    {"550 5.1.1 mailbox does not exist (failover in progress)", false},
    {"550 5.1.1 user unknown - index damaged", false},
    {"550 5.1.1 We have no business with you; no such user", false},
    {"550 5.1.1 Mail servers in this block do not exist for us", false},
    /* recipients that are not, in many words */
    {"550 5.1.1 No user by that name lives here", true},
    {"550 5.1.1 Sorry, I couldn't find any mailbox by that name", true},
    {"550 5.1.1 Mail to this person cannot be delivered as no such account exists with our company",
	true},
    {"550 5.1.1 The account you have written to has been deleted; please remove it from your lists",
	true},
    {"550 5.1.1 invalid mailbox path", true},
    {"550 5.1.1 The recipient has no mailbox on our servers any longer: unknown recipient", true},
    {"550 5.1.1 Unknown address error 550-'5.1.1 user unknown'", true},
    {"550 5.1.1 User unknown", true},
    {"550 5.1.1 <ann@far.example>: Recipient address rejected: User unknown in virtual mailbox "
     "table",
	true},
    {"550-5.1.1 The email account that you tried to reach does not exist. Please try "
     "double-checking the recipient's email address for typos or unnecessary spaces. For more "
     "information, go to https://support.mail.example/?p=NoSuchUser",
	true},
    {"550 5.1.1 Sorry, nobody of that name has a mailbox on this machine", true},
    {"550 5.1.1 There is no one here by the name of ann", true},
    {"550 5.1.1 We have no mailbox by that name, please check the spelling of the address", true},
    {"550 5.1.1 The person to whom you are writing no longer works at this company, and the "
     "mailbox was removed",
	true},
    {"550 5.1.1 The address you wrote to is not one of ours", true},
    {"550 5.1.1 Invalid recipient: the mailbox you are trying to send to does not exist at this "
     "domain",
	true},
    {"550 5.1.1 ann@far.example is not a valid mailbox of this organisation", true},
    {"550 5.1.1 This employee has left the company. Please write to info@far.example instead",
	true},
    {"550 5.1.1 Your message could not be delivered because there is no such user in our directory",
	true},
    {"550 5.1.1 No such user here. Returned to sender.", true},
    {"550 5.1.1 The recipient's address was not found in our records; please ask the person for "
     "the right one",
	true},
    {"550 5.1.1 This mailbox was deleted by its owner and does not exist any more", true},
    {"550 5.1.1 The email address you entered couldn't be found. Please check the recipient's "
     "email address and try to resend the message",
	true},
    {"550 5.1.1 This student's mailbox was removed when she left the university", true},
    {"550 5.1.1 That address has never existed here", true},
    {"550 5.1.1 Delivery failed: the mailbox does not exist; it is of no use to send it again",
	true},
    {"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ann@far.example not found by SMTP "
     "address lookup",
	true},
    {"550 5.1.2 The domain far.example does not exist, so there is nowhere to deliver it to", true},
    {"550 5.1.2 Host unknown (Name server: far.example: host not found)", true},
    {"550 5.1.6 The recipient has moved and left no new address", true},
    {"550 5.1.0 Address rejected: no such mailbox", true},
    {"550 5.1.1 Unknown user; mail for this address has been refused since the account was deleted",
	true},
    {"550 5.1.1 The mail system has no account for the address that you gave", true},
    {"550 5.1.1", true},
    {"550 5.1.2", true},
    {"550 5.1.1 No account named ann exists on this system", true},
    {"550 5.1.1 Ann left us years ago, her mailbox is gone and nobody reads it: no such recipient",
	true},
    {"550 5.1.1 We looked, but the user you named does not exist on any of our servers", true},
    {"550 5.1.1 unknown or illegal alias: ann@far.example", true},
    {"550 5.1.1 This is a permanent error. The following address failed: no such mailbox here",
	true},
    {"550 5.1.1 El usuario indicado no existe en este servidor", true},
    {"550 5.1.1 Le destinataire de ce message est inconnu de nos services", true},
    {"550 5.1.1 Der angegebene Empfaenger existiert nicht: unbekannter Empf\303\244nger", true},
    {"550 5.1.1 Addressee unknown. Check that you typed the name of the person correctly", true},
    {"550 5.1.1 The local part of that address is not known here, so nobody will get your letter",
	true},
    {"550 5.1.1 Mailbox does not exist. If you believe this is an error, call the person by "
     "telephone",
	true},
    {"550 5.1.1 The user you are trying to reach has no mailbox in this domain", true},
    {"550 5.1.1 Requested action not taken: mailbox unavailable or not local", true},
    {"550 5.1.1 There is no such address; the domain is right, the name before the @ is not", true},
};

/* The enhanced code in it. */
static struct slice
code_in(const char *text)
{
	const char *code = strstr(text, "5.1.");

	return slice_make(code, strspn(code, "0123456789."));
}

static void
test_said(void **state)
{
	struct bounce_table table;
	struct arena a;
	struct err err;
	size_t wrong = 0;

	(void)state;
	if (bounce_fixture_load(&a, &table, &err) != 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < COUNT(said_rows); i++) {
		struct bounce_facts facts = {.text = slice_of(said_rows[i].text),
		    .status = code_in(said_rows[i].text),
		    .reply = 550,
		    .permanent = true};
		struct bounce_verdict verdict;

		bounce_classify(&table, &facts, &verdict);
		if (bounce_gives_up(&verdict) == said_rows[i].gives_up)
			continue;
		print_error("\"%s\": got %s %.*s, line %u\n", said_rows[i].text,
		    bounce_class_name(verdict.class), SLICE_ARG(verdict.category), verdict.line);
		wrong++;
	}
	arena_fini(&a);
	assert_int_equal(wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_patterns),
	    cmocka_unit_test(test_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
