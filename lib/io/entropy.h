/*
 * entropy.h - secrets from the kernel.
 */
#ifndef IO_ENTROPY_H
#define IO_ENTROPY_H

#include "base/err.h"
#include "policy/ports.h"

#include <stddef.h>

/* Fills n bytes (at most 256) that nobody can guess. 0, or -1 (ERR_IO): the kernel has none to
 * give, which after boot it always has. */
int entropy_read(void *bytes, size_t n, struct err *err);

/* The real door to random numbers. */
extern const struct random_port random_real;

#endif
