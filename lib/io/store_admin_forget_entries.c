/*
 * store_admin_forget_entries.c - see store_admin_forget.h: consents and suppressions. What he refused,
 * to be followed or to be written to at all, stays: else it would be done again.
 */
#include "io/redis_command.h"
#include "io/store_admin_forget_parts.h"
#include "policy/forget_entry.h"

/* A longer value is none that we wrote. */
#define VALUE_BYTES ((size_t)4096)
#define COMMAND_BYTES                                                                              \
	(REDIS_KEY_BYTES + ADDRESS_MAX_BYTES + VALUE_BYTES + SUPPRESSION_TEXT_BYTES + 512)

/* Not, should it be another meanwhile. */
static const char replace_lua[] =
    "if redis.call('HMGET', KEYS[1], ARGV[1])[1] ~= ARGV[2] then return 0 end "
    "redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) "
    "return 1";

/* COMMAND KEY ADDRESS */
static int
entry_command(const struct forgetting *f, struct buf *out, const char *command, struct slice key)
{
	buf_reset(out);
	redis_command_begin(out, 3);
	redis_command_text(out, command);
	redis_command_word(out, key);
	redis_command_word(out, f->wish->person->address);
	return out->over ? -1 : 0;
}

static enum store_forget_kind
entry_kind(enum store_forget_kind kind, struct slice value)
{
	struct consent consent;

	if (kind != STORE_FORGET_CONSENTS)
		return kind;
	consent_read(value, &consent);
	return consent.mode == PRIVACY_IDENTIFIED ? kind : STORE_FORGET_REFUSALS;
}

/* Appends the value without what leads to his events; false: there is nothing of that in it. */
static bool
value_forget(enum store_forget_kind kind, struct slice value, struct buf *out)
{
	struct suppression entry;
	struct consent consent;
	bool changed;

	if (kind == STORE_FORGET_SUPPRESSIONS) {
		suppression_read(value, &entry);
		changed = forget_suppression(&entry);
		suppression_format(&entry, out);
	} else {
		consent_read(value, &consent);
		changed = forget_consent(&consent);
		consent_format(&consent, out);
	}
	return changed;
}

static int
entry_rewrite(struct forgetting *f, enum store_forget_kind kind, struct slice key,
    struct slice value, struct err *err)
{
	char text_storage[SUPPRESSION_TEXT_BYTES], storage[COMMAND_BYTES];
	struct buf text = BUF_OVER(text_storage), out = BUF_OVER(storage);

	if (value.n > VALUE_BYTES || !value_forget(kind, value, &text))
		return 0;
	redis_command_begin(&out, 7);
	redis_command_text(&out, "EVAL");
	redis_command_text(&out, replace_lua);
	redis_command_text(&out, "1");
	redis_command_word(&out, key);
	redis_command_word(&out, f->wish->person->address);
	redis_command_word(&out, value);
	redis_command_word(&out, buf_slice(&text));
	return forget_ask(f, buf_slice(&out), err) < 0 ? -1 : 0;
}

/* How many were deleted, or -1. */
static int
value_take(struct forgetting *f, enum store_forget_kind kind, struct slice key, struct slice value,
    struct err *err)
{
	char storage[COMMAND_BYTES];
	struct buf out = BUF_OVER(storage);

	if (f->wish->only_count)
		return 0;
	if (kind != STORE_FORGET_CONSENTS && !f->wish->refusals)
		return entry_rewrite(f, kind, key, value, err);
	(void)entry_command(f, &out, "HDEL", key);
	return forget_ask(f, buf_slice(&out), err);
}

/* Of "consent:{ACCOUNT}" and "supp:{ACCOUNT}" the field by his address. */
int
forget_entry(struct forgetting *f, enum store_forget_kind kind, struct slice key,
    struct slice account, struct err *err)
{
	char storage[COMMAND_BYTES], name[ACCOUNT_NAME_BYTES + 1] = "";
	struct buf out = BUF_OVER(storage);
	struct store_forget_counts counts = {1, 0};
	redisReply *reply;
	bool found;

	if (account.n > ACCOUNT_NAME_BYTES || entry_command(f, &out, "HMGET", key) != 0)
		return 0;
	reply = store_admin_ask(f->admin, buf_slice(&out), err);
	if (reply == NULL)
		return -1;
	found = reply->elements == 1 && reply->element[0]->type == REDIS_REPLY_STRING;
	if (found) {
		struct slice value = redis_reply_text(reply->element[0]);

		kind = entry_kind(kind, value);
		counts.done = value_take(f, kind, key, value, err);
	}
	freeReplyObject(reply);
	if (!found || counts.done < 0)
		return found ? -1 : 0;
	memcpy(name, account.p, account.n);
	f->tell(f->arg, kind, name, &counts);
	return 0;
}
