/*
 * explain_print.c - see explain_print.h: for a person.
 */
#include "explain_print.h"

#include "policy/explain.h"
#include "words.h"

#define LABEL_WIDTH 11

/* Where texts begin: two blanks, the label, two blanks. */
#define TEXT_INDENT (LABEL_WIDTH + 4)

#define CHECK_WIDTH 11

/* Where the words of a finding begin: two blanks, the check, the weight, two blanks. */
#define FINDING_INDENT (2 * CHECK_WIDTH + 4)

static const struct {
	const char *action;
	const char *title;
	enum out_style style;
} actions[] = {
    {"accept", "Accepted", OUT_GOOD},
    {"defer", "Put off", OUT_WARNING},
    {"reject", "Refused", OUT_BAD},
    {"quarantine", "Accepted and held", OUT_WARNING},
    {"discard", "Accepted and thrown away", OUT_BAD},
    {"mixed", "Answered differently to each", OUT_WARNING},
    {"none", "Left before there was an answer", OUT_DIM},
};

#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

static size_t
action_find(struct slice action)
{
	size_t i = 0;

	while (i < ACTIONS && !slice_eq(action, slice_of(actions[i].action)))
		i++;
	return i;
}

void
explain_label(struct out *out, const char *label)
{
	out_print(out, OUT_DIM, "  %-*s  ", LABEL_WIDTH, label);
}

void
explain_line(struct out *out, const char *label, struct slice text)
{
	if (text.n == 0)
		return;
	explain_label(out, label);
	out_wrapped(out, text, TEXT_INDENT);
}

static void
blanks_print(struct out *out, size_t n)
{
	out_print(out, OUT_NORMAL, "%*s", (int)n, "");
}

static void
padded_print(struct out *out, struct slice text, size_t width)
{
	out_slice(out, OUT_NORMAL, text);
	blanks_print(out, text.n < width ? width - text.n : 0);
}

static void
title_tell(struct out *out, const struct record *record)
{
	struct slice action = record_get(record, "action");
	size_t i = action_find(action);

	if (i < ACTIONS)
		out_print(out, actions[i].style, "%s", actions[i].title);
	else
		out_slice(out, OUT_BOLD, action);
	if (record_get(record, "code").n > 0) {
		out_print(out, OUT_NORMAL, ", code ");
		out_slice(out, OUT_BOLD, record_get(record, "code"));
	}
	out_print(out, OUT_NORMAL, "\n");
}

static void
when_tell(struct out *out, const struct record *record, int64_t now_s)
{
	int64_t when_s = record_number(record_get(record, "time"));
	char storage[128];
	struct buf text = BUF_OVER(storage);

	words_when(&text, when_s, now_s);
	explain_label(out, "when");
	out_print(out, OUT_NORMAL, "%s", buf_text(&text));
	buf_reset(&text);
	words_clock(&text, when_s);
	out_print(out, OUT_DIM, "  (%s)\n", buf_text(&text));
}

/* Two fields in one line, when there is one of them. */
static void
pair_tell(struct out *out, const char *label, struct slice first, struct slice second)
{
	if (first.n == 0 && second.n == 0)
		return;
	explain_label(out, label);
	out_slice(out, OUT_NORMAL, first);
	if (second.n > 0) {
		out_print(out, OUT_NORMAL, first.n > 0 ? "  " : "");
		out_slice(out, OUT_NORMAL, second);
	}
	out_print(out, OUT_NORMAL, "\n");
}

static void
asked_tell(struct out *out, const struct record *record)
{
	pair_tell(out, "client", record_get(record, "client"), record_get(record, "name"));
	explain_line(out, "helo", record_get(record, "helo"));
	explain_line(out, "from", record_get(record, "from"));
	explain_line(out, "host", record_get(record, "host"));
	explain_line(out, "queue id", record_get(record, "id"));
}

static void
facts_tell(struct out *out, const struct record *record)
{
	static const struct {
		const char *name;
		const char *label;
	} facts[] = {{"rdns", "reverse DNS"}, {"dnsbl", "DNS lists"}, {"spf", "SPF"},
	    {"dkim", "DKIM"}, {"dmarc", "DMARC"}};
	bool any = false;

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		struct slice value = record_get(record, facts[i].name);

		if (value.n > 0 && !any)
			out_print(out, OUT_BOLD, "\nWhat was known\n");
		any = any || value.n > 0;
		explain_line(out, facts[i].label, value);
	}
}

/* What a finding weighs, in a word or a number; "" for a note. */
static void
weight_format(struct buf *out, const struct record *record, const struct record_finding *f)
{
	const char *words = explain_answer_words(f->kind);

	if (slice_eq(f->kind, slice_of("score")))
		buf_add_format(out, "%lld", (long long)f->weight);
	else if (slice_eq(f->kind, slice_of("shadow")))
		buf_add_format(out, "shadow %lld", (long long)f->weight);
	else if (slice_eq(f->kind, slice_of("block")))
		buf_add_text(out, "refused");
	else if (words != NULL)
		buf_add_text(out, words);
	else if (explain_would(record, f).n > 0)
		buf_add_text(out, "shadow");
	else if (!slice_eq(f->kind, slice_of("note")))
		buf_add(out, slice_head(f->kind, 11));
}

