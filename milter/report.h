/*
 * report.h - what is told of a message: its log line, and its decision record.
 */
#ifndef MILTER_REPORT_H
#define MILTER_REPORT_H

#include "pipeline.h"

/* Writes the line, and keeps the decision record of arriving mail; nothing for a transaction that
 * never named a recipient. To be called before pipeline_end(). */
void report_message(const struct pipeline *p, const struct txn *txn);

#endif
