/*
 * tuple_memory.c - what a greylist tuple costs in Redis: used_memory over many tuples, made through
 * the real script by the real store, with addresses of 40 characters. Prints bytes per tuple, for
 * tuples that wait and for tuples that passed. Starts a redis-server of its own.
 *
 *	tuple_memory [TUPLES]      (default 1,000,000: about a minute)
 */
#include "../contract/redis_server.h"
#include "io/store_redis.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS  4
#define NETWORKS 50000 /* clients; twenty tuples each */

static const struct grey_windows windows = {240, 21600, 36 * 86400, 5, 3600, false};

struct work {
	struct store *store;
	long first, end;
	const struct grey_windows *windows;
	long failed;
};

static void *
work_do(void *arg)
{
	struct work *w = arg;

	for (long i = w->first; i < w->end; i++) {
		char from[64], to[64];
		uint8_t client[4] = {10, (uint8_t)(i % NETWORKS / 250), (uint8_t)(i % 250), 1};
		struct net_addr addr = net_addr_ipv4(client);
		struct identity identity = identity_of_network(&addr, 24, 64);
		struct address sender, rcpt;
		struct grey_key key;
		struct grey_request request = {&key, w->windows, NULL, NULL};
		struct grey_step step;

		(void)snprintf(from, sizeof(from), "a.sender.named.%07ldx@mail.example.com", i);
		(void)snprintf(to, sizeof(to), "recipient.number%07ld@post.example.net", i);
		sender = address_parse(slice_of(from));
		rcpt = address_parse(slice_of(to));
		grey_key_make(&key, &identity, &sender, &rcpt);
		if (w->store->grey_step(w->store, &request, &step, NULL) != 0)
			w->failed++;
	}
	return NULL;
}

/* used_memory, when nothing is going on. */
static long long
used_memory(struct test_server *server)
{
	redisReply *reply = server_ask(server, "INFO memory");
	const char *line = strstr(reply->str, "used_memory:");
	long long bytes = line == NULL ? -1 : atoll(line + strlen("used_memory:"));

	freeReplyObject(reply);
	return bytes;
}

static void
measure(const char *what, struct store *store, struct test_server *server, long tuples,
    const struct grey_windows *w)
{
	struct work works[THREADS];
	pthread_t threads[THREADS];
	long long before;
	long failed = 0;

	server_do(server, "FLUSHALL");
	sleep_ms(1500);
	before = used_memory(server);
	for (int i = 0; i < THREADS; i++) {
		works[i] = (struct work){
		    store, tuples / THREADS * i, tuples / THREADS * (i + 1), w, 0};
		if (pthread_create(&threads[i], NULL, work_do, &works[i]) != 0)
			exit(99);
	}
	for (int i = 0; i < THREADS; i++) {
		(void)pthread_join(threads[i], NULL);
		failed += works[i].failed;
	}
	sleep_ms(1500);
	(void)printf("%-22s %9lld keys %10lld bytes, %.1f bytes for each tuple%s\n", what,
	    server_number(server, "DBSIZE"), used_memory(server) - before,
	    (double)(used_memory(server) - before) / (double)tuples,
	    failed > 0 ? " (SOME STEPS FAILED)" : "");
}

static void
state_tell(void *arg, bool up, const char *why)
{
	(void)arg;
	(void)fprintf(stderr, "%s: %s\n", up ? "up" : "down", why);
}

static void
warning_tell(void *arg, const char *what)
{
	(void)arg;
	(void)fprintf(stderr, "%s\n", what);
}

int
main(int argc, char **argv)
{
	static const struct store_notify notify = {NULL, state_tell, warning_tell};
	struct grey_windows passed = windows;
	long tuples = argc > 1 ? strtol(argv[1], NULL, 10) : 1000000;
	struct test_server server;
	struct redis_conf conf;
	struct store *store;
	struct arena a;

	(void)signal(SIGPIPE, SIG_IGN);
	arena_init(&a, 4096, 65536);
	server_init(&server);
	server_start(&server, NULL);
	conf = server_conf(&server, &a);
	conf.timeout_ms = 10000;
	store = store_redis_new(&conf, &notify, NULL);
	if (store == NULL)
		return 99;
	measure("tuples that wait", store, &server, tuples, &windows);
	passed.block_s = 0;
	passed.promote_after = 0; /* tuples alone */
	measure("tuples that passed", store, &server, tuples, &passed);
	store_redis_free(store);
	server_fini(&server);
	arena_fini(&a);
	return 0;
}
