/*
 * webhook_sign.c - see webhook.h: the signatures.
 */
#include "base/encode.h"
#include "crypto/hash.h"
#include "policy/webhook_parts.h"

/* The signature by one secret. */
static int
one_sign(struct buf *out, struct slice secret, const struct slice *parts, size_t n)
{
	char storage[WEBHOOK_SECRET_MAX];
	struct buf bytes = BUF_OVER(storage);
	uint8_t mac[HMAC_BYTES];
	struct hmac_key *key;
	bool good;

	if (!webhook_secret_read(secret, &bytes))
		return -1;
	key = hmac_key_new(buf_slice(&bytes));
	if (key == NULL)
		return -1;
	good = hmac(key, parts, n, mac);
	hmac_key_free(key);
	if (!good)
		return -1;
	buf_add_text(out, out->n > 0 ? " v1," : "v1,");
	encode_base64(out, slice_make((const char *)mac, sizeof(mac)));
	return 0;
}

int
webhook_sign(struct buf *out, const char *secrets, const struct slice *parts, size_t n)
{
	struct slice rest = slice_of(secrets), secret;

	while (webhook_secret_next(&rest, &secret)) {
		if (one_sign(out, secret, parts, n) != 0)
			return -1;
	}
	return out->n > 0 && !out->over ? 0 : -1;
}
