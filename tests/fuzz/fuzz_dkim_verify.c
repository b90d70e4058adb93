/*
 * fuzz_dkim_verify.c - a DKIM-Signature field through libopendkim: signature, key record, From and
 * body, with a NUL after each. There is a verdict for each signature, and memory is given back.
 */
#include "auth/dkim_verify.h"

#include <assert.h>
#include <stdint.h>

static struct slice key;
static struct dns_answer answer = {DNS_FOUND, .rdata = &key, .n = 1};

static struct dns_batch *
fake_begin(struct dns *dns)
{
	return (struct dns_batch *)dns;
}

static int
fake_ask(struct dns *dns, struct dns_batch *batch, struct slice name, enum dns_type type)
{
	(void)dns, (void)batch, (void)name, (void)type;
	return 0;
}

static const struct dns_answer *
fake_answer(struct dns *dns, struct dns_batch *batch, int index)
{
	(void)dns, (void)batch, (void)index;
	return &answer;
}

static void
fake_end(struct dns *dns, struct dns_batch *batch)
{
	(void)dns, (void)batch;
}

static struct slice
part_next(struct slice *left)
{
	size_t n = slice_find(*left, '\0');
	struct slice part = slice_head(*left, n);

	*left = slice_from(*left, n + 1);
	return part;
}

/* As strings of 200 bytes. */
static struct slice
wire_put(char *wire, size_t cap, struct slice text)
{
	size_t n = 0;

	for (; text.n > 0 && n + 201 < cap; text = slice_from(text, 200)) {
		struct slice part = slice_head(text, 200);

		wire[n++] = (char)part.n;
		memcpy(wire + n, part.p, part.n);
		n += part.n;
	}
	return slice_make(wire, n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns dns = {
	    .begin = fake_begin, .ask = fake_ask, .answer = fake_answer, .end = fake_end};
	struct slice left = slice_make((const char *)data, size), signature = part_next(&left);
	struct dkim_limits limits = dkim_limits_default();
	struct dkim_verifier *verifier;
	struct dkim_verify *v;
	struct lookup lookup;
	struct arena arena;
	char wire[2048];
	size_t n;

	key = wire_put(wire, sizeof(wire), part_next(&left));
	limits.accept_sha1 = limits.honour_length = size % 2 == 0;
	verifier = dkim_verifier_new(&limits);
	arena_init(&arena, 4096, 65536);
	lookup_init(&lookup, &dns, 0);
	v = dkim_verify_new(verifier, &arena);
	dkim_verify_header(v, slice_of("DKIM-Signature"), signature);
	dkim_verify_header(v, slice_of("From"), part_next(&left));
	dkim_verify_header(v, slice_of("dkim-signature"), signature);
	dkim_verify_eoh(v);
	dkim_verify_body(v, slice_head(left, left.n / 2));
	dkim_verify_body(v, slice_from(left, left.n / 2));
	assert(dkim_verify_advance(v, &lookup));
	for (const struct dkim_result *r = dkim_verify_results(v, &n); n > 0; n--, r++)
		assert(r->verdict != DKIM_VERDICT_NONE && r->reason != NULL && r->domain.n < 256);
	dkim_verify_free(v);
	dkim_verifier_free(verifier);
	lookup_fini(&lookup);
	arena_fini(&arena);
	return 0;
}
