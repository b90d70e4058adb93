/*
 * help.c - the help, which is the table of commands and the rows of options, and finding a command
 * in it.
 */
#include "ctl.h"

#include "base/nearest.h"

static const char exit_codes[] =
    "  0   done; for check: no fault\n"
    "  1   nothing there by that name, or one already; for check: a fault\n"
    "  64  wrong usage\n"
    "  69  Redis cannot be reached, or does not do its work\n"
    "  73  a file could not be written\n"
    "  74  the output could not be written\n"
    "  78  the configuration is wrong\n";

void
help_usage(void)
{
	(void)fprintf(stderr, "usage: gatepostctl [-c FILE] [--json] [--color=WHEN] COMMAND ...\n"
			      "`gatepostctl help` tells the commands, `gatepostctl help COMMAND` "
			      "all about one.\n");
}

static void
option_print(struct ctl *ctl, const struct arg_row *row)
{
	char storage[64];
	struct buf left = BUF_OVER(storage);

	if (row->letter != 0)
		buf_add_format(&left, "-%c, ", row->letter);
	buf_add_format(&left, "--%s", row->name);
	if (row->value != NULL)
		buf_add_format(&left, " %s", row->value);
	out_print(&ctl->out, OUT_BOLD, "  %-19s", buf_text(&left));
	out_print(&ctl->out, OUT_NORMAL, " %s\n", row->help);
}

static void
options_print(struct ctl *ctl, uint64_t which)
{
	for (unsigned i = 0; i < ARG_COUNT; i++) {
		if ((which & ARG_BIT(i)) != 0)
			option_print(ctl, &arg_rows[i]);
	}
}

/* Of the longest command. */
static int
name_width(void)
{
	size_t width = 0;

	for (const struct command *c = commands; c->name != NULL; c++)
		width = strlen(c->name) > width ? strlen(c->name) : width;
	return (int)width;
}

void
help_all(struct ctl *ctl)
{
	struct out *out = &ctl->out;
	int width = name_width();

	out_print(out, OUT_NORMAL,
	    "usage: gatepostctl [-c FILE] [--json] [--color=WHEN] COMMAND ...\n\n");
	for (const struct command *c = commands; c->name != NULL; c++) {
		out_print(out, OUT_BOLD, "  %-*s", width, c->name);
		out_print(out, OUT_NORMAL, " %s\n", c->help);
	}
	out_print(out, OUT_NORMAL, "\noptions, before or behind the command:\n");
	options_print(ctl, ARG_GLOBAL);
	out_print(out, OUT_NORMAL,
	    "\nA terminal gets aligned tables, with times in words. A pipe gets one row a line, "
	    "cells\n"
	    "between tabs, no header; times are Unix seconds, durations are seconds, - is "
	    "nothing.\n"
	    "--color=always gives a pipe what a terminal gets. Bytes that are not printable ASCII\n"
	    "are written as \\xNN.\n\nexit codes:\n%s",
	    exit_codes);
}

/* Options that must be given stand among the operands: "--ip IP". */
static bool
is_wanted(const struct command *command, const struct arg_row *row)
{
	char storage[32];
	struct buf option = BUF_OVER(storage);

	buf_add_format(&option, "--%s ", row->name);
	return strstr(command->operands, buf_text(&option)) != NULL;
}

/* "usage: gatepostctl grey list [--identity TEXT] …" in lines of some 80 places. */
static void
usage_print(struct ctl *ctl, const struct command *command)
{
	char storage[1024];
	struct buf line = BUF_OVER(storage);
	size_t begin = 0;

	buf_add_format(&line, "usage: gatepostctl %s", command->name);
	if (command->operands[0] != '\0')
		buf_add_format(&line, " %s", command->operands);
	for (unsigned i = 0; i < ARG_COUNT; i++) {
		const struct arg_row *row = &arg_rows[i];

		if ((command->takes & ARG_BIT(i)) == 0 || is_wanted(command, row))
			continue;
		if (line.n - begin > 60) {
			buf_add_text(&line, "\n          ");
			begin = line.n;
		}
		buf_add_format(&line, " [--%s%s%s]", row->name, row->value == NULL ? "" : " ",
		    row->value == NULL ? "" : row->value);
	}
	out_print(&ctl->out, OUT_NORMAL, "%s\n", buf_text(&line));
}

void
help_one(struct ctl *ctl, const struct command *command)
{
	usage_print(ctl, command);
	out_print(&ctl->out, OUT_NORMAL, "\n%s: %s%s\n", command->name, command->help,
	    slice_ends(slice_of(command->help), slice_of("?")) ? "" : ".");
	if (command->more != NULL)
		out_print(&ctl->out, OUT_NORMAL, "%s", command->more);
	if (command->takes != 0)
		out_print(&ctl->out, OUT_NORMAL, "\n");
	options_print(ctl, command->takes);
}

