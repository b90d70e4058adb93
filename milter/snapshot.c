/*
 * snapshot.c - see snapshot.h.
 */
#include "snapshot.h"

#include "io/clock.h"
#include "io/dns.h"
#include "io/files.h"
#include "io/log.h"
#include "io/redis.h"
#include "io/store_memory.h"
#include "io/store_redis.h"
#include "settings.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* What on_error = local can remember: tuples, and identities. */
#define LOCAL_TUPLES 100000

/* The store, shared by the snapshots whose section `redis` is the same. */
struct shared_store {
	atomic_int refs;
	struct store *store;
};

struct snapshot {
	atomic_int refs;
	struct conf *conf;
	struct shared_store *shared;
	struct dns *dns;
	struct ports ports;
	struct pipeline pipeline;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct snapshot *current;
static struct store *local; /* outlives every snapshot: a reload forgets nobody */

struct conf *
snapshot_read_conf(const char *path, struct err *err)
{
	struct arena text_arena;
	struct slice text;
	struct conf *conf = NULL;

	arena_init(&text_arena, 4096, CONF_FILE_MAX_BYTES + 4096);
	if (files_read(path, CONF_FILE_MAX_BYTES, &text_arena, &text, err) == 0)
		conf = settings_parse(text, path, &files_conf, err);
	arena_fini(&text_arena);
	return conf;
}

/* Called by the store when it loses Redis or finds it again. */
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

/* Something about what is in Redis that an operator should mend. */
static void
redis_odd(void *arg, const char *what)
{
	(void)arg;
	log_event(LOG_LEVEL_WARNING, "redis", what);
}

/* Called by the resolver when nobody answers it any more, or somebody does again. */
static void
dns_changed(void *arg, bool up, const char *why)
{
	struct log_line line;

	(void)arg;
	log_begin(&line);
	log_add_text(&line, "dns", up ? "up" : "down");
	log_add_text(&line, "reason", why);
	log_write(&line, up ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR);
}

static const struct dns_notify dns_notify = {NULL, dns_changed};

static const struct store_notify redis_notify = {NULL, redis_changed, redis_odd};

static bool
redis_same(const struct conf *a, const struct conf *b)
{
	const void *section_a = settings_of(a, &redis_section);
	const void *section_b = settings_of(b, &redis_section);

	for (const struct option *row = redis_section.options; row->name != NULL; row++) {
		if (!option_equal(row, section_a, section_b))
			return false;
	}
	return true;
}

static struct shared_store *
shared_new(const struct conf *conf, struct err *err)
{
	struct shared_store *shared = calloc(1, sizeof(*shared));

	if (shared == NULL) {
		(void)err_set(err, ERR_NOMEM, "out of memory");
		return NULL;
	}
	atomic_init(&shared->refs, 1);
	shared->store = store_redis_new(settings_of(conf, &redis_section), &redis_notify, err);
	if (shared->store == NULL) {
		free(shared);
		return NULL;
	}
	store_redis_warm(shared->store);
	return shared;
}

static void
shared_release(struct shared_store *shared)
{
	if (shared == NULL || atomic_fetch_sub(&shared->refs, 1) != 1)
		return;
	store_redis_free(shared->store);
	free(shared);
}

static struct store *
local_store(struct err *err)
{
	if (local == NULL)
		local = store_memory_new(LOCAL_TUPLES, &clock_real, err);
	return local;
}

struct snapshot *
snapshot_new(struct conf *conf, const struct snapshot *before, struct err *err)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (s == NULL)
		(void)err_set(err, ERR_NOMEM, "out of memory");
	if (s == NULL || local_store(err) == NULL) {
		free(s);
		conf_free(conf);
		return NULL;
	}
	atomic_init(&s->refs, 1);
	s->conf = conf;
	if (before != NULL && redis_same(conf, before->conf)) {
		s->shared = before->shared;
		(void)atomic_fetch_add(&s->shared->refs, 1);
	} else {
		s->shared = shared_new(conf, err);
	}
	s->dns = dns_unbound_new(settings_of(conf, &dns_section), &dns_notify, err);
	if (s->shared == NULL || s->dns == NULL) {
		snapshot_release(s);
		return NULL;
	}
	s->ports = (struct ports){&clock_real, s->dns, s->shared->store, local};
	pipeline_init(&s->pipeline, conf, &s->ports);
	return s;
}

void
snapshot_install(struct snapshot *s)
{
	struct snapshot *before;

	(void)pthread_mutex_lock(&lock);
	before = current;
	current = s;
	(void)pthread_mutex_unlock(&lock);
	if (before != NULL)
		snapshot_release(before);
}

struct snapshot *
snapshot_acquire(void)
{
	struct snapshot *s;

	(void)pthread_mutex_lock(&lock);
	s = current;
	if (s != NULL)
		(void)atomic_fetch_add(&s->refs, 1);
	(void)pthread_mutex_unlock(&lock);
	return s;
}

void
snapshot_finish(void)
{
	snapshot_install(NULL);
}

void
snapshot_release(struct snapshot *s)
{
	if (atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	shared_release(s->shared);
	dns_unbound_free(s->dns);
	conf_free(s->conf);
	free(s);
}

const struct conf *
snapshot_conf(const struct snapshot *s)
{
	return s->conf;
}

const struct pipeline *
snapshot_pipeline(const struct snapshot *s)
{
	return &s->pipeline;
}
