/*
 * main.c - gatepostd: options, start, reload, stop.
 */
#include "arguments.h"
#include "callbacks.h"
#include "daemon.h"
#include "io/clock.h"
#include "io/files.h"
#include "io/listener.h"
#include "io/log.h"
#include "io/notify.h"
#include "io/redis.h"
#include "modules.h"
#include "pipeline.h"
#include "settings.h"
#include "signals.h"
#include "snapshot.h"
#include "waker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/* Connections that may wait for libmilter to accept them; the kernel has a bound of its own. */
#define BACKLOG 1024

/* How often a stopping daemon looks whether its sessions are done. */
#define DRAIN_POLL_MS 50

static atomic_bool milter_failed;
static atomic_bool stopping; /* libmilter may lose its socket now */

/* "score,dmarc": the sections in shadow mode; "-": none. */
static void
shadow_add(struct log_line *line, const struct conf *conf)
{
	char storage[200];
	struct buf names = BUF_OVER(storage);

	for (size_t i = 0; i < settings_count; i++) {
		const struct conf_section *section = settings_sections[i];
		const struct option *row = option_find(section->options, slice_of("shadow"));
		char value_storage[8];
		struct buf value = BUF_OVER(value_storage);

		if (row == NULL)
			continue;
		option_format(row, settings_of(conf, section), &value);
		if (!slice_eq(buf_slice(&value), slice_of("yes")))
			continue;
		if (names.n > 0)
			buf_add_char(&names, ',');
		buf_add_text(&names, section->name);
	}
	log_add(line, "shadow", names.n > 0 ? buf_slice(&names) : slice_of("-"));
}

/* What is in force, in one line: the first thing to look for when something is odd. */
static void
log_conf(const char *event, const struct conf *conf, const char *path)
{
	const struct daemon_conf *d = settings_of(conf, &daemon_section);
	const struct redis_conf *redis = settings_of(conf, &redis_section);
	struct log_line line;

	log_begin(&line);
	log_add_text(&line, "event", event);
	log_add_text(&line, "version", PACKAGE_VERSION);
	log_add_text(&line, "config", path);
	log_add_text(&line, "listen", d->listen);
	log_add_text(&line, "redis", redis->server);
	for (const char *const *name = (const char *const[]){"mode", "learning", NULL};
	     *name != NULL; name++) {
		char storage[32];
		struct buf value = BUF_OVER(storage);
		const struct option *row = option_find(grey_section.options, slice_of(*name));

		option_format(row, settings_of(conf, &grey_section), &value);
		log_add(&line, *name, buf_slice(&value));
	}
	shadow_add(&line, conf);
	log_write(&line, LOG_LEVEL_INFO);
}

/* A password that everybody on this host can read deserves a word. */
static void
warn_of_secrets(const struct conf *conf, const char *path)
{
	if (settings_has_secrets(conf) && files_world_readable(path))
		log_event(LOG_LEVEL_WARNING, "config",
		    "the file holds a password and everybody may read it: chgrp it to the group of "
		    "milter.user, chmod 0640");
}

/* Why libmilter could not listen there. */
static int
listen_failed(const char *listen, int why, struct err *err)
{
	if (why == EADDRINUSE)
		return err_set(err, ERR_UNAVAILABLE,
		    "somebody is serving %s already; stop it first, or give this one another "
		    "milter.listen",
		    listen);
	return err_set(err, ERR_IO, "milter.listen = %s: cannot listen there: %s", listen,
	    why != 0 ? strerror(why) : "see the log");
}

