/*
 * test_account_book.c - lib/policy/account_book.c.
 */
#include "policy/accounts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;

static int
setup(void **state)
{
	(void)state;
	arena_init(&arena, 4096, 1 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static void
test_find(void **state)
{
	static const struct account v[] = {
	    {.name = "a"}, {.name = "agency"}, {.name = "b-1"}, {.name = "shop"}};
	static const struct account *const all[] = {&v[0], &v[1], &v[2], &v[3]};
	static const struct {
		const char *name;
		size_t n;    /* of the accounts, so many are in the book */
		size_t want; /* COUNT(v): none */
	} rows[] = {
	    {"a", 4, 0},
	    {"agency", 4, 1},
	    {"b-1", 4, 2},
	    {"shop", 4, 3},
	    {"shop", 3, COUNT(v)},
	    {"b-1", 3, 2},
	    {"a", 1, 0},
	    {"a", 0, COUNT(v)},
	    {"", 4, COUNT(v)},
	    {"0", 4, COUNT(v)},
	    {"agenc", 4, COUNT(v)},
	    {"agencyx", 4, COUNT(v)},
	    {"zzz", 4, COUNT(v)},
	    {"Shop", 4, COUNT(v)},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct account_book book = {.v = all, .n = rows[i].n};
		const struct account *want = rows[i].want < COUNT(v) ? &v[rows[i].want] : NULL;

		if (account_book_find(&book, rows[i].name) != want)
			fail_msg("row %zu: %s", i, rows[i].name);
	}
}

/* Accounts of milter.conf, each with its keys in one text, divided by blanks. */
struct conf_row {
	const char *name, *match;
};

struct pairs_row {
	struct conf_row conf[3];
	const char *redis[5]; /* "KEY=VALUE" */
	const char *want;     /* "KEY=VALUE KEY=VALUE" */
};

static const struct pairs_row pairs_rows[] = {
    {{{NULL, NULL}}, {NULL}, ""},
    {{{NULL, NULL}}, {"login:ann=a", "ip:192.0.2.1=b"}, "login:ann=a ip:192.0.2.1=b"},
    {{{"a", "login:ann ip:192.0.2.1/32"}}, {NULL}, "ip:192.0.2.1=a login:ann=a"},
    {{{"a", "login:ann"}}, {"login:bob=b"}, "login:ann=a login:bob=b"},
    /* who is in milter.conf wins, in whatever words */
    {{{"a", "login:ann"}}, {"login:Ann=b", "login:ann=c", "login:annx=d"},
	"login:ann=a login:annx=d"},
    {{{"a", "ip:192.0.2.1"}}, {"ip:192.0.2.1/32=b", "ip:192.0.2.0/31=c"},
	"ip:192.0.2.1=a ip:192.0.2.0/31=c"},
    {{{"a", "from:@Shop.example"}}, {"from:@shop.EXAMPLE=b"}, "from:@shop.example=a"},
    /* several accounts of milter.conf with one key, in their order */
    {{{"b", "login:ann"}, {"a", "login:ANN login:bob"}, {"c", "login:ann"}}, {"login:ann=d"},
	"login:ann=b,a,c login:bob=a"},
    {{{"a", "login:ann login:ANN"}}, {NULL}, "login:ann=a"},
    /* what is no key stays as it is, for the map to say so */
    {{{"a", "login:ann"}}, {"nonsense=b", "=c", "ip:x=d"}, "login:ann=a nonsense=b =c ip:x=d"},
};

/* "KEY=VALUE" taken apart at the last '='. */
static struct account_pair
pair_of(const char *text)
{
	size_t at = slice_find_last(slice_of(text), '=');

	return (struct account_pair){slice_make(text, at), slice_of(text + at + 1)};
}

static void
accounts_make(const struct conf_row *rows, struct account *accounts, const struct account **v)
{
	for (size_t i = 0; i < 3 && rows[i].name != NULL; i++) {
		struct slice rest = slice_of(rows[i].match);
		const char **words = arena_alloc(&arena, 8 * sizeof(*words));

		accounts[i] = (struct account){.name = rows[i].name, .match = {words, 0}};
		while (rest.n > 0) {
			struct slice word = slice_head(rest, slice_find(rest, ' '));

			words[accounts[i].match.n++] = arena_text(&arena, word);
			rest = slice_from(rest, word.n + 1);
		}
		v[i] = &accounts[i];
	}
}

static void
test_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs_rows); i++) {
		const struct pairs_row *row = &pairs_rows[i];
		struct account accounts[3];
		const struct account *conf[3] = {NULL, NULL, NULL};
		struct account_pair redis[5], *v;
		struct account_pairs_source from = {conf, 0, redis, 0};
		char storage[400];
		struct buf got = BUF_OVER(storage);
		size_t n;

		accounts_make(row->conf, accounts, conf);
		while (from.nconf < 3 && conf[from.nconf] != NULL)
			from.nconf++;
		for (; from.nredis < 5 && row->redis[from.nredis] != NULL; from.nredis++)
			redis[from.nredis] = pair_of(row->redis[from.nredis]);
		assert_int_equal(account_book_pairs(&from, &arena, &v, &n), 0);
		for (size_t k = 0; k < n; k++)
			buf_add_format(&got, "%s%.*s=%.*s", k == 0 ? "" : " ", SLICE_ARG(v[k].key),
			    SLICE_ARG(v[k].value));
		if (strcmp(buf_text(&got), row->want) != 0)
			fail_msg("row %zu: got \"%s\", want \"%s\"", i, buf_text(&got), row->want);
	}
}

/* More accounts for one key than a map takes: it must notice, and not take some of them. */
static void
test_pairs_too_many(void **state)
{
	static const char *match[] = {"login:ann"};
	struct account accounts[40];
	const struct account *conf[40];
	char names[40][ACCOUNT_NAME_BYTES + 1];
	const struct account_pairs_source from = {conf, COUNT(conf), NULL, 0};
	struct account_problems problems = {.n = 0};
	struct account_map map;
	struct account_pair *v;
	size_t n;

	(void)state;
	for (size_t i = 0; i < COUNT(conf); i++) {
		(void)snprintf(names[i], sizeof(names[i]), "account-with-a-long-name-%zu", i);
		accounts[i] = (struct account){.name = names[i], .match = {match, 1}};
		conf[i] = &accounts[i];
	}
	assert_int_equal(account_book_pairs(&from, &arena, &v, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(account_map_build(&map, v, n, &arena, &problems), 0);
	assert_int_equal(problems.n, 1);
	assert_int_equal(map.nnames, 0);
}

static void
test_pairs_no_memory(void **state)
{
	static const char *match[] = {"login:ann"};
	const struct account account = {.name = "a", .match = {match, 1}};
	const struct account *const conf[] = {&account};
	const struct account_pairs_source from = {conf, 1, NULL, 0};
	struct account_pair *v;
	size_t n, tries = 0;

	(void)state;
	for (size_t room = 1;; room += 8, tries++) {
		struct arena small;
		int status;

		arena_init(&small, 1, room);
		status = account_book_pairs(&from, &small, &v, &n);
		arena_fini(&small);
		if (status == 0)
			break;
		assert_true(room < 1000);
	}
	assert_true(tries > 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),
	    cmocka_unit_test_setup_teardown(test_pairs, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_pairs_too_many, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_pairs_no_memory, setup, teardown),
	};

	return cmocka_run_group_tests_name("account_book", tests, NULL, NULL);
}
