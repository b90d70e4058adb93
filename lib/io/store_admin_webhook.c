/*
 * store_admin_webhook.c - see store_admin_webhook.h: taking and settling.
 */
#include "io/hook_settle_lua.h"
#include "io/hook_take_lua.h"
#include "io/store_admin_webhook_parts.h"

/* The keys, and the words. */
#define TAKE_BYTES   (WEBHOOK_KEYS_BYTES + 2048)
#define SETTLE_BYTES (WEBHOOK_KEYS_BYTES + 1024)

#define S_PER_DAY 86400

int
webhook_script_begin(struct store_admin *admin, const struct webhook_script *script,
    struct buf *out, unsigned words, struct err *err)
{
	static const char *const parts[] = {NULL, "due", "dead"};
	const char *prefix = admin->target.conf.prefix;
	const char *digest = store_admin_script_digest(admin, script->text, err);
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	if (digest == NULL)
		return -1;
	redis_command_begin(out, 7 + words);
	redis_command_text(out, "EVALSHA");
	redis_command_text(out, digest);
	redis_command_text(out, "4");
	redis_key_events(&key, prefix, script->account);
	redis_command_word(out, buf_slice(&key));
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		buf_reset(&key);
		redis_key_hook(&key, prefix, script->account, parts[i]);
		redis_command_word(out, buf_slice(&key));
	}
	return 0;
}

redisReply *
webhook_script_ask(struct store_admin *admin, const struct webhook_script *script,
    const struct buf *out, struct err *err)
{
	if (!out->over)
		return store_admin_script_ask(admin, script->text, buf_slice(out), err);
	(void)err_set(err, ERR_LIMIT, "a webhook's command is too long");
	return NULL;
}

int64_t
webhook_number(redisReply *answer)
{
	int64_t number = answer == NULL ? -1 : store_admin_number(answer);

	if (answer != NULL)
		freeReplyObject(answer);
	return number;
}

/* " sent bounced ", for the script. */
static void
types_add(struct buf *out, const struct option_words *events)
{
	char storage[512];
	struct buf types = BUF_OVER(storage);

	buf_add_char(&types, ' ');
	for (size_t i = 0; i < events->n; i++) {
		buf_add_text(&types, events->v[i]);
		buf_add_char(&types, ' ');
	}
	redis_command_word(out, buf_slice(&types));
}

/* Longer than the events, so that nothing of theirs is lost before them. */
static int64_t
ttl_s(int64_t retention_s)
{
	return retention_s + S_PER_DAY;
}

/* {more, gone, lost, {id, tries, {name, value, …}}, …} */
static bool
batch_is_good(const redisReply *answer)
{
	bool good = answer->type == REDIS_REPLY_ARRAY && answer->elements >= 3;

	for (size_t i = 3; good && i < answer->elements; i++) {
		const redisReply *entry = answer->element[i];

		good = entry->type == REDIS_REPLY_ARRAY && entry->elements == 3 &&
		       redis_reply_text(entry->element[0]).n < STORE_WEBHOOK_ENTRY_BYTES &&
		       entry->element[2]->type == REDIS_REPLY_ARRAY;
	}
	return good;
}

int
store_admin_webhook_take(struct store_admin *admin, const struct store_webhook_terms *terms,
    size_t wanted, bool first, struct store_webhook_batch *batch_r, struct err *err)
{
	const struct account *account = terms->account;
	const struct webhook_script script = {hook_take_lua, account->name};
	char storage[TAKE_BYTES];
	struct buf out = BUF_OVER(storage);
	redisReply *answer;

	if (webhook_script_begin(admin, &script, &out, 8, err) != 0)
		return -1;
	redis_command_text(&out, terms->consumer);
	redis_command_number(
	    &out, (int64_t)(wanted < STORE_WEBHOOK_TAKE_MAX ? wanted : STORE_WEBHOOK_TAKE_MAX));
	redis_command_number(&out, terms->lease_ms);
	types_add(&out, &account->webhook_events);
	redis_command_number(&out, terms->backlog_ms);
	redis_command_number(&out, terms->keep_dead);
	redis_command_number(&out, ttl_s(account->retention_s));
	redis_command_text(&out, first ? "1" : "0");
	answer = webhook_script_ask(admin, &script, &out, err);
	if (answer == NULL)
		return -1;
	if (!batch_is_good(answer)) {
		freeReplyObject(answer);
		return err_set(err, ERR_IO, "Redis: an odd answer about webhooks");
	}
	*batch_r = (struct store_webhook_batch){.n = answer->elements - 3,
	    .more = store_admin_number(answer->element[0]) > 0,
	    .gone = store_admin_number(answer->element[1]),
	    .lost = store_admin_number(answer->element[2]),
	    .answer = answer};
	return 0;
}

void
store_webhook_batch_at(const struct store_webhook_batch *batch, size_t i, struct slice *entry_r,
    int64_t *tries_r, struct record *event_r)
{
	const redisReply *answer = batch->answer;
	const redisReply *entry = answer->element[3 + i];

	*entry_r = redis_reply_text(entry->element[0]);
	*tries_r = store_admin_number(entry->element[1]);
	store_record_fill(event_r, entry->element[2]);
}

void
store_webhook_batch_free(struct store_webhook_batch *batch)
{
	freeReplyObject(batch->answer);
	batch->answer = NULL;
}

int
store_admin_webhook_settle(
    struct store_admin *admin, const struct store_webhook_outcome *outcome, struct err *err)
{
	static const char *const words[] = {
	    [WEBHOOK_DELIVERED] = "delivered", [WEBHOOK_AGAIN] = "again", [WEBHOOK_DEAD] = "dead"};
	const struct webhook_script script = {hook_settle_lua, outcome->account};
	char storage[SETTLE_BYTES];
	struct buf out = BUF_OVER(storage);

	if (webhook_script_begin(admin, &script, &out, 7, err) != 0)
		return -1;
	redis_command_text(&out, words[outcome->settled]);
	redis_command_text(&out, outcome->entry);
	redis_command_number(&out, outcome->tries);
	redis_command_text(&out, outcome->reason);
	redis_command_number(&out, outcome->delay_ms);
	redis_command_number(&out, outcome->keep_dead);
	redis_command_number(&out, ttl_s(outcome->retention_s));
	return webhook_number(webhook_script_ask(admin, &script, &out, err)) < 0 ? -1 : 0;
}
