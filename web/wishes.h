/*
 * wishes.h - who unsubscribes by a worker: his request is kept until the unsubscriber has heard from
 * Redis.
 */
#ifndef WEB_WISHES_H
#define WEB_WISHES_H

#include "ask.h"

/* The hit is an unsubscription of ask->account, which is known. Answers it: "done", or "later", which
 * may be at once or within UNSUBSCRIBE_WAIT_MS. */
void wishes_take(struct ask *ask, const struct hit *hit);

/* Answers those of whom there is news, or who have waited long enough. At each tick. */
void wishes_answer(struct worker *w);

/* When worker and unsubscriber have ended: what became of the others is noted, and nobody answered. */
void wishes_end(struct worker *w);

#endif
