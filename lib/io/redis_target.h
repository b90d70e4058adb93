/*
 * redis_target.h - everything that is needed to open a connection, gathered and checked once.
 */
#ifndef IO_REDIS_TARGET_H
#define IO_REDIS_TARGET_H

#include "io/redis.h"
#include "io/redis_address.h"
#include "io/redis_tls.h"

struct redis_target {
	struct redis_conf conf; /* a copy; its texts are in the arena */
	struct arena texts;
	struct redis_address address;
	struct redis_tls *tls; /* NULL: plain */
};

/* Copies conf, which may go away then; loads certificates; resolves the server's name, which may
 * wait for DNS. A name that cannot be resolved now is no error: it is asked for again. 0, or -1
 * (ERR_INVALID, ERR_NOMEM) with nothing to clean up. */
int redis_target_init(struct redis_target *target, const struct redis_conf *conf, struct err *err);

void redis_target_fini(struct redis_target *target);

#endif
