/*
 * ask.c - see ask.h: the header of a request.
 */
#define _DEFAULT_SOURCE /* sys/queue.h */
#include "ask.h"

#include <event2/keyvalq_struct.h>
#include <strings.h>

/* Fields that we look at. */
struct field {
	struct slice name;
	void (*read)(struct ask *ask, struct slice value);
};

static void
host_read(struct ask *ask, struct slice value)
{
	ask->host = web_request_host(value);
}

static void
agent_read(struct ask *ask, struct slice value)
{
	ask->agent = slice_head(value, HIT_AGENT_BYTES);
}

static void
languages_read(struct ask *ask, struct slice value)
{
	ask->languages = value;
}

/* Several fields are one list; the last are the nearest, and those that count. */
static void
forwarded_read(struct ask *ask, struct slice value)
{
	if (ask->forwarded.n + value.n + 2 > ask->forwarded.cap)
		buf_reset(&ask->forwarded);
	if (value.n > ask->forwarded.cap)
		value = slice_from(value, value.n - ask->forwarded.cap);
	if (ask->forwarded.n > 0)
		buf_add_text(&ask->forwarded, ", ");
	buf_add(&ask->forwarded, value);
}

static void
purpose_read(struct ask *ask, struct slice value)
{
	ask->prefetch = ask->prefetch || slice_starts_nocase(value, slice_of("prefetch")) ||
			slice_starts_nocase(value, slice_of("preview"));
}

static void
range_read(struct ask *ask, struct slice value)
{
	(void)value;
	ask->range = true;
}

/* evhttp reads a body with POST only, and takes what it does not understand for a length: a proxy
 * before us may see it otherwise. */
static void
length_read(struct ask *ask, struct slice value)
{
	bool digits = value.n > 0;

	for (size_t i = 0; i < value.n; i++)
		digits = digits && ascii_is_digit(value.p[i]);
	if (!digits || (ask->method != EVHTTP_REQ_POST && !slice_eq(value, slice_of("0"))))
		ask->odd = true;
}

static void
encoding_read(struct ask *ask, struct slice value)
{
	const struct evkeyvalq *fields = evhttp_request_get_input_headers(ask->req);

	if (ask->method != EVHTTP_REQ_POST || !slice_eq_nocase(value, slice_of("chunked")) ||
	    evhttp_find_header(fields, "Content-Length") != NULL)
		ask->odd = true;
}

static const struct field fields[] = {
    {SLICE_LIT("Host"), host_read},
    {SLICE_LIT("User-Agent"), agent_read},
    {SLICE_LIT("Accept-Language"), languages_read},
    {SLICE_LIT("X-Forwarded-For"), forwarded_read},
    {SLICE_LIT("Purpose"), purpose_read},
    {SLICE_LIT("X-Purpose"), purpose_read},
    {SLICE_LIT("Sec-Purpose"), purpose_read},
    {SLICE_LIT("X-Moz"), purpose_read},
    {SLICE_LIT("Range"), range_read},
    {SLICE_LIT("Content-Length"), length_read},
    {SLICE_LIT("Transfer-Encoding"), encoding_read},
};

static void
field_read(struct ask *ask, const char *name, const char *value)
{
	size_t n = strlen(name);

	/* "Content-Length : 5" is read by some as what it looks like */
	if (n == 0 || name[n - 1] <= ' ')
		ask->odd = true;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (n != fields[i].name.n || strcasecmp(name, fields[i].name.p) != 0)
			continue;
		fields[i].read(ask, slice_of(value));
		return;
	}
}

void
ask_read(struct ask *ask, struct worker *worker, struct evhttp_request *req)
{
	const struct evkeyval *field;
	unsigned lengths = 0;

	ask->worker = worker;
	ask->state = atomic_load_explicit(&worker->state, memory_order_relaxed);
	ask->req = req;
	ask->conn = conns_of(&worker->conns, req);
	ask->method = evhttp_request_get_command(req);
	ask->host = ask->agent = ask->languages = slice_make("", 0);
	ask->prefetch = ask->range = ask->odd = false;
	ask->kind = METER_OTHER;
	ask->account = NULL;
	buf_init(&ask->forwarded, ask->forwarded_storage, sizeof(ask->forwarded_storage));
	for (field = evhttp_request_get_input_headers(req)->tqh_first; field != NULL;
	     field = field->next.tqe_next) {
		if (strcasecmp(field->key, "Content-Length") == 0)
			lengths++;
		field_read(ask, field->key, field->value);
	}
	ask->odd = ask->odd || lengths > 1;
	ask->target = web_request_target(slice_of(evhttp_request_get_uri(req)));
	if (ask->target.host.n > 0)
		ask->host = web_request_host(ask->target.host);
}
