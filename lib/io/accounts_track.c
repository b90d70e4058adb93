/*
 * accounts_track.c - what Redis tells of changes, over the second connection.
 */
#include "io/accounts_parts.h"

#include "io/redis_key.h"

#define SHORT_BYTES ((size_t)64 * 1024) /* no answer here is that long */
#define PING_MS     5000
#define PONG_MS     5000
#define HANDSHAKES  2                          /* so many lost ones are a refusal */
#define TOLD_BYTES  ((size_t)16 * 1024 * 1024) /* one message: 200,000 keys */

void
accounts_track_close(struct accounts_port *p)
{
	struct accounts_link *link = &p->link;

	redis_conn_close(&link->track);
	link->tracking = false;
	link->unread_bytes = 0;
	link->pong_until = (struct deadline){0};
}

/* --- beginning --- */

/* Whether Redis says that this cannot be had (an old one, no rights, a proxy), rather than that it
 * has trouble. */
static bool
is_refusal(const redisReply *reply)
{
	struct slice text = slice_make(reply->str, reply->len);

	return slice_starts(text, slice_of("NOPERM")) || slice_starts(text, slice_of("ERR"));
}

/* One step of the beginning: 0 with an integer's value, 1 when it is refused, -1 when a connection is
 * lost. */
static int
step(struct accounts_port *p, struct redis_conn *conn, const char *const *words,
    long long *number_r, struct err *err)
{
	redisReply *reply = accounts_ask(p, conn, SHORT_BYTES, words, err);
	int status = 0;

	if (reply == NULL) {
		p->link.lost++;
		return -1;
	}
	if (redis_reply_check(reply, err) != 0)
		status = is_refusal(reply) ? 1 : -1;
	else
		*number_r = reply->integer;
	freeReplyObject(reply);
	return status;
}

static int
track_begin(struct accounts_port *p, struct err *err)
{
	static const char *const who[] = {"CLIENT", "ID", NULL};
	static const char *const subscribe[] = {"SUBSCRIBE", "__redis__:invalidate", NULL};
	char id_storage[24], prefix_storage[REDIS_PREFIX_BYTES + 8];
	struct buf id = BUF_OVER(id_storage), prefix = BUF_OVER(prefix_storage);
	struct accounts_link *link = &p->link;
	const char *on[] = {
	    "CLIENT", "TRACKING", "ON", "REDIRECT", NULL, "BCAST", "PREFIX", NULL, NULL};
	long long number = 0;
	int status;

	if (link->lost >= HANDSHAKES) {
		link->lost = 0;
		(void)err_set(err, ERR_IO, "Redis closes the connection when it is asked to");
		return 1;
	}
	/* it works on the first connection, so what is wrong with a second (there are too many?) */
	if (accounts_conn_open(p, &link->track, err) != 0)
		return 1;
	status = step(p, &link->track, who, &number, err);
	if (status != 0)
		return status;
	buf_add_i64(&id, number);
	buf_add_format(&prefix, "%sacct", link->target.conf.prefix);
	on[4] = buf_text(&id);
	on[7] = buf_text(&prefix);
	status = step(p, &link->track, subscribe, &number, err);
	return status != 0 ? status : step(p, &link->data, on, &number, err);
}

int
accounts_track(struct accounts_port *p, struct err *err)
{
	struct accounts_link *link = &p->link;
	int status = track_begin(p, err);

	if (status < 0)
		return -1;
	link->tracking = status == 0;
	link->ping_at = deadline_in_ms(PING_MS);
	if (link->tracking) {
		link->lost = 0;
		accounts_warn_over(p, ACCOUNTS_WARN_TRACKING);
		return 0;
	}
	accounts_track_close(p);
	accounts_warn(p, ACCOUNTS_WARN_TRACKING,
	    "Redis does not tell which accounts change; they are read again every %lld s: %s",
	    (long long)p->setup.conf.refresh_s, err->text);
	return 0;
}

/* --- what Redis tells --- */

static void
keys_changed(struct accounts_port *p, const redisReply *keys)
{
	const char *prefix = p->link.target.conf.prefix;
	char storage[REDIS_PREFIX_BYTES + 16];
	struct buf map = BUF_OVER(storage);

	redis_key_account_map(&map, prefix);
	for (size_t i = 0; i < keys->elements; i++) {
		struct slice key = redis_reply_text(keys->element[i]), name;

		if (slice_eq(key, buf_slice(&map)))
			accounts_changed_map(p);
		else if (redis_key_account_parse(key, prefix, &name) == 0)
			accounts_changed_one(p, name);
	}
}

/* ["message", "__redis__:invalidate", KEYS], where no KEYS are all there are (FLUSHALL); or
 * ["pong", ""]. */
static void
told(struct accounts_port *p, const redisReply *message)
{
	const redisReply *keys;

	p->link.pong_until = (struct deadline){0};
	if (message->type != REDIS_REPLY_ARRAY || message->elements != 3 ||
	    !slice_eq(redis_reply_text(message->element[0]), slice_of("message")))
		return;
	keys = message->element[2];
	if (keys->type == REDIS_REPLY_ARRAY)
		keys_changed(p, keys);
	else
		accounts_changed_all(p);
}

int
accounts_track_take(struct accounts_port *p, struct err *err)
{
	struct accounts_link *link = &p->link;
	long n = accounts_more(&link->track, err);
	redisReply *message;

	if (n < 0)
		return -1;
	link->unread_bytes += (size_t)n;
	for (;;) {
		if (accounts_next(&link->track, &message, err) != 0)
			return -1;
		if (message == NULL)
			break;
		link->unread_bytes = 0;
		told(p, message);
		freeReplyObject(message);
	}
	if (link->unread_bytes > TOLD_BYTES)
		return err_set(err, ERR_LIMIT, "Redis tells too much at once");
	return 0;
}

int
accounts_ping(struct accounts_port *p, struct err *err)
{
	static const char *const ping[] = {"PING", NULL};
	static const struct slice command = SLICE_LIT("*1\r\n$4\r\nPING\r\n");
	struct accounts_link *link = &p->link;
	redisReply *reply;

	if (link->pong_until.at_us != 0 && deadline_passed(link->pong_until))
		return err_set(err, ERR_TIMEOUT, "no answer from Redis in time");
	if (!deadline_passed(link->ping_at))
		return 0;
	link->ping_at = deadline_in_ms(PING_MS);
	if (link->tracking && link->pong_until.at_us == 0) {
		link->pong_until = deadline_in_ms(PONG_MS);
		if (redis_conn_send(&link->track, command, link->pong_until, err) != 0)
			return -1;
	}
	reply = accounts_ask(p, &link->data, SHORT_BYTES, ping, err);
	if (reply == NULL)
		return -1;
	freeReplyObject(reply);
	return 0;
}
