/*
 * test_accounts.c - the account book against a real redis-server: what changes there shows here, and
 * what goes wrong there does no harm. Prints how long things took.
 */
#include "io/accounts.h"
#include "io/deadline.h"
#include "policy/account_field.h"
#include "redis_server.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define SOON_MS  1000  /* a change shows within */
#define LATER_MS 15000 /* what waits for a back-off */
#define TOLD_MAX 100

/* --- what the port tells --- */

static struct {
	pthread_mutex_t lock;
	size_t n;
	char lines[TOLD_MAX][300];
} told = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void
tell(const char *kind, const char *account, const char *option, const char *text)
{
	(void)pthread_mutex_lock(&told.lock);
	if (told.n < TOLD_MAX)
		(void)snprintf(told.lines[told.n++], sizeof(told.lines[0]), "%s %s.%s: %s", kind,
		    account, option, text);
	(void)pthread_mutex_unlock(&told.lock);
}

static void
on_problem(void *arg, const char *account, const char *option, const char *text)
{
	(void)arg;
	tell("problem", account, option, text);
}

static void
on_warning(void *arg, const char *text)
{
	(void)arg;
	tell("warning", "", "", text);
}

/* Lines in which both texts are. */
static int
told_count(const char *one, const char *other)
{
	int n = 0;

	(void)pthread_mutex_lock(&told.lock);
	for (size_t i = 0; i < told.n; i++)
		n += strstr(told.lines[i], one) != NULL && strstr(told.lines[i], other) != NULL;
	(void)pthread_mutex_unlock(&told.lock);
	return n;
}

static void
told_forget(void)
{
	(void)pthread_mutex_lock(&told.lock);
	told.n = 0;
	(void)pthread_mutex_unlock(&told.lock);
}

/* --- the fixture --- */

static struct {
	struct test_server server;
	struct arena arena;
	struct account defaults;
	struct accounts_setup setup;
	struct redis_conf redis;
	struct accounts *port;
} f;

static int
setup(void **state)
{
	(void)state;
	told_forget();
	arena_init(&f.arena, 4096, 1 << 20);
	server_init(&f.server);
	server_start(&f.server, NULL);
	f.redis = server_conf(&f.server, &f.arena);
	f.port = NULL;
	assert_int_equal(option_defaults(account_section.options, &f.defaults, &f.arena), 0);
	f.setup = (struct accounts_setup){.conf = {.defaults = &f.defaults, .refresh_s = 60},
	    .redis = &f.redis,
	    .notify = {NULL, on_problem, on_warning}};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	accounts_free(f.port);
	server_fini(&f.server);
	arena_fini(&f.arena);
	return 0;
}

static struct accounts *
port_new(struct accounts *before)
{
	struct err err = {ERR_NONE, ""};
	struct accounts *port = accounts_new(&f.setup, before, &err);

	if (port == NULL)
		fail_msg("%s", err.text);
	return port;
}

static void
port_open(void)
{
	f.port = port_new(NULL);
	assert_int_equal(accounts_start(f.port, NULL), 0);
	accounts_warm(f.port, LATER_MS);
}

/* What the book says of an account: "-" when it has none, else its lane (empty: "+"). */
static void
lane_of(const char *name, char out[70])
{
	const struct account_book *book = f.port->hold(f.port);
	const struct account *account = account_book_find(book, name);

	(void)snprintf(out, 70, "%s",
	    account == NULL            ? "-"
	    : account->lane[0] == '\0' ? "+"
				       : account->lane);
	f.port->release(f.port, book);
}

/* Waits until it is so: how many milliseconds that took, or fails. */
static double
wait_lane(const char *name, const char *want, int within_ms)
{
	int64_t begin = deadline_now_us();
	struct deadline until = deadline_in_ms(within_ms);
	char got[70];

	for (;;) {
		lane_of(name, got);
		if (strcmp(got, want) == 0)
			return (double)(deadline_now_us() - begin) / 1000;
		if (deadline_passed(until))
			fail_msg("%s: lane %s, want %s, within %d ms", name, got, want, within_ms);
		sleep_ms(1);
	}
}

