/*
 * args.c - see args.h.
 */
#include "args.h"

#include "base/nearest.h"
#include "settings.h"

const struct arg_row arg_rows[ARG_COUNT] = {
    [ARG_CONF] = {"config", 'c', "FILE", "the configuration (default " SETTINGS_FILE ")"},
    [ARG_JSON] = {"json", 0, NULL, "print JSON: an array of objects"},
    [ARG_COLOR] = {"color", 0, "WHEN", "auto, always or never; NO_COLOR is honoured"},
    [ARG_HELP] = {"help", 'h', NULL, "print help, also for one command, and exit"},
    [ARG_VERSION] = {"version", 'V', NULL, "print the version and exit"},
    [ARG_IDENTITY] = {"identity", 0, "TEXT", "a network, domain or .domain, or a client's address"},
    [ARG_SENDER] = {"sender", 0, "TEXT", "the address in MAIL FROM; <> is the null sender"},
    [ARG_RCPT] = {"rcpt", 0, "TEXT", "the address in RCPT TO"},
    [ARG_STATE] = {"state", 0, "STATE", "only those that are waiting, or only the passed"},
    [ARG_LIMIT] = {"limit", 0, "N", "so many at most; 0: all, in no order"},
    [ARG_KNOWN] = {"known", 0, NULL, "known identities instead of tuples"},
    [ARG_YES] = {"yes", 0, NULL, "do it, also to more than one, or to very many"},
    [ARG_REMOVE] = {"remove", 0, NULL, "take the entry off the list"},
    [ARG_HOURS] = {"hours", 0, "N", "the last N hours, this one included"},
    [ARG_DAY] = {"day", 0, "DAY", "one day, YYYY-MM-DD (UTC), or today, yesterday"},
    [ARG_TOTAL] = {"total", 0, NULL, "only the sum, in one line"},
    [ARG_DIFF] = {"diff", 0, NULL, "only what differs (setup: from what Postfix has)"},
    [ARG_VERBOSE] = {"verbose", 'v', NULL, "with the help and the limits of each option"},
    [ARG_EXAMPLE] = {"example", 0, NULL, "print a commented milter.conf with all the defaults"},
    [ARG_POSTFIX] = {"postfix", 0, "DIR", "Postfix's configuration, when it is not the usual one"},
    [ARG_SENDMAIL] = {"sendmail", 0, "FILE", "Sendmail's (default /etc/mail/sendmail.cf)"},
    [ARG_RESOLVER] = {"resolver", 's', "WHOM", "whom to ask, instead of dns.resolver"},
    [ARG_LAST] = {"last", 0, "N", "so many records at most, the newest first (default 5)"},
    [ARG_IP] = {"ip", 0, "IP", "the client's address"},
    [ARG_HELO] = {"helo", 0, "NAME", "what the client says in HELO"},
    [ARG_FROM] = {"from", 0, "ADDR", "the address in MAIL FROM; <> is the null sender"},
    [ARG_LOGIN] = {"login", 0, "NAME", "as if the client had logged in by that name"},
    [ARG_MESSAGE] = {"message", 0, "FILE", "the message, with its header; looked at to its end"},
    [ARG_ACCOUNT] = {"account", 0, "NAME", "only this account"},
    [ARG_SINCE] = {"since", 0, "TIME", "from then on: 2026-11-21, 2026-11-21T14:30, -2h, today"},
    [ARG_UNTIL] = {"until", 0, "TIME", "up to then; as --since"},
    [ARG_TYPE] = {"type", 0, "TYPE", "of a key: rsa, ed25519; of events: sent, refused, ..."},
    [ARG_MSG] = {"msg", 0, "ID", "one message, all that is known of it"},
    [ARG_BITS] = {"bits", 0, "N", "of an RSA key: 1024 to 4096 (default 2048)"},
    [ARG_AT] = {"at", 0, "TIME", "when the new key takes over: now, +3d, or 2026-12-01T00:00:00Z"},
    [ARG_CANCEL] = {"cancel", 0, NULL, "take the rotation back"},
    [ARG_CHECK] = {"check", 0, NULL, "ask DNS, too"},
    [ARG_KEEP] = {"keep", 0, "N", "so many previous keys stay good (default 2)"},
    [ARG_HEADER] = {"header", 0, "NAME", "as if X-Gatepost-Account named that account"},
    [ARG_MATCH] = {"match", 0, "KEY", "a key whose mail is the account's; several times"},
    [ARG_UNMATCH] = {"unmatch", 0, "KEY", "a key whose mail is not the account's any more"},
    [ARG_SKIP_WRONG] = {"skip-wrong", 0, NULL, "leave out what is wrong"},
    [ARG_DRY_RUN] = {"dry-run", 0, NULL, "only say what would be done"},
    [ARG_ALL] = {"all", 0, NULL, "all accounts"},
    [ARG_BY] = {"by", 0, "WHAT", "a row for each day, tag, link or domain"},
    [ARG_CSV] = {"csv", 0, NULL, "print CSV, with a header line"},
    [ARG_NOTE] = {"note", 0, "TEXT", "how it is known, for those who ask"},
    [ARG_SUPPRESSION] = {"suppression", 0, NULL,
	"also what that address refused: mail, to be followed"},
    [ARG_REASON] = {"reason", 0, "REASON", "bounced, complained, unsubscribed or manual"},
    [ARG_DOMAIN] = {"domain", 0, "DOMAIN", "only addresses in it; .DOMAIN: also below it"},
    [ARG_RAW] = {"raw", 0, NULL, "the whole message as it would leave, and nothing else"},
};

