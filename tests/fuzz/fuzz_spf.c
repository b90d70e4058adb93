/*
 * fuzz_spf.c - an evaluation whose answers come out of the input: it ends, within its limits, and
 * says nothing that is not printable.
 *
 * An answer is: status, how many records, and each with its length in front. Then nothing exists.
 */
#include "auth/spf_parts.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned
byte_next(struct slice *input)
{
	unsigned byte = input->n == 0 ? 0 : (unsigned char)input->p[0];

	*input = slice_from(*input, 1);
	return byte;
}

static const struct dns_answer *
answer_make(struct arena *a, struct slice *input)
{
	static const enum dns_status statuses[] = {
	    DNS_NXDOMAIN, DNS_FOUND, DNS_NODATA, DNS_TEMPERROR, DNS_PENDING};
	struct dns_answer *answer = arena_alloc(a, sizeof(*answer));
	struct slice *rdata = arena_alloc(a, 16 * sizeof(*rdata));

	answer->status = statuses[byte_next(input) % 5];
	answer->n = answer->status == DNS_FOUND ? byte_next(input) % 16 : 0;
	answer->rdata = rdata;
	for (size_t i = 0; i < answer->n; i++) {
		rdata[i] = slice_head(*input, byte_next(input) + 1);
		rdata[i] = slice_from(rdata[i], 1);
		*input = slice_from(*input, rdata[i].n);
	}
	return answer;
}

static void
printable(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		assert(s.p[i] >= ' ' && s.p[i] <= '~');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_make((const char *)data, size);
	unsigned flags = byte_next(&input);
	struct address sender = address_parse(slice_of(flags & 1 ? "a-b@a.example" : ""));
	struct net_addr client = {flags & 2 ? NET_IPV4 : NET_IPV6, {192, 0, 2, 1}};
	struct spf_request request = {
	    .client = &client, .helo = slice_of("h.example"), .sender = &sender};
	struct spf_question question;
	struct arena a;
	struct spf *spf;
	const struct spf_result *r;
	unsigned questions = 0;

	arena_init(&a, 65536, (size_t)1024 * 1024);
	spf = spf_new_with(&spf_engine_own, &a, &request, NULL);
	for (; spf_next(spf, &question); questions++) {
		printable(question.name);
		spf_feed(spf, answer_make(&a, &input));
	}
	r = spf_result(spf);
	assert(questions <= 100 && r->lookups <= 10 && r->voids <= 2);
	printable(r->mechanism);
	printable(r->problem);
	printable(r->record);
	printable(r->explanation);
	assert(r->explanation.n <= SPF_EXPLANATION_BYTES && (!r->open || r->code == SPF_PASS));
	arena_fini(&a);
	return 0;
}
