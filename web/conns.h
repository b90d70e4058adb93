/*
 * conns.h - the connections of one worker: how long each may take, and who goes when there are too
 * many. evhttp itself has no bound on a request's time: whoever sends a byte now and then would
 * stay for ever.
 */
#ifndef WEB_CONNS_H
#define WEB_CONNS_H

#include "base/net.h"
#include "meters.h"

struct bufferevent;
struct event;
struct event_base;
struct evhttp_connection;
struct evhttp_request;
struct ssl_st;

enum conn_state {
	CONN_FRESH, /* evhttp has not told us its name for it yet */
	CONN_BUSY,  /* a request is read or answered; the first one since it was accepted */
	CONN_IDLE,
};

struct conn {
	struct conn *before, *behind; /* in the list of its state, the oldest first */
	struct conns *conns;
	struct bufferevent *bev;
	struct evhttp_connection *evcon;
	int fd;
	enum conn_state state;
	int64_t since_ms;
	bool begun;  /* some of a request is there */
	bool doomed; /* there is no room for it */
	bool has_peer;
	bool by_unix;         /* at a unix socket, which is a proxy's … */
	struct net_addr peer; /* … else who it is; NET_NONE: nobody knows */
	struct conn **holder; /* becomes NULL with the connection: who answers later; or NULL */
};

struct conn_list {
	struct conn *first, *last;
};

struct conns {
	struct event_base *base;
	struct event *adopt;
	struct meters *meters;
	const int64_t *now_ms;
	struct conn_list fresh, busy, idle;
	struct conn **by_fd;
	size_t nfds;
	size_t n;
	atomic_size_t nidle; /* in the list of those; others read it */
	struct crowd *crowd;
	struct conns *other; /* of the crowd */
};

/* The connections of all workers. One that comes when there are as many as may be takes the place of
 * the one that is idle for longest at its worker; where nobody is idle there, of one at another, which
 * that closes at its next tick. */
struct crowd {
	size_t max;
	atomic_size_t n;
	atomic_size_t owed; /* that are to be closed for those that came */
	struct conns *first;
};

/* Fills in the rest of *conns, of which base, meters, now_ms and crowd are set. Before any worker runs.
 * 0, or -1: no memory. */
int conns_init(struct conns *conns);
void conns_fini(struct conns *conns); /* after evhttp has closed them */

/* For evhttp_set_bevcb(): a connection comes. session: for TLS, which it owns; else NULL. NULL: no
 * memory. Where evhttp gets NULL it makes one of its own, without TLS: so one that cannot be served as
 * it must is refused, which closes it before a byte is read. */
struct bufferevent *conns_begin(struct conns *conns, struct ssl_st *session);
struct bufferevent *conns_refuse(struct conns *conns);

/* The connection of a request, whose end is from now on waited for; or NULL. */
struct conn *conns_of(struct conns *conns, struct evhttp_request *req);

/* Closes who took too long, and who has to give way. At each tick. */
void conns_sweep(struct conns *conns, int64_t keep_alive_ms, int64_t request_ms);

/* Who is idle is closed at once. */
void conns_close_idle(struct conns *conns);

#endif