/* What is left to read of argv. */
struct reader {
	char **next;
	char **end;
	struct args *args;
};

static int
unknown(struct slice name, struct err *err)
{
	const char *nearest = NULL;
	unsigned lowest = NEAREST_FAR;

	for (size_t i = 0; i < ARG_COUNT; i++) {
		unsigned cost = nearest_cost(name, slice_of(arg_rows[i].name));

		if (cost < lowest) {
			lowest = cost;
			nearest = arg_rows[i].name;
		}
	}
	if (nearest == NULL)
		return err_set(err, ERR_INVALID, "there is no option --%.*s", SLICE_ARG(name));
	return err_set(err, ERR_INVALID, "there is no option --%.*s; did you mean --%s?",
	    SLICE_ARG(name), nearest);
}

/* Where all values of an option are kept that may be given several times, or NULL. */
static struct arg_list *
list_of(struct args *args, size_t i)
{
	switch (i) {
	case ARG_FROM:
		return &args->froms;
	case ARG_MATCH:
		return &args->matches;
	case ARG_UNMATCH:
		return &args->unmatches;
	default:
		return NULL;
	}
}

static int
list_take(struct args *args, size_t i, const char *value, struct err *err)
{
	struct arg_list *list = list_of(args, i);

	if (list == NULL)
		return 0;
	if (list->n == ARGS_RCPTS_MAX)
		return err_set(
		    err, ERR_INVALID, "more than %d --%s", ARGS_RCPTS_MAX, arg_rows[i].name);
	list->v[list->n++] = value;
	return 0;
}

/* Takes the option, whose value is the next word unless `value` has it. */
static int
option_take(struct reader *r, size_t i, const char *value, struct err *err)
{
	const struct arg_row *row = &arg_rows[i];

	if (row->value == NULL && value != NULL)
		return err_set(err, ERR_INVALID, "--%s takes no value", row->name);
	if (row->value != NULL && value == NULL) {
		if (r->next == r->end)
			return err_set(err, ERR_INVALID, "--%s wants a value: --%s %s", row->name,
			    row->name, row->value);
		value = *r->next++;
	}
	r->args->value[i] = value == NULL ? "" : value;
	if (i == ARG_RCPT && r->args->nrcpts == ARGS_RCPTS_MAX)
		return err_set(err, ERR_INVALID, "more than %d --rcpt", ARGS_RCPTS_MAX);
	if (i == ARG_RCPT)
		r->args->rcpts[r->args->nrcpts++] = value;
	return list_take(r->args, i, value, err);
}

/* "--name", "--name=value" */
static int
long_take(struct reader *r, const char *text, struct err *err)
{
	struct slice all = slice_of(text);
	struct slice name = slice_head(all, slice_find(all, '='));

	for (size_t i = 0; i < ARG_COUNT; i++) {
		if (slice_eq(name, slice_of(arg_rows[i].name)))
			return option_take(r, i, name.n < all.n ? text + name.n + 1 : NULL, err);
	}
	return unknown(slice_head(name, 60), err);
}

/* "-c FILE", "-cFILE", "-vh" */
static int
letters_take(struct reader *r, const char *letters, struct err *err)
{
	for (; *letters != '\0'; letters++) {
		size_t i = 0;

		while (i < ARG_COUNT && arg_rows[i].letter != *letters)
			i++;
		if (i == ARG_COUNT)
			return err_set(err, ERR_INVALID, "there is no option -%c", *letters);
		if (arg_rows[i].value != NULL)
			return option_take(r, i, letters[1] == '\0' ? NULL : letters + 1, err);
		r->args->value[i] = "";
	}
	return 0;
}

int
args_parse(struct args *args_r, int argc, char **argv, struct err *err)
{
	struct reader r = {argv + (argc > 0), argv + argc, args_r};
	bool only_words = false;

	*args_r = (struct args){.words = argv};
	while (r.next < r.end) {
		char *word = *r.next++;
		int status = 0;

		if (only_words || word[0] != '-' || word[1] == '\0')
			args_r->words[args_r->n++] = word;
		else if (strcmp(word, "--") == 0)
			only_words = true;
		else if (word[1] == '-')
			status = long_take(&r, word + 2, err);
		else
			status = letters_take(&r, word + 1, err);
		if (status != 0)
			return -1;
	}
	return 0;
}

int
args_number(const struct args *args, enum arg arg, int64_t max, int64_t *number_r, struct err *err)
{
	const char *text = args->value[arg];
	int64_t number = 0;

	if (text == NULL)
		return 0;
	for (const char *c = text; number <= max && *c != '\0'; c++)
		number = ascii_is_digit(*c) ? number * 10 + (*c - '0') : max + 1;
	if (text[0] == '\0' || number > max)
		return err_set(err, ERR_INVALID, "--%s %s: write a number from 0 to %lld",
		    arg_rows[arg].name, text, (long long)max);
	*number_r = number;
	return 0;
}
