/*
 * accounts_read.c - reading from Redis: the map in steps, accounts in batches.
 */
#include "io/accounts_parts.h"

#include "io/redis_command.h"
#include "io/redis_key.h"

#define MAP_STEP  "1000" /* entries that HSCAN gives at a time, or some more */
#define MAP_BYTES ((size_t)16 * 1024 * 1024)

/* Of one account: what is longer could not be built either. */
#define ANSWER_BYTES ACCOUNT_ARENA_BYTES

#define SEND_MS 5000

#define KEY_BYTES (REDIS_PREFIX_BYTES + 8 + ACCOUNT_NAME_BYTES)

/* HGETALL, the key, and what is around them. */
#define COMMAND_BYTES (KEY_BYTES + 40)

/* An error that Redis answered: told to the operator, unless it passes by itself or is the store's to
 * tell. Returns -1. */
static int
refused(struct accounts_port *p, const redisReply *reply, struct err *err)
{
	(void)redis_reply_check(reply, err);
	if (err->code == ERR_IO ||
	    slice_starts(slice_make(reply->str, reply->len), slice_of("NOPERM")))
		accounts_warn(p, ACCOUNTS_WARN_REFUSED,
		    "the accounts cannot be read, and stay as they are: %s", err->text);
	return -1;
}

/* --- the map --- */

/* What is wrong with it as a whole: it stays as it is. Returns 1. */
static int
map_keep(struct accounts_port *p, const char *why)
{
	accounts_warn(p, ACCOUNTS_WARN_MAP, "%sacctmap: %s", p->link.target.conf.prefix, why);
	return 1;
}

static bool
is_scan(const redisReply *reply)
{
	return reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
	       reply->element[0]->type == REDIS_REPLY_STRING && reply->element[0]->len < 24 &&
	       reply->element[1]->type == REDIS_REPLY_ARRAY;
}

/* Takes one answer of HSCAN. 0, 1: the map stays as it is, -1. */
static int
map_take(
    struct accounts_port *p, struct accounts_pairs *pairs, const redisReply *reply, struct err *err)
{
	bool over;

	if (reply->type == REDIS_REPLY_ERROR &&
	    slice_starts(slice_make(reply->str, reply->len), slice_of("WRONGTYPE")))
		return map_keep(p, "that is no hash; the map stays as it was");
	if (reply->type == REDIS_REPLY_ERROR)
		return refused(p, reply, err);
	if (!is_scan(reply))
		return err_set(err, ERR_IO, "Redis: that is no answer to HSCAN");
	if (accounts_pairs_add(pairs, reply->element[1], accounts_map_room(p), &over) != 0)
		return map_keep(p, "it is too large for memory; the map stays as it was");
	if (over)
		return map_keep(p, "it has too many entries; the map stays as it was");
	return 0;
}

/* All steps. As above. */
static int
map_scan(struct accounts_port *p, struct accounts_pairs *pairs, struct err *err)
{
	char key_storage[KEY_BYTES], cursor[24] = "0";
	struct buf key = BUF_OVER(key_storage);
	const char *const words[] = {"HSCAN", key_storage, cursor, "COUNT", MAP_STEP, NULL};
	int status;

	redis_key_account_map(&key, p->link.target.conf.prefix);
	(void)buf_text(&key);
	do {
		redisReply *reply = accounts_ask(p, &p->link.data, MAP_BYTES, words, err);

		if (reply == NULL) {
			/* the connection is lost over it: not again, before it changes */
			p->map_too_long = err->code == ERR_LIMIT;
			return -1;
		}
		status = map_take(p, pairs, reply, err);
		if (status == 0)
			memcpy(cursor, reply->element[0]->str, reply->element[0]->len + 1);
		freeReplyObject(reply);
	} while (status == 0 && strcmp(cursor, "0") != 0);
	return status;
}

static int
map_read(struct accounts_port *p, struct err *err)
{
	struct accounts_pairs *pairs;
	int status;

	if (p->map_too_long) {
		(void)map_keep(p, "an entry is too long; the map stays as it was");
		p->map_kept = true;
		return 0;
	}
	pairs = accounts_pairs_new();
	if (pairs == NULL)
		return err_set(err, ERR_NOMEM, "no memory for the accounts");
	status = map_scan(p, pairs, err);
	if (status != 0) {
		accounts_pairs_unref(pairs);
		p->map_kept = true;
		return status < 0 ? -1 : 0;
	}
	accounts_warn_over(p, ACCOUNTS_WARN_MAP);
	p->map_kept = false;
	accounts_pairs_ready(pairs);
	if (!accounts_pairs_same(pairs, p->index->pairs))
		return accounts_index_set(p, pairs, err);
	accounts_pairs_unref(pairs);
	return 0;
}

