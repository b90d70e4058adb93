/*
 * message.c - see message.h.
 */
#include "mail/message.h"

#include <assert.h>

/* The first line of text, with its line end. */
static struct slice
line_first(struct slice text)
{
	size_t end = slice_find(text, '\n');

	return slice_head(text, end + 1);
}

static struct slice
line_trim_end(struct slice line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\n')
		line.n--;
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* RFC 5322 section 2.2: printable ASCII without the colon; blanks before it are obsolete, but come. */
static size_t
field_name_length(struct slice line)
{
	size_t n = 0, end;

	while (n < line.n && line.p[n] > ' ' && line.p[n] <= '~' && line.p[n] != ':')
		n++;
	for (end = n; end < line.n && (line.p[end] == ' ' || line.p[end] == '\t'); end++)
		continue;
	return n > 0 && end < line.n && line.p[end] == ':' ? n : 0;
}

/* A field with the lines that go on with it; n = 0: none begins here. */
static struct slice
field_first(struct slice text)
{
	struct slice field = line_first(text);

	if (field_name_length(field) == 0)
		return slice_head(text, 0);
	while (field.n < text.n && (text.p[field.n] == ' ' || text.p[field.n] == '\t'))
		field.n += line_first(slice_from(text, field.n)).n;
	return field;
}

static struct message_field
field_split(struct slice field)
{
	struct slice whole = line_trim_end(field);
	size_t colon = slice_find(whole, ':');

	return (struct message_field){slice_head(whole, field_name_length(whole)),
	    slice_from(whole, colon < whole.n ? colon + 1 : colon)};
}

static size_t
fields_count(struct slice text)
{
	size_t n = 0;

	for (struct slice f = field_first(text); f.n > 0 && n < MESSAGE_FIELDS_MAX; n++) {
		text = slice_from(text, f.n);
		f = field_first(text);
	}
	return n;
}

int
message_parse(struct arena *a, struct slice text, struct message *message_r)
{
	struct message m = {.n = fields_count(text)};

	m.room = m.n + EDITS_MAX;
	m.v = arena_alloc(a, m.room * sizeof(*m.v));
	if (m.v == NULL)
		return -1;
	for (size_t i = 0; i < m.n; i++) {
		struct slice field = field_first(text);

		m.v[i] = field_split(field);
		text = slice_from(text, field.n);
	}
	if (line_trim_end(line_first(text)).n == 0)
		text = slice_from(text, line_first(text).n);
	m.body = text;
	*message_r = m;
	return 0;
}

static void
field_insert(struct message *m, size_t at, const struct message_field *field)
{
	assert(m->n < m->room);
	memmove(&m->v[at + 1], &m->v[at], (m->n - at) * sizeof(*m->v));
	m->v[at] = *field;
	m->n++;
}

/* The index of the how-manieth field of that name, from 1; m->n for none. */
static size_t
field_find(const struct message *m, const char *name, int which)
{
	for (size_t i = 0; i < m->n; i++) {
		if (slice_eq_nocase(m->v[i].name, slice_of(name)) && --which == 0)
			return i;
	}
	return m->n;
}

static int
value_make(struct arena *a, const char *value, struct slice *value_r)
{
	size_t n = strlen(value);
	char *p = arena_alloc(a, n + 2);

	if (p == NULL)
		return -1;
	p[0] = ' ';
	memcpy(p + 1, value, n + 1);
	*value_r = slice_make(p, n + 1);
	return 0;
}

static int
edit_apply(struct arena *a, struct message *m, const struct edit *e)
{
	size_t at = e->kind == EDIT_INSERT_HEADER ? 0 : field_find(m, e->name, e->index);
	struct message_field field = {.name = slice_of(e->name)};

	if (e->kind == EDIT_DELETE_HEADER) {
		if (at < m->n) {
			m->n--;
			memmove(&m->v[at], &m->v[at + 1], (m->n - at) * sizeof(*m->v));
		}
		return 0;
	}
	if (value_make(a, e->value, &field.value) != 0)
		return -1;
	if (e->kind == EDIT_INSERT_HEADER)
		field_insert(m, (size_t)e->index < m->n ? (size_t)e->index : m->n, &field);
	else if (at < m->n)
		m->v[at].value = field.value;
	else
		field_insert(m, m->n, &field); /* as smfi_chgheader() of one that is not there */
	return 0;
}

int
message_apply(struct arena *a, struct message *message, const struct edits *edits)
{
	for (size_t i = 0; i < edits->n; i++) {
		if (edit_apply(a, message, &edits->v[i]) != 0)
			return -1;
	}
	return 0;
}

void
message_format(const struct message *message, struct buf *out)
{
	for (size_t i = 0; i < message->n; i++) {
		buf_add(out, message->v[i].name);
		buf_add_char(out, ':');
		buf_add(out, message->v[i].value);
		buf_add_char(out, '\n');
	}
	buf_add_char(out, '\n');
	buf_add(out, message->body);
}
