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

#define ACCOUNT_WORDS                                                                              \
	"OPTION=VALUE sets an option (those of the section `account`, see milter.conf), OPTION= "  \
	"goes\n"                                                                                   \
	"back to the default, OPTION='\"\"' sets it to nothing; OPTION+=VALUE and OPTION-=VALUE "  \
	"are\n"                                                                                    \
	"for lists. KEY: ip:NETWORK, login:NAME, from:ADDRESS or from:@DOMAIN. Of several "        \
	"accounts\n"                                                                               \
	"at one key the first has its mail. webhook_secret=- reads it from standard input.\n"

#define LISTS (ARG_BIT(ARG_ACCOUNT) | ARG_BIT(ARG_ALL))

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
    {"preview", "--account NAME MESSAGE", "what would leave, if that account sent this message?",
	"Runs what the daemon would do with it: return path, header fields, links and pixel,\n"
	"signatures; and shows what of it differs. MESSAGE is a file. --from: MAIL FROM, else the\n"
	"first address of the From field; --rcpt may be given several times. Nothing is sent or\n"
	"kept; limits and suppressions are not asked for. --raw: the message itself, in CRLF.\n"
	"The exit code is 1 when it would be refused.\n"
	"In a pipe: lines from, sender, parameters, did, skipped; edit (as `test`); part, index,\n"
	"type, what tracking said, pixels, links, encoding before, after; kept, part, reason, "
	"links\n"
	"that stay; change, part, line, old, new.\n",
	ARG_BIT(ARG_ACCOUNT) | ARG_BIT(ARG_FROM) | ARG_BIT(ARG_RCPT) | ARG_BIT(ARG_LOGIN) |
	    ARG_BIT(ARG_RAW),
	1, 1, preview_command},
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
    {"stats outbound", "", "what mail that leaves was told, and what came back, hour by hour",
	"Recipients each time they are answered: recipients, accepted; suppressed, refused since "
	"they\n"
	"bounced or complained; limited, put off (rate, day, warm-up); refused for another reason. "
	"The\n"
	"last two also count messages at their end. messages: accepted. errors_account, "
	"errors_send: "
	"whose\n"
	"it is, or whether it may be sent, could not be told, so that on_error decided.\n"
	"Bounces, complaints, replies: returned, recorded, each recipient; bounced_hard, "
	"bounced_soft,\n"
	"complained, when they came first; refused_returns, forged, expired, or about nobody;\n"
	"errors_returns, not recorded and to come again. opened, clicked, hits_machine,\n"
	"unsubscribed: what the web server recorded, and what came by mail.\n"
	"Columns in a pipe: hour, recipients, messages, suppressed, limited, refused, "
	"errors_account,\n"
	"errors_send, dropped, returned, bounced_hard, bounced_soft, complained, opened, clicked,\n"
	"hits_machine, unsubscribed, refused_returns, errors_returns.\n",
	ARG_BIT(ARG_HOURS) | ARG_BIT(ARG_DAY) | ARG_BIT(ARG_TOTAL), 0, 0, stats_outbound_command},
    {"stats", "", "what greylisting did, hour by hour (UTC); today, unless told otherwise",
	"\"never back\" counts first tries whose sender did not come back in time; it is known\n"
	"when the pass window of that hour is over, and is - until then; the total counts the\n"
	"hours in which it is known. Median: of the delays of those that came back.\n"
	"On a terminal, columns in which nothing happened are left out. Dark in the bar: new.\n"
	"Columns in a pipe: hour, asked, new, early, passed, never_back, repeat, known, met,\n"
	"learned, exempt, would_defer, errors, dropped, median.\n",
	ARG_BIT(ARG_HOURS) | ARG_BIT(ARG_DAY) | ARG_BIT(ARG_TOTAL), 0, 0, stats_command},
    {"log", "", "what happened to mail that left: sent, refused, bounced, opened; newest last",
	"Of all accounts, unless --account names one; the newest 50 unless --limit says otherwise\n"
	"(0: all, account after account). --rcpt is looked for anywhere in the addresses; with * "
	"or\n"
	"? in it, it must match a whole one. --type: sent, refused, suppressed, deferred, "
	"bounced,\n"
	"complained, delivered, relayed, replied, feedback, returned, opened, clicked, "
	"unsubscribed;\n"
	"several with commas. --msg ID: all about one message, with what became of each "
	"recipient.\n"
	"Times are UTC. On a terminal, class, strength and status of a bounce stand under "
	"\"did\".\n"
	"Columns in a pipe: time, account, type, from (nothing: the null sender), rcpt, id (of "
	"the\n"
	"MTA's queue), msg, subject, did, skipped, reason, to (all of them), nrcpt, host, return\n"
	"(MAIL FROM as it left), tag, msgid, bytes, client, login, by (how the account was "
	"found;\n"
	"what it came back by), class, category, strength, status, mta (who said the reason).\n",
	ARG_BIT(ARG_ACCOUNT) | ARG_BIT(ARG_RCPT) | ARG_BIT(ARG_SINCE) | ARG_BIT(ARG_UNTIL) |
	    ARG_BIT(ARG_TYPE) | ARG_BIT(ARG_MSG) | ARG_BIT(ARG_LIMIT),
	0, 0, log_command},
    {"report", "--all | --account NAME", "what became of mail that left: opened, clicked, bounced",
	"From the events that are kept; of all time, unless --since or --until says otherwise (up "
	"to\n"
	"it). What happened is counted when it happened, in UTC days. Opened and clicked: by "
	"people,\n"
	"each recipient of a message once; _total: every time; _machine: by scanners and proxies;\n"
	"_unknown: who knows. delivered: recipients less those who bounced. Rates are among the\n"
	"recipients, complaint_rate among those delivered. Reaching what large providers publish:\n"
	"complaints_raised 0.1 %, complaints_high 0.3 % (Gmail, Yahoo); bounces_raised 5 %,\n"
	"bounces_high 10 % of hard bounces (Amazon SES); on a terminal ! and !!.\n"
	"Without a recipient (one mail for many) a message counts once. What is only counted\n"
	"(privacy = anonymous) is in the totals alone.\n"
	"--by account: --all, a row for each. --by class: why it bounced or was deferred, in\n"
	"the words of gatepostctl bounce, each among all recipients.\n"
	"--by tag: a message with two is in both rows. --by link: clicks only. --by domain: of "
	"the\n"
	"recipients. (others): rows beyond 20000. More than 16,777,216 different openings and "
	"clicks\n"
	"are too many. A terminal is shown 50 rows, and no empty columns.\n"
	"Columns in a pipe, in CSV and JSON: account, the row's name (with --by), messages,\n"
	"recipients, delivered, opened, opened_total, opened_machine, opened_machine_total,\n"
	"opened_unknown, opened_unknown_total, the six of clicked, unsubscribed, bounced_hard,\n"
	"bounced_soft, deferred, complained, suppressed, refused, open_rate, click_rate,\n"
	"unsubscribe_rate, bounce_rate, hard_bounce_rate, complaint_rate, complaints_raised,\n"
	"complaints_high, bounces_raised, bounces_high.\n",
	ARG_BIT(ARG_ACCOUNT) | ARG_BIT(ARG_ALL) | ARG_BIT(ARG_SINCE) | ARG_BIT(ARG_UNTIL) |
	    ARG_BIT(ARG_BY) | ARG_BIT(ARG_CSV) | ARG_BIT(ARG_LIMIT),
	0, 0, report_command},
    {"consent set", "ADDRESS MODE", "how much may be kept of a recipient's opens and clicks",
	"MODE: identified, pseudonymous, anonymous, off. It only takes away: the stricter of this "
	"and\n"
	"of the account's privacy holds. For all accounts, unless --account names one. In force "
	"within\n"
	"seconds (redis.lists_refresh).\n",
	ARG_BIT(ARG_ACCOUNT) | ARG_BIT(ARG_ALL) | ARG_BIT(ARG_NOTE), 2, 2, consent_set_command},
    {"consent show", "ADDRESS", "what that recipient agreed to, by account",
	"* is for all accounts. Columns in a pipe: account, address, mode, since, note.\n",
	ARG_BIT(ARG_ACCOUNT) | ARG_BIT(ARG_ALL), 1, 1, consent_show_command},
    {"consent remove", "ADDRESS", "take back what that recipient agreed to",
	"For all accounts together (*), unless --account names one.\n",
	ARG_BIT(ARG_ACCOUNT) | ARG_BIT(ARG_ALL), 1, 1, consent_remove_command},
    {"consent list", "", "who agreed to what",
	"Of all accounts, unless --account names one. Columns in a pipe: as `consent show`.\n",
	ARG_BIT(ARG_ACCOUNT) | ARG_BIT(ARG_ALL), 0, 0, consent_list_command},
    {"forget", "ADDRESS", "remove what is kept about a person",
	"Without --yes it only says what there is. Events that name the address lose it, and what "
	"else\n"
	"says who it was; they are still counted. So do messages. Deleted are decision records,\n"
	"correspondents, tuples of the greylist, consents. What he opens of older mail is not "
	"recorded.\n"
	"That nothing is sent to him stays, so that nothing is, unless --suppression is given. "
	"Lists "
	"of\n"
	"milter.conf and of operators, accounts, and the log of the system are not looked at.\n"
	"Events that come meanwhile may be missed: run it again a minute later.\n"
	"Columns in a pipe: kind, account, found, done, what.\n",
	ARG_BIT(ARG_YES) | ARG_BIT(ARG_DRY_RUN) | ARG_BIT(ARG_SUPPRESSION), 1, 1, forget_command},
    {"setup postfix", "", "what Postfix, and DNS, must be told for this configuration",
	"Commands for a shell, with comments: read, fill in, paste. What Postfix has already "
	"stands\n"
	"in a comment, or is left out with --diff.\n",
	ARG_BIT(ARG_POSTFIX) | ARG_BIT(ARG_DIFF), 0, 0, setup_postfix_command},
    {"setup sendmail", "", "what Sendmail, and DNS, must be told for this configuration",
	"Lines for sendmail.mc.\n", 0, 0, 0, setup_sendmail_command},
    {"key new", "DOMAIN SELECTOR", "make a key that signs mail, and print its DNS records",
	"Writes DIR/DOMAIN/SELECTOR.key, where DIR is outbound.keys, for root and the group of\n"
	"milter.user (else that of milter.conf). A key that is there is never overwritten.\n"
	"In a pipe: a line for each of file, type, bits, name, record, zone, policy_name, "
	"policy.\n",
	ARG_BIT(ARG_TYPE) | ARG_BIT(ARG_BITS), 2, 2, key_new_command},
    {"key list", "[DOMAIN [SELECTOR]]", "the keys that sign mail",
	"States: ok; handed-over, another selector signs in its stead; and of files that cannot "
	"be\n"
	"used: missing, unreadable, world-readable, encrypted, too-small, too-large, wrong-type,\n"
	"damaged. The fingerprint is the SHA-256 of the public key. Columns in a pipe: domain,\n"
	"selector, type, bits, modified, state, next (who takes over), next_at, fingerprint; with\n"
	"--check also dns, as `key check` says it.\n",
	ARG_BIT(ARG_CHECK) | ARG_BIT(ARG_RESOLVER), 0, 2, key_list_command},
    {"key show", "DOMAIN SELECTOR", "the DNS records of a key that is there", NULL, 0, 2, 2,
	key_show_command},
    {"key check", "[DOMAIN [SELECTOR]]", "does DNS show the keys that sign mail?",
	"The exit code is 0 only when all is well. States: ok, testing (t=y), no-answer, missing,\n"
	"several, not-dkim, revoked, wrong-kind (k=), different, no-sha256 (h=), no-mail (s=), "
	"narrow\n"
	"(g=); no-sha1: this host does not sign DomainKeys; and those of `key list`. Columns in a\n"
	"pipe: state, domain, selector, what (is wrong, and what to do).\n",
	ARG_BIT(ARG_RESOLVER), 0, 2, key_check_command},
    {"key rotate", "DOMAIN OLD [NEW]", "have a new selector take over from another, at a time",
	"Makes NEW, unless it is there, and prints its records. From the time on, in 48 hours "
	"unless\n"
	"--at says otherwise, accounts that sign with OLD sign with NEW. 7 days later OLD's "
	"record\n"
	"may be removed. With --cancel, and without NEW, OLD goes on. Columns in a pipe: lines "
	"made,\n"
	"at, remove_at, and those of `key show`.\n",
	ARG_BIT(ARG_AT) | ARG_BIT(ARG_TYPE) | ARG_BIT(ARG_BITS) | ARG_BIT(ARG_CANCEL), 2, 3,
	key_rotate_command},
    {"keyring new", "", "make the keyring, whose keys sign links and return paths",
	"Writes outbound.keyring. All hosts of an installation share one.\n", 0, 0, 0,
	keyring_new_command},
    {"keyring rotate", "", "add a key, which signs from then on",
	"Of the previous ones the newest --keep stay good, the others retire: what they signed is\n"
	"refused. Links in mail live as long as the key that signed them.\n",
	ARG_BIT(ARG_KEEP), 0, 0, keyring_rotate_command},
    {"keyring list", "", "the keys of the keyring, never what is in them",
	"Columns in a pipe: key, state (current, previous, retired), created.\n", 0, 0, 0,
	keyring_list_command},
    {"token decode", "TEXT", "what a link, a return path, an ENVID or an id header says",
	"TEXT: a URL, an address, or a token alone. The exit code is 1 when no key of the keyring\n"
	"signed it.\n",
	0, 1, 1, token_decode_command},
    {"bounce", "[RULES] < MESSAGE", "what a message that came back says: about whom, and why",
	"A line for each recipient, cells between tabs: recipient, perm|temp|delivered|autoreply|\n"
	"complaint, status code, category; nothing, and exit code 1, for other mail. RULES: a "
	"file\n"
	"of rules to be tried; they are asked before those that are built in. --json tells all:\n"
	"which rule decided, what the other side said, what the message can be told by.\n",
	0, 0, 1, bounce_command},
    {"complaint", "< MESSAGE", "what a feedback report (ARF) says",
	"A line for each recipient it is about, cells between tabs: feedback type, source IP,\n"
	"original MAIL FROM, original recipient, Message-ID of the mail; nothing, and exit code "
	"1,\n"
	"for other mail.\n",
	0, 0, 0, complaint_command},
    {"account add", "NAME [OPTION=VALUE ...]",
	"make an account: who sends, and what is done with it",
	ACCOUNT_WORDS "Kept in Redis, for all hosts; in force within a second. What is still "
		      "missing for what was\n"
		      "asked is said on stderr. Columns in a pipe: as `account set`.\n",
	ARG_BIT(ARG_MATCH), 1, 1000, account_add_command},
    {"account set", "NAME [OPTION=VALUE ...]", "change an account",
	ACCOUNT_WORDS "All is checked before anything is written. Columns in a pipe: account, "
		      "option (or match),\n"
		      "before, after; - where the default holds, or no key.\n",
	ARG_BIT(ARG_MATCH) | ARG_BIT(ARG_UNMATCH), 1, 1000, account_set_command},
    {"account show", "NAME", "one account: its options and where each comes from, its keys",
	"With what is wrong or missing, and how far its limits are used up. In a pipe, lines:\n"
	"account NAME SOURCE; option NAME VALUE IN_FORCE FROM; match KEY ACCOUNTS SOURCE (several\n"
	"accounts: the first is the one); limit NAME NOW OF; problem OPTION TEXT.\n",
	0, 1, 1, account_show_command},
    {"account list", "", "all accounts, of milter.conf and of Redis",
	"Columns in a pipe: name, lane, tracking, dkim, match (its keys), source, problems (how "
	"many).\n",
	0, 0, 0, account_list_command},
    {"account remove", "NAME", "end an account, and its keys",
	"One with keys wants --yes: mail of theirs then leaves without it. Events, messages and\n"
	"suppressed recipients stay. Columns in a pipe: as `account set`.\n",
	ARG_BIT(ARG_YES), 1, 1, account_remove_command},
    {"account import", "[FILE]", "make or change accounts as a file of JSON says",
	"As `account export` writes it, from standard input without FILE. Each account of the "
	"file\n"
	"becomes what the file says, and nothing else; others stay. Nothing is written when "
	"anything\n"
	"is wrong, unless --skip-wrong leaves out the accounts that are. Columns in a pipe: "
	"account,\n"
	"state (created, changed, same, wrong), options, keys (how many).\n",
	ARG_BIT(ARG_SKIP_WRONG) | ARG_BIT(ARG_DRY_RUN), 0, 1, account_import_command},
    {"account export", "[NAME ...]", "the accounts in Redis as JSON, for account import",
	"{\"accounts\": [{\"name\": NAME, \"options\": {OPTION: VALUE}, \"match\": [KEY]}]}, and, "
	"for keys\n"
	"of several accounts, \"shared\": {KEY: [NAME]}, whose first is the one.\n",
	0, 0, 1000, account_export_command},
    {"account match", "", "whose mail would that be, and why?",
	"As gatepostd finds it, by milter.conf and Redis. --from is an address in From; it may be\n"
	"given several times. The exit code is 1 when it is nobody's. In a pipe, lines: account, "
	"why,\n"
	"the candidates (login, network, from), problem, source, may_write (that From), "
	"not_asked.\n",
	ARG_BIT(ARG_IP) | ARG_BIT(ARG_LOGIN) | ARG_BIT(ARG_FROM) | ARG_BIT(ARG_HEADER), 0, 0,
	account_match_command},
    {"suppress list", "", "to whom accounts send no more, the newest first",
	"--account NAME: its list; --all: the list of all accounts; neither: every list. A "
	"terminal\n"
	"is shown the newest 50, unless --limit says otherwise. --reason: several with commas.\n"
	"--since: the last return. Columns in a pipe: account (* is all), address, reason, "
	"in_force,\n"
	"count, first, last, until (nothing: for good), evidence.\n",
	LISTS | ARG_BIT(ARG_REASON) | ARG_BIT(ARG_SINCE) | ARG_BIT(ARG_DOMAIN) | ARG_BIT(ARG_LIMIT),
	0, 0, suppress_list_command},
    {"suppress show", "ADDRESS", "one recipient on all lists, why, and what else counts",
	"Columns in a pipe: account, reason, in_force, count, first, last, until, evidence, soft\n"
	"(failures that count towards bounce_limit), soft_first, soft_last, steps (how often they\n"
	"suppressed him for a while). The exit code is 1 when there is nothing.\n",
	0, 1, 1, suppress_show_command},
    {"suppress add", "ADDRESS", "send him no more",
	"For good, unless --until says otherwise: +30d, 2026-12-24. The reason is manual, unless\n"
	"--reason says otherwise; --note is kept as evidence. In force at once. Who is suppressed\n"
	"for longer, or for a graver reason, stays so. Columns in a pipe: state (added, changed,\n"
	"stands), account, address, reason, until.\n",
	LISTS | ARG_BIT(ARG_REASON) | ARG_BIT(ARG_UNTIL) | ARG_BIT(ARG_NOTE), 1, 1,
	suppress_add_command},
    {"suppress remove", "ADDRESS", "send to him again",
	"His soft failures of that account are forgotten, too. Columns in a pipe: as `suppress "
	"add`.\n",
	LISTS, 1, 1, suppress_remove_command},
    {"suppress import", "[FILE]", "put the recipients of a CSV file on a list",
	"Its first line names the columns: those of `suppress export`; of SendGrid, Mailgun, "
	"Postmark,\n"
	"Amazon SES, Mandrill or SparkPost; or any with address, email or recipient. --reason, "
	"where\n"
	"the file does not say. From standard input without FILE. Nobody is released by an "
	"import:\n"
	"who is suppressed for longer, or for a graver reason, is kept. Nothing is written when\n"
	"anything is wrong, unless --skip-wrong leaves out the rows that are. Columns in a pipe:\n"
	"format, rows, created, changed, same, kept, wrong, rows_per_second.\n",
	LISTS | ARG_BIT(ARG_REASON) | ARG_BIT(ARG_SKIP_WRONG) | ARG_BIT(ARG_DRY_RUN), 0, 1,
	suppress_import_command},
    {"suppress export", "", "lists as CSV, in no order, for suppress import",
	"account,address,reason,count,first,last,until,evidence; times as 2026-11-02T14:30:00Z,\n"
	"nothing where unknown, or for good. Filters as `suppress list`.\n",
	LISTS | ARG_BIT(ARG_REASON) | ARG_BIT(ARG_SINCE) | ARG_BIT(ARG_DOMAIN), 0, 0,
	suppress_export_command},
    {"webhooks run", "", "send events to the accounts' webhooks, until told to stop",
	"In the foreground; the log goes where log.target says. Any number may run, on any hosts.\n"
	"SIGTERM: what is on its way is finished; SIGHUP: milter.conf is read again.\n",
	0, 0, 0, webhooks_run_command},
    {"webhooks dead", "", "events that could not be delivered, the oldest first",
	"Of all accounts, unless --account names one. Columns in a pipe: account, event, type and\n"
	"msg (nothing: the event is kept no more), tries, since, reason.\n",
	ARG_BIT(ARG_ACCOUNT), 0, 0, webhooks_dead_command},
    {"webhooks retry", "[EVENT ...]", "put events of the dead list back to be sent",
	"All of the account, unless they are named as `webhooks dead` does.\n",
	ARG_BIT(ARG_ACCOUNT) | ARG_BIT(ARG_ALL), 0, 1000, webhooks_retry_command},
    {"webhooks drop", "[EVENT ...]", "take events off the dead list",
	"All of the account, with --yes, unless they are named as `webhooks dead` does.\n",
	ARG_BIT(ARG_ACCOUNT) | ARG_BIT(ARG_ALL) | ARG_BIT(ARG_YES), 0, 1000, webhooks_drop_command},
    {"webhooks test", "ACCOUNT", "send one event of type test, and show the answer",
	"At once, from this host, signed as others are. The exit code is 1 when it is not "
	"delivered.\n"
	"Columns in a pipe: account, state (delivered, failed), status, ms, why, url.\n",
	0, 1, 1, webhooks_test_command},
    {"webhooks secret", "", "make a secret for webhook_secret",
	"gatepostctl webhooks secret >shop.secret\n"
	"gatepostctl account set shop webhook_secret=- <shop.secret\n",
	0, 0, 0, webhooks_secret_command},
    {"webhooks", "", "how the accounts' webhooks are doing",
	"States: ok; failing, the last try was no success; new, no `webhooks run` has looked at "
	"it;\n"
	"none. Columns in a pipe: account, state, unread (events; nothing: this Redis does not "
	"say),\n"
	"waiting (to be tried, or on their way), delivered, failed (tries), dead (in the list), "
	"lost\n"
	"(went from the stream unread), delivered_at, error_at, error (the last), url.\n",
	ARG_BIT(ARG_ACCOUNT), 0, 0, webhooks_command},
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
