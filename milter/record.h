/*
 * record.h - the decision record of a transaction (lib/policy/record.h), made from its txn.
 */
#ifndef MILTER_RECORD_H
#define MILTER_RECORD_H

#include "pipeline.h"

/* The section `verdicts` of milter.conf. */
struct verdicts_conf {
	struct module_conf module;
	int64_t keep; /* 0: no records */
};

/* To be called before pipeline_end(). */
void record_of_txn(struct record *record, const struct pipeline *p, const struct txn *txn);

/* "reject:dmarc": what shadow mode kept from happening, and the check that would have done it.
 * Nothing when there is no such thing. */
void record_would(const struct txn *txn, struct buf *out);

/* "accept", "defer", "reject" …; "mixed" when the recipients got different answers, "none" when
 * there was nothing to answer. */
const char *record_action(const struct txn *txn);

#endif
