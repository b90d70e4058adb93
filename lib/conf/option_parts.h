/*
 * option_parts.h - what option*.c and conf*.c share among themselves; others include option.h.
 */
#ifndef CONF_OPTION_PARTS_H
#define CONF_OPTION_PARTS_H

#include "conf/option.h"

/* The kinds whose value is one number (BOOL 0 or 1, ENUM the index). Checks the limits of the row.
 * 0, or -1 with "what is wrong; what is allowed", without the value itself. */
int option_value_parse(
    const struct option *row, struct slice text, int64_t *value_r, struct err *err);

/* The other way: as a user would write it. */
void option_value_format(const struct option *row, int64_t value, struct buf *out);

/* Where the row's value is kept. */
void *option_at(const struct option *row, void *section);
const void *option_at_const(const struct option *row, const void *section);

/* Appends text as one value of milter.conf: in quotes, with escapes, where it must be. */
void option_text_format(struct buf *out, struct slice text);

/* A value as errors show it: as option_text_format(), but cut when it is long. */
#define OPTION_SHOW_BYTES 80
struct option_shown {
	char text[OPTION_SHOW_BYTES];
};
struct option_shown option_show(struct slice value);

/* 0, or -1 with "it holds …" when text has a control character other than a tab. */
int option_text_check(struct slice text, struct err *err);

/* Puts the words of the row's default into the arena. 0, or -1 when that is full. */
int option_initial_words(
    const struct option *row, struct arena *a, struct slice **words_r, size_t *n_r);

struct option_entries {
	const struct slice *v;
	size_t n;
	bool add;     /* behind those that the list holds, which stay; else instead of them */
	size_t wrong; /* out: the entry that was refused; n: no single one is to blame */
};

/* As option_set_list(), and says which entry was wrong. */
int option_entries_set(const struct option *row, void *section, struct arena *a,
    struct option_entries *entries, struct err *err);

#endif
