/*
 * conf_shape.c - see conf_shape.h: the sections. What stands in them is in conf_shape_option.c.
 */
#include "conf/conf_shape_parts.h"

#include "conf/conf_suggest.h"

#include <stdlib.h>

int
conf_reader_no_memory(const struct conf_reader *r)
{
	return err_set(r->err, ERR_NOMEM, "%s: no memory to read it", r->shape->name);
}

struct option_shown
conf_token_show(const struct conf_token *token)
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

int
conf_reader_advance(struct conf_reader *r)
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

bool
conf_token_is_value(const struct conf_token *token)
{
	return token->kind == CONF_TOKEN_WORD || token->kind == CONF_TOKEN_STRING;
}

int
conf_reader_name_fail(const struct conf_reader *r, const char *whose)
{
	return conf_fail(r->err, r->shape->name, r->token.line,
	    "unexpected %s; the name of %s should stand here%s", conf_token_show(&r->token).text,
	    whose, r->token.kind == CONF_TOKEN_STRING ? ", without quotes" : "");
}

const struct conf_section *
conf_section_find(const struct conf_shape *shape, struct slice name, size_t *i_r)
{
	for (size_t i = 0; i < shape->n; i++) {
		if (slice_eq(slice_of(shape->sections[i]->name), name)) {
			*i_r = i;
			return shape->sections[i];
		}
	}
	return NULL;
}

/* What stands outside of all sections and begins none; `more`: a word behind it. */
static int
outside_fail(const struct conf_reader *r, const struct conf_token *name, bool more)
{
	const struct conf_shape *shape = r->shape;
	struct option_shown shown = conf_token_show(name);
	bool sign = r->token.kind == CONF_TOKEN_SET || r->token.kind == CONF_TOKEN_ADD;
	const struct conf_section *section;
	size_t i;

	section = conf_section_find(shape, name->text, &i);
	if (section != NULL && section->titles != NULL)
		return conf_fail(r->err, shape->name, name->line,
		    "section %s: { is missing; write %s { ... } or %s NAME { ... }", shown.text,
		    section->name, section->name);
	if (section != NULL && sign && !more)
		return conf_fail(r->err, shape->name, name->line,
		    "section %s takes no =; write %s { ... }", shown.text, section->name);
	if (section != NULL)
		return conf_fail(r->err, shape->name, name->line,
		    "section %s: { is missing after its name", shown.text);
	if (sign)
		return conf_fail(r->err, shape->name, name->line,
		    "option %s stands outside of any section; %s", shown.text,
		    conf_suggest_option(shape->sections, shape->n, shape->n, name->text).text);
	return conf_fail(r->err, shape->name, name->line, "there is no section %s; %s", shown.text,
	    conf_suggest_section(shape->sections, shape->n, name->text).text);
}

static int
twice_fail(const struct conf_reader *r, unsigned line, unsigned first)
{
	return conf_fail(r->err, r->shape->name, line,
	    "section %s is given twice, first in line %u; put all its options into one", r->where,
	    first);
}

/* "greylist", "account shop". */
static void
where_set(struct conf_reader *r, const struct conf_section *section, struct slice title)
{
	struct buf where = BUF_OVER(r->where);

	buf_add_text(&where, section->name);
	buf_add_text(&where, title.n > 0 ? " " : "");
	buf_add(&where, title);
	(void)buf_text(&where);
}

/* 0, or -1: no such title can be. In quotes it stands for itself: there are no escapes. */
static int
title_check(const struct conf_reader *r, const struct conf_section *section, struct slice title)
{
	struct err why = {ERR_INVALID, ""};

	if (section->titles == NULL)
		return conf_fail(r->err, r->shape->name, r->line,
		    "section %s takes no title; write %s { ... }", section->name, section->name);
	if (slice_find(title, '\\') < title.n)
		return conf_fail(r->err, r->shape->name, r->line,
		    "section %s: a title may not hold a \\", section->name);
	if (section->titles->check(title, &why) == 0)
		return 0;
	return conf_fail_why(r->err, r->shape->name, r->line, "", &why);
}

static int
titles_limit(const struct conf_reader *r)
{
	struct err why;

	(void)err_set(&why, ERR_LIMIT,
	    "more than %d sections %s with a title; that many are allowed", CONF_TITLED_MAX,
	    r->shape->sections[r->section]->name);
	return conf_fail_why(r->err, r->shape->name, r->line, "", &why);
}

/* A section with that title begins. Whether there was one before is seen at the end. */
static int
titled_begin(struct conf_reader *r, const struct conf_token *token)
{
	struct conf_shape *shape = r->shape;
	const struct conf_section *section = shape->sections[r->section];
	struct slice title = token->text;
	struct conf_titled *titled;

	if (token->kind == CONF_TOKEN_STRING)
		title = slice_make(title.p + 1, title.n - 2);
	if (title_check(r, section, title) != 0)
		return -1;
	if (shape->titled_n[r->section] == CONF_TITLED_MAX)
		return titles_limit(r);
	titled = arena_alloc(r->arena, sizeof(*titled));
	if (titled == NULL)
		return conf_reader_no_memory(r);
	*titled = (struct conf_titled){.section = r->section,
	    .title = title,
	    .line = r->line,
	    .i = shape->titled_n[r->section]++};
	*r->titled_end = titled;
	r->titled_end = &titled->next;
	r->titled = titled;
	where_set(r, section, title);
	return 0;
}

