/*
 * account_options.c - the options of an account: one row each, and what a row checks alone.
 */
#include "policy/account_parts.h"
#include "policy/webhook.h"

#include <assert.h>

#define DOMAIN_BYTES  253 /* RFC 1035, as text */
#define LABEL_BYTES   63
#define HEADER_BYTES  64
#define ADDRESS_BYTES 254 /* RFC 5321 section 4.5.3.1.3, without the brackets */
#define BRAND_BYTES   200

#define KEYS_MAX   8 /* each signs every message */
#define FROM_MAX   1000
#define MATCH_MAX  1000
#define EVENTS_MAX 32

static const char *const privacy_words[] = {"identified", "pseudonymous", "anonymous", "off", NULL};
static const char *const pixel_words[] = {"bottom", "top", "both", NULL};
static const char *const scheme_words[] = {"https", "http", NULL};
static const char *const mail_from_words[] = {"verp", "keep", NULL};
static const char *const recipients_words[] = {"expand", "one", "message", NULL};
static const char *const suppress_words[] = {"on", "off", "report", NULL};
static const char *const signed_words[] = {"keep", "strip", NULL};
static const char *const bounces_words[] = {"discard", "pass", "both", NULL};
static const char *const on_error_words[] = {"accept", "tempfail", NULL};

static bool
is_label(struct slice label)
{
	for (size_t i = 0; i < label.n; i++) {
		char c = ascii_lower(label.p[i]);

		if (!ascii_is_digit(c) && !(c >= 'a' && c <= 'z') &&
		    (c != '-' || i == 0 || i + 1 == label.n))
			return false;
	}
	return label.n > 0 && label.n <= LABEL_BYTES;
}

static bool
is_domain(struct slice domain)
{
	bool dot = slice_find(domain, '.') < domain.n;

	if (domain.n > DOMAIN_BYTES || !dot)
		return false;
	for (size_t at = 0; at <= domain.n;) {
		struct slice rest = slice_from(domain, at);
		struct slice label = slice_head(rest, slice_find(rest, '.'));

		if (!is_label(label))
			return false;
		at += label.n + 1;
	}
	return true;
}

static int
label_check(const char *value, struct err *err)
{
	if (value[0] == '\0' || is_label(slice_of(value)))
		return 0;
	return err_set(err, ERR_INVALID,
	    "it becomes a part of a domain: letters, digits and hyphens, at most %d", LABEL_BYTES);
}

static int
domain_check(const char *value, struct err *err)
{
	if (value[0] == '\0' || is_domain(slice_of(value)))
		return 0;
	return err_set(err, ERR_INVALID,
	    "that is no domain: write it as in b.shop.example (xn-- for other letters)");
}

/* A domain, or an address for trials, with a port if need be. */
static int
host_check(const char *value, struct err *err)
{
	struct slice host = slice_head(slice_of(value), slice_find(slice_of(value), ':'));
	struct slice port = slice_from(slice_of(value), host.n + 1);
	bool good = port.n <= 5 && (port.n > 0 || host.n == strlen(value));

	for (size_t i = 0; i < port.n; i++)
		good = good && ascii_is_digit(port.p[i]);
	if (value[0] == '\0' || (good && is_domain(host)))
		return 0;
	return err_set(err, ERR_INVALID,
	    "that is no host: write it as in t.shop.example, or t.shop.example:8443");
}

static int
address_check(const char *value, struct err *err)
{
	struct address address = address_parse(slice_of(value));

	if (value[0] == '\0' ||
	    (!address.malformed && slice_eq(address.text, slice_of(value)) &&
		address_local_is_plain(address.local) && is_domain(address.domain)))
		return 0;
	return err_set(err, ERR_INVALID, "write one address, as in mail@shop.example");
}

static bool
steers_us(struct slice name)
{
	static const char *const ours[] = {"X-Gatepost-Account", "X-Gatepost-Track",
	    "X-Gatepost-Tag", "X-Gatepost-Score", "X-Gatepost-Greylist"};

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		if (slice_eq_nocase(name, slice_of(ours[i])))
			return true;
	}
	return false;
}

/* RFC 5322 section 3.6.8. */
static int
header_check(const char *value, struct err *err)
{
	struct slice name = slice_of(value);

	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] <= ' ' || name.p[i] > '~' || name.p[i] == ':')
			return err_set(err, ERR_INVALID, "that is no name of a header field");
	}
	if (slice_eq_nocase(name, slice_of("off")) ||
	    (slice_starts_nocase(name, slice_of("X-")) && name.n > 2 && !steers_us(name)))
		return 0;
	return err_set(err, ERR_INVALID,
	    "write a name that begins with X- and is none that we read or write otherwise, or off");
}

/* One line of text; a page cares for what its letters are. */
static int
brand_check(const char *value, struct err *err)
{
	for (; *value != '\0'; value++) {
		if ((unsigned char)*value < ' ' || *value == 0x7f)
			return err_set(err, ERR_INVALID, "write one line of text");
	}
	return 0;
}

