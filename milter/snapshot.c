/*
 * snapshot.c - see snapshot.h.
 */
#include "snapshot.h"

#include "io/budget.h"
#include "io/clock.h"
#include "io/dns.h"
#include "io/files.h"
#include "io/log.h"
#include "io/redis.h"
#include "io/store_memory.h"
#include "io/store_redis.h"
#include "outbound_ports.h"
#include "settings.h"
#include "zones.h"

#include <libpsl.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* What on_error = local can remember: tuples, and identities. */
#define LOCAL_TUPLES 100000

/* What all sessions together may take for a moment: two of the largest texts at once, or fifty of
 * 50 KB. More would not be done sooner, with fewer processors than that. */
#define MEMORY_BYTES ((size_t)64 * 1024 * 1024)

/* The same for what comes back: a dozen at once, or the largest and some small ones. Of its own: they
 * have it while they wait for Redis. */
#define RETURNS_MEMORY_BYTES ((size_t)104 * 1024 * 1024)

/* What is said of a redis.server. */
#define SERVER_BYTES 120

/* The files that the section `redis` names. */
#define TLS_FILES 3
struct tls_files {
	struct files_identity v[TLS_FILES];
};

/* The store, shared by the snapshots whose section `redis`, files included, is the same. */
struct shared_store {
	atomic_int refs;
	struct store *store;
	char server[SERVER_BYTES]; /* redis.server, which is gone with the conf before this is */
	struct tls_files files;    /* as they were before they were read */
};

