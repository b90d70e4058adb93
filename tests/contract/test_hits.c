/*
 * test_hits.c - who opened, clicked and unsubscribed, through a real redis-server: what the store keeps of
 * it, by whose word, and what is left when somebody is forgotten meanwhile.
 */
#include "io/redis_consent.h"
#include "io/store_admin_consent.h"
#include "io/store_admin_forget.h"
#include "io/store_redis.h"
#include "redis_server.h"
#include "unit/keyring_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include <cmocka.h>

#define MESSAGE    UINT64_C(0x4d2)
#define REFRESH_MS 200
#define DAY_S      INT64_C(86400)

static const struct event_terms terms = {30 * DAY_S, 100000};

struct fixture {
	struct test_server server;
	struct arena arena;
	struct redis_conf conf;
	struct store *store;
	struct store_admin *admin;
	struct keyring ring;
	char id[TOKEN_MESSAGE_BYTES + 1]; /* of MESSAGE */
};

static void
state_print(void *arg, bool up, const char *why)
{
	(void)arg;
	print_message("state %s: %s\n", up ? "up" : "down", why);
}

static void
warning_print(void *arg, const char *what)
{
	(void)arg;
	print_message("warning: %s\n", what);
}

static const struct store_notify notify = {NULL, state_print, warning_print};

static int
setup(void **state)
{
	static struct fixture f;
	struct err err = {ERR_NONE, ""};
	struct buf id = BUF_OVER(f.id);

	server_init(&f.server);
	server_start(&f.server, NULL);
	*f.server.frozen_s = 0; /* the server's clock runs */
	arena_init(&f.arena, 4096, 65536);
	f.conf = server_conf(&f.server, &f.arena);
	f.conf.timeout_ms = 5000; /* slow machines, sanitizers */
	f.conf.lists_refresh_ms = REFRESH_MS;
	f.store = store_redis_new(&f.conf, &notify, &err);
	f.admin = store_admin_new(&f.conf, &err);
	token_message_format(MESSAGE, &id);
	(void)buf_text(&id);
	if (f.store == NULL || f.admin == NULL ||
	    keyring_parse(&f.ring, slice_of(KEYRING_TEXT), "", &err) != 0)
		print_error("%s\n", err.text);
	*state = &f;
	return f.store == NULL || f.admin == NULL;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	store_redis_free(f->store);
	store_admin_free(f->admin);
	keyring_fini(&f->ring);
	server_fini(&f->server);
	arena_fini(&f->arena);
	return 0;
}

static int
clear(void **state)
{
	struct fixture *f = *state;

	sleep_ms(100); /* what the test before left in the queue */
	server_do(&f->server, "FLUSHALL");
	return 0;
}

/* --- what happens --- */

static void
hit_send(struct store *store, const struct fixture *f, enum hit_kind kind, unsigned nth,
    const char *target)
{
	int64_t now_s = (int64_t)time(NULL);
	struct hit hit = {.kind = kind,
	    .time_s = now_s,
	    .ids = {7, MESSAGE, (unsigned)(now_s / DAY_S), nth},
	    .key = 3,
	    .link = 2,
	    .target = slice_of(target),
	    .agent = slice_of("Mail/1"),
	    .client = {.family = NET_IPV4, .bytes = {192, 0, 2, 1}}};
	struct hit_verdict verdict = {HIT_HUMAN, ""};
	struct hit_note note = {.hit = &hit,
	    .verdict = &verdict,
	    .account = "shop",
	    .privacy = PRIVACY_IDENTIFIED,
	    .keyring = &f->ring,
	    .retention_s = terms.retention_s,
	    .keep = terms.keep};

	store->hit(store, &note);
}

static void
open_as(struct fixture *f, unsigned nth)
{
	hit_send(f->store, f, HIT_OPENED, nth, "");
}

