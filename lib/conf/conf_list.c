/*
 * conf_list.c - see conf_list.h.
 */
#include "conf/conf_list.h"

#include "conf/conf_scan.h"
#include "conf/option_parts.h"

#define CHUNK_BYTES ((size_t)64 * 1024)

/* What is written at one place of the configuration: an entry, or a file of entries. */
struct source {
	struct slice text; /* the entry, or the file's bytes */
	const char *path;  /* of the file, or NULL */
	unsigned line;     /* in the configuration */
	size_t end;        /* the number of entries up to and with this place */
};

struct sources {
	const struct conf_list *list;
	struct arena arena; /* for the time of one conf_list_set() */
	struct source *v;
	size_t n;
};

static int
no_memory(const struct sources *s, struct err *err)
{
	return err_set(err, ERR_NOMEM, "%s:%u: %s: no memory left for it", s->list->name,
	    s->list->given->line, s->list->where);
}

/* Cuts the next entry off the rest of a list file: a line without its comment and the blanks at
 * both ends. False when there is none. */
static bool
entry_next(struct slice *rest, struct slice *entry_r)
{
	while (rest->n > 0) {
		struct slice line = slice_head(*rest, slice_find(*rest, '\n'));

		*rest = slice_from(*rest, line.n + 1);
		*entry_r = slice_trim(slice_head(line, slice_find(line, '#')));
		if (entry_r->n > 0)
			return true;
	}
	return false;
}

/* The line of the file in which the entry is. */
static unsigned
entry_line(struct slice text, struct slice entry)
{
	unsigned line = 1;

	for (const char *p = text.p; p < entry.p; p++)
		line += *p == '\n';
	return line;
}

static int
file_read(struct sources *s, struct source *source, struct err *err)
{
	static const struct slice bom = SLICE_LIT("\xef\xbb\xbf");
	const struct conf_list *list = s->list;
	struct err why = {ERR_IO, "cannot be read"};
	char storage[OPTION_SHOW_BYTES];
	struct buf where = BUF_OVER(storage);

	buf_add_format(&where, "%s: ", list->where);
	if (list->files == NULL)
		return conf_fail(err, list->name, source->line,
		    "%s%s: list files cannot be read here", buf_text(&where), source->path);
	if (list->files->read(list->files, source->path, CONF_LIST_MAX_BYTES, &s->arena,
		&source->text, &why) != 0)
		return conf_fail_why(err, list->name, source->line, buf_text(&where), &why);
	if (slice_starts(source->text, bom))
		return conf_fail(err, source->path, 1,
		    "the file begins with a byte order mark; save it as UTF-8 without one");
	return 0;
}

/* Counts the entries of the source's file. A path among them would be read as a word. */
static int
entries_count(struct source *source, size_t *n_r, struct err *err)
{
	struct slice rest = source->text;
	struct slice entry;

	*n_r = 0;
	while (entry_next(&rest, &entry)) {
		if (entry.p[0] == '/')
			return conf_fail(err, source->path, entry_line(source->text, entry),
			    "%s: a list file names no other; name it in the configuration",
			    option_show(entry).text);
		++*n_r;
	}
	return 0;
}

/* One place more. */
static int
source_add(struct sources *s, struct slice text, unsigned line, struct err *err)
{
	size_t before = s->n == 0 ? 0 : s->v[s->n - 1].end;
	struct source *source = &s->v[s->n++];
	size_t n;

	*source = (struct source){.text = text, .line = line, .end = before + 1};
	if (text.n == 0 || text.p[0] != '/')
		return 0;
	source->path = text.p;
	if (file_read(s, source, err) != 0 || entries_count(source, &n, err) != 0)
		return -1;
	source->end = before + n;
	return 0;
}

static int
sources_read(struct sources *s, struct err *err)
{
	const struct conf_given *given = s->list->given;
	size_t n = 0;
	unsigned i = 0;

	for (const struct conf_value *value = given->first; value != NULL; value = value->next)
		n++;
	s->v = arena_alloc(&s->arena, (n + 1) * sizeof(*s->v));
	if (s->v == NULL)
		return no_memory(s, err);
	for (const struct conf_value *value = given->first; value != NULL; value = value->next) {
		struct slice text = conf_values_get(s->list->values, given, i++);

		if (source_add(s, text, value->line, err) != 0)
			return -1;
	}
	return 0;
}

/* Why one entry, or the list as a whole, was refused: with the place where it stands. */
static int
entries_fail(const struct sources *s, const struct option_entries *entries, const struct err *why,
    struct err *err)
{
	const struct source *source = s->v;
	char storage[OPTION_SHOW_BYTES];
	struct buf where = BUF_OVER(storage);
	unsigned line;

	buf_add_format(&where, "%s: ", s->list->where);
	if (entries->wrong == entries->n)
		return conf_fail_why(
		    err, s->list->name, s->list->given->line, buf_text(&where), why);
	while (source->end <= entries->wrong)
		source++;
	if (source->path == NULL)
		return conf_fail_why(err, s->list->name, source->line, buf_text(&where), why);
	line = entry_line(source->text, entries->v[entries->wrong]);
	return conf_fail_why(err, source->path, line, "", why);
}

static int
entries_set(struct sources *s, void *section, struct arena *a, struct err *err)
{
	const struct option *row = s->list->given->row;
	size_t total = s->n == 0 ? 0 : s->v[s->n - 1].end;
	struct option_entries entries = {.n = total, .add = s->list->given->add};
	struct err why = {ERR_NONE, ""};
	struct slice *v = NULL;
	size_t at = 0;

	/* More than the row allows is refused unseen, so no memory is spent on them. */
	if (total > 0 && (int64_t)total <= row->max) {
		v = arena_alloc(&s->arena, total * sizeof(*v));
		if (v == NULL)
			return no_memory(s, err);
	}
	for (size_t i = 0; v != NULL && i < s->n; i++) {
		struct slice rest = s->v[i].text;

		if (s->v[i].path == NULL)
			v[at++] = rest;
		while (s->v[i].path != NULL && entry_next(&rest, &v[at]))
			at++;
	}
	entries.v = v;
	if (option_entries_set(row, section, a, &entries, &why) == 0)
		return 0;
	return entries_fail(s, &entries, &why, err);
}

int
conf_list_set(const struct conf_list *list, void *section, struct arena *a, struct err *err)
{
	struct sources s = {.list = list};
	int rc;

	arena_init(&s.arena, CHUNK_BYTES, CONF_ARENA_BYTES);
	rc = sources_read(&s, err);
	if (rc == 0)
		rc = entries_set(&s, section, a, err);
	arena_fini(&s.arena);
	return rc;
}
