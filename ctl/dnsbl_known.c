/*
 * dnsbl_known.c - `dnsbl known`: the presets, their terms, and the zones that are dead.
 */
#include "ctl.h"

#include "policy/dnsbl_known.h"
#include "table.h"

static const struct table_column known_columns[] = {
    {.title = "PRESET", .key = "preset"},
    {.title = "FOR", .key = "for"},
    {.title = "ZONE", .key = "zone"},
    {.title = "RULES", .key = "rules"},
    {.title = "LISTS", .key = "lists"},
    {.title = "TERMS", .key = "terms", .hidden = true},
    {.title = "DEAD", .key = "dead", .hidden = true},
};

#define KNOWN_COLUMNS (sizeof(known_columns) / sizeof(known_columns[0]))

static void
known_show(struct table *t, const struct dnsbl_known *k)
{
	char storage[400];
	struct buf rules = BUF_OVER(storage);

	for (size_t i = 0; k->rules[i] != NULL; i++)
		buf_add_format(&rules, "%s%s", i > 0 ? " " : "", k->rules[i] + 1);
	if (k->preset != NULL)
		table_words(t, OUT_BOLD, k->preset);
	else
		table_none(t);
	if (k->dead == NULL)
		table_words(t, OUT_NORMAL, k->domains ? "domain_lists" : "lists");
	else
		table_none(t);
	table_words(t, OUT_NORMAL, k->zone);
	table_text_or_none(t, buf_text(&rules));
	table_text_or_none(t, k->purpose != NULL ? k->purpose : "");
	table_text_or_none(t, k->terms != NULL ? k->terms : "");
	table_text_or_none(t, k->dead != NULL ? k->dead : "");
	table_row(t);
}

/* On a terminal a paragraph each: the terms are to be read. */
static void
known_tell(struct out *out, const struct dnsbl_known *k)
{
	out_print(out, OUT_BOLD, "@%s", k->preset);
	out_print(
	    out, OUT_NORMAL, "  %s, for %s\n    ", k->zone, k->domains ? "domain_lists" : "lists");
	out_wrapped(out, slice_of(k->purpose), 4);
	out_print(out, OUT_DIM, "    terms: ");
	out_wrapped(out, slice_of(k->terms), 11);
	out_print(out, OUT_DIM, "    rules:");
	for (size_t i = 0; k->rules[i] != NULL; i++)
		out_print(out, OUT_NORMAL, " %s", k->rules[i] + 1);
	out_print(out, OUT_NORMAL, "%s%s\n", k->words != NULL ? "  " : "",
	    k->words != NULL ? k->words : "");
}

int
dnsbl_known_command(struct ctl *ctl)
{
	bool terminal = ctl->out.form == OUT_TERMINAL;
	struct table table;

	if (!terminal)
		table_begin(&table, &ctl->out, known_columns, KNOWN_COLUMNS);
	for (const struct dnsbl_known *k = dnsbl_known; k->zone != NULL; k++) {
		if (!terminal)
			known_show(&table, k);
		else if (k->dead == NULL)
			known_tell(&ctl->out, k);
	}
	if (!terminal)
		table_end(&table);
	return CTL_OK;
}