/* What is in the queue has been written: a command of ours behind it. */
static void
settle(struct fixture *f)
{
	static const struct event_terms any = {1000, 1000};
	static struct event event = {.account = "settled"};

	server_do(&f->server, "DEL gp:ev:{settled}");
	record_init(&event.fields);
	record_add(&event.fields, "type", slice_of("sent"));
	f->store->event(f->store, &event, &any);
	for (int tries = 0; server_number(&f->server, "EXISTS gp:ev:{settled}") == 0; tries++) {
		if (tries == 200)
			fail_msg("the queue is not written");
		sleep_ms(20);
	}
}

/* All hosts have read what was agreed to. */
static void
refreshed(struct fixture *f)
{
	settle(f);
	sleep_ms(3 * REFRESH_MS);
}

static void
message_keep(struct fixture *f, const char *const *names, size_t n)
{
	static struct address rcpts[300];
	static const struct address *list[300];
	static struct event sent = {.account = "shop"};

	for (size_t i = 0; i < n; i++) {
		rcpts[i] = address_parse(slice_of(names[i]));
		list[i] = &rcpts[i];
	}
	record_init(&sent.fields);
	record_add(&sent.fields, "type", slice_of("sent"));
	record_add(&sent.fields, "msg", slice_of(f->id));
	record_add_number(&sent.fields, "nrcpt", (int64_t)n);
	record_add(&sent.fields, "to", slice_of("as they were written"));
	f->store->message(f->store, &sent, list, n, 3600);
	settle(f);
}

static void
agree(struct fixture *f, const char *account, const char *name, enum account_privacy mode)
{
	struct address rcpt = address_parse(slice_of(name));
	struct consent consent = {.mode = mode, .since_s = 1};
	struct err err = {ERR_NONE, ""};

	if (store_admin_consent_set(f->admin, account, &rcpt, &consent, &err) != 0)
		fail_msg("%s", err.text);
}

/* --- what is kept --- */

static long long
events(struct fixture *f)
{
	return server_number(&f->server, "XLEN gp:ev:{shop}");
}

/* The value of the at-th event; "" when there is none. */
static const char *
event_value(struct fixture *f, size_t at, const char *name)
{
	static char value[200];
	redisReply *all = server_ask(&f->server, "XRANGE gp:ev:{shop} - +");
	const redisReply *fields = at < all->elements ? all->element[at]->element[1] : NULL;

	value[0] = '\0';
	for (size_t i = 0; fields != NULL && i + 1 < fields->elements; i += 2) {
		if (strcmp(fields->element[i]->str, name) == 0)
			(void)snprintf(value, sizeof(value), "%s", fields->element[i + 1]->str);
	}
	freeReplyObject(all);
	return value;
}

static long long
counted(struct fixture *f, const char *field)
{
	char hour[STAT_HOUR_BYTES];
	redisReply *reply;
	long long n;

	stat_hour(hour, (int64_t)time(NULL));
	hour[8] = '\0'; /* its day */
	reply = server_ask(&f->server, "HGET gp:hits:{shop}:%s %s", hour, field);
	n = reply->type == REDIS_REPLY_STRING ? strtoll(reply->str, NULL, 10) : 0;
	freeReplyObject(reply);
	return n;
}

/* Where nobody said anything nothing is looked up. */
static void
test_identified(void **state)
{
	static const char *const to[] = {"ann@example.com"};
	struct fixture *f = *state;

	message_keep(f, to, 1);
	for (int i = 0; i < 2; i++) {
		open_as(f, 1);
		refreshed(f);
	}
	assert_int_equal(events(f), 2);
	assert_string_equal(event_value(f, 0, "rcpt"), "ann@example.com"); /* it was asked */
	assert_string_equal(event_value(f, 1, "rcpt"), "");
	assert_string_equal(event_value(f, 1, "msg"), f->id);
	assert_string_equal(event_value(f, 1, "nth"), "1");
	assert_string_equal(event_value(f, 1, "client"), "192.0.2.1");
}

