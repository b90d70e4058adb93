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
