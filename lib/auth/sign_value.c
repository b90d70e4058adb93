/*
 * sign_value.c - see sign_value.h.
 */
#include "auth/sign_value.h"

/* RFC 5322 section 2.1.1: lines should not be longer. */
#define COLUMNS 78

struct sign_value
sign_value_begin(struct buf *out, struct slice field_name)
{
	return (struct sign_value){.out = out, .column = field_name.n + 2};
}

static void
put(struct sign_value *v, struct slice text)
{
	buf_add(v->out, text);
	v->column += text.n;
	v->fresh_line = false;
}

static void
fold(struct sign_value *v)
{
	buf_add_text(v->out, "\n\t");
	v->column = 1;
	v->fresh_line = true;
}

void
sign_value_line(struct sign_value *v)
{
	if (v->begun)
		buf_add_char(v->out, ';');
	v->begun = false;
	fold(v);
}

/* Ends the tag before, and begins one that needs n bytes, with what may come behind it. */
static void
tag_begin(struct sign_value *v, const char *tag, size_t n)
{
	if (v->begun) {
		put(v, slice_of(";"));
		if (v->column + 1 + strlen(tag) + 1 + n + 1 > COLUMNS)
			fold(v);
		else
			put(v, slice_of(" "));
	}
	v->begun = true;
	put(v, slice_of(tag));
	put(v, slice_of("="));
}

void
sign_value_tag(struct sign_value *v, const char *tag, struct slice value)
{
	tag_begin(v, tag, value.n);
	put(v, value);
}

void
sign_value_list(struct sign_value *v, const char *tag)
{
	tag_begin(v, tag, 0);
	v->fresh_list = true;
}

void
sign_value_item(struct sign_value *v, struct slice word)
{
	if (!v->fresh_list)
		put(v, slice_of(":"));
	if (!v->fresh_list && v->column + word.n + 1 > COLUMNS)
		fold(v);
	put(v, word);
	v->fresh_list = false;
}

void
sign_value_open(struct sign_value *v, const char *tag)
{
	tag_begin(v, tag, 0);
}

void
sign_value_fill(struct sign_value *v, struct slice text)
{
	while (text.n > 0) {
		size_t room = v->column < COLUMNS ? COLUMNS - v->column : 0;

		if (room == 0 && !v->fresh_line) {
			fold(v);
			continue;
		}
		put(v, slice_head(text, room));
		text = slice_from(text, room);
	}
}
