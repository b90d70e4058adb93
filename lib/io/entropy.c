/*
 * entropy.c - see entropy.h.
 */
#include "io/entropy.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

int
entropy_read(void *bytes, size_t n, struct err *err)
{
	if (getentropy(bytes, n) != 0)
		return err_set(err, ERR_IO, "getentropy: %s", strerror(errno));
	return 0;
}

/* Where the kernel has none, which after boot it has, a message's id is 0 once; who makes one looks. */
static uint64_t
random_next(const struct random_port *random)
{
	uint64_t number = 0;

	(void)random;
	(void)entropy_read(&number, sizeof(number), NULL);
	return number;
}

const struct random_port random_real = {random_next};
