/*
 * redis_conf.c - see redis.h: the rows of the section, and what they must agree on.
 */
#include "io/redis.h"

#include "io/redis_address.h"
#include "io/redis_tls.h"

#define PATH_MAX_BYTES 1024
#define NAME_MAX_BYTES 255

/* A prefix is part of every key and of the glob patterns of SCAN: braces would move the hash tag,
 * and the other characters are the globs'. */
static int
prefix_check(const char *value, struct err *err)
{
	for (const char *c = value; *c != '\0'; c++) {
		if (*c <= ' ' || *c > '~' || strchr("{}*?[]\\^%", *c) != NULL)
			return err_set(err, ERR_INVALID,
			    "\"%s\": the prefix may hold letters, digits and . : _ - only", value);
	}
	return 0;
}

const struct option redis_options[] = {
    OPTION_TEXT(struct redis_conf, server, "server", "tcp:127.0.0.1:6379", 1, PATH_MAX_BYTES,
	redis_server_check, "Where Redis listens: unix:PATH, tcp:HOST:PORT or tcp:[IPV6]:PORT."),
    OPTION_TEXT(struct redis_conf, user, "user", "", 0, NAME_MAX_BYTES, NULL,
	"User of Redis's ACL; empty: the default user."),
    OPTION_SECRET(struct redis_conf, password, "password", "", 0, NAME_MAX_BYTES, NULL,
	"Password; empty: no AUTH."),
    OPTION_NUMBER(
	struct redis_conf, database, "database", "0", 0, 65535, "Number of the database (SELECT)."),
    OPTION_TEXT(struct redis_conf, prefix, "prefix", "gp:", 0, REDIS_PREFIX_BYTES, prefix_check,
	"Begins every key, so that several programs may share a Redis."),
    OPTION_MILLIS(struct redis_conf, timeout_ms, "timeout", "500ms", 10, 30000,
	"The longest that a session waits for Redis: for a connection and the answer together."),
    OPTION_NUMBER(struct redis_conf, connections, "connections", "64", 1, 256,
	"How many connections sessions share; opened when needed."),
    OPTION_MILLIS(struct redis_conf, retry_ms, "retry", "1s", 100, 600000,
	"How often Redis is tried again while it is down."),
    OPTION_BYTES(struct redis_conf, queue_bytes, "queue", "4M", 65536, 1073741824,
	"Memory for what is written in the background; what does not fit is counted and dropped."),
    OPTION_MILLIS(struct redis_conf, lists_refresh_ms, "lists_refresh", "5s", 100, 3600000,
	"How often the lists kept in Redis (opt-out, allow) are read again."),
    OPTION_BOOL(struct redis_conf, tls, "tls", "no", "Speak TLS (tcp: only)."),
    OPTION_TEXT(struct redis_conf, tls_ca, "tls_ca", "", 0, PATH_MAX_BYTES, NULL,
	"File of the certificates that vouch for the server; empty: the system's."),
    OPTION_TEXT(struct redis_conf, tls_cert, "tls_cert", "", 0, PATH_MAX_BYTES, NULL,
	"File of our own certificate, when the server asks for one."),
    OPTION_TEXT(struct redis_conf, tls_key, "tls_key", "", 0, PATH_MAX_BYTES, NULL,
	"File of the key of tls_cert."),
    OPTION_TEXT(struct redis_conf, tls_name, "tls_name", "", 0, NAME_MAX_BYTES, NULL,
	"The name in the server's certificate; empty: the host in `server`."),
    OPTION_END,
};

static int
redis_check(const void *section, struct err *err)
{
	const struct redis_conf *conf = section;
	struct redis_server server;

	if (redis_server_parse(conf->server, &server, err) != 0)
		return -1;
	if (conf->user[0] != '\0' && conf->password[0] == '\0')
		return err_set(err, ERR_INVALID, "user = \"%s\" needs a password", conf->user);
	if ((conf->tls_cert[0] == '\0') != (conf->tls_key[0] == '\0'))
		return err_set(err, ERR_INVALID, "tls_cert and tls_key are wanted together");
	if (!conf->tls)
		return 0;
	if (server.path[0] != '\0')
		return err_set(err, ERR_INVALID, "tls = yes wants server = \"tcp:HOST:PORT\"");
	return redis_tls_check(err);
}

const struct conf_section redis_section = {
    .name = "redis",
    .help = "Where the state is kept.",
    .options = redis_options,
    .size = sizeof(struct redis_conf),
    .check = redis_check,
};
