/*
 * webhook.h - events told to an account's own program, by HTTP: what is sent, how it is signed, and
 * when it is tried again. Sending is io/webhook_http.h, which of them is due io/store_admin_webhook.h.
 *
 * Form and signature are those of Standard Webhooks (standardwebhooks.com): a POST with the header
 * fields
 *
 *	webhook-id         of the event, the same at each try
 *	webhook-timestamp  of this try, Unix seconds
 *	webhook-signature  "v1,BASE64", for each secret one, with a blank between: HMAC-SHA256 over
 *	                   ID "." TIMESTAMP "." BODY
 *
 * and the body {"id", "type", "timestamp", "data": {…}}: data has the fields of event.h by their names,
 * numbers where those are numbers.
 */
#ifndef POLICY_WEBHOOK_H
#define POLICY_WEBHOOK_H

#include "base/err.h"
#include "conf/option.h"
#include "policy/record.h"

#define WEBHOOK_URL_BYTES 500

/* A secret is "whsec_" and base64 of so many bytes. While one is replaced by another, two sign. */
#define WEBHOOK_SECRETS_MAX   2
#define WEBHOOK_SECRET_MIN    24
#define WEBHOOK_SECRET_MAX    64
#define WEBHOOK_SECRETS_BYTES 256 /* both, as text */

/* "ev_1795238206123-0_0123456789ab", and the NUL. */
#define WEBHOOK_ID_BYTES 64

/* "v1," and base64 of 32 bytes, twice, a blank between, and the NUL. */
#define WEBHOOK_SIGNATURE_BYTES 100

/* What a record may take as JSON: each byte escaped, and names. */
#define WEBHOOK_BODY_BYTES (2 * RECORD_BYTES + 2048)

#define WEBHOOK_TYPE_TEST "test" /* of the event that `gatepostctl webhooks test` sends */

/* --- options of an account: 0, or -1 with what is wrong, never the value of a secret --- */

int webhook_url_check(const char *url, struct err *err);

/* One secret or two, blanks or a comma between; the first is the newer. */
int webhook_secrets_check(const char *secrets, struct err *err);

/* An entry of webhook_events: a type of event.h, or "all". */
int webhook_type_check(struct slice entry, struct err *err);

/* Is an event of that type wanted? */
bool webhook_wants(const struct option_words *events, struct slice type);

/* --- what is sent --- */

/* Appends the event's id: of its account (account_id()) and its entry in the stream. It has no '.' */
void webhook_id_format(struct buf *out, uint64_t account, struct slice entry);

/* Appends the body. */
void webhook_body(struct buf *out, struct slice id, const struct record *event);

/* Appends the signatures. 0, or -1: there is no secret, or no memory. */
int webhook_sign(struct buf *out, const char *secrets, const struct slice *parts, size_t n);

/* A secret of those bytes, as text. */
void webhook_secret_format(struct buf *out, struct slice bytes);

/* --- when it is tried again --- */

struct webhook_retry {
	int64_t first_ms;   /* after the first try */
	int64_t longest_ms; /* doubled each time, up to this */
	int64_t tries;      /* after so many it is given up */
};

/* How long to wait after so many tries, a quarter more or less as `random` falls. */
int64_t webhook_delay_ms(const struct webhook_retry *retry, int64_t tries, uint64_t random);

#endif
