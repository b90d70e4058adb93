/*
 * store_admin_account_write.c - see store_admin_account.h: writing, as transactions.
 */
#include "io/store_admin_account_parts.h"

#include <stdlib.h>

/* Pairs in one command; and what a word costs in a command, beside its bytes. */
#define PAIRS_PER_COMMAND 500
#define WORD_BYTES        ((size_t)32)

static const struct slice multi = SLICE_LIT("*1\r\n$5\r\nMULTI\r\n");
static const struct slice exec = SLICE_LIT("*1\r\n$4\r\nEXEC\r\n");

void
store_account_key_word(struct buf *out, const struct store_admin *admin, struct slice name)
{
	char storage[STORE_ACCOUNT_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	redis_key_account(&key, admin->target.conf.prefix, name);
	redis_command_word(out, buf_slice(&key));
	out->over = out->over || key.over;
}

static void
map_key_word(struct buf *out, const struct store_admin *admin)
{
	char storage[STORE_ACCOUNT_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	redis_key_account_map(&key, admin->target.conf.prefix);
	redis_command_word(out, buf_slice(&key));
}

/* --- watching --- */

static int
watch(struct store_admin *admin, struct buf *command, struct err *err)
{
	redisReply *reply;

	if (command->over)
		return err_set(err, ERR_LIMIT, "the name of an account is too long");
	reply = store_admin_ask(admin, buf_slice(command), err);
	if (reply == NULL)
		return -1;
	freeReplyObject(reply);
	return 0;
}

int
store_admin_account_watch(struct store_admin *admin, struct slice name, struct err *err)
{
	char storage[STORE_ACCOUNT_KEY_BYTES + 64];
	struct buf out = BUF_OVER(storage);

	redis_command_begin(&out, 2);
	redis_command_text(&out, "WATCH");
	store_account_key_word(&out, admin, name);
	return watch(admin, &out, err);
}

int
store_admin_account_map_watch(struct store_admin *admin, struct err *err)
{
	char storage[STORE_ACCOUNT_KEY_BYTES + 64];
	struct buf out = BUF_OVER(storage);

	redis_command_begin(&out, 2);
	redis_command_text(&out, "WATCH");
	map_key_word(&out, admin);
	return watch(admin, &out, err);
}

/* --- transactions --- */

/* Reads the answers to MULTI, `queued` commands, and EXEC. 1, 0 when it was not done, or -1. */
static int
transaction_receive(struct store_admin *admin, size_t queued, struct err *err)
{
	redisReply *reply;
	int status = 1;

	for (size_t i = 0; i < queued + 1; i++) {
		reply = store_admin_receive(admin, err);
		if (reply == NULL)
			return -1;
		freeReplyObject(reply);
	}
	reply = store_admin_receive(admin, err);
	if (reply == NULL)
		return -1;
	if (reply->type == REDIS_REPLY_NIL)
		status = 0;
	for (size_t i = 0; i < reply->elements && status == 1; i++)
		status = redis_reply_check(reply->element[i], err) == 0 ? 1 : -1;
	freeReplyObject(reply);
	return status;
}

/* A buffer for commands, for free(); false without memory. */
static bool
commands_init(struct buf *out, size_t bytes, struct err *err)
{
	char *storage = malloc(bytes);

	buf_init(out, storage, storage == NULL ? 0 : bytes);
	if (storage == NULL)
		(void)err_set(err, ERR_NOMEM, "no memory for so large a change");
	return storage != NULL;
}

static int
commands_send(struct store_admin *admin, const struct buf *out, struct err *err)
{
	if (out->over)
		return err_set(err, ERR_LIMIT, "the name of an account is too long");
	return store_admin_send(admin, buf_slice(out), err);
}

/* --- accounts --- */

static size_t
change_bytes(const struct store_account_change *change)
{
	size_t bytes = 2 * (STORE_ACCOUNT_KEY_BYTES + 8 * WORD_BYTES);

	for (size_t i = 0; i < change->n; i++)
		bytes += change->fields[i].name.n + change->fields[i].value.n + 2 * WORD_BYTES;
	return bytes;
}

/* MULTI, DEL, HSET, EXEC: whoever reads sees the old fields or the new ones, never some of each. */
static void
change_add(
    struct buf *out, const struct store_admin *admin, const struct store_account_change *change)
{
	buf_add(out, multi);
	redis_command_begin(out, 2);
	redis_command_text(out, "DEL");
	store_account_key_word(out, admin, change->name);
	if (!change->remove) {
		redis_command_begin(out, (unsigned)(4 + 2 * change->n));
		redis_command_text(out, "HSET");
		store_account_key_word(out, admin, change->name);
		redis_command_text(out, ACCOUNT_MARK);
		redis_command_text(out, "");
		for (size_t i = 0; i < change->n; i++) {
			redis_command_word(out, change->fields[i].name);
			redis_command_word(out, change->fields[i].value);
		}
	}
	buf_add(out, exec);
}

static int
batch_write(
    struct store_admin *admin, const struct store_account_change *v, size_t n, struct err *err)
{
	size_t bytes = 0;
	struct buf out;
	int status;

	for (size_t i = 0; i < n; i++)
		bytes += change_bytes(&v[i]);
	if (!commands_init(&out, bytes, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		change_add(&out, admin, &v[i]);
	status = commands_send(admin, &out, err) == 0 ? 1 : -1;
	for (size_t i = 0; i < n && status >= 0; i++) {
		int one = transaction_receive(admin, v[i].remove ? 1 : 2, err);

		status = one < status ? one : status;
	}
	free(out.p);
	return status;
}

int
store_admin_accounts_write(
    struct store_admin *admin, const struct store_account_change *v, size_t n, struct err *err)
{
	int status = 1;

	for (size_t i = 0; i < n && status == 1; i += STORE_ACCOUNTS_BATCH) {
		size_t part = n - i < STORE_ACCOUNTS_BATCH ? n - i : STORE_ACCOUNTS_BATCH;

		status = batch_write(admin, v + i, part, err);
	}
	return status;
}

/* --- the map --- */

/* How many of the pairs go into the next command: of those that are set, or of the others. */
static size_t
pairs_count(const struct account_pair *pairs, size_t n, bool set)
{
	size_t count = 0;

	for (size_t i = 0; i < n && count < PAIRS_PER_COMMAND; i++)
		count += (pairs[i].value.n > 0) == set;
	return count;
}

/* "HSET KEY field value …", or "HDEL KEY field …", with all such pairs; how many commands. */
static size_t
pairs_add(struct buf *out, const struct store_admin *admin, const struct account_pair *pairs,
    size_t n, bool set)
{
	size_t commands = 0, left = 0;

	for (size_t i = 0; i < n; i++) {
		if ((pairs[i].value.n > 0) != set)
			continue;
		if (left == 0) {
			left = pairs_count(pairs + i, n - i, set);
			redis_command_begin(out, (unsigned)(2 + (set ? 2 * left : left)));
			redis_command_text(out, set ? "HSET" : "HDEL");
			map_key_word(out, admin);
			commands++;
		}
		redis_command_word(out, pairs[i].key);
		if (set)
			redis_command_word(out, pairs[i].value);
		left--;
	}
	return commands;
}

int
store_admin_account_map_write(
    struct store_admin *admin, const struct account_pair *pairs, size_t n, struct err *err)
{
	size_t bytes = (4 + n / PAIRS_PER_COMMAND) * (STORE_ACCOUNT_KEY_BYTES + 4 * WORD_BYTES);
	size_t queued;
	struct buf out;
	int status;

	if (n == 0)
		return 1;
	for (size_t i = 0; i < n; i++)
		bytes += pairs[i].key.n + pairs[i].value.n + 2 * WORD_BYTES;
	if (!commands_init(&out, bytes, err))
		return -1;
	buf_add(&out, multi);
	queued = pairs_add(&out, admin, pairs, n, true);
	queued += pairs_add(&out, admin, pairs, n, false);
	buf_add(&out, exec);
	status = commands_send(admin, &out, err);
	if (status == 0)
		status = transaction_receive(admin, queued, err);
	free(out.p);
	return status;
}
