/*
 * conf_shape_option.c - see conf_shape.h: one option and its values.
 */
#include "conf/conf_shape_parts.h"

#include "conf/conf_suggest.h"

/* "NAME:LINE: SECTION.OPTION: problem" */
static int
option_fail(
    const struct conf_reader *r, const struct conf_given *given, unsigned line, const char *problem)
{
	return conf_fail(
	    r->err, r->shape->name, line, "%s.%s: %s", r->where, given->row->name, problem);
}

/* The same within a section. Most often it is the rest of an unquoted value. */
static int
option_expected_fail(const struct conf_reader *r)
{
	if (r->value_line != r->token.line)
		return conf_reader_name_fail(r, "an option");
	/* More text is not repeated: it may be a part of a password. */
	return conf_fail(r->err, r->shape->name, r->token.line,
	    "unexpected %s after the value; put a value with blanks or any of # \" ' = { } ( ) + , "
	    "* in quotes, and several values in { a, b }",
	    conf_token_is_value(&r->token) ? "text" : conf_token_show(&r->token).text);
}

static int
value_read(struct conf_reader *r, struct conf_given *given)
{
	struct conf_value *value = arena_alloc(r->arena, sizeof(*value));

	if (value == NULL)
		return conf_reader_no_memory(r);
	value->line = r->token.line;
	*given->end = value;
	given->end = &value->next;
	return conf_reader_advance(r);
}

/* What stands where an entry of a list, or the comma behind it, should. */
static int
list_fail(const struct conf_reader *r, const struct conf_given *given, unsigned begin)
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
		    conf_token_show(&r->token).text, begin);
		break;
	}
	return option_fail(r, given, r->token.line, buf_text(&problem));
}

/* From the opening brace over the closing one. */
static int
list_read(struct conf_reader *r, struct conf_given *given)
{
	unsigned begin = r->token.line;

	if (conf_reader_advance(r) != 0)
		return -1;
	while (r->token.kind != CONF_TOKEN_CLOSE) {
		if (!conf_token_is_value(&r->token))
			return list_fail(r, given, begin);
		if (value_read(r, given) != 0)
			return -1;
		if (r->token.kind == CONF_TOKEN_COMMA) {
			if (conf_reader_advance(r) != 0)
				return -1;
		} else if (r->token.kind != CONF_TOKEN_CLOSE) {
			return list_fail(r, given, begin);
		}
	}
	return conf_reader_advance(r);
}

/* What stands behind the sign, which was in that line. */
static int
values_read(struct conf_reader *r, struct conf_given *given, unsigned line)
{
	const struct conf_token *token = &r->token;

	if (token->kind == CONF_TOKEN_OPEN && option_is_list(given->row))
		return list_read(r, given);
	if (token->kind == CONF_TOKEN_OPEN)
		return option_fail(
		    r, given, token->line, "takes one value, not a list; leave out the braces");
	/* A bare word on the next line is the next option: "block =" was left unfinished. */
	if (!conf_token_is_value(token) || (token->kind == CONF_TOKEN_WORD && token->line != line))
		return option_fail(r, given, line, "there is no value after =");
	r->value_line = token->line;
	return value_read(r, given);
}

/* What was given for the option in this section so far, or NULL. */
static struct conf_given *
given_find(const struct conf_reader *r, const struct option *row)
{
	struct conf_given *given = *r->begin;

	while (given != NULL && given->row != row)
		given = given->next;
	return given;
}

static struct conf_given *
given_new(struct conf_reader *r, const struct option *row, unsigned line)
{
	struct conf_given *given = arena_alloc(r->arena, sizeof(*given));

	if (given == NULL) {
		(void)conf_reader_no_memory(r);
		return NULL;
	}
	*given = (struct conf_given){.row = row,
	    .section = r->section,
	    .titled = r->titled,
	    .nth = r->nth,
	    .line = line,
	    .add = r->token.kind == CONF_TOKEN_ADD,
	    .end = &given->first};
	*r->end = given;
	r->end = &given->next;
	return given;
}

/* The record for the option: a new one, or for "+=" the one there is; NULL after an error. */
static struct conf_given *
given_take(struct conf_reader *r, const struct option *row, unsigned line)
{
	bool add = r->token.kind == CONF_TOKEN_ADD;
	struct conf_given *given = given_find(r, row);

	if (given != NULL && !add) {
		(void)conf_fail(r->err, r->shape->name, line,
		    "%s.%s is given twice, first in line %u; one of the two must go%s", r->where,
		    row->name, given->line,
		    option_is_list(row) ? " (or add to the first with +=)" : "");
		return NULL;
	}
	if (given == NULL)
		given = given_new(r, row, line);
	if (given != NULL && add && !option_is_list(row)) {
		(void)option_fail(r, given, line, "+= is for lists; write =");
		return NULL;
	}
	return given;
}

/* Is it that section's name, with its brace or its title behind it? */
static bool
section_begins(
    const struct conf_reader *r, const struct conf_section *section, const struct option *row)
{
	if (section == NULL)
		return false;
	return r->token.kind == CONF_TOKEN_OPEN ||
	       (row == NULL && section->titles != NULL && conf_token_is_value(&r->token));
}

/* A name in a section without its sign behind it, or one that no option has. */
static int
option_name_fail(
    const struct conf_reader *r, const struct conf_token *name, const struct option *row)
{
	const struct conf_shape *shape = r->shape;
	struct option_shown shown = conf_token_show(name);
	size_t other;

	if (section_begins(r, conf_section_find(shape, name->text, &other), row))
		return conf_fail(r->err, shape->name, name->line,
		    "section %s begins inside section %s; a } is missing before it (%s begins in "
		    "line %u)",
		    shown.text, r->where, r->where, r->line);
	if (row != NULL)
		return conf_fail(r->err, shape->name, name->line,
		    "%s.%s: = and a value are missing after it", r->where, row->name);
	if (name->text.p[name->text.n - 1] == ':')
		return conf_fail(r->err, shape->name, name->line,
		    "%s: write = between name and value, not a colon", shown.text);
	return conf_fail(r->err, shape->name, name->line, "there is no option %s in section %s; %s",
	    shown.text, r->where,
	    conf_suggest_option(shape->sections, shape->n, r->section, name->text).text);
}

int
conf_shape_option(struct conf_reader *r)
{
	const struct conf_section *section = r->shape->sections[r->section];
	struct conf_token name = r->token;
	const struct option *row = option_find(section->options, name.text);
	struct conf_given *given;
	unsigned line;
	bool sign;

	if (name.kind != CONF_TOKEN_WORD)
		return option_expected_fail(r);
	if (conf_reader_advance(r) != 0)
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
	if (given == NULL || conf_reader_advance(r) != 0)
		return -1;
	return values_read(r, given, line);
}
