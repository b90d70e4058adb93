/*
 * option_list.c - the kinds of option whose value is a list.
 */
#include "conf/option_parts.h"

#include <assert.h>

static const char no_memory[] = "no memory left for it";

/* How one kind of list is built. */
struct list_kind {
	size_t entry_bytes;
	/* Reads the entry into the place `out` points to: 0, or -1 with an error that names it. */
	int (*parse)(struct arena *a, struct slice entry, void *out, struct err *err);
	/* Makes the member of n entries at v. */
	void (*finish)(void *member, void *v, size_t n);
	/* The other way: the entries of the member. */
	const void *(*entries)(const void *member, size_t *n_r);
};

static int
network_parse(struct arena *a, struct slice entry, void *out, struct err *err)
{
	(void)a;
	return net_cidr_parse(entry, out, err);
}

static void
networks_finish(void *member, void *v, size_t n)
{
	net_set_init(member, v, n);
}

static const void *
networks_entries(const void *member, size_t *n_r)
{
	const struct net_set *set = member;

	*n_r = set->n;
	return set->v;
}

static int
pattern_parse(struct arena *a, struct slice entry, void *out, struct err *err)
{
	return address_pattern_parse(a, entry, out, err);
}

static void
addresses_finish(void *member, void *v, size_t n)
{
	address_set_init(member, v, n);
}

static const void *
addresses_entries(const void *member, size_t *n_r)
{
	const struct address_set *set = member;

	*n_r = set->n;
	return set->v;
}

static int
word_parse(struct arena *a, struct slice entry, void *out, struct err *err)
{
	const char *word = arena_text(a, entry);

	if (word == NULL)
		return err_set(err, ERR_NOMEM, "%s", no_memory);
	*(const char **)out = word;
	return 0;
}

static void
words_finish(void *member, void *v, size_t n)
{
	*(struct option_words *)member = (struct option_words){v, n};
}

static const void *
words_entries(const void *member, size_t *n_r)
{
	const struct option_words *words = member;

	*n_r = words->n;
	return words->v;
}

static const struct list_kind *
list_kind_of(enum option_kind kind)
{
	static const struct list_kind networks = {
	    sizeof(struct net_cidr), network_parse, networks_finish, networks_entries};
	static const struct list_kind addresses = {
	    sizeof(struct slice), pattern_parse, addresses_finish, addresses_entries};
	static const struct list_kind words = {
	    sizeof(const char *), word_parse, words_finish, words_entries};

	assert(kind == OPTION_KIND_NETWORKS || kind == OPTION_KIND_ADDRESSES ||
	       kind == OPTION_KIND_WORDS);
	return kind == OPTION_KIND_NETWORKS    ? &networks
	       : kind == OPTION_KIND_ADDRESSES ? &addresses
					       : &words;
}

/* What holds for the entries of every kind. */
static int
entry_check(struct slice entry, struct err *err)
{
	struct err why = {ERR_NONE, ""};

	if (entry.n == 0)
		return err_set(err, ERR_INVALID, "\"\": an entry may not be empty");
	if (option_text_check(entry, &why) != 0)
		return err_set(err, ERR_INVALID, "%s: %s", option_show(entry).text, why.text);
	return 0;
}

/* How many entries the list may have. */
static int
count_check(const struct option *row, size_t n, struct err *err)
{
	if ((int64_t)n < row->min)
		return err_set(err, ERR_LIMIT, "%zu entr%s; at least %lld are needed", n,
		    n == 1 ? "y" : "ies", (long long)row->min);
	if ((int64_t)n > row->max)
		return err_set(err, ERR_LIMIT, "%zu entries; at most %lld are allowed", n,
		    (long long)row->max);
	return 0;
}

int
option_entries_set(const struct option *row, void *section, struct arena *a,
    struct option_entries *entries, struct err *err)
{
	const struct list_kind *kind = list_kind_of(row->kind);
	void *member = option_at(row, section);
	size_t before = 0;
	const void *held = entries->add ? kind->entries(member, &before) : NULL;
	size_t n = before + entries->n;
	char *v = NULL;

	entries->wrong = entries->n;
	if (count_check(row, n, err) != 0)
		return -1;
	if (n > 0) {
		v = arena_alloc(a, n * kind->entry_bytes);
		if (v == NULL)
			return err_set(err, ERR_NOMEM, "%s", no_memory);
	}
	if (before > 0)
		memcpy(v, held, before * kind->entry_bytes);
	for (size_t i = 0; i < entries->n; i++) {
		void *out = v + (before + i) * kind->entry_bytes;

		if (entry_check(entries->v[i], err) != 0 ||
		    kind->parse(a, entries->v[i], out, err) != 0) {
			entries->wrong = i;
			return -1;
		}
	}
	kind->finish(member, v, n);
	return 0;
}

int
option_set_list(const struct option *row, void *section, struct arena *a,
    const struct slice *values, size_t n, struct err *err)
{
	struct option_entries entries = {.v = values, .n = n};

	return option_entries_set(row, section, a, &entries, err);
}

/* Cuts the next word off *rest; empty when there is none. */
static struct slice
word_take(struct slice *rest)
{
	struct slice word;
	size_t n = 0;

	*rest = slice_trim(*rest);
	while (n < rest->n && !ascii_is_space(rest->p[n]))
		n++;
	word = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return word;
}

int
option_initial_words(const struct option *row, struct arena *a, struct slice **words_r, size_t *n_r)
{
	struct slice rest = slice_of(row->initial);
	size_t n = 0;

	while (word_take(&rest).n > 0)
		n++;
	*n_r = n;
	*words_r = n == 0 ? NULL : arena_alloc(a, n * sizeof(**words_r));
	if (n > 0 && *words_r == NULL)
		return -1;
	rest = slice_of(row->initial);
	for (size_t i = 0; i < n; i++)
		(*words_r)[i] = word_take(&rest);
	return 0;
}
