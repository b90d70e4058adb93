/*
 * redis_hit.h - hits, put into the writer's queue: nobody waits.
 */
#ifndef IO_REDIS_HIT_H
#define IO_REDIS_HIT_H

#include "io/redis_event.h"

/* To be called once, before the other: writer is there. */
void redis_hit_init(struct redis_events *events);

/* The counter of the hour; and the event, the count or nothing, as lib/policy/hit.h has it. Who the
 * recipient is, his consent and the message's tag are looked up in Redis, by the same command. */
void redis_hit_add(struct redis_events *events, const struct hit_note *note);

#endif