/* --- accounts --- */

/* Takes one answer of HGETALL. */
static int
slot_take(
    struct accounts_port *p, struct accounts_slot *slot, const redisReply *reply, struct err *err)
{
	struct account_raw *raw;

	if (reply->type == REDIS_REPLY_ERROR &&
	    slice_starts(slice_make(reply->str, reply->len), slice_of("WRONGTYPE"))) {
		accounts_tell_fault(p, slot, "it is no hash; the account stays as it was");
		return 0;
	}
	if (reply->type == REDIS_REPLY_ERROR)
		return refused(p, reply, err);
	if (reply->type != REDIS_REPLY_ARRAY)
		return err_set(err, ERR_IO, "Redis: that is no answer to HGETALL");
	if (reply->elements / 2 > ACCOUNT_FIELDS_MAX) {
		accounts_tell_fault(p, slot, "it has too many fields; it stays as it was");
		return 0;
	}
	if (reply->elements < 2) {
		accounts_slot_clear(p, slot);
		return 0;
	}
	raw = account_raw_new(reply);
	if (raw == NULL)
		return err_set(err, ERR_NOMEM, "no memory for the accounts");
	return accounts_slot_set(p, slot, raw, err);
}

static int
slot_read(struct accounts_port *p, struct accounts_slot *slot, struct err *err)
{
	redisReply *reply;
	int status;

	if (accounts_receive(p, &p->link.data, ANSWER_BYTES, &reply, err) != 0) {
		if (err->code != ERR_LIMIT)
			return -1;
		/* the connection is lost over it: not again, before it changes */
		slot->too_long = true;
		p->times.pause_ms = 0; /* it is no trouble with the connection */
		accounts_tell_fault(p, slot, "it is too long; it stays as it was");
		return -1;
	}
	status = slot_take(p, slot, reply, err);
	freeReplyObject(reply);
	if (status == 0) {
		slot->wanted = false;
		p->nwanted--;
	}
	return status;
}

/* Reads the next wanted slots from *at on, which is moved behind them. */
static int
batch_read(struct accounts_port *p, size_t *at, struct err *err)
{
	struct accounts_slot *batch[ACCOUNTS_BATCH];
	char storage[ACCOUNTS_BATCH * COMMAND_BYTES], key_storage[KEY_BYTES];
	struct buf commands = BUF_OVER(storage), key = BUF_OVER(key_storage);
	size_t n = 0;

	for (; *at < p->nslots && n < ACCOUNTS_BATCH; (*at)++) {
		struct accounts_slot *slot = &p->slots[*at];

		if (!slot->wanted)
			continue;
		buf_reset(&key);
		redis_key_account(&key, p->link.target.conf.prefix, slice_of(slot->name));
		redis_command_begin(&commands, 2);
		redis_command_text(&commands, "HGETALL");
		redis_command_word(&commands, buf_slice(&key));
		batch[n++] = slot;
	}
	if (n > 0 &&
	    redis_conn_send(&p->link.data, buf_slice(&commands), deadline_in_ms(SEND_MS), err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (slot_read(p, batch[i], err) != 0)
			return -1;
	}
	return 0;
}

/* All slots are wanted, but for those over which the connection would be lost once more. */
static void
all_wanted(struct accounts_port *p)
{
	p->nwanted = 0;
	for (size_t i = 0; i < p->nslots; i++) {
		p->slots[i].wanted = !p->slots[i].too_long;
		p->nwanted += p->slots[i].wanted;
	}
}

int
accounts_read(struct accounts_port *p, struct err *err)
{
	bool all = p->want_all;
	size_t at = 0;

	if ((p->want_map || all) && map_read(p, err) != 0)
		return -1;
	p->want_map = false;
	if (all)
		all_wanted(p);
	p->want_all = false;
	while (p->nwanted > 0 && at < p->nslots) {
		if (batch_read(p, &at, err) != 0)
			return -1;
	}
	accounts_warn_over(p, ACCOUNTS_WARN_REFUSED);
	p->complete = p->complete || (all && !p->map_kept);
	return 0;
}
