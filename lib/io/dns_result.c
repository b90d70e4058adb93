/*
 * dns_result.c - see dns_result.h.
 */
#include "io/dns_result.h"

#include <stdlib.h>

#define RCODE_NOERROR  0 /* RFC 1035 section 4.1.1 */
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

/* The records, slices first and their bytes behind; NULL when there is no memory. */
static struct slice *
records_copy(const struct ub_result *result, size_t n, size_t *bytes_r)
{
	size_t bytes = n * sizeof(struct slice);
	struct slice *records;
	char *at;

	for (size_t i = 0; i < n; i++)
		bytes += (size_t)result->len[i];
	records = malloc(bytes);
	if (records == NULL)
		return NULL;
	at = (char *)(records + n);
	for (size_t i = 0; i < n; i++) {
		records[i] = slice_make(at, (size_t)result->len[i]);
		memcpy(at, result->data[i], records[i].n);
		at += records[i].n;
	}
	*bytes_r = bytes;
	return records;
}

struct dns_answer
dns_result_answer(const struct ub_result *result, size_t *bytes_r)
{
	static const struct dns_answer failed = {.status = DNS_TEMPERROR};
	struct dns_answer answer = {.status = result_status(result)};
	size_t n = 0;

	*bytes_r = 0;
	if (answer.status == DNS_TEMPERROR)
		return failed;
	answer.secure = result->secure != 0;
	answer.ttl_s = result->ttl > 0 ? result->ttl : 0;
	if (answer.status != DNS_FOUND)
		return answer;
	while (n < DNS_RECORDS_MAX && result->data[n] != NULL)
		n++;
	answer.rdata = n == 0 ? NULL : records_copy(result, n, bytes_r);
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
