/*
 * conf_values.c - see conf_values.h. The only file that includes confuse.h.
 */
#include "conf/conf_values.h"

#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>

struct conf_values {
	const struct conf_shape *shape;
	cfg_t *cfg;
};

/* libconfuse would write to stderr. What it could say was said before, and better. */
static void
error_ignore(cfg_t *cfg, const char *format, va_list args)
{
	(void)cfg;
	(void)format;
	(void)args;
}

/* Every option is text to libconfuse, without a default: the rows know the types. */
static cfg_opt_t *
opts_of_rows(const struct option *rows, struct arena *a)
{
	cfg_opt_t *opts, *opt;
	size_t n = 0;

	while (rows[n].name != NULL)
		n++;
	opts = opt = arena_alloc(a, (n + 1) * sizeof(*opts));
	if (opts == NULL)
		return NULL;
	for (const struct option *row = rows; row->name != NULL; row++) {
		if (option_is_list(row))
			*opt++ = (cfg_opt_t)CFG_STR_LIST(row->name, NULL, CFGF_NODEFAULT);
		else
			*opt++ = (cfg_opt_t)CFG_STR(row->name, NULL, CFGF_NODEFAULT);
	}
	*opt = (cfg_opt_t)CFG_END();
	return opts;
}

static cfg_opt_t *
opts_of_sections(const struct conf_shape *shape, struct arena *a)
{
	cfg_opt_t *opts = arena_alloc(a, (shape->n + 1) * sizeof(*opts));

	for (size_t i = 0; opts != NULL && i < shape->n; i++) {
		cfg_opt_t *rows = opts_of_rows(shape->sections[i]->options, a);

		if (rows == NULL)
			return NULL;
		/* Those with titles are many, and without their titles here: libconfuse would
		 * compare each with all before it. */
		opts[i] = (cfg_opt_t)CFG_SEC(shape->sections[i]->name, rows,
		    shape->sections[i]->titles == NULL ? CFGF_NODEFAULT : CFGF_MULTI);
	}
	if (opts != NULL)
		opts[shape->n] = (cfg_opt_t)CFG_END();
	return opts;
}

/* By index, as opts_of_rows() made them: cfg_getopt() allocates for every look. */
static cfg_opt_t *
opt_of(const struct conf_values *values, const struct conf_given *given)
{
	const struct conf_section *section = values->shape->sections[given->section];
	cfg_t *found = cfg_opt_getnsec(&values->cfg->opts[given->section], given->nth);

	return &found->opts[given->row - section->options];
}

/* That libconfuse found as many values for each option as conf_shape.c did. */
static bool
counts_agree(const struct conf_values *values)
{
	for (const struct conf_given *given = values->shape->givens; given; given = given->next) {
		const cfg_opt_t *sections = &values->cfg->opts[given->section];
		unsigned n = 0;

		for (const struct conf_value *v = given->first; v != NULL; v = v->next)
			n++;
		if (given->nth >= cfg_opt_size((cfg_opt_t *)sections) ||
		    cfg_opt_size(opt_of(values, given)) != n)
			return false;
	}
	return true;
}

struct conf_values *
conf_values_read(const struct conf_shape *shape, struct arena *a)
{
	struct conf_values *values = arena_alloc(a, sizeof(*values));
	cfg_opt_t *opts = opts_of_sections(shape, a);
	FILE *file;
	int rc;

	if (values == NULL || opts == NULL)
		return NULL;
	*values = (struct conf_values){shape, cfg_init(opts, CFGF_NONE)};
	if (values->cfg == NULL)
		return NULL;
	(void)cfg_set_error_function(values->cfg, error_ignore);
	file = fmemopen(shape->clean.p, shape->clean.n, "r");
	rc = file == NULL ? CFG_PARSE_ERROR : cfg_parse_fp(values->cfg, file);
	if (file != NULL)
		(void)fclose(file);
	if (rc == CFG_SUCCESS && counts_agree(values))
		return values;
	conf_values_free(values);
	return NULL;
}

void
conf_values_free(struct conf_values *values)
{
	if (values != NULL)
		(void)cfg_free(values->cfg);
}

struct slice
conf_values_get(const struct conf_values *values, const struct conf_given *given, unsigned i)
{
	return slice_of(cfg_opt_getnstr(opt_of(values, given), i));
}
