/*
 * envelope_id.c - see envelope_id.h.
 */
#include "policy/envelope_id.h"

#include "crypto/hash.h"
#include "mail/address.h"
#include "policy/token_parts.h"

#define WIRE_VERSION 1
#define AT_KEY       1
#define AT_IDS       2
#define AT_MAC       (AT_IDS + TOKEN_IDS_BYTES)
#define MAC_BYTES    (ENVELOPE_ID_BYTES - AT_MAC)

_Static_assert(MAC_BYTES * 8 >= 80, "a MAC that can be guessed");
_Static_assert(ENVELOPE_ID_BYTES % 5 == 0, "base32 with bits that mean nothing");

static const struct slice purpose = SLICE_LIT("gatepost envelope id");

static bool
letter_is_known(char letter)
{
	return letter == ENVELOPE_BOUNCE || letter == ENVELOPE_UNSUBSCRIBE || letter == ENVELOPE_ID;
}

/* Only of printable ASCII: so folding its case is all that can be done to it. */
static bool
mac_make(const struct keyring_key *key, const uint8_t *bytes, char letter, struct slice domain,
    uint8_t mac_r[HMAC_BYTES])
{
	char storage[ADDRESS_MAX_BYTES];
	struct buf folded = BUF_OVER(storage);
	struct slice parts[] = {purpose, {&letter, 1}, {(const char *)bytes, AT_MAC}, {NULL, 0}};

	buf_add_lower(&folded, domain);
	parts[3] = buf_slice(&folded);
	return !folded.over && hmac(key->hmac, parts, sizeof(parts) / sizeof(*parts), mac_r);
}

int
envelope_id_make(const struct keyring *keyring, const struct envelope_id *id, struct slice domain,
    struct buf *out, struct err *err)
{
	const struct keyring_key *key = keyring_current(keyring);
	uint8_t bytes[ENVELOPE_ID_BYTES], mac[HMAC_BYTES];

	if (token_ids_check(&id->ids, err) != 0)
		return -1;
	if (key == NULL || (domain.n == 0) != (id->letter == ENVELOPE_ID))
		return err_set(err, ERR_INVALID, "envelope id: no key, or no domain");
	bytes[0] = WIRE_VERSION;
	bytes[AT_KEY] = (uint8_t)key->id;
	token_ids_put(bytes + AT_IDS, &id->ids);
	if (!mac_make(key, bytes, (char)id->letter, domain, mac))
		return err_set(err, ERR_NOMEM, "envelope id: no memory to sign it");
	memcpy(bytes + AT_MAC, mac, MAC_BYTES);
	buf_add_char(out, (char)id->letter);
	buf_add_char(out, '-');
	encode_base32(out, slice_make((const char *)bytes, sizeof(bytes)));
	return out->over ? err_set(err, ERR_LIMIT, "envelope id: no room for it") : 0;
}

/* Without the quotes and backslashes that an MTA put there because of the recipient. False when it
 * has quotes that are odd, or no room. */
static bool
unquote(struct slice local, struct buf *out)
{
	if (local.n < 2 || local.p[0] != '"') {
		buf_add(out, local);
		return !out->over;
	}
	for (size_t i = 1; i + 1 < local.n; i++) {
		if (local.p[i] == '"')
			return false;
		if (local.p[i] == '\\' && ++i + 1 >= local.n)
			return false;
		buf_add_char(out, local.p[i]);
	}
	return local.p[local.n - 1] == '"' && !out->over;
}

bool
envelope_id_is_like(struct slice local)
{
	char first;

	if (local.n > 0 && local.p[0] == '"')
		local = slice_from(local, 1);
	first = (char)(local.n == 0 ? '\0' : ascii_lower(local.p[0]));
	return local.n >= ENVELOPE_ID_TEXT_BYTES && letter_is_known(first) && local.p[1] == '-';
}

/* "+user=example.com". A domain holds neither '+' nor '=', so the last one parts them. */
static bool
rcpt_read(struct slice tail, const char *delimiters, struct envelope_id *id)
{
	struct slice rcpt = slice_from(tail, 1);
	size_t at = slice_find_last(rcpt, delimiters[1]);
	struct buf out;

	buf_init(&out, id->rcpt, sizeof(id->rcpt));
	if (tail.n == 0)
		return true;
	if (tail.p[0] != delimiters[0] || at == 0 || at + 1 >= rcpt.n)
		return false;
	for (size_t i = 0; i < rcpt.n; i++) {
		if ((unsigned char)rcpt.p[i] < ' ' || rcpt.p[i] == 0x7f)
			return false;
	}
	buf_add(&out, slice_head(rcpt, at));
	buf_add_char(&out, '@');
	buf_add(&out, slice_from(rcpt, at + 1));
	id->rcpt_n = out.n;
	return !out.over;
}

static enum token_result
bytes_verify(const struct keyring *keyring, const uint8_t *bytes, struct slice domain,
    struct envelope_id *id)
{
	const struct keyring_key *key;
	enum token_result result;
	uint8_t mac[HMAC_BYTES];

	if (bytes[0] != WIRE_VERSION)
		return TOKEN_VERSION;
	id->key = bytes[AT_KEY];
	result = token_key_find(keyring, id->key, &key);
	if (result != TOKEN_GOOD)
		return result;
	if (!mac_make(key, bytes, (char)id->letter, domain, mac))
		return TOKEN_NO_MEMORY;
	if (!hash_same(slice_make((const char *)mac, MAC_BYTES),
		slice_make((const char *)bytes + AT_MAC, MAC_BYTES)))
		return TOKEN_FORGED;
	id->ids = token_ids_get(bytes + AT_IDS);
	return TOKEN_GOOD;
}

enum token_result
envelope_id_open(const struct keyring *keyring, const struct envelope_text *text,
    const struct token_terms *terms, struct envelope_id *id_r)
{
	char storage[ENVELOPE_ID_TEXT_BYTES + ENVELOPE_RCPT_BYTES];
	struct buf local = BUF_OVER(storage);
	uint8_t bytes[ENVELOPE_ID_BYTES];
	struct slice token, tail;
	enum token_result result;
	struct buf raw;

	*id_r = (struct envelope_id){.rcpt_n = 0};
	buf_init(&raw, (char *)bytes, sizeof(bytes));
	if (!unquote(text->local, &local) || !envelope_id_is_like(buf_slice(&local)) ||
	    text->domain.n > ADDRESS_MAX_BYTES)
		return TOKEN_MALFORMED;
	id_r->letter = (enum envelope_letter)ascii_lower(storage[0]);
	token = slice_from(slice_head(buf_slice(&local), ENVELOPE_ID_TEXT_BYTES), 2);
	tail = slice_from(buf_slice(&local), ENVELOPE_ID_TEXT_BYTES);
	if ((text->domain.n == 0) != (id_r->letter == ENVELOPE_ID) ||
	    decode_base32(&raw, token) != 0 || raw.n != sizeof(bytes) ||
	    !rcpt_read(
		tail, text->delimiters == NULL ? ENVELOPE_DELIMITERS : text->delimiters, id_r))
		return TOKEN_MALFORMED;
	result = bytes_verify(keyring, bytes, text->domain, id_r);
	return result == TOKEN_GOOD ? token_terms_check(terms, &id_r->ids) : result;
}
