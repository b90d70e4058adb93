/*
 * account.h - an account: who sends through us, and what is done with it.
 *
 * Its options come from a hash in Redis (field = value, as texts) or from milter.conf; both are
 * read by the same rows, and one set of checks (account_field.h). Nobody loses an account over a
 * slip: what is wrong with an option disables the feature behind it, for that account, with a
 * reason. Of a list, only the wrong entries are left out. Limits and protections stay as the
 * defaults have them.
 *
 * An account is built once, and then only read, by any number of threads.
 */
#ifndef POLICY_ACCOUNT_H
#define POLICY_ACCOUNT_H

#include "conf/conf.h"
#include "policy/limit.h"

/* A name is part of keys in Redis: a-z 0-9 . _ -, a letter or digit first. */
#define ACCOUNT_NAME_BYTES 32

/* Bounds on what is read for one account from Redis. */
#define ACCOUNT_FIELDS_MAX  100
#define ACCOUNT_VALUE_BYTES ((size_t)64 * 1024) /* of one field: a thousand addresses */
#define ACCOUNT_ARENA_BYTES ((size_t)1024 * 1024)

enum account_privacy { PRIVACY_IDENTIFIED, PRIVACY_PSEUDONYMOUS, PRIVACY_ANONYMOUS, PRIVACY_OFF };
enum account_pixel { PIXEL_BOTTOM, PIXEL_TOP, PIXEL_BOTH };
enum account_scheme { SCHEME_HTTPS, SCHEME_HTTP };
enum account_mail_from { MAIL_FROM_VERP, MAIL_FROM_KEEP };
enum account_recipients { RECIPIENTS_EXPAND, RECIPIENTS_ONE, RECIPIENTS_MESSAGE };
enum account_suppress { SUPPRESS_ON, SUPPRESS_OFF, SUPPRESS_REPORT };
enum account_signed { SIGNED_KEEP, SIGNED_STRIP };
enum account_bounces { BOUNCES_DISCARD, BOUNCES_PASS, BOUNCES_BOTH };
enum account_on_error { ACCOUNT_ERROR_ACCEPT, ACCOUNT_ERROR_TEMPFAIL };

/* One "SELECTOR:DOMAIN" of the option dkim. */
struct account_key {
	const char *selector;
	const char *domain;
};

struct account {
	const char *name; /* empty: the defaults */
	uint64_t id;      /* see account_id() */

	/* the options: see account_options.c */
	bool opens, clicks, trap, sender_header, list_unsubscribe, feedback_id, domainkeys,
	    check_from;
	int privacy, pixel_at, track_scheme, mail_from, recipients, signed_mail, suppress, bounces,
	    on_error;
	int64_t burst, daily, bounce_limit, retention_s;
	const char *track_domain, *bounce_domain; /* empty: none */
	const char *sender;                       /* for the Sender field; empty: none */
	const char *brand;                        /* on pages that people see; empty: none */
	const char *id_header;                    /* "off": none */
	const char *bounces_to, *feedback;        /* addresses; empty: none */
	const char *lane, *overflow;              /* a label of a domain, or empty */
	const char *rate, *warmup;
	struct option_words dkim, webhooks;
	struct option_words match; /* keys of the account map, for accounts in milter.conf */
	struct address_set from;   /* what it may write in From, beside the map's "from:" */

	/* read out of them by account_ready() */
	const struct account_key *keys;
	size_t nkeys;
	struct limit_rate limit;
	struct limit_ramp ramp;
};

struct account_problem {
	const char *option; /* a field's name, or a key of the map */
	const char *text;   /* what is wrong, and what is done without it */
};

#define ACCOUNT_PROBLEMS_MAX 32

struct account_problems {
	size_t n;
	size_t dropped; /* further ones */
	struct account_problem v[ACCOUNT_PROBLEMS_MAX];
};

/* Notes a problem; its texts are copied into the arena. */
void account_problem_add(
    struct account_problems *problems, struct arena *a, struct slice option, const char *text);

struct account_field {
	struct slice name;
	struct slice value;
};

struct account_source {
	const struct account *base; /* the defaults, ready */
	struct slice name;
	const struct account_field *fields;
	size_t n;
};

/* 0, or -1 with what a name must be. */
int account_name_check(struct slice name, struct err *err);

/* 48 bits that stand for the name in tokens, where it has no room and is nobody's business. The
 * same everywhere and always; never 0. */
#define ACCOUNT_ID_BITS 48
uint64_t account_id(struct slice name);

/* The account: a copy of the base with the fields set. What it points to is in the arena, or the
 * base's. Adds to *problems. 0, or -1 with the reason (a wrong name, too many fields, no memory);
 * never for a value. */
int account_build(struct account *account_r, const struct account_source *source, struct arena *a,
    struct account_problems *problems, struct err *err);

/* Fills in what is read out of the options: for a copy of the section's struct, which is then a base.
 * 0, or -1 when the arena is full. */
int account_ready(struct account *account, struct arena *a);

/* Appends the domain in which this account's MAIL FROM addresses are, in that lane (or the empty
 * one): "bulk.b.shop.example"; nothing when it has none. */
void account_bounce_domain(const struct account *account, struct slice lane, struct buf *out);

/* True for a domain that is the account's own: it may use it in From, or signs with it. */
bool account_has_domain(const struct account *account, struct slice domain);

#endif
