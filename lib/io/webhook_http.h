/*
 * webhook_http.h - the door to accounts' webhooks: POSTs, any number at once, in one thread.
 *
 * URLs come from accounts, answers from anybody. So: http and https only, no redirects, no proxy, no
 * cookies, certificates verified; the address that is connected to is judged (webhook_guard.h); of the
 * answer only the status counts, and more than a little of it is not read. libcurl is here and nowhere
 * else.
 */
#ifndef IO_WEBHOOK_HTTP_H
#define IO_WEBHOOK_HTTP_H

#include "base/err.h"
#include "policy/webhook.h"

#define WEBHOOK_REASON_BYTES 160

struct webhook_http;

struct webhook_http_conf {
	int64_t timeout_ms;            /* of one POST, all of it */
	int64_t connections;           /* at once */
	const struct net_set *allowed; /* internal networks that are; must outlive the door */
	const char *tls_ca;            /* file of certificates; "": the system's */
};

struct webhook_post {
	const char *url;
	const char *id;
	const char *signature;
	int64_t time_s;
	struct slice body;
	void *arg; /* given back with the answer */
};

struct webhook_answer {
	void *arg;
	bool delivered;                    /* the status is 2xx */
	long status;                       /* 0: there was none */
	int64_t ms;                        /* it took so long */
	char reason[WEBHOOK_REASON_BYTES]; /* why not delivered */
};

/* One for the process. NULL with the reason. */
struct webhook_http *webhook_http_new(const struct webhook_http_conf *conf, struct err *err);

/* Breaks one POST off that was not given back: its arg; false when there is none. */
bool webhook_http_cancel(struct webhook_http *http, void **arg_r);

/* Breaks off what there is. NULL is allowed. */
void webhook_http_free(struct webhook_http *http);

/* Begins; all is copied but arg. 0, or -1 (ERR_NOMEM). */
int webhook_http_post(struct webhook_http *http, const struct webhook_post *post, struct err *err);

/* Works, and waits up to so many ms for something to happen, which it may do at once. */
void webhook_http_work(struct webhook_http *http, int64_t wait_ms);

/* The next POST that ended; false: none did. */
bool webhook_http_next(struct webhook_http *http, struct webhook_answer *answer_r);

#endif
