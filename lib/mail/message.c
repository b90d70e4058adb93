/*
 * message.c - see message.h.
 */
#include "mail/message.h"

#include "mail/body_edit.h"

#include <assert.h>

/* What the first field that is added makes room for; most mail has some 30. */
#define ROOM_FIRST 32

/* Room for so many more fields. 0, or -1, and the message is as it was. */
static int
fields_reserve(struct arena *a, struct message *m, size_t more)
{
	size_t room = m->room > 0 ? m->room : ROOM_FIRST;
	struct message_field *v;

	if (more <= m->room - m->n)
		return 0;
	while (room < m->n + more)
		room *= 2;
	v = arena_alloc(a, room * sizeof(*v));
	if (v == NULL)
		return -1;
	if (m->n > 0)
		memcpy(v, m->v, m->n * sizeof(*v));
	m->v = v;
	m->room = room;
	return 0;
}

/* --- Taking apart --- */

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
	struct message m = {.n = 0};
	size_t n = fields_count(text);

	if (fields_reserve(a, &m, n) != 0)
		return -1;
	for (; m.n < n; m.n++) {
		struct slice field = field_first(text);

		m.v[m.n] = field_split(field);
		text = slice_from(text, field.n);
	}
	if (line_trim_end(line_first(text)).n == 0)
		text = slice_from(text, line_first(text).n);
	m.body = text;
	*message_r = m;
	return 0;
}

int
message_add(struct arena *a, struct message *message, struct slice name, struct slice value)
{
	struct message_field field;

	while (name.n > 0 && (name.p[name.n - 1] == ' ' || name.p[name.n - 1] == '\t'))
		name.n--;
	if (message->n == MESSAGE_FIELDS_MAX || fields_reserve(a, message, 1) != 0)
		return -1;
	field = (struct message_field){arena_copy(a, name), arena_copy(a, value)};
	if (field.name.p == NULL || field.value.p == NULL)
		return -1;
	message->v[message->n++] = field;
	return 0;
}

/* --- Edits --- */

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
	if (fields_reserve(a, message, edits->n) != 0)
		return -1;
	for (size_t i = 0; i < edits->n; i++) {
		if (edit_apply(a, message, &edits->v[i]) != 0)
			return -1;
	}
	return 0;
}

/* --- Putting together --- */

/* Each LF as CRLF, but not one that has its CR. */
static int
value_put(struct slice value, const struct sink *out)
{
	while (value.n > 0) {
		size_t n = slice_find(value, '\n');
		bool has_cr = n > 0 && value.p[n - 1] == '\r';

		if (sink_put(out, slice_head(value, n < value.n && has_cr ? n - 1 : n)) != 0)
			return -1;
		if (n < value.n && sink_put(out, slice_make("\r\n", 2)) != 0)
			return -1;
		value = slice_from(value, n + 1);
	}
	return 0;
}

static int
header_put(const struct message *m, const struct sink *out)
{
	for (size_t i = 0; i < m->n; i++) {
		if (sink_put(out, m->v[i].name) != 0 || sink_put(out, slice_make(":", 1)) != 0 ||
		    value_put(m->v[i].value, out) != 0 || sink_put(out, slice_make("\r\n", 2)) != 0)
			return -1;
	}
	return sink_put(out, slice_make("\r\n", 2));
}

int
message_edited(struct arena *a, const struct message *message, const struct edits *edits,
    struct message *edited_r)
{
	struct message m = {.body = message->body};

	if (fields_reserve(a, &m, message->n) != 0)
		return -1;
	if (message->n > 0)
		memcpy(m.v, message->v, message->n * sizeof(*m.v));
	m.n = message->n;
	*edited_r = m;
	return message_apply(a, edited_r, edits);
}

int
message_put_edited(struct arena *a, const struct message *message, const struct edits *edits,
    const struct sink *out)
{
	struct message m;

	if (message_edited(a, message, edits, &m) != 0 || header_put(&m, out) != 0)
		return -1;
	if (!edits_of_body(edits))
		return sink_put(out, message->body);
	return body_edits_apply_to(edits->body_edits, edits->body, out);
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
