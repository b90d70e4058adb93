/*
 * redis_probe.c - see redis_probe.h.
 */
#include "io/redis_probe.h"

#include "io/redis_command.h"
#include "io/redis_grey.h"

#include <unistd.h>

#define PROBE_KEY_BYTES (REDIS_PREFIX_BYTES + 300)

static const struct grey_windows windows = {.block_s = 1, .pass_s = 60, .expire_s = 60};

/* "HOST:PID": several daemons may probe the same server. */
static void
name_format(struct buf *out)
{
	char host[256];

	if (gethostname(host, sizeof(host)) != 0)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	buf_add_text(out, host);
	buf_add_char(out, ':');
	buf_add_u64(out, (uint64_t)getpid());
}

static int
probe_write(struct redis_conn *conn, const char *prefix, struct deadline until, struct err *err)
{
	char key[PROBE_KEY_BYTES], storage[PROBE_KEY_BYTES + 64];
	struct buf name = BUF_OVER(key);
	struct buf out = BUF_OVER(storage);
	redisReply *reply;

	buf_add_text(&name, prefix);
	buf_add_text(&name, "probe:");
	name_format(&name);
	redis_command_begin(&out, 5);
	redis_command_text(&out, "SET");
	redis_command_word(&out, buf_slice(&name));
	redis_command_text(&out, "1");
	redis_command_text(&out, "EX");
	redis_command_text(&out, "60");
	reply = redis_conn_ask(conn, buf_slice(&out), until, err);
	if (reply == NULL)
		return -1;
	freeReplyObject(reply);
	return 0;
}

static int
probe_step(struct redis_conn *conn, const char *prefix, struct deadline until, struct err *err)
{
	char key[PROBE_KEY_BYTES];
	struct buf name = BUF_OVER(key);
	struct redis_grey grey = {.windows = &windows};
	struct grey_step step;

	buf_add_text(&name, prefix);
	buf_add_text(&name, "probe:{");
	name_format(&name);
	buf_add_text(&name, "}:tuple");
	grey.tuple_key = buf_slice(&name);
	grey.known_key = buf_slice(&name); /* nobody is promoted here: never touched */
	return redis_grey_step(conn, &grey, &step, until, err);
}

int
redis_probe(
    struct redis_conn *conn, struct redis_target *target, struct deadline until, struct err *err)
{
	if (redis_conn_open(conn, target, until, err) != 0)
		return -1;
	if (probe_write(conn, target->conf.prefix, until, err) == 0 &&
	    probe_step(conn, target->conf.prefix, until, err) == 0)
		return 0;
	redis_conn_close(conn);
	return -1;
}
