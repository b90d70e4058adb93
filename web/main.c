/*
 * main.c - gatepost-web: options, start, reload, stop.
 */
#include "arguments.h"
#include "daemon.h"
#include "io/clock.h"
#include "io/log.h"
#include "io/notify.h"
#include "io/redis.h"
#include "signals.h"
#include "sockets.h"
#include "status.h"

#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#define PROGRAM     "gatepost-web"
#define THREADS_MAX 256
#define MS_PER_S    1000

/* Descriptors beside those of connections: Redis, the log; and of each worker's loop. */
#define OTHER_FDS  ((size_t)512)
#define WORKER_FDS ((size_t)8)

/* How often we look whether everybody has gone over to a new configuration. */
#define POLL_NS 5000000L

static struct web web;
static struct status status;
static struct sockets sockets;

static void
log_conf(const char *event, const struct conf *conf, const char *path)
{
	const struct web_conf *w = settings_of(conf, &web_section);
	const struct redis_conf *redis = settings_of(conf, &redis_section);
	char storage[LOG_LINE_BYTES / 2];
	struct buf listen = BUF_OVER(storage);
	struct log_line line;

	for (size_t i = 0; i < w->listen.n + w->listen_tls.n; i++) {
		buf_add_text(&listen, i > 0 ? "," : "");
		buf_add_text(
		    &listen, i < w->listen.n ? w->listen.v[i] : w->listen_tls.v[i - w->listen.n]);
	}
	log_begin(&line);
	log_add_text(&line, "event", event);
	log_add_text(&line, "version", PACKAGE_VERSION);
	log_add_text(&line, "config", path);
	log_add(&line, "listen", buf_slice(&listen));
	log_add_text(&line, "status", w->status);
	log_add_number(&line, "threads", (int64_t)web.nworkers);
	log_add_text(&line, "redis", redis->server);
	log_write(&line, LOG_LEVEL_INFO);
}

static size_t
other_fds(const struct web_conf *conf)
{
	return OTHER_FDS + web.nworkers * (WORKER_FDS + conf->listen.n + conf->listen_tls.n);
}

/* Each connection is a descriptor: as many as the kernel allows, and no more connections than that. What
 * it allows beyond that is not taken: each worker has a table as large as the limit (conns.h), which in
 * some containers is a thousand million. */
static size_t
connections_fit(const struct web_conf *conf)
{
	size_t want = (size_t)conf->connections, others = other_fds(conf);
	char storage[200];
	struct buf text = BUF_OVER(storage);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return want;
	limit.rlim_cur = limit.rlim_max < want + others ? limit.rlim_max : want + others;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur >= want + others)
		return want;
	want = limit.rlim_cur > 2 * others ? (size_t)limit.rlim_cur - others : others;
	buf_add_format(&text,
	    "web.connections = %lld: the limit of open files allows for %zu; raise LimitNOFILE",
	    (long long)conf->connections, want);
	log_event(LOG_LEVEL_WARNING, "limits", buf_text(&text));
	return want;
}

static size_t
threads_of(const struct web_conf *conf)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (conf->threads > 0)
		return (size_t)conf->threads;
	if (cores < 1)
		return 1;
	return cores < THREADS_MAX ? (size_t)cores : THREADS_MAX;
}

/* What libevent has to say is for who looks for a fault. */
static void
event_log(int severity, const char *text)
{
	if (severity >= EVENT_LOG_WARN)
		log_event(LOG_LEVEL_DEBUG, "libevent", text);
}

/* --- reload --- */

static bool
is_used(const struct state *state)
{
	if (status.running && atomic_load(&status.state) == state)
		return true;
	if (web.unsubscriber.running && atomic_load(&web.unsubscriber.state) == state)
		return true;
	for (size_t i = 0; i < web.nworkers; i++) {
		if (atomic_load(&web.workers[i].state) == state)
			return true;
	}
	return false;
}

/* Is that option of gatepost-web's the same in both? */
static bool
is_same(const char *name, const struct web_conf *before, const struct web_conf *now)
{
	const struct option *row = option_find(web_section.options, slice_of(name));

	return option_equal(row, before, now);
}

/* Sockets are opened at a start only. A configuration that says otherwise than what they are, such as
 * that there is no TLS, is none to go on with. */
static int
listeners_check(const struct web_conf *before, const struct conf *conf, struct err *err)
{
	static const char *const names[] = {"listen", "listen_tls", "status"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!is_same(names[i], before, settings_of(conf, &web_section)))
			return err_set(err, ERR_INVALID,
			    "web.%s is another: where we listen changes with a restart only",
			    names[i]);
	}
	return 0;
}

/* What waits for a start without harm. */
static void
start_options_compare(const struct state *before, const struct state *now)
{
	static const char *const names[] = {"socket_mode", "threads", "connections"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char storage[100];
		struct buf why = BUF_OVER(storage);

		if (is_same(names[i], before->web, now->web))
			continue;
		buf_add_format(&why, "web.%s waits for a restart", names[i]);
		log_event(LOG_LEVEL_WARNING, "reload", buf_text(&why));
	}
}

