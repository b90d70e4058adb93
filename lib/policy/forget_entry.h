/*
 * forget_entry.h - what stays in a list about a person who is forgotten: that nothing is sent to him,
 * or that he is not followed. It stands by his address, and says nothing by which the anonymous events
 * about him (forget.h) would be found: no message's id, and no time of what is an event as well.
 */
#ifndef POLICY_FORGET_ENTRY_H
#define POLICY_FORGET_ENTRY_H

#include "policy/consent.h"
#include "policy/suppression.h"

/* Appends the note without ids of messages, as they are, in parentheses, or in a return path; true when
 * there was one. An id is known by its form: another word of such a form goes as well. */
bool forget_ids(struct slice note, struct buf *out);

/* Takes them out of the evidence and, of what is not an operator's word, the time of day out of first,
 * last and until: it never holds for shorter. True when something changed. */
bool forget_suppression(struct suppression *entry);

/* Takes them out of the note. True when something changed. */
bool forget_consent(struct consent *consent);

#endif