static bool
book_complete(void)
{
	const struct account_book *book = f.port->hold(f.port);
	bool complete = book->complete;

	f.port->release(f.port, book);
	return complete;
}

static void
wait_told(const char *one, const char *other, int within_ms)
{
	struct deadline until = deadline_in_ms(within_ms);

	while (told_count(one, other) == 0) {
		if (deadline_passed(until))
			fail_msg("nobody said \"%s … %s\"", one, other);
		sleep_ms(5);
	}
}

/* How often Redis ran a command. */
static int
calls(const char *command)
{
	redisReply *reply = server_ask(&f.server, "INFO commandstats");
	char wanted[64];
	const char *at;
	int n = 0;

	(void)snprintf(wanted, sizeof(wanted), "cmdstat_%s:calls=", command);
	at = strstr(reply->str, wanted);
	if (at != NULL)
		n = (int)strtol(at + strlen(wanted), NULL, 10);
	freeReplyObject(reply);
	return n;
}

static void
shop_make(void)
{
	server_do(&f.server, "HSET gp:acct:{shop} lane bulk bounce_domain b.shop.example");
	server_do(&f.server, "HSET gp:acctmap login:ann shop");
}

/* --- changes --- */

static void
test_change(void **state)
{
	double sum = 0, worst = 0;
	int gets, scans;

	(void)state;
	shop_make();
	server_do(&f.server, "HSET gp:acct:{blog} lane blog");
	server_do(&f.server, "HSET gp:acctmap from:@blog.example blog");
	port_open();
	wait_lane("shop", "bulk", 0);
	wait_lane("blog", "blog", 0);
	assert_true(book_complete());
	gets = calls("hgetall");
	scans = calls("hscan");
	for (int i = 0; i < 20; i++) {
		char lane[20];
		double ms;

		(void)snprintf(lane, sizeof(lane), "lane-%d", i);
		server_do(&f.server, "HSET gp:acct:{shop} lane %s", lane);
		ms = wait_lane("shop", lane, SOON_MS);
		sum += ms;
		worst = ms > worst ? ms : worst;
		sleep_ms(i % 2 == 0 ? 0 : 150);
	}
	/* that one alone was read */
	assert_int_equal(calls("hgetall") - gets, 20);
	assert_int_equal(calls("hscan"), scans);
	print_message(
	    "a change shows after %.0f ms on average, %.0f ms at most\n", sum / 20, worst);
	assert_int_equal(told_count("", ""), 0);
}

static void
test_delete_and_new(void **state)
{
	const struct account_book *book;
	const struct account_choice *choice;

	(void)state;
	shop_make();
	port_open();
	server_do(&f.server, "DEL gp:acct:{shop}");
	wait_lane("shop", "-", SOON_MS);
	wait_told("problem shop.", "no such account", 4000);
	/* the map first: nobody hurries to complain */
	server_do(&f.server, "HSET gp:acctmap login:bob new ip:192.0.2.0/24 new,shop");
	sleep_ms(300);
	wait_lane("new", "-", 0);
	server_do(&f.server, "HSET gp:acct:{new} lane fresh");
	wait_lane("new", "fresh", SOON_MS);
	server_do(&f.server, "HSET gp:acct:{shop} opens off");
	wait_lane("shop", "+", SOON_MS);
	book = f.port->hold(f.port);
	choice = account_map_login(book->map, slice_of("Bob"));
	assert_non_null(choice);
	assert_string_equal(choice->v[0], "new");
	assert_string_equal(account_map_by_id(book->map, account_id(slice_of("new"))), "new");
	f.port->release(f.port, book);
	server_do(&f.server, "HDEL gp:acctmap login:bob ip:192.0.2.0/24");
	wait_lane("new", "-", SOON_MS);
	sleep_ms(2500);
	assert_int_equal(told_count("problem", ""), 1);
}

