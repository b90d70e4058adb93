/*
 * files.h - reading whole files, with a bound.
 */
#ifndef IO_FILES_H
#define IO_FILES_H

#include "conf/conf.h"

#include <sys/types.h>
#include <time.h>

/* Reads a regular file of at most max_bytes into the arena. 0, or -1 with "PATH: reason";
 * ERR_DENIED: who this process is, and what is in its way. */
int files_read(
    const char *path, size_t max_bytes, struct arena *a, struct slice *text_r, struct err *err);

/* Who opens the list files that milter.conf names. */
extern const struct conf_files files_conf;

/* The same for a trial, as if by another user: denied() is told of each that he may not read. */
struct files_trial {
	struct conf_files files;
	const char *user;
	void (*denied)(void *arg, const char *why);
	void *arg;
};
void files_trial_init(struct files_trial *trial, const char *user,
    void (*denied)(void *arg, const char *why), void *arg);

/* Tells denied() when the user may not read that file; nothing is read. */
void files_trial_look(const struct files_trial *trial, const char *path);

/* What tells a file from another that had its name before; symbolic links are followed. */
struct files_identity {
	dev_t dev;
	ino_t ino; /* 0: there is no file */
	off_t bytes;
	struct timespec modified;
};
struct files_identity files_identify(const char *path);
bool files_identity_eq(const struct files_identity *a, const struct files_identity *b);

/* True when others than owner and group may read the file. */
bool files_world_readable(const char *path);

#endif
