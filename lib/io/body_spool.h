/*
 * body_spool.h - the body of a message until it is known what becomes of it: in memory, and above a
 * bound in a file that has no name any more, so that nothing is left behind by whoever dies.
 *
 *	body_spool_init(s, directory);
 *	body_spool_add(s, chunk, err);          every chunk
 *	body_spool_view(s, &body, err);
 *	body_spool_fini(s);                     at any time after init
 *
 * A process that spools must ignore SIGXFSZ where its files are limited (RLIMIT_FSIZE).
 */
#ifndef IO_BODY_SPOOL_H
#define IO_BODY_SPOOL_H

#include "base/err.h"
#include "base/slice.h"

/* In memory at most; nearly all mail is smaller. */
#define BODY_SPOOL_MEMORY_BYTES ((size_t)1024 * 1024)

/* What is gathered for one write, once there is a file. */
#define BODY_SPOOL_WRITE_BYTES ((size_t)256 * 1024)

struct body_spool {
	const char *directory;
	char *p;        /* what is not in the file yet */
	size_t n, room; /* of p */
	size_t in_file; /* bytes */
	int fd;         /* -1: no file */
	void *map;      /* what body_spool_view() gave, of a file */
	bool viewed;
	bool failed;    /* something is missing … */
	struct err why; /* … for this reason */
};

/* directory: for the file; must outlive the spool. Nothing is opened yet, nothing allocated. */
void body_spool_init(struct body_spool *spool, const char *directory);

/* 0, or -1 with the reason: ERR_NOMEM; ERR_IO or ERR_DENIED: the disk is full, the directory is of no
 * use, with what to do. All later calls fail then, too, for the same reason. */
int body_spool_add(struct body_spool *spool, struct slice bytes, struct err *err);

/* Bytes so far. */
size_t body_spool_size(const struct body_spool *spool);

/* The whole, in one piece, until fini: memory, or the file mapped, of which the kernel keeps as much
 * in memory as it likes. Nothing can be added any more. May be called again. */
int body_spool_view(struct body_spool *spool, struct slice *body_r, struct err *err);

void body_spool_fini(struct body_spool *spool);

#endif
