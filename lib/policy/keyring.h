/*
 * keyring.h - the keys that sign tokens: in links, pixels, and MAIL FROM addresses.
 *
 * The keyring is a file of lines, '#' begins a comment:
 *
 *	ID CREATED STATE KEY
 *	7  2026-11-21T07:33:18Z  current  BASE64 OF 32 RANDOM BYTES
 *
 * `current` signs, and there is exactly one; `previous` still verifies; `retired` does not, and
 * stays so that its number is not given again. Nothing here reads a file, a clock, or randomness.
 */
#ifndef POLICY_KEYRING_H
#define POLICY_KEYRING_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

#define KEYRING_KEYS_MAX   64
#define KEYRING_ID_MAX     255
#define KEYRING_KEY_BYTES  32
#define KEYRING_LINE_BYTES 200
#define KEYRING_FILE_BYTES ((size_t)KEYRING_KEYS_MAX * KEYRING_LINE_BYTES)

struct hmac_key;

enum keyring_state {
	KEYRING_CURRENT,
	KEYRING_PREVIOUS,
	KEYRING_RETIRED,
};

struct keyring_key {
	unsigned id; /* 1 to KEYRING_ID_MAX */
	enum keyring_state state;
	int64_t created_s; /* Unix time */
	uint8_t bytes[KEYRING_KEY_BYTES];
	struct hmac_key *hmac; /* prepared; NULL for a retired one */
};

struct keyring {
	size_t n;
	struct keyring_key v[KEYRING_KEYS_MAX]; /* in the order of the file */
};

/* Reads the file's bytes; `name` is its path, for errors. 0, or -1 with "NAME:LINE: what is wrong".
 * After 0 it is for keyring_fini(). Any number of threads may then use it. */
int keyring_parse(struct keyring *keyring_r, struct slice text, const char *name, struct err *err);

/* Wipes and frees the keys. */
void keyring_fini(struct keyring *keyring);

/* The key that signs. */
const struct keyring_key *keyring_current(const struct keyring *keyring);

/* The key of that number, or NULL. Its state says what it is good for. */
const struct keyring_key *keyring_find(const struct keyring *keyring, unsigned id);

/* A new key becomes the current one, the current one previous; of the previous ones the newest
 * `keep` stay, the others retire. 0, or -1 when there is no number or no room left. An empty ring
 * (n = 0) gets its first. random: KEYRING_KEY_BYTES. The new one can be written at once, and sign
 * after it was read again. */
int keyring_rotate(
    struct keyring *keyring, const uint8_t *random, int64_t now_s, size_t keep, struct err *err);

/* Appends the file. Out must be secret. */
void keyring_format(const struct keyring *keyring, struct buf *out);

/* "current", "previous", "retired". */
const char *keyring_state_name(enum keyring_state state);

#endif
