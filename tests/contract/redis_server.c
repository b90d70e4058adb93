/*
 * redis_server.c - see redis_server.h.
 */
#define _GNU_SOURCE
#include "redis_server.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGS_MAX    32
#define CLOCK_BYTES (2 * sizeof(int64_t)) /* seconds, microseconds */

static void
die(const char *what)
{
	perror(what);
	exit(99);
}

void
sleep_ms(int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	while (nanosleep(&t, &t) != 0)
		;
}

void
server_init(struct test_server *server)
{
	int fd;

	*server = (struct test_server){.directory = "/tmp/gatepost-test-XXXXXX"};
	if (mkdtemp(server->directory) == NULL)
		die("mkdtemp");
	(void)snprintf(server->socket, sizeof(server->socket), "%s/redis.sock", server->directory);
	(void)snprintf(server->clock, sizeof(server->clock), "%s/clock", server->directory);
	(void)snprintf(server->url, sizeof(server->url), "unix:%s", server->socket);
	fd = open(server->clock, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || ftruncate(fd, CLOCK_BYTES) != 0)
		die(server->clock);
	server->frozen_s = mmap(NULL, CLOCK_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (server->frozen_s == MAP_FAILED)
		die("mmap");
	(void)close(fd);
}

void
server_fini(struct test_server *server)
{
	DIR *directory;

	if (server->pid != 0)
		server_kill(server);
	(void)munmap((void *)(uintptr_t)server->frozen_s, CLOCK_BYTES);
	directory = opendir(server->directory);
	for (struct dirent *e; directory != NULL && (e = readdir(directory)) != NULL;)
		(void)unlinkat(dirfd(directory), e->d_name, 0);
	if (directory != NULL)
		(void)closedir(directory);
	(void)rmdir(server->directory);
}

/* frozen_clock.so lies beside the test program, or where FROZEN_CLOCK_SO says. */
static void
shim_path(char *out, size_t room)
{
	const char *given = getenv("FROZEN_CLOCK_SO");
	ssize_t n;
	char *slash;

	if (given != NULL) {
		(void)snprintf(out, room, "%s", given);
		return;
	}
	n = readlink("/proc/self/exe", out, room - sizeof("/frozen_clock.so"));
	if (n < 0)
		die("/proc/self/exe");
	out[n] = '\0';
	slash = strrchr(out, '/');
	memcpy(slash, "/frozen_clock.so", sizeof("/frozen_clock.so"));
}

static void
server_exec(const struct test_server *server, const char *const *more)
{
	const char *argv[ARGS_MAX] = {"redis-server", "--port", "0", "--unixsocket", server->socket,
	    "--save", "", "--appendonly", "no", "--dir", server->directory, "--logfile", "log",
	    "--enable-debug-command", "yes"};
	size_t n = 15;
	char shim[1024];

	for (size_t i = 0; more != NULL && more[i] != NULL && n < ARGS_MAX - 1; i++)
		argv[n++] = more[i];
	/* it must not outlive a test that crashes, nor hold on to the pipe the test writes to */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (freopen("/dev/null", "w", stdout) == NULL)
		die("/dev/null");
	shim_path(shim, sizeof(shim));
	if (access(shim, R_OK) != 0)
		die(shim);
	(void)setenv("LD_PRELOAD", shim, 1);
	(void)setenv("FROZEN_CLOCK", server->clock, 1);
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	die("redis-server");
}

/* True when it answers anything, be it that it wants a password. */
static bool
server_answers(const struct test_server *server)
{
	redisContext *c = redisConnectUnix(server->socket);
	redisReply *reply = c == NULL || c->err != 0 ? NULL : redisCommand(c, "PING");
	bool answers = reply != NULL;

	freeReplyObject(reply);
	if (c != NULL)
		redisFree(c);
	return answers;
}

void
server_start(struct test_server *server, const char *const *more)
{
	(void)unlink(server->socket);
	server->pid = fork();
	if (server->pid < 0)
		die("fork");
	if (server->pid == 0)
		server_exec(server, more);
	for (int tries = 0; !server_answers(server); tries++) {
		if (tries == 200 || waitpid(server->pid, NULL, WNOHANG) != 0) {
			(void)fprintf(
			    stderr, "redis-server does not start: %s/log\n", server->directory);
			exit(99);
		}
		sleep_ms(50);
	}
}

void
server_kill(struct test_server *server)
{
	(void)kill(server->pid, SIGKILL);
	(void)waitpid(server->pid, NULL, 0);
	(void)unlink(server->socket);
	server->pid = 0;
}

static redisReply *
ask(struct test_server *server, const char *format, va_list args)
{
	redisContext *c = redisConnectUnix(server->socket);
	redisReply *reply = NULL;

	if (c != NULL && c->err == 0 && server->password != NULL)
		freeReplyObject(redisCommand(c, "AUTH %s", server->password));
	if (c != NULL && c->err == 0)
		reply = redisvCommand(c, format, args);
	if (reply == NULL || reply->type == REDIS_REPLY_ERROR) {
		(void)fprintf(stderr, "%s: %s\n", format,
		    reply != NULL ? reply->str
		    : c != NULL   ? c->errstr
				  : "no memory");
		exit(99);
	}
	redisFree(c);
	return reply;
}

redisReply *
server_ask(struct test_server *server, const char *format, ...)
{
	redisReply *reply;
	va_list args;

	va_start(args, format);
	reply = ask(server, format, args);
	va_end(args);
	return reply;
}

void
server_do(struct test_server *server, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	freeReplyObject(ask(server, format, args));
	va_end(args);
}

long long
server_number(struct test_server *server, const char *format, ...)
{
	redisReply *reply;
	long long number;
	va_list args;

	va_start(args, format);
	reply = ask(server, format, args);
	va_end(args);
	number = reply->type == REDIS_REPLY_INTEGER ? reply->integer
		 : reply->str != NULL               ? atoll(reply->str)
						    : -1;
	freeReplyObject(reply);
	return number;
}

struct redis_conf
server_conf(const struct test_server *server, struct arena *a)
{
	struct redis_conf conf;

	if (option_defaults(redis_options, &conf, a) != 0)
		die("option_defaults");
	conf.server = server->url;
	return conf;
}
