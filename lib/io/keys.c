/*
 * keys.c - see keys.h.
 */
#include "io/keys.h"

#include "auth/key_record.h"
#include "io/access.h"
#include "io/keys_file.h"
#include "io/keys_names.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PATH_BYTES 1536 /* outbound.keys has 1,024 at most, two names 255 each */

/* A path, what is wrong with it, and what to do. */
#define TOLD_BYTES 2048

/* Names in one directory: .key and .next of each, and what else lies there. */
#define NAMES_MAX (4 * (size_t)KEYS_MAX)

/* Names, paths, entries: with 20,000 keys in directories of their own, some 20 MB. */
#define ARENA_BYTES ((size_t)64 * 1024 * 1024)

/* What lies behind an entry of the table. */
struct keys_file {
	struct key_entry entry;
	struct keys_shared *shared; /* NULL: the key cannot be used */
	struct files_identity identity;
};

struct keys {
	struct arena arena;
	struct keys_file *files; /* in the order of the table */
	size_t n, cap;
	struct key_table table;
};

/* One reading. */
struct reading {
	struct keys *keys;
	const struct keys *before;
	const struct keys_notify *notify;
	const char *directory;
	const char *domain;
	bool failed; /* no memory */
	bool cut;    /* there are more than KEYS_MAX */
};