static void
test_flush(void **state)
{
	(void)state;
	shop_make();
	port_open();
	wait_lane("shop", "bulk", 0);
	server_do(&f.server, "FLUSHALL");
	wait_lane("shop", "-", SOON_MS);
	assert_true(book_complete());
	shop_make();
	wait_lane("shop", "bulk", SOON_MS);
	assert_int_equal(told_count("", ""), 0);
}

static void
test_hold_survives(void **state)
{
	const struct account_book *old, *new;

	(void)state;
	shop_make();
	port_open();
	old = f.port->hold(f.port);
	server_do(&f.server, "HSET gp:acct:{shop} lane other");
	wait_lane("shop", "other", SOON_MS);
	server_do(&f.server, "FLUSHALL");
	wait_lane("shop", "-", SOON_MS);
	new = f.port->hold(f.port);
	assert_ptr_not_equal(old, new);
	assert_string_equal(account_book_find(old, "shop")->lane, "bulk");
	assert_non_null(account_map_login(old->map, slice_of("ann")));
	assert_null(account_map_login(new->map, slice_of("ann")));
	f.port->release(f.port, new);
	f.port->release(f.port, old);
}

/* --- Redis goes and comes --- */

static void
test_killed(void **state)
{
	(void)state;
	shop_make();
	port_open();
	server_kill(&f.server);
	sleep_ms(500);
	wait_lane("shop", "bulk", 0);
	assert_true(book_complete());
	server_start(&f.server, NULL);
	server_do(&f.server, "HSET gp:acct:{next} lane next");
	server_do(&f.server, "HSET gp:acctmap login:ann next");
	print_message("after a restart it is read again within %.0f ms\n",
	    wait_lane("next", "next", LATER_MS));
	wait_lane("shop", "-", LATER_MS);
	server_do(&f.server, "HSET gp:acct:{next} lane then");
	wait_lane("next", "then", SOON_MS);
	assert_int_equal(told_count("", ""), 0); /* the store says it */
}

static void
test_away_at_start(void **state)
{
	struct deadline begin = deadline_in_ms(0);
	int64_t waited_us;

	(void)state;
	server_kill(&f.server);
	f.port = port_new(NULL);
	assert_int_equal(accounts_start(f.port, NULL), 0);
	accounts_warm(f.port, 200);
	waited_us = deadline_now_us() - begin.at_us;
	assert_true(waited_us > 190000 && waited_us < 1000000);
	assert_false(book_complete());
	server_start(&f.server, NULL);
	shop_make();
	wait_lane("shop", "bulk", LATER_MS);
	assert_true(book_complete());
}

static void
test_connections_killed(void **state)
{
	static const char *const kinds[] = {"pubsub", "normal"};
	char lane[20];

	(void)state;
	shop_make();
	port_open();
	for (unsigned i = 0; i < 4; i++) {
		server_do(&f.server, "CLIENT KILL TYPE %s SKIPME yes", kinds[i % 2]);
		(void)snprintf(lane, sizeof(lane), "kill-%u", i);
		server_do(&f.server, "HSET gp:acct:{shop} lane %s", lane);
		wait_lane("shop", lane, SOON_MS);
		(void)snprintf(lane, sizeof(lane), "then-%u", i);
		server_do(&f.server, "HSET gp:acct:{shop} lane %s", lane);
		wait_lane("shop", lane, SOON_MS);
	}
	assert_int_equal(told_count("", ""), 0);
}

