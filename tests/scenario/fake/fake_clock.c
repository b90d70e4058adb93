/*
 * fake_clock.c - see fake_clock.h.
 */
#include "fake_clock.h"

#define START_S 1793620800LL /* 2026-11-02 12:00:00 UTC */

static int64_t
fake_now_s(const struct clock_port *port)
{
	return ((const struct fake_clock *)(const void *)port)->now_ms / 1000;
}

static int64_t
fake_mono_ms(const struct clock_port *port)
{
	return ((const struct fake_clock *)(const void *)port)->now_ms;
}

void
fake_clock_init(struct fake_clock *clock)
{
	*clock = (struct fake_clock){{fake_now_s, fake_mono_ms}, START_S * 1000};
}

void
fake_clock_pass(struct fake_clock *clock, int64_t ms)
{
	clock->now_ms += ms;
}
