/*
 * option_words.h - the rows of options, told to people.
 */
#ifndef CTL_OPTION_WORDS_H
#define CTL_OPTION_WORDS_H

#include "conf/conf.h"

/* Appends what may be written there: "0 to 86400", "all, suspicious or off", "at most 64 bytes". */
void option_words_limits(struct buf *out, const struct option *row);

/* The value as in milter.conf, however long, for free(). NULL: no memory. */
char *option_words_value(const struct option *row, const void *section);

/* A section's struct with every option at its default, in the arena; NULL: it is full. */
const void *option_words_defaults(const struct conf_section *section, struct arena *a);

#endif
