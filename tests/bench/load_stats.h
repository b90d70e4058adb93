/*
 * load_stats.h - what a load run counts, and the histogram of its latencies.
 */
#ifndef BENCH_LOAD_STATS_H
#define BENCH_LOAD_STATS_H

#include "base/err.h"
#include "base/slice.h"

#include <stdint.h>
#include <stdio.h>

/* Latencies are kept in steps of 1/64 of their power of two: within 1.6 % of the truth. */
#define LATENCY_SUB     ((size_t)64)
#define LATENCY_BUCKETS (64 * LATENCY_SUB)

enum load_answer {
	LOAD_CONTINUE,
	LOAD_ACCEPT,
	LOAD_TEMPFAIL, /* also a 4xx of the filter's own words */
	LOAD_REJECT,   /* also a 5xx */
	LOAD_DISCARD,
	LOAD_OTHER,
	LOAD_ANSWERS,
};

struct load_latency {
	uint64_t v[LATENCY_BUCKETS];
	uint64_t max_ns;
};

struct load_stats {
	uint64_t rcpt[LOAD_ANSWERS];  /* the decisions: answers to RCPT */
	uint64_t final[LOAD_ANSWERS]; /* answers to end of message */
	uint64_t refused;             /* sessions or transactions that ended before their RCPT */
	uint64_t edits;               /* asked for at end of message */
	uint64_t sessions;            /* connections opened */
	uint64_t transactions;
	uint64_t vanished; /* connections that the client dropped on purpose */
	uint64_t errors;
	struct err first_error; /* of those */
	char first_delay[160];  /* the words of the first 4xx, for a look */
	uint32_t version, protocol, actions;
	struct load_latency rcpt_latency;    /* of that step */
	struct load_latency message_latency; /* from MAIL to the answer at end of message */
};

struct load_times {
	double seconds;
	double client_cpu_s; /* of milterload itself */
};

/* The kind of an answer: its letter and, for SMFIR_REPLYCODE, its text. */
enum load_answer load_answer_of(char kind, struct slice data);

void load_latency_add(struct load_latency *l, uint64_t ns);
void load_stats_error(struct load_stats *s, const struct err *err);
uint64_t load_stats_decisions(const struct load_stats *s);

/* The latency in ns below which `share` (0..1) of them lie; 0 when there are none. */
uint64_t load_latency_percentile(const struct load_latency *l, double share);

/* Adds what a thread counted to the whole. */
void load_stats_merge(struct load_stats *into, const struct load_stats *from);

/* One line of JSON. */
void load_stats_print(const struct load_stats *s, const struct load_times *times, FILE *out);

#endif
