/*
 * access.h - may somebody read this file, or connect to this unix socket? By the modes of the place
 * and of every directory on its way, not by ACLs, nor by a security module.
 */
#ifndef IO_ACCESS_H
#define IO_ACCESS_H

#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

enum access_right {
	ACCESS_WRITE = 2, /* to connect to a socket */
	ACCESS_READ = 4,
};

/* Whether a user of that name has that right. 0, or -1: there is no such user (ERR_INVALID), no such
 * path (ERR_IO), or no right, with the place and what is missing there (ERR_DENIED). */
int access_check(const char *path, const char *user, enum access_right right, struct err *err);

/* Whether the kernel refuses this process that right. */
bool access_is_denied(const char *path, enum access_right right);

/* After a refusal (EACCES): sets err to who this process is, and which place on the way refuses it
 * what (ERR_DENIED); returns -1. */
int access_denied(const char *path, enum access_right right, struct err *err);

/* The group whose members that place does not refuse; "" when there is none, or it is root's. */
#define ACCESS_NAME_BYTES 33
void access_group(const char *path, enum access_right right, char group_r[ACCESS_NAME_BYTES]);

/* "0660 gatepost:postfix" of a file. 0, or -1 with the reason. */
#define ACCESS_TEXT_BYTES 96
int access_describe(const char *path, char text_r[ACCESS_TEXT_BYTES], struct err *err);

#endif
