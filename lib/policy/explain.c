/*
 * explain.c - see explain.h.
 */
#include "policy/explain_parts.h"

#include <stdarg.h>
#include <stdio.h>

/* Findings that are looked at: more than all the checks together make (FINDINGS_MAX). */
#define FACTS_MAX 64

/* Sentences about single findings, and findings named in one sentence. */
#define SINGLES_MAX 5
#define NAMED_MAX   4

struct facts {
	const struct record *record;
	struct explain *out;
	struct record_finding v[FACTS_MAX];
	size_t n;
	struct slice limits;
	int64_t score;
};

bool
explain_limit_reached(struct slice limits, int64_t score, struct record_limit *limit_r)
{
	struct record_limit limit;
	bool found = false;

	while (record_limit_next(&limits, &limit)) {
		if (limit.value <= 0 || score < limit.value ||
		    (found && limit.value <= limit_r->value))
			continue;
		*limit_r = limit;
		found = true;
	}
	return found;
}

bool
explain_limit_next(struct slice limits, int64_t score, struct record_limit *limit_r)
{
	struct record_limit limit;
	bool found = false;

	while (record_limit_next(&limits, &limit)) {
		if (limit.value <= 0 || score >= limit.value ||
		    (found && limit.value >= limit_r->value))
			continue;
		*limit_r = limit;
		found = true;
	}
	return found;
}

/* --- sentences --- */

static struct buf
line_begin(struct facts *f)
{
	struct buf line;

	buf_init(&line, f->out->v[f->out->n].text, EXPLAIN_BYTES);
	return line;
}

/* Keeps the line when there is room for one more behind it. */
static void
line_end(struct facts *f, struct buf *line)
{
	(void)buf_text(line);
	if (f->out->n + 1 < EXPLAIN_MAX)
		f->out->n++;
}

static void line_say(struct facts *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
line_say(struct facts *f, const char *format, ...)
{
	struct buf line = line_begin(f);
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line.p, line.cap, format, args);
	va_end(args);
	line.n = n < 0 ? 0 : strlen(line.p);
	line_end(f, &line);
}

/* "listed by bl.example" of what a DNS list told the client; empty for other checks. */
static struct slice
listing_of(const struct record_finding *v)
{
	struct slice text = explain_check_is(v, "dnsbl") ? v->text : slice_make(NULL, 0);
	size_t at = explain_find(text, slice_of("listed by "));

	text = at < text.n ? slice_from(text, at) : text;
	return slice_head(slice_head(text, explain_find(text, slice_of(" ("))), 120);
}

/* "listed by bl.example" (dnsbl, 10); SPF fail (30); without a weight, no number */
static void
label_add(struct buf *line, const struct record_finding *v)
{
	struct slice listing = listing_of(v);

	if (listing.n > 0) {
		buf_add_format(line, "\"%.*s\" (%.*s", SLICE_ARG(listing), SLICE_ARG(v->check));
	} else {
		explain_check_add(line, v->check);
		buf_add_format(line, " %.*s%s", SLICE_ARG(v->reason), v->weight != 0 ? " (" : "");
	}
	if (v->weight != 0)
		buf_add_format(line, "%s%lld", listing.n > 0 ? ", " : "", (long long)v->weight);
	buf_add_text(line, listing.n > 0 || v->weight != 0 ? ")" : "");
}

static bool
is_hard(const struct record_finding *v)
{
	return (explain_kind_is(v, "block") || explain_kind_is(v, "quarantine") ||
		   explain_kind_is(v, "discard")) &&
	       !explain_check_is(v, "score");
}

static bool
is_weight(const struct record_finding *v)
{
	return explain_kind_is(v, "score") && v->weight > 0;
}

/* "; the score, 35, reaches block at 30" */
static void
score_add(struct buf *line, const struct facts *f)
{
	struct record_limit limit;

	if (explain_limit_reached(f->limits, f->score, &limit))
		buf_add_format(line, "; the score, %lld, reaches %.*s at %lld", (long long)f->score,
		    SLICE_ARG(limit.name), (long long)limit.value);
}

/* Would the score have refused as well? What low and medium do is not in the record. */
static bool
score_is_hard(const struct facts *f)
{
	struct record_limit limit;

	return explain_limit_reached(f->limits, f->score, &limit) &&
	       (slice_eq(limit.name, slice_of("block")) || slice_eq(limit.name, slice_of("high")));
}

