/*
 * verdict_code.h - the ten characters that a refused client is told, by which `gatepostctl explain`
 * finds the decision record.
 *
 * A code is 50 bits in Crockford's base32, which has no letters that look like digits: 41 bits of
 * the time in milliseconds, then 9 bits that keep codes of one millisecond apart. So the code says
 * where the record is in a stream whose ids are times, and nothing else has to be kept to find it.
 * The time repeats after 2^41 ms, 69 years.
 */
#ifndef POLICY_VERDICT_CODE_H
#define POLICY_VERDICT_CODE_H

#include "base/slice.h"

#include <stdint.h>

#define VERDICT_CODE_BYTES 11 /* ten characters and a NUL */

/* salt: a counter, or anything else that differs within a millisecond; the low 9 bits count. */
void verdict_code_make(char out[VERDICT_CODE_BYTES], int64_t unix_ms, unsigned salt);

/* The time in a code: the one nearest to near_unix_ms. As people type it: in any case, O for 0, I
 * and L for 1. 0, or -1 when it is no code. */
int verdict_code_parse(struct slice text, int64_t near_unix_ms, int64_t *unix_ms_r);

#endif
