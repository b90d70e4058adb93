/*
 * listener.h - the name under which the MTA finds us, and whose it is.
 *
 * libmilter opens the socket, and unlinks its path when it stops, seconds later, whoever owns the
 * path by then. So a unix socket is opened under a name of this process's own, and then renamed
 * to the public one, in one step and with the right permissions: what libmilter unlinks is
 * never the public name. A lock on "PATH.lock" says who owns it: a second instance is
 * refused, a stale socket is replaced, and an instance that stops gives the name up at once while
 * it finishes its sessions. An orderly end removes the lock; should it stay, it belongs to the user
 * that served.
 */
#ifndef IO_LISTENER_H
#define IO_LISTENER_H

#include "base/err.h"

#include <sys/types.h>

/* "unix:PATH", "inet:PORT@HOST" or "inet6:PORT@HOST". For the option's row: 0, or -1 with what is
 * wrong. */
int listener_spec_check(const char *spec, struct err *err);

#define LISTENER_SPEC_BYTES 1100

struct listener {
	char spec[LISTENER_SPEC_BYTES]; /* what libmilter is to open */
	char path[LISTENER_SPEC_BYTES]; /* the public path, or "" for inet */
	const char *made;               /* the path that libmilter makes, until it is public */
	int fd;                         /* what libmilter listens on, or -1 */
	int lock_fd;                    /* holds the lock, or -1 */
	dev_t dev;                      /* of our socket, once it is public */
	ino_t ino;
};

/* Claims the name: takes the lock, clears away what a crash left behind. l->spec is then for
 * smfi_setconn(). 0, or -1: somebody else serves it (with the pid), no permission, not a socket. */
int listener_claim(struct listener *l, const char *spec, struct err *err);

/* After smfi_opensocket(), before any thread: finds what libmilter opened, sets mode, user (whom
 * this process will run as, and who may have to connect) and group (NULL or "": as it is), and makes
 * the socket public. 0, or -1. */
int listener_publish(
    struct listener *l, mode_t mode, const char *user, const char *group, struct err *err);

/* Gives the name or port up: nobody is accepted any more, a successor may take it over at once. The
 * socket is removed if it is still ours, and the lock let go of. Connections that exist go on. */
void listener_release(struct listener *l);

#endif