/* What refuses (or holds, or throws away) by itself. */
static void
hard_say(struct facts *f)
{
	struct buf line = line_begin(f);
	size_t n = 0, named = 0;
	bool alone;

	for (size_t i = 0; i < f->n; i++)
		n += is_hard(&f->v[i]);
	if (n == 0)
		return;
	alone = n == 1 && !score_is_hard(f);
	buf_add_text(&line, alone ? "Only " : n > 1 ? "Each is enough by itself: " : "");
	for (size_t i = 0; i < f->n && named < NAMED_MAX; i++) {
		if (!is_hard(&f->v[i]))
			continue;
		buf_add_text(&line, named++ > 0 ? " and " : "");
		label_add(&line, &f->v[i]);
	}
	buf_add_text(&line, alone ? " stands in the way" : n == 1 ? " is enough by itself" : "");
	score_add(&line, f);
	buf_add_char(&line, '.');
	line_end(f, &line);
}

/* "…the score would be 25, below block at 30." */
static void
would_be_add(struct buf *line, int64_t score, const struct record_limit *limit)
{
	buf_add_format(line, " the score would be %lld, below %.*s at %lld.", (long long)score,
	    SLICE_ARG(limit->name), (long long)limit->value);
}

/* One sentence for each finding without which the limit would not have been reached. How many. */
static size_t
singles_say(struct facts *f, const struct record_limit *limit)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		struct buf line;

		if (!is_weight(&f->v[i]) || f->score - f->v[i].weight >= limit->value ||
		    n++ >= SINGLES_MAX)
			continue;
		line = line_begin(f);
		buf_add_text(&line, "Without ");
		label_add(&line, &f->v[i]);
		would_be_add(&line, f->score - f->v[i].weight, limit);
		line_end(f, &line);
	}
	return n;
}

/* The heaviest finding below `below` (by weight, then by place), or NULL. */
static const struct record_finding *
heaviest(const struct facts *f, const struct record_finding *below)
{
	const struct record_finding *best = NULL;

	for (size_t i = 0; i < f->n; i++) {
		const struct record_finding *v = &f->v[i];

		if (!is_weight(v) ||
		    (below != NULL &&
			(v->weight > below->weight || (v->weight == below->weight && v <= below))))
			continue;
		if (best == NULL || v->weight > best->weight)
			best = v;
	}
	return best;
}

/* No finding is enough by itself: the fewest that are, the heaviest first. */
static void
together_say(struct facts *f, const struct record_limit *limit)
{
	const struct record_finding *v = NULL;
	struct buf line = line_begin(f);
	int64_t score = f->score;
	size_t n = 0;

	buf_add_text(&line, "No single finding made the difference; without ");
	while (score >= limit->value) {
		v = heaviest(f, v);
		if (v == NULL || n == NAMED_MAX) {
			line_say(f,
			    "The score, %lld, reaches %.*s at %lld; not all that made it is "
			    "in the record, or it is too much to name.",
			    (long long)f->score, SLICE_ARG(limit->name), (long long)limit->value);
			return;
		}
		buf_add_text(&line, n++ > 0 ? " and " : "");
		label_add(&line, v);
		score -= v->weight;
	}
	would_be_add(&line, score, limit);
	line_end(f, &line);
}

static void
reached_say(struct facts *f)
{
	struct record_limit limit;

	if (explain_limit_reached(f->limits, f->score, &limit) && singles_say(f, &limit) == 0)
		together_say(f, &limit);
}

static void
next_say(struct facts *f)
{
	struct record_limit limit;

	if (explain_limit_next(f->limits, f->score, &limit))
		line_say(f, "The score, %lld, is %lld below the next limit, %.*s at %lld.",
		    (long long)f->score, (long long)(limit.value - f->score), SLICE_ARG(limit.name),
		    (long long)limit.value);
}

/* --- what else there is to know --- */

static bool
has_earlier(const struct facts *f, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (slice_eq(f->v[k].check, f->v[i].check) && slice_eq(f->v[k].kind, f->v[i].kind))
			return true;
	}
	return false;
}

static void
grey_say(struct facts *f)
{
	struct slice client = record_get(f->record, "client");

	line_say(f,
	    "Greylisting puts strangers off once: a retry when the time is over passes. "
	    "`gatepostctl grey allow %.*s` lets this client in at once.",
	    SLICE_ARG(client));
}

static void
defer_say(struct facts *f, const struct record_finding *v)
{
	struct buf line;

	if (slice_eq(v->reason, slice_of("split"))) {
		line_say(f,
		    "Some recipients were put off because another policy applies to others of this "
		    "message: they get it in a transaction of their own.");
		return;
	}
	if (explain_check_is(v, "grey") && !slice_eq(v->reason, slice_of("error")) &&
	    record_get(f->record, "client").n > 0) {
		grey_say(f);
		return;
	}
	line = line_begin(f);
	explain_check_add(&line, v->check);
	if (slice_eq(v->reason, slice_of("error")))
		buf_add_text(&line, " could not tell, and its on_error puts mail off then.");
	else
		buf_add_format(&line, " (%.*s) only puts mail off: the client may try again.",
		    SLICE_ARG(v->reason));
	line_end(f, &line);
}

