/*
 * keyring_time.h - the times in a keyring: "2026-11-21T07:33:18Z" (RFC 3339, UTC, whole seconds).
 */
#ifndef POLICY_KEYRING_TIME_H
#define POLICY_KEYRING_TIME_H

#include "base/buf.h"

#include <stdint.h>

/* From 1970 to 9999. 0, or -1: it is no such time. */
int keyring_time_parse(struct slice text, int64_t *unix_s_r);
void keyring_time_format(struct buf *out, int64_t unix_s);

#endif