static int
listen_open(struct listener *listener, const struct daemon_conf *conf, struct err *err)
{
	const char *user = geteuid() == 0 ? conf->user : NULL;
	mode_t mask;
	int opened, saved;

	if (listener_claim(listener, conf->listen, err) != 0)
		return -1;
	if (smfi_register(callbacks_filter) != MI_SUCCESS ||
	    smfi_setconn(listener->spec) != MI_SUCCESS || smfi_setbacklog(BACKLOG) != MI_SUCCESS) {
		listener_release(listener);
		return err_set(err, ERR_IO, "libmilter refused to be set up");
	}
	mask = umask(0177); /* nobody but us, until listener_publish() says who */
	errno = 0;
	opened = smfi_opensocket(true);
	saved = errno;
	(void)umask(mask);
	if (opened != MI_SUCCESS) {
		listener_release(listener);
		return listen_failed(conf->listen, saved, err);
	}
	if (listener_publish(listener, (mode_t)conf->socket_mode, user, conf->socket_group, err) !=
	    0) {
		listener_release(listener);
		return -1;
	}
	return 0;
}

/* A session is a connection of the MTA and may be one of ours to Redis: ask for all the kernel
 * allows. */
static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static void *
milter_run(void *arg)
{
	(void)arg;
	if (smfi_main() != MI_SUCCESS && !atomic_load(&stopping)) {
		atomic_store(&milter_failed, true);
		(void)kill(getpid(), SIGTERM);
	}
	return NULL;
}

/* The values of the section `milter` that only a start puts into force, as text. */
static const char *const start_options[] = {"listen", "socket_mode", "socket_group", "user", NULL};
static char started_with[sizeof(start_options) / sizeof(start_options[0])][LISTENER_SPEC_BYTES];

static void
start_option_format(const struct conf *conf, const char *name, struct buf *out)
{
	option_format(option_find(daemon_section.options, slice_of(name)),
	    settings_of(conf, &daemon_section), out);
}

static void
start_options_keep(const struct conf *conf)
{
	for (size_t i = 0; start_options[i] != NULL; i++) {
		struct buf out = BUF_OVER(started_with[i]);

		start_option_format(conf, start_options[i], &out);
		(void)buf_text(&out);
	}
}

/* Says which of them the new file has otherwise. */
static void
start_options_compare(const struct conf *conf)
{
	for (size_t i = 0; start_options[i] != NULL; i++) {
		char storage[LISTENER_SPEC_BYTES], why_storage[2 * LISTENER_SPEC_BYTES + 100];
		struct buf value = BUF_OVER(storage);
		struct buf why = BUF_OVER(why_storage);

		start_option_format(conf, start_options[i], &value);
		if (strcmp(buf_text(&value), started_with[i]) == 0)
			continue;
		buf_add_format(&why, "milter.%s = %s waits for a restart; in force: %s",
		    start_options[i], storage, started_with[i]);
		log_event(LOG_LEVEL_WARNING, "reload", buf_text(&why));
	}
}

static void
reload(const struct arguments *args)
{
	struct snapshot *before = snapshot_acquire();
	struct snapshot *next = NULL;
	struct conf *conf;
	struct err err;

	notify_reloading();
	conf = daemon_conf_read(args->conf_path, &err);
	if (conf != NULL)
		next = snapshot_new(conf, before, &err);
	if (next == NULL) {
		daemon_denied_advise(&err);
		log_event(LOG_LEVEL_ERROR, "reload_refused", err.text);
	} else {
		log_configure("gatepostd", settings_of(conf, &log_section), args->foreground);
		snapshot_install(next);
		start_options_compare(conf);
		warn_of_secrets(conf, args->conf_path);
		log_conf("reloaded", conf, args->conf_path);
	}
	snapshot_release(before);
	notify_send("READY=1");
}

/* Gives up the name, and lets sessions in progress finish. */
static void
drain(struct listener *listener)
{
	struct snapshot *s = snapshot_acquire();
	const struct daemon_conf *conf = settings_of(snapshot_conf(s), &daemon_section);
	int64_t until = clock_real.mono_ms(&clock_real) + conf->stop_timeout_s * 1000;

	notify_send("STOPPING=1");
	log_event(LOG_LEVEL_INFO, "stopping", callbacks_active() > 0 ? "sessions are open" : NULL);
	atomic_store(&stopping, true);
	waker_stop();
	listener_release(listener);
	while (callbacks_active() > 0 && clock_real.mono_ms(&clock_real) < until) {
		if (signals_wait(DRAIN_POLL_MS) == SIGINT)
			break;
	}
	if (callbacks_active() > 0)
		log_event(LOG_LEVEL_WARNING, "stopped",
		    "sessions were still open; the MTA will have them try again");
	else
		log_event(LOG_LEVEL_INFO, "stopped", NULL);
	snapshot_release(s);
}

