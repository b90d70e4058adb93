/*
 * sent.h - what left: an event for its account, and a record of the message.
 */
#ifndef MILTER_SENT_H
#define MILTER_SENT_H

#include "pipeline.h"

/* To be called when the MTA took the message and all its edits; does nothing for mail that arrives, or
 * has no account. */
void sent_note(const struct pipeline *p, const struct txn *txn, const struct edits *edits);

#endif