static void tell(const struct reading *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
tell(const struct reading *r, const char *format, ...)
{
	char text[TOLD_BYTES];
	va_list args;

	if (r->notify == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	r->notify->problem(r->notify->arg, text);
}

/* The path of a file with that suffix, in storage. */
static const char *
path_format(
    const struct reading *r, const char *selector, const char *suffix, char storage[PATH_BYTES])
{
	(void)snprintf(
	    storage, PATH_BYTES, "%s/%s/%s%s", r->directory, r->domain, selector, suffix);
	return storage;
}

/* The same file as that of `before`, with a key? */
static struct keys_shared *
unchanged(const struct reading *r, const struct keys_file *file)
{
	const struct key_entry *entry;
	const struct keys_file *old;

	if (r->before == NULL)
		return NULL;
	entry = key_table_at(
	    &r->before->table, slice_of(file->entry.domain), slice_of(file->entry.selector));
	if (entry == NULL)
		return NULL;
	old = &r->before->files[entry - r->before->table.v];
	if (old->shared == NULL || !files_identity_eq(&old->identity, &file->identity))
		return NULL;
	return keys_shared_hold(old->shared);
}

static void
key_read(struct reading *r, struct keys_file *file)
{
	char storage[PATH_BYTES];
	const char *path = path_format(r, file->entry.selector, ".key", storage);
	struct err err = {ERR_NONE, ""};

	file->identity = files_identify(path); /* before it is read: what comes after, shows */
	if (keys_file_mode_check(path, &file->entry.reason, &err) != 0) {
		tell(r, "%s", err.text);
		return;
	}
	file->shared = unchanged(r, file);
	if (file->shared == NULL)
		file->shared = keys_file_read(path, &file->entry.reason, &err);
	else if (access_is_denied(path, ACCESS_READ))
		tell(r, "%s: may not be read any more; the key read before goes on until a restart",
		    path);
	if (file->shared == NULL) {
		tell(r, "%s", err.text);
		return;
	}
	file->entry.reason = NULL;
	file->entry.key = keys_shared_key(file->shared);
	file->entry.public_key = keys_shared_public(file->shared);
}

static void
next_read(struct reading *r, struct keys_file *file)
{
	char storage[PATH_BYTES];
	const char *path = path_format(r, file->entry.selector, ".next", storage);
	struct key_next next;
	struct arena arena;
	struct slice line;
	struct err err = {ERR_NONE, ""};

	arena_init(&arena, KEY_NEXT_MAX_BYTES + 256, KEY_NEXT_MAX_BYTES + 256);
	if (files_read(path, KEY_NEXT_MAX_BYTES, &arena, &line, &err) != 0) {
		tell(r, "%s; no selector takes over as long", err.text);
	} else if (key_next_parse(line, &next, &err) != 0) {
		tell(r, "%s: %s; gatepostctl key rotate writes it", path, err.text);
	} else {
		file->entry.next = arena_text(&r->keys->arena, next.selector);
		file->entry.next_at_s = next.at_s;
		r->failed = r->failed || file->entry.next == NULL;
	}
	arena_fini(&arena);
}

/* A place for one more file, zeroed; NULL without memory, or when there are too many. */
static struct keys_file *
file_place(struct reading *r)
{
	struct keys *keys = r->keys;

	if (keys->n == keys->cap) {
		size_t cap = keys->cap == 0 ? 64 : keys->cap * 2;
		struct keys_file *files = realloc(keys->files, cap * sizeof(*files));

		if (files == NULL) {
			r->failed = true;
			return NULL;
		}
		keys->files = files;
		keys->cap = cap;
	}
	keys->files[keys->n] = (struct keys_file){.shared = NULL};
	return &keys->files[keys->n];
}

/* The file of that selector: the last one, or a new one behind it. */
static struct keys_file *
file_of(struct reading *r, struct slice selector)
{
	struct keys *keys = r->keys;
	struct keys_file *file = keys->n == 0 ? NULL : &keys->files[keys->n - 1];

	if (file != NULL && file->entry.domain == r->domain &&
	    slice_eq(slice_of(file->entry.selector), selector))
		return file;
	r->cut = keys->n == KEYS_MAX;
	file = r->cut ? NULL : file_place(r);
	if (file == NULL)
		return NULL;
	file->entry.domain = r->domain;
	file->entry.selector = arena_text(&keys->arena, selector);
	file->entry.reason = "missing";
	if (file->entry.selector == NULL)
		r->failed = true;
	else
		keys->n++;
	return r->failed ? NULL : file;
}

/* One name in a domain's directory; they come in the order of selectors_compare(). */
static void
name_read(struct reading *r, const char *name)
{
	static const struct slice suffixes[] = {SLICE_LIT(".key"), SLICE_LIT(".next")};
	struct slice all = slice_of(name), selector;
	bool is_next = slice_ends(all, suffixes[1]);
	struct keys_file *file;
	char storage[PATH_BYTES];
	struct err err;

	if (!is_next && !slice_ends(all, suffixes[0]))
		return;
	selector = slice_head(all, all.n - suffixes[is_next ? 1 : 0].n);
	if (key_selector_check(selector, &err) != 0) {
		tell(r, "%s: %s; rename it", path_format(r, name, "", storage), err.text);
		return;
	}
	file = file_of(r, selector);
	if (file == NULL)
		return;
	if (is_next)
		next_read(r, file);
	else
		key_read(r, file);
}

static void
names_fail(struct reading *r, const struct err *err)
{
	if (err->code == ERR_NOMEM)
		r->failed = true;
	tell(r, "%s; give it to the group of gatepostd, and chmod 0750", err->text);
}

/* By selector, then suffix, so that what belongs to one selector comes together: in byte order,
 * a.b.key would stand before a.key, and a.next far behind. */
static int
selectors_compare(const void *a, const void *b)
{
	const char *left = *(const char *const *)a, *right = *(const char *const *)b;
	struct slice l = slice_of(left), r = slice_of(right);
	int order = slice_compare(
	    slice_head(l, slice_find_last(l, '.')), slice_head(r, slice_find_last(r, '.')));

	return order != 0 ? order : strcmp(left, right);
}

static void
domain_read(struct reading *r, const char *name)
{
	char path[PATH_BYTES];
	struct keys_names names = {NULL, 0, false};
	struct arena arena;
	struct stat st;
	struct err err;

	(void)snprintf(path, sizeof(path), "%s/%s", r->directory, name);
	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		return;
	if (key_domain_check(slice_of(name), &err) != 0) {
		tell(r, "%s: %s; rename it", path, err.text);
		return;
	}
	r->domain = arena_text(&r->keys->arena, slice_of(name));
	arena_init(&arena, 16384, ARENA_BYTES);
	if (r->domain == NULL)
		r->failed = true;
	else if (keys_names_read(path, NAMES_MAX, &arena, &names, &err) != 0)
		names_fail(r, &err);
	else if (names.n > 0)
		qsort(names.v, names.n, sizeof(*names.v), selectors_compare);
	for (size_t i = 0; r->domain != NULL && i < names.n && !r->failed && !r->cut; i++)
		name_read(r, names.v[i]);
	arena_fini(&arena);
}

/* The order of the table: by domain, then selector. */
static int
files_compare(const void *a, const void *b)
{
	const struct key_entry *left = &((const struct keys_file *)a)->entry;
	const struct key_entry *right = &((const struct keys_file *)b)->entry;
	int order = strcmp(left->domain, right->domain);

	return order != 0 ? order : strcmp(left->selector, right->selector);
}

static int
table_make(struct keys *keys, struct err *err)
{
	struct key_entry *entries = arena_alloc(&keys->arena, (keys->n + 1) * sizeof(*entries));

	if (entries == NULL)
		return err_set(err, ERR_NOMEM, "no memory for %zu keys", keys->n);
	if (keys->n > 0)
		qsort(keys->files, keys->n, sizeof(*keys->files), files_compare);
	for (size_t i = 0; i < keys->n; i++)
		entries[i] = keys->files[i].entry;
	key_table_init(&keys->table, entries, keys->n);
	return 0;
}

static void
directory_read(struct reading *r)
{
	struct keys_names names;
	struct arena arena;
	struct err err;

	arena_init(&arena, 16384, ARENA_BYTES);
	if (keys_names_read(r->directory, NAMES_MAX, &arena, &names, &err) != 0)
		names_fail(r, &err);
	for (size_t i = 0; i < names.n && !r->failed && !r->cut; i++)
		domain_read(r, names.v[i]);
	arena_fini(&arena);
	if (!r->cut)
		return;
	tell(r,
	    "%s: more than %d keys, of which the rest is not used; take out those that no account "
	    "names",
	    r->directory, KEYS_MAX);
}

struct keys *
keys_load(const char *directory, const struct keys *before, const struct keys_notify *notify,
    struct err *err)
{
	struct keys *keys = calloc(1, sizeof(*keys));
	struct reading r = {
	    .keys = keys, .before = before, .notify = notify, .directory = directory};

	if (keys == NULL) {
		(void)err_set(err, ERR_NOMEM, "%s: no memory", directory);
		return NULL;
	}
	arena_init(&keys->arena, 16384, ARENA_BYTES);
	directory_read(&r);
	if (r.failed)
		(void)err_set(err, ERR_NOMEM, "%s: no memory for its keys", directory);
	else if (table_make(keys, err) == 0)
		return keys;
	keys_free(keys);
	return NULL;
}

void
keys_free(struct keys *keys)
{
	if (keys == NULL)
		return;
	for (size_t i = 0; i < keys->n; i++)
		keys_shared_release(keys->files[i].shared);
	free(keys->files);
	arena_fini(&keys->arena);
	free(keys);
}

const struct key_table *
keys_table(const struct keys *keys)
{
	return &keys->table;
}
