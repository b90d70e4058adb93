/*
 * webhooks_tell.h - what `gatepostctl webhooks run` writes into the log.
 */
#ifndef CTL_WEBHOOKS_TELL_H
#define CTL_WEBHOOKS_TELL_H

#include "io/store_admin_webhook.h"

/* One try, which took so long. */
void webhooks_tell_outcome(const struct store_webhook_outcome *outcome, int64_t ms);

/* Events that went without having been sent, and will not be; word: "lost", "dead". None: nothing. */
void webhooks_tell_losses(const char *account, const char *word, int64_t events);

/* Something about that account does not work. */
void webhooks_tell_odd(const char *account, const char *why);

/* Redis is away, and why; NULL: it is back. */
void webhooks_tell_redis(const char *why);

#endif