/* How many of the words are the command's name: 1, 2, or 0. */
static int
name_words(const struct command *command, char **words, int n)
{
	struct slice name = slice_of(command->name);
	size_t blank = slice_find(name, ' ');

	if (n < 1 || !slice_eq(slice_head(name, blank), slice_of(words[0])))
		return 0;
	if (blank == name.n)
		return 1;
	return n >= 2 && slice_eq(slice_from(name, blank + 1), slice_of(words[1])) ? 2 : 0;
}

/* "grey" is the first word of several. */
static bool
is_group(const struct command *command, const char *word)
{
	struct slice name = slice_of(command->name);
	size_t blank = slice_find(name, ' ');

	return blank < name.n && slice_eq(slice_head(name, blank), slice_of(word));
}

/* The command whose name, or the second word of it, is nearest to what was written. */
static const struct command *
command_nearest(char **words, int n)
{
	const struct command *nearest = NULL;
	unsigned lowest = NEAREST_FAR;
	char storage[80];
	struct buf two = BUF_OVER(storage);

	if (n > 1)
		buf_add_format(&two, "%s %s", words[0], words[1]);
	for (const struct command *c = commands; c->name != NULL; c++) {
		struct slice name = slice_of(c->name);
		struct slice second = slice_from(name, slice_find(name, ' ') + 1);
		unsigned costs[] = {nearest_cost(slice_of(words[0]), name),
		    nearest_cost(buf_slice(&two), name), nearest_cost(slice_of(words[0]), second)};

		for (size_t i = 0; i < 3; i++) {
			if (costs[i] < lowest) {
				lowest = costs[i];
				nearest = c;
			}
		}
	}
	return nearest;
}

/* "grey wants one word more: list, show, …" */
static void
group_fail(const char *word)
{
	char storage[200];
	struct buf names = BUF_OVER(storage);

	for (const struct command *c = commands; c->name != NULL; c++) {
		if (!is_group(c, word))
			continue;
		buf_add_text(&names, names.n > 0 ? ", " : "");
		buf_add_text(&names, c->name + strlen(word) + 1);
	}
	(void)ctl_fail(0, "%s wants one word more: %s; `gatepostctl help %s` tells about them",
	    word, buf_text(&names), word);
}

static void
unknown(char **words, int n)
{
	const struct command *nearest = command_nearest(words, n);
	bool group = false;

	for (const struct command *c = commands; c->name != NULL; c++)
		group = group || is_group(c, words[0]);
	if (group && n == 1)
		group_fail(words[0]);
	else if (nearest != NULL)
		(void)ctl_fail(0, "there is no command \"%s%s%s\"; did you mean \"%s\"?", words[0],
		    group ? " " : "", group ? words[1] : "", nearest->name);
	else
		(void)ctl_fail(0,
		    "there is no command \"%s%s%s\"; `gatepostctl help` tells which "
		    "there are",
		    words[0], group ? " " : "", group ? words[1] : "");
}

const struct command *
command_find(struct ctl *ctl, char **words, int n)
{
	for (const struct command *c = commands; c->name != NULL; c++) {
		int used = name_words(c, words, n);

		if (used == 0)
			continue;
		ctl->operand = words + used;
		ctl->operands = n - used;
		return c;
	}
	unknown(words, n);
	return NULL;
}

const struct command *
command_longer(const struct command *command, const char *word)
{
	const struct command *nearest = NULL;
	unsigned lowest = NEAREST_FAR;

	for (const struct command *c = commands; c->name != NULL; c++) {
		struct slice name = slice_of(c->name);
		unsigned cost;

		if (!is_group(c, command->name))
			continue;
		cost = nearest_cost(slice_of(word), slice_from(name, slice_find(name, ' ') + 1));
		if (cost < lowest) {
			lowest = cost;
			nearest = c;
		}
	}
	return nearest;
}

int
help_command(struct ctl *ctl)
{
	char **words = ctl->operand;
	int n = ctl->operands;
	const struct command *command;
	int shown = 0;

	if (n == 0) {
		help_all(ctl);
		return CTL_OK;
	}
	for (const struct command *c = commands; n == 1 && c->name != NULL; c++) {
		if (!is_group(c, words[0]) && (shown == 0 || strcmp(c->name, words[0]) != 0))
			continue;
		if (shown++ > 0)
			out_print(&ctl->out, OUT_NORMAL, "\n");
		help_one(ctl, c);
	}
	if (shown > 0)
		return CTL_OK;
	command = command_find(ctl, words, n);
	if (command == NULL)
		return EX_USAGE;
	help_one(ctl, command);
	return CTL_OK;
}
