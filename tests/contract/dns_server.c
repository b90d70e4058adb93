/*
 * dns_server.c - see dns_server.h.
 */
#include "dns_server.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_TRIES 500 /* of 10 ms */

static const char conf_format[] = "server:\n"
				  "	ip-address: 127.0.0.1@%d\n"
				  "	username: \"\"\n"
				  "	server-count: 1\n"
				  "	database: \"\"\n"
				  "	zonesdir: \"%s\"\n"
				  "	xfrdir: \"%s\"\n"
				  "	xfrdfile: \"%s/xfrd.state\"\n"
				  "	zonelistfile: \"%s/zone.list\"\n"
				  "	logfile: \"%s/log\"\n"
				  "	pidfile: \"\"\n"
				  "	rrl-ratelimit: 0\n"
				  "	rrl-whitelist-ratelimit: 0\n"
				  "remote-control:\n"
				  "	control-enable: no\n"
				  "zone:\n"
				  "	name: \".\"\n"
				  "	zonefile: \"root.zone\"\n"
				  "zone:\n"
				  "	name: \"broken.example\"\n"
				  "	zonefile: \"missing.zone\"\n";

static void
sleep_ms(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	(void)nanosleep(&t, NULL);
}

static int
socket_bound(int type, int port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, type, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

static int
socket_port(int fd)
{
	struct sockaddr_in addr;
	socklen_t n = sizeof(addr);

	return getsockname(fd, (struct sockaddr *)&addr, &n) == 0 ? ntohs(addr.sin_port) : -1;
}

int
dns_server_free_port(void)
{
	for (int i = 0; i < 50; i++) {
		int udp = socket_bound(SOCK_DGRAM, 0);
		int port = udp < 0 ? -1 : socket_port(udp);
		int tcp = port < 0 ? -1 : socket_bound(SOCK_STREAM, port);

		if (udp >= 0)
			(void)close(udp);
		if (tcp >= 0) {
			(void)close(tcp);
			return port;
		}
	}
	return -1;
}

int
dns_server_silent(int *port_r)
{
	int fd = socket_bound(SOCK_DGRAM, 0);

	if (fd >= 0)
		*port_r = socket_port(fd);
	return fd;
}

static FILE *
file_open(const struct dns_server *server, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", server->dir, name);
	return fopen(path, "w");
}

int
dns_server_init(struct dns_server *server, int port, const char *const *lines, size_t n)
{
	const char *dir = server->dir;
	FILE *file;

	*server = (struct dns_server){.port = port};
	(void)snprintf(server->dir, sizeof(server->dir), "/tmp/gatepost-dns-XXXXXX");
	if (mkdtemp(server->dir) == NULL)
		return -1;
	file = file_open(server, "nsd.conf");
	if (file == NULL)
		return -1;
	(void)fprintf(file, conf_format, port, dir, dir, dir, dir, dir);
	(void)fclose(file);
	file = file_open(server, "root.zone");
	if (file == NULL)
		return -1;
	(void)fprintf(file, "$ORIGIN .\n$TTL 300\n"
			    "@ IN SOA ns.example. hostmaster.example. 1 3600 600 86400 60\n"
			    "@ IN NS ns.example.\n"
			    "ns.example. IN A 127.0.0.1\n");
	for (size_t i = 0; i < n; i++)
		(void)fprintf(file, "%s\n", lines[i]);
	return fclose(file);
}

/* True when it answers a question for the SOA record of the root. */
static bool
server_answers(const struct dns_server *server)
{
	static const char query[] = "\1\2\1\0\0\1\0\0\0\0\0\0\0\0\6\0\1";
	struct sockaddr_in addr = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)server->port)};
	struct pollfd fd = {.fd = socket(AF_INET, SOCK_DGRAM, 0), .events = POLLIN};
	char answer[512];
	ssize_t n = -1;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd.fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 &&
	    send(fd.fd, query, sizeof(query) - 1, 0) > 0 && poll(&fd, 1, 20) > 0)
		n = recv(fd.fd, answer, sizeof(answer), 0);
	(void)close(fd.fd);
	return n > 12 && answer[7] == 1; /* one record */
}

int
dns_server_start(struct dns_server *server)
{
	char conf[128];

	(void)snprintf(conf, sizeof(conf), "%s/nsd.conf", server->dir);
	server->pid = fork();
	if (server->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* the test may crash */
		(void)execlp("nsd", "nsd", "-d", "-c", conf, (char *)NULL);
		(void)execl("/usr/sbin/nsd", "nsd", "-d", "-c", conf, (char *)NULL);
		_exit(127);
	}
	for (int i = 0; server->pid > 0 && i < START_TRIES; i++) {
		if (server_answers(server))
			return 0;
		if (waitpid(server->pid, NULL, WNOHANG) != 0) {
			server->pid = 0;
			break;
		}
		sleep_ms(10);
	}
	(void)fprintf(stderr, "nsd does not start (is the package nsd installed?); see %s/log\n",
	    server->dir);
	return -1;
}

void
dns_server_stop(struct dns_server *server)
{
	if (server->pid <= 0)
		return;
	(void)kill(server->pid, SIGTERM);
	for (int i = 0; i < START_TRIES; i++) {
		if (waitpid(server->pid, NULL, WNOHANG) != 0) {
			server->pid = 0;
			return;
		}
		sleep_ms(10);
	}
	(void)kill(server->pid, SIGKILL);
	(void)waitpid(server->pid, NULL, 0);
	server->pid = 0;
}

void
dns_server_fini(struct dns_server *server)
{
	DIR *dir;

	dns_server_stop(server);
	dir = opendir(server->dir);
	if (dir == NULL)
		return;
	for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		char path[400];

		(void)snprintf(path, sizeof(path), "%s/%s", server->dir, entry->d_name);
		if (entry->d_name[0] != '.')
			(void)remove(path);
	}
	(void)closedir(dir);
	(void)rmdir(server->dir);
}