/* However his address is spelled, in the mail or by the operator. */
static void
test_consent(void **state)
{
	static const char *const to[] = {"<\"Doe, Jane\"@Example.com>", "<\"Bob\"@Example.COM>",
	    "<\"c\\al\"@example.com>", "DAN@example.com", "\"Eve\"@example.com", "fay@example.com"};
	struct fixture *f = *state;

	message_keep(f, to, 6);
	agree(f, "shop", "\"doe, jane\"@example.com", PRIVACY_OFF);
	agree(f, "shop", "bob@example.com", PRIVACY_OFF);
	agree(f, "*", "\"Cal\"@example.com", PRIVACY_ANONYMOUS);
	agree(f, "shop", "dan@example.com", PRIVACY_PSEUDONYMOUS);
	agree(f, "shop", "eve@example.com", PRIVACY_IDENTIFIED);
	refreshed(f);
	for (unsigned nth = 1; nth <= 6; nth++)
		open_as(f, nth);
	settle(f);
	assert_int_equal(events(f), 3);
	assert_int_equal(strlen(event_value(f, 0, "person")), 16);
	assert_string_equal(event_value(f, 0, "msg"), "");
	assert_string_equal(event_value(f, 1, "rcpt"), "eve@example.com");
	assert_string_equal(event_value(f, 2, "rcpt"), "fay@example.com");
	assert_int_equal(counted(f, "opened human"), 1);
	open_as(f, 0); /* one of them: the strictest holds */
	settle(f);
	assert_int_equal(events(f), 3);
	assert_int_equal(counted(f, "opened human"), 1);
}

/* A list of very many is cut; those in it are known. */
static void
test_many(void **state)
{
	static char names[200][40];
	static const char *to[200];
	struct fixture *f = *state;

	for (int i = 0; i < 200; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "user%03d@long-domain.example", i);
		to[i] = names[i];
	}
	message_keep(f, to, 200);
	agree(f, "shop", names[4], PRIVACY_OFF);
	agree(f, "shop", names[190], PRIVACY_OFF);
	refreshed(f);
	open_as(f, 5);
	open_as(f, 6);
	settle(f);
	assert_int_equal(events(f), 1);
	assert_string_equal(event_value(f, 0, "rcpt"), names[5]);
	assert_int_equal(counted(f, "opened human"), 0);
	open_as(f, 191); /* not in the list: no event */
	open_as(f, 0);
	settle(f);
	assert_int_equal(events(f), 1);
	assert_int_equal(counted(f, "opened human"), 2);
}

/* Who it was cannot be told any more: nobody is named, nor how he is to be told apart. */
static void
test_expired(void **state)
{
	static const char *const to[] = {"\"Ann\"@example.com"};
	struct fixture *f = *state;

	message_keep(f, to, 1);
	agree(f, "shop", "ann@example.com", PRIVACY_OFF);
	refreshed(f);
	open_as(f, 1);
	settle(f);
	assert_int_equal(counted(f, "opened human"), 0);
	server_do(&f->server, "DEL gp:msg:{shop}:%s", f->id);
	open_as(f, 1);
	hit_send(f->store, f, HIT_CLICKED, 1, "https://u:p@shop.example/ann%40example.com/a?b");
	settle(f);
	assert_int_equal(events(f), 0);
	assert_int_equal(counted(f, "opened human"), 1);
	assert_int_equal(counted(f, "clicked human url=https://shop.example/*/a"), 1);
	/* her own token for the page says who she is */
	hit_send(f->store, f, HIT_UNSUBSCRIBED, 1, "\"ANN\"@example.com");
	hit_send(f->store, f, HIT_UNSUBSCRIBED, 1, "bob@example.com");
	settle(f);
	assert_int_equal(events(f), 1);
	assert_string_equal(event_value(f, 0, "type"), "unsubscribed");
	assert_string_equal(event_value(f, 0, "rcpt"), "bob@example.com");
}

