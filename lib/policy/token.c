/*
 * token.c - see token.h.
 */
#include "policy/token_parts.h"

#include "crypto/hash.h"

#include <assert.h>

#define WIRE_VERSION 1
#define AT_KEY       1
#define AT_KIND      2
#define AT_IDS       3
#define AT_LINK      (AT_IDS + TOKEN_IDS_BYTES)
#define MIN_TEXT     ENCODE_BASE64URL_BYTES(TOKEN_HEAD_BYTES + TOKEN_MAC_BYTES)

/* Tokens of other uses are signed by the same keys. */
static const struct slice purpose = SLICE_LIT("gatepost web token");

static const char *const kind_names[] = {NULL, "open", "click", "unsubscribe"};

static bool
kind_is_known(unsigned kind)
{
	return kind >= TOKEN_OPEN && kind <= TOKEN_UNSUBSCRIBE;
}

const char *
token_kind_name(enum token_kind kind)
{
	assert(kind_is_known(kind));
	return kind_names[kind];
}

/* What stands in a Location field, or goes to a page, holds nothing that could end a line. */
static bool
is_printable(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	}
	return true;
}

static bool
target_is_good(enum token_kind kind, struct slice target)
{
	static const struct slice https = SLICE_LIT("https://"), http = SLICE_LIT("http://");

	if (target.n > TOKEN_TARGET_BYTES || !is_printable(target))
		return false;
	if (kind == TOKEN_CLICK)
		return slice_starts_nocase(target, https) || slice_starts_nocase(target, http);
	if (kind == TOKEN_UNSUBSCRIBE)
		return target.n == 0 || slice_find(target, '@') < target.n;
	return target.n == 0;
}

static bool
mac_make(const struct keyring_key *key, struct slice bytes, uint8_t mac_r[HMAC_BYTES])
{
	struct slice parts[] = {purpose, bytes};

	return hmac(key->hmac, parts, sizeof(parts) / sizeof(*parts), mac_r);
}

int
token_make(
    const struct keyring *keyring, const struct token *token, struct buf *out, struct err *err)
{
	const struct keyring_key *key = keyring_current(keyring);
	uint8_t bytes[TOKEN_BYTES], mac[HMAC_BYTES];
	size_t n = TOKEN_HEAD_BYTES + token->target.n;

	if (token_ids_check(&token->ids, err) != 0)
		return -1;
	if (key == NULL || !kind_is_known(token->kind) || token->link > TOKEN_LINK_MAX)
		return err_set(err, ERR_INVALID, "token: no key, or an unknown kind");
	if (!target_is_good(token->kind, token->target))
		return err_set(
		    err, ERR_INVALID, "token: the target is too long, or not fit for one");
	bytes[0] = WIRE_VERSION;
	bytes[AT_KEY] = (uint8_t)key->id;
	bytes[AT_KIND] = (uint8_t)token->kind;
	token_ids_put(bytes + AT_IDS, &token->ids);
	token_put(bytes + AT_LINK, token->link, 2);
	if (token->target.n > 0)
		memcpy(bytes + TOKEN_HEAD_BYTES, token->target.p, token->target.n);
	if (!mac_make(key, slice_make((const char *)bytes, n), mac))
		return err_set(err, ERR_NOMEM, "token: no memory to sign it");
	memcpy(bytes + n, mac, TOKEN_MAC_BYTES);
	encode_base64url(out, slice_make((const char *)bytes, n + TOKEN_MAC_BYTES));
	return out->over ? err_set(err, ERR_LIMIT, "token: no room for it") : 0;
}

/* The fields of one whose MAC is right. */
static enum token_result
fields_read(const uint8_t *bytes, size_t n, const struct token_terms *terms, struct token *token)
{
	if (!kind_is_known(bytes[AT_KIND]))
		return TOKEN_VERSION;
	token->kind = (enum token_kind)bytes[AT_KIND];
	token->ids = token_ids_get(bytes + AT_IDS);
	token->link = (unsigned)token_get(bytes + AT_LINK, 2);
	token->target = slice_make(token->storage + TOKEN_HEAD_BYTES, n - TOKEN_HEAD_BYTES);
	/* Signed by us, but with other rules about targets? Then these rules count. */
	if (!target_is_good(token->kind, token->target))
		return TOKEN_VERSION;
	if (terms->kind != 0 && terms->kind != token->kind)
		return TOKEN_OTHER_KIND;
	return token_terms_check(terms, &token->ids);
}

enum token_result
token_open(const struct keyring *keyring, struct slice text, const struct token_terms *terms,
    struct token *token_r)
{
	uint8_t *bytes = (uint8_t *)token_r->storage;
	const struct keyring_key *key;
	enum token_result result;
	uint8_t mac[HMAC_BYTES];
	struct buf raw;
	size_t n;

	buf_init(&raw, token_r->storage, sizeof(token_r->storage));
	if (text.n < MIN_TEXT || text.n > TOKEN_TEXT_BYTES || decode_base64url(&raw, text) != 0)
		return TOKEN_MALFORMED;
	if (bytes[0] != WIRE_VERSION)
		return TOKEN_VERSION;
	token_r->key = bytes[AT_KEY];
	result = token_key_find(keyring, token_r->key, &key);
	if (result != TOKEN_GOOD)
		return result;
	n = raw.n - TOKEN_MAC_BYTES;
	if (!mac_make(key, slice_head(buf_slice(&raw), n), mac))
		return TOKEN_NO_MEMORY;
	if (!hash_same(
		slice_make((const char *)mac, TOKEN_MAC_BYTES), slice_from(buf_slice(&raw), n)))
		return TOKEN_FORGED;
	return fields_read(bytes, n, terms, token_r);
}
