/*
 * bytes_dns.h - a DNS port for fuzz harnesses: every answer is made of the fuzzer's bytes, of any
 * status, shape and size. Each question takes, as far as there are bytes: a byte for its status and
 * whether it comes late, one for the number of records, and for each one for its length, then that
 * many (255: 1,020). Without bytes: no such name.
 */
#ifndef FUZZ_BYTES_DNS_H
#define FUZZ_BYTES_DNS_H

#include "policy/lookup.h"

#include <assert.h>

struct bytes_question {
	char name[DNS_NAME_MAX_BYTES + 1];
	enum dns_type type;
	int late; /* waits until it is answered */
	struct dns_answer answer;
	struct slice rdata[DNS_RECORDS_MAX];
};

struct dns_batch {
	struct slice rest;
	struct bytes_question v[DNS_BATCH_MAX];
	int n;
	int waits;
};

static struct dns_batch bytes_batch;

static unsigned
bytes_take(struct dns_batch *b)
{
	unsigned byte = b->rest.n == 0 ? 0 : (unsigned char)b->rest.p[0];

	b->rest = slice_from(b->rest, 1);
	return byte;
}

static void
bytes_answer_make(struct dns_batch *b, struct bytes_question *q)
{
	static const enum dns_status statuses[] = {
	    DNS_NXDOMAIN, DNS_FOUND, DNS_FOUND, DNS_NODATA, DNS_TEMPERROR, DNS_FOUND};
	unsigned how = bytes_take(b);

	q->answer = (struct dns_answer){.status = statuses[how % 6], .rdata = q->rdata};
	q->answer.secure = how % 5 == 0;
	q->late = how >= 128 ? (int)(how % 4) : 0;
	if (q->answer.status != DNS_FOUND)
		return;
	q->answer.n = bytes_take(b) % (DNS_RECORDS_MAX + 1);
	for (size_t i = 0; i < q->answer.n; i++) {
		size_t length = bytes_take(b);

		q->rdata[i] = slice_head(b->rest, length == 255 ? 1020 : length);
		b->rest = slice_from(b->rest, q->rdata[i].n);
	}
}

static struct dns_batch *
bytes_begin(struct dns *dns)
{
	(void)dns;
	return &bytes_batch;
}

static int
bytes_ask(struct dns *dns, struct dns_batch *b, struct slice name, enum dns_type type)
{
	char storage[DNS_NAME_MAX_BYTES + 1];
	struct buf text = BUF_OVER(storage);
	struct bytes_question *q;

	(void)dns;
	if (dns_name_normalise(name, &text) != 0)
		return DNS_ASK_NO_NAME;
	(void)buf_text(&text);
	for (int i = 0; i < b->n; i++) {
		if (b->v[i].type == type && strcmp(b->v[i].name, storage) == 0)
			return i;
	}
	if (b->n == DNS_BATCH_MAX)
		return DNS_ASK_FULL;
	q = &b->v[b->n];
	memcpy(q->name, storage, text.n + 1);
	q->type = type;
	bytes_answer_make(b, q);
	return b->n++;
}

static const struct dns_answer *
bytes_answer(struct dns *dns, struct dns_batch *b, int index)
{
	static const struct dns_answer pending = {.status = DNS_PENDING};

	(void)dns;
	assert(index >= 0 && index < b->n);
	return b->waits < b->v[index].late ? &pending : &b->v[index].answer;
}

static bool
bytes_wait(struct dns *dns, struct dns_batch *b, int64_t until_ms)
{
	(void)dns;
	(void)until_ms;
	return ++b->waits < 8;
}

static void
bytes_end(struct dns *dns, struct dns_batch *b)
{
	(void)dns;
	(void)b;
}

static struct dns bytes_dns = {bytes_begin, bytes_ask, bytes_wait, bytes_answer, bytes_end};

/* A lookup that takes its answers from input. */
static inline void
bytes_lookup_init(struct lookup *lookup, struct slice input)
{
	bytes_batch.rest = input;
	bytes_batch.n = 0;
	bytes_batch.waits = 0;
	lookup_init(lookup, &bytes_dns, 0);
}

#endif
