/*
 * test_account_store.c - accounts and their map, as an operator's tool reads and writes them, through
 * a real redis-server.
 */
#include "io/store_admin_account.h"
#include "redis_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define MANY 5000

struct fixture {
	struct test_server server;
	struct arena conf_arena;
	struct redis_conf conf;
	struct store_admin *admin;
	struct arena arena; /* of a test */
	struct err err;
};

static int
setup(void **state)
{
	static struct fixture f;

	server_init(&f.server);
	server_start(&f.server, NULL);
	arena_init(&f.conf_arena, 4096, 65536);
	arena_init(&f.arena, 65536, (size_t)64 * 1024 * 1024);
	f.conf = server_conf(&f.server, &f.conf_arena);
	f.admin = store_admin_new(&f.conf, &f.err);
	*state = &f;
	return f.admin == NULL;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	store_admin_free(f->admin);
	server_fini(&f->server);
	arena_fini(&f->conf_arena);
	arena_fini(&f->arena);
	return 0;
}

static int
clear(void **state)
{
	struct fixture *f = *state;

	server_do(&f->server, "FLUSHALL");
	arena_reset(&f->arena);
	f->err = (struct err){ERR_NONE, ""};
	return 0;
}

#define S(text) slice_of(text)

/* Writes one account: pairs of name and value, up to NULL. */
static int
write_one(struct fixture *f, const char *name, const char *const *pairs)
{
	struct account_field fields[8];
	struct store_account_change change = {.name = S(name), .fields = fields};

	for (; pairs[0] != NULL; pairs += 2)
		fields[change.n++] = (struct account_field){S(pairs[0]), S(pairs[1])};
	return store_admin_accounts_write(f->admin, &change, 1, &f->err);
}

static struct store_account
read_one(struct fixture *f, const char *name)
{
	struct store_account account = {.name = S(name)};

	if (store_admin_accounts(f->admin, &account, 1, &f->arena, &f->err) != 0)
		fail_msg("%s", f->err.text);
	return account;
}

static void
assert_slice(struct slice got, const char *want)
{
	if (!slice_eq(got, S(want)))
		fail_msg("got \"%.*s\", want \"%s\"", SLICE_ARG(got), want);
}

static void
test_account(void **state)
{
	struct fixture *f = *state;
	static const char *const two[] = {"rate", "5/s", "opens", "yes", NULL};
	static const char *const one[] = {"lane", "a\r\n$3\r\nb", NULL};
	static const char *const none[] = {NULL};
	struct store_account account = read_one(f, "shop");

	assert_false(account.exists);
	assert_int_equal(write_one(f, "shop", two), 1);
	account = read_one(f, "shop");
	assert_true(account.exists && !account.odd);
	assert_int_equal(account.n, 2);
	assert_slice(account.fields[0].name, "opens");
	assert_slice(account.fields[0].value, "yes");
	assert_slice(account.fields[1].name, "rate");
	/* all that it had goes */
	assert_int_equal(write_one(f, "shop", one), 1);
	account = read_one(f, "shop");
	assert_int_equal(account.n, 1);
	assert_slice(account.fields[0].value, "a\r\n$3\r\nb");
	/* with nothing set, it is there nevertheless */
	assert_int_equal(write_one(f, "shop", none), 1);
	account = read_one(f, "shop");
	assert_true(account.exists);
	assert_int_equal(account.n, 0);
	assert_int_equal(server_number(&f->server, "HLEN gp:acct:{shop}"), 1);
}

static void
test_remove(void **state)
{
	struct fixture *f = *state;
	struct store_account_change changes[] = {
	    {.name = S("a"), .remove = true}, {.name = S("b"), .remove = true}};
	static const char *const one[] = {"lane", "x", NULL};

	assert_int_equal(write_one(f, "a", one), 1);
	assert_int_equal(store_admin_accounts_write(f->admin, changes, 2, &f->err), 1);
	assert_int_equal(server_number(&f->server, "DBSIZE"), 0);
}

/* What somebody put in with redis-cli. */
static void
test_odd(void **state)
{
	struct fixture *f = *state;
	struct store_account v[] = {{.name = S("text")}, {.name = S("good")}, {.name = S("set")}};
	char name[300];

	server_do(&f->server, "SET gp:acct:{text} x");
	server_do(&f->server, "SADD gp:acct:{set} x");
	server_do(&f->server, "HSET gp:acct:{good} match x foo bar");
	assert_int_equal(store_admin_accounts(f->admin, v, 3, &f->arena, &f->err), 0);
	assert_true(v[0].exists && v[0].odd && v[0].n == 0);
	assert_true(v[1].exists && !v[1].odd);
	assert_int_equal(v[1].n, 2); /* a mark that says something is a field */
	assert_true(v[2].exists && v[2].odd);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	v[0].name = S(name);
	assert_int_equal(store_admin_accounts(f->admin, v, 1, &f->arena, &f->err), -1);
	/* the connection goes on */
	assert_true(read_one(f, "good").exists);
}

static void
test_names(void **state)
{
	struct fixture *f = *state;
	struct slice *names;
	size_t n;

	assert_int_equal(
	    store_admin_account_names(f->admin, &f->arena, 10, &names, &n, &f->err), 0);
	assert_int_equal(n, 0);
	server_do(&f->server, "EVAL %s 0",
	    "for i=1,5000 do redis.call('HSET','gp:acct:{n'..i..'}','match','') end");
	server_do(&f->server, "MSET gp:acct:x 1 gp:acct:{} 1 gp:acctmap 1 gp:acct:{open 1");
	assert_int_equal(
	    store_admin_account_names(f->admin, &f->arena, MANY, &names, &n, &f->err), 0);
	assert_int_equal(n, MANY);
	for (size_t i = 1; i < n; i++)
		assert_true(slice_compare(names[i - 1], names[i]) < 0);
	assert_slice(names[0], "n1");
	assert_int_equal(
	    store_admin_account_names(f->admin, &f->arena, 10, &names, &n, &f->err), 0);
	assert_int_equal(n, 11); /* there are more */
}