/* Beyond the bound nothing new is counted by its name; what is there goes on. */
static void
test_bound(void **state)
{
	static const char *const to[] = {"ann@example.com"};
	static const char fill_lua[] = "for i = redis.call('HLEN', KEYS[1]) + 1, 9999 do "
				       "redis.call('HSET', KEYS[1], i, 1) end return 1";
	struct fixture *f = *state;
	char hour[STAT_HOUR_BYTES];

	stat_hour(hour, (int64_t)time(NULL));
	hour[8] = '\0';
	message_keep(f, to, 1);
	agree(f, "shop", to[0], PRIVACY_ANONYMOUS);
	refreshed(f);
	hit_send(f->store, f, HIT_CLICKED, 1, "https://shop.example/one");
	settle(f);
	server_do(&f->server, "EVAL %s 1 gp:hits:{shop}:%s", fill_lua, hour);
	for (int i = 0; i < 2; i++) {
		hit_send(f->store, f, HIT_CLICKED, 1, "https://shop.example/two");
		hit_send(f->store, f, HIT_CLICKED, 1, "https://shop.example/three");
		hit_send(f->store, f, HIT_CLICKED, 1, "https://shop.example/one");
	}
	settle(f);
	assert_int_equal(server_number(&f->server, "HLEN gp:hits:{shop}:%s", hour), 10000);
	assert_int_equal(counted(f, "clicked human"), 7);
	assert_int_equal(counted(f, "clicked human url=https://shop.example/one"), 3);
	assert_int_equal(counted(f, "clicked human url=https://shop.example/two"), 2);
	assert_int_equal(counted(f, "clicked human url=https://shop.example/three"), 0);
}

/* What was read of all accounts gets too old as what was read of one. */
static void
test_consent_age(void **state)
{
	static struct redis_consents consents;
	struct fixture *f = *state;
	struct redis_conn conn = {.context = NULL};
	struct redis_link link;
	struct err err;
	bool all;

	assert_int_equal(redis_link_init(&link, &f->conf, &notify, &err), 0);
	assert_int_equal(redis_conn_open(&conn, &link.target, deadline_in_ms(5000), &err), 0);
	redis_consents_init(&consents);
	assert_true(redis_consents_any(&consents, "shop", &all));
	assert_true(all);
	assert_int_equal(
	    redis_consents_refresh(&consents, &link, &conn, deadline_in_ms(5000), &err), 0);
	assert_false(redis_consents_any(&consents, "shop", &all));
	assert_false(all);
	sleep_ms(4 * REFRESH_MS);
	assert_true(redis_consents_any(&consents, "shop", &all));
	assert_true(all);
	redis_consents_fini(&consents);
	redis_conn_close(&conn);
	redis_link_fini(&link);
}

/* The hour counts people and machines, whatever is kept of them. */
static void
test_counters(void **state)
{
	static const char *const to[] = {"ann@example.com"};
	struct fixture *f = *state;
	int64_t now_s = (int64_t)time(NULL);
	int64_t counts[STAT_COUNT];

	sleep_ms(1500); /* what the tests before counted */
	server_do(&f->server, "FLUSHALL");
	message_keep(f, to, 1);
	agree(f, "shop", to[0], PRIVACY_OFF);
	refreshed(f);
	open_as(f, 1);
	open_as(f, 1);
	hit_send(f->store, f, HIT_CLICKED, 1, "https://shop.example/");
	hit_send(f->store, f, HIT_UNSUBSCRIBED, 1, to[0]);
	sleep_ms(1500);
	assert_int_equal(store_admin_stat(f->admin, now_s, counts, NULL), 0);
	assert_int_equal(counts[STAT_OPENED], 2);
	assert_int_equal(counts[STAT_CLICKED], 1);
	assert_int_equal(counts[STAT_UNSUBSCRIBED], 1);
	assert_int_equal(counts[STAT_HITS_MACHINE], 0);
	assert_int_equal(counts[STAT_EVENTS_DROPPED], 0);
	assert_int_equal(events(f), 0);
}

