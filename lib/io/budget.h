/*
 * budget.h - memory that the sessions of a process share: each takes its part before it begins with
 * something large, and gives it back at the end, so that all of them together have a bound.
 *
 * Who has a part must not wait for anything but the processor until he gives it back: then others wait
 * for him no longer than for the processor.
 */
#ifndef IO_BUDGET_H
#define IO_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget;

/* NULL: no memory. */
struct budget *budget_new(size_t bytes);

/* Nobody may have a part of it. NULL is allowed. */
void budget_free(struct budget *budget);

/* Takes so much, and waits for it if need be, as long as that at most, behind all who wait already.
 * False: it cannot be had; more than there is in all never can, and nobody waits for that. */
bool budget_take(struct budget *budget, size_t bytes, int64_t wait_ms);

/* Gives back what was taken, all at once. */
void budget_give(struct budget *budget, size_t bytes);

#endif
