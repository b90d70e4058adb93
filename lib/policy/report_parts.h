/*
 * report_parts.h - what the files of report share; nobody else includes it.
 */
#ifndef POLICY_REPORT_PARTS_H
#define POLICY_REPORT_PARTS_H

#include "policy/report.h"

/* Rows that are always there, at the front. */
enum { REPORT_TOTAL_AT, REPORT_NONE_AT, REPORT_SEVERAL_AT, REPORT_OTHERS_AT, REPORT_FIXED };

/* One event belongs to that many at most: a message has up to eight tags (out_headers.h). */
#define REPORT_EVENT_ROWS 8

/* The rows of one value of the field tag. */
struct report_group {
	uint32_t rows[REPORT_EVENT_ROWS];
	uint32_t n;
};

struct report {
	enum report_by by;
	uint64_t secret[2];
	struct report_set seen;     /* what was counted as unique */
	struct report_set names;    /* a row's name, or a group's: its number */
	struct report_set messages; /* a message's group, or row of a domain */
	struct report_row *rows;    /* may move when one is added */
	size_t n, room;
	struct report_group *groups;
	size_t ngroups;
	struct arena arena; /* of the names */
	int64_t without_rcpt, counted;
};

/* What an event adds to a row: one to `all`, and to `unique` if it is; REPORT_COUNTS: nothing. */
struct report_hit {
	const struct report_event *event;
	enum report_count unique, all;
};

/* False: nothing, or a message that was sent. */
bool report_hit_of(const struct report_event *event, struct report_hit *hit_r);

/* 0, or -1 without memory. */
int report_rows_init(struct report *report);
void report_rows_fini(struct report *report);

/* The rows, beside the total, in which that event is counted; sent by domain: report_domain_row().
 * 0, or -1. */
int report_rows_of(struct report *report, const struct report_event *event,
    uint32_t rows_r[REPORT_EVENT_ROWS], size_t *n_r, struct err *err);

/* The row of the domain of that address. */
int report_domain_row(
    struct report *report, struct slice address, uint32_t *row_r, struct err *err);

/* The rows of those tags, of that day, and of that name. */
int report_tag_rows(struct report *report, struct slice tags, uint32_t rows_r[REPORT_EVENT_ROWS],
    size_t *n_r, struct err *err);
int report_day_row(struct report *report, int64_t time_s, uint32_t *row_r, struct err *err);
int report_named_row(struct report *report, struct slice name, uint32_t *row_r, struct err *err);

/* Takes the next address off "a@x, b@y". */
bool report_rcpt_next(struct slice *to, struct slice *rcpt_r);

#endif
