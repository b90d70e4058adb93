/*
 * store_admin_consent.c - see store_admin_consent.h.
 */
#include "io/store_admin_consent.h"

#include "io/redis_command.h"
#include "io/store_admin_sweep.h"

#define COMMAND_BYTES (REDIS_KEY_BYTES + CONSENT_KEY_BYTES + CONSENT_TEXT_BYTES + 160)

/* Entries in one round trip, roughly; they have 700 bytes at most. */
#define HSCAN_COUNT  "500"
#define CURSOR_BYTES 24

/* "COMMAND PREFIXconsent:{ACCOUNT}", with more words to follow. */
static int
command_begin(struct buf *out, const struct store_admin *admin, const char *command,
    const char *account, unsigned more)
{
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	redis_key_consent(&key, admin->target.conf.prefix, account);
	redis_command_begin(out, 2 + more);
	redis_command_text(out, command);
	redis_command_word(out, buf_slice(&key));
	return key.over ? -1 : 0;
}

static int
too_long(struct err *err)
{
	return err_set(err, ERR_INVALID, "the account's name or the address is too long");
}

int
store_admin_consent_get(struct store_admin *admin, const char *account, const struct address *rcpt,
    struct consent *consent_r, struct err *err)
{
	char field_storage[CONSENT_KEY_BYTES], storage[COMMAND_BYTES];
	struct buf field = BUF_OVER(field_storage);
	struct buf out = BUF_OVER(storage);
	redisReply *reply;
	bool found;

	consent_key(rcpt, &field);
	if (command_begin(&out, admin, "HMGET", account, 1) != 0 || field.over)
		return too_long(err);
	redis_command_word(&out, buf_slice(&field));
	reply = store_admin_ask(admin, buf_slice(&out), err);
	if (reply == NULL)
		return -1;
	found = reply->elements == 1 && reply->element[0]->type == REDIS_REPLY_STRING;
	if (found)
		consent_read(redis_reply_text(reply->element[0]), consent_r);
	freeReplyObject(reply);
	return found;
}

int
store_admin_consent_set(struct store_admin *admin, const char *account, const struct address *rcpt,
    const struct consent *consent, struct err *err)
{
	char field_storage[CONSENT_KEY_BYTES], text_storage[CONSENT_TEXT_BYTES];
	char storage[COMMAND_BYTES];
	struct buf field = BUF_OVER(field_storage);
	struct buf text = BUF_OVER(text_storage);
	struct buf out = BUF_OVER(storage);
	redisReply *reply;

	consent_key(rcpt, &field);
	consent_format(consent, &text);
	if (command_begin(&out, admin, "HSET", account, 2) != 0 || field.over)
		return too_long(err);
	redis_command_word(&out, buf_slice(&field));
	redis_command_word(&out, buf_slice(&text));
	reply = store_admin_ask(admin, buf_slice(&out), err);
	if (reply == NULL)
		return -1;
	freeReplyObject(reply);
	return 0;
}

int
store_admin_consent_remove(
    struct store_admin *admin, const char *account, struct slice field, struct err *err)
{
	char storage[COMMAND_BYTES];
	struct buf out = BUF_OVER(storage);
	redisReply *reply;
	int removed;

	if (command_begin(&out, admin, "HDEL", account, 1) != 0)
		return too_long(err);
	redis_command_word(&out, field);
	if (out.over)
		return too_long(err);
	reply = store_admin_ask(admin, buf_slice(&out), err);
	if (reply == NULL)
		return -1;
	removed = store_admin_number(reply) > 0;
	freeReplyObject(reply);
	return removed;
}

/* --- all of an account --- */

struct reading {
	struct store_admin *admin;
	store_consent_take *take;
	void *arg;
	const struct address *rcpt; /* only his; NULL: all */
	bool enough;
};