/* A Redis that says nothing is found out, and found again. */
static void
test_stalled(void **state)
{
	(void)state;
	shop_make();
	port_open();
	(void)kill(f.server.pid, SIGSTOP);
	sleep_ms(13000);
	wait_lane("shop", "bulk", 0);
	(void)kill(f.server.pid, SIGCONT);
	server_do(&f.server, "HSET gp:acct:{shop} lane awake");
	wait_lane("shop", "awake", LATER_MS);
	server_do(&f.server, "HSET gp:acct:{shop} lane quick");
	wait_lane("shop", "quick", SOON_MS);
	assert_int_equal(told_count("", ""), 0);
}

static double
free_ms(void)
{
	int64_t begin = deadline_now_us();

	accounts_free(f.port);
	f.port = NULL;
	return (double)(deadline_now_us() - begin) / 1000;
}

static void
test_free_is_prompt(void **state)
{
	double waiting, stalled, away;

	(void)state;
	shop_make();
	port_open();
	waiting = free_ms();
	port_open();
	(void)kill(f.server.pid, SIGSTOP);
	/* so that it asks, and waits for the answer */
	sleep_ms(5500);
	stalled = free_ms();
	(void)kill(f.server.pid, SIGCONT);
	port_open();
	server_kill(&f.server);
	sleep_ms(300);
	away = free_ms();
	print_message(
	    "free: %.1f ms while it waits, %.1f ms with a silent Redis, %.1f ms while Redis "
	    "is away\n",
	    waiting, stalled, away);
	assert_true(waiting < 200 && stalled < 200 && away < 200);
	/* made, but never started */
	f.port = port_new(NULL);
	assert_true(free_ms() < 200);
}

/* --- rights --- */

static const char *const rights[] = {"+script|load", "+client|id", "+client|tracking", "+subscribe",
    "&__redis__:invalidate", "+ping", "+hscan", "+hgetall", "~gp:*"};

/* A user with all of them but one. */
static void
user_make(size_t but)
{
	const char *argv[16] = {"ACL", "SETUSER", "gate", "reset", "on", ">secret"};
	redisContext *c = redisConnectUnix(f.server.socket);
	redisReply *reply;
	int n = 6;

	for (size_t i = 0; i < COUNT(rights); i++) {
		if (i != but)
			argv[n++] = rights[i];
	}
	reply = redisCommandArgv(c, n, argv, NULL);
	assert_non_null(reply);
	if (reply->type == REDIS_REPLY_ERROR)
		fail_msg("%s", reply->str);
	freeReplyObject(reply);
	redisFree(c);
	server_do(&f.server, "ACL LOG RESET");
	f.redis.user = "gate";
	f.redis.password = "secret";
}

static size_t
denials(void)
{
	redisReply *reply = server_ask(&f.server, "ACL LOG");
	size_t n = reply->elements;

	freeReplyObject(reply);
	return n;
}

/* With these nothing is refused, and without any one of them something is. */
static void
test_rights(void **state)
{
	(void)state;
	shop_make();
	user_make(COUNT(rights));
	port_open();
	server_do(&f.server, "HSET gp:acct:{shop} lane other");
	wait_lane("shop", "other", SOON_MS);
	sleep_ms(5500); /* PING */
	assert_int_equal(denials(), 0);
	assert_int_equal(told_count("", ""), 0);
	accounts_free(f.port);
	for (size_t i = 0; i < COUNT(rights); i++) {
		struct deadline until = deadline_in_ms(8000);

		user_make(i);
		f.port = port_new(NULL);
		assert_int_equal(accounts_start(f.port, NULL), 0);
		while (denials() == 0 && !deadline_passed(until))
			sleep_ms(20);
		if (denials() == 0)
			fail_msg("nothing needs %s", rights[i]);
		accounts_free(f.port);
		f.port = NULL;
	}
}

