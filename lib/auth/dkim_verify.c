/*
 * dkim_verify.c - see dkim_verify.h: a message on its way through libopendkim.
 */
#define _DEFAULT_SOURCE /* opendkim/dkim.h wants u_char */

#include "auth/dkim_verify.h"

#include "auth/dkim_key.h"
#include "auth/dkim_parts.h"

#include <stdlib.h>

/* A field that no h= can name, as it has a blank in its name. libopendkim writes beyond its list of
 * fields when h= names more than there are and all of them are signed; this one never is. */
#define SPARE_FIELD "not a field: spare"

/* The longest question: two names of 254 bytes and what stands between them. A longer one than DNS
 * knows is answered as no such name. */
#define QUESTION_MAX_BYTES 600

struct dkim_verify *
dkim_verify_new(const struct dkim_verifier *verifier, struct arena *arena)
{
	struct dkim_verify *v = arena_alloc(arena, sizeof(*v));
	DKIM_STAT status;

	if (v == NULL)
		return NULL;
	v->verifier = verifier;
	v->arena = arena;
	v->dkim = dkim_verify(verifier->lib, (const unsigned char *)"-", NULL, &status);
	if (v->dkim == NULL)
		return NULL;
	dkim_set_user_context(v->dkim, v);
	return v;
}

/* Memory of the message is given back as soon as nothing more can come of it. */
static void
dkim_release(struct dkim_verify *v)
{
	if (v->dkim != NULL)
		dkim_free(v->dkim);
	v->dkim = NULL;
	free(v->line);
	v->line = NULL;
	v->line_cap = 0;
}

void
dkim_verify_free(struct dkim_verify *v)
{
	if (v != NULL)
		dkim_release(v);
}

void
dkim_verify_settle(struct dkim_verify *v, enum dkim_verdict verdict, const char *reason)
{
	dkim_release(v);
	v->settled = verdict;
	v->settled_reason = reason;
	for (size_t i = 0; i < v->n; i++)
		if (v->results[i].verdict == DKIM_VERDICT_NONE) {
			v->results[i].verdict = verdict;
			v->results[i].reason = reason;
		}
}

/* Which of libopendkim's signatures is which of ours; those in doubt it shall not look at. */
static bool
signatures_match(struct dkim_verify *v)
{
	DKIM_SIGINFO **infos = NULL;
	int listed = 0, used = 0;

	if (dkim_getsiglist(v->dkim, &infos, &listed) != DKIM_STAT_OK)
		return false;
	for (size_t i = 0; i < v->n; i++) {
		if (!v->checks[i].handed)
			continue;
		if (used == listed)
			return false;
		v->checks[i].info = infos[used++];
		if (v->results[i].verdict == DKIM_VERDICT_NONE)
			dkim_check_judge(&v->checks[i], &v->results[i]);
		if (v->results[i].verdict != DKIM_VERDICT_NONE)
			dkim_sig_ignore(v->checks[i].info);
	}
	return used == listed;
}

static size_t
undecided_count(const struct dkim_verify *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++)
		n += v->results[i].verdict == DKIM_VERDICT_NONE;
	return n;
}

void
dkim_verify_eoh(struct dkim_verify *v)
{
	struct slice spare = slice_of(SPARE_FIELD);

	if (v->dkim == NULL || v->header_over)
		return;
	v->header_over = true;
	if (undecided_count(v) > 0 && !v->has_from)
		dkim_verify_settle(v, DKIM_VERDICT_PERMERROR, "no From field");
	if (undecided_count(v) == 0)
		dkim_release(v);
	if (v->dkim == NULL)
		return;
	if (dkim_header(v->dkim, (u_char *)spare.p, spare.n) != DKIM_STAT_OK ||
	    dkim_eoh(v->dkim) != DKIM_STAT_OK || !signatures_match(v))
		dkim_verify_settle(
		    v, DKIM_VERDICT_TEMPERROR, "libopendkim cannot work on this header");
	else if (undecided_count(v) == 0)
		dkim_release(v);
}

/* libopendkim's canonicalisation leaves a CR without LF out, and its count after an LF without CR is
 * wrong: what it verified would not be what was sent. MTAs do not pass such bodies on unchanged. */
static void
stray_look_for(struct dkim_verify *v, struct slice chunk)
{
	char last = v->last;

	for (size_t i = 0; i < chunk.n; i++) {
		if ((chunk.p[i] == '\n') != (last == '\r'))
			v->has_stray = true;
		last = chunk.p[i];
	}
	v->last = last;
}

bool
dkim_verify_wants_body(const struct dkim_verify *v)
{
	return v->dkim != NULL;
}

void
dkim_verify_body(struct dkim_verify *v, struct slice chunk)
{
	if (v->dkim == NULL || chunk.n == 0)
		return;
	stray_look_for(v, chunk);
	v->has_body = true;
	if (v->has_stray)
		dkim_verify_settle(v, DKIM_VERDICT_POLICY, "CR or LF alone in the body");
	else if (dkim_body(v->dkim, (u_char *)chunk.p, chunk.n) != DKIM_STAT_OK)
		dkim_verify_settle(
		    v, DKIM_VERDICT_TEMPERROR, "libopendkim cannot work on this body");
}

bool
dkim_verify_ask(struct dkim_verify *v, struct lookup *lookup)
{
	bool all = true;

	dkim_verify_eoh(v);
	for (size_t i = 0; v->dkim != NULL && i < v->n; i++) {
		struct dkim_check *check = &v->checks[i];
		char storage[QUESTION_MAX_BYTES];
		struct buf name = BUF_OVER(storage);
		const struct dns_answer *answer;

		if (v->results[i].verdict != DKIM_VERDICT_NONE || check->key.p != NULL)
			continue;
		dkim_key_name(&v->results[i], &name);
		answer = lookup_ask(lookup, buf_slice(&name), DNS_TXT);
		if (answer->status == DNS_PENDING) {
			all = false;
			continue;
		}
		check->key = dkim_key_read(answer, v->arena, &v->results[i]);
		if (check->key.p == NULL)
			dkim_sig_ignore(check->info);
	}
	return all;
}

/* RFC 6376 section 3.4.3 and 3.4.4: the last line of a body ends in CRLF, or is made to. */
static void
body_end(struct dkim_verify *v)
{
	if (v->has_body && v->last != '\n')
		dkim_verify_body(v, slice_of("\r\n"));
}

bool
dkim_verify_advance(struct dkim_verify *v, struct lookup *lookup)
{
	if (!dkim_verify_ask(v, lookup))
		return false;
	if (undecided_count(v) > 0)
		body_end(v);
	if (undecided_count(v) > 0) {
		(void)dkim_eom(v->dkim, NULL);
		for (size_t i = 0; i < v->n; i++)
			if (v->results[i].verdict == DKIM_VERDICT_NONE)
				dkim_check_judge(&v->checks[i], &v->results[i]);
	}
	dkim_verify_settle(v, DKIM_VERDICT_TEMPERROR, "libopendkim could not verify it");
	v->finished = true;
	return true;
}

bool
dkim_verify_finished(const struct dkim_verify *v)
{
	return v->finished;
}

const struct dkim_result *
dkim_verify_results(const struct dkim_verify *v, size_t *n_r)
{
	*n_r = v->n;
	return v->results;
}

size_t
dkim_verify_skipped(const struct dkim_verify *v)
{
	return v->skipped;
}
