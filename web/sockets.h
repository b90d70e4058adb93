/*
 * sockets.h - all the sockets of the configuration: for each worker one of each that can be shared,
 * so that the kernel spreads connections over them; the others are in all workers' hands.
 */
#ifndef WEB_SOCKETS_H
#define WEB_SOCKETS_H

#include "web_conf.h"
#include "worker.h"

/* listen and listen_tls have at most 16 each. */
#define SOCKETS_MAX 32

struct sockets {
	size_t nworkers;
	size_t n; /* specs */
	char *specs[SOCKETS_MAX];
	bool tls[SOCKETS_MAX];
	int *fds; /* n for each worker; -1: not open */
	char *status_spec;
	int status_fd; /* -1: there is none */
};

/* Opens them all. 0, or -1, and none is open. */
int sockets_open(
    struct sockets *sockets, const struct web_conf *conf, size_t nworkers, struct err *err);
void sockets_close(struct sockets *sockets);

/* Those of the i-th worker; v has room for SOCKETS_MAX. */
void sockets_of(const struct sockets *sockets, size_t i, struct web_socket *v);

#endif
