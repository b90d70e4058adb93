/*
 * sockets.c - see sockets.h.
 */
#include "sockets.h"

#include "io/http_socket.h"

#include <stdlib.h>

static int *
fd_of(const struct sockets *s, size_t worker, size_t spec)
{
	return &s->fds[worker * s->n + spec];
}

static int
specs_add(struct sockets *s, const struct option_words *words, bool tls)
{
	for (size_t i = 0; i < words->n && s->n < SOCKETS_MAX; i++) {
		s->specs[s->n] = strdup(words->v[i]);
		if (s->specs[s->n] == NULL)
			return -1;
		s->tls[s->n++] = tls;
	}
	return 0;
}

/* One spec for all the workers. */
static int
spec_open(struct sockets *s, size_t spec, mode_t mode, struct err *err)
{
	bool shared = http_socket_is_shared(slice_of(s->specs[spec]));
	int first = http_socket_open(s->specs[spec], mode, err), fd = first;

	for (size_t worker = 0; worker < s->nworkers && fd >= 0; worker++) {
		if (worker > 0 && shared)
			fd = http_socket_add(s->specs[spec], first, err);
		*fd_of(s, worker, spec) = fd;
	}
	return fd < 0 ? -1 : 0;
}

int
sockets_open(struct sockets *s, const struct web_conf *conf, size_t nworkers, struct err *err)
{
	mode_t mode = (mode_t)conf->socket_mode;
	int status = 0;

	*s = (struct sockets){.nworkers = nworkers, .status_fd = -1};
	s->fds = malloc((SOCKETS_MAX * nworkers) * sizeof(*s->fds));
	s->status_spec = strdup(conf->status);
	if (s->fds == NULL || s->status_spec == NULL || specs_add(s, &conf->listen, false) != 0 ||
	    specs_add(s, &conf->listen_tls, true) != 0) {
		s->nworkers = 0;
		sockets_close(s);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	for (size_t i = 0; i < s->n * nworkers; i++)
		s->fds[i] = -1;
	for (size_t spec = 0; status == 0 && spec < s->n; spec++)
		status = spec_open(s, spec, mode, err);
	if (status == 0 && conf->status[0] != '\0') {
		s->status_fd = http_socket_open(conf->status, mode, err);
		status = s->status_fd < 0 ? -1 : 0;
	}
	if (status != 0)
		sockets_close(s);
	return status;
}

void
sockets_close(struct sockets *s)
{
	for (size_t worker = 0; worker < s->nworkers; worker++) {
		for (size_t spec = 0; spec < s->n; spec++) {
			bool mine = worker == 0 || http_socket_is_shared(slice_of(s->specs[spec]));

			if (mine && *fd_of(s, worker, spec) >= 0)
				http_socket_close(s->specs[spec], *fd_of(s, worker, spec));
		}
	}
	if (s->status_fd >= 0)
		http_socket_close(s->status_spec, s->status_fd);
	for (size_t spec = 0; spec < s->n; spec++)
		free(s->specs[spec]);
	free(s->status_spec);
	free(s->fds);
	*s = (struct sockets){.status_fd = -1};
}

void
sockets_of(const struct sockets *s, size_t i, struct web_socket *v)
{
	for (size_t spec = 0; spec < s->n; spec++)
		v[spec] = (struct web_socket){*fd_of(s, i, spec), s->tls[spec]};
}
