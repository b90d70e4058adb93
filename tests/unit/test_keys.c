/*
 * test_keys.c - lib/io/keys.
 */
#include "io/keys.h"

#include "keyring_fixture.h"
#include "sign_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* How many are loaded to see how long that takes. */
#define MANY 1000

static char dir[32];

/* What was told, one after the other. */
static char told[8192];

static void
problem(void *arg, const char *text)
{
	size_t n = strlen(told);

	(void)arg;
	(void)snprintf(told + n, sizeof(told) - n, "%s\n", text);
}

static const struct keys_notify notify = {NULL, problem};

static const char *
path_of(const char *name)
{
	static char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
file_make(const char *name, const char *text, mode_t mode)
{
	FILE *file = fopen(path_of(name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path_of(name), mode), 0);
}

static void
dir_make(const char *name)
{
	assert_int_equal(mkdir(path_of(name), 0750), 0);
}

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/test_keys.XXXXXX");
	assert_non_null(mkdtemp(dir));
	told[0] = '\0';
	return 0;
}

static int
teardown(void **state)
{
	char command[64];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command); /* NOLINT(cert-env33-c): the name is ours */
}

static struct keys *
load(const struct keys *before)
{
	struct err err = {ERR_NONE, ""};
	struct keys *keys;

	told[0] = '\0';
	keys = keys_load(dir, before, &notify, &err);
	if (keys == NULL)
		fail_msg("%s", err.text);
	return keys;
}

static const struct key_entry *
entry_of(const struct keys *keys, const char *domain, const char *selector)
{
	return key_table_at(keys_table(keys), slice_of(domain), slice_of(selector));
}

static void
loaded(void **state)
{
	struct keys *keys;
	const struct key_entry *entry;

	(void)state;
	dir_make("shop.example");
	dir_make("a.example");
	file_make("shop.example/rsa.key", PEM_RSA, 0640);
	file_make("shop.example/rsa.b.key", PEM_ED25519, 0400);
	file_make("shop.example/rsa.next", "rsa.b 2026-12-01T00:00:00Z\n", 0644);
	file_make("shop.example/gone.next", "rsa 2026-12-01T00:00:00Z\n", 0640);
	file_make("shop.example/.hidden.key", "x", 0640);
	file_make("shop.example/notes", "x", 0644);
	file_make("shop.example/old.key~", "x", 0644);
	file_make("a.example/s.key", PEM_ED25519, 0600);
	file_make("README", "x", 0644);
	keys = load(NULL);
	assert_string_equal(told, "");
	assert_int_equal(keys_table(keys)->n, 4);
	entry = entry_of(keys, "shop.example", "rsa");
	assert_non_null(entry);
	assert_int_equal(sign_key_facts(entry->key).bits, 1024);
	assert_string_equal(entry->public_key, PUBLIC_RSA);
	assert_null(entry->reason);
	assert_string_equal(entry->next, "rsa.b");
	assert_int_equal(entry->next_at_s, 1796083200);
	assert_string_equal(entry_of(keys, "a.example", "s")->public_key, PUBLIC_ED25519);
	entry = entry_of(keys, "shop.example", "gone");
	assert_null(entry->key);
	assert_string_equal(entry->reason, "missing");
	assert_ptr_equal(key_table_find(keys_table(keys), slice_of("shop.example"),
			     slice_of("gone"), 1796083200),
	    entry_of(keys, "shop.example", "rsa.b"));
	keys_free(keys);
}

static const struct {
	const char *name;
	const char *text;
	mode_t mode;
	const char *reason;
	const char *told; /* part of it */
} refused[] = {
    {"world", PEM_RSA, 0644, "world-readable",
	"everybody on this host may read the key; chmod 0640"},
    {"world2", PEM_RSA, 0604, "world-readable", "chmod 0640"},
    {"encrypted", PEM_ENCRYPTED, 0640, "encrypted", "pass phrase"},
    {"small", PEM_RSA_512, 0640, "too-small", "512 bits"},
    {"curve", PEM_EC, 0640, "wrong-type", "type EC"},
    {"public", PEM_PUBLIC, 0640, "wrong-type", "a public key"},
    {"cert", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n", 0640, "wrong-type",
	"a certificate"},
    {"ssh", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n", 0640,
	"wrong-type", "OpenSSH"},
    {"damaged", PEM_DAMAGED, 0640, "damaged", "does not verify"},
    {"cut", "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----\n", 0640,
	"damaged", "cannot be read"},
    {"empty", "", 0640, "damaged", "no private key in PEM"},
};

