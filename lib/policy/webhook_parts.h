/*
 * webhook_parts.h - what webhook*.c share among themselves.
 */
#ifndef POLICY_WEBHOOK_PARTS_H
#define POLICY_WEBHOOK_PARTS_H

#include "policy/webhook.h"

#define WEBHOOK_SECRET_PREFIX "whsec_"

/* Takes the next secret off the text: false when there is none. */
bool webhook_secret_next(struct slice *rest, struct slice *secret_r);

/* Appends its bytes, for which there must be WEBHOOK_SECRET_MAX; false when it is none. */
bool webhook_secret_read(struct slice secret, struct buf *bytes);

#endif
