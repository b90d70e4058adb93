/*
 * web_conf.c - see web_conf.h.
 */
#include "web_conf.h"

#include "io/http_socket.h"

#define LISTEN_MAX      16
#define PATH_BYTES      1024
#define PROXIES_MAX     1000
#define THREADS_MAX     256
#define CONNECTIONS_MAX 1000000

static int
status_check(const char *value, struct err *err)
{
	return value[0] == '\0' ? 0 : http_socket_check(slice_of(value), err);
}

static int
file_check(const char *value, struct err *err)
{
	if (value[0] == '\0' || value[0] == '/')
		return 0;
	return err_set(err, ERR_INVALID, "write the whole path, beginning with /");
}

static const struct option options[] = {
    OPTION_WORDS(struct web_conf, listen, "listen", "127.0.0.1:8080", LISTEN_MAX,
	"Where browsers, or a proxy before us, find us: ADDRESS:PORT, *:PORT, unix:PATH."),
    OPTION_WORDS(struct web_conf, listen_tls, "listen_tls", "", LISTEN_MAX,
	"The same, with TLS of our own."),
    OPTION_TEXT(struct web_conf, tls_cert, "tls_cert", "", 0, PATH_BYTES, file_check,
	"Our certificate for listen_tls, with its chain; PEM."),
    OPTION_TEXT(
	struct web_conf, tls_key, "tls_key", "", 0, PATH_BYTES, file_check, "The key to it; PEM."),
    OPTION_TEXT(struct web_conf, status, "status", "127.0.0.1:8081", 0, PATH_BYTES, status_check,
	"Where /health and /metrics (Prometheus) are; empty: nowhere."),
    OPTION_OCTAL(struct web_conf, socket_mode, "socket_mode", "0666", 0, 0777,
	"Permissions of unix sockets."),
    OPTION_NETWORKS(struct web_conf, proxies, "proxies", "127.0.0.0/8 ::1", PROXIES_MAX,
	"Proxies whose X-Forwarded-For is believed; a unix socket's is."),
    OPTION_NUMBER(struct web_conf, threads, "threads", "0", 0, THREADS_MAX,
	"Threads that answer; 0: one for each core."),
    OPTION_NUMBER(struct web_conf, connections, "connections", "10000", 16, CONNECTIONS_MAX,
	"Connections at once; beyond, the one that is idle for longest is closed."),
    OPTION_SECONDS(struct web_conf, keep_alive_s, "keep_alive", "60s", 1, 3600,
	"How long a connection may be idle."),
    OPTION_SECONDS(struct web_conf, request_timeout_s, "request_timeout", "10s", 1, 600,
	"How long a request may take, from its first byte until the answer is read."),
    OPTION_SECONDS(struct web_conf, stop_timeout_s, "stop_timeout", "5s", 0, 600,
	"On SIGTERM, requests in progress have this long to finish."),
    OPTION_MILLIS(struct web_conf, verdict_delay_ms, "verdict_delay", "3s", 0, 60000,
	"How long a hit waits to be recorded, so that it shows whether it was one of a burst."),
    OPTION_END,
};

static int
specs_check(const char *name, const struct option_words *specs, struct err *err)
{
	for (size_t i = 0; i < specs->n; i++) {
		struct err why;

		if (http_socket_check(slice_of(specs->v[i]), &why) != 0)
			return err_set(err, why.code, "%s: %s", name, why.text);
	}
	return 0;
}

static int
section_check(const void *section, struct err *err)
{
	const struct web_conf *conf = section;

	if (specs_check("listen", &conf->listen, err) != 0 ||
	    specs_check("listen_tls", &conf->listen_tls, err) != 0)
		return -1;
	if (conf->listen_tls.n > 0 && (conf->tls_cert[0] == '\0' || conf->tls_key[0] == '\0'))
		return err_set(
		    err, ERR_INVALID, "listen_tls: it needs tls_cert and tls_key beside it");
	return 0;
}

const struct conf_section web_section = {
    .name = "web",
    .help = "gatepost-web: pixels, links and unsubscribe pages.",
    .options = options,
    .size = sizeof(struct web_conf),
    .check = section_check,
};
