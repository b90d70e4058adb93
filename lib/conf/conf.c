/*
 * conf.c - see conf.h. The steps of one reading: conf_shape.c says what stands where,
 * conf_values.c what the values are, and here they are put into the structs of the sections.
 */
#include "conf/conf.h"

#include "conf/conf_list.h"
#include "conf/conf_scan.h"
#include "conf/conf_shape.h"
#include "conf/conf_values.h"
#include "conf/option_parts.h"

#include <assert.h>
#include <stdlib.h>

#define CHUNK_BYTES ((size_t)16 * 1024)

/* The sections with a title of one name. */
struct titled {
	size_t n;
	char *structs; /* one behind the other */
	const char **titles;
	unsigned *lines; /* for each as many as it has rows, and one more: where it begins */
};

struct conf {
	struct arena arena;
	const struct conf_section *const *sections;
	size_t n;
	size_t rows[CONF_SECTIONS_MAX]; /* how many */
	void *structs[CONF_SECTIONS_MAX];
	unsigned *lines[CONF_SECTIONS_MAX]; /* for each row, where it was given; 0: the default */
	struct titled titled[CONF_SECTIONS_MAX];
};

/* What one conf_parse() needs until its end. */
struct parse {
	struct conf *conf;
	struct conf_shape shape;
	struct conf_values *values;
	const struct conf_files *files;
	struct arena arena;
};

static int
section_init(struct conf *conf, size_t i)
{
	const struct conf_section *section = conf->sections[i];
	size_t rows = 0;

	while (section->options[rows].name != NULL)
		rows++;
	conf->rows[i] = rows;
	conf->structs[i] = arena_alloc(&conf->arena, section->size);
	conf->lines[i] = arena_alloc(&conf->arena, (rows + 1) * sizeof(*conf->lines[i]));
	if (conf->structs[i] == NULL || conf->lines[i] == NULL)
		return -1;
	return option_defaults(section->options, conf->structs[i], &conf->arena);
}

static struct conf *
conf_new(const struct conf_section *const *sections, size_t n)
{
	struct conf *conf = calloc(1, sizeof(*conf));

	if (conf == NULL)
		return NULL;
	conf->sections = sections;
	conf->n = n;
	arena_init(&conf->arena, CHUNK_BYTES, CONF_ARENA_BYTES);
	for (size_t i = 0; i < n; i++) {
		if (section_init(conf, i) != 0) {
			conf_free(conf);
			return NULL;
		}
	}
	return conf;
}

/* The struct of the section; titled: NULL for the one without a title. */
static void *
struct_of(const struct conf *conf, size_t i, const struct conf_titled *titled)
{
	if (titled == NULL)
		return conf->structs[i];
	return conf->titled[i].structs + titled->i * conf->sections[i]->size;
}

static unsigned *
lines_of(const struct conf *conf, size_t i, const struct conf_titled *titled)
{
	if (titled == NULL)
		return conf->lines[i];
	return conf->titled[i].lines + titled->i * (conf->rows[i] + 1);
}

/* Appends "greylist", "account shop". */
static void
name_add(const struct parse *p, size_t i, const struct conf_titled *titled, struct buf *out)
{
	buf_add_text(out, p->conf->sections[i]->name);
	if (titled == NULL)
		return;
	buf_add_char(out, ' ');
	buf_add(out, titled->title);
}

/* Puts what was given into the section's struct. */
static int
given_set(struct parse *p, const struct conf_given *given, struct err *err)
{
	struct conf *conf = p->conf;
	void *target = struct_of(conf, given->section, given->titled);
	size_t row = (size_t)(given->row - conf->sections[given->section]->options);
	char storage[OPTION_SHOW_BYTES];
	struct buf where = BUF_OVER(storage);
	struct err why = {ERR_NONE, ""};

	lines_of(conf, given->section, given->titled)[row] = given->line;
	name_add(p, given->section, given->titled, &where);
	buf_add_format(&where, ".%s", given->row->name);
	if (option_is_list(given->row)) {
		struct conf_list list = {
		    given, p->values, p->files, p->shape.name, buf_text(&where)};

		return conf_list_set(&list, target, &conf->arena, err);
	}
	buf_add_text(&where, " = ");
	if (option_set(
		given->row, target, &conf->arena, conf_values_get(p->values, given, 0), &why) == 0)
		return 0;
	return conf_fail_why(err, p->shape.name, given->first->line, buf_text(&where), &why);
}

/* All that was given in sections with a title, or in the others. */
static int
givens_set(struct parse *p, bool titled, struct err *err)
{
	for (const struct conf_given *given = p->shape.givens; given != NULL; given = given->next) {
		if ((given->titled != NULL) == titled && given_set(p, given, err) != 0)
			return -1;
	}
	return 0;
}

