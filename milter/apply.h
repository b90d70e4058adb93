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

/* Replays the edits of an accepted message; only at end of message. An edit that was not agreed on
 * is left out. 0, or -1 when the MTA would not take one: the message is then as it was, or has the
 * edits before it. */
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
