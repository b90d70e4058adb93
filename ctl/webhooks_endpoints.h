/*
 * webhooks_endpoints.h - the accounts that have a webhook, as the book of accounts has them now, and
 * how each is doing in this process.
 */
#ifndef CTL_WEBHOOKS_ENDPOINTS_H
#define CTL_WEBHOOKS_ENDPOINTS_H

#include "io/accounts.h"
#include "io/deadline.h"

struct webhook_endpoint {
	const struct account *account; /* the held book's; NULL: it has no webhook any more */
	char name[ACCOUNT_NAME_BYTES + 1];
	bool known;              /* events of it were taken before */
	unsigned odd;            /* how often in a row Redis did not like what was asked of it */
	size_t flying;           /* deliveries */
	bool proven;             /* the last try that ended was a success */
	unsigned fails;          /* in a row */
	struct deadline poll_at; /* nothing is taken before */
	size_t holders;          /* who points to it */
};

struct webhook_endpoints {
	struct accounts *port;
	const struct account_book *book; /* held */
	struct webhook_endpoint **v;     /* sorted by name */
	size_t n;
};

/* Opens the accounts; problems with them are logged. 0, or -1 with nothing to close. */
int webhook_endpoints_open(
    struct webhook_endpoints *endpoints, const struct conf *conf, struct err *err);

/* Looks whether the book is another one. Without memory it stays as it is. */
void webhook_endpoints_refresh(struct webhook_endpoints *endpoints);

/* Who points to one beyond that holds it. */
void webhook_endpoint_hold(struct webhook_endpoint *endpoint);
void webhook_endpoint_release(struct webhook_endpoint *endpoint);

/* Nobody may hold one any more. */
void webhook_endpoints_close(struct webhook_endpoints *endpoints);

#endif
