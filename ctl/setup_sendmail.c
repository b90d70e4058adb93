/*
 * setup_sendmail.c - `gatepostctl setup sendmail`: see setup.h.
 *
 * Sendmail asks a milter about what comes by SMTP, and about nothing else. So its own bounces, which
 * go to the return path of the message, are sent round: by SMTP to itself. What has come by SMTP, and
 * gatepostd passed on, goes to a mailbox.
 */
#include "io/host_name.h"
#include "settings.h"
#include "setup.h"

#define LINE_BYTES 400

static void
mc_print(struct setup *s, const char *value, const char *why)
{
	setup_item(
	    s, &(struct setup_item){SETUP_MC, "sendmail.mc", value, why, SETUP_UNKNOWN, {NULL, 0}});
}

static void
filter_print(struct setup *s)
{
	const struct daemon_conf *daemon = settings_of(s->conf, &daemon_section);
	char line[1400];

	setup_part(s, "every message by gatepost");
	(void)snprintf(line, sizeof(line),
	    "INPUT_MAIL_FILTER(`gatepost', `S=%s, F=T, T=C:30s;S:30s;R:%llds;E:5m')dnl",
	    daemon->listen, (long long)setup_command_timeout(s->conf));
	mc_print(s, line,
	    "F=T: while gatepostd is away, mail is put off; leave it out, and it passes unseen. R: "
	    "longer than dns.timeout and redis.timeout together. First of the filters, so that it "
	    "sees messages as they were sent; last, when it signs and another filter writes. "
	    "gatepostd asks for the macros that it needs: no confMILTER_MACROS lines.");
}

/* A line for each domain. */
static void
domains_print(struct setup *s, const struct sender_domain *domains, size_t n, const char *format[2])
{
	char line[LINE_BYTES];

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(
		    line, sizeof(line), "%s%s%s", format[0], domains[i].domain, format[1]);
		mc_print(s, line, NULL);
	}
}

/* In front of the address: how the message came ($r), and from whom ($f). A bounce of Sendmail's own
 * is addressed while that which it is about is at hand, whose sender is the return path; tried again
 * later, it is one that did not come at all. */
static const char *const rules[] = {
    "LOCAL_RULE_0",
    "R$* <@ $={GatepostReturns} . > $*\t$: $&r $| $&f $| $1 <@ $2 . > $3",
    "R$* $| $* @ $={GatepostReturns} $* $| $*\t$: $| $| $5",
    "R$| $* $| $* <@ $={GatepostReturns} . > $*\t$#gatepost $@ [127.0.0.1] $: $2 <@ $3 . > $4",
    "R$* $| $* $| $* <@ $={GatepostReturns} . > $*\t$#local $: postmaster",
    "divert(0)dnl",
};

/* What no macro of Sendmail's makes: the way round, and the mailbox. */
static void
rules_print(struct setup *s, const struct sender_domain *domains, size_t n)
{
	mc_print(s, "MAILER_DEFINITIONS",
	    "Sendmail asks filters only about what comes by SMTP. So it sends its own bounces to "
	    "itself, at port 25. What has come by SMTP, and is passed on, goes to a mailbox: write "
	    "yours instead of postmaster. Between the two halves of a rule is a tab.");
	mc_print(s,
	    "Mgatepost, P=[IPC], F=mDFMuXak8, S=EnvFromSMTP/HdrFromSMTP, R=EnvToSMTP, E=\\r\\n, "
	    "L=990, T=DNS/RFC822/SMTP, A=TCP $h 25",
	    NULL);
	mc_print(s, "LOCAL_CONFIG", NULL);
	domains_print(s, domains, n, (const char *[]){"C{GatepostReturns}", ""});
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		mc_print(s, rules[i], NULL);
}

static bool
passes_on(const struct account *account)
{
	return account->bounces != BOUNCES_DISCARD && account->bounces_to[0] == '\0' &&
	       sender_has_verp(account);
}

static void
bounces_print(struct setup *s)
{
	char storage[512];
	struct buf names = BUF_OVER(storage);
	size_t n;
	const struct sender_domain *domains = setup_domains(s, &n);

	if (n == 0)
		return;
	setup_part(s, "what comes back");
	setup_comment(s, "%s",
	    setup_reads_returns(s->conf)
		? "gatepostd reads what comes to these domains: Sendmail has to take it."
		: "gatepostd does not read what comes to these domains (returns.enabled = no); "
		  "Sendmail has to take it all the same.");
	domains_print(s, domains, n, (const char *[]){"LOCAL_DOMAIN(`", "')dnl"});
	rules_print(s, domains, n);
	if (setup_names(s, passes_on, &names) > 0)
		setup_comment(s,
		    "Accounts that pass bounces on, to that mailbox; bounces_to gives them one of "
		    "their own: %s.",
		    buf_text(&names));
	setup_optouts(s, domains, n);
}

static void
limits_say(struct setup *s)
{
	char storage[512];
	struct buf names = BUF_OVER(storage);

	setup_part(s, "what Sendmail cannot");
	setup_comment(
	    s, "Choose the way out by the sender: lanes give the bounce domain, and nothing else.");
	setup_comment(s,
	    "Leave addresses as they were signed: it makes \"a@x.example,b@y.example\" in To and "
	    "Cc \"a@x.example, b@y.example\" afterwards, and DKIM fails. Have programs write a "
	    "blank behind the comma.");
	setup_comment(s,
	    "Give each recipient of a message a return path of its own (XVERP): with recipients = "
	    "expand all of them have the same one, as with message. Set recipients = one for a "
	    "return path each; clients must then send one recipient at a time.");
	if (setup_names(s, sender_expands, &names) > 0)
		setup_comment(s, "Accounts with recipients = expand: %s.", buf_text(&names));
}

int
setup_sendmail_command(struct ctl *ctl)
{
	char host[HOST_NAME_BYTES];
	struct setup s;
	int code = setup_begin(&s, ctl);

	if (code != CTL_OK)
		return code;
	s.shell = false;
	setup_comment(&s,
	    "For sendmail.mc, before the MAILER lines; then make sendmail.cf of it, and restart "
	    "Sendmail. `gatepostctl check` says whether it works.");
	setup_senders_open(&s);
	filter_print(&s);
	if (s.has_senders && s.senders.book->n > 0) {
		bounces_print(&s);
		limits_say(&s);
		setup_dns(&s, host_name_whole(host) == 0 ? host : SETUP_HOST_UNKNOWN);
	}
	return setup_end(&s);
}
