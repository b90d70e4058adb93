/*
 * config.h - milter.conf with every option in it, made from the rows.
 */
#ifndef CTL_CONFIG_H
#define CTL_CONFIG_H

#include "out.h"

/* Prints it, in the same form wherever it goes. Returns the exit code. */
int config_example(struct out *out);

#endif
