/*
 * body_spool.h - the body of a message until it is known what becomes of it: in memory, and above a
 * bound in a file that has no name any more, so that nothing is left behind by whoever dies.
 */
#ifndef IO_BODY_SPOOL_H
#define IO_BODY_SPOOL_H

#include "base/err.h"
#include "base/slice.h"

/* In memory at most; nearly all mail is smaller. */
#define BODY_SPOOL_MEMORY_BYTES ((size_t)1024 * 1024)

struct body_spool {
	const char *directory;
	char *p;        /* what is not in the file yet */
	size_t n, room; /* of p */
	size_t in_file; /* bytes */
	int fd;         /* -1: no file */
	void *map;      /* what body_spool_view() gave */
	bool failed;    /* something is missing */
};

/* directory: for the file; must outlive the spool. Nothing is opened yet. */
void body_spool_init(struct body_spool *spool, const char *directory);

/* 0, or -1 with the reason (ERR_NOMEM, ERR_IO: the disk is full); all later calls fail then, too. */
int body_spool_add(struct body_spool *spool, struct slice bytes, struct err *err);

/* Bytes so far. */
size_t body_spool_size(const struct body_spool *spool);

/* The whole, in one piece, until fini: memory, or the file mapped. Nothing can be added any more. */
int body_spool_view(struct body_spool *spool, struct slice *body_r, struct err *err);

void body_spool_fini(struct body_spool *spool);

#endif
