/*
 * keys_file.c - see keys_file.h.
 */
#include "io/keys_file.h"

#include <stdatomic.h>
#include <stdlib.h>

/* The text of a key, and what an arena has around it. */
#define ARENA_BYTES ((size_t)SIGN_PEM_MAX_BYTES + 1024)

struct keys_shared {
	atomic_uint holders;
	struct sign_key *key;
	char public_key[SIGN_PUBLIC_MAX_BYTES + 1];
};

/* What sign_key_parse() complains of, as a word for tables, and what to do about it. */
static const struct {
	const char *in; /* part of the complaint */
	const char *reason;
	const char *todo;
} complaints[] = {
    {"is encrypted", "encrypted", "store it without a pass phrase"},
    {"are the least", "too-small", "make a new one: gatepostctl key new"},
    {"has to verify more", "too-large", "make a new one: gatepostctl key new"},
    {"a key of type", "wrong-type", "make one: gatepostctl key new"},
    {"private one is wanted", "wrong-type", "put the private key there"},
    {"private key is wanted", "wrong-type", "put the private key there"},
    {"OpenSSH's own", "wrong-type", "make one: gatepostctl key new"},
    {"", "damaged", "put it back from a copy, or make a new one: gatepostctl key new"},
};

static struct keys_shared *
complain(const char *path, const char **reason_r, const struct err *why, struct err *err)
{
	size_t i = 0;

	while (strstr(why->text, complaints[i].in) == NULL)
		i++;
	*reason_r = complaints[i].reason;
	(void)err_set(err, why->code, "%s: %s; %s", path, why->text, complaints[i].todo);
	return NULL;
}

static struct keys_shared *
shared_make(const char *path, struct slice pem, const char **reason_r, struct err *err)
{
	struct keys_shared *shared = calloc(1, sizeof(*shared));
	struct buf public_key;
	struct err why = {ERR_NONE, ""};

	*reason_r = "no-memory";
	if (shared == NULL) {
		(void)err_set(err, ERR_NOMEM, "%s: no memory for the key", path);
		return NULL;
	}
	atomic_init(&shared->holders, 1);
	buf_init(&public_key, shared->public_key, sizeof(shared->public_key));
	if (sign_key_parse(pem, &shared->key, &why) != 0 ||
	    sign_key_public(shared->key, &public_key, &why) != 0) {
		keys_shared_release(shared);
		return complain(path, reason_r, &why, err);
	}
	(void)buf_text(&public_key);
	return shared;
}

void
keys_text_wipe(struct slice text)
{
	volatile char *p = (char *)text.p; /* the arena's, which is ours */

	for (size_t i = 0; i < text.n; i++)
		p[i] = 0;
}

struct keys_shared *
keys_file_read(const char *path, const char **reason_r, struct err *err)
{
	struct keys_shared *shared;
	struct arena arena;
	struct slice pem;
	struct err why = {ERR_NONE, ""};

	arena_init(&arena, ARENA_BYTES / 4, ARENA_BYTES);
	if (files_read(path, SIGN_PEM_MAX_BYTES, &arena, &pem, &why) == 0) {
		shared = shared_make(path, pem, reason_r, err);
		keys_text_wipe(pem);
		arena_fini(&arena);
		return shared;
	}
	arena_fini(&arena);
	if (why.code == ERR_LIMIT || strstr(why.text, "not a regular file") != NULL) {
		*reason_r = "wrong-type";
		(void)err_set(err, why.code, "%s; put a private key in PEM there", why.text);
	} else {
		*reason_r = "unreadable";
		(void)err_set(err, why.code,
		    "%s; give it to the group of gatepostd, chmod 0640, and its directories 0750",
		    why.text);
	}
	return NULL;
}

int
keys_file_mode_check(const char *path, const char **reason_r, struct err *err)
{
	if (!files_world_readable(path))
		return 0;
	*reason_r = "world-readable";
	return err_set(err, ERR_INVALID,
	    "%s: everybody on this host may read the key; chmod 0640, and make a new key if "
	    "somebody may have read it",
	    path);
}

const struct sign_key *
keys_shared_key(const struct keys_shared *shared)
{
	return shared->key;
}

const char *
keys_shared_public(const struct keys_shared *shared)
{
	return shared->public_key;
}

struct keys_shared *
keys_shared_hold(struct keys_shared *shared)
{
	atomic_fetch_add_explicit(&shared->holders, 1, memory_order_relaxed);
	return shared;
}

void
keys_shared_release(struct keys_shared *shared)
{
	if (shared == NULL ||
	    atomic_fetch_sub_explicit(&shared->holders, 1, memory_order_acq_rel) != 1)
		return;
	sign_key_free(shared->key);
	free(shared);
}
