/*
 * keys.h - reads the private keys that sign mail from their directory, and the keyring from its file.
 *
 *	DIRECTORY/DOMAIN/SELECTOR.key    PEM; not readable by others than owner and group
 *	DIRECTORY/DOMAIN/SELECTOR.next   "SELECTOR2 2026-12-01T00:00:00Z": from then on SELECTOR2 signs
 *	                                 in its stead
 *
 * Names are in lower case; other files, and names that begin with a dot, do not count. A file that
 * cannot be used is in the table, with the reason: mail is sent without that signature. So is, as
 * "missing", a selector that only has a .next: whom it names signs when the time has come. Reasons:
 * missing, unreadable, world-readable, encrypted, too-small, too-large, wrong-type, damaged,
 * no-memory.
 */
#ifndef IO_KEYS_H
#define IO_KEYS_H

#include "auth/key_table.h"
#include "policy/keyring.h"

/* Key files in all. */
#define KEYS_MAX 20000

struct keys; /* refers to what is shared with other such sets */

/* Somebody to be told of each file that cannot be used: "PATH: what is wrong; what to do". */
struct keys_notify {
	void *arg;
	void (*problem)(void *arg, const char *text);
};

/* Reads the directory; keys of files that did not change are those of `before` (or NULL), which may
 * be freed afterwards, even when they may not be read any more: then somebody is told. A directory
 * that is not there is an empty set; for one that cannot be read, somebody is told. NULL with the reason (no memory). notify: NULL, or who is told, once of each. */
struct keys *keys_load(const char *directory, const struct keys *before,
    const struct keys_notify *notify, struct err *err);
void keys_free(struct keys *keys); /* NULL is allowed */

const struct key_table *keys_table(const struct keys *keys);

/* Reads the keyring's file: 0, or -1 with "PATH: what is wrong; what to do" (ERR_UNAVAILABLE: there is
 * no such file). After 0 it is for keyring_fini(). World-readable: refused. */
int keys_load_keyring(const char *path, struct keyring *keyring_r, struct err *err);

#endif
