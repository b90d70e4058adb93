/*
 * dns_result.h - what libunbound found out, in our words.
 */
#ifndef IO_DNS_RESULT_H
#define IO_DNS_RESULT_H

#include "policy/dns.h"

#include <unbound.h>

/* result may be NULL: a temporary error, as is everything that is no clear yes or no. The answer's
 * rdata is one block of *bytes_r bytes for free(), or NULL. */
struct dns_answer dns_result_answer(const struct ub_result *result, size_t *bytes_r);

/* Until when an answer that came at now_ms may be kept. */
int64_t dns_answer_until_ms(const struct dns_answer *answer, int64_t now_ms);

#endif
