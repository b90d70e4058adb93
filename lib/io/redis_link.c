/*
 * redis_link.c - see redis_link.h.
 */
#include "io/redis_link.h"

/* The breaker changed. */
static void
link_changed(void *arg, bool up, const char *why)
{
	struct redis_link *link = arg;

	if (up)
		redis_pool_unshut(&link->pool);
	else
		redis_pool_shut(&link->pool);
	link->notify.state(link->notify.arg, up, why);
	if (link->wake != NULL)
		link->wake(link->wake_arg);
}

int
redis_link_init(struct redis_link *link, const struct redis_conf *conf,
    const struct store_notify *notify, struct err *err)
{
	*link = (struct redis_link){.notify = *notify};
	if (redis_target_init(&link->target, conf, err) != 0)
		return -1;
	if (redis_pool_init(&link->pool, (unsigned)conf->connections, err) != 0) {
		redis_target_fini(&link->target);
		return -1;
	}
	redis_breaker_init(&link->breaker, link_changed, link);
	return 0;
}

void
redis_link_fini(struct redis_link *link)
{
	redis_breaker_fini(&link->breaker);
	redis_pool_fini(&link->pool);
	redis_target_fini(&link->target);
}

/* Talks on a connection from the pool, which may be closed. */
static int
talk_on(struct redis_link *link, struct redis_conn *conn, redis_talk *talk, void *arg,
    struct deadline until, struct err *err)
{
	if (redis_conn_is_open(conn)) {
		if (talk(conn, arg, until, err) == 0)
			return 0;
		if (err->code != ERR_IO || redis_conn_is_open(conn))
			return -1;
		/* the server closed it while it was idle, perhaps to restart: so it did with all */
		redis_pool_renew(&link->pool);
	}
	redis_pool_opening(&link->pool, conn);
	if (redis_conn_open(conn, &link->target, until, err) != 0)
		return -1;
	if (talk(conn, arg, until, err) == 0)
		return 0;
	if (err->code == ERR_IO && !redis_conn_is_open(conn))
		err->code = ERR_UNAVAILABLE; /* lost at once: no accident of an idle connection */
	return -1;
}

int
redis_link_ask(struct redis_link *link, redis_talk *talk, void *arg, struct err *err)
{
	struct deadline until = deadline_in_ms(link->target.conf.timeout_ms);
	struct redis_conn *conn;
	struct err why = {ERR_NONE, ""};
	unsigned generation;
	int status;

	if (redis_breaker_enter(&link->breaker, &generation, err) != 0)
		return -1;
	if (redis_pool_take(&link->pool, &conn, until, &why) != 0) {
		if (why.code == ERR_UNAVAILABLE) /* the breaker opened meanwhile, and knows why */
			(void)redis_breaker_enter(&link->breaker, &generation, &why);
		return err_set(err, why.code, "%s", why.text);
	}
	status = talk_on(link, conn, talk, arg, until, &why);
	redis_pool_give(&link->pool, conn);
	if (status == 0) {
		redis_breaker_passed(&link->breaker);
		return 0;
	}
	redis_breaker_failed(&link->breaker, generation, &why);
	return err_set(err, why.code, "%s", why.text);
}
