/*
 * keyring_rotate.c - see keyring.h: a new key, and the way back to text.
 */
#include "policy/keyring.h"

#include "base/encode.h"
#include "crypto/hash.h"
#include "policy/keyring_time.h"

static unsigned
id_next(const struct keyring *keyring)
{
	unsigned last = 0;

	for (size_t i = 0; i < keyring->n; i++)
		last = keyring->v[i].id > last ? keyring->v[i].id : last;
	return last + 1;
}

/* The newest `keep` of the previous ones stay; later in the file is newer. */
static void
previous_retire(struct keyring *keyring, size_t keep)
{
	for (size_t i = keyring->n; i-- > 0;) {
		struct keyring_key *key = &keyring->v[i];

		if (key->state != KEYRING_PREVIOUS)
			continue;
		if (keep > 0) {
			keep--;
			continue;
		}
		key->state = KEYRING_RETIRED;
		hmac_key_free(key->hmac);
		key->hmac = NULL;
	}
}

int
keyring_rotate(
    struct keyring *keyring, const uint8_t *random, int64_t now_s, size_t keep, struct err *err)
{
	struct keyring_key key = {
	    .id = id_next(keyring), .state = KEYRING_CURRENT, .created_s = now_s};

	if (key.id > KEYRING_ID_MAX)
		return err_set(
		    err, ERR_LIMIT, "the numbers of keys are used up (%d)", KEYRING_ID_MAX);
	if (keyring->n == KEYRING_KEYS_MAX)
		return err_set(
		    err, ERR_LIMIT, "there are %d keys; take out retired ones", KEYRING_KEYS_MAX);
	memcpy(key.bytes, random, sizeof(key.bytes));
	key.hmac = hmac_key_new(slice_make((const char *)key.bytes, sizeof(key.bytes)));
	if (key.hmac == NULL)
		return err_set(err, ERR_NOMEM, "no memory left for the key");
	for (size_t i = 0; i < keyring->n; i++) {
		if (keyring->v[i].state == KEYRING_CURRENT)
			keyring->v[i].state = KEYRING_PREVIOUS;
	}
	previous_retire(keyring, keep);
	keyring->v[keyring->n++] = key;
	return 0;
}

void
keyring_format(const struct keyring *keyring, struct buf *out)
{
	buf_add_text(out,
	    "# The keys of tokens: ID CREATED STATE KEY. Secret; readable by gatepost "
	    "only.\n# `gatepostctl keyring rotate` adds one.\n");
	for (size_t i = 0; i < keyring->n; i++) {
		const struct keyring_key *key = &keyring->v[i];

		buf_add_format(out, "%u ", key->id);
		keyring_time_format(out, key->created_s);
		buf_add_format(out, " %s ", keyring_state_name(key->state));
		encode_base64(out, slice_make((const char *)key->bytes, sizeof(key->bytes)));
		buf_add_char(out, '\n');
	}
}
