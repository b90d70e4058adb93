/*
 * redis_consent.c - see redis_consent.h.
 */
#include "io/redis_consent.h"

#include "io/redis_command.h"
#include "io/redis_key.h"
#include "policy/consent.h"

/* What was read is believed for so many readings, should they fail. */
#define BELIEVED_READINGS 3

#define US_PER_MS 1000

void
redis_consents_init(struct redis_consents *consents)
{
	atomic_init(&consents->used, false);
	atomic_init(&consents->all, true);
	atomic_init(&consents->until_us, 0);
}

bool
redis_consents_all(struct redis_consents *consents)
{
	atomic_store(&consents->used, true);
	return atomic_load(&consents->all) || deadline_now_us() >= atomic_load(&consents->until_us);
}

int
redis_consents_refresh(struct redis_consents *consents, const struct redis_link *link,
    struct redis_conn *conn, struct deadline until, struct err *err)
{
	char key_storage[REDIS_KEY_BYTES], storage[REDIS_KEY_BYTES + 64];
	struct buf key = BUF_OVER(key_storage), out = BUF_OVER(storage);
	redisReply *reply;

	if (!atomic_load(&consents->used))
		return 0;
	redis_key_consent(&key, link->target.conf.prefix, CONSENT_ALL_ACCOUNTS);
	redis_command_begin(&out, 2);
	redis_command_text(&out, "EXISTS");
	redis_command_word(&out, buf_slice(&key));
	reply = redis_conn_ask(conn, buf_slice(&out), until, err);
	if (reply == NULL)
		return -1;
	atomic_store(&consents->all, reply->integer != 0);
	atomic_store(&consents->until_us,
	    deadline_now_us() + link->target.conf.lists_refresh_ms * BELIEVED_READINGS * US_PER_MS);
	freeReplyObject(reply);
	return 0;
}