static void
finding_tell(struct out *out, const struct record *record, const struct record_finding *f)
{
	char storage[32], text_storage[EXPLAIN_TEXT_BYTES];
	struct buf weight = BUF_OVER(storage);
	struct buf text = BUF_OVER(text_storage);

	weight_format(&weight, record, f);
	explain_text(&text, record, f);
	out_print(out, OUT_NORMAL, "  ");
	padded_print(out, f->check, CHECK_WIDTH);
	blanks_print(out, weight.n < CHECK_WIDTH ? CHECK_WIDTH - weight.n : 0);
	out_slice(out, OUT_BOLD, buf_slice(&weight));
	out_print(out, OUT_NORMAL, "  ");
	if (text.n == 0)
		out_print(out, OUT_NORMAL, "\n");
	out_wrapped(out, buf_slice(&text), FINDING_INDENT);
}

/* The score, and what it is held against. */
static void
sum_tell(struct out *out, const struct record *record)
{
	struct slice limits = record_get(record, "limits");
	struct slice score = record_get(record, "score");
	struct record_limit limit;
	const char *before = "  ";

	if (score.n == 0)
		return;
	out_print(out, OUT_NORMAL, "  %-*s%*lld", CHECK_WIDTH, "sum", CHECK_WIDTH,
	    (long long)record_number(score));
	while (record_limit_next(&limits, &limit)) {
		if (limit.value <= 0)
			continue;
		out_print(out, OUT_DIM, "%s", before);
		out_slice(out, OUT_DIM, limit.name);
		out_print(out, OUT_DIM, " at %lld", (long long)limit.value);
		before = ", ";
	}
	out_print(out, OUT_NORMAL, "\n");
}

static void
findings_tell(struct out *out, const struct record *record)
{
	struct slice rest = record_get(record, "findings");
	struct record_finding f;

	if (rest.n == 0 && record_get(record, "score").n == 0)
		return;
	out_print(out, OUT_BOLD, "\nWhat was found\n");
	if (rest.n > 0)
		out_print(
		    out, OUT_DIM, "  %-*s%*s  what\n", CHECK_WIDTH, "check", CHECK_WIDTH, "weight");
	while (record_finding_next(&rest, &f))
		finding_tell(out, record, &f);
	sum_tell(out, record);
}

/* The length of the longest address, within reason: how wide that column is. */
static size_t
rcpts_width(struct slice rest)
{
	struct record_rcpt r;
	size_t width = 0;

	while (record_rcpt_next(&rest, &r)) {
		if (r.address.n > width && r.address.n <= 50)
			width = r.address.n;
	}
	return width;
}

/* What became of the whole message at DATA or at its end, when that was no plain acceptance; else
 * NULL. */
static const char *
message_words(const struct record *record)
{
	struct slice action = record_get(record, "action");

	if (slice_eq(action, slice_of("accept")) || slice_eq(action, slice_of("mixed")) ||
	    slice_eq(action, slice_of("none")))
		return NULL;
	return explain_answer_words(action);
}

static void
rcpt_tell(struct out *out, const struct record_rcpt *r, size_t width, const char *message)
{
	size_t i = action_find(r->answer);
	bool undone = message != NULL && slice_eq(r->answer, slice_of("accept"));

	out_print(out, OUT_NORMAL, "  ");
	padded_print(out, r->address, width);
	out_print(out, OUT_NORMAL, "  ");
	if (i < ACTIONS)
		out_print(out, actions[i].style, "%s", explain_answer_words(r->answer));
	else
		out_slice(out, OUT_NORMAL, r->answer);
	out_print(out, OUT_NORMAL, "%s", undone ? " at RCPT" : "");
	/* "none" is of a check that found nothing, and says nothing here */
	if (r->word.n > 0 && !slice_eq(r->word, slice_of("-")) &&
	    !slice_eq(r->word, slice_of("none"))) {
		out_print(out, OUT_NORMAL, " (");
		out_slice(out, OUT_NORMAL, r->word);
		out_print(out, OUT_NORMAL, ")");
	}
	if (undone)
		out_print(out, OUT_NORMAL, "; then the message was %s", message);
	out_print(out, OUT_NORMAL, "\n");
}

static void
rcpts_tell(struct out *out, const struct record *record)
{
	struct slice rest = record_get(record, "rcpt");
	int64_t more = record_number(record_get(record, "nrcpt"));
	size_t width = rcpts_width(rest);
	const char *message = message_words(record);
	struct record_rcpt r;

	if (rest.n == 0)
		return;
	out_print(out, OUT_BOLD, "\nWhat each recipient got\n");
	while (record_rcpt_next(&rest, &r)) {
		rcpt_tell(out, &r, width, message);
		more--;
	}
	if (more > 0)
		out_print(out, OUT_DIM, "  and %lld more\n", (long long)more);
}

static void
changes_tell(struct out *out, const struct record *record)
{
	struct explain explain;

	explain_make(&explain, record);
	out_print(out, OUT_BOLD, "\nWhat would have changed it\n");
	for (size_t i = 0; i < explain.n; i++) {
		out_print(out, OUT_NORMAL, "  - ");
		out_wrapped(out, slice_of(explain.v[i].text), 4);
	}
}

void
explain_tell(struct out *out, const struct record *record, int64_t now_s)
{
	title_tell(out, record);
	when_tell(out, record, now_s);
	asked_tell(out, record);
	facts_tell(out, record);
	findings_tell(out, record);
	rcpts_tell(out, record);
	if (record_get(record, "reply").n > 0) {
		out_print(out, OUT_BOLD, "\nWhat the client was told\n  ");
		out_wrapped(out, record_get(record, "reply"), 2);
	}
	changes_tell(out, record);
}
