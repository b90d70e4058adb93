/*
 * keyring.c - see keyring.h.
 */
#include "policy/keyring.h"

#include "base/encode.h"
#include "crypto/hash.h"
#include "policy/keyring_time.h"

#include <assert.h>

static const char *const state_names[] = {"current", "previous", "retired"};

#define STATES (sizeof(state_names) / sizeof(*state_names))

const char *
keyring_state_name(enum keyring_state state)
{
	assert((size_t)state < STATES);
	return state_names[state];
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct slice
word_take(struct slice *rest)
{
	struct slice word;
	size_t n = 0;

	while (rest->n > 0 && is_blank(rest->p[0]))
		*rest = slice_from(*rest, 1);
	while (n < rest->n && !is_blank(rest->p[n]))
		n++;
	word = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return word;
}

/* 0 when it is no number of a key. */
static unsigned
id_parse(struct slice word)
{
	unsigned id = 0;

	for (size_t i = 0; i < word.n; i++) {
		if (!ascii_is_digit(word.p[i]) || (i == 0 && word.p[i] == '0'))
			return 0;
		id = id * 10 + (unsigned)(word.p[i] - '0');
		if (id > KEYRING_ID_MAX)
			return 0;
	}
	return id;
}

static int
state_parse(struct slice word, enum keyring_state *state_r)
{
	for (size_t i = 0; i < STATES; i++) {
		if (slice_eq(word, slice_of(state_names[i]))) {
			*state_r = (enum keyring_state)i;
			return 0;
		}
	}
	return -1;
}

static int
bytes_parse(struct slice word, uint8_t bytes_r[KEYRING_KEY_BYTES])
{
	struct buf out;

	buf_init(&out, (char *)bytes_r, KEYRING_KEY_BYTES);
	return decode_base64(&out, word) == 0 && out.n == KEYRING_KEY_BYTES ? 0 : -1;
}

/* What is wrong with the line, or NULL. Words of the key itself are not repeated. */
static const char *
line_parse(struct slice line, struct keyring_key *key)
{
	struct slice rest = line;

	if (line.n > KEYRING_LINE_BYTES)
		return "the line is too long to be a key";
	key->id = id_parse(word_take(&rest));
	if (key->id == 0)
		return "the first word is not the number of a key, 1 to 255";
	if (keyring_time_parse(word_take(&rest), &key->created_s) != 0)
		return "the second word is no time as in 2026-11-21T07:33:18Z";
	if (state_parse(word_take(&rest), &key->state) != 0)
		return "the third word must be current, previous or retired";
	if (bytes_parse(word_take(&rest), key->bytes) != 0)
		return "the fourth word is not 32 bytes in base64";
	if (word_take(&rest).n > 0)
		return "there is something behind the key";
	return NULL;
}

static bool
has_current(const struct keyring *ring)
{
	for (size_t i = 0; i < ring->n; i++) {
		if (ring->v[i].state == KEYRING_CURRENT)
			return true;
	}
	return false;
}

/* Why this key cannot be added, or NULL. */
static const char *
key_add(struct keyring *ring, struct keyring_key *key)
{
	if (ring->n == KEYRING_KEYS_MAX)
		return "too many keys; take out retired ones";
	if (keyring_find(ring, key->id) != NULL)
		return "a key of this number is there already";
	if (key->state == KEYRING_CURRENT && has_current(ring))
		return "a second current key; only one may sign";
	if (key->state != KEYRING_RETIRED) {
		key->hmac = hmac_key_new(slice_make((const char *)key->bytes, KEYRING_KEY_BYTES));
		if (key->hmac == NULL)
			return "no memory left for the key";
	}
	ring->v[ring->n++] = *key;
	return NULL;
}

static void
wipe(void *p, size_t n)
{
	volatile unsigned char *bytes = p;

	while (n-- > 0)
		bytes[n] = 0;
}

int
keyring_parse(struct keyring *keyring_r, struct slice text, const char *name, struct err *err)
{
	struct slice rest = text;
	unsigned number = 0;

	keyring_r->n = 0;
	if (text.n > KEYRING_FILE_BYTES)
		return err_set(err, ERR_LIMIT, "%s: larger than any keyring", name);
	while (rest.n > 0) {
		struct slice line = slice_head(rest, slice_find(rest, '\n'));
		struct slice words = slice_trim(slice_head(line, slice_find(line, '#')));
		struct keyring_key key = {.hmac = NULL};
		const char *wrong;

		number++;
		rest = slice_from(rest, line.n + 1);
		if (words.n == 0)
			continue;
		wrong = line_parse(words, &key);
		if (wrong == NULL)
			wrong = key_add(keyring_r, &key);
		wipe(&key, sizeof(key));
		if (wrong != NULL) {
			keyring_fini(keyring_r);
			return err_set(err, ERR_INVALID, "%s:%u: %s", name, number, wrong);
		}
	}
	if (has_current(keyring_r))
		return 0;
	keyring_fini(keyring_r);
	return err_set(err, ERR_INVALID,
	    "%s: no key is current; `gatepostctl keyring rotate` makes one", name);
}

void
keyring_fini(struct keyring *keyring)
{
	for (size_t i = 0; i < keyring->n; i++)
		hmac_key_free(keyring->v[i].hmac);
	wipe(keyring->v, keyring->n * sizeof(*keyring->v));
	keyring->n = 0;
}

const struct keyring_key *
keyring_current(const struct keyring *keyring)
{
	for (size_t i = 0; i < keyring->n; i++) {
		if (keyring->v[i].state == KEYRING_CURRENT)
			return &keyring->v[i];
	}
	return NULL;
}

const struct keyring_key *
keyring_find(const struct keyring *keyring, unsigned id)
{
	for (size_t i = 0; i < keyring->n; i++) {
		if (keyring->v[i].id == id)
			return &keyring->v[i];
	}
	return NULL;
}