/* --- forgetting --- */

struct forgot {
	struct store_forget_counts counts[STORE_FORGET_KINDS];
};

static void
forget_tell(void *arg, enum store_forget_kind kind, const char *account,
    const struct store_forget_counts *counts)
{
	struct forgot *forgot = arg;

	(void)account;
	forgot->counts[kind].found += counts->found;
	forgot->counts[kind].done += counts->done;
}

static void
forget(struct fixture *f, const char *name, bool refusals, struct forgot *forgot)
{
	static struct forget_person person;
	struct address address = address_parse(slice_of(name));
	struct store_forget_wish wish = {&person, false, refusals, 1};
	struct err err = {ERR_NONE, ""};

	*forgot = (struct forgot){.counts = {{0, 0}}};
	assert_int_equal(forget_person_init(&person, &address, &err), 0);
	if (store_admin_forget(f->admin, &wish, forget_tell, forgot, &err) != 0)
		fail_msg("%s", err.text);
}

struct reader {
	struct fixture *f;
	atomic_bool stop;
	unsigned n;
};

/* Two who read, again and again. */
static void *
read_on(void *arg)
{
	struct reader *r = arg;

	for (; !atomic_load(&r->stop); r->n++) {
		open_as(r->f, 1 + r->n % 2);
		sleep_ms(1);
	}
	return NULL;
}

