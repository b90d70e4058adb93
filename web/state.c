/*
 * state.c - see state.h.
 */
#include "state.h"

#include "io/accounts.h"
#include "io/keys.h"
#include "io/log.h"
#include "io/redis.h"
#include "io/store_redis.h"

#include <stdlib.h>

/* How long a start waits for Redis's accounts. */
#define WARM_MS 1000

static void
redis_changed(void *arg, bool up, const char *why)
{
	struct log_line line;

	(void)arg;
	log_begin(&line);
	log_add_text(&line, "redis", up ? "up" : "down");
	log_add_text(&line, "reason", why);
	log_write(&line, up ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR);
}

static void
redis_odd(void *arg, const char *what)
{
	(void)arg;
	log_event(LOG_LEVEL_WARNING, "redis", what);
}

/* Files of certificates may be others under the same name: then it counts as changed. */
static bool
redis_same(const struct conf *conf, const struct state *before)
{
	const struct redis_conf *redis = settings_of(conf, &redis_section);

	if (before == NULL || redis->tls)
		return false;
	for (const struct option *row = redis_section.options; row->name != NULL; row++) {
		if (!option_equal(row, redis, settings_of(before->conf, &redis_section)))
			return false;
	}
	return true;
}

static int
store_open(struct state *s, const struct state *before, struct err *err)
{
	static const struct store_notify notify = {NULL, redis_changed, redis_odd};

	if (redis_same(s->conf, before)) {
		s->store = before->store;
		return 0;
	}
	s->store = store_redis_replace(before == NULL ? NULL : before->store,
	    settings_of(s->conf, &redis_section), &notify, err);
	return s->store == NULL ? -1 : 0;
}

static int
accounts_open(struct state *s, const struct state *before, struct err *err)
{
	struct accounts_setup setup = {.conf = settings_accounts(s->conf),
	    .redis = settings_of(s->conf, &redis_section),
	    .notify = accounts_notify_again};

	s->accounts = accounts_new(&setup, before == NULL ? NULL : before->accounts, err);
	if (s->accounts == NULL || accounts_start(s->accounts, err) != 0)
		return -1;
	if (before == NULL)
		accounts_warm(s->accounts, WARM_MS);
	return 0;
}

/* Without it every link is 404, which looks like somebody's mistake: so it is refused. */
static int
keyring_open(struct state *s, struct err *err)
{
	s->has_keyring = keys_load_keyring(s->outbound->keyring, &s->keyring, err) == 0;
	return s->has_keyring ? 0 : -1;
}

static int
tls_open(struct state *s, struct err *err)
{
	if (s->web->listen_tls.n == 0)
		return 0;
	s->tls = tls_server_new(s->web->tls_cert, s->web->tls_key, err);
	return s->tls == NULL ? -1 : 0;
}

static void
files_close(struct state *s)
{
	if (s->has_keyring)
		keyring_fini(&s->keyring);
	tls_server_free(s->tls);
}

/* What it needs beside the configuration, all of it files. */
static int
files_open(struct state *s, struct conf *conf, struct err *err)
{
	s->conf = conf;
	s->web = settings_of(conf, &web_section);
	s->outbound = settings_of(conf, &outbound_section);
	return keyring_open(s, err) == 0 && tls_open(s, err) == 0 ? 0 : -1;
}

int
state_try(struct conf *conf, struct err *err)
{
	struct state s = {.conf = NULL};
	int status = files_open(&s, conf, err);

	files_close(&s);
	return status;
}

struct state *
state_new(struct conf *conf, struct state *before, struct err *err)
{
	struct state *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		(void)err_set(err, ERR_NOMEM, "out of memory");
		conf_free(conf);
		return NULL;
	}
	if (files_open(s, conf, err) == 0 && store_open(s, before, err) == 0 &&
	    accounts_open(s, before, err) == 0)
		return s;
	state_free(s, before);
	return NULL;
}

void
state_free(struct state *state, const struct state *next)
{
	accounts_free(state->accounts);
	if (next == NULL || next->store != state->store)
		store_redis_free(state->store);
	files_close(state);
	conf_free(state->conf);
	free(state);
}
