/*
 * token_ids.c - see token_parts.h: what all tokens hold, and when they are good.
 */
#include "policy/token_parts.h"

#include "policy/account.h"

#include <assert.h>

void
token_put(uint8_t *p, uint64_t value, size_t n)
{
	while (n-- > 0) {
		p[n] = (uint8_t)(value & 0xff);
		value >>= 8;
	}
}

uint64_t
token_get(const uint8_t *p, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value = value << 8 | p[i];
	return value;
}

void
token_ids_put(uint8_t *p, const struct token_ids *ids)
{
	token_put(p, ids->account, 6);
	token_put(p + 6, ids->message, 8);
	token_put(p + 14, ids->rcpt, 2);
	token_put(p + 16, ids->day, 2);
}

struct token_ids
token_ids_get(const uint8_t *p)
{
	struct token_ids ids = {.account = token_get(p, 6), .message = token_get(p + 6, 8)};

	ids.rcpt = (unsigned)token_get(p + 14, 2);
	ids.day = (unsigned)token_get(p + 16, 2);
	return ids;
}

int
token_ids_check(const struct token_ids *ids, struct err *err)
{
	if (ids->account == 0 || ids->account >> ACCOUNT_ID_BITS != 0 || ids->message == 0)
		return err_set(err, ERR_INVALID, "token: no account, or no message");
	if (ids->day > TOKEN_DAY_MAX || ids->rcpt > TOKEN_RCPT_MAX)
		return err_set(err, ERR_INVALID, "token: the day, or the recipient, is too far");
	return 0;
}

enum token_result
token_key_find(const struct keyring *keyring, unsigned id, const struct keyring_key **key_r)
{
	*key_r = keyring_find(keyring, id);
	if (*key_r == NULL)
		return TOKEN_KEY_UNKNOWN;
	return (*key_r)->state == KEYRING_RETIRED ? TOKEN_KEY_RETIRED : TOKEN_GOOD;
}

enum token_result
token_terms_check(const struct token_terms *terms, const struct token_ids *ids)
{
	if (terms->account != 0 && terms->account != ids->account)
		return TOKEN_OTHER_ACCOUNT;
	if (terms->today == 0)
		return TOKEN_GOOD;
	/* clocks differ, and midnight is nobody's fault */
	if (ids->day > terms->today + 1)
		return TOKEN_FUTURE;
	if (terms->max_age_days > 0 && ids->day + terms->max_age_days < terms->today)
		return TOKEN_EXPIRED;
	return TOKEN_GOOD;
}

const char *
token_result_name(enum token_result result)
{
	static const char *const names[] = {"good", "malformed", "version", "unknown-key",
	    "retired-key", "forged", "other-kind", "other-account", "expired", "future",
	    "no-memory"};

	assert((size_t)result < sizeof(names) / sizeof(*names));
	return names[result];
}

void
token_message_format(uint64_t message, struct buf *out)
{
	uint8_t bytes[8];

	token_put(bytes, message, sizeof(bytes));
	encode_base32(out, slice_make((const char *)bytes, sizeof(bytes)));
}