/* Redis does not tell of changes: said once, all is read again every second; until it does. */
static void
test_tracking_refused(void **state)
{
	(void)state;
	shop_make();
	user_make(2);
	f.setup.conf.refresh_s = 1;
	port_open();
	wait_lane("shop", "bulk", 0);
	assert_true(book_complete());
	assert_int_equal(told_count("warning", "Redis does not tell which accounts change"), 1);
	for (int i = 0; i < 3; i++) {
		char lane[20];

		(void)snprintf(lane, sizeof(lane), "lane-%d", i);
		server_do(&f.server, "HSET gp:acct:{shop} lane %s", lane);
		wait_lane("shop", lane, 2500);
	}
	assert_int_equal(told_count("", ""), 1);
	server_do(&f.server, "ACL SETUSER gate +client|tracking");
	sleep_ms(1500);
	server_do(&f.server, "HSET gp:acct:{shop} lane soon");
	wait_lane("shop", "soon", 600);
	assert_int_equal(told_count("", ""), 1);
}

/* No right to read: said once, and it goes on when there is one. */
static void
test_reading_refused(void **state)
{
	(void)state;
	shop_make();
	user_make(7);
	f.port = port_new(NULL);
	assert_int_equal(accounts_start(f.port, NULL), 0);
	wait_told("warning", "hgetall", 5000);
	sleep_ms(1500);
	assert_false(book_complete());
	assert_int_equal(told_count("", ""), 1);
	server_do(&f.server, "ACL SETUSER gate +hgetall");
	wait_lane("shop", "bulk", LATER_MS);
	assert_true(book_complete());
}

/* --- odd content --- */

/* HSET, of any bytes. */
static void
bytes_set(const char *key, struct slice field, struct slice value)
{
	const char *argv[] = {"HSET", key, field.p, value.p};
	const size_t lengths[] = {4, strlen(key), field.n, value.n};
	redisContext *c = redisConnectUnix(f.server.socket);
	redisReply *reply = redisCommandArgv(c, 4, argv, lengths);

	assert_true(reply != NULL && reply->type == REDIS_REPLY_INTEGER);
	freeReplyObject(reply);
	redisFree(c);
}

/* HSET KEY FIELD <n times 'x'> */
static void
long_value_set(const char *key, const char *field, size_t n)
{
	char *value = malloc(n);

	assert_non_null(value);
	memset(value, 'x', n);
	bytes_set(key, slice_of(field), slice_make(value, n));
	free(value);
}

static void
odd_make(void)
{
	shop_make();
	server_do(&f.server, "SET gp:acct:{text} hello");
	server_do(&f.server, "HSET gp:acct:{unknown} lane fine colour blue");
	server_do(&f.server, "HSET gp:acct:{bytes} lane fine");
	bytes_set("gp:acct:{bytes}", slice_make("a\0b\r\n\xff", 6), slice_make("\0\0\xfe", 3));
	bytes_set("gp:acct:{bytes}", slice_of("sender"), slice_make("a\0\n@b", 5));
	bytes_set("gp:acctmap", slice_make("from:\0@x", 8), slice_of("shop"));
	bytes_set("gp:acctmap", slice_make("", 0), slice_make("\0", 1));
	for (int i = 0; i <= ACCOUNT_FIELDS_MAX; i++)
		server_do(&f.server, "HSET gp:acct:{many} field-%d x", i);
	server_do(&f.server, "HSET gp:acct:{long} lane fine");
	long_value_set("gp:acct:{long}", "from", ACCOUNT_VALUE_BYTES + 10);
	long_value_set("gp:acct:{huge}", "lane", (size_t)3 << 20);
	long_value_set("gp:acct:{gross}", "lane", (size_t)3 << 20);
	server_do(&f.server,
	    "HSET gp:acctmap login:a text login:b unknown,bytes login:c many login:d long login:e "
	    "huge,gross login:f nobody nonsense shop login:g UPPER login:h shop,,shop "
	    "LOGIN:ANN zoo");
	long_value_set("gp:acctmap", "login:z", 100000);
}

