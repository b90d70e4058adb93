/*
 * conf_shape.c - see conf_shape.h.
 */
#include "conf/conf_shape.h"

#include "conf/conf_scan.h"
#include "conf/conf_suggest.h"
#include "conf/option_parts.h"

struct reader {
	struct conf_shape *shape;
	struct conf_scan scan;
	struct conf_token token; /* the next one, not used up yet */
	struct arena *arena;
	size_t section;      /* the one being read */
	unsigned value_line; /* of the single value that was read last; 0: none */
	struct err *err;
};

static int
no_memory(const struct reader *r)
{
	return err_set(r->err, ERR_NOMEM, "%s: no memory to read it", r->shape->name);
}

/* The token as errors name it: words and signs in quotes, strings as they are written. */
static struct option_shown
token_show(const struct conf_token *token)
{
	const char *quote = token->kind == CONF_TOKEN_STRING ? "" : "\"";
	struct slice text = slice_head(token->text, slice_find(token->text, '\n'));
	bool cut = text.n > OPTION_SHOW_BYTES - 6;
	struct option_shown shown = {"the end of the file"};
	struct buf out;

	if (token->kind == CONF_TOKEN_END)
		return shown;
	buf_init(&out, shown.text, sizeof(shown.text));
	buf_add_text(&out, quote);
	buf_add(&out, slice_head(slice_trim(text), OPTION_SHOW_BYTES - 6));
	buf_add_text(&out, cut ? "..." : quote);
	(void)buf_text(&out);
	return shown;
}

static int
advance(struct reader *r)
{
	struct buf *clean = &r->shape->clean;
	unsigned line = r->token.line;

	if (conf_scan_next(&r->scan, &r->token, r->err) != 0)
		return -1;
	buf_add_char(clean, r->token.line == line ? ' ' : '\n');
	for (size_t i = 0; i < r->token.text.n; i++) {
		if (r->token.text.p[i] != '\r')
			buf_add_char(clean, r->token.text.p[i]);
	}
	return 0;
}

static const char *
section_name(const struct reader *r)
{
	return r->shape->sections[r->section]->name;
}

/* "NAME:LINE: SECTION.OPTION: problem" */
static int
option_fail(
    const struct reader *r, const struct conf_given *given, unsigned line, const char *problem)
{
	return conf_fail(
	    r->err, r->shape->name, line, "%s.%s: %s", section_name(r), given->row->name, problem);
}

static bool
token_is_value(const struct conf_token *token)
{
	return token->kind == CONF_TOKEN_WORD || token->kind == CONF_TOKEN_STRING;
}

/* Something else where a name should stand. */
static int
name_fail(const struct reader *r, const char *whose)
{
	return conf_fail(r->err, r->shape->name, r->token.line,
	    "unexpected %s; the name of %s should stand here%s", token_show(&r->token).text, whose,
	    r->token.kind == CONF_TOKEN_STRING ? ", without quotes" : "");
}

/* The same within a section. Most often it is the rest of an unquoted value. */
static int
option_expected_fail(const struct reader *r)
{
	if (r->value_line != r->token.line)
		return name_fail(r, "an option");
	/* More text is not repeated: it may be a part of a password. */
	return conf_fail(r->err, r->shape->name, r->token.line,
	    "unexpected %s after the value; put a value with blanks or any of # \" ' = { } ( ) + , "
	    "* in quotes, and several values in { a, b }",
	    token_is_value(&r->token) ? "text" : token_show(&r->token).text);
}

static int
value_read(struct reader *r, struct conf_given *given)
{
	struct conf_value *value = arena_alloc(r->arena, sizeof(*value));

	if (value == NULL)
		return no_memory(r);
	value->line = r->token.line;
	*given->end = value;
	given->end = &value->next;
	return advance(r);
}

/* What stands where an entry of a list, or the comma behind it, should. */
static int
list_fail(const struct reader *r, const struct conf_given *given, unsigned begin)
{
	char text[OPTION_SHOW_BYTES + 160];
	struct buf problem = BUF_OVER(text);

	switch (r->token.kind) {
	case CONF_TOKEN_END:
		return option_fail(r, given, begin,
		    "the list that begins here is never closed: } is "
		    "missing");
	case CONF_TOKEN_COMMA:
		return option_fail(r, given, r->token.line, "an entry is missing before the comma");
	case CONF_TOKEN_OPEN:
		return option_fail(r, given, r->token.line,
		    "{ within a list; lists hold plain "
		    "entries: { a, b }");
	case CONF_TOKEN_SET:
	case CONF_TOKEN_ADD:
		buf_add_format(&problem,
		    "= within the list that begins in line %u; is its } missing? (an entry with = "
		    "in it needs quotes)",
		    begin);
		break;
	default:
		buf_add_format(&problem,
		    "a comma is missing before %s, or the } of the list that begins in line %u",
		    token_show(&r->token).text, begin);
		break;
	}
	return option_fail(r, given, r->token.line, buf_text(&problem));
}

