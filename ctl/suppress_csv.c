/*
 * suppress_csv.c - see suppress_csv.h.
 */
#include "suppress_csv.h"

#define QUOTE '"'

/* In front of what would be a formula. */
#define GUARD '\''

void
csv_init(struct csv *csv, FILE *from)
{
	csv->from = from;
	csv->separator = ',';
	csv->next_line = csv->line = 1;
	csv->n = 0;
	csv->wrong = NULL;
}

/* One row on its way. */
struct row {
	struct csv *csv;
	size_t used;
	size_t cell; /* where the cell begins */
	bool quoted; /* within quotes */
	bool any;    /* there was a byte */
};

static void
byte_add(struct row *r, int c)
{
	if (r->used < sizeof(r->csv->bytes))
		r->csv->bytes[r->used++] = (char)c;
	else
		r->csv->wrong = "it is too long, or a quote is not closed";
}

static void
cell_end(struct row *r)
{
	struct csv *csv = r->csv;

	if (csv->n < CSV_CELLS_MAX)
		csv->cell[csv->n++] = slice_make(csv->bytes + r->cell, r->used - r->cell);
	else
		csv->wrong = "it has too many cells";
	r->cell = r->used;
}

/* What a byte within quotes is: true, it was the closing one. */
static void
quoted_take(struct row *r, int c)
{
	int next;

	if (c == '\n')
		r->csv->next_line++;
	if (c != QUOTE) {
		byte_add(r, c);
		return;
	}
	next = getc(r->csv->from);
	if (next == QUOTE) {
		byte_add(r, QUOTE);
		return;
	}
	r->quoted = false;
	if (next != EOF)
		(void)ungetc(next, r->csv->from);
}

/* Reads to the end of the row. */
static void
row_take(struct row *r)
{
	struct csv *csv = r->csv;
	int c;

	while ((c = getc(csv->from)) != EOF) {
		r->any = true;
		/* a row that went wrong ends with its line, or quotes would swallow the others */
		if (r->quoted && csv->wrong == NULL) {
			quoted_take(r, c);
			continue;
		}
		if (c == '\n') {
			csv->next_line++;
			break;
		}
		if (c == QUOTE && r->used == r->cell)
			r->quoted = true;
		else if (c == csv->separator)
			cell_end(r);
		else
			byte_add(r, c);
	}
	if (r->quoted && csv->wrong == NULL)
		csv->wrong = "a quote is not closed";
}

/* The mark that some editors put in front of UTF-8. */
static void
mark_skip(struct csv *csv)
{
	static const struct slice mark = SLICE_LIT("\xef\xbb\xbf");

	if (csv->line == 1 && csv->n > 0 && slice_starts(csv->cell[0], mark))
		csv->cell[0] = slice_from(csv->cell[0], mark.n);
}

bool
csv_next(struct csv *csv)
{
	struct row r;

	do {
		r = (struct row){.csv = csv};
		csv->n = 0;
		csv->wrong = NULL;
		csv->line = csv->next_line;
		row_take(&r);
		if (r.used > r.cell && csv->bytes[r.used - 1] == '\r')
			r.used--;
		if (r.used > 0 || csv->n > 0)
			cell_end(&r);
	} while (r.any && csv->n == 0 && csv->wrong == NULL);
	mark_skip(csv);
	return r.any && !ferror(csv->from);
}

void
csv_separator_find(struct csv *csv)
{
	struct slice all = csv->n == 1 ? csv->cell[0] : slice_make(NULL, 0);
	char separator = slice_find(all, ';') < all.n ? ';' : '\t';

	if (csv->n != 1 || slice_find(all, separator) == all.n)
		return;
	csv->separator = separator;
	csv->n = 0;
	while (csv->n < CSV_CELLS_MAX) {
		struct slice cell = slice_head(all, slice_find(all, separator));

		csv->cell[csv->n++] = cell;
		if (cell.n == all.n)
			return;
		all = slice_from(all, cell.n + 1);
	}
}

/* Would a spreadsheet take the cell for a formula? It may send other cells to somebody, and what
 * strangers wrote stands here. With the mark it is text, so the mark itself needs another in front. */
static bool
is_formula(struct slice cell)
{
	while (cell.n > 0 && cell.p[0] == GUARD)
		cell = slice_from(cell, 1);
	return cell.n > 0 && memchr("=+-@\t\r", cell.p[0], 6) != NULL;
}

struct slice
csv_plain(struct slice cell)
{
	return cell.n > 0 && cell.p[0] == GUARD && is_formula(cell) ? slice_from(cell, 1) : cell;
}

void
csv_put(FILE *to, struct slice cell)
{
	bool guarded = is_formula(cell);
	bool quoted = guarded;

	for (size_t i = 0; i < cell.n; i++)
		quoted = quoted || strchr(",;\t\"\r\n", cell.p[i]) != NULL;
	quoted = quoted || (cell.n > 0 && (cell.p[0] == ' ' || cell.p[cell.n - 1] == ' '));
	if (quoted)
		(void)putc(QUOTE, to);
	if (guarded)
		(void)putc(GUARD, to);
	for (size_t i = 0; i < cell.n; i++) {
		if (cell.p[i] == QUOTE)
			(void)putc(QUOTE, to);
		(void)putc((unsigned char)cell.p[i], to);
	}
	if (quoted)
		(void)putc(QUOTE, to);
}
