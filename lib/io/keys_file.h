/*
 * keys_file.h - one private key, read from its file, or shared with who read it before.
 */
#ifndef IO_KEYS_FILE_H
#define IO_KEYS_FILE_H

#include "auth/key_table.h"
#include "io/files.h"

/* A key that several sets use; freed by the last. */
struct keys_shared;

const struct sign_key *keys_shared_key(const struct keys_shared *shared);
const char *keys_shared_public(const struct keys_shared *shared);

struct keys_shared *keys_shared_hold(struct keys_shared *shared);
void keys_shared_release(struct keys_shared *shared); /* NULL is allowed */

/* Reads the file. NULL, when there is no key that may be used: *reason_r is a static word for it,
 * and err "PATH: what is wrong; what to do". */
struct keys_shared *keys_file_read(const char *path, const char **reason_r, struct err *err);

/* 0, or -1: others than owner and group may read the file; with reason and err as above. */
int keys_file_mode_check(const char *path, const char **reason_r, struct err *err);

/* Overwrites a secret that files_read() put into an arena. */
void keys_text_wipe(struct slice text);

#endif
