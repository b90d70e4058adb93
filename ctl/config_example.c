/*
 * config_example.c - see config.h. The tree's milter.conf is what this prints, and the lint
 * compares the two.
 */
#include "config.h"

#include "ctl.h"
#include "option_words.h"
#include "settings.h"

#include <stdlib.h>

#define DEFAULTS_BYTES ((size_t)1024 * 1024)
#define LINE_PLACES    88 /* where help is wrapped, without the tab */
#define LIMITS_PLACE   48 /* where the limits begin, unless the value is long */

static const char preface[] =
    "# milter.conf - the configuration of gatepostd, with every option at its default.\n"
    "# Made by `gatepostctl config --example`. Take the # off the options to be changed.\n"
    "#\n"
    "# Durations:  500ms, 30s, 4m, 6h, 36d, 1h30m. Sizes: 64k, 4M. Switches: yes, no.\n"
    "# Lists:      { one, two }, or += { three } to add to the default. An entry that begins\n"
    "#             with / names a file with one entry a line.\n"
    "# Quotes:     for values with blanks, or one of # \" ' = { } ( ) + , * in them.\n"
    "# Check:      gatepostd -t, or better gatepostctl check. In force: gatepostctl config.\n"
    "# Change:     systemctl reload gatepostd; a file with a mistake in it changes nothing.\n";

/* Prints text in lines that begin with the indent and "# ". */
static void
comment_print(struct out *out, const char *indent, struct slice text)
{
	while (text.n > 0) {
		struct slice line = slice_head(text, LINE_PLACES);

		if (line.n < text.n && slice_find_last(line, ' ') < line.n)
			line.n = slice_find_last(line, ' ');
		out_print(out, OUT_NORMAL, "%s# %.*s\n", indent, SLICE_ARG(line));
		text = slice_trim(slice_from(text, line.n));
	}
}

/* Help above, limits behind. */
static void
option_print(struct out *out, const struct option *row, const void *defaults)
{
	char storage[256];
	struct buf limits = BUF_OVER(storage);
	char *value = option_words_value(row, defaults);
	int width;

	if (value == NULL) {
		out->failed = true;
		return;
	}
	option_words_limits(&limits, row);
	comment_print(out, "\t", slice_of(row->help));
	width = LIMITS_PLACE - (int)(strlen(row->name) + sizeof("# = "));
	out_print(out, OUT_NORMAL, "\t#%s = %-*s # %s\n", row->name, width > 0 ? width : 0, value,
	    buf_text(&limits));
	free(value);
}

/* What a section with a title looks like, none of it in force. */
static void
titled_print(struct out *out, const struct conf_titles *titles)
{
	struct slice rest = slice_of(titles->example);

	out_print(out, OUT_NORMAL, "\n");
	comment_print(out, "", slice_of(titles->help));
	while (rest.n > 0) {
		struct slice line = slice_head(rest, slice_find(rest, '\n'));

		out_print(out, OUT_NORMAL, "#%.*s\n", SLICE_ARG(line));
		rest = slice_from(rest, line.n + 1);
	}
}

int
config_example(struct out *out)
{
	struct arena arena;

	out->form = OUT_PIPE; /* no colours in a file to be */
	arena_init(&arena, 16384, DEFAULTS_BYTES);
	out_print(out, OUT_NORMAL, "%s", preface);
	for (size_t i = 0; i < settings_count && !out->failed; i++) {
		const struct conf_section *section = settings_sections[i];
		const void *defaults = option_words_defaults(section, &arena);

		if (defaults == NULL) {
			out->failed = true;
			break;
		}
		out_print(out, OUT_NORMAL, "\n");
		comment_print(out, "", slice_of(section->help));
		out_print(out, OUT_NORMAL, "%s {\n", section->name);
		for (const struct option *row = section->options; row->name != NULL; row++) {
			if (row != section->options)
				out_print(out, OUT_NORMAL, "\n");
			option_print(out, row, defaults);
		}
		out_print(out, OUT_NORMAL, "}\n");
		if (section->titles != NULL)
			titled_print(out, section->titles);
	}
	arena_fini(&arena);
	return CTL_OK;
}
