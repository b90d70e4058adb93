/*
 * store_admin_script.c - see store_admin_script.h.
 */
#include "io/store_admin_script.h"

#include "io/redis_command.h"

#include <assert.h>
#include <stdlib.h>

/* Its place among those of this admin. */
static struct store_script *
script_find(struct store_admin *admin, const char *text)
{
	size_t i = 0;

	while (
	    i < STORE_SCRIPTS && admin->scripts[i].text != NULL && admin->scripts[i].text != text)
		i++;
	assert(i < STORE_SCRIPTS);
	admin->scripts[i].text = text;
	return &admin->scripts[i];
}

static redisReply *
load_ask(struct store_admin *admin, const char *text, struct err *err)
{
	size_t bytes = strlen(text) + 128;
	char *storage = malloc(bytes);
	redisReply *reply = NULL;
	struct buf out;

	buf_init(&out, storage, storage == NULL ? 0 : bytes);
	redis_command_begin(&out, 3);
	redis_command_text(&out, "SCRIPT");
	redis_command_text(&out, "LOAD");
	redis_command_text(&out, text);
	if (out.over)
		(void)err_set(err, ERR_NOMEM, "no memory for a script");
	else
		reply = store_admin_ask(admin, buf_slice(&out), err);
	free(storage);
	return reply;
}

static int
script_load(struct store_admin *admin, struct store_script *script, struct err *err)
{
	redisReply *reply = load_ask(admin, script->text, err);
	struct slice digest;
	int status = 0;

	if (reply == NULL)
		return -1;
	digest = redis_reply_text(reply);
	if (digest.n == REDIS_SHA_BYTES - 1)
		memcpy(script->sha, digest.p, digest.n);
	else
		status = err_set(err, ERR_IO, "Redis: no answer to SCRIPT LOAD");
	freeReplyObject(reply);
	return status;
}

const char *
store_admin_script_digest(struct store_admin *admin, const char *text, struct err *err)
{
	struct store_script *script = script_find(admin, text);

	if (script->sha[0] == '\0' && script_load(admin, script, err) != 0)
		return NULL;
	return script->sha;
}

redisReply *
store_admin_script_ask(
    struct store_admin *admin, const char *text, struct slice command, struct err *err)
{
	redisReply *reply;

	if (store_admin_send(admin, command, err) != 0)
		return NULL;
	reply = store_admin_receive_any(admin, err);
	if (reply == NULL || !redis_reply_is_noscript(reply))
		return store_admin_check(admin, reply, err);
	freeReplyObject(reply);
	if (script_load(admin, script_find(admin, text), err) != 0)
		return NULL;
	return store_admin_ask(admin, command, err);
}
