/*
 * callbacks.h - the libmilter entry points: arguments into a txn, verdicts into answers.
 */
#ifndef MILTER_CALLBACKS_H
#define MILTER_CALLBACKS_H

#include <libmilter/mfapi.h>

extern const struct smfiDesc callbacks_filter;

/* Sessions that are open now. */
int callbacks_active(void);

#endif