static void
test_odd_content(void **state)
{
	(void)state;
	odd_make();
	f.setup.conf.refresh_s = 1; /* so that all is read several times */
	port_open();
	wait_lane("shop", "bulk", LATER_MS);
	wait_told("problem huge.", "too long", LATER_MS);
	wait_told("problem gross.", "too long", LATER_MS);
	for (int i = 0; i < 100 && !book_complete(); i++)
		sleep_ms(100);
	assert_true(book_complete());
	sleep_ms(3500);
	wait_lane("unknown", "fine", 0);
	wait_lane("bytes", "fine", 0);
	wait_lane("long", "fine", 0);
	wait_lane("text", "-", 0);
	wait_lane("many", "-", 0);
	wait_lane("huge", "-", 0);
	assert_int_equal(told_count("problem text.", "no hash"), 1);
	assert_int_equal(told_count("problem many.", "too many fields"), 1);
	assert_int_equal(told_count("problem unknown.colour", ""), 1);
	assert_int_equal(told_count("problem long.from", "longer than"), 1);
	assert_int_equal(told_count("problem nobody.", "no such account"), 1);
	assert_int_equal(told_count("problem huge.", ""), 1);
	assert_int_equal(told_count("problem .nonsense", ""), 1);
	assert_int_equal(told_count("problem .login:z", ""), 1);
	assert_int_equal(told_count("problem .login:g", ""), 1);
	/* mended, they are there */
	server_do(&f.server, "DEL gp:acct:{huge} gp:acct:{text} gp:acct:{many}");
	server_do(&f.server, "HSET gp:acct:{huge} lane small");
	server_do(&f.server, "HSET gp:acct:{text} lane hash");
	server_do(&f.server, "HSET gp:acct:{many} lane few");
	wait_lane("huge", "small", LATER_MS);
	wait_lane("text", "hash", LATER_MS);
	wait_lane("many", "few", LATER_MS);
	/* and what spoils later leaves the account as it was */
	server_do(&f.server, "DEL gp:acct:{text}");
	server_do(&f.server, "SET gp:acct:{text} hello");
	long_value_set("gp:acct:{huge}", "from", (size_t)3 << 20);
	sleep_ms(3000);
	wait_lane("huge", "small", 0);
}

static void
test_odd_map(void **state)
{
	(void)state;
	server_do(&f.server, "SET gp:acctmap hello");
	server_do(&f.server, "HSET gp:acct:{shop} lane bulk");
	port_open();
	assert_false(book_complete());
	assert_int_equal(told_count("warning", "gp:acctmap: that is no hash"), 1);
	server_do(&f.server, "DEL gp:acctmap");
	server_do(&f.server, "HSET gp:acctmap login:ann shop");
	wait_lane("shop", "bulk", SOON_MS);
	assert_int_equal(told_count("", ""), 1);
	/* one entry beyond all measure: the map stays, accounts are still read */
	long_value_set("gp:acctmap", "login:bob", (size_t)20 << 20);
	wait_told("warning", "an entry is too long", LATER_MS);
	server_do(&f.server, "HSET gp:acct:{shop} lane other");
	wait_lane("shop", "other", LATER_MS);
	server_do(&f.server, "HSET gp:acctmap login:bob shop");
	for (int i = 0; i < 200; i++) {
		const struct account_book *book = f.port->hold(f.port);
		bool has = account_map_login(book->map, slice_of("bob")) != NULL;

		f.port->release(f.port, book);
		if (has)
			return;
		sleep_ms(50);
	}
	fail_msg("the map is not read again");
}

/* --- milter.conf --- */

