/*
 * redis_suppress_step.h - one return about one recipient, recorded over a connection: suppress_step.lua
 * and suppress_rule().
 *
 * Two round trips: what is known, and what the rule makes of it, with the event of the account, the
 * record of the message and the mark by which the same return is known again, all at once or not at
 * all. When somebody else changed the same recipient between the two, it begins anew. A return whose
 * mark is there is answered after the first, and changes nothing: so a bounce that was recorded, but
 * whose sender had no answer and comes again, counts once.
 *
 * Who answers 250 to the MTA must have 0 from here first; with -1 it is 451, and nothing may be
 * concluded: it may be recorded or not.
 *
 *	PREFIXbounce:{ACCOUNT}:RCPT	hash: soft, "COUNT FIRST LAST STEPS UNTIL" of suppress_rule.h;
 *					seen, "MESSAGE/KIND …" of the last some 500 returns, newest
 *					first; until, the time to which these are kept
 */
#ifndef IO_REDIS_SUPPRESS_STEP_H
#define IO_REDIS_SUPPRESS_STEP_H

#include "io/redis_conn.h"
#include "policy/suppress_rule.h"

/* 0, or -1 as in redis_conn.h (ERR_IO also when others were faster again and again). */
int redis_suppress_step(struct redis_conn *conn, const char *prefix,
    const struct suppress_request *request, struct suppress_step *step_r, struct deadline until,
    struct err *err);

/* PREFIXbounce:{ACCOUNT}:RCPT */
#define REDIS_BOUNCE_KEY_BYTES ((size_t)REDIS_PREFIX_BYTES + 300 + SUPPRESSION_KEY_BYTES)
void redis_suppress_bounce_key(
    struct buf *out, const char *prefix, const char *account, struct slice rcpt);

#endif
