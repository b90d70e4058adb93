/*
 * apply.h - verdicts and edits into libmilter's words: the only file that knows MTA quirks.
 */
#ifndef MILTER_APPLY_H
#define MILTER_APPLY_H

#include "pipeline.h"

#include <libmilter/mfapi.h>

/* What we ask of the MTA, out of what it offers: actions and protocol steps (SMFIF_*, SMFIP_*). */
struct apply_terms {
	unsigned long actions;
	unsigned long steps;
};

struct apply_terms apply_negotiate(
    const struct pipeline *p, unsigned long offered_actions, unsigned long offered_steps);

/* Sets the reply, or the quarantine, and returns what the callback returns. */
sfsistat apply_verdict(SMFICTX *ctx, const struct verdict *verdict);

/* What was left as it came, since the MTA did not agree to all of it at negotiation. */
enum apply_left {
	APPLY_LEFT_CONTENT = 1, /* header and body */
	APPLY_LEFT_SENDER = 2,
};

/* At MAIL: does the MTA have the message in its queue already? Postfix does with what came by
 * sendmail(1), and then tries for ever to get past a recipient that is refused. */
bool apply_is_queued(SMFICTX *ctx);

/* Replays the edits of an accepted message; only at end of message. 0 when done, OR of enum
 * apply_left, or -1: the message must not leave now, so answer SMFIS_TEMPFAIL, which has the MTA
 * forget what it did. The MTA would not take an edit, and the message is half edited; or there is a
 * recipient to be dropped or added, and that was not agreed on.
 *
 * Never half: where the body is edited, or edits->whole says so, the edits of header and body are
 * done all or none. With APPLY_LEFT_CONTENT the fields that steer us, and whatever else was to be
 * removed, are still in it: who may not let these out answers SMFIS_TEMPFAIL, too. A sender that
 * stays does no harm: returns go to him. Other edits of the header stand each for itself, and those
 * that were not agreed on are left out without a word. */
int apply_edits(SMFICTX *ctx, const struct apply_terms *terms, const struct edits *edits);

/* An MTA that does not know SMFIP_HDR_LEADSPC takes one blank from the beginning of each value that
 * it hands over (and puts one into those that it gets). apply_blank_back() gives the value with it,
 * for free(); NULL when there is no memory. */
bool apply_blank_is_gone(const struct apply_terms *terms);
char *apply_blank_back(const char *value);

/* Asks for the macros that we read, at the stages where we read them. */
void apply_macros(SMFICTX *ctx);

/* A macro's value; empty when the MTA did not send it. Points into libmilter's memory, until the
 * callback returns. */
struct slice apply_macro(SMFICTX *ctx, const char *name);

#endif