static void
test_conf(void **state)
{
	static const char *match[] = {"login:ann", "ip:192.0.2.1/32"};
	struct account conf[2];
	const struct account_book *book;

	(void)state;
	shop_make();
	server_do(&f.server, "HSET gp:acct:{other} lane other");
	server_do(&f.server, "HSET gp:acct:{fallback} lane rest");
	server_do(&f.server, "HSET gp:acctmap login:bob other ip:192.0.2.1 other login:ANN other");
	conf[0] = conf[1] = f.defaults;
	conf[0].name = "zoo";
	conf[1].name = "shop";
	conf[1].lane = "conf";
	conf[1].match = (struct option_words){match, COUNT(match)};
	f.setup.conf.v = conf;
	f.setup.conf.n = 2;
	f.setup.conf.default_account = "fallback";
	port_open();
	wait_lane("shop", "conf", 0);
	wait_lane("zoo", "+", 0);
	wait_lane("other", "other", 0);
	wait_lane("fallback", "rest", 0);
	book = f.port->hold(f.port);
	assert_int_equal(book->n, 4);
	for (size_t i = 1; i < book->n; i++)
		assert_true(strcmp(book->v[i - 1]->name, book->v[i]->name) < 0);
	assert_string_equal(account_map_login(book->map, slice_of("ann"))->v[0], "shop");
	assert_string_equal(account_map_login(book->map, slice_of("bob"))->v[0], "other");
	assert_true(account_book_find(book, "shop")->id == account_id(slice_of("shop")));
	f.port->release(f.port, book);
	server_do(&f.server, "FLUSHALL");
	wait_lane("other", "-", SOON_MS);
	wait_lane("shop", "conf", 0);
	accounts_free(f.port);
	conf[0].name = "shop";
	f.port = accounts_new(&f.setup, NULL, NULL);
	assert_null(f.port);
	conf[0].name = "No Name";
	f.port = accounts_new(&f.setup, NULL, NULL);
	assert_null(f.port);
}

/* A reload: begins with what was known, under the new defaults. */
static void
test_reload(void **state)
{
	struct accounts *before;
	const struct account_book *held;

	(void)state;
	shop_make();
	server_do(&f.server, "HSET gp:acct:{plain} colour blue");
	server_do(&f.server, "HSET gp:acctmap login:p plain login:q nobody");
	port_open();
	wait_told("problem nobody.", "no such account", 4000);
	assert_int_equal(told_count("", ""), 2);
	before = f.port;
	f.defaults.lane = "default";
	f.port = port_new(before);
	wait_lane("shop", "bulk", 0);
	wait_lane("plain", "default", 0);
	assert_true(book_complete());
	assert_int_equal(accounts_start(f.port, NULL), 0);
	accounts_warm(f.port, LATER_MS);
	held = before->hold(before);
	assert_string_equal(account_book_find(held, "plain")->lane, "");
	before->release(before, held);
	server_do(&f.server, "HSET gp:acct:{plain} lane own");
	wait_lane("plain", "own", SOON_MS);
	sleep_ms(2500);
	/* nothing is told twice, but what changed */
	assert_int_equal(told_count("problem nobody.", ""), 1);
	assert_int_equal(told_count("problem plain.colour", ""), 2);
	accounts_free(before);
	wait_lane("shop", "bulk", 0);
	/* another Redis: they are known, but nobody knows whether they are all */
	before = f.port;
	f.redis.prefix = "other:";
	f.port = port_new(before);
	wait_lane("shop", "bulk", 0);
	assert_false(book_complete());
	assert_int_equal(accounts_start(f.port, NULL), 0);
	accounts_free(before);
	accounts_warm(f.port, LATER_MS);
	wait_lane("shop", "-", 0);
	assert_true(book_complete());
}

/* --- many --- */

#define MANY 10000

static atomic_bool many_done;

/* Looks at the book all the time, as sessions do: how many different ones there were. */
static void *
watch_main(void *arg)
{
	const struct account_book *last = NULL;
	long *editions = arg;

	while (!atomic_load(&many_done)) {
		const struct account_book *book = f.port->hold(f.port);
		char name[32];

		if (book != last)
			(*editions)++;
		last = book;
		(void)snprintf(name, sizeof(name), "many-%zu", book->n / 2);
		if (book->n > 0 && account_book_find(book, name) != NULL &&
		    account_book_find(book, name)->id != account_id(slice_of(name)))
			fail_msg("%s has another's number", name);
		f.port->release(f.port, book);
		sleep_ms(1);
	}
	return NULL;
}