/* From the opening brace over the closing one. */
static int
list_read(struct reader *r, struct conf_given *given)
{
	unsigned begin = r->token.line;

	if (advance(r) != 0)
		return -1;
	while (r->token.kind != CONF_TOKEN_CLOSE) {
		if (!token_is_value(&r->token))
			return list_fail(r, given, begin);
		if (value_read(r, given) != 0)
			return -1;
		if (r->token.kind == CONF_TOKEN_COMMA) {
			if (advance(r) != 0)
				return -1;
		} else if (r->token.kind != CONF_TOKEN_CLOSE) {
			return list_fail(r, given, begin);
		}
	}
	return advance(r);
}

/* What stands behind the sign, which was in that line. */
static int
values_read(struct reader *r, struct conf_given *given, unsigned line)
{
	const struct conf_token *token = &r->token;

	if (token->kind == CONF_TOKEN_OPEN && option_is_list(given->row))
		return list_read(r, given);
	if (token->kind == CONF_TOKEN_OPEN)
		return option_fail(
		    r, given, token->line, "takes one value, not a list; leave out the braces");
	/* A bare word on the next line is the next option: "block =" was left unfinished. */
	if (!token_is_value(token) || (token->kind == CONF_TOKEN_WORD && token->line != line))
		return option_fail(r, given, line, "there is no value after =");
	r->value_line = token->line;
	return value_read(r, given);
}

struct conf_given *
conf_shape_find(const struct conf_shape *shape, size_t section, const struct option *row)
{
	for (size_t i = 0; i < shape->given_n; i++) {
		if (shape->givens[i].section == section && shape->givens[i].row == row)
			return &shape->givens[i];
	}
	return NULL;
}

/* The record for the option: a new one, or for "+=" the one there is; NULL after an error. */
static struct conf_given *
given_take(struct reader *r, const struct option *row, unsigned line)
{
	bool add = r->token.kind == CONF_TOKEN_ADD;
	struct conf_given *given = conf_shape_find(r->shape, r->section, row);

	if (given != NULL && !add) {
		(void)conf_fail(r->err, r->shape->name, line,
		    "%s.%s is given twice, first in line %u; one of the two must go%s",
		    section_name(r), row->name, given->line,
		    option_is_list(row) ? " (or add to the first with +=)" : "");
		return NULL;
	}
	if (given == NULL) {
		given = &r->shape->givens[r->shape->given_n++];
		*given = (struct conf_given){.row = row, .section = r->section, .line = line};
		given->add = add;
		given->end = &given->first;
	}
	if (add && !option_is_list(row)) {
		(void)option_fail(r, given, line, "+= is for lists; write =");
		return NULL;
	}
	return given;
}

static const struct conf_section *
section_find(const struct conf_shape *shape, struct slice name, size_t *i_r)
{
	for (size_t i = 0; i < shape->n; i++) {
		if (slice_eq(slice_of(shape->sections[i]->name), name)) {
			*i_r = i;
			return shape->sections[i];
		}
	}
	return NULL;
}

/* A name in a section without its sign behind it, or one that no option has. */
static int
option_name_fail(const struct reader *r, const struct conf_token *name, const struct option *row)
{
	const struct conf_shape *shape = r->shape;
	struct option_shown shown = token_show(name);
	size_t other;

	if (r->token.kind == CONF_TOKEN_OPEN && section_find(shape, name->text, &other) != NULL)
		return conf_fail(r->err, shape->name, name->line,
		    "section %s begins inside section %s; a } is missing before it (%s begins in "
		    "line %u)",
		    shown.text, section_name(r), section_name(r), shape->section_lines[r->section]);
	if (row != NULL)
		return conf_fail(r->err, shape->name, name->line,
		    "%s.%s: = and a value are missing after it", section_name(r), row->name);
	if (name->text.p[name->text.n - 1] == ':')
		return conf_fail(r->err, shape->name, name->line,
		    "%s: write = between name and value, not a colon", shown.text);
	return conf_fail(r->err, shape->name, name->line, "there is no option %s in section %s; %s",
	    shown.text, section_name(r),
	    conf_suggest_option(shape->sections, shape->n, r->section, name->text).text);
}