static void
defers_say(struct facts *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (explain_kind_is(&f->v[i], "defer") && !has_earlier(f, i))
			defer_say(f, &f->v[i]);
	}
}

/* Greylisting at DATA leaves no finding behind: those of the recipients stand there. */
static bool
is_put_off_at_data(const struct facts *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (explain_kind_is(&f->v[i], "defer"))
			return false;
	}
	return slice_eq(record_get(f->record, "action"), slice_of("defer")) &&
	       slice_eq(record_get(f->record, "from"), slice_of("<>")) &&
	       slice_starts(record_get(f->record, "reply"), slice_of("451 4.7.1 "));
}

static void
data_say(struct facts *f)
{
	if (!is_put_off_at_data(f))
		return;
	line_say(f,
	    "Put off at DATA, as mail from the null sender is: hosts that only ask whether an "
	    "address exists must hear 250 at RCPT.");
	grey_say(f);
}

/* The domain in From, as the record tells it: "fail for sender.example, p=reject at …". */
static struct slice
author_of(const struct record *record)
{
	static const struct slice before = SLICE_LIT(" for ");
	struct slice text = record_get(record, "dmarc");

	text = slice_from(text, explain_find(text, before) + before.n);
	text = slice_head(text, slice_find(text, ','));
	return slice_head(text, slice_find(text, ' '));
}

/* Honest mail that somebody forwards fails, too: what an administrator can do then. */
static void
dmarc_say(struct facts *f)
{
	struct slice author = author_of(f->record);

	for (size_t i = 0; author.n > 0 && i < f->n; i++) {
		if (!is_hard(&f->v[i]) || !explain_check_is(&f->v[i], "dmarc") ||
		    !slice_eq(f->v[i].reason, slice_of("fail")))
			continue;
		line_say(f,
		    "If it is honest: dmarc.forwarders names forwarders whose mail is exempt; "
		    "with %.*s in dmarc.accept, mail of that domain is accepted although it "
		    "fails.",
		    SLICE_ARG(slice_head(author, 120)));
		return;
	}
}

/* Neither findings nor a score: nobody looked. */
static void
unjudged_say(struct facts *f)
{
	struct slice rest = record_get(f->record, "rcpt");
	struct record_rcpt rcpt;

	if (f->n > 0 || record_get(f->record, "score").n > 0)
		return;
	if (record_rcpt_next(&rest, &rcpt) && !slice_eq(rcpt.word, slice_of("-")) &&
	    rcpt.word.n > 0)
		line_say(f, "No check judged it: it was exempt (%.*s).", SLICE_ARG(rcpt.word));
	else
		line_say(f, "No check judged it.");
}

static void
would_say(struct facts *f)
{
	struct slice check;
	struct slice would = explain_would_of(f->record, &check);
	struct buf line = line_begin(f);

	if (would.n == 0)
		return;
	buf_add_text(&line, "But for shadow mode it would have been ");
	explain_answer_add(&line, would);
	buf_add_text(&line, check.n > 0 ? ", by " : "");
	explain_check_add(&line, check);
	buf_add_char(&line, '.');
	line_end(f, &line);
}

static void
notes_say(struct facts *f)
{
	struct slice on_error = record_get(f->record, "on_error");

	would_say(f);
	if (on_error.n > 0)
		line_say(f, "%.*s could not tell, so what its section's on_error says was done.",
		    SLICE_ARG(on_error));
}

void
explain_make(struct explain *explain_r, const struct record *record)
{
	struct slice rest = record_get(record, "findings");
	struct facts f = {.record = record, .out = explain_r};
	struct record_limit limit;

	explain_r->n = 0;
	while (f.n < FACTS_MAX && record_finding_next(&rest, &f.v[f.n]))
		f.n++;
	f.limits = record_get(record, "limits");
	f.score = record_number(record_get(record, "score"));
	hard_say(&f);
	dmarc_say(&f);
	reached_say(&f);
	data_say(&f);
	defers_say(&f);
	notes_say(&f);
	unjudged_say(&f);
	if (explain_limit_reached(f.limits, f.score, &limit))
		return;
	next_say(&f);
	if (explain_r->n == 0)
		line_say(&f, "Nothing stood in its way.");
}
