/*
 * test_notify.c - lib/io/notify.
 */
#include "io/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/test_notify.XXXXXX";

/* Listens as a service manager does; a name that begins with '@' is an abstract one. */
static int
manager(const char *name)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(addr.sun_path, name, strlen(name));
	if (name[0] == '@')
		addr.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (struct sockaddr *)&addr,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
	    0);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

/* The datagram that waits, "" when there is none. */
static const char *
received(int fd)
{
	static char text[200];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void
send_and_see(const char *name)
{
	int fd = manager(name);

	notify_send("READY=1\nSTATUS=serving");
	notify_send("STOPPING=1");
	assert_string_equal(received(fd), "READY=1\nSTATUS=serving");
	assert_string_equal(received(fd), "STOPPING=1");
	assert_string_equal(received(fd), "");
	(void)close(fd);
	notify_send("READY=1"); /* to nobody */
	(void)unlink(name);
}

static void
test_send(void **state)
{
	char name[sizeof(((struct sockaddr_un *)0)->sun_path)];

	(void)state;
	(void)snprintf(name, sizeof(name), "%s/notify", dir);
	send_and_see(name);
	(void)snprintf(name, sizeof(name), "@test_notify.%ld", (long)getpid());
	send_and_see(name);
	/* the longest name that there can be */
	memset(name, 'x', sizeof(name) - 1);
	memcpy(name, dir, strlen(dir));
	name[strlen(dir)] = '/';
	name[sizeof(name) - 1] = '\0';
	send_and_see(name);
}

/* Nobody asked, or by a name that cannot be: not a byte goes anywhere. */
static void
test_not_asked(void **state)
{
	char name[300];
	int fd;

	(void)state;
	(void)snprintf(name, sizeof(name), "%s/notify", dir);
	fd = manager(name);
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
	notify_send("READY=1");
	notify_reloading();
	assert_int_equal(setenv("NOTIFY_SOCKET", "", 1), 0);
	notify_send("READY=1");
	memset(name, 'x', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	notify_send("READY=1");
	assert_string_equal(received(fd), "");
	(void)close(fd);
	(void)snprintf(name, sizeof(name), "%s/notify", dir);
	(void)unlink(name);
}

static unsigned long long
monotonic_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000;
}

static void
test_reloading(void **state)
{
	static const char head[] = "RELOADING=1\nMONOTONIC_USEC=";
	unsigned long long before = monotonic_us(), said;
	char name[100], *end;
	const char *text;
	int fd;

	(void)state;
	(void)snprintf(name, sizeof(name), "%s/notify", dir);
	fd = manager(name);
	notify_reloading();
	text = received(fd);
	assert_memory_equal(text, head, sizeof(head) - 1);
	said = strtoull(text + sizeof(head) - 1, &end, 10);
	assert_string_equal(end, "");
	assert_in_range(said, before, monotonic_us());
	(void)close(fd);
	(void)unlink(name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_send),
	    cmocka_unit_test(test_not_asked),
	    cmocka_unit_test(test_reloading),
	};
	int failed;

	if (mkdtemp(dir) == NULL)
		return 1;
	failed = cmocka_run_group_tests_name("notify", tests, NULL, NULL);
	(void)rmdir(dir);
	return failed;
}
