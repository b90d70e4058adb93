/*
 * conf_suggest.c - see conf_suggest.h.
 */
#include "conf/conf_suggest.h"

#include "base/nearest.h"

struct guess {
	unsigned cost;
	size_t section;
	const struct option *row;
};

/* Keeps the better of what it has and section i's options. A name of another section must be
 * nearer by one to be taken. */
static void
guess_feed(
    struct guess *best, const struct conf_section *section, size_t i, bool own, struct slice name)
{
	for (const struct option *row = section->options; row->name != NULL; row++) {
		unsigned cost = 2 * nearest_cost(name, slice_of(row->name)) + (own ? 0 : 1);

		if (cost < best->cost)
			*best = (struct guess){cost, i, row};
	}
}

/* "greylist.block": the part after the dot, when the one before it is a section. */
static bool
dotted_split(const struct conf_section *const *sections, size_t n, struct slice *name, size_t *own)
{
	size_t dot = slice_find(*name, '.');

	for (size_t i = 0; dot < name->n && i < n; i++) {
		if (slice_eq_nocase(slice_head(*name, dot), slice_of(sections[i]->name))) {
			*name = slice_from(*name, dot + 1);
			*own = i;
			return true;
		}
	}
	return false;
}

struct conf_suggestion
conf_suggest_option(
    const struct conf_section *const *sections, size_t n, size_t own, struct slice name)
{
	struct guess best = {NEAREST_FAR, 0, NULL};
	struct conf_suggestion suggestion = {""};
	size_t wanted = own;
	struct buf out;

	buf_init(&out, suggestion.text, sizeof(suggestion.text));
	(void)dotted_split(sections, n, &name, &wanted);
	for (size_t i = 0; i < n; i++)
		guess_feed(&best, sections[i], i, i == wanted, name);
	if (best.row == NULL)
		buf_add_text(&out, "milter.conf(5) lists them all");
	else if (best.section == own)
		buf_add_format(&out, "did you mean \"%s\"?", best.row->name);
	else
		buf_add_format(&out, "did you mean %s.%s, that is, %s { %s = ... }?",
		    sections[best.section]->name, best.row->name, sections[best.section]->name,
		    best.row->name);
	(void)buf_text(&out);
	return suggestion;
}

struct conf_suggestion
conf_suggest_section(const struct conf_section *const *sections, size_t n, struct slice name)
{
	struct conf_suggestion suggestion = {""};
	const char *nearest = NULL;
	unsigned least = NEAREST_FAR;
	struct buf out;

	buf_init(&out, suggestion.text, sizeof(suggestion.text));
	for (size_t i = 0; i < n; i++) {
		unsigned cost = nearest_cost(name, slice_of(sections[i]->name));

		if (cost < least) {
			least = cost;
			nearest = sections[i]->name;
		}
	}
	if (nearest != NULL)
		buf_add_format(&out, "did you mean \"%s\"?", nearest);
	for (size_t i = 0; nearest == NULL && i < n; i++)
		buf_add_format(&out, "%s%s", i == 0 ? "there are " : ", ", sections[i]->name);
	(void)buf_text(&out);
	return suggestion;
}