/* While hits keep arriving, by a host that did not look up anything until then. */
static void
test_forget(void **state)
{
	static const char *const to[] = {"Ann@example.com", "bob@example.com"};
	struct fixture *f = *state;
	struct reader reader = {.f = f};
	struct forgot forgot;
	redisReply *all;
	pthread_t thread;
	size_t his = 0;

	message_keep(f, to, 2);
	open_as(f, 1);
	refreshed(f); /* so that it is known that nobody has said anything */
	assert_int_equal(pthread_create(&thread, NULL, read_on, &reader), 0);
	sleep_ms(100);
	forget(f, "ann@example.com", false, &forgot);
	atomic_store(&reader.stop, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	settle(f);
	assert_int_equal(forgot.counts[STORE_FORGET_MESSAGES_KEPT].done, 1);
	all = server_ask(&f->server, "XRANGE gp:ev:{shop} - +");
	for (size_t i = 0; i < all->elements; i++) {
		const redisReply *fields = all->element[i]->element[1];
		bool hers = false, told = false;

		for (size_t k = 0; k < fields->elements; k += 2) {
			const char *name = fields->element[k]->str;
			const char *value = fields->element[k + 1]->str;

			hers = hers || (strcmp(name, "nth") == 0 && strcmp(value, "1") == 0);
			told = told || strcmp(name, "client") == 0 || strcmp(name, "rcpt") == 0;
		}
		his += !hers;
		if (hers == told)
			fail_msg("%s of %u: %s", all->element[i]->str == NULL ? "one" : "",
			    reader.n, hers ? "her hit says who she was" : "his hit lost something");
	}
	print_message("%zu events of %u hits, %zu his\n", all->elements, reader.n, his);
	assert_in_range(his, reader.n / 2, reader.n / 2 + 1);
	freeReplyObject(all);
	forget(f, "ann@example.com", false, &forgot);
	assert_int_equal(forgot.counts[STORE_FORGET_EVENTS].found, 0);
	assert_int_equal(forgot.counts[STORE_FORGET_MESSAGES_KEPT].found, 0);
}

/* Broken off after the messages: what they were is still known. */
static void
test_forget_again(void **state)
{
	struct fixture *f = *state;
	struct forgot forgot;

	server_do(&f->server, "HSET gp:consent:{*} (forgotten) %s", "off 1");
	server_do(&f->server, "HSET gp:msg:{shop}:one to (forgotten) nrcpt 1");
	server_do(&f->server, "HSET gp:msg:{shop}:two to %s nrcpt 2", "bob@x.example, (forgotten)");
	server_do(
	    &f->server, "HSET gp:msg:{shop}:far to bob@x.example nrcpt 9 rcpt:(forgotten) sent");
	server_do(&f->server, "XADD gp:ev:{shop} 1-1 type opened msg one nth 1 client 192.0.2.1");
	server_do(&f->server, "XADD gp:ev:{shop} 1-2 type opened msg two nth 2 client 192.0.2.2");
	server_do(&f->server, "XADD gp:ev:{shop} 1-3 type opened msg two nth 1 client 192.0.2.3");
	server_do(&f->server, "XADD gp:ev:{shop} 1-4 type opened msg far nth 7 client 192.0.2.4");
	server_do(&f->server, "XADD gp:ev:{shop} 1-5 type opened msg two client 192.0.2.5");
	forget(f, "ann@example.com", false, &forgot);
	assert_int_equal(forgot.counts[STORE_FORGET_EVENTS].done, 4);
	assert_int_equal(forgot.counts[STORE_FORGET_MESSAGES_KEPT].found, 0);
	assert_string_equal(event_value(f, 0, "client"), "192.0.2.3");
	for (size_t i = 1; i < 5; i++)
		assert_string_equal(event_value(f, i, "client"), "");
}

/* A copy goes when that would have gone of which it is one. */
static void
test_forget_age(void **state)
{
	static const struct event_terms longer = {20 * DAY_S, 1000}, shorter = {5 * DAY_S, 1000};
	static struct event event = {.account = "aged"};
	struct fixture *f = *state;
	long long then_ms = ((long long)time(NULL) - 10 * DAY_S) * 1000;
	struct forgot forgot;
	redisReply *reply;

	server_do(&f->server, "XADD gp:ev:{aged} %lld-7 type opened rcpt ann@example.com", then_ms);
	server_do(&f->server, "EXPIRE gp:ev:{aged} 1000");
	forget(f, "ann@example.com", false, &forgot);
	reply = server_ask(&f->server, "ZRANGE gp:copies:{aged} 0 -1 WITHSCORES");
	assert_int_equal(reply->elements, 2);
	assert_int_equal(strtoll(reply->element[1]->str, NULL, 10), then_ms);
	freeReplyObject(reply);
	assert_in_range(server_number(&f->server, "TTL gp:copies:{aged}"), 900, 1000);
	record_init(&event.fields);
	record_add(&event.fields, "type", slice_of("sent"));
	f->store->event(f->store, &event, &longer);
	settle(f);
	assert_int_equal(server_number(&f->server, "XLEN gp:ev:{aged}"), 2);
	assert_in_range(server_number(&f->server, "TTL gp:copies:{aged}"), 19 * DAY_S, 20 * DAY_S);
	{ /* another host, which ages the stream in the same minute */
		struct store *other = store_redis_new(&f->conf, &notify, NULL);

		other->event(other, &event, &shorter);
		store_redis_free(other);
	}
	assert_int_equal(server_number(&f->server, "XLEN gp:ev:{aged}"), 2);
	assert_int_equal(server_number(&f->server, "EXISTS gp:copies:{aged}"), 0);
}

/* What is only counted under his name is counted without it. */
static void
test_forget_counts(void **state)
{
	struct fixture *f = *state;
	struct forgot forgot;

	server_do(&f->server, "HSET gp:hits:{shop}:20990101 %s 3",
	    "clicked human url=http://x/ann%40example.com");
	server_do(&f->server, "HSET gp:hits:{shop}:20990101 %s 4",
	    "clicked human url=http://x/ANN@Example.com");
	server_do(&f->server, "HSET gp:hits:{shop}:20990101 %s 5",
	    "clicked human url=http://x/joann@example.com");
	server_do(&f->server, "EXPIRE gp:hits:{shop}:20990101 1000");
	server_do(
	    &f->server, "HSET gp:hits:{zoo}:20990101 %s 1", "opened bot tag=for-ann=example.com");
	server_do(&f->server, "EXPIRE gp:hits:{zoo}:20990101 1000");
	forget(f, "\"Ann\"@example.com", false, &forgot);
	assert_int_equal(forgot.counts[STORE_FORGET_COUNTS].done, 3);
	assert_int_equal(server_number(&f->server, "HLEN gp:hits:{shop}:20990101"), 2);
	assert_int_equal(server_number(&f->server, "HINCRBY gp:hits:{shop}:20990101 %s 0",
			     "clicked human url=http://x/(forgotten)"),
	    7);
	assert_int_equal(server_number(&f->server, "HINCRBY gp:hits:{zoo}:20990101 %s 0",
			     "opened bot tag=for-(forgotten)"),
	    1);
	assert_in_range(server_number(&f->server, "TTL gp:hits:{zoo}:20990101"), 900, 1000);
}

/* What somebody refused still holds when he is forgotten. */
static void
test_forget_consent(void **state)
{
	struct fixture *f = *state;
	struct forgot forgot;

	agree(f, "shop", "ann@example.com", PRIVACY_OFF);
	agree(f, "club", "ann@example.com", PRIVACY_PSEUDONYMOUS);
	agree(f, "*", "ann@example.com", PRIVACY_IDENTIFIED);
	server_do(&f->server, "HSET gp:consent:{zoo} ann@example.com nonsense");
	forget(f, "ann@example.com", false, &forgot);
	assert_int_equal(forgot.counts[STORE_FORGET_CONSENTS].done, 1);
	assert_int_equal(forgot.counts[STORE_FORGET_REFUSALS].found, 3);
	assert_int_equal(forgot.counts[STORE_FORGET_REFUSALS].done, 0);
	assert_int_equal(server_number(&f->server, "EXISTS gp:consent:{shop} gp:consent:{club} "
						   "gp:consent:{zoo} gp:consent:{*}"),
	    3);
	forget(f, "ann@example.com", true, &forgot);
	assert_int_equal(forgot.counts[STORE_FORGET_REFUSALS].done, 3);
	assert_int_equal(server_number(&f->server, "DBSIZE"), 0);
}

/* What stays by his name leads to no event: neither by the message nor by the second. */
static void
test_forget_link(void **state)
{
	struct fixture *f = *state;
	struct forgot forgot;
	redisReply *left;

	server_do(&f->server, "HSET gp:msg:{shop}:%s to ann@example.com nrcpt 1", f->id);
	server_do(&f->server,
	    "XADD gp:ev:{shop} * type unsubscribed time 1763726400 rcpt %s msg %s",
	    "ann@example.com", f->id);
	server_do(&f->server, "HSET gp:supp:{shop} ann@example.com %s bob@example.com %s",
	    "unsubscribed 1 1763726400 1763726400 0 web one-click aaaaaaaaaacne",
	    "unsubscribed 1 1763726400 1763726400 0 web one-click aaaaaaaaaacne");
	server_do(&f->server, "HSET gp:supp:{*} ann@example.com %s",
	    "bounced 1 1763726400 1763726400 0 550 no (aaaaaaaaaacne)");
	server_do(&f->server, "HSET gp:consent:{shop} ann@example.com %s",
	    "off 1763726400 complained of aaaaaaaaaacne");
	assert_string_equal(f->id, "aaaaaaaaaacne");
	forget(f, "ann@example.com", false, &forgot);
	assert_int_equal(forgot.counts[STORE_FORGET_EVENTS].done, 1);
	assert_int_equal(forgot.counts[STORE_FORGET_SUPPRESSIONS].found, 2);
	assert_int_equal(forgot.counts[STORE_FORGET_SUPPRESSIONS].done, 0);
	assert_string_equal(event_value(f, 0, "msg"), f->id);
	left = server_ask(&f->server, "HMGET gp:supp:{shop} ann@example.com bob@example.com");
	assert_string_equal(
	    left->element[0]->str, "unsubscribed 1 1763683200 1763683200 0 web one-click");
	assert_non_null(strstr(left->element[1]->str, f->id));
	freeReplyObject(left);
	left = server_ask(&f->server, "HGET gp:supp:{*} ann@example.com");
	assert_string_equal(left->str, "bounced 1 1763683200 1763683200 0 550 no");
	freeReplyObject(left);
	left = server_ask(&f->server, "HGET gp:consent:{shop} ann@example.com");
	assert_string_equal(left->str, "off 1763726400 complained of");
	freeReplyObject(left);
}

/* With the rights of redis.md, and no more, nothing is refused. */
static void
test_rights(void **state)
{
	static const char *const to[] = {"ann@example.com"};
	struct fixture *f = *state;
	struct redis_conf conf = f->conf;
	struct address ann = address_parse(slice_of(to[0]));
	const struct suppress_return what = {.kind = RETURN_UNSUBSCRIBED};
	const struct suppress_request request = {.account = "shop", .rcpt = &ann, .what = &what};
	struct suppress_step step;
	struct store *store;
	redisReply *log;

	server_do(&f->server,
	    "ACL SETUSER gatepost reset on >pw ~gp:* +get +set +scard +smembers +hincrby +expire "
	    "+del +time +hmget +hset +hdel +hrandfield +hlen +exists +eval +evalsha +script|load "
	    "+xadd +xtrim +xdel "
	    "+zrangebyscore +zrem +ping");
	server_do(&f->server, "ACL LOG RESET");
	conf.user = "gatepost";
	conf.password = "pw";
	store = store_redis_new(&conf, &notify, NULL);
	assert_non_null(store);
	message_keep(f, to, 1);
	server_do(&f->server, "ZADD gp:copies:{shop} 1 1-1");
	for (enum account_privacy mode = PRIVACY_IDENTIFIED; mode <= PRIVACY_ANONYMOUS; mode++) {
		agree(f, "shop", to[0], mode);
		hit_send(store, f, HIT_CLICKED, 1, "https://shop.example/");
		sleep_ms(3 * REFRESH_MS);
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(store->returned(store, &request, &step, NULL), 0);
	store_redis_free(store);
	log = server_ask(&f->server, "ACL LOG");
	for (size_t i = 0; i < log->elements; i++)
		print_message("refused: %s\n", log->element[i]->element[7]->str);
	assert_int_equal(log->elements, 0);
	freeReplyObject(log);
	server_do(&f->server, "ACL DELUSER gatepost");
	assert_int_equal(events(f), 2);
	assert_int_equal(counted(f, "clicked human"), 1);
	assert_int_equal(step.state.entry.reason, SUPPRESSED_UNSUBSCRIBED);
	assert_int_equal(step.state.entry.count, 2);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_identified, clear),
	    cmocka_unit_test_setup(test_consent, clear),
	    cmocka_unit_test_setup(test_many, clear),
	    cmocka_unit_test_setup(test_expired, clear),
	    cmocka_unit_test_setup(test_bound, clear),
	    cmocka_unit_test_setup(test_consent_age, clear),
	    cmocka_unit_test_setup(test_counters, clear),
	    cmocka_unit_test_setup(test_forget, clear),
	    cmocka_unit_test_setup(test_forget_again, clear),
	    cmocka_unit_test_setup(test_forget_age, clear),
	    cmocka_unit_test_setup(test_forget_counts, clear),
	    cmocka_unit_test_setup(test_forget_consent, clear),
	    cmocka_unit_test_setup(test_forget_link, clear),
	    cmocka_unit_test_setup(test_rights, clear),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("hits", tests, setup, teardown);
}
