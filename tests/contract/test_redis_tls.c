/*
 * test_redis_tls.c - TLS to a real redis-server, with certificates made on the spot by openssl(1).
 * Built when hiredis can do TLS.
 */
#include "io/deadline.h"
#include "io/store_admin.h"
#include "io/store_redis.h"
#include "redis_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define TEXT_BYTES 256

struct world {
	struct test_server server;
	struct arena arena;
	struct redis_conf conf;
	char ca[TEXT_BYTES], key[TEXT_BYTES], other[TEXT_BYTES], url[TEXT_BYTES];
};

/* A certificate that vouches for itself: for localhost and 127.0.0.1. */
static void
certificate_make(struct world *w, const char *name, char cert[TEXT_BYTES], char key[TEXT_BYTES])
{
	char command[4 * TEXT_BYTES];

	(void)snprintf(cert, TEXT_BYTES, "%s/%s.crt", w->server.directory, name);
	(void)snprintf(key, TEXT_BYTES, "%s/%s.key", w->server.directory, name);
	(void)snprintf(command, sizeof(command),
	    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=%s -keyout %s -out %s "
	    "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null",
	    name, key, cert);
	assert_int_equal(system(command), 0);
}

static int
world_setup(void **state)
{
	static struct world w;
	static char port[16];
	char unused[TEXT_BYTES];
	const char *const more[] = {"--tls-port", port, "--bind", "127.0.0.1", "--tls-cert-file",
	    w.ca, "--tls-key-file", w.key, "--tls-ca-cert-file", w.ca, "--tls-auth-clients", "no",
	    NULL};

	server_init(&w.server);
	certificate_make(&w, "server", w.ca, w.key);
	certificate_make(&w, "other", w.other, unused);
	/* a port that was free a moment ago is good enough: the server says when it is not */
	(void)snprintf(port, sizeof(port), "%d", 20000 + (int)(getpid() % 20000));
	(void)snprintf(w.url, sizeof(w.url), "tcp:127.0.0.1:%s", port);
	server_start(&w.server, more);
	arena_init(&w.arena, 4096, 65536);
	w.conf = server_conf(&w.server, &w.arena);
	w.conf.server = w.url;
	w.conf.tls = true;
	w.conf.tls_ca = w.ca;
	*state = &w;
	return 0;
}

static int
world_teardown(void **state)
{
	struct world *w = *state;

	server_fini(&w->server);
	arena_fini(&w->arena);
	return 0;
}

/* words: of the error, or NULL when it must work. */
static void
try_conf(const struct redis_conf *conf, const char *words)
{
	struct err err = {ERR_NONE, ""};
	struct store_admin *admin = store_admin_new(conf, &err);

	if (admin == NULL && words == NULL)
		fail_msg("%s", err.text);
	if (admin != NULL && words != NULL)
		fail_msg("connected, though: %s", words);
	if (words != NULL && strstr(err.text, words) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", words, err.text);
	if (admin != NULL)
		assert_int_equal(store_admin_probe(admin, &err), 0);
	store_admin_free(admin);
}

static void
test_names(void **state)
{
	struct world *w = *state;
	struct redis_conf conf = w->conf;
	char url[TEXT_BYTES];

	try_conf(&conf, NULL); /* by its address */
	(void)snprintf(url, sizeof(url), "tcp:localhost:%s", strrchr(w->url, ':') + 1);
	conf.server = url;
	try_conf(&conf, NULL);
	conf.tls_name = "127.0.0.1";
	try_conf(&conf, NULL);
	conf.tls_name = "redis.example.com";
	try_conf(&conf, "hostname mismatch");
	conf.tls_name = "127.0.0.2";
	try_conf(&conf, "IP address mismatch");
}

static void
test_trust(void **state)
{
	struct world *w = *state;
	struct redis_conf conf = w->conf;

	conf.tls_ca = w->other;
	try_conf(&conf, "self-signed certificate");
	conf.tls_ca = "";
	try_conf(&conf, "self-signed certificate");
	conf.tls_ca = "/nonexistent";
	try_conf(&conf, "/nonexistent");
	conf = w->conf;
	conf.tls_cert = w->ca;
	conf.tls_key = w->ca;
	try_conf(&conf, "key in");
	conf = w->conf;
	conf.tls = false;
	try_conf(&conf, "lost"); /* plain words to a server that wants TLS */
}

static void
test_own_certificate(void **state)
{
	struct world *w = *state;
	struct redis_conf conf = w->conf;

	server_do(&w->server, "CONFIG SET tls-auth-clients yes");
	try_conf(&conf, ""); /* TLS 1.3 tells late: the words depend on the moment */
	conf.tls_cert = w->ca;
	conf.tls_key = w->key;
	try_conf(&conf, NULL);
	server_do(&w->server, "CONFIG SET tls-auth-clients no");
}

static void
test_stalled_handshake(void **state)
{
	struct world *w = *state;
	int64_t began_us = deadline_now_us();

	(void)kill(w->server.pid, SIGSTOP);
	try_conf(&w->conf, "TLS to Redis");
	(void)kill(w->server.pid, SIGCONT);
	assert_true(deadline_now_us() - began_us < (STORE_ADMIN_TIMEOUT_MS + 1000) * 1000);
}

static void
told_state(void *arg, bool up, const char *why)
{
	(void)arg;
	print_message("%s: %s\n", up ? "up" : "down", why);
}

static void
told_warning(void *arg, const char *what)
{
	(void)arg;
	print_message("%s\n", what);
}

static void
test_store(void **state)
{
	static const struct store_notify notify = {NULL, told_state, told_warning};
	static const struct grey_windows windows = {240, 21600, 36 * 86400, 5, 3600, false};
	static const struct grey_key key = {{IDENTITY_NETWORK, "192.0.2.0/24"}, "a@b", "c@d"};
	static const struct grey_request request = {&key, &windows, NULL, NULL};
	struct world *w = *state;
	struct redis_conf conf = w->conf;
	struct grey_step step;
	struct store *store;
	struct err err;

	conf.timeout_ms = 5000;
	store = store_redis_new(&conf, &notify, &err);
	assert_non_null(store);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(store->grey_step(store, &request, &step, &err), 0);
		assert_int_equal(step.tries, i + 1);
		store->count(store, STAT_GREY_ASKED, 1800000000, 1);
	}
	store_redis_free(store);
	assert_int_equal(server_number(&w->server, "HGET gp:stat:2027011508 grey_asked"), 1000);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_trust),
	    cmocka_unit_test(test_own_certificate),
	    cmocka_unit_test(test_stalled_handshake),
	    cmocka_unit_test(test_store),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("redis_tls", tests, world_setup, world_teardown) != 0;
}
