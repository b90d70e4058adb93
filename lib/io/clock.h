/*
 * clock.h - the real clock behind struct clock_port.
 */
#ifndef IO_CLOCK_H
#define IO_CLOCK_H

#include "policy/ports.h"

extern const struct clock_port clock_real;

#endif
