/*
 * test_returned.c - what is kept of a message, and what came back about it, by the ports of the
 * store: one set of claims, over a real redis-server and over the fake of the scenarios.
 */
#include "io/store_redis.h"
#include "redis_server.h"
#include "scenario/fake/fake_clock.h"
#include "scenario/fake/fake_store.h"
#include "suppress_steps.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define ONE          "oneoneoneone2"
#define TWO          "twotwotwotwo2"
#define MANY         "manymanymany2"
#define MANY_RCPTS   1000

struct fixture {
	struct test_server server;
	struct arena arena;
	struct fake_clock clock;
	struct store *stores[2]; /* the real one, the fake */
};

static void
state_changed(void *arg, bool up, const char *why)
{
	(void)arg;
	(void)up;
	(void)why;
}

static void
warned(void *arg, const char *what)
{
	(void)arg;
	(void)what;
}

static const struct store_notify notify = {NULL, state_changed, warned};

static int
setup(void **state)
{
	static struct fixture f;
	struct redis_conf conf;
	struct err err = {ERR_NONE, ""};

	server_init(&f.server);
	server_start(&f.server, NULL);
	arena_init(&f.arena, 4096, 65536);
	conf = server_conf(&f.server, &f.arena);
	conf.timeout_ms = 5000; /* slow machines, sanitizers */
	fake_clock_init(&f.clock);
	*f.server.frozen_s = f.clock.port.now_s(&f.clock.port);
	f.stores[0] = store_redis_new(&conf, &notify, &err);
	f.stores[1] = fake_store_new(&f.clock.port);
	*state = &f;
	return f.stores[0] == NULL || f.stores[1] == NULL;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	store_redis_free(f->stores[0]);
	fake_store_free(f->stores[1]);
	server_fini(&f->server);
	arena_fini(&f->arena);
	return 0;
}

/* --- what is kept of a message --- */

/* "<a@x> <b@y>" as addresses; how many. */
static size_t
addresses_read(const char *text, struct address *v)
{
	struct slice rest = slice_of(text);
	size_t n = 0;

	while (rest.n > 0) {
		struct slice one = slice_head(rest, slice_find(rest, ' '));

		v[n++] = address_parse(one);
		rest = slice_from(rest, one.n + 1);
	}
	return n;
}

static void
message_keep(struct store *store, const char *id, const struct address *rcpts, size_t n)
{
	static struct event sent = {.account = "shop"};
	static const struct address *list[MANY_RCPTS];

	for (size_t i = 0; i < n; i++)
		list[i] = &rcpts[i];
	record_init(&sent.fields);
	record_add(&sent.fields, "type", slice_of("sent"));
	record_add(&sent.fields, "msg", slice_of(id));
	record_add_number(&sent.fields, "nrcpt", (int64_t)n);
	record_add(&sent.fields, "to", rcpts[0].text);
	store->message(store, &sent, list, n, 3600);
}

static const struct {
	const char *name, *account, *id, *asked;
	bool known;
	int64_t nrcpts;
	const char *only, *had; /* had: 'y' or '-' for each that was asked about */
} questions[] = {
    {"the only one", "shop", ONE, "<ann@example.com>", true, 1, "ann@example.com", "y"},
    {"in other letters", "shop", ONE, "<ANN@Example.COM>", true, 1, "ann@example.com", "y"},
    {"another", "shop", ONE, "<bob@example.com> <ann@example.com>", true, 1, "ann@example.com",
	"-y"},
    {"nobody is asked about", "shop", ONE, "", true, 1, "ann@example.com", ""},
    {"one of two, twice", "shop", TWO, "<bob@example.com> <x@y> <bob@example.com>", true, 2, "",
	"y-y"},
    {"part of an address", "shop", TWO, "<b@example.com> <bob@example.co>", true, 2, "", "--"},
    {"another account's", "other", ONE, "<ann@example.com>", false, 0, "", "-"},
    {"no message", "shop", "nononononono2", "<ann@example.com>", false, 0, "", "-"},
    {"a name that is a field", "shop", ONE, "<nrcpt> <to>", true, 1, "ann@example.com", "--"},
};

