/*
 * conf_suggest.c - see conf_suggest.h.
 */
#include "conf/conf_suggest.h"

#define NAME_MAX_BYTES 48 /* longer names are no slip of a name of ours */
#define FAR            1000

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* Levenshtein's distance, case aside; FAR for names that are too long. */
static unsigned
distance(struct slice a, struct slice b)
{
	unsigned row[NAME_MAX_BYTES + 1];

	if (a.n > NAME_MAX_BYTES || b.n > NAME_MAX_BYTES)
		return FAR;
	for (unsigned j = 0; j <= b.n; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			bool same = ascii_lower(a.p[i - 1]) == ascii_lower(b.p[j - 1]);
			unsigned above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (same ? 0 : 1));
			diagonal = above;
		}
	}
	return row[b.n];
}

/* How far `name` is from being `known`: 0 to 2 for a slip of the pen, 2 when it is the beginning or
 * the end of it ("networks" for "allow_networks"), FAR otherwise. */
static unsigned
name_cost(struct slice name, struct slice known)
{
	unsigned cost = distance(name, known);
	unsigned bound = name.n < 4 ? 1 : 2;

	if (cost <= bound)
		return cost;
	if (name.n >= 4 && (slice_starts_nocase(known, name) ||
			       slice_eq_nocase(slice_from(known, known.n - name.n), name)))
		return 2;
	return FAR;
}

struct nearest {
	unsigned cost;
	size_t section;
	const struct option *row;
};

/* Keeps the better of what it has and section i's options. A name of another section must be
 * nearer by one to be taken. */
static void
nearest_feed(
    struct nearest *best, const struct conf_section *section, size_t i, bool own, struct slice name)
{
	for (const struct option *row = section->options; row->name != NULL; row++) {
		unsigned cost = 2 * name_cost(name, slice_of(row->name)) + (own ? 0 : 1);

		if (cost < best->cost)
			*best = (struct nearest){cost, i, row};
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
	struct nearest best = {FAR, 0, NULL};
	struct conf_suggestion suggestion = {""};
	size_t wanted = own;
	struct buf out;

	buf_init(&out, suggestion.text, sizeof(suggestion.text));
	(void)dotted_split(sections, n, &name, &wanted);
	for (size_t i = 0; i < n; i++)
		nearest_feed(&best, sections[i], i, i == wanted, name);
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
	unsigned least = FAR;
	struct buf out;

	buf_init(&out, suggestion.text, sizeof(suggestion.text));
	for (size_t i = 0; i < n; i++) {
		unsigned cost = name_cost(name, slice_of(sections[i]->name));

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