static int
untitled_begin(struct conf_reader *r)
{
	unsigned *first = &r->shape->section_lines[r->section];
	static const struct slice none = {NULL, 0};

	r->titled = NULL;
	where_set(r, r->shape->sections[r->section], none);
	if (*first != 0)
		return twice_fail(r, r->line, *first);
	*first = r->line;
	return 0;
}

/* From the section's name over its opening brace. */
static int
section_begin(struct conf_reader *r)
{
	struct conf_shape *shape = r->shape;
	struct conf_token name = r->token, title = {.kind = CONF_TOKEN_END};
	size_t before = shape->clean.n;
	bool known;

	if (conf_reader_advance(r) != 0)
		return -1;
	known = conf_section_find(shape, name.text, &r->section) != NULL;
	if (known && conf_token_is_value(&r->token) && r->token.line == name.line) {
		title = r->token;
		shape->clean.n = before; /* libconfuse tells these sections by their number */
		if (conf_reader_advance(r) != 0)
			return -1;
	}
	if (!known || r->token.kind != CONF_TOKEN_OPEN)
		return outside_fail(r, &name, title.kind != CONF_TOKEN_END);
	r->line = name.line;
	if ((title.kind == CONF_TOKEN_END ? untitled_begin(r) : titled_begin(r, &title)) != 0)
		return -1;
	r->nth = r->begun[r->section]++;
	r->begin = r->end;
	r->value_line = 0;
	return conf_reader_advance(r);
}

/* From the section's name over its closing brace. */
static int
section_read(struct conf_reader *r)
{
	if (section_begin(r) != 0)
		return -1;
	while (r->token.kind != CONF_TOKEN_CLOSE) {
		if (r->token.kind == CONF_TOKEN_END)
			return conf_fail(r->err, r->shape->name, r->line,
			    "section %s, which begins here, is never closed: } is missing",
			    r->where);
		if (conf_shape_option(r) != 0)
			return -1;
	}
	return conf_reader_advance(r);
}

static int
file_read(struct conf_reader *r)
{
	while (r->token.kind != CONF_TOKEN_END) {
		if (r->token.kind == CONF_TOKEN_CLOSE)
			return conf_fail(r->err, r->shape->name, r->token.line,
			    "a } that closes nothing; is there one too many above?");
		if (r->token.kind != CONF_TOKEN_WORD)
			return conf_reader_name_fail(r, "a section");
		if (section_read(r) != 0)
			return -1;
	}
	return 0;
}

/* By section and title; of the same, the first in the file comes first. */
static int
titled_compare(const void *a, const void *b)
{
	const struct conf_titled *x = *(const struct conf_titled *const *)a;
	const struct conf_titled *y = *(const struct conf_titled *const *)b;
	int order = slice_compare(x->title, y->title);

	if (x->section != y->section)
		return x->section < y->section ? -1 : 1;
	if (order != 0)
		return order;
	return x->i < y->i ? -1 : x->i > y->i;
}

/* That each title is there once. All at once: to look back from each takes quadratic time. */
static int
titles_check(struct conf_reader *r)
{
	const struct conf_titled **v, *wrong = NULL;
	unsigned first = 0;
	size_t n = 0;

	for (const struct conf_titled *t = r->shape->titled; t != NULL; t = t->next)
		n++;
	v = arena_alloc(r->arena, (n + 1) * sizeof(const struct conf_titled *));
	if (v == NULL)
		return conf_reader_no_memory(r);
	n = 0;
	for (const struct conf_titled *t = r->shape->titled; t != NULL; t = t->next)
		v[n++] = t;
	qsort(v, n, sizeof(const struct conf_titled *), titled_compare);
	for (size_t i = 1; i < n; i++) {
		if (v[i]->section != v[i - 1]->section || !slice_eq(v[i]->title, v[i - 1]->title))
			continue;
		if (wrong == NULL || v[i]->line < wrong->line) {
			wrong = v[i];
			first = v[i - 1]->line;
		}
	}
	if (wrong == NULL)
		return 0;
	where_set(r, r->shape->sections[wrong->section], wrong->title);
	return twice_fail(r, wrong->line, first);
}

int
conf_shape_read(struct conf_shape *shape, struct arena *a, struct err *err)
{
	struct conf_reader r = {.shape = shape,
	    .arena = a,
	    .err = err,
	    .end = &shape->givens,
	    .titled_end = &shape->titled};
	size_t room = 2 * shape->text.n + 2; /* a blank before each token, at most one per byte */
	char *clean;

	if (conf_scan_init(&r.scan, shape->text, shape->name, err) != 0)
		return -1;
	clean = arena_alloc(a, room);
	if (clean == NULL)
		return conf_reader_no_memory(&r);
	buf_init(&shape->clean, clean, room);
	r.token.line = 1;
	if (conf_reader_advance(&r) != 0 || file_read(&r) != 0)
		return -1;
	return titles_check(&r);
}