static void
question_check(struct store *store, size_t i)
{
	struct address v[8];
	bool had[8];
	struct sent_question question = {.account = questions[i].account,
	    .id = slice_of(questions[i].id),
	    .rcpts = v,
	    .nrcpts = addresses_read(questions[i].asked, v),
	    .had_r = had};
	struct sent_message message;
	struct err err = {ERR_NONE, ""};

	if (store->sent(store, &question, &message, &err) != 0)
		fail_msg("%s: %s", questions[i].name, err.text);
	if (message.known != questions[i].known || message.nrcpts != questions[i].nrcpts ||
	    !slice_eq(slice_make(message.only, message.only_n), slice_of(questions[i].only)))
		fail_msg("%s: %d, %lld, \"%.*s\"", questions[i].name, message.known,
		    (long long)message.nrcpts, (int)message.only_n, message.only);
	for (size_t k = 0; k < question.nrcpts; k++) {
		if (had[k] != (questions[i].had[k] == 'y'))
			fail_msg("%s: number %zu is wrong", questions[i].name, k);
	}
}

static void
test_sent(void **state)
{
	struct fixture *f = *state;
	struct address one[1], two[2];

	(void)addresses_read("<ann@example.com>", one);
	(void)addresses_read("<bob@example.com> <eve@example.com>", two);
	for (size_t s = 0; s < COUNT(f->stores); s++) {
		/* who asks at once, as Postfix's own bounce does, is not told that there is none */
		const struct sent_question fresh = {
		    .account = "shop", .id = slice_of(TWO), .fresh = true};
		struct sent_message message;

		message_keep(f->stores[s], ONE, one, 1);
		message_keep(f->stores[s], TWO, two, 2);
		assert_int_equal(f->stores[s]->sent(f->stores[s], &fresh, &message, NULL), 0);
		assert_true(message.known);
		for (size_t i = 0; i < COUNT(questions); i++)
			question_check(f->stores[s], i);
	}
}

