/*
 * report_set.h - which things were seen, by 64-bit digests of them, each with a number if wanted.
 *
 * Not the things are kept but their digests, under a secret (siphash()), so that millions fit: 8
 * bytes each, 12 with numbers, in a table that is half full or more. Two of n things are taken for
 * one with a chance of n*n / 2^65: of 16 million, one in 130,000.
 */
#ifndef POLICY_REPORT_SET_H
#define POLICY_REPORT_SET_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report_set {
	uint64_t *keys;    /* 0: a free place */
	uint32_t *numbers; /* NULL unless the set was made with numbers */
	size_t n;
	size_t room; /* a power of 2, or 0 */
	size_t max;
	bool numbered;
};

/* No memory is taken yet. max: how many at most. */
void report_set_init(struct report_set *set, size_t max, bool numbered);
void report_set_fini(struct report_set *set);

/* Adds a digest, with a number when the set has them: 1, 0 when it was there already (the number then
 * stays as it was), or -1 (ERR_LIMIT, ERR_NOMEM). */
int report_set_add(struct report_set *set, uint64_t digest, uint32_t number, struct err *err);

/* The number that was added with it; false: it is not there. */
bool report_set_find(const struct report_set *set, uint64_t digest, uint32_t *number_r);

#endif