static void
test_map(void **state)
{
	struct fixture *f = *state;
	struct account_pair write[] = {{S("login:b"), S("shop")}, {S("ip:192.0.2.1"), S("a,b")},
	    {S("login:a"), S("shop")}, {S("login:c"), S("x")}};
	struct account_pair *pairs;
	size_t n;

	assert_int_equal(store_admin_account_map(f->admin, &f->arena, &pairs, &n, &f->err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(store_admin_account_map_write(f->admin, write, 4, &f->err), 1);
	assert_int_equal(store_admin_account_map(f->admin, &f->arena, &pairs, &n, &f->err), 0);
	assert_int_equal(n, 4);
	assert_slice(pairs[0].key, "ip:192.0.2.1");
	assert_slice(pairs[0].value, "a,b");
	assert_slice(pairs[3].key, "login:c");
	write[0].value = S("");
	write[2].value = S("other");
	write[3].value = S("");
	assert_int_equal(store_admin_account_map_write(f->admin, write, 4, &f->err), 1);
	assert_int_equal(store_admin_account_map(f->admin, &f->arena, &pairs, &n, &f->err), 0);
	assert_int_equal(n, 2);
	assert_slice(pairs[1].value, "other");
	assert_int_equal(store_admin_account_map_write(f->admin, write, 0, &f->err), 1);
}

/* More than one command holds, set and taken out by turns. */
static void
test_map_many(void **state)
{
	struct fixture *f = *state;
	struct account_pair *v = arena_alloc(&f->arena, MANY * sizeof(*v)), *pairs;
	size_t n;

	for (size_t i = 0; i < MANY; i++) {
		char text[32];
		struct buf key = BUF_OVER(text);

		buf_add_format(&key, "login:u%05zu", i);
		v[i] = (struct account_pair){arena_copy(&f->arena, buf_slice(&key)), S("a")};
	}
	assert_int_equal(store_admin_account_map_write(f->admin, v, MANY, &f->err), 1);
	for (size_t i = 0; i < MANY; i += 2)
		v[i].value = S("");
	assert_int_equal(store_admin_account_map_write(f->admin, v, MANY, &f->err), 1);
	assert_int_equal(store_admin_account_map(f->admin, &f->arena, &pairs, &n, &f->err), 0);
	assert_int_equal(n, MANY / 2);
	assert_slice(pairs[0].key, "login:u00001");
}

static void
test_watch(void **state)
{
	struct fixture *f = *state;
	static const char *const one[] = {"lane", "x", NULL};
	struct account_pair pair = {S("login:a"), S("mine")};

	assert_int_equal(store_admin_account_watch(f->admin, S("shop"), &f->err), 0);
	server_do(&f->server, "HSET gp:acct:{shop} lane theirs");
	assert_int_equal(write_one(f, "shop", one), 0);
	assert_slice(read_one(f, "shop").fields[0].value, "theirs");
	assert_int_equal(write_one(f, "shop", one), 1); /* watched no more */

	assert_int_equal(store_admin_account_map_watch(f->admin, &f->err), 0);
	server_do(&f->server, "HSET gp:acctmap login:a theirs");
	assert_int_equal(store_admin_account_map_write(f->admin, &pair, 1, &f->err), 0);
	assert_int_equal(store_admin_account_map_watch(f->admin, &f->err), 0);
	assert_int_equal(store_admin_account_map_write(f->admin, &pair, 1, &f->err), 1);
	assert_int_equal(server_number(&f->server, "HLEN gp:acctmap"), 1);
}

/* What is refused is refused as a whole, and said. */
static void
test_refused(void **state)
{
	struct fixture *f = *state;
	static const char *const one[] = {"lane", "x", NULL};
	struct account_pair pair = {S("login:a"), S("mine")};
	struct account_pair *pairs;
	size_t n;

	server_do(&f->server, "SET gp:acctmap x");
	assert_int_equal(store_admin_account_map(f->admin, &f->arena, &pairs, &n, &f->err), -1);
	assert_non_null(strstr(f->err.text, "WRONGTYPE"));
	assert_int_equal(store_admin_account_map_write(f->admin, &pair, 1, &f->err), -1);
	assert_non_null(strstr(f->err.text, "WRONGTYPE"));
	server_do(&f->server, "CONFIG SET maxmemory 1");
	assert_int_equal(write_one(f, "shop", one), -1);
	assert_int_equal(f->err.code, ERR_UNAVAILABLE);
	server_do(&f->server, "CONFIG SET maxmemory 0");
	assert_int_equal(server_number(&f->server, "EXISTS gp:acct:{shop}"), 0);
	assert_int_equal(write_one(f, "shop", one), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_account, clear),
	    cmocka_unit_test_setup(test_remove, clear),
	    cmocka_unit_test_setup(test_odd, clear),
	    cmocka_unit_test_setup(test_names, clear),
	    cmocka_unit_test_setup(test_map, clear),
	    cmocka_unit_test_setup(test_map_many, clear),
	    cmocka_unit_test_setup(test_watch, clear),
	    cmocka_unit_test_setup(test_refused, clear),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup, teardown);
}
