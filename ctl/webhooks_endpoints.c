/*
 * webhooks_endpoints.c - see webhooks_endpoints.h.
 */
#include "webhooks_endpoints.h"

#include "settings.h"

#include <stdlib.h>

#define WARM_MS 2000

int
webhook_endpoints_open(
    struct webhook_endpoints *endpoints, const struct conf *conf, struct err *err)
{
	struct accounts_setup setup = {.conf = settings_accounts(conf),
	    .redis = settings_of(conf, &redis_section),
	    .notify = accounts_notify_again};

	*endpoints = (struct webhook_endpoints){.port = accounts_new(&setup, NULL, err)};
	if (endpoints->port == NULL || accounts_start(endpoints->port, err) != 0) {
		accounts_free(endpoints->port);
		return -1;
	}
	accounts_warm(endpoints->port, WARM_MS);
	return 0;
}

void
webhook_endpoint_hold(struct webhook_endpoint *endpoint)
{
	endpoint->holders++;
}

void
webhook_endpoint_release(struct webhook_endpoint *endpoint)
{
	if (--endpoint->holders == 0)
		free(endpoint);
}

static struct webhook_endpoint *
endpoint_new(const char *name)
{
	struct webhook_endpoint *endpoint = calloc(1, sizeof(*endpoint));

	if (endpoint == NULL)
		return NULL;
	memcpy(endpoint->name, name, strlen(name));
	return endpoint;
}

static int
endpoint_order(const void *name, const void *member)
{
	const struct webhook_endpoint *const *endpoint = member;

	return strcmp(name, (*endpoint)->name);
}

/* That of the account as it is so far, or a new one; NULL: no memory. */
static struct webhook_endpoint *
endpoint_of(const struct webhook_endpoints *endpoints, const struct account *account)
{
	struct webhook_endpoint **found = NULL;

	if (endpoints->n > 0)
		found = bsearch(account->name, endpoints->v, endpoints->n,
		    sizeof(struct webhook_endpoint *), endpoint_order);
	return found != NULL ? *found : endpoint_new(account->name);
}

static void
list_release(struct webhook_endpoint **v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		webhook_endpoint_release(v[i]);
	free(v);
}

/* The list for that book; -1: no memory. */
static int
list_make(const struct webhook_endpoints *endpoints, const struct account_book *book,
    struct webhook_endpoint ***v_r, size_t *n_r)
{
	struct webhook_endpoint **v = calloc(book->n + 1, sizeof(struct webhook_endpoint *));
	size_t n = 0;

	for (size_t i = 0; v != NULL && i < book->n; i++) {
		if (book->v[i]->webhook[0] == '\0')
			continue;
		v[n] = endpoint_of(endpoints, book->v[i]);
		if (v[n] == NULL) {
			list_release(v, n);
			return -1;
		}
		webhook_endpoint_hold(v[n++]);
	}
	*v_r = v;
	*n_r = n;
	return v == NULL ? -1 : 0;
}

/* From here on, what the endpoints say is the new book's. */
static void
list_set(struct webhook_endpoints *endpoints, const struct account_book *book,
    struct webhook_endpoint **v, size_t n)
{
	for (size_t i = 0; i < endpoints->n; i++)
		endpoints->v[i]->account = NULL;
	for (size_t i = 0; i < n; i++)
		v[i]->account = account_book_find(book, v[i]->name);
	list_release(endpoints->v, endpoints->n);
	endpoints->v = v;
	endpoints->n = n;
}

void
webhook_endpoints_refresh(struct webhook_endpoints *endpoints)
{
	const struct account_book *book = endpoints->port->hold(endpoints->port);
	struct webhook_endpoint **v;
	size_t n;

	if (book == endpoints->book || list_make(endpoints, book, &v, &n) != 0) {
		endpoints->port->release(endpoints->port, book);
		return;
	}
	list_set(endpoints, book, v, n);
	if (endpoints->book != NULL)
		endpoints->port->release(endpoints->port, endpoints->book);
	endpoints->book = book;
}

void
webhook_endpoints_close(struct webhook_endpoints *endpoints)
{
	list_release(endpoints->v, endpoints->n);
	if (endpoints->book != NULL)
		endpoints->port->release(endpoints->port, endpoints->book);
	accounts_free(endpoints->port);
}
