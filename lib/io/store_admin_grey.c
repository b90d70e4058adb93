/*
 * store_admin_grey.c - see store_admin_grey.h: one tuple or identity by its name, and the question
 * that the iterators ask as well.
 */
#include "io/store_admin_grey.h"

#include "io/redis_command.h"
#include "io/redis_key.h"
#include "io/store_admin_parts.h"

const char *const store_grey_fields[] = {"first", "last", "tries", "passed", NULL};
const char *const store_known_fields[] = {"passes", "last_counted", "last", NULL};

/* HMGET key fields…, and TTL key. */
void
store_hash_question(struct buf *out, struct slice key, const char *const *fields)
{
	unsigned n = 0;

	while (fields[n] != NULL)
		n++;
	redis_command_begin(out, n + 2);
	redis_command_text(out, "HMGET");
	redis_command_word(out, key);
	for (unsigned i = 0; i < n; i++)
		redis_command_text(out, fields[i]);
	redis_command_begin(out, 2);
	redis_command_text(out, "TTL");
	redis_command_word(out, key);
}

int
store_hash_answer(struct store_admin *admin, struct store_hash *hash_r, struct err *err)
{
	struct deadline until = deadline_in_ms(STORE_ADMIN_TIMEOUT_MS);
	bool found = false;
	redisReply *reply;

	*hash_r = (struct store_hash){.ttl_s = 0};
	if (redis_conn_receive(&admin->conn, &reply, until, err) != 0)
		return -1;
	/* a key of another type answers with an error: it is none of these, and hides no other */
	for (size_t i = 0; reply->type == REDIS_REPLY_ARRAY && i < reply->elements; i++) {
		found = found || reply->element[i]->type == REDIS_REPLY_STRING;
		if (i < STORE_HASH_FIELDS)
			hash_r->values[i] = store_admin_number(reply->element[i]);
	}
	freeReplyObject(reply);
	reply = store_admin_receive(admin, err);
	if (reply == NULL)
		return -1;
	hash_r->ttl_s = store_admin_number(reply);
	freeReplyObject(reply);
	return found;
}

static int
hash_ask(struct store_admin *admin, struct slice key, const char *const *fields,
    struct store_hash *hash_r, struct err *err)
{
	char storage[STORE_HASH_QUESTION_BYTES];
	struct buf out = BUF_OVER(storage);

	store_hash_question(&out, key, fields);
	if (store_admin_send(admin, buf_slice(&out), err) != 0)
		return -1;
	return store_hash_answer(admin, hash_r, err);
}

int
store_admin_grey_get(struct store_admin *admin, const struct grey_key *key,
    struct store_grey_storage *storage, struct store_grey_row *row_r, struct err *err)
{
	const char *prefix = admin->target.conf.prefix;
	struct buf text = BUF_OVER(storage->key);
	struct redis_grey_name name;
	struct store_hash hash = {.ttl_s = 0};
	int status;

	redis_key_grey(&text, prefix, key);
	*row_r = (struct store_grey_row){.key = buf_slice(&text)};
	if (text.over || redis_key_grey_parse(row_r->key, prefix, &name) != 0)
		return 0;
	row_r->identity = name.identity;
	row_r->sender = name.sender;
	row_r->rcpt = name.rcpt;
	status = hash_ask(admin, row_r->key, store_grey_fields, &hash, err);
	row_r->tuple = (struct grey_tuple){
	    hash.values[0], hash.values[1], hash.values[2], hash.values[3]};
	row_r->ttl_s = hash.ttl_s;
	return status;
}

int
store_admin_known_get(struct store_admin *admin, const struct identity *identity,
    struct grey_known *known_r, struct err *err)
{
	char storage[REDIS_KEY_BYTES];
	struct buf text = BUF_OVER(storage);
	struct grey_key key = {.identity = *identity};
	struct store_hash hash = {.ttl_s = 0};
	int status;

	redis_key_known(&text, admin->target.conf.prefix, &key);
	status = hash_ask(admin, buf_slice(&text), store_known_fields, &hash, err);
	*known_r = (struct grey_known){hash.values[0], hash.values[1], hash.values[2]};
	return status;
}

static int
not_a_key(struct slice key, const char *of, struct err *err)
{
	return err_set(err, ERR_INVALID, "\"%.*s\" is not the key of %s",
	    SLICE_ARG(slice_head(key, ERR_TEXT_BYTES / 2)), of);
}

int
store_admin_grey_forget(struct store_admin *admin, struct slice key, struct err *err)
{
	struct redis_grey_name name;

	if (redis_key_grey_parse(key, admin->target.conf.prefix, &name) != 0)
		return not_a_key(key, "a tuple", err);
	return store_admin_delete(admin, key, err);
}

int
store_admin_known_forget(struct store_admin *admin, struct slice key, struct err *err)
{
	struct slice identity;

	if (redis_key_known_parse(key, admin->target.conf.prefix, &identity) != 0)
		return not_a_key(key, "an identity", err);
	return store_admin_delete(admin, key, err);
}