struct snapshot {
	atomic_int refs;
	struct conf *conf;
	struct shared_store *shared;
	struct dns *dns;
	struct outbound_ports *outbound;
	struct ports ports;
	struct pipeline pipeline;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct snapshot *current;
static struct shared_store *_Atomic speaker; /* whose state is told: the newest */

/* These outlive every snapshot: a reload forgets nobody, nor what sessions have that began before. */
static struct store *local;
static struct budget *memory, *returns_memory;

/* Called by a store when it loses Redis or finds it again. One that only sessions still have that
 * began before a reload has no news for anybody. */
static void
redis_changed(void *arg, bool up, const char *why)
{
	struct log_line line;

	if (arg != atomic_load(&speaker))
		return;
	log_begin(&line);
	log_add_text(&line, "redis", up ? "up" : "down");
	log_add_text(&line, "reason", why);
	log_write(&line, up ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR);
}

/* Something about what is in Redis that an operator should mend. */
static void
redis_odd(void *arg, const char *what)
{
	const struct shared_store *shared = arg;
	char storage[ERR_TEXT_BYTES + SERVER_BYTES + 100];
	struct buf text = BUF_OVER(storage);

	if (arg != atomic_load(&speaker))
		buf_add_format(
		    &text, "the connection of the configuration before, to %s: ", shared->server);
	buf_add_text(&text, what);
	log_event(LOG_LEVEL_WARNING, "redis", buf_text(&text));
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

static struct tls_files
tls_files_of(const struct conf *conf)
{
	const struct redis_conf *redis = settings_of(conf, &redis_section);
	const char *const paths[TLS_FILES] = {redis->tls_ca, redis->tls_cert, redis->tls_key};
	struct tls_files files = {.v = {{.ino = 0}}};

	for (size_t i = 0; redis->tls && i < TLS_FILES; i++)
		files.v[i] = files_identify(paths[i]);
	return files;
}

/* A certificate that was renewed has the name of the old one. */
static bool
redis_same(const struct conf *conf, const struct snapshot *before)
{
	const void *section_a = settings_of(conf, &redis_section);
	const void *section_b = settings_of(before->conf, &redis_section);
	struct tls_files files = tls_files_of(conf);

	for (const struct option *row = redis_section.options; row->name != NULL; row++) {
		if (!option_equal(row, section_a, section_b))
			return false;
	}
	for (size_t i = 0; i < TLS_FILES; i++) {
		if (!files_identity_eq(&files.v[i], &before->shared->files.v[i]))
			return false;
	}
	return true;
}

static struct shared_store *
shared_new(const struct conf *conf, struct shared_store *before, struct err *err)
{
	struct shared_store *shared = calloc(1, sizeof(*shared));
	const struct store_notify notify = {shared, redis_changed, redis_odd};

	if (shared == NULL) {
		(void)err_set(err, ERR_NOMEM, "out of memory");
		return NULL;
	}
	atomic_init(&shared->refs, 1);
	shared->files = tls_files_of(conf);
	(void)snprintf(shared->server, sizeof(shared->server), "%s",
	    ((const struct redis_conf *)settings_of(conf, &redis_section))->server);
	atomic_store(&speaker, shared);
	shared->store = store_redis_replace(
	    before == NULL ? NULL : before->store, settings_of(conf, &redis_section), &notify, err);
	if (shared->store == NULL) {
		atomic_store(&speaker, before);
		free(shared);
		return NULL;
	}
	store_redis_warm(shared->store);
	return shared;
}

/* The store of the snapshot before, for one more, when that will do; else a new one. */
static struct shared_store *
shared_get(const struct conf *conf, const struct snapshot *before, struct err *err)
{
	if (before == NULL || !redis_same(conf, before))
		return shared_new(conf, before == NULL ? NULL : before->shared, err);
	(void)atomic_fetch_add(&before->shared->refs, 1);
	return before->shared;
}

/* A new one that did not come into force leaves the word to the one that is. */
static void
shared_hush(struct shared_store *shared)
{
	(void)pthread_mutex_lock(&lock);
	(void)atomic_compare_exchange_strong(
	    &speaker, &(struct shared_store *){shared}, current == NULL ? NULL : current->shared);
	(void)pthread_mutex_unlock(&lock);
}

static void
shared_release(struct shared_store *shared)
{
	if (shared == NULL || atomic_fetch_sub(&shared->refs, 1) != 1)
		return;
	store_redis_free(shared->store);
	shared_hush(shared);
	free(shared);
}

/* What outlives every snapshot, made once. */
static int
lasting_open(struct err *err)
{
	if (local == NULL)
		local = store_memory_new(LOCAL_TUPLES, &clock_real, err);
	if (local == NULL)
		return -1;
	if (memory == NULL)
		memory = budget_new(MEMORY_BYTES);
	if (returns_memory == NULL)
		returns_memory = budget_new(RETURNS_MEMORY_BYTES);
	return memory == NULL || returns_memory == NULL ? err_set(err, ERR_NOMEM, "out of memory")
							: 0;
}

/* Read once: a newer list comes with a package and a restart. NULL, what libpsl has built in, will
 * do. */
static const psl_ctx_t *
public_suffixes(void)
{
	static psl_ctx_t *list;

	if (list == NULL)
		list = psl_latest(NULL);
	return list;
}

static int
pipeline_open(struct snapshot *s, const struct snapshot *before, struct err *err)
{
	s->ports = (struct ports){.clock = &clock_real,
	    .dns = s->dns,
	    .store = s->shared->store,
	    .suffixes = public_suffixes(),
	    .local = local,
	    .memory = memory,
	    .returns_memory = returns_memory};
	if (outbound_ports_open(s->conf, before == NULL ? NULL : before->outbound, &s->ports,
		&s->outbound, err) != 0)
		return -1;
	if (pipeline_init(&s->pipeline, s->conf, &s->ports, err) != 0)
		return -1;
	return zones_open(
	    &s->pipeline, before == NULL ? NULL : before->ports.dnsbl, &s->ports.dnsbl, err);
}

struct snapshot *
snapshot_new(struct conf *conf, const struct snapshot *before, struct err *err)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (s == NULL)
		(void)err_set(err, ERR_NOMEM, "out of memory");
	if (s == NULL || lasting_open(err) != 0) {
		free(s);
		conf_free(conf);
		return NULL;
	}
	atomic_init(&s->refs, 1);
	s->conf = conf;
	s->dns = dns_unbound_new(settings_of(conf, &dns_section), &dns_notify, err);
	if (s->dns != NULL) /* the store comes last: it speaks up when it is new */
		s->shared = shared_get(conf, before, err);
	if (s->shared == NULL) {
		snapshot_release(s);
		return NULL;
	}
	if (pipeline_open(s, before, err) != 0) {
		snapshot_release(s);
		return NULL;
	}
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
	zones_close(s->ports.dnsbl);
	pipeline_fini(&s->pipeline);
	outbound_ports_close(s->outbound);
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
