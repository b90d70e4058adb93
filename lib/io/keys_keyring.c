/*
 * keys_keyring.c - see keys.h: the keyring's file.
 */
#include "io/keys.h"

#include "io/keys_file.h"

#include <errno.h>
#include <sys/stat.h>

int
keys_load_keyring(const char *path, struct keyring *keyring_r, struct err *err)
{
	struct arena arena;
	struct slice text;
	struct stat st;
	struct err why;
	int status;

	keyring_r->n = 0;
	if (stat(path, &st) != 0 && errno == ENOENT)
		return err_set(err, ERR_UNAVAILABLE,
		    "%s: there is no keyring; gatepostctl keyring new makes one", path);
	if (files_world_readable(path))
		return err_set(err, ERR_INVALID,
		    "%s: everybody on this host may read the keys; chmod 0640, and gatepostctl "
		    "keyring rotate if somebody may have read them",
		    path);
	arena_init(&arena, KEYRING_FILE_BYTES + 1024, KEYRING_FILE_BYTES + 1024);
	status = files_read(path, KEYRING_FILE_BYTES, &arena, &text, &why);
	if (status == 0) {
		status = keyring_parse(keyring_r, text, path, err);
		keys_text_wipe(text);
	} else {
		(void)err_set(err, why.code, "%s%s", why.text,
		    why.code == ERR_DENIED ? "; it is for root and the group of gatepostd: chmod "
					     "0640, its directories 0750"
					   : "");
	}
	arena_fini(&arena);
	return status;
}
