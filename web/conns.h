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
	struct net_addr peer;
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
	atomic_size_t *all; /* of all workers … */
	size_t max;         /* … at most */
};

/* Fills in the rest of *conns, of which base, meters, now_ms, all and max are set. 0, or -1: no memory. */
int conns_init(struct conns *conns);
void conns_fini(struct conns *conns); /* after evhttp has closed them */

/* For evhttp_set_bevcb(): a connection comes. session: for TLS, which it owns; else NULL. NULL: no
 * memory. */
struct bufferevent *conns_begin(struct conns *conns, struct ssl_st *session);

/* The connection of a request, whose end is from now on waited for; or NULL. */
struct conn *conns_of(struct conns *conns, struct evhttp_request *req);

/* Closes who took too long. */
void conns_sweep(struct conns *conns, int64_t keep_alive_ms, int64_t request_ms);

/* Who is idle is closed at once. */
void conns_close_idle(struct conns *conns);

#endif