/* As many as one question takes; one more is an error, and nothing else. */
static void
test_sent_many(void **state)
{
	static char text[MANY_RCPTS][40];
	static struct address v[MANY_RCPTS];
	static bool had[MANY_RCPTS];
	struct fixture *f = *state;
	struct store *store = f->stores[0];
	struct sent_question question = {
	    .account = "shop", .id = slice_of(MANY), .rcpts = v, .had_r = had, .fresh = true};
	struct sent_message message;
	struct err err = {ERR_NONE, ""};

	for (int i = 0; i < MANY_RCPTS; i++) {
		(void)snprintf(text[i], sizeof(text[i]), "<r%d@example.com>", i);
		v[i] = address_parse(slice_of(text[i]));
	}
	message_keep(store, MANY, v, MANY_RCPTS);
	for (size_t at = 0; at < MANY_RCPTS; at += SENT_RCPTS_MAX) {
		question.rcpts = v + at;
		question.nrcpts = SENT_RCPTS_MAX;
		assert_int_equal(store->sent(store, &question, &message, &err), 0);
		assert_int_equal(message.nrcpts, MANY_RCPTS);
		assert_int_equal(message.only_n, 0);
		for (size_t i = 0; i < SENT_RCPTS_MAX; i++)
			assert_true(had[i]);
	}
	question.nrcpts = SENT_RCPTS_MAX + 1;
	question.rcpts = v;
	assert_int_equal(store->sent(store, &question, &message, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

/* --- what came back --- */

static const struct {
	const char *name, *account, *rcpt, *id;
	const struct suppress_return *what;
	bool seen;
	enum suppress_outcome outcome;
	int64_t soft;
	size_t events; /* of all accounts, behind it */
} returns[] = {
    {"soft", "shop", "<Ann@example.com>", ONE, &return_soft, false, RULED_COUNTED, 1, 1},
    {"the same", "shop", "<ann@example.com>", ONE, &return_soft, true, RULED_UNTOUCHED, 1, 1},
    {"of another message", "shop", "<ann@example.com>", TWO, &return_soft, false, RULED_COUNTED, 2,
	2},
    {"of another recipient", "shop", "<bob@example.com>", TWO, &return_soft, false, RULED_COUNTED,
	1, 3},
    {"of another account", "other", "<ann@example.com>", ONE, &return_soft, false, RULED_COUNTED, 1,
	4},
    {"about us", "shop", "<ann@example.com>", MANY, &return_policy, false, RULED_UNTOUCHED, 2, 5},
    {"delayed", "shop", "<ann@example.com>", TWO, &return_delayed, false, RULED_UNTOUCHED, 2, 6},
    {"hard", "shop", "<ann@example.com>", TWO, &return_hard, false, RULED_SUPPRESSED, 2, 7},
    {"hard, the same", "shop", "<ann@example.com>", TWO, &return_hard, true, RULED_STANDS, 0, 7},
    {"the first once more", "shop", "<ann@example.com>", ONE, &return_soft, true, RULED_STANDS, 0,
	7},
};

static void
return_check(struct store *store, size_t i)
{
	struct address rcpt = address_parse(slice_of(returns[i].rcpt));
	struct event event = {.account = returns[i].account};
	struct suppress_request request = {.account = returns[i].account,
	    .rcpt = &rcpt,
	    .what = returns[i].what,
	    .terms = {true, 9},
	    .id = slice_of(returns[i].id),
	    .became = "bounced",
	    .event = &event,
	    .event_terms = {3600, 1000}};
	struct suppress_step got;
	struct err err = {ERR_NONE, ""};

	record_init(&event.fields);
	record_add(&event.fields, "type", slice_of("bounced"));
	record_add(&event.fields, "account", slice_of(returns[i].account));
	if (store->returned(store, &request, &got, &err) != 0)
		fail_msg("%s: %s", returns[i].name, err.text);
	if (got.seen != returns[i].seen)
		fail_msg("%s: seen is wrong", returns[i].name);
	if (!got.seen &&
	    (got.outcome != returns[i].outcome || got.state.soft.count != returns[i].soft))
		fail_msg("%s: %s, soft %lld", returns[i].name, suppress_outcome_name(got.outcome),
		    (long long)got.state.soft.count);
}

static size_t
events_of(struct fixture *f, size_t store)
{
	if (store == 1)
		return fake_store_events(f->stores[1]);
	return (size_t)(server_number(&f->server, "XLEN gp:ev:{shop}") +
			server_number(&f->server, "XLEN gp:ev:{other}"));
}

static void
test_returned(void **state)
{
	struct fixture *f = *state;

	for (size_t s = 0; s < COUNT(f->stores); s++) {
		for (size_t i = 0; i < COUNT(returns); i++) {
			return_check(f->stores[s], i);
			if (events_of(f, s) != returns[i].events)
				fail_msg("%s: %zu events", returns[i].name, events_of(f, s));
		}
	}
	/* what became of him is noted where he got that message, and nowhere else */
	assert_int_equal(
	    server_number(&f->server, "HSTRLEN gp:msg:{shop}:" TWO " rcpt:bob@example.com"), 7);
	assert_int_equal(
	    server_number(&f->server, "HEXISTS gp:msg:{shop}:" TWO " rcpt:ann@example.com"), 0);
	assert_int_equal(server_number(&f->server, "EXISTS gp:msg:{other}:" ONE), 0);
}

/* Nothing may be concluded then, and nobody waits longer than he was told. */
static void
test_down(void **state)
{
	struct fixture *f = *state;

	server_kill(&f->server);
	fake_store_set_down(f->stores[1], true);
	for (size_t s = 0; s < COUNT(f->stores); s++) {
		struct store *store = f->stores[s];
		struct address rcpt = address_parse(slice_of("<new@example.com>"));
		bool had = true;
		const struct sent_question question = {"shop", slice_of(ONE), &rcpt, 1, true, &had};
		const struct suppress_request request = {
		    .account = "shop", .rcpt = &rcpt, .what = &return_hard, .id = slice_of(ONE)};
		struct sent_message message;
		struct suppress_step got;
		struct err err = {ERR_NONE, ""};

		assert_int_equal(store->sent(store, &question, &message, &err), -1);
		assert_true(err.code == ERR_UNAVAILABLE || err.code == ERR_TIMEOUT);
		err.code = ERR_NONE;
		assert_int_equal(store->returned(store, &request, &got, &err), -1);
		assert_true(err.code == ERR_UNAVAILABLE || err.code == ERR_TIMEOUT);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sent),
	    cmocka_unit_test(test_sent_many),
	    cmocka_unit_test(test_returned),
	    cmocka_unit_test(test_down),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup, teardown);
}
