/*
 * main.c - gatepostctl: what operators type. The table of commands is also the help.
 */
#include "ctl.h"

#include "io/store_admin.h"
#include "settings.h"

#include <locale.h>
#include <signal.h>

#define SELECTORS                                                                                  \
	(ARG_BIT(ARG_IDENTITY) | ARG_BIT(ARG_SENDER) | ARG_BIT(ARG_RCPT) | ARG_BIT(ARG_STATE))

#define SELECTORS_HELP                                                                             \
	"--identity, --sender and --rcpt are looked for anywhere in the text; with * or ? in it\n" \
	"they must match all of it, as in a shell: --sender '*@example.com'.\n"

#define LISTED_HELP                                                                                \
	"What stands in Redis and cannot be understood is not in force. Columns in a pipe: "       \
	"kind,\n"                                                                                  \
	"entry, in_force, origin.\n"

const struct command commands[] = {
    {"check", "", "is everything in place? configuration, Redis, DNS, socket, MTA",
	"Each line says ok, warning or fault, what, and what to do. A warning does not change the\n"
	"exit code; a fault makes it 1, a configuration that cannot be read, 78. As root it sees\n"
	"more.\n",
	ARG_BIT(ARG_POSTFIX) | ARG_BIT(ARG_SENDMAIL), 0, 0, check_command},
    {"config", "", "the options in force, and what differs from the defaults",
	"In a pipe: SECTION.OPTION = VALUE. Passwords are never shown.\n",
	ARG_BIT(ARG_DIFF) | ARG_BIT(ARG_VERBOSE) | ARG_BIT(ARG_EXAMPLE), 0, 0, config_command},
    {"grey list", "", "the tuples: who is waiting, who passed; the newest first",
	SELECTORS_HELP
	"A terminal is shown the newest 50; a pipe gets all, in no order, unless --limit says\n"
	"otherwise. Columns in a pipe: state, identity, sender, recipient, tries, first, last,\n"
	"passed, passes_from (a retry passes), forgotten.\n",
	SELECTORS | ARG_BIT(ARG_LIMIT), 0, 0, grey_list_command},
    {"grey show", "ADDRESS | IDENTITY SENDER RCPT", "one tuple, or all with that address, in words",
	"ADDRESS: a mail address, as sender or recipient, or the address of a client, or a\n"
	"network. The null sender is <>.\n",
	0, 1, 3, grey_show_command},
    {"grey known", "", "the identities that are known, or on their way to it",
	SELECTORS_HELP "Columns in a pipe: state, passes, last_counted, last, forgotten,\n"
		       "identity.\n",
	ARG_BIT(ARG_IDENTITY) | ARG_BIT(ARG_LIMIT), 0, 0, grey_known_command},
    {"grey forget", "[ADDRESS | IDENTITY SENDER RCPT]", "make tuples start anew",
	SELECTORS_HELP "More than one tuple is forgotten with --yes only.\n"
		       "An identity that is known is put off no more, whatever its tuples:\n"
		       "--known forgets that.\n",
	SELECTORS | ARG_BIT(ARG_KNOWN) | ARG_BIT(ARG_YES), 0, 3, grey_forget_command},
    {"grey allow", "NETWORK|SENDER", "never put off these clients, or this sender or domain",
	"Kept in Redis, for all hosts; in force within seconds (redis.lists_refresh). NETWORK:\n"
	"192.0.2.0/24, 2001:db8::/32, or one address. SENDER: user@example.com, example.com,\n"
	".example.com (all below it), user@. Anybody can write a sender: prefer networks.\n"
	"A network of more than /8 (IPv6: /16) wants --yes.\n",
	ARG_BIT(ARG_REMOVE) | ARG_BIT(ARG_YES), 1, 1, grey_allow_command},
    {"grey allowed", "", "what is allowed, in milter.conf and in Redis", LISTED_HELP, 0, 0, 0,
	grey_allowed_command},
    {"grey optout", "RCPT|DOMAIN", "never put off mail to this recipient or domain",
	"As `grey allow`, for user@example.com, example.com, .example.com, user@.\n",
	ARG_BIT(ARG_REMOVE), 1, 1, grey_optout_command},
    {"grey optouts", "", "who is opted out, in milter.conf and in Redis", LISTED_HELP, 0, 0, 0,
	grey_optouts_command},
    {"allow", "NETWORK", "judge no mail of these clients: no check at all",
	"For relays of your own, a backup MX, monitoring. Kept in Redis, for all hosts; in force\n"
	"within seconds (redis.lists_refresh), for connections that begin then. NETWORK:\n"
	"192.0.2.0/24, 2001:db8::/32, or one address; a sender has `grey allow` only. A network\n"
	"of more than /8 (IPv6: /16) wants --yes.\n",
	ARG_BIT(ARG_REMOVE) | ARG_BIT(ARG_YES), 1, 1, allow_command},
    {"allowed", "", "whose mail no check judges, in milter.conf and in Redis", LISTED_HELP, 0, 0, 0,
	allowed_command},
    {"optout", "RCPT|DOMAIN", "judge no mail to this recipient or domain: no check at all",
	"As `allow`, for user@example.com, example.com, .example.com, user@. Mail to postmaster\n"
	"and abuse is never judged.\n",
	ARG_BIT(ARG_REMOVE), 1, 1, optout_command},
    {"optouts", "", "to whom no check judges mail, in milter.conf and in Redis", LISTED_HELP, 0, 0,
	0, optouts_command},
    {"dnsbl off", "ZONE", "ask this DNS list no more, on all hosts, at once",
	"Kept in Redis until `dnsbl on`, over restarts. ZONE: its name as `dnsbl` tells it.\n", 0,
	1, 1, dnsbl_off_command},
    {"dnsbl on", "ZONE", "take `dnsbl off` back", NULL, 0, 1, 1, dnsbl_on_command},
    {"dnsbl known", "", "the presets for dnsbl.lists and dnsbl.domain_lists, with their terms",
	"Columns in a pipe: preset, for (which option), zone, rules, lists (what), terms, dead (a\n"
	"zone that must not be asked any more, and since when).\n",
	0, 0, 0, dnsbl_known_command},
    {"dnsbl", "", "the DNS lists in force: which can be believed, and what they decided",
	"States: ok; suspended; off, by `dnsbl off`; untested; unknown, since no gatepostd tells.\n"
	"Only ok is asked; a suspended zone comes back by itself. Reasons: error (an answer that\n"
	"lists nobody), dead (its test entry is not listed), lies (it lists what cannot be),\n"
	"silent, breaker (it alone lists too many), operator. Columns in a pipe: zone, state,\n"
	"reason, since, asked, listed, decided (without it the answer had been another), errors,\n"
	"timeouts, ms (to answer, on average), error and error_at (the last), host and seen (who\n"
	"wrote the state, and when).\n",
	0, 0, 0, dnsbl_list_command},
    {"spf", "IP MAILFROM HELO", "may this client send mail for that sender? with the reasons",
	"MAILFROM: an address, or <> for the null sender, for which HELO is checked. The first\n"
	"line is the result: none, neutral, pass, fail, softfail, temperror, permerror. Then, a\n"
	"line each, what there is of: identity, domain, mechanism (the one that matched), record\n"
	"(where it is published), problem, explanation (in the words of the domain), open,\n"
	"lookups, voids (lookups that found nothing).\n",
	ARG_BIT(ARG_RESOLVER), 3, 3, spf_command},
    {"explain", "CODE | QUEUE-ID | IP | RECIPIENT", "why was a mail refused, put off or let in?",
	"From the decision records that gatepostd keeps. CODE stands in the reply that the client\n"
	"was given. Also: a network, a sender, @DOMAIN for all senders and recipients in it, <> "
	"for\n"
	"the null sender. The newest five, unless --last says otherwise.\n"
	"In a pipe: a line for each field, with its name in front; rcpt, finding, limit and "
	"change\n"
	"may come several times; an empty line between records.\n",
	ARG_BIT(ARG_LAST), 1, 1, explain_command},
    {"test", "--ip IP --rcpt ADDR ...",
	"what would be answered? runs all checks on a mail that nobody sends",
	"--rcpt may be given several times, --ip once. DNS is asked as configured.\n"
	"Redis is not: greylisting answers as to a first try, what was allowed there is not "
	"known,\n"
	"nothing is written. Without --message, what is decided at its end is left out; with it, "
	"a\n"
	"mail that is put off is tried again, as if the client had come back in time.\n"
	"In a pipe: as explain, then a line for each edit: edit, insert|change|delete, index,\n"
	"name, value; the second try behind an empty line, with a line `retry SECONDS` in front.\n",
	ARG_BIT(ARG_IP) | ARG_BIT(ARG_HELO) | ARG_BIT(ARG_FROM) | ARG_BIT(ARG_RCPT) |
	    ARG_BIT(ARG_LOGIN) | ARG_BIT(ARG_MESSAGE),
	0, 0, test_command},
    {"stats checks", "", "what the checks judged and refused, or would have, hour by hour",
	"Recipients each time they are answered: judged; exempt, whom no check judges; refused;\n"
	"split, told to come in a transaction of their own. Messages at their end, with a judged\n"
	"recipient: messages, messages_refused, marked (and let in), held, discarded. What "
	"refused\n"
	"either: refused_rdns and so on. Shadow mode kept from being refused, held or discarded:\n"
	"would_rdns and so on. No answer, so that on_error decided: errors_rdns and so on.\n"
	"On a terminal, columns in which nothing happened are left out.\n"
	"Columns in a pipe: hour, judged, exempt, refused, messages, messages_refused, split,\n"
	"refused_rdns, refused_dnsbl, refused_spf, refused_dmarc, refused_score, refused_forged,\n"
	"would_rdns, would_dnsbl, would_spf, would_dmarc, would_score, marked, held, discarded,\n"
	"errors_rdns, errors_spf, errors_dkim, errors_dmarc.\n",
	ARG_BIT(ARG_HOURS) | ARG_BIT(ARG_DAY) | ARG_BIT(ARG_TOTAL), 0, 0, stats_checks_command},
    {"stats", "", "what greylisting did, hour by hour (UTC); today, unless told otherwise",
	"\"never back\" counts first tries whose sender did not come back in time; it is known\n"
	"when the pass window of that hour is over, and is - until then; the total counts the\n"
	"hours in which it is known. Median: of the delays of those that came back.\n"
	"On a terminal, columns in which nothing happened are left out. Dark in the bar: new.\n"
	"Columns in a pipe: hour, asked, new, early, passed, never_back, repeat, known, met,\n"
	"learned, exempt, would_defer, errors, dropped, median.\n",
	ARG_BIT(ARG_HOURS) | ARG_BIT(ARG_DAY) | ARG_BIT(ARG_TOTAL), 0, 0, stats_command},
    {"help", "[COMMAND]", "all of this, or all about one command", NULL, 0, 0, 2, help_command},
    {.name = NULL},
};

