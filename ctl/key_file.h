/*
 * key_file.h - writes files that hold secrets: whole or not at all, for root and the daemon's group.
 */
#ifndef CTL_KEY_FILE_H
#define CTL_KEY_FILE_H

#include "ctl.h"

#include <sys/types.h>

/* Whose a new file is to be: the group of milter.user; without one, that of milter.conf, which the
 * daemon can read. */
struct key_owner {
	gid_t group;
	bool denied; /* set when a file could not be given to the group, since this is not root */
};

/* 0, or -1: there is no such user. */
int key_owner_of(struct ctl *ctl, struct key_owner *owner_r, struct err *err);

/* Makes the directory, and those above it that are not there: 0750. 0, or -1 with the reason. */
int key_directory_make(const char *path, struct key_owner *owner, struct err *err);

/* Writes a new file, 0640, and has it on the disk: 0; 1 when there is one by that name, which stays
 * as it is; -1 with the reason. */
int key_file_create(const char *path, struct slice text, struct key_owner *owner, struct err *err);

/* Writes the file anew; it keeps its group, and its mode but for what others may. One that is not
 * there is made. 0, or -1 with the reason, and it is as it was. */
int key_file_replace(const char *path, struct slice text, struct key_owner *owner, struct err *err);

/* On stderr, when a file could not be given to the group: what to do. */
void key_owner_tell(const struct key_owner *owner, const char *path);

#endif
