/*
 * keys_names.c - see keys_names.h.
 */
#include "io/keys_names.h"

#include "io/access.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#define NAMES_FIRST 64

static int
names_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Room for one more. */
static bool
names_grow(struct arena *arena, struct keys_names *names, size_t *cap)
{
	size_t more = *cap == 0 ? NAMES_FIRST : *cap * 2;
	const char **v;

	if (names->n < *cap)
		return true;
	v = arena_alloc(arena, more * sizeof(*v));
	if (v == NULL)
		return false;
	for (size_t i = 0; i < names->n; i++)
		v[i] = names->v[i];
	names->v = v;
	*cap = more;
	return true;
}

static int
names_take(DIR *dir, size_t max, struct arena *arena, struct keys_names *names)
{
	size_t cap = 0;
	const struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		const char *name;

		if (entry->d_name[0] == '.')
			continue;
		if (names->n == max) {
			names->cut = true;
			break;
		}
		name = arena_text(arena, slice_of(entry->d_name));
		if (name == NULL || !names_grow(arena, names, &cap))
			return -1;
		names->v[names->n++] = name;
	}
	return 0;
}

int
keys_names_read(const char *directory, size_t max, struct arena *arena, struct keys_names *names_r,
    struct err *err)
{
	DIR *dir = opendir(directory);
	int status;

	*names_r = (struct keys_names){NULL, 0, false};
	if (dir == NULL && errno == ENOENT)
		return 0;
	if (dir == NULL && errno == EACCES)
		return access_denied(directory, ACCESS_READ, err);
	if (dir == NULL)
		return err_set(err, ERR_IO, "%s: %s", directory, strerror(errno));
	status = names_take(dir, max, arena, names_r);
	(void)closedir(dir);
	if (status != 0)
		return err_set(err, ERR_NOMEM, "%s: no memory for its names", directory);
	if (names_r->n > 1)
		qsort(names_r->v, names_r->n, sizeof(*names_r->v), names_compare);
	return 0;
}
