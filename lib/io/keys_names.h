/*
 * keys_names.h - the names in a directory, sorted.
 */
#ifndef IO_KEYS_NAMES_H
#define IO_KEYS_NAMES_H

#include "base/arena.h"
#include "base/err.h"

struct keys_names {
	const char **v; /* in byte order */
	size_t n;
	bool cut; /* there are more than max */
};

/* At most max names, without those that begin with a dot, in the arena. 0, or -1 with "PATH: why";
 * a directory that is not there is empty. */
int keys_names_read(const char *directory, size_t max, struct arena *arena,
    struct keys_names *names_r, struct err *err);

#endif
