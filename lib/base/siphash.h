/*
 * siphash.h - the hash of a hash table whose keys strangers choose: SipHash-2-4 (Aumasson and
 * Bernstein, 2012). Without the secret nobody can choose keys that collide.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include "base/slice.h"

#include <stdint.h>

uint64_t siphash(const uint64_t secret[2], struct slice s);

#endif
