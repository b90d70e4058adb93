/*
 * table.h - rows of cells, in the three forms of out.h.
 *
 * Nothing grows with the number of rows: on a terminal they are aligned in blocks, in a pipe and in
 * JSON they go out one by one.
 */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include "base/arena.h"
#include "out.h"

#define TABLE_COLUMNS_MAX 36
#define TABLE_BLOCK_ROWS  500

struct table_column {
	const char *title; /* on a terminal */
	const char *key;   /* in JSON */
	bool right;        /* aligned to the right */
	bool hidden;       /* on a terminal */
};

struct table_cell {
	struct slice text;
	enum out_style style;
	size_t width; /* in places of the terminal */
};

struct table {
	struct out *out;
	const struct table_column *columns;
	size_t n;
	size_t at;    /* the column that is filled next */
	size_t rows;  /* in all */
	size_t block; /* rows kept back */
	size_t widths[TABLE_COLUMNS_MAX];
	struct arena arena; /* of the block */
	struct table_cell *cells;
	json_t *object;
};

/* The columns must outlive the table. */
void table_begin(struct table *t, struct out *out, const struct table_column *columns, size_t n);

/* One cell after the other, and table_row() after the last. */
void table_text(struct table *t, enum out_style style, struct slice text);
void table_words(struct table *t, enum out_style style, const char *words);
void table_number(struct table *t, enum out_style style, int64_t number);
void table_flag(struct table *t, bool flag); /* "yes" or "no", a boolean in JSON */
void table_none(struct table *t);

/* The text, or nothing when it is "". */
void table_text_or_none(struct table *t, const char *text);

/* A time, told in relation to now; a duration. */
void table_time(struct table *t, enum out_style style, int64_t unix_s, int64_t now_s);
void table_duration(struct table *t, enum out_style style, int64_t seconds);

/* Text of ours that only a terminal sees, of `width` places; the column is not in the others. */
void table_picture(struct table *t, enum out_style style, const char *text, size_t width);

void table_row(struct table *t);
void table_end(struct table *t);

#endif
