/*
 * date.h - dates as mail headers write them.
 */
#ifndef MAIL_DATE_H
#define MAIL_DATE_H

#include "base/buf.h"

#include <stdint.h>

/* Appends "Sat, 21 Nov 2026 03:14:15 +0000" (RFC 5322 section 3.3) for a Unix time. */
void date_format(struct buf *out, int64_t unix_s);

#endif