/* Room for those with a title of the i-th section. */
static int
titled_init(struct parse *p, size_t i)
{
	struct conf *conf = p->conf;
	struct titled *t = &conf->titled[i];

	t->n = p->shape.titled_n[i];
	if (t->n == 0)
		return 0;
	t->structs = arena_alloc(&conf->arena, t->n * conf->sections[i]->size);
	t->titles = arena_alloc(&conf->arena, t->n * sizeof(*t->titles));
	t->lines = arena_alloc(&conf->arena, t->n * (conf->rows[i] + 1) * sizeof(*t->lines));
	return t->structs == NULL || t->titles == NULL || t->lines == NULL ? -1 : 0;
}

/* Those with a title, as copies of those without, which are filled by now. */
static int
titled_begin(struct parse *p)
{
	struct conf *conf = p->conf;

	for (size_t i = 0; i < conf->n; i++) {
		if (titled_init(p, i) != 0)
			return -1;
	}
	for (const struct conf_titled *t = p->shape.titled; t != NULL; t = t->next) {
		const struct conf_section *section = conf->sections[t->section];
		const char *title = arena_text(&conf->arena, t->title);

		if (title == NULL)
			return -1;
		conf->titled[t->section].titles[t->i] = title;
		lines_of(conf, t->section, t)[conf->rows[t->section]] = t->line;
		memcpy(struct_of(conf, t->section, t), conf->structs[t->section], section->size);
		section->titles->entitle(struct_of(conf, t->section, t), title);
	}
	return 0;
}

/* What the rows cannot say alone. */
static int
section_check(const struct parse *p, size_t i, const struct conf_titled *titled, struct err *err)
{
	const struct conf_section *section = p->conf->sections[i];
	unsigned line = titled == NULL ? p->shape.section_lines[i] : titled->line;
	char storage[OPTION_SHOW_BYTES];
	struct buf where = BUF_OVER(storage);
	struct err why = {ERR_INVALID, ""};

	if (section->check == NULL || section->check(struct_of(p->conf, i, titled), &why) == 0)
		return 0;
	buf_add_text(&where, "section ");
	name_add(p, i, titled, &where);
	buf_add_text(&where, ": ");
	return conf_fail_why(err, p->shape.name, line, buf_text(&where), &why);
}

static int
sections_check(const struct parse *p, struct err *err)
{
	for (size_t i = 0; i < p->conf->n; i++) {
		if (section_check(p, i, NULL, err) != 0)
			return -1;
	}
	for (const struct conf_titled *t = p->shape.titled; t != NULL; t = t->next) {
		if (section_check(p, t->section, t, err) != 0)
			return -1;
	}
	return 0;
}

static int
parse_run(struct parse *p, struct err *err)
{
	if (conf_shape_read(&p->shape, &p->arena, err) != 0)
		return -1;
	p->values = conf_values_read(&p->shape, &p->arena);
	if (p->values == NULL)
		return err_set(
		    err, ERR_NOMEM, "%s: libconfuse cannot read it, out of memory?", p->shape.name);
	if (givens_set(p, false, err) != 0)
		return -1;
	if (titled_begin(p) != 0)
		return err_set(err, ERR_NOMEM, "%s: no memory to read it", p->shape.name);
	if (givens_set(p, true, err) != 0)
		return -1;
	return sections_check(p, err);
}

struct conf *
conf_parse(const struct conf_section *const *sections, size_t n, struct slice text,
    const char *name, const struct conf_files *files, struct err *err)
{
	struct parse p = {
	    .shape = {.sections = sections, .n = n, .text = text, .name = name}, .files = files};
	int rc;

	assert(n <= CONF_SECTIONS_MAX);
	p.conf = conf_new(sections, n);
	if (p.conf == NULL) {
		(void)err_set(err, ERR_NOMEM, "%s: no memory to read it", name);
		return NULL;
	}
	arena_init(&p.arena, CHUNK_BYTES, CONF_SHAPE_ARENA_BYTES);
	rc = parse_run(&p, err);
	conf_values_free(p.values);
	arena_fini(&p.arena);
	if (rc == 0)
		return p.conf;
	conf_free(p.conf);
	return NULL;
}

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	arena_fini(&conf->arena);
	free(conf);
}

const void *
conf_section(const struct conf *conf, size_t i)
{
	assert(i < conf->n);
	return conf->structs[i];
}

unsigned
conf_line(const struct conf *conf, size_t i, const struct option *row)
{
	assert(i < conf->n);
	return conf->lines[i][row - conf->sections[i]->options];
}

size_t
conf_titled_count(const struct conf *conf, size_t i)
{
	assert(i < conf->n);
	return conf->titled[i].n;
}

const char *
conf_title(const struct conf *conf, size_t i, size_t j)
{
	assert(j < conf_titled_count(conf, i));
	return conf->titled[i].titles[j];
}

const void *
conf_titled(const struct conf *conf, size_t i, size_t j)
{
	assert(j < conf_titled_count(conf, i));
	return conf->titled[i].structs + j * conf->sections[i]->size;
}

unsigned
conf_titled_line(const struct conf *conf, size_t i, size_t j, const struct option *row)
{
	size_t at = row == NULL ? conf->rows[i] : (size_t)(row - conf->sections[i]->options);

	assert(j < conf_titled_count(conf, i));
	return conf->titled[i].lines[j * (conf->rows[i] + 1) + at];
}
