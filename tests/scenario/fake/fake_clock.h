/*
 * fake_clock.h - a clock that moves when a test says so.
 */
#ifndef FAKE_CLOCK_H
#define FAKE_CLOCK_H

#include "policy/ports.h"

struct fake_clock {
	struct clock_port port; /* first: a pointer to it is a pointer to the whole */
	int64_t now_ms;         /* Unix time; the monotonic clock shows the same */
};

/* Starts on 2026-11-02 12:00:00 UTC. */
void fake_clock_init(struct fake_clock *clock);
void fake_clock_pass(struct fake_clock *clock, int64_t ms);

#endif