static int
rate_check(const char *value, struct err *err)
{
	int64_t interval_us;

	return limit_rate_parse(slice_of(value), &interval_us, err);
}

static int
warmup_check(const char *value, struct err *err)
{
	struct limit_ramp ramp;

	return limit_ramp_parse(slice_of(value), &ramp, err);
}

static const struct option options[] = {
    OPTION_BOOL(struct account, opens, "opens", "no", "Count opens, by a pixel."),
    OPTION_BOOL(struct account, clicks, "clicks", "no", "Count clicks, by rewritten links."),
    OPTION_BOOL(struct account, trap, "trap", "no",
	"With clicks: one link more, which nobody sees; what follows it is a program."),
    OPTION_ENUM(struct account, privacy, "privacy", "identified", privacy_words,
	"What is kept of who opened and clicked."),
    OPTION_ENUM(struct account, pixel_at, "pixel_at", "bottom", pixel_words,
	"Where the pixel stands in a message."),
    OPTION_TEXT(struct account, track_domain, "track_domain", "", 0, DOMAIN_BYTES + 6, host_check,
	"Host of links, pixels and unsubscribe pages; without it there are none."),
    OPTION_ENUM(struct account, track_scheme, "track_scheme", "https", scheme_words,
	"Whether those are https or http."),
    OPTION_TEXT(struct account, brand, "brand", "", 0, BRAND_BYTES, brand_check,
	"A name that people know, for the unsubscribe page: Shop Example Ltd."),
    OPTION_ENUM(struct account, mail_from, "mail_from", "verp", mail_from_words,
	"Give each message a MAIL FROM of its own, or keep the sender's."),
    OPTION_TEXT(struct account, bounce_domain, "bounce_domain", "", 0, DOMAIN_BYTES, domain_check,
	"Domain of those MAIL FROM addresses; without it the sender's is kept."),
    OPTION_ENUM(struct account, recipients, "recipients", "expand", recipients_words,
	"Mail to several: a MAIL FROM each (XVERP), one recipient at a time, or one for all."),
    OPTION_BOOL(struct account, sender_header, "sender_header", "no",
	"Add a Sender field when the domain of From is not the account's."),
    OPTION_TEXT(struct account, sender, "sender", "", 0, ADDRESS_BYTES, address_check,
	"The address in that field; empty: the MAIL FROM that the client gave."),
    OPTION_BOOL(struct account, list_unsubscribe, "list_unsubscribe", "no",
	"Add List-Unsubscribe, with one click (RFC 8058), when there is none."),
    OPTION_BOOL(
	struct account, feedback_id, "feedback_id", "no", "Add Feedback-ID when there is none."),
    OPTION_TEXT(struct account, id_header, "id_header", "X-Gatepost-ID", 1, HEADER_BYTES,
	header_check, "The field that holds the message's identifier, or off."),
    OPTION_WORDS(struct account, dkim, "dkim", "", KEYS_MAX, "Keys to sign with: SELECTOR:DOMAIN."),
    OPTION_BOOL(struct account, domainkeys, "domainkeys", "yes",
	"Sign by DomainKeys as well, with the first key that is RSA."),
    OPTION_ENUM(struct account, signed_mail, "signed", "keep", signed_words,
	"Mail that comes signed: keep its signatures whole, or strip them and sign anew."),
    OPTION_TEXT(struct account, lane, "lane", "", 0, LABEL_BYTES, label_check,
	"First part of the bounce domain, by which the MTA chooses the way out."),
    OPTION_TEXT(struct account, overflow, "overflow", "", 0, LABEL_BYTES, label_check,
	"The lane for what is over the warm-up's day; empty: it waits."),
    OPTION_TEXT(struct account, rate, "rate", "off", 1, 40, rate_check,
	"Recipients in a second, minute, hour or day: 200/s."),
    OPTION_NUMBER(struct account, burst, "burst", "1000", 1, LIMIT_RATE_MAX,
	"Recipients at once, after a pause."),
    OPTION_NUMBER(
	struct account, daily, "daily", "0", 0, LIMIT_DAILY_MAX, "Recipients a day; 0: no limit."),
    OPTION_TEXT(struct account, warmup, "warmup", "off", 1, 100, warmup_check,
	"The ramp for a lane that is new: on, off, or a schedule."),
    OPTION_ENUM(struct account, suppress, "suppress", "on", suppress_words,
	"Refuse suppressed recipients; off: not for bounces; or accept, and send them no copy."),
    OPTION_NUMBER(struct account, bounce_limit, "bounce_limit", "3", 1, 100,
	"Soft bounces that suppress a recipient."),
    OPTION_ENUM(struct account, bounces, "bounces", "discard", bounces_words,
	"What is done with what came back, when it is recorded: discard it, pass it on, or both: "
	"pass on what people may want to read."),
    OPTION_TEXT(struct account, bounces_to, "bounces_to", "", 0, ADDRESS_BYTES, address_check,
	"Who gets what is passed on; empty: the MTA decides, by its aliases."),
    OPTION_TEXT(struct account, feedback, "feedback", "", 0, ADDRESS_BYTES, address_check,
	"Address to which providers send complaints (ARF), beside those of returns.feedback."),
    OPTION_TEXT(struct account, webhook, "webhook", "", 0, WEBHOOK_URL_BYTES, webhook_url_check,
	"URL that gets the account's events; empty: none does."),
    OPTION_SECRET(struct account, webhook_secret, "webhook_secret", "", 0, WEBHOOK_SECRETS_BYTES,
	webhook_secrets_check, "Secret that signs them, or two, the newer first: whsec_BASE64."),
    OPTION_WORDS(struct account, webhook_events, "webhook_events", "all", EVENTS_MAX,
	"Types of events that are sent there: all, or sent, bounced, complained ..."),
    OPTION_SECONDS(struct account, retention_s, "retention", "30d", 3600, 3650 * LIMIT_DAY_S,
	"How long messages and events are kept."),
    OPTION_BOOL(struct account, check_from, "check_from", "no",
	"Refuse mail whose From the account may not use."),
    OPTION_ADDRESSES(struct account, from, "from", "", FROM_MAX,
	"Addresses and domains that it may use in From."),
    OPTION_WORDS(struct account, match, "match", "", MATCH_MAX,
	"Whose mail it is: ip:NETWORK, login:NAME, from:ADDRESS, from:@DOMAIN."),
    OPTION_ENUM(struct account, on_error, "on_error", "accept", on_error_words,
	"When suppressions and limits cannot be asked: send all the same, or have it tried again."),
    OPTION_END,
};

