/*
 * explain_text.c - see explain.h, explain_parts.h: the words for a single finding.
 */
#include "policy/explain_parts.h"

static const struct {
	const char *answer;
	const char *words;
} answers[] = {
    {"accept", "accepted"},
    {"defer", "put off"},
    {"reject", "refused"},
    {"quarantine", "held"},
    {"discard", "thrown away"},
    {"mixed", "mixed"},
    {"none", "none"},
};

const char *
explain_answer_words(struct slice answer)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (slice_eq(answer, slice_of(answers[i].answer)))
			return answers[i].words;
	}
	return NULL;
}

void
explain_check_add(struct buf *line, struct slice check)
{
	static const struct {
		const char *check;
		const char *words;
	} names[] = {{"rdns", "reverse DNS"}, {"spf", "SPF"}, {"dkim", "DKIM"}, {"dmarc", "DMARC"},
	    {"grey", "greylisting"}, {"forged", "fields of ours:"}, {"score", "the score"}};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (slice_eq(check, slice_of(names[i].check)))
			check = slice_of(names[i].words);
	}
	buf_add(line, check);
}

size_t
explain_find(struct slice text, struct slice word)
{
	for (size_t i = 0; word.n > 0 && i + word.n <= text.n; i++) {
		if (slice_starts(slice_from(text, i), word))
			return i;
	}
	return text.n;
}

bool
explain_check_is(const struct record_finding *v, const char *check)
{
	return slice_eq(v->check, slice_of(check));
}

bool
explain_kind_is(const struct record_finding *v, const char *kind)
{
	return slice_eq(v->kind, slice_of(kind));
}

struct slice
explain_would_of(const struct record *record, struct slice *check_r)
{
	struct slice would = record_get(record, "would");
	size_t colon = slice_find(would, ':');

	*check_r = slice_from(would, colon + 1);
	return slice_head(would, colon);
}

void
explain_answer_add(struct buf *out, struct slice answer)
{
	const char *words = explain_answer_words(answer);

	buf_add(out, words != NULL ? slice_of(words) : answer);
}

/* --- a finding --- */

struct slice
explain_would(const struct record *record, const struct record_finding *v)
{
	static const struct slice defer = SLICE_LIT("defer"), held = SLICE_LIT("quarantine");
	struct slice check;
	struct slice would = explain_would_of(record, &check);

	/* a note has a text only where it is what a client would have been told */
	if (!explain_kind_is(v, "note") || would.n == 0 ||
	    (v->text.n == 0 &&
		!(explain_check_is(v, "score") && slice_eq(v->reason, slice_of("shadow")))))
		return slice_make(NULL, 0);
	if (slice_eq(v->check, check))
		return would;
	if (explain_check_is(v, "grey") || slice_eq(v->reason, slice_of("error")))
		return defer;
	return slice_ends(v->text, slice_of(" asks for quarantine")) ? held : slice_of("reject");
}

/* The text without " (CODE)", which the title has. */
static void
uncoded_add(struct buf *out, struct slice text, struct slice code)
{
	size_t at = explain_find(text, code);
	size_t end = at + code.n;

	if (at == text.n || at < 2 || end == text.n || text.p[end] != ')' ||
	    !slice_eq(slice_make(text.p + at - 2, 2), slice_of(" ("))) {
		buf_add(out, text);
		return;
	}
	buf_add(out, slice_head(text, at - 2));
	buf_add(out, slice_from(text, end + 1));
}

/* "the sum reaches block at 30": what it is made of stands above it. False when it is no matter of
 * the score, or not known. */
static bool
sum_add(struct buf *out, const struct record *record, const struct record_finding *v)
{
	struct slice limits = record_get(record, "limits");
	bool level = false;
	struct record_limit limit;

	for (const char *const *name = (const char *const[]){"low", "medium", "high", NULL};
	     *name != NULL; name++)
		level |= slice_eq(v->reason, slice_of(*name));
	if (!explain_check_is(v, "score") || v->text.n == 0)
		return false;
	while (record_limit_next(&limits, &limit)) {
		if (!slice_eq(limit.name, level ? v->reason : slice_of("block")))
			continue;
		buf_add_format(out, "the sum reaches %.*s at %lld", SLICE_ARG(limit.name),
		    (long long)limit.value);
		return true;
	}
	return false;
}

void
explain_text(struct buf *out, const struct record *record, const struct record_finding *v)
{
	struct slice would = explain_would(record, v);

	if (!sum_add(out, record, v)) {
		if (!slice_starts_nocase(v->text, v->reason)) { /* "listed by …" says it, too */
			buf_add(out, v->reason);
			buf_add_text(out, v->text.n > 0 ? ": " : "");
		}
		uncoded_add(out, v->text, record_get(record, "code"));
	}
	if (would.n == 0)
		return;
	buf_add_text(out, " (shadow: would have been ");
	explain_answer_add(out, would);
	buf_add_char(out, ')');
}
