/*
 * suppress_csv.h - rows of cells: RFC 4180, as providers and spreadsheets write it. A row after the
 * other, in the memory of one.
 */
#ifndef CTL_SUPPRESS_CSV_H
#define CTL_SUPPRESS_CSV_H

#include "base/buf.h"

#include <stdio.h>

/* Of one row; a longer one is wrong. Diagnostic texts have some hundred bytes. */
#define CSV_ROW_BYTES 65536
#define CSV_CELLS_MAX 64

struct csv {
	FILE *from;
	char separator;
	size_t next_line; /* where reading goes on, from 1 */
	/* the row */
	size_t line; /* where it begins */
	struct slice cell[CSV_CELLS_MAX];
	size_t n;
	const char *wrong; /* what is wrong with it, or NULL */
	char bytes[CSV_ROW_BYTES];
};

/* Rows of that file, which must be at its beginning. The separator is ',' until somebody sets
 * another. */
void csv_init(struct csv *csv, FILE *from);

/* True with the next row; lines with nothing in them are none. False at the end, or when it cannot be
 * read: see ferror(). */
bool csv_next(struct csv *csv);

/* Looks at the row that was read, of one cell, for ';' or a tab: then that is the separator, and the
 * row is taken apart by it. */
void csv_separator_find(struct csv *csv);

/* Writes one cell, quoted where it must be; with a ' in front of what a spreadsheet would take for a
 * formula (= + - @ tab CR, behind any such '). */
void csv_put(FILE *to, struct slice cell);

/* A cell without the ' of csv_put(). */
struct slice csv_plain(struct slice cell);

#endif
