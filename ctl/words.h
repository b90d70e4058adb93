/*
 * words.h - times as a person says them.
 */
#ifndef CTL_WORDS_H
#define CTL_WORDS_H

#include "base/buf.h"

#include <stdint.h>

/* Appends "40 seconds", "5 minutes", "3 hours", "36 days": the largest unit of which there are two
 * at least, rounded down; below 0 counts as 0. */
void words_duration(struct buf *out, int64_t seconds);

/* Appends "5 minutes ago", "in 5 minutes", "now"; what is to come is rounded up: nothing happens
 * before. */
void words_when(struct buf *out, int64_t unix_s, int64_t now_s);

/* Appends "2026-11-21 03:14:15 UTC". */
void words_clock(struct buf *out, int64_t unix_s);

/* "2026-11-21" (UTC) as the Unix time of its first second. 0, or -1 when that is no day. */
int words_day_parse(const char *text, int64_t *unix_r);

/* A time as --since has it (UTC): 0, or -1 when it is none. */
#define WORDS_TIME_FORMS                                                                           \
	"2026-11-21, 2026-11-21T14:30, today, yesterday, now, -90s, -30m, -2h, -7d, or Unix "      \
	"seconds"
int words_time_parse(const char *text, int64_t now_s, int64_t *unix_r);

#endif