static void
serve(const struct arguments *args, struct listener *listener)
{
	int got;

	while ((got = signals_wait(-1)) != SIGTERM && got != SIGINT) {
		if (got == SIGHUP)
			reload(args);
	}
	drain(listener);
}

/* Everything that may still need root. EX_OK, or the exit code with the reason in err. */
static int
prepare(const struct arguments *args, const struct daemon_conf *conf, struct listener *listener,
    struct err *err)
{
	if (!args->foreground && daemon_detach(err) != 0)
		return EX_OSERR;
	signals_block();
	raise_file_limit();
	if (listen_open(listener, conf, err) != 0)
		return err->code == ERR_UNAVAILABLE ? EX_UNAVAILABLE : EX_OSERR;
	if (daemon_drop_privileges(conf, err) == 0)
		return EX_OK;
	listener_release(listener);
	return EX_NOPERM;
}

/* Makes the snapshot of conf, which it owns from then on, and lets libmilter begin. */
static int
begin(const struct arguments *args, struct conf *conf, const struct listener *listener,
    struct err *err)
{
	struct snapshot *snapshot;
	pthread_t thread;

	log_configure("gatepostd", settings_of(conf, &log_section), args->foreground);
	start_options_keep(conf);
	warn_of_secrets(conf, args->conf_path);
	if (geteuid() == 0)
		log_event(LOG_LEVEL_WARNING, "running_as_root",
		    "nothing here needs root once the socket is there: set milter.user");
	snapshot = snapshot_new(conf, NULL, err);
	if (snapshot == NULL) {
		daemon_denied_advise(err);
		return -1;
	}
	snapshot_install(snapshot);
	if (waker_start(listener, err) != 0)
		return -1;
	if (pthread_create(&thread, NULL, milter_run, NULL) != 0)
		return err_set(err, ERR_IO, "cannot start a thread");
	return 0;
}

/* From the checked configuration, which it owns, to the end. */
static int
run(const struct arguments *args, struct conf *conf)
{
	const struct daemon_conf *daemon = settings_of(conf, &daemon_section);
	struct listener listener;
	struct err err;
	int code = prepare(args, daemon, &listener, &err);

	if (code != EX_OK) {
		conf_free(conf);
		return arguments_complain(args, code, &err);
	}
	if (begin(args, conf, &listener, &err) != 0) {
		waker_stop();
		listener_release(&listener);
		snapshot_finish();
		log_finish();
		return arguments_complain(args, EX_OSERR, &err);
	}
	log_conf("started", conf, args->conf_path);
	daemon_ready();
	notify_send("READY=1");
	serve(args, &listener);
	snapshot_finish();
	log_finish();
	code = atomic_load(&milter_failed) ? EX_OSERR : EX_OK;
	/* sessions that are still open have threads: they must not see exit() take things apart */
	if (callbacks_active() > 0)
		_exit(code);
	return code;
}

/* Files that options name are read when the modules are set up. */
static int
modules_try(struct conf *conf, struct err *err)
{
	static const struct ports none;
	struct pipeline pipeline;
	int status = pipeline_init(&pipeline, conf, &none, err);

	pipeline_fini(&pipeline);
	return status;
}

int
main(int argc, char **argv)
{
	struct arguments args;
	struct conf *conf;
	int code = arguments_parse("gatepostd", argc, argv, &args);

	args.trial = modules_try;
	if (code < 0)
		code = arguments_conf(&args, &conf);
	return code >= 0 ? code : run(&args, conf);
}
