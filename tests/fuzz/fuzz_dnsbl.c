/*
 * fuzz_dnsbl.c - what zones answer: records of any number, length and content. A byte of the input
 * is the length of a record, the record follows.
 */
#include "policy/dnsbl.h"
#include "policy/dnsbl_canary.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice records[DNS_RECORDS_MAX];
static struct dns_answer answer = {.rdata = records};

static int
any_ask(struct dns *dns, struct dns_batch *batch, struct slice name, enum dns_type type)
{
	(void)dns, (void)batch, (void)type;
	return (int)(name.n % 3);
}

static const struct dns_answer *
any_answer(struct dns *dns, struct dns_batch *batch, int index)
{
	(void)dns, (void)batch, (void)index;
	return &answer;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const entries[] = {"a.example=127.[0..255].[0..255].[2..9]*3",
	    "list.dnswl.org*-5 block", "@spamhaus-zen", "b.example=127.0.0.2*1000 block"};
	struct dns dns = {.ask = any_ask, .answer = any_answer};
	struct lookup lookup = {&dns, (struct dns_batch *)(void *)&dns, 0, true};
	struct slice rest = slice_make((const char *)data, size);
	const struct dnsbl_check *check;
	struct dnsbl_check *client;
	struct dnsbl_canary canary;
	struct dnsbl_table *table;
	struct arena arena;

	arena_init(&arena, 65536, 1024 * 1024);
	table = dnsbl_table_new(&arena);
	for (size_t i = 0; i < 4; i++)
		(void)dnsbl_table_add(table, &arena, false, slice_of(entries[i]), NULL);
	for (answer.n = 0; rest.n > 1 && answer.n < DNS_RECORDS_MAX; answer.n++) {
		records[answer.n] = slice_head(slice_from(rest, 1), (unsigned char)rest.p[0]);
		rest = slice_from(rest, 1 + records[answer.n].n);
	}
	answer.status = answer.n > 0 ? DNS_FOUND : DNS_NXDOMAIN;
	check = client = dnsbl_check_new(&arena, table, NULL, DNSBL_CLIENT);
	client->client = net_addr_ipv4("\xc0\x00\x02\x01");
	assert(dnsbl_advance(client, &lookup));
	for (size_t i = 0; i < table->n; i++) {
		assert(client->results[i].status == DNSBL_LISTED || client->results[i].weight == 0);
		assert(memchr(client->results[i].codes, '\0', DNSBL_CODES_BYTES) != NULL);
		assert(dnsbl_canary_advance(&canary, &table->zones[i], &lookup));
	}
	assert(dnsbl_score(&check, 1, -5) >= -5);
	arena_fini(&arena);
	return 0;
}
