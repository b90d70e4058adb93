/*
 * test_knock.c - lib/io/knock.
 */
#include "io/knock.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/test_knock.XXXXXX";

/* As listener_publish() leaves it. */
static void
listen_unix(struct listener *l, int backlog)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	*l = (struct listener){.fd = socket(AF_UNIX, SOCK_STREAM, 0), .lock_fd = -1};
	(void)snprintf(l->path, sizeof(l->path), "%s/socket", dir);
	(void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%.100s", l->path);
	assert_int_equal(bind(l->fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(l->fd, backlog), 0);
}

/* For everybody: an address that nobody else would connect to. */
static void
listen_inet(struct listener *l)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};

	*l = (struct listener){.fd = socket(AF_INET, SOCK_STREAM, 0), .lock_fd = -1};
	assert_int_equal(bind(l->fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(l->fd, 8), 0);
}

static void
finish(struct listener *l)
{
	(void)close(l->fd);
	if (l->path[0] != '\0')
		(void)unlink(l->path);
}

/* Who accepts reads the end, not an error; who knocked hears when that one closes, and not before. */
static void
heard_by(struct listener *l)
{
	char byte;
	int fd = knock_open(l);
	int served;

	assert_true(fd >= 0);
	assert_false(knock_heard(fd, 0));
	served = accept(l->fd, NULL, NULL);
	assert_true(served >= 0);
	assert_int_equal(recv(served, &byte, 1, 0), 0);
	assert_false(knock_heard(fd, 1));
	(void)close(served);
	assert_true(knock_heard(fd, 1000));
	(void)close(fd);
	finish(l);
}

static void
test_unix(void **state)
{
	struct listener l;

	(void)state;
	listen_unix(&l, 8);
	heard_by(&l);
}

static void
test_inet(void **state)
{
	struct listener l;

	(void)state;
	listen_inet(&l);
	heard_by(&l);
}

static void
test_full(void **state)
{
	int fds[8];
	size_t n = 0;
	struct listener l;

	(void)state;
	listen_unix(&l, 1);
	while (n < 8 && (fds[n] = knock_open(&l)) >= 0)
		n++;
	assert_int_equal(errno, EAGAIN);
	assert_in_range(n, 1, 7);
	while (n > 0)
		(void)close(fds[--n]);
	finish(&l);
}

static void
test_gone(void **state)
{
	struct listener l;

	(void)state;
	listen_unix(&l, 8);
	(void)close(l.fd);
	assert_int_equal(knock_open(&l), -1);
	assert_int_equal(errno, ECONNREFUSED);
	assert_int_equal(unlink(l.path), 0);
	assert_int_equal(knock_open(&l), -1);
	assert_int_equal(errno, ENOENT);
	l = (struct listener){.fd = -1};
	assert_int_equal(knock_open(&l), -1);
	assert_int_equal(errno, EBADF);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unix),
	    cmocka_unit_test(test_inet),
	    cmocka_unit_test(test_full),
	    cmocka_unit_test(test_gone),
	};
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	failed = cmocka_run_group_tests_name("knock", tests, NULL, NULL);
	(void)rmdir(dir);
	return failed;
}
