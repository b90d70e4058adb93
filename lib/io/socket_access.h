/*
 * socket_access.h - may that user connect to this unix socket?
 */
#ifndef IO_SOCKET_ACCESS_H
#define IO_SOCKET_ACCESS_H

#include "base/err.h"

#include <sys/types.h>

/* Looks at the modes of the socket and of every directory on its way (not at ACLs, nor at a
 * security module). 0, or -1: there is no such user (ERR_INVALID), no such path (ERR_IO), or
 * no right, with the place and what is missing there (ERR_UNAVAILABLE). */
int socket_access_check(const char *path, const char *user, struct err *err);

/* "0660 gatepost:postfix" of a file. 0, or -1 with the reason. */
#define SOCKET_ACCESS_BYTES 96
int socket_access_describe(const char *path, char text_r[SOCKET_ACCESS_BYTES], struct err *err);

#endif
