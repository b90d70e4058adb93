/*
 * report.h - the log line of a message.
 */
#ifndef MILTER_REPORT_H
#define MILTER_REPORT_H

#include "policy/txn.h"

/* How a transaction ended. */
enum report_end {
	REPORT_EOM,     /* the message was there, and was answered */
	REPORT_ABORTED, /* the client or the MTA gave it up: RSET, QUIT, refused recipients … */
};

/* Writes the line; nothing for a transaction that never named a recipient. */
void report_message(const struct txn *txn, enum report_end end);

#endif
