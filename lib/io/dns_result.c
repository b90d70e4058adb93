/*
 * dns_result.c - see dns_result.h.
 */
#include "io/dns_result.h"

#include "io/dns_packet.h"

#include <stdlib.h>

#define RCODE_NOERROR  0 /* RFC 1035 section 4.1.1 */
#define RCODE_SERVFAIL 2
#define RCODE_NXDOMAIN 3

/* A temporary error is not asked for again at once, but soon: mail waits for it. */
#define TEMPERROR_KEPT_MS 1000

/* libunbound goes by the TTL alone; an hour is long enough for us to be wrong. */
#define KEPT_MAX_S 3600

static enum dns_status
result_status(const struct ub_result *result)
{
	if (result == NULL || result->bogus)
		return DNS_TEMPERROR;
	if (result->nxdomain)
		return DNS_NXDOMAIN;
	if (result->rcode != RCODE_NOERROR)
		return DNS_TEMPERROR;
	return result->havedata ? DNS_FOUND : DNS_NODATA;
}

/* Copies of the records, slices first and their bytes behind; NULL when there is no memory. */
static struct slice *
records_copy(const struct slice *from, size_t n, size_t *bytes_r)
{
	size_t bytes = n * sizeof(struct slice);
	struct slice *records;
	char *at;

	for (size_t i = 0; i < n; i++)
		bytes += from[i].n;
	records = malloc(bytes);
	if (records == NULL)
		return NULL;
	at = (char *)(records + n);
	for (size_t i = 0; i < n; i++) {
		records[i] = slice_make(at, from[i].n);
		if (from[i].n > 0)
			memcpy(at, from[i].p, from[i].n);
		at += from[i].n;
	}
	*bytes_r = bytes;
	return records;
}

/* The records that libunbound tells of, and those that it could not: see dns_packet.h. */
static size_t
records_find(const struct ub_result *result, struct slice records_r[DNS_RECORDS_MAX])
{
	size_t n = 0;

	if (result == NULL || result->bogus || result->nxdomain)
		return 0;
	if (result->rcode == RCODE_SERVFAIL && result->qtype == DNS_TXT &&
	    result->answer_packet != NULL && result->answer_len > 0)
		return dns_packet_txt(slice_make(result->answer_packet, (size_t)result->answer_len),
		    records_r, DNS_RECORDS_MAX);
	if (result->rcode != RCODE_NOERROR || !result->havedata)
		return 0;
	for (; n < DNS_RECORDS_MAX && result->data[n] != NULL; n++)
		records_r[n] = slice_make(result->data[n], (size_t)result->len[n]);
	return n;
}

struct dns_answer
dns_result_answer(const struct ub_result *result, size_t *bytes_r)
{
	static const struct dns_answer failed = {.status = DNS_TEMPERROR};
	struct slice records[DNS_RECORDS_MAX];
	size_t n = records_find(result, records);
	struct dns_answer answer = {.status = n > 0 ? DNS_FOUND : result_status(result)};

	*bytes_r = 0;
	if (answer.status == DNS_TEMPERROR)
		return failed;
	answer.secure = result->secure != 0;
	answer.ttl_s = result->ttl > 0 ? result->ttl : 0;
	if (answer.status != DNS_FOUND)
		return answer;
	answer.rdata = n == 0 ? NULL : records_copy(records, n, bytes_r);
	answer.n = n;
	return answer.rdata == NULL ? failed : answer;
}

int64_t
dns_answer_until_ms(const struct dns_answer *answer, int64_t now_ms)
{
	if (answer->status == DNS_TEMPERROR)
		return now_ms + TEMPERROR_KEPT_MS;
	return now_ms + 1000 * (answer->ttl_s < KEPT_MAX_S ? answer->ttl_s : KEPT_MAX_S);
}
