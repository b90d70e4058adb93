/*
 * table.c - see table.h.
 */
#include "table.h"

#include "words.h"

#include <assert.h>

/* A block's cells are short; a row that does not fit is shown in a block of its own. */
#define BLOCK_BYTES ((size_t)8 * 1024 * 1024)

#define GAP "  "

void
table_begin(struct table *t, struct out *out, const struct table_column *columns, size_t n)
{
	assert(n <= TABLE_COLUMNS_MAX);
	*t = (struct table){.out = out, .columns = columns, .n = n};
	arena_init(&t->arena, 65536, BLOCK_BYTES);
	for (size_t i = 0; i < n; i++)
		t->widths[i] = strlen(columns[i].title);
}

static void
pad(struct table *t, size_t places)
{
	(void)fprintf(t->out->to, "%*s", (int)places, "");
}

/* A cell within its column; the last is not filled up. */
static void
cell_print(struct table *t, size_t column, const struct table_cell *cell, bool last)
{
	size_t spare = t->widths[column] - cell->width;

	if (t->columns[column].right)
		pad(t, spare);
	out_print(t->out, cell->style, "%.*s", SLICE_ARG(cell->text));
	if (!t->columns[column].right && !last)
		pad(t, spare);
}

static void
line_print(struct table *t, const struct table_cell *cells)
{
	size_t last = 0;
	bool first = true;

	for (size_t i = 0; i < t->n; i++) {
		if (!t->columns[i].hidden && (cells[i].width > 0 || t->columns[i].right))
			last = i;
	}
	for (size_t i = 0; i <= last; i++) {
		if (t->columns[i].hidden)
			continue;
		if (!first)
			(void)fputs(GAP, t->out->to);
		first = false;
		cell_print(t, i, &cells[i], i == last);
	}
	(void)fputc('\n', t->out->to);
}

static void
header_print(struct table *t)
{
	struct table_cell cells[TABLE_COLUMNS_MAX] = {{.width = 0}};

	for (size_t i = 0; i < t->n; i++) {
		struct slice title = slice_of(t->columns[i].title);

		cells[i] = (struct table_cell){title, OUT_BOLD, title.n};
	}
	line_print(t, cells);
}

static void
block_print(struct table *t)
{
	for (size_t row = 0; row < t->block; row++) {
		for (size_t i = 0; i < t->n; i++) {
			if (t->cells[row * t->n + i].width > t->widths[i])
				t->widths[i] = t->cells[row * t->n + i].width;
		}
	}
	if (t->block > 0 && t->block == t->rows)
		header_print(t);
	for (size_t row = 0; row < t->block; row++)
		line_print(t, &t->cells[row * t->n]);
	arena_reset(&t->arena);
	t->cells = NULL;
	t->block = 0;
}

/* A place in the block for the next cell, or NULL. */
static struct table_cell *
cell_place(struct table *t)
{
	assert(t->at < t->n);
	if (t->cells == NULL)
		t->cells = arena_alloc(
		    &t->arena, TABLE_BLOCK_ROWS * t->n * sizeof(struct table_cell));
	return t->cells == NULL ? NULL : &t->cells[t->block * t->n + t->at];
}

/* Keeps text, escaped, for the block. */
static void
cell_keep(struct table *t, enum out_style style, struct slice text)
{
	struct table_cell *place = cell_place(t);
	size_t room = text.n * 4 + 1; /* \xNN, and what buf_add_format() wants for a NUL */
	char *storage = place == NULL ? NULL : arena_alloc(&t->arena, room);
	struct buf escaped;

	if (storage == NULL) {
		t->out->failed = true;
		return;
	}
	buf_init(&escaped, storage, room);
	out_escape(&escaped, text);
	*place = (struct table_cell){buf_slice(&escaped), style, escaped.n};
}

/* The next cell, as text for a terminal or a pipe. */
static void
cell_add(struct table *t, enum out_style style, struct slice text)
{
	if (t->out->form == OUT_TERMINAL) {
		cell_keep(t, style, text);
	} else {
		if (t->at > 0)
			(void)fputc('\t', t->out->to);
		out_slice(t->out, OUT_NORMAL, text);
	}
	t->at++;
}

/* The next cell, as a value of JSON. */
static void
value_add(struct table *t, json_t *value)
{
	assert(t->at < t->n);
	if (t->object == NULL)
		t->object = json_object();
	if (json_object_set_new(t->object, t->columns[t->at].key, value) != 0)
		t->out->failed = true;
	t->at++;
}

void
table_text(struct table *t, enum out_style style, struct slice text)
{
	if (t->out->form == OUT_JSON)
		value_add(t, out_json_text(text));
	else
		cell_add(t, style, text);
}

void
table_words(struct table *t, enum out_style style, const char *words)
{
	table_text(t, style, slice_of(words));
}

void
table_number(struct table *t, enum out_style style, int64_t number)
{
	char storage[24];
	struct buf digits = BUF_OVER(storage);

	buf_add_format(&digits, "%lld", (long long)number);
	if (t->out->form == OUT_JSON)
		value_add(t, json_integer(number));
	else
		cell_add(t, style, buf_slice(&digits));
}

void
table_flag(struct table *t, bool flag)
{
	if (t->out->form == OUT_JSON)
		value_add(t, json_boolean(flag));
	else
		cell_add(t, OUT_NORMAL, slice_of(flag ? "yes" : "no"));
}

void
table_none(struct table *t)
{
	if (t->out->form == OUT_JSON)
		value_add(t, json_null());
	else
		cell_add(t, OUT_DIM, slice_of("-"));
}

void
table_text_or_none(struct table *t, const char *text)
{
	if (text[0] == '\0')
		table_none(t);
	else
		table_text(t, OUT_NORMAL, slice_of(text));
}

void
table_time(struct table *t, enum out_style style, int64_t unix_s, int64_t now_s)
{
	char storage[64];
	struct buf words = BUF_OVER(storage);

	words_when(&words, unix_s, now_s);
	if (t->out->form == OUT_TERMINAL)
		cell_add(t, style, buf_slice(&words));
	else
		table_number(t, style, unix_s);
}

void
table_duration(struct table *t, enum out_style style, int64_t seconds)
{
	char storage[64];
	struct buf words = BUF_OVER(storage);

	words_duration(&words, seconds);
	if (t->out->form == OUT_TERMINAL)
		cell_add(t, style, buf_slice(&words));
	else
		table_number(t, style, seconds);
}

void
table_picture(struct table *t, enum out_style style, const char *text, size_t width)
{
	struct table_cell *place;

	if (t->out->form != OUT_TERMINAL) {
		t->at++;
		return;
	}
	place = cell_place(t);
	if (place == NULL)
		t->out->failed = true;
	else
		*place = (struct table_cell){arena_copy(&t->arena, slice_of(text)), style, width};
	t->at++;
}

void
table_row(struct table *t)
{
	assert(t->at == t->n);
	t->at = 0;
	t->rows++;
	if (t->out->form == OUT_JSON) {
		out_json(t->out, t->object, t->rows == 1);
		t->object = NULL;
	} else if (t->out->form == OUT_PIPE) {
		(void)fputc('\n', t->out->to);
	} else if (!t->out->failed) {
		t->block++;
		if (t->block == TABLE_BLOCK_ROWS || t->arena.used_bytes > BLOCK_BYTES / 2)
			block_print(t);
	}
}

void
table_end(struct table *t)
{
	if (t->out->form == OUT_JSON)
		out_json_end(t->out, t->rows == 0);
	else if (t->out->form == OUT_TERMINAL && !t->out->failed)
		block_print(t);
	arena_fini(&t->arena);
}
