/*
 * suppress_format.h - files of suppressed recipients, told apart by their header line: ours, those of
 * large providers, and any with a column of addresses.
 */
#ifndef CTL_SUPPRESS_FORMAT_H
#define CTL_SUPPRESS_FORMAT_H

#include "policy/account.h"
#include "policy/suppression.h"
#include "suppress_csv.h"

/* Our own, also for export. */
#define SUPPRESS_HEADER "account,address,reason,count,first,last,until,evidence"

/* What a column is for. */
enum suppress_column {
	COLUMN_ADDRESS,
	COLUMN_ACCOUNT,
	COLUMN_WHY,  /* in one word */
	COLUMN_TEXT, /* in many */
	COLUMN_CODE,
	COLUMN_COUNT,
	COLUMN_FIRST,
	COLUMN_LAST,
	COLUMN_UNTIL,
	SUPPRESS_COLUMNS,
};

struct suppress_file {
	const struct suppress_format *format;
	const char *name;         /* "gatepost", "sendgrid" … */
	bool headless;            /* the first row is one already */
	int at[SUPPRESS_COLUMNS]; /* which cell, or -1 */
	enum suppression_reason
	    given; /* where the file does not say; SUPPRESSED_NOT: then it must */
};

/* One row of it, as it goes into a list. */
struct suppress_record {
	char account[ACCOUNT_NAME_BYTES + 1]; /* "": the file does not say */
	char rcpt[SUPPRESSION_KEY_BYTES];
	size_t rcpt_n;
	struct suppression entry;
};

/* What the header line says. 0, or -1 with what is missing. */
int suppress_file_init(struct suppress_file *file, const struct csv *header,
    enum suppression_reason given, struct err *err);

/* Reads a row. 0, or -1 with what is wrong. */
int suppress_file_read(const struct suppress_file *file, const struct csv *row,
    struct suppress_record *record_r, struct err *err);

/* Times as such files have them: Unix seconds, or milliseconds; 2026-11-02T14:30:00Z and its like;
 * RFC 5322. Empty is 0. 0, or -1. */
int suppress_time_parse(struct slice text, int64_t *unix_r);

/* Appends "2026-11-02T14:30:00Z"; nothing for 0. */
void suppress_time_format(struct buf *out, int64_t unix_s);

#endif