static int
page_take(struct reading *r, const char *account, const redisReply *page, char cursor[CURSOR_BYTES],
    struct err *err)
{
	bool whole = page->elements == 2 && page->element[1]->type == REDIS_REPLY_ARRAY;
	struct slice next = whole ? redis_reply_text(page->element[0]) : slice_make(NULL, 0);

	if (next.n == 0 || next.n >= CURSOR_BYTES)
		return err_set(err, ERR_IO, "Redis: an odd answer to HSCAN");
	memcpy(cursor, next.p, next.n);
	cursor[next.n] = '\0';
	for (size_t i = 0; !r->enough && i + 1 < page->element[1]->elements; i += 2) {
		struct consent consent;

		consent_read(redis_reply_text(page->element[1]->element[i + 1]), &consent);
		r->enough = !r->take(
		    r->arg, account, redis_reply_text(page->element[1]->element[i]), &consent);
	}
	return 0;
}

static int
account_read(struct reading *r, const char *account, struct err *err)
{
	char cursor[CURSOR_BYTES] = "0";

	do {
		char storage[COMMAND_BYTES];
		struct buf out = BUF_OVER(storage);
		redisReply *page;
		int status;

		if (command_begin(&out, r->admin, "HSCAN", account, 3) != 0)
			return too_long(err);
		redis_command_text(&out, cursor);
		redis_command_text(&out, "COUNT");
		redis_command_text(&out, HSCAN_COUNT);
		page = store_admin_ask(r->admin, buf_slice(&out), err);
		if (page == NULL)
			return -1;
		status = page_take(r, account, page, cursor, err);
		freeReplyObject(page);
		if (status != 0)
			return -1;
	} while (!r->enough && strcmp(cursor, "0") != 0);
	return 0;
}

int
store_admin_consents(struct store_admin *admin, const char *account, store_consent_take *take,
    void *arg, struct err *err)
{
	struct reading r = {.admin = admin, .take = take, .arg = arg};

	return account_read(&r, account, err);
}

/* --- of all accounts --- */

static int
one_read(struct reading *r, const char *account, struct err *err)
{
	char storage[CONSENT_KEY_BYTES];
	struct buf field = BUF_OVER(storage);
	struct consent consent;
	int status = store_admin_consent_get(r->admin, account, r->rcpt, &consent, err);

	consent_key(r->rcpt, &field);
	if (status == 1)
		r->enough = !r->take(r->arg, account, buf_slice(&field), &consent);
	return status < 0 ? -1 : 0;
}

static int
keys_read(void *arg, const struct slice *keys, size_t n, struct err *err)
{
	struct reading *r = arg;

	for (size_t i = 0; i < n && !r->enough; i++) {
		char account[ACCOUNT_NAME_BYTES + 1] = "";
		struct slice name;
		int status;

		if (redis_key_consent_parse(keys[i], r->admin->target.conf.prefix, &name) != 0 ||
		    name.n >= sizeof(account))
			continue;
		memcpy(account, name.p, name.n);
		if (strcmp(account, CONSENT_ALL_ACCOUNTS) != 0 &&
		    account_name_check(slice_of(account), NULL) != 0)
			continue;
		status = r->rcpt != NULL ? one_read(r, account, err)
					 : account_read(r, account, err);
		if (status != 0)
			return -1;
	}
	return r->enough ? 1 : 0;
}

int
store_admin_consents_all(
    struct store_admin *admin, store_consent_take *take, void *arg, struct err *err)
{
	struct reading r = {.admin = admin, .take = take, .arg = arg};

	return store_admin_sweep(admin, "consent:{*", keys_read, &r, err) < 0 ? -1 : 0;
}

int
store_admin_consents_of(struct store_admin *admin, const struct address *rcpt,
    store_consent_take *take, void *arg, struct err *err)
{
	struct reading r = {.admin = admin, .take = take, .arg = arg, .rcpt = rcpt};

	return store_admin_sweep(admin, "consent:{*", keys_read, &r, err) < 0 ? -1 : 0;
}