static void
refused_with_reason(void **state)
{
	struct keys *keys;
	static char large[SIGN_PEM_MAX_BYTES + 2];

	(void)state;
	dir_make("x.example");
	for (size_t i = 0; i < COUNT(refused); i++) {
		char name[64], line[500];
		const struct key_entry *entry;

		(void)snprintf(name, sizeof(name), "x.example/%s.key", refused[i].name);
		file_make(name, refused[i].text, refused[i].mode);
		keys = load(NULL);
		entry = entry_of(keys, "x.example", refused[i].name);
		if (entry == NULL || entry->key != NULL || entry->public_key != NULL ||
		    strcmp(entry->reason, refused[i].reason) != 0)
			fail_msg("%s: %s", name, entry == NULL ? "not there" : entry->reason);
		(void)snprintf(line, sizeof(line), "%s: ", path_of(name));
		if (strncmp(told, line, strlen(line)) != 0 ||
		    strstr(told, refused[i].told) == NULL || strstr(told, "; ") == NULL ||
		    strchr(told, '\n') != told + strlen(told) - 1)
			fail_msg("%s: told \"%s\"", name, told);
		keys_free(keys);
		assert_int_equal(unlink(path_of(name)), 0);
	}
	memset(large, 'x', sizeof(large) - 1);
	file_make("x.example/large.key", large, 0640);
	dir_make("x.example/dir.key");
	assert_int_equal(mkfifo(path_of("x.example/fifo.key"), 0640), 0);
	assert_int_equal(symlink("nowhere", path_of("x.example/link.key")), 0);
	keys = load(NULL);
	assert_int_equal(keys_table(keys)->n, 4);
	assert_string_equal(entry_of(keys, "x.example", "large")->reason, "wrong-type");
	assert_string_equal(entry_of(keys, "x.example", "dir")->reason, "wrong-type");
	assert_string_equal(entry_of(keys, "x.example", "fifo")->reason, "wrong-type");
	assert_string_equal(entry_of(keys, "x.example", "link")->reason, "unreadable");
	assert_non_null(strstr(told, "link.key: No such file"));
	assert_non_null(strstr(told, "large.key: larger than"));
	keys_free(keys);
}

/* A name that no account can mean is told, and not in the table. */
static void
odd_names(void **state)
{
	struct keys *keys;

	(void)state;
	dir_make("Shop.example");
	dir_make("localhost");
	dir_make("y.example");
	file_make("y.example/Big.key", PEM_ED25519, 0640);
	file_make("y.example/under_score.key", PEM_ED25519, 0640);
	file_make("y.example/.key", PEM_ED25519, 0640);
	file_make("y.example/a.next", "what?\n", 0640);
	file_make("y.example/b.next", "c 2026-12-01\n", 0640);
	keys = load(NULL);
	assert_non_null(strstr(told, "/Shop.example: no domain"));
	assert_non_null(strstr(told, "/localhost: no domain"));
	assert_non_null(strstr(told, "/y.example/Big.key: no selector"));
	assert_non_null(strstr(told, "/y.example/under_score.key: no selector"));
	assert_non_null(strstr(told, "/y.example/a.next: it must hold one line"));
	assert_non_null(strstr(told, "/y.example/b.next: it must hold one line"));
	assert_int_equal(keys_table(keys)->n, 2);
	assert_null(entry_of(keys, "y.example", "a")->next);
	keys_free(keys);
}