static int
option_read(struct reader *r)
{
	const struct conf_section *section = r->shape->sections[r->section];
	struct conf_token name = r->token;
	const struct option *row = option_find(section->options, name.text);
	struct conf_given *given;
	unsigned line;
	bool sign;

	if (advance(r) != 0)
		return -1;
	line = r->token.line;
	sign = r->token.kind == CONF_TOKEN_SET || r->token.kind == CONF_TOKEN_ADD;
	if (!sign && name.line == r->value_line) {
		r->token = name;
		return option_expected_fail(r);
	}
	if (row == NULL || !sign)
		return option_name_fail(r, &name, row);
	r->value_line = 0;
	given = given_take(r, row, name.line);
	if (given == NULL || advance(r) != 0)
		return -1;
	return values_read(r, given, line);
}

/* What stands outside of all sections and begins none. */
static int
outside_fail(const struct reader *r, const struct conf_token *name)
{
	const struct conf_shape *shape = r->shape;
	struct option_shown shown = token_show(name);
	bool sign = r->token.kind == CONF_TOKEN_SET || r->token.kind == CONF_TOKEN_ADD;
	size_t i;

	if (section_find(shape, name->text, &i) != NULL && sign)
		return conf_fail(r->err, shape->name, name->line,
		    "section %s takes no =; write %s { ... }", shown.text,
		    shape->sections[i]->name);
	if (section_find(shape, name->text, &i) != NULL)
		return conf_fail(r->err, shape->name, name->line,
		    "section %s: { is missing after its name", shown.text);
	if (sign)
		return conf_fail(r->err, shape->name, name->line,
		    "option %s stands outside of any section; %s", shown.text,
		    conf_suggest_option(shape->sections, shape->n, shape->n, name->text).text);
	return conf_fail(r->err, shape->name, name->line, "there is no section %s; %s", shown.text,
	    conf_suggest_section(shape->sections, shape->n, name->text).text);
}

/* From the section's name over its closing brace. */
static int
section_read(struct reader *r)
{
	struct conf_shape *shape = r->shape;
	struct conf_token name = r->token;

	if (advance(r) != 0)
		return -1;
	if (section_find(shape, name.text, &r->section) == NULL || r->token.kind != CONF_TOKEN_OPEN)
		return outside_fail(r, &name);
	if (shape->section_lines[r->section] != 0)
		return conf_fail(r->err, shape->name, name.line,
		    "section %s is given twice, first in line %u; put all its options into one",
		    section_name(r), shape->section_lines[r->section]);
	shape->section_lines[r->section] = name.line;
	r->value_line = 0;
	if (advance(r) != 0)
		return -1;
	while (r->token.kind != CONF_TOKEN_CLOSE) {
		if (r->token.kind == CONF_TOKEN_END)
			return conf_fail(r->err, shape->name, name.line,
			    "section %s, which begins here, is never closed: } is missing",
			    section_name(r));
		if (r->token.kind != CONF_TOKEN_WORD)
			return option_expected_fail(r);
		if (option_read(r) != 0)
			return -1;
	}
	return advance(r);
}

static int
file_read(struct reader *r)
{
	while (r->token.kind != CONF_TOKEN_END) {
		if (r->token.kind == CONF_TOKEN_CLOSE)
			return conf_fail(r->err, r->shape->name, r->token.line,
			    "a } that closes nothing; is there one too many above?");
		if (r->token.kind != CONF_TOKEN_WORD)
			return name_fail(r, "a section");
		if (section_read(r) != 0)
			return -1;
	}
	return 0;
}

int
conf_shape_read(struct conf_shape *shape, struct arena *a, struct err *err)
{
	struct reader r = {.shape = shape, .arena = a, .err = err};
	size_t room = 2 * shape->text.n + 2; /* a blank before each token, at most one per byte */
	size_t rows = 0;
	char *clean;

	if (conf_scan_init(&r.scan, shape->text, shape->name, err) != 0)
		return -1;
	for (size_t i = 0; i < shape->n; i++) {
		for (const struct option *row = shape->sections[i]->options; row->name; row++)
			rows++;
	}
	clean = arena_alloc(a, room);
	shape->givens = arena_alloc(a, (rows + 1) * sizeof(*shape->givens));
	if (clean == NULL || shape->givens == NULL)
		return no_memory(&r);
	buf_init(&shape->clean, clean, room);
	r.token.line = 1;
	if (advance(&r) != 0)
		return -1;
	return file_read(&r);
}
