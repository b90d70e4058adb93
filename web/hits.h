/*
 * hits.h - what becomes of a hit: it waits, is judged, and goes to the store.
 */
#ifndef WEB_HITS_H
#define WEB_HITS_H

#include "worker.h"

/* A pixel, or a link that leads somewhere, was asked for; also a page to unsubscribe, which counts as
 * one of the links of a burst but is no hit itself (`noted` only). */
void hits_take(struct worker *w, const struct hit *hit);
void hits_note(struct worker *w, const struct hit *hit);

/* Somebody unsubscribed from that account, which is done: recorded at once. */
void hits_unsubscribed(struct worker *w, const struct account *account, const struct hit *hit);

/* Records up to `max` of those that have waited long enough; all: the others, too. */
void hits_record(struct worker *w, size_t max, bool all);

#endif
