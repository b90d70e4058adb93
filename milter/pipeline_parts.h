/*
 * pipeline_parts.h - what the files of the pipeline share among them; nobody else includes it.
 */
#ifndef MILTER_PIPELINE_PARTS_H
#define MILTER_PIPELINE_PARTS_H

#include "pipeline.h"

/* What runs for this mail. */
static inline const struct pipeline_chain *
pipeline_chain_of(const struct pipeline *p, const struct txn *txn)
{
	return &p->chains[txn->direction.direction];
}

/* Until all is known, or dns.timeout has passed: of waiting, not of a conversation that takes its
 * time. */
void pipeline_gather_wait(const struct pipeline *p, struct txn *txn);

/* The transforms of that phase: EOH or EOM. */
void pipeline_transforms_run(
    const struct pipeline *p, struct txn *txn, enum phase phase, struct edits *edits);

#endif
