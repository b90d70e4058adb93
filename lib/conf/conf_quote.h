/*
 * conf_quote.h - strings in quotes, by the rules of libconfuse's scanner where it is right to follow
 * them: no NUL byte, no variable of the environment, and no end of line gets in.
 */
#ifndef CONF_CONF_QUOTE_H
#define CONF_CONF_QUOTE_H

#include "base/slice.h"

/* text begins with a quote and holds no NUL. *n_r: the bytes up to and with the closing quote;
 * *lines_r: the ends of lines within them. NULL, or what is wrong, *lines_r lines further on. */
const char *conf_quote_skip(struct slice text, size_t *n_r, unsigned *lines_r);

#endif