/* The options given must be among those that the command takes. */
static int
options_check(const struct ctl *ctl, const struct command *command)
{
	const struct command *longer;

	for (unsigned i = 0; i < ARG_COUNT; i++) {
		if (ctl->args.value[i] == NULL || (ARG_BIT(i) & (ARG_GLOBAL | command->takes)) != 0)
			continue;
		return ctl_fail(EX_USAGE,
		    "%s takes no --%s; `gatepostctl help %s` says what it takes", command->name,
		    arg_rows[i].name, command->name);
	}
	if (ctl->operands < command->min)
		return ctl_fail(
		    EX_USAGE, "usage: gatepostctl %s %s", command->name, command->operands);
	if (ctl->operands <= command->max)
		return CTL_OK;
	longer = command_longer(command, ctl->operand[0]);
	if (longer != NULL)
		return ctl_fail(EX_USAGE, "%s: unexpected argument: %s; did you mean \"%s\"?",
		    command->name, ctl->operand[0], longer->name);
	return ctl_fail(EX_USAGE,
	    "%s: unexpected argument: %s; `gatepostctl help %s` says what it takes", command->name,
	    ctl->operand[command->max], command->name);
}

static int
run(struct ctl *ctl)
{
	const struct command *command;
	int code;

	if (ctl->args.value[ARG_VERSION] != NULL) {
		out_print(&ctl->out, OUT_NORMAL, "gatepostctl %s\n", PACKAGE_VERSION);
		return CTL_OK;
	}
	if (ctl->args.n == 0 && ctl->args.value[ARG_HELP] != NULL) {
		help_all(ctl);
		return CTL_OK;
	}
	if (ctl->args.n == 0) {
		help_usage();
		return EX_USAGE;
	}
	command = command_find(ctl, ctl->args.words, ctl->args.n);
	if (command == NULL)
		return EX_USAGE;
	if (ctl->args.value[ARG_HELP] != NULL) {
		ctl->operand = ctl->args.words;
		ctl->operands = ctl->args.n - ctl->operands;
		return help_command(ctl);
	}
	code = options_check(ctl, command);
	return code != CTL_OK ? code : command->run(ctl);
}

int
main(int argc, char **argv)
{
	struct ctl ctl = {.conf_path = NULL};
	struct err err;
	int code;

	(void)setlocale(LC_CTYPE, ""); /* can the terminal show more than ASCII? */
	(void)signal(SIGPIPE, SIG_IGN);
	if (args_parse(&ctl.args, argc, argv, &err) != 0)
		return ctl_fail(EX_USAGE, "%s", err.text);
	if (out_init(
		&ctl.out, stdout, ctl.args.value[ARG_JSON] != NULL, ctl.args.value[ARG_COLOR]) != 0)
		return ctl_fail(EX_USAGE, "--color wants auto, always or never");
	ctl.conf_path = ctl.args.value[ARG_CONF] != NULL ? ctl.args.value[ARG_CONF] : SETTINGS_FILE;
	code = run(&ctl);
	store_admin_free(ctl.admin);
	conf_free(ctl.conf);
	if (fflush(stdout) != 0 || out_is_dead(&ctl.out))
		return code == CTL_OK ? EX_IOERR : code;
	return code;
}