/* The next state, or NULL with the reason. */
static struct state *
state_read(const struct arguments *args, struct state *before, struct err *err)
{
	struct conf *conf = daemon_conf_read(args->conf_path, err);

	if (conf == NULL)
		return NULL;
	if (listeners_check(before->web, conf, err) == 0)
		return state_new(conf, before, err);
	conf_free(conf);
	return NULL;
}

static void
reload(const struct arguments *args)
{
	static const struct timespec pause = {0, POLL_NS};
	struct state *before = atomic_load(&web.state);
	struct state *next;
	struct err err;

	notify_reloading();
	next = state_read(args, before, &err);
	if (next == NULL) {
		daemon_denied_advise(&err);
		log_event(LOG_LEVEL_ERROR, "reload_refused", err.text);
		notify_send("READY=1");
		return;
	}
	log_configure(PROGRAM, settings_of(next->conf, &log_section), args->foreground);
	start_options_compare(before, next);
	atomic_store(&web.state, next);
	while (is_used(before))
		(void)nanosleep(&pause, NULL);
	state_free(before, next);
	log_conf("reloaded", next->conf, args->conf_path);
	notify_send("READY=1");
}

/* --- start --- */

static int
workers_start(const struct web_conf *conf, struct err *err)
{
	struct web_socket v[SOCKETS_MAX];

	web.crowd.max = connections_fit(conf);
	for (size_t i = 0; i < WEB_BURST_SHARDS; i++)
		(void)pthread_mutex_init(&web.bursts[i].lock, NULL);
	for (size_t i = 0; i < web.nworkers; i++) {
		sockets_of(&sockets, i, v);
		if (worker_init(&web.workers[i], &web, v, sockets.n, err) != 0)
			return -1;
	}
	if (unsubscriber_start(&web.unsubscriber, &web, err) != 0)
		return -1;
	for (size_t i = 0; i < web.nworkers; i++) {
		if (worker_start(&web.workers[i], err) != 0)
			return -1;
	}
	return sockets.status_fd < 0 ? 0 : status_start(&status, &web, sockets.status_fd, err);
}

/* Everything that may still need root. EX_OK, or the exit code with the reason in err. */
static int
prepare(const struct arguments *args, const struct conf *conf, struct err *err)
{
	const struct web_conf *w = settings_of(conf, &web_section);

	if (!args->foreground && daemon_detach(err) != 0)
		return EX_OSERR;
	signals_block();
	web.nworkers = threads_of(w);
	web.workers = calloc(web.nworkers, sizeof(*web.workers));
	if (web.workers == NULL) {
		(void)err_set(err, ERR_NOMEM, "out of memory");
		return EX_OSERR;
	}
	(void)connections_fit(w); /* as root it may be raised */
	if (sockets_open(&sockets, w, web.nworkers, err) != 0)
		return err->code == ERR_UNAVAILABLE ? EX_UNAVAILABLE : EX_OSERR;
	if (daemon_drop_privileges(settings_of(conf, &daemon_section), err) == 0)
		return EX_OK;
	sockets_close(&sockets);
	return EX_NOPERM;
}

/* --- stop --- */

static void
finish(int64_t stop_timeout_s)
{
	struct state *state = atomic_load(&web.state);

	atomic_store(&web.stop_ms, clock_real.mono_ms(&clock_real) + stop_timeout_s * MS_PER_S);
	atomic_store(&web.stopping, true);
	for (size_t i = 0; i < web.nworkers; i++)
		worker_join(&web.workers[i]);
	unsubscriber_stop(&web.unsubscriber);
	status_stop(&status);
	for (size_t i = 0; i < web.nworkers; i++) {
		if (web.workers[i].web != NULL)
			worker_fini(&web.workers[i]);
	}
	sockets_close(&sockets);
	free(web.workers);
	libevent_global_shutdown();
	if (state != NULL)
		state_free(state, NULL);
}

static int
run(const struct arguments *args, struct conf *conf)
{
	const struct web_conf *w = settings_of(conf, &web_section);
	struct state *first;
	struct err err;
	int code = prepare(args, conf, &err);
	int got;

	if (code != EX_OK) {
		conf_free(conf);
		return arguments_complain(args, code, &err);
	}
	log_configure(PROGRAM, settings_of(conf, &log_section), args->foreground);
	event_set_log_callback(event_log);
	first = state_new(conf, NULL, &err);
	atomic_store(&web.state, first);
	if (first == NULL || workers_start(w, &err) != 0) {
		daemon_denied_advise(&err);
		finish(0);
		log_finish();
		return arguments_complain(args, EX_CONFIG, &err);
	}
	log_conf("started", conf, args->conf_path);
	daemon_ready();
	notify_send("READY=1");
	while ((got = signals_wait(-1)) != SIGTERM && got != SIGINT) {
		if (got == SIGHUP)
			reload(args);
	}
	notify_send("STOPPING=1");
	log_event(LOG_LEVEL_INFO, "stopping", NULL);
	finish(atomic_load(&web.state)->web->stop_timeout_s);
	log_event(LOG_LEVEL_INFO, "stopped", NULL);
	log_finish();
	return EX_OK;
}

int
main(int argc, char **argv)
{
	struct arguments args;
	struct conf *conf;
	int code = arguments_parse(PROGRAM, argc, argv, &args);

	args.trial = state_try;
	if (code < 0)
		code = arguments_conf(&args, &conf);
	return code >= 0 ? code : run(&args, conf);
}
