/*
 * config.c - `gatepostctl config`: the options in force.
 */
#include "config.h"

#include "ctl.h"
#include "option_words.h"
#include "settings.h"

#include <stdlib.h>

#define DEFAULTS_BYTES ((size_t)1024 * 1024)

/* One option, as it is shown. */
struct shown {
	const struct conf_section *section;
	const char *title; /* of the section, or NULL */
	const struct option *row;
	char *value;
	char *initial;
	bool differs;
	unsigned line; /* in milter.conf; 0: not given there */
};

static void
json_show(struct out *out, const struct shown *s, bool verbose, bool first)
{
	json_t *object = json_object();
	char storage[256];
	struct buf limits = BUF_OVER(storage);

	(void)json_object_set_new(object, "section", json_string(s->section->name));
	(void)json_object_set_new(
	    object, "title", s->title != NULL ? json_string(s->title) : json_null());
	(void)json_object_set_new(object, "option", json_string(s->row->name));
	(void)json_object_set_new(object, "value", out_json_value(slice_of(s->value)));
	(void)json_object_set_new(object, "default", out_json_value(slice_of(s->initial)));
	(void)json_object_set_new(object, "differs", json_boolean(s->differs));
	(void)json_object_set_new(
	    object, "line", s->line > 0 ? json_integer((json_int_t)s->line) : json_null());
	if (verbose) {
		option_words_limits(&limits, s->row);
		(void)json_object_set_new(object, "help", json_string(s->row->help));
		(void)json_object_set_new(object, "limits", json_string(buf_text(&limits)));
	}
	out_json(out, object, first);
}

static void
help_show(struct out *out, const struct shown *s, const char *indent)
{
	char storage[256];
	struct buf limits = BUF_OVER(storage);

	option_words_limits(&limits, s->row);
	out_print(out, OUT_DIM, "%s# %s (%s)\n", indent, s->row->help, buf_text(&limits));
}

/* "greylist", "account shop" */
static void
section_show(struct out *out, enum out_style style, const struct shown *s)
{
	out_print(out, style, "%s%s%s", s->section->name, s->title != NULL ? " " : "",
	    s->title != NULL ? s->title : "");
}

static void
pipe_show(struct out *out, const struct shown *s, bool verbose)
{
	if (verbose)
		help_show(out, s, "");
	section_show(out, OUT_NORMAL, s);
	out_print(out, OUT_NORMAL, ".%s = ", s->row->name);
	out_value(out, OUT_NORMAL, slice_of(s->value));
	out_print(out, OUT_NORMAL, "\n");
}

static void
terminal_show(struct out *out, const struct shown *s, bool verbose)
{
	if (verbose)
		help_show(out, s, "    ");
	out_print(out, s->differs ? OUT_WARNING : OUT_NORMAL, s->differs ? "  * " : "    ");
	out_print(out, s->differs ? OUT_BOLD : OUT_NORMAL, "%-16s ", s->row->name);
	out_value(out, s->differs ? OUT_BOLD : OUT_NORMAL, slice_of(s->value));
	if (s->differs) {
		out_print(out, OUT_DIM, "  (default ");
		out_value(out, OUT_DIM, slice_of(s->initial));
		out_print(out, OUT_DIM, ", line %u)", s->line);
	}
	out_print(out, OUT_NORMAL, verbose ? "\n\n" : "\n");
}

struct view {
	struct ctl *ctl;
	const struct conf *conf;
	size_t section;     /* its index */
	const void *now;    /* its struct, … */
	const void *base;   /* … and what it has where nothing was given */
	const void *headed; /* the struct whose heading stands */
	size_t shown;       /* options so far */
	size_t differ;      /* of them, other than the default */
};

static void
option_show_one(struct view *view, const struct shown *s)
{
	struct out *out = &view->ctl->out;
	bool verbose = view->ctl->args.value[ARG_VERBOSE] != NULL;

	if (out->form == OUT_JSON) {
		json_show(out, s, verbose, view->shown == 0);
	} else if (out->form == OUT_PIPE) {
		pipe_show(out, s, verbose);
	} else {
		if (view->headed != view->now) {
			out_print(out, OUT_NORMAL, "%s", view->headed != NULL ? "\n" : "");
			section_show(out, OUT_BOLD, s);
			out_print(out, OUT_NORMAL, "\n");
		}
		view->headed = view->now;
		terminal_show(out, s, verbose);
	}
	view->shown++;
}

static void
option_view(struct view *view, const char *title, const struct option *row, unsigned line)
{
	struct shown s = {settings_sections[view->section], title, row,
	    option_words_value(row, view->now), option_words_value(row, view->base),
	    !option_equal(row, view->now, view->base), line};

	view->differ += s.differs;
	if (s.value == NULL || s.initial == NULL)
		view->ctl->out.failed = true;
	else if (s.differs || view->ctl->args.value[ARG_DIFF] == NULL)
		option_show_one(view, &s);
	free(s.value);
	free(s.initial);
}

/* Those with a title: what they say themselves. All else is as in the one without, above. */
static void
titled_view(struct view *view)
{
	const struct option *rows = settings_sections[view->section]->options;

	view->base = view->now;
	for (size_t i = 0; i < conf_titled_count(view->conf, view->section); i++) {
		view->now = conf_titled(view->conf, view->section, i);
		for (const struct option *row = rows; row->name != NULL; row++) {
			unsigned line = conf_titled_line(view->conf, view->section, i, row);

			if (line > 0)
				option_view(
				    view, conf_title(view->conf, view->section, i), row, line);
		}
	}
}

static void
section_view(struct view *view, struct arena *arena)
{
	const struct conf_section *section = settings_sections[view->section];

	view->now = conf_section(view->conf, view->section);
	view->base = option_words_defaults(section, arena);
	if (view->base == NULL) {
		view->ctl->out.failed = true;
		return;
	}
	for (const struct option *row = section->options; row->name != NULL; row++)
		option_view(view, NULL, row, conf_line(view->conf, view->section, row));
	titled_view(view);
}

static void
closing_show(const struct view *view)
{
	struct out *out = &view->ctl->out;

	if (out->form == OUT_JSON) {
		out_json_end(out, view->shown == 0);
	} else if (out->form == OUT_TERMINAL) {
		out_print(
		    out, OUT_DIM, "%s%s: ", view->shown > 0 ? "\n" : "", view->ctl->conf_path);
		if (view->differ == 0)
			out_print(out, OUT_DIM, "every option has its default\n");
		else
			out_print(out, OUT_DIM, "%zu option%s other than the default (*)\n",
			    view->differ, view->differ == 1 ? " is" : "s are");
	}
}

int
config_command(struct ctl *ctl)
{
	struct view view = {.ctl = ctl};
	struct arena arena;

	if (ctl->args.value[ARG_EXAMPLE] != NULL)
		return config_example(&ctl->out);
	view.conf = ctl_conf(ctl);
	if (view.conf == NULL)
		return EX_CONFIG;
	arena_init(&arena, 16384, DEFAULTS_BYTES);
	for (; view.section < settings_count && !out_is_dead(&ctl->out); view.section++)
		section_view(&view, &arena);
	arena_fini(&arena);
	closing_show(&view);
	return CTL_OK;
}
