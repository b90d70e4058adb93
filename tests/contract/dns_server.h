/*
 * dns_server.h - a real DNS server (nsd) for a test: on 127.0.0.1 and a free port, with its files in
 * a private directory, ended by its process id.
 */
#ifndef DNS_SERVER_H
#define DNS_SERVER_H

#include <sys/types.h>

struct dns_server {
	int port;
	pid_t pid; /* 0: not running */
	char dir[64];
};

/* A port of 127.0.0.1 where nobody listens, by UDP and by TCP, or -1. */
int dns_server_free_port(void);

/* A socket that takes questions and never answers, at the port that is returned; or -1. */
int dns_server_silent(int *port_r);

/* Makes the directory and writes a zone file: the zone "." with the n lines, in zone file format.
 * The zone broken.example has no file, so that the server fails for it. 0 or -1. */
int dns_server_init(struct dns_server *server, int port, const char *const *lines, size_t n);

/* Starts it; returns when it answers. 0, or -1 with the reason on stderr. */
int dns_server_start(struct dns_server *server);

void dns_server_stop(struct dns_server *server);

/* Stops it and removes its files. */
void dns_server_fini(struct dns_server *server);

#endif
