/*
 * zone_dns.h - a DNS port for unit tests, answering from a table. A question is pending until the
 * wait() after it was asked; what was asked is kept in order.
 */
#ifndef UNIT_ZONE_DNS_H
#define UNIT_ZONE_DNS_H

#include "policy/lookup.h"

#include <stdio.h>
#include <stdlib.h>

struct zone_row {
	const char *name;
	enum dns_type type; /* of records; of SERVFAIL: 0 is any */
	const char *text;   /* TXT: the record; others: "" for some record; NULL: SERVFAIL */
};

struct zone_question {
	char name[DNS_NAME_MAX_BYTES + 1];
	enum dns_type type;
	bool answered;
	struct dns_answer answer;
	struct slice rdata[8];
};

struct dns_batch {
	struct zone_question v[DNS_BATCH_MAX];
	size_t n;
};

struct zone_dns {
	struct dns port; /* first */
	const struct zone_row *rows;
	size_t nrows;
	char wire[32 * 1024];
	size_t wire_n;
	struct dns_batch batch;
};

static struct dns_batch *
zone_begin(struct dns *dns)
{
	return &((struct zone_dns *)(void *)dns)->batch;
}

/* A TXT record in strings of at most 250 bytes; '|' in the text begins another. */
static struct slice
zone_wire(struct zone_dns *zone, const char *text)
{
	char *from = zone->wire + zone->wire_n;

	while (*text != '\0') {
		size_t n = strcspn(text, "|");

		n = n > 250 ? 250 : n;
		zone->wire[zone->wire_n++] = (char)n;
		memcpy(zone->wire + zone->wire_n, text, n);
		zone->wire_n += n;
		text += n;
		text += *text == '|';
	}
	return slice_make(from, (size_t)(zone->wire + zone->wire_n - from));
}

static void
zone_look_up(struct zone_dns *zone, struct zone_question *q)
{
	struct slice name = slice_of(q->name);

	q->answered = true;
	q->answer = (struct dns_answer){.status = DNS_NXDOMAIN, .rdata = q->rdata};
	for (size_t i = 0; i < zone->nrows; i++) {
		const struct zone_row *row = &zone->rows[i];
		struct slice owner = slice_of(row->name);
		bool below = owner.n > name.n && slice_ends(owner, name) &&
			     owner.p[owner.n - name.n - 1] == '.';
		bool same = slice_eq(owner, name);

		if (same && row->text == NULL && (row->type == q->type || row->type == 0)) {
			q->answer.status = DNS_TEMPERROR;
			return;
		}
		if (row->text == NULL)
			continue;
		if (same && row->type == q->type) {
			q->answer.status = DNS_FOUND;
			q->rdata[q->answer.n++] = zone_wire(zone, row->text);
		} else if ((same || below) && q->answer.status == DNS_NXDOMAIN) {
			q->answer.status = DNS_NODATA;
		}
	}
}

static int
zone_ask(struct dns *dns, struct dns_batch *batch, struct slice name, enum dns_type type)
{
	struct zone_question q = {.type = type};
	struct buf text = BUF_OVER(q.name);

	(void)dns;
	if (dns_name_normalise(name, &text) != 0)
		return DNS_ASK_NO_NAME;
	(void)buf_text(&text);
	for (size_t i = 0; i < batch->n; i++) {
		if (batch->v[i].type == type && strcmp(batch->v[i].name, q.name) == 0)
			return (int)i;
	}
	if (batch->n == DNS_BATCH_MAX)
		return DNS_ASK_FULL;
	batch->v[batch->n] = q;
	return (int)batch->n++;
}

static bool
zone_wait(struct dns *dns, struct dns_batch *batch, int64_t until_ms)
{
	(void)until_ms;
	for (size_t i = 0; i < batch->n; i++) {
		if (!batch->v[i].answered)
			zone_look_up((struct zone_dns *)(void *)dns, &batch->v[i]);
	}
	return true;
}

static const struct dns_answer *
zone_answer(struct dns *dns, struct dns_batch *batch, int index)
{
	static const struct dns_answer pending = {.status = DNS_PENDING};

	(void)dns;
	return batch->v[index].answered ? &batch->v[index].answer : &pending;
}

static void
zone_end(struct dns *dns, struct dns_batch *batch)
{
	(void)dns;
	(void)batch;
}

/* On the heap, so that reading outside is seen. */
static struct zone_dns *
zone_new(const struct zone_row *rows, size_t n)
{
	struct zone_dns *zone = calloc(1, sizeof(*zone));

	zone->port = (struct dns){zone_begin, zone_ask, zone_wait, zone_answer, zone_end};
	zone->rows = rows;
	while (zone->nrows < n && rows[zone->nrows].name != NULL)
		zone->nrows++;
	return zone;
}

#endif
