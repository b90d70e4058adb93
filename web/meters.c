/*
 * meters.c - see meters.h.
 */
#include "meters.h"

#define PREFIX "gatepost_web_"

const int meter_codes[METER_CODES] = {200, 302, 400, 404, 405, 503, 0};

static const char *const request_names[METER_REQUESTS] = {
    "open", "click", "page", "unsubscribe", "other"};
static const char *const close_names[METER_CLOSES] = {"idle", "slow", "crowded", "refused"};

size_t
meter_code(int code)
{
	size_t i = 0;

	while (i < METER_CODES - 1 && meter_codes[i] != code)
		i++;
	return i;
}

void
meters_sum(struct meters *sum, const struct meters *from)
{
	/* nothing but meters, so it is an array of them */
	meter *to = (meter *)(void *)sum;
	const meter *m = (const meter *)(const void *)from;

	for (size_t i = 0; i < sizeof(*sum) / sizeof(meter); i++)
		meter_add(&to[i], atomic_load_explicit(&m[i], memory_order_relaxed));
}

static uint64_t
value_of(const meter *m)
{
	return atomic_load_explicit(m, memory_order_relaxed);
}

static void
head(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_add_format(
	    out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s %s\n", name, help, name, type);
}

void
meter_format(struct buf *out, const char *name, const char *type, const char *help, uint64_t value)
{
	head(out, name, type, help);
	buf_add_format(out, PREFIX "%s ", name);
	buf_add_u64(out, value);
	buf_add_char(out, '\n');
}

/* NAME{LABEL="VALUE"} N */
static void
row(struct buf *out, const char *name, const char *labels, uint64_t value)
{
	buf_add_format(out, PREFIX "%s{%s} ", name, labels);
	buf_add_u64(out, value);
	buf_add_char(out, '\n');
}

static void
requests_format(const struct meters *m, struct buf *out)
{
	head(out, "requests_total", "counter",
	    "Requests that could be read, by what was asked for, and the answer.");
	for (size_t i = 0; i < METER_REQUESTS; i++) {
		for (size_t j = 0; j < METER_CODES; j++) {
			char storage[80];
			struct buf labels = BUF_OVER(storage);

			if (value_of(&m->requests[i][j]) == 0)
				continue;
			buf_add_format(
			    &labels, "kind=\"%s\",code=\"%d\"", request_names[i], meter_codes[j]);
			row(out, "requests_total", buf_text(&labels), value_of(&m->requests[i][j]));
		}
	}
}

static void
hits_format(const struct meters *m, struct buf *out)
{
	head(out, "hits_total", "counter", "Hits that were recorded, by verdict.");
	for (int kind = 0; kind <= HIT_UNSUBSCRIBED; kind++) {
		for (int who = 0; who <= HIT_UNKNOWN; who++) {
			char storage[80];
			struct buf labels = BUF_OVER(storage);

			buf_add_format(&labels, "type=\"%s\",who=\"%s\"",
			    hit_kind_name((enum hit_kind)kind), hit_who_name((enum hit_who)who));
			row(out, "hits_total", buf_text(&labels), value_of(&m->hits[kind][who]));
		}
	}
}

/* Of meters that differ in one label. */
struct family {
	const char *name, *label, *help;
};

static void
family_format(const struct family *family, const char *const *names, const meter *v, size_t n,
    struct buf *out)
{
	head(out, family->name, "counter", family->help);
	for (size_t i = 0; i < n; i++) {
		char storage[80];
		struct buf labels = BUF_OVER(storage);

		buf_add_format(&labels, "%s=\"%s\"", family->label, names[i]);
		row(out, family->name, buf_text(&labels), value_of(&v[i]));
	}
}

void
meters_format(const struct meters *m, struct buf *out)
{
	static const struct family tokens = {
	    "tokens_total", "result", "Tokens that were looked at, and what came of it."};
	static const struct family closed = {
	    "connections_closed_total", "why", "Connections that were closed on somebody."};
	const char *token_names[METER_TOKENS];

	for (int i = 0; i < METER_TOKENS; i++)
		token_names[i] = token_result_name((enum token_result)i);
	requests_format(m, out);
	family_format(&tokens, token_names, m->tokens, METER_TOKENS, out);
	meter_format(out, "other_host_total", "counter",
	    "Good tokens that were refused at the track domain of another account.",
	    value_of(&m->other_host));
	hits_format(m, out);
	meter_format(out, "hits_held", "gauge", "Hits that wait to be judged.", value_of(&m->held));
	meter_format(out, "hits_hurried_total", "counter",
	    "Hits that were judged before their time, for want of room.", value_of(&m->hurried));
	meter_format(out, "unknown_account_total", "counter",
	    "Hits of accounts that are not known (any more): not recorded.",
	    value_of(&m->unknown_account));
	meter_format(
	    out, "connections", "gauge", "Connections that are open.", value_of(&m->connections));
	meter_format(out, "connections_total", "counter", "Connections that were accepted.",
	    value_of(&m->accepted));
	family_format(&closed, close_names, m->closed, METER_CLOSES, out);
}
