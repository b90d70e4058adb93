/*
 * redis_link.h - asking Redis on behalf of a session: pool, connection, breaker and deadline put
 * together.
 */
#ifndef IO_REDIS_LINK_H
#define IO_REDIS_LINK_H

#include "io/redis_breaker.h"
#include "io/redis_pool.h"
#include "io/redis_target.h"

/* Who is told what happens to the store. Called from any thread; must not call the store, but for
 * its count(). */
struct store_notify {
	void *arg;
	/* once for each change: down with the reason, up again with how long it took */
	void (*state)(void *arg, bool up, const char *why);
	/* once for each oddity that an operator should mend, such as a list that is too long */
	void (*warning)(void *arg, const char *what);
};

struct redis_link {
	struct redis_target target;
	struct redis_pool pool;
	struct redis_breaker breaker;
	struct store_notify notify;
	/* beside the owner's notify: the writer thread then probes */
	void (*wake)(void *arg);
	void *wake_arg;
};

/* One exchange on an open connection: sends, and receives all that is answered. 0, or -1 as in
 * redis_conn.h. May be called a second time, on another connection. */
typedef int redis_talk(struct redis_conn *conn, void *arg, struct deadline until, struct err *err);

/* 0, or -1 (ERR_INVALID, ERR_NOMEM). Opens no connection. */
int redis_link_init(struct redis_link *link, const struct redis_conf *conf,
    const struct store_notify *notify, struct err *err);
void redis_link_fini(struct redis_link *link);

/* Lends a connection to talk(), opened when needed, and once anew when the server had closed it;
 * all within the section's time-out. 0, or -1 (ERR_TIMEOUT, ERR_UNAVAILABLE, ERR_IO). */
int redis_link_ask(struct redis_link *link, redis_talk *talk, void *arg, struct err *err);

#endif
