/*
 * ask.h - a request as it is worked on, and what it is answered with.
 */
#ifndef WEB_ASK_H
#define WEB_ASK_H

#include "policy/page.h"
#include "policy/token.h"
#include "policy/web_request.h"
#include "worker.h"

#include <event2/http.h>

/* All of X-Forwarded-For that is looked at. */
#define ASK_FORWARDED_BYTES 1024

struct ask {
	struct worker *worker;
	const struct state *state;
	struct evhttp_request *req;
	struct conn *conn; /* NULL: it is not known */
	enum evhttp_cmd_type method;
	struct web_target target;
	/* of the header */
	struct slice host, agent, languages;
	struct buf forwarded;
	char forwarded_storage[ASK_FORWARDED_BYTES];
	bool prefetch, range;
	bool odd; /* framed so that a proxy and we might disagree where it ends */
	/* found out */
	enum meter_request kind;
	struct token token;
	const struct account *account; /* whose token it is; NULL: not known */
};

/* Reads the header. */
void ask_read(struct ask *ask, struct worker *worker, struct evhttp_request *req);

/* --- answers: each ends the request --- */

void answer_pixel(struct ask *ask);
void answer_redirect(struct ask *ask);
void answer_page(struct ask *ask, int code, enum page_kind kind);

/* A word in plain text; allow: the methods that there are, or NULL. close: the connection ends. */
void answer_text(struct ask *ask, int code, const char *text);
void answer_method(struct ask *ask, const char *allow);
void answer_close(struct ask *ask, int code);

/* For evhttp_set_gencb(): arg is the worker. */
void request_handle(struct evhttp_request *req, void *arg);

#endif
