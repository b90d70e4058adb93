/*
 * load_stats.c - see load_stats.h.
 */
#include "load_stats.h"

#include <inttypes.h>
#include <libmilter/mfdef.h>

static const char *const answer_names[LOAD_ANSWERS] = {
    "continue",
    "accept",
    "tempfail",
    "reject",
    "discard",
    "other",
};

enum load_answer
load_answer_of(char kind, struct slice data)
{
	switch (kind) {
	case SMFIR_CONTINUE:
		return LOAD_CONTINUE;
	case SMFIR_ACCEPT:
		return LOAD_ACCEPT;
	case SMFIR_TEMPFAIL:
		return LOAD_TEMPFAIL;
	case SMFIR_REJECT:
		return LOAD_REJECT;
	case SMFIR_DISCARD:
		return LOAD_DISCARD;
	case SMFIR_REPLYCODE:
		if (data.n > 0 && data.p[0] == '4')
			return LOAD_TEMPFAIL;
		return data.n > 0 && data.p[0] == '5' ? LOAD_REJECT : LOAD_OTHER;
	default:
		return LOAD_OTHER;
	}
}

/* Values below LATENCY_SUB have a bucket each; above, each power of two has LATENCY_SUB. */
static size_t
bucket_of(uint64_t ns)
{
	unsigned shift = 0;

	while ((ns >> shift) >= 2 * LATENCY_SUB)
		shift++;
	return (size_t)(shift * LATENCY_SUB + (ns >> shift));
}

/* The middle of a bucket. */
static uint64_t
bucket_ns(size_t bucket)
{
	unsigned shift;

	if (bucket < 2 * LATENCY_SUB)
		return bucket;
	shift = (unsigned)(bucket / LATENCY_SUB) - 1;
	return ((bucket - (uint64_t)shift * LATENCY_SUB) << shift) + ((UINT64_C(1) << shift) >> 1);
}

void
load_latency_add(struct load_latency *l, uint64_t ns)
{
	size_t bucket = bucket_of(ns);

	l->v[bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1]++;
	if (ns > l->max_ns)
		l->max_ns = ns;
}

void
load_stats_error(struct load_stats *s, const struct err *err)
{
	if (s->errors++ == 0)
		s->first_error = *err;
}

uint64_t
load_stats_decisions(const struct load_stats *s)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < LOAD_ANSWERS; i++)
		sum += s->rcpt[i];
	return sum;
}

uint64_t
load_latency_percentile(const struct load_latency *l, double share)
{
	uint64_t total = 0, seen = 0, want;
	size_t i;

	for (i = 0; i < LATENCY_BUCKETS; i++)
		total += l->v[i];
	want = (uint64_t)(share * (double)total);
	for (i = 0; i < LATENCY_BUCKETS && total > 0; i++) {
		seen += l->v[i];
		if (seen > want || seen == total)
			break;
	}
	if (total == 0)
		return 0;
	return bucket_ns(i) < l->max_ns ? bucket_ns(i) : l->max_ns;
}

static void
latency_merge(struct load_latency *into, const struct load_latency *from)
{
	for (size_t i = 0; i < LATENCY_BUCKETS; i++)
		into->v[i] += from->v[i];
	if (from->max_ns > into->max_ns)
		into->max_ns = from->max_ns;
}

void
load_stats_merge(struct load_stats *into, const struct load_stats *from)
{
	size_t i;

	for (i = 0; i < LOAD_ANSWERS; i++) {
		into->rcpt[i] += from->rcpt[i];
		into->final[i] += from->final[i];
	}
	latency_merge(&into->rcpt_latency, &from->rcpt_latency);
	latency_merge(&into->message_latency, &from->message_latency);
	if (into->errors == 0)
		into->first_error = from->first_error;
	if (into->first_delay[0] == '\0')
		memcpy(into->first_delay, from->first_delay, sizeof(into->first_delay));
	into->refused += from->refused;
	into->edits += from->edits;
	into->sessions += from->sessions;
	into->transactions += from->transactions;
	into->vanished += from->vanished;
	into->errors += from->errors;
	into->version = from->version;
	into->protocol = from->protocol;
	into->actions = from->actions;
}

static void
print_text(const char *name, const char *text, FILE *out)
{
	const char *p;

	fprintf(out, ", \"%s\": \"", name);
	for (p = text; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			fprintf(out, "\\u%04x", (unsigned)(unsigned char)*p);
		else
			fprintf(out, *p == '"' || *p == '\\' ? "\\%c" : "%c", *p);
	}
	fputc('"', out);
}

static void
print_answers(const char *name, const uint64_t v[LOAD_ANSWERS], FILE *out)
{
	size_t i;

	fprintf(out, ", \"%s\": {", name);
	for (i = 0; i < LOAD_ANSWERS; i++)
		fprintf(out, "%s\"%s\": %" PRIu64, i == 0 ? "" : ", ", answer_names[i], v[i]);
	fputc('}', out);
}

static void
print_latency(const char *of, const struct load_latency *l, FILE *out)
{
	fprintf(out, ", \"%sp50_us\": %.1f, \"%sp99_us\": %.1f, \"%smax_us\": %.1f", of,
	    (double)load_latency_percentile(l, 0.5) / 1e3, of,
	    (double)load_latency_percentile(l, 0.99) / 1e3, of, (double)l->max_ns / 1e3);
}

void
load_stats_print(const struct load_stats *s, const struct load_times *times, FILE *out)
{
	uint64_t decisions = load_stats_decisions(s);
	double rate = times->seconds > 0 ? (double)decisions / times->seconds : 0;

	fprintf(out, "{\"decisions\": %" PRIu64 ", \"seconds\": %.3f, \"rate\": %.0f", decisions,
	    times->seconds, rate);
	print_latency("", &s->rcpt_latency, out);
	print_latency("message_", &s->message_latency, out);
	print_answers("rcpt", s->rcpt, out);
	print_answers("eom", s->final, out);
	fprintf(out, ", \"transactions\": %" PRIu64 ", \"sessions\": %" PRIu64, s->transactions,
	    s->sessions);
	fprintf(out, ", \"refused\": %" PRIu64 ", \"edits\": %" PRIu64, s->refused, s->edits);
	fprintf(out, ", \"vanished\": %" PRIu64 ", \"errors\": %" PRIu64, s->vanished, s->errors);
	fprintf(out, ", \"client_cpu_s\": %.3f", times->client_cpu_s);
	fprintf(out, ", \"version\": %u, \"protocol\": \"0x%x\", \"actions\": \"0x%x\"",
	    (unsigned)s->version, (unsigned)s->protocol, (unsigned)s->actions);
	if (s->first_delay[0] != '\0')
		print_text("first_delay", s->first_delay, out);
	if (s->errors > 0)
		print_text("first_error", s->first_error.text, out);
	fputs("}\n", out);
}