static void
nothing_there(void **state)
{
	struct err err;
	struct keys *keys = keys_load("/nonexistent/keys", NULL, &notify, &err);

	(void)state;
	assert_non_null(keys);
	assert_int_equal(keys_table(keys)->n, 0);
	assert_string_equal(told, "");
	keys_free(keys);
	keys_free(NULL);
	keys = load(NULL);
	assert_int_equal(keys_table(keys)->n, 0);
	keys_free(keys);
}

/* What did not change is the same key, which outlives either set. */
static void
shared(void **state)
{
	struct keys *before, *after, *third;
	const struct sign_key *kept, *changed;

	(void)state;
	dir_make("shop.example");
	file_make("shop.example/a.key", PEM_RSA, 0640);
	file_make("shop.example/b.key", PEM_RSA, 0640);
	file_make("shop.example/c.key", PEM_RSA, 0640);
	before = load(NULL);
	kept = entry_of(before, "shop.example", "a")->key;
	changed = entry_of(before, "shop.example", "b")->key;
	file_make("shop.example/b.key", PEM_ED25519, 0640);
	assert_int_equal(chmod(path_of("shop.example/c.key"), 0644), 0);
	file_make("shop.example/d.key", PEM_RSA, 0640);
	after = load(before);
	assert_ptr_equal(entry_of(after, "shop.example", "a")->key, kept);
	assert_ptr_not_equal(entry_of(after, "shop.example", "b")->key, changed);
	assert_string_equal(entry_of(after, "shop.example", "c")->reason, "world-readable");
	assert_non_null(entry_of(after, "shop.example", "d")->key);
	keys_free(before);
	assert_int_equal(sign_key_facts(kept).bits, 1024);
	assert_int_equal(chmod(path_of("shop.example/c.key"), 0640), 0);
	assert_int_equal(unlink(path_of("shop.example/b.key")), 0);
	third = load(after);
	keys_free(after);
	assert_ptr_equal(entry_of(third, "shop.example", "a")->key, kept);
	assert_null(entry_of(third, "shop.example", "b"));
	assert_non_null(entry_of(third, "shop.example", "c")->key);
	assert_string_equal(told, "");
	keys_free(third);
}

/* As somebody who is not root: 0 when all was refused as it should be. */
static int
unprivileged_look(void)
{
	struct err err = {ERR_NONE, ""};
	struct keyring ring;
	struct keys *keys;
	const struct key_entry *entry;

	if (setgid(65534) != 0 || setuid(65534) != 0)
		return 2;
	told[0] = '\0';
	keys = keys_load(dir, NULL, &notify, &err);
	if (keys == NULL)
		return 3;
	entry = entry_of(keys, "shop.example", "a");
	if (entry == NULL || entry->reason == NULL || strcmp(entry->reason, "unreadable") != 0)
		return 4;
	if (strstr(told, "a.key") == NULL || strstr(told, "chmod 0640") == NULL ||
	    strstr(told, "shut.example") == NULL || strstr(told, "0750") == NULL)
		return 5;
	keys_free(keys);
	if (keys_load_keyring(path_of("keyring"), &ring, &err) == 0 || err.code != ERR_DENIED ||
	    strstr(err.text, "chmod 0640, its directories 0750") == NULL)
		return 6;
	return 0;
}

/* A key that was read, and may not be read again: it stays, and each reading says so, once. */
static int
shut_look(void)
{
	static const char want[] = "may not be read any more; the key read before goes on until a "
				   "restart";
	struct keys *before, *after;
	struct err err;

	before = keys_load(dir, NULL, &notify, &err);
	if (before == NULL || setgid(65534) != 0 || setuid(65534) != 0)
		return 2;
	for (int i = 0; i < 2; i++) {
		const char *first;

		told[0] = '\0';
		after = keys_load(dir, before, &notify, &err);
		if (after == NULL || entry_of(after, "shop.example", "a")->key !=
					 entry_of(before, "shop.example", "a")->key)
			return 3;
		first = strstr(told, want);
		if (first == NULL || strstr(first + 1, want) != NULL ||
		    strstr(told, "shop.example/a.key: ") == NULL)
			return 4;
		keys_free(before);
		before = after;
	}
	keys_free(before);
	return 0;
}

