/*
 * redis_consent.c - see redis_consent.h.
 */
#include "io/redis_consent.h"

#include "base/siphash.h"
#include "io/redis_command.h"
#include "io/redis_key.h"
#include "policy/consent.h"

/* What was read is believed for so many readings, should they fail. */
#define BELIEVED_READINGS 3

#define US_PER_MS 1000

void
redis_consents_init(struct redis_consents *consents)
{
	memset(consents, 0, sizeof(*consents));
	(void)pthread_mutex_init(&consents->lock, NULL);
}

void
redis_consents_fini(struct redis_consents *consents)
{
	(void)pthread_mutex_destroy(&consents->lock);
}

static size_t
slot_of(const char *account)
{
	static const uint64_t fixed[2] = {0, 0}; /* accounts are no strangers */

	return siphash(fixed, slice_of(account)) % REDIS_CONSENT_SLOTS;
}

/* As for whom nobody looked lately. */
static bool
is_old(int64_t until_us)
{
	return deadline_now_us() >= until_us;
}

bool
redis_consents_any(struct redis_consents *consents, const char *account, bool *all_r)
{
	size_t i = slot_of(account);
	struct redis_consent_slot *slot = &consents->slots[i];
	bool any = true;

	(void)pthread_mutex_lock(&consents->lock);
	if (strcmp(slot->account, account) == 0) {
		any = slot->has || is_old(slot->until_us);
	} else {
		struct buf name;

		*slot = (struct redis_consent_slot){.has = true};
		buf_init(&name, slot->account, sizeof(slot->account));
		buf_add_text(&name, account);
		(void)buf_text(&name);
		if (i >= atomic_load(&consents->used))
			atomic_store(&consents->used, i + 1);
	}
	*all_r = consents->all || is_old(consents->all_until_us);
	(void)pthread_mutex_unlock(&consents->lock);
	return any || *all_r;
}

/* Is there such a hash? 1, 0, or -1. */
static int
hash_exists(const struct redis_link *link, struct redis_conn *conn, const char *account,
    struct deadline until, struct err *err)
{
	char key_storage[REDIS_KEY_BYTES], storage[REDIS_KEY_BYTES + 64];
	struct buf key = BUF_OVER(key_storage), out = BUF_OVER(storage);
	redisReply *reply;
	int found;

	redis_key_consent(&key, link->target.conf.prefix, account);
	redis_command_begin(&out, 2);
	redis_command_text(&out, "EXISTS");
	redis_command_word(&out, buf_slice(&key));
	reply = redis_conn_ask(conn, buf_slice(&out), until, err);
	if (reply == NULL)
		return -1;
	found = reply->integer != 0;
	freeReplyObject(reply);
	return found;
}

/* A copy of the i-th slot's account; false when there is none. */
static bool
account_copy(struct redis_consents *consents, size_t i, char account[ACCOUNT_NAME_BYTES + 1])
{
	(void)pthread_mutex_lock(&consents->lock);
	memcpy(account, consents->slots[i].account, ACCOUNT_NAME_BYTES + 1);
	(void)pthread_mutex_unlock(&consents->lock);
	return account[0] != '\0';
}

/* Up to when that is believed which was read now. */
static int64_t
believed_until_us(const struct redis_link *link)
{
	return deadline_now_us() +
	       link->target.conf.lists_refresh_ms * BELIEVED_READINGS * US_PER_MS;
}

static void
slot_set(struct redis_consents *consents, size_t i, const char *account, bool has,
    const struct redis_link *link)
{
	struct redis_consent_slot *slot = &consents->slots[i];

	(void)pthread_mutex_lock(&consents->lock);
	if (strcmp(slot->account, account) == 0) {
		slot->has = has;
		slot->until_us = believed_until_us(link);
	}
	(void)pthread_mutex_unlock(&consents->lock);
}

int
redis_consents_refresh(struct redis_consents *consents, const struct redis_link *link,
    struct redis_conn *conn, struct deadline until, struct err *err)
{
	char account[ACCOUNT_NAME_BYTES + 1];
	int has;

	if (atomic_load(&consents->used) == 0)
		return 0; /* who writes no hits asks nothing */
	has = hash_exists(link, conn, CONSENT_ALL_ACCOUNTS, until, err);
	if (has < 0)
		return -1;
	(void)pthread_mutex_lock(&consents->lock);
	consents->all = has == 1;
	consents->all_until_us = believed_until_us(link);
	(void)pthread_mutex_unlock(&consents->lock);
	for (size_t i = 0; i < atomic_load(&consents->used); i++) {
		if (!account_copy(consents, i, account))
			continue;
		has = hash_exists(link, conn, account, until, err);
		if (has < 0)
			return -1;
		slot_set(consents, i, account, has == 1, link);
	}
	return 0;
}
