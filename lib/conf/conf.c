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

struct conf {
	struct arena arena;
	const struct conf_section *const *sections;
	size_t n;
	void *structs[CONF_SECTIONS_MAX];
	unsigned *lines[CONF_SECTIONS_MAX]; /* for each row, where it was given; 0: the default */
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

/* Puts what was given into the section's struct. */
static int
given_set(struct parse *p, const struct conf_given *given, struct err *err)
{
	struct conf *conf = p->conf;
	const struct conf_section *section = conf->sections[given->section];
	void *target = conf->structs[given->section];
	char storage[OPTION_SHOW_BYTES];
	struct buf where = BUF_OVER(storage);
	struct err why = {ERR_NONE, ""};

	conf->lines[given->section][given->row - section->options] = given->line;
	buf_add_format(&where, "%s.%s", section->name, given->row->name);
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

/* What the rows cannot say alone. */
static int
section_check(const struct parse *p, size_t i, struct err *err)
{
	const struct conf_section *section = p->conf->sections[i];
	char storage[OPTION_SHOW_BYTES];
	struct buf where = BUF_OVER(storage);
	struct err why = {ERR_INVALID, ""};

	if (section->check == NULL || section->check(p->conf->structs[i], &why) == 0)
		return 0;
	buf_add_format(&where, "section %s: ", section->name);
	return conf_fail_why(err, p->shape.name, p->shape.section_lines[i], buf_text(&where), &why);
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
	for (size_t i = 0; i < p->shape.given_n; i++) {
		if (given_set(p, &p->shape.givens[i], err) != 0)
			return -1;
	}
	for (size_t i = 0; i < p->conf->n; i++) {
		if (section_check(p, i, err) != 0)
			return -1;
	}
	return 0;
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