static void
unreadable_later(void **state)
{
	pid_t child;
	int status;

	(void)state;
	if (geteuid() != 0)
		skip(); /* LCOV: only root can become somebody else */
	assert_int_equal(chmod(dir, 0755), 0);
	dir_make("shop.example");
	assert_int_equal(chmod(path_of("shop.example"), 0755), 0);
	file_make("shop.example/a.key", PEM_RSA, 0640);
	child = fork();
	if (child == 0)
		_exit(shut_look());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
unreadable(void **state)
{
	pid_t child;
	int status;

	(void)state;
	if (geteuid() != 0)
		skip(); /* LCOV: only root can become somebody else */
	assert_int_equal(chmod(dir, 0755), 0);
	dir_make("shop.example");
	assert_int_equal(chmod(path_of("shop.example"), 0755), 0);
	file_make("shop.example/a.key", PEM_RSA, 0640);
	dir_make("shut.example");
	file_make("shut.example/a.key", PEM_RSA, 0640);
	file_make("keyring", KEYRING_TEXT, 0640);
	child = fork();
	if (child == 0)
		_exit(unprivileged_look());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
keyring(void **state)
{
	struct keyring ring;
	struct err err;

	(void)state;
	assert_int_equal(keys_load_keyring(path_of("keyring"), &ring, &err), -1);
	assert_int_equal(err.code, ERR_UNAVAILABLE);
	assert_non_null(strstr(err.text, "keyring new"));
	file_make("keyring", KEYRING_TEXT, 0644);
	assert_int_equal(keys_load_keyring(path_of("keyring"), &ring, &err), -1);
	assert_non_null(strstr(err.text, "chmod 0640"));
	assert_int_equal(chmod(path_of("keyring"), 0640), 0);
	assert_int_equal(keys_load_keyring(path_of("keyring"), &ring, &err), 0);
	assert_int_equal(keyring_current(&ring)->id, 3);
	keyring_fini(&ring);
	file_make("keyring", "7 what\n", 0640);
	assert_int_equal(keys_load_keyring(path_of("keyring"), &ring, &err), -1);
	assert_non_null(strstr(err.text, "keyring:1: "));
	assert_int_equal(ring.n, 0);
}

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
}

static void
many(void **state)
{
	char storage[4096], name[64];
	struct buf pem = BUF_OVER(storage);
	struct sign_key *key;
	struct keys *first, *second;
	struct err err;
	int64_t begin, between, end;

	(void)state;
	assert_int_equal(sign_key_generate(SIGN_RSA, 2048, &key, &err), 0);
	assert_int_equal(sign_key_format(key, &pem, &err), 0);
	sign_key_free(key);
	for (size_t i = 0; i < MANY; i++) {
		(void)snprintf(name, sizeof(name), "d%zu.example", i);
		dir_make(name);
		(void)snprintf(name, sizeof(name), "d%zu.example/s.key", i);
		file_make(name, buf_text(&pem), 0640);
	}
	begin = now_ms();
	first = load(NULL);
	between = now_ms();
	second = load(first);
	end = now_ms();
	assert_int_equal(keys_table(first)->n, MANY);
	print_message("%d RSA-2048 keys: %lld ms, again, unchanged: %lld ms\n", MANY,
	    (long long)(between - begin), (long long)(end - between));
	assert_ptr_equal(
	    entry_of(first, "d999.example", "s")->key, entry_of(second, "d999.example", "s")->key);
	keys_free(first);
	keys_free(second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(loaded, setup, teardown),
	    cmocka_unit_test_setup_teardown(refused_with_reason, setup, teardown),
	    cmocka_unit_test_setup_teardown(odd_names, setup, teardown),
	    cmocka_unit_test_setup_teardown(nothing_there, setup, teardown),
	    cmocka_unit_test_setup_teardown(shared, setup, teardown),
	    cmocka_unit_test_setup_teardown(unreadable, setup, teardown),
	    cmocka_unit_test_setup_teardown(unreadable_later, setup, teardown),
	    cmocka_unit_test_setup_teardown(keyring, setup, teardown),
	    cmocka_unit_test_setup_teardown(many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
