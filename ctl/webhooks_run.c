/*
 * webhooks_run.c - `gatepostctl webhooks run`: start, reload, stop.
 */
#include "ctl.h"

#include "io/deadline.h"
#include "io/log.h"
#include "io/notify.h"
#include "settings.h"
#include "signals.h"
#include "webhooks_conf.h"
#include "webhooks_consumer.h"

#include <signal.h>

#define PROGRAM "gatepost-webhooks"

/* How long a signal may wait. */
#define TURN_MS 100

/* What is beyond a delivery's time when we end. */
#define STOP_MORE_MS 2000

/* Until a signal comes: that. */
static int
work(struct webhooks_consumer *consumer)
{
	int got;

	while ((got = signals_wait(0)) == 0)
		webhooks_consumer_turn(consumer, TURN_MS);
	return got;
}

/* What is on its way may arrive; what does not in time is due again for the next consumer. */
static void
finish(struct webhooks_consumer *consumer, const struct webhooks_conf *conf)
{
	struct deadline until = deadline_in_ms(conf->timeout_ms + STOP_MORE_MS);

	webhooks_consumer_stop(consumer);
	while (!webhooks_consumer_is_idle(consumer) && !deadline_passed(until))
		webhooks_consumer_turn(consumer, TURN_MS);
}

/* The file as it is now, or what was in force. */
static struct conf *
reload(const char *path, struct conf *before)
{
	struct err err;
	struct conf *conf = settings_read(path, &err);

	if (conf == NULL) {
		log_event(LOG_LEVEL_ERROR, "reload_refused", err.text);
		return before;
	}
	conf_free(before);
	log_configure(PROGRAM, settings_of(conf, &log_section), true);
	log_event(LOG_LEVEL_INFO, "reloaded", NULL);
	return conf;
}

/* With one configuration: the signal that ended it, or -1 with the reason. */
static int
run_once(const struct conf *conf, struct err *err)
{
	struct webhooks_consumer *consumer = webhooks_consumer_new(conf, err);
	int got;

	if (consumer == NULL)
		return -1;
	notify_send("READY=1");
	got = work(consumer);
	if (got == SIGHUP)
		notify_reloading();
	else
		notify_send("STOPPING=1");
	finish(consumer, settings_of(conf, &webhooks_section));
	webhooks_consumer_free(consumer);
	return got;
}

int
webhooks_run_command(struct ctl *ctl)
{
	struct err err;
	int got;

	if (ctl_conf(ctl) == NULL)
		return EX_CONFIG;
	signals_block();
	log_configure(PROGRAM, settings_of(ctl->conf, &log_section), true);
	log_event(LOG_LEVEL_INFO, "started", NULL);
	while ((got = run_once(ctl->conf, &err)) == SIGHUP)
		ctl->conf = reload(ctl->conf_path, ctl->conf);
	log_event(got < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "stopped", got < 0 ? err.text : NULL);
	log_finish();
	return got < 0 ? EX_UNAVAILABLE : CTL_OK;
}
