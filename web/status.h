/*
 * status.h - how we are, for those who watch: /health and /metrics, at an address of their own,
 * in a thread of their own, so that they answer however much the others have to do.
 */
#ifndef WEB_STATUS_H
#define WEB_STATUS_H

#include "worker.h"

struct status {
	struct web *web;
	pthread_t thread;
	bool running;
	struct event_base *base;
	struct evhttp *http;
	struct event *tick;
	struct state *_Atomic state; /* in use here */
	int64_t started_s;
};

/* Serves at fd, which stays the caller's. 0, or -1. */
int status_start(struct status *status, struct web *web, int fd, struct err *err);

/* After web->stopping was set. */
void status_stop(struct status *status);

#endif
