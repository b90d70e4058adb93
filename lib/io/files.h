/*
 * files.h - reading whole files, with a bound.
 */
#ifndef IO_FILES_H
#define IO_FILES_H

#include "conf/conf.h"

/* Reads a regular file of at most max_bytes into the arena. 0, or -1 with "PATH: reason". */
int files_read(
    const char *path, size_t max_bytes, struct arena *a, struct slice *text_r, struct err *err);

/* Who opens the list files that milter.conf names. */
extern const struct conf_files files_conf;

/* True when others than owner and group may read the file. */
bool files_world_readable(const char *path);

#endif