/* Writes them as an import does: pipelined, each account and then its entry of the map. */
static double
many_import(redisContext *c)
{
	int64_t begin = deadline_now_us();

	for (int i = 0; i < MANY; i++) {
		void *reply;

		(void)redisAppendCommand(c,
		    "HSET gp:acct:{many-%d} lane l%d opens on track_domain t%d.example "
		    "bounce_domain b%d.example dkim s:d%d.example rate 200/s daily 100000 from "
		    "@d%d.example",
		    i, i % 7, i, i, i, i);
		(void)redisAppendCommand(c, "HSET gp:acctmap from:@d%d.example many-%d", i, i);
		if (i % 50 != 49)
			continue;
		for (int k = 0; k < 100; k++) {
			assert_int_equal(redisGetReply(c, &reply), REDIS_OK);
			freeReplyObject(reply);
		}
	}
	return (double)(deadline_now_us() - begin) / 1000;
}

static size_t
book_size(void)
{
	const struct account_book *book = f.port->hold(f.port);
	size_t n = book->n;

	f.port->release(f.port, book);
	return n;
}

static void
hold_measure(void)
{
	enum { TIMES = 2000000 };
	int64_t begin = deadline_now_us();

	for (int i = 0; i < TIMES; i++)
		f.port->release(f.port, f.port->hold(f.port));
	print_message(
	    "hold and release: %.1f ns\n", (double)(deadline_now_us() - begin) * 1000 / TIMES);
}

static void
test_many(void **state)
{
	redisContext *c = redisConnectUnix(f.server.socket);
	pthread_t watchers[4];
	long editions[4] = {0};
	double import_ms, after_ms = 0;
	int scans;

	(void)state;
	assert_true(c != NULL && c->err == 0);
	port_open();
	atomic_store(&many_done, false);
	for (size_t i = 0; i < COUNT(watchers); i++)
		assert_int_equal(pthread_create(&watchers[i], NULL, watch_main, &editions[i]), 0);
	scans = calls("hscan");
	import_ms = many_import(c);
	for (; book_size() < MANY && after_ms < LATER_MS; after_ms++)
		sleep_ms(1);
	assert_int_equal(book_size(), MANY);
	atomic_store(&many_done, true);
	for (size_t i = 0; i < COUNT(watchers); i++)
		(void)pthread_join(watchers[i], NULL);
	print_message(
	    "%d accounts imported in %.0f ms: all there %.0f ms later, %ld books, %d HSCANs\n",
	    MANY, import_ms, after_ms, editions[0], calls("hscan") - scans);
	assert_true(editions[0] <= 6 + (long)(import_ms + after_ms) / 100);
	redisFree(c);
	accounts_free(f.port);
	c = NULL;
	for (int i = 0; i < 3; i++) {
		int64_t begin = deadline_now_us();

		port_open();
		print_message("%d accounts are loaded in %.0f ms\n", MANY,
		    (double)(deadline_now_us() - begin) / 1000);
		assert_int_equal(book_size(), MANY);
		if (i < 2)
			accounts_free(f.port);
	}
	server_do(&f.server, "HSET gp:acct:{many-17} lane changed");
	print_message(
	    "among them, a change shows after %.1f ms\n", wait_lane("many-17", "changed", SOON_MS));
	hold_measure();
	assert_int_equal(told_count("", ""), 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_change, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_delete_and_new, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_flush, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_hold_survives, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_killed, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_away_at_start, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_connections_killed, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_stalled, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_free_is_prompt, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_rights, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_tracking_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_reading_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_odd_content, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_odd_map, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_conf, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_reload, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_many, setup, teardown),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