/* --- the entries of lists --- */

static int
dkim_entry_check(struct slice entry, struct err *err)
{
	struct slice selector = slice_head(entry, slice_find(entry, ':'));
	char storage[LABEL_BYTES + 3];
	struct buf padded = BUF_OVER(storage);

	/* a selector is as a domain, but may be one label */
	buf_add(&padded, selector);
	buf_add_text(&padded, ".s");
	if (!padded.over && is_domain(buf_slice(&padded)) &&
	    is_domain(slice_from(entry, selector.n + 1)))
		return 0;
	return err_set(err, ERR_INVALID, "write SELECTOR:DOMAIN, as in s2026:shop.example");
}

int
account_entry_check(const struct option *row, struct slice entry, struct err *err)
{
	static const struct {
		const char *name;
		int (*check)(struct slice entry, struct err *err);
	} checks[] = {{"dkim", dkim_entry_check}, {"webhook_events", webhook_type_check},
	    {"match", account_map_key_check}};
	struct err why = {ERR_NONE, ""};

	for (size_t i = 0; i < sizeof(checks) / sizeof(*checks); i++) {
		if (strcmp(row->name, checks[i].name) == 0 && checks[i].check(entry, &why) != 0)
			return err_set(err, ERR_INVALID, "\"%.*s\": %s",
			    SLICE_ARG(slice_head(entry, 64)), why.text);
	}
	return 0;
}

/* --- the section --- */

static int
section_check(const void *section, struct err *err)
{
	const struct account *account = section;

	if (account->name == NULL && account->match.n > 0)
		return err_set(err, ERR_INVALID,
		    "match: every account would have it; write it in account NAME { ... }");
	for (const struct option *row = options; row->name != NULL; row++) {
		const struct option_words *words;
		struct err why = {ERR_NONE, ""};

		if (row->kind != OPTION_KIND_WORDS)
			continue;
		words = (const void *)((const char *)section + row->offset);
		for (size_t i = 0; i < words->n; i++) {
			if (account_entry_check(row, slice_of(words->v[i]), &why) != 0)
				return err_set(err, why.code, "%s: %s", row->name, why.text);
		}
	}
	return 0;
}

static void
entitle(void *section, const char *title)
{
	struct account *account = section;

	account->name = title;
	account->id = account_id(slice_of(title));
}

static const struct conf_titles titles = {
    .help = "An account; any number of them. What it does not say, the section above does.",
    .example = "account shop {\n"
	       "\tmatch = { login:shop, from:@shop.example }\n"
	       "\tcheck_from = yes\n"
	       "\tdkim = { s2026:shop.example }\n"
	       "\tbounce_domain = b.shop.example\n"
	       "\trate = 200/s\n"
	       "}\n",
    .check = account_name_check,
    .entitle = entitle,
};

const struct conf_section account_section = {
    .name = "account",
    .help = "What holds for outbound accounts that do not say otherwise.",
    .options = options,
    .size = sizeof(struct account),
    .check = section_check,
    .titles = &titles,
};

const struct option *
account_row(struct slice name)
{
	return option_find(options, name);
}
