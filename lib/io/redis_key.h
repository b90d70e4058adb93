/*
 * redis_key.h - the names of the keys: every one is readable by a person with redis-cli.
 *
 * What one script touches shares the hash tag in braces. The parts never hold ':' or braces of
 * their own where that would be ambiguous: see grey_address_format().
 */
#ifndef IO_REDIS_KEY_H
#define IO_REDIS_KEY_H

#include "base/buf.h"
#include "io/redis.h"
#include "policy/ports.h"

/* The longest key: prefix, "grey:{}::", an identity and two addresses. */
#define REDIS_KEY_BYTES (REDIS_PREFIX_BYTES + 16 + IDENTITY_TEXT_BYTES + 2 * GREY_ADDRESS_BYTES)

/* PREFIXgrey:{IDENTITY}:SENDER:RCPT */
void redis_key_grey(struct buf *out, const char *prefix, const struct grey_key *key);

/* PREFIXknown:{IDENTITY} */
void redis_key_known(struct buf *out, const char *prefix, const struct grey_key *key);

/* PREFIXmet:{LOCAL}:REMOTE */
void redis_key_met(
    struct buf *out, const char *prefix, const struct address *local, const struct address *remote);

/* PREFIXstat:YYYYMMDDHH, of the UTC hour of unix_s */
void redis_key_stat(struct buf *out, const char *prefix, int64_t unix_s);

/* PREFIXoptout:grey, PREFIXallow:networks, PREFIXoff:dnsbl … */
void redis_key_list(struct buf *out, const char *prefix, enum store_list list);

/* PREFIXverdicts */
void redis_key_verdicts(struct buf *out, const char *prefix);

/* PREFIXdnsbl:NAME */
void redis_key_dnsbl(struct buf *out, const char *prefix, struct slice name);

/* PREFIXsupp:{ACCOUNT}; ACCOUNT "*": for all accounts */
void redis_key_supp(struct buf *out, const char *prefix, const char *account);

/* PREFIXrate:{ACCOUNT} */
void redis_key_rate(struct buf *out, const char *prefix, const char *account);

/* PREFIXwarm:{LANE} */
void redis_key_warm(struct buf *out, const char *prefix, const char *lane);

/* PREFIXconsent:{ACCOUNT}, ACCOUNT "*": for all accounts; and the account out of it: 0, or -1 when it
 * is none */
void redis_key_consent(struct buf *out, const char *prefix, const char *account);
int redis_key_consent_parse(struct slice key, const char *prefix, struct slice *account_r);

/* PREFIXev:{ACCOUNT}, and the account's name out of it: 0, or -1 when it is none */
void redis_key_events(struct buf *out, const char *prefix, const char *account);
int redis_key_events_parse(struct slice key, const char *prefix, struct slice *account_r);

/* PREFIXhook:{ACCOUNT}: what is known of its webhook; part "due", "dead": PREFIXhook:{ACCOUNT}:due … */
void redis_key_hook(struct buf *out, const char *prefix, const char *account, const char *part);

/* PREFIXcopies:{ACCOUNT}: of the events that are copies, the age of what they are copies of */
void redis_key_event_copies(struct buf *out, const char *prefix, const char *account);

/* PREFIXhits:{ACCOUNT}:YYYYMMDD, of the UTC day of unix_s; and the account out of it: 0, or -1 when it
 * is none */
void redis_key_hits(struct buf *out, const char *prefix, const char *account, int64_t unix_s);
int redis_key_hits_parse(struct slice key, const char *prefix, struct slice *account_r);

/* PREFIXmsg:{ACCOUNT}:ID, and its field for that recipient, "rcpt:ADDRESS" */
#define REDIS_RCPT_FIELD_BYTES (5 + SUPPRESSION_KEY_BYTES)
void redis_key_message(struct buf *out, const char *prefix, const char *account, struct slice id);
void redis_key_message_rcpt(struct buf *out, const struct address *rcpt);

/* Takes a key of redis_key_grey() apart; the slices point into it. 0, or -1 when it is none. */
struct redis_grey_name {
	struct slice identity;
	struct slice sender;
	struct slice rcpt;
};
int redis_key_grey_parse(struct slice key, const char *prefix, struct redis_grey_name *name_r);

/* The same for a key of redis_key_known(). */
int redis_key_known_parse(struct slice key, const char *prefix, struct slice *identity_r);

/* PREFIXacct:{NAME}, and the name out of it: 0, or -1 when it is none */
void redis_key_account(struct buf *out, const char *prefix, struct slice name);
int redis_key_account_parse(struct slice key, const char *prefix, struct slice *name_r);

/* PREFIXacctmap */
void redis_key_account_map(struct buf *out, const char *prefix);

#endif
