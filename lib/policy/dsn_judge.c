/*
 * dsn_judge.c - codes and class of each recipient. What the other side said stands in the
 * Diagnostic-Code; where it is missing, or says nothing, in the text for people.
 */
#include "policy/dsn_parts.h"

/* Texts in which one address is looked up. */
#define MENTIONS_READ 4

static bool
says_something(struct slice status)
{
	return status.n > 0 && !slice_ends(status, slice_of(".0.0"));
}

bool
dsn_codes_permanent(const struct dsn_recipient *r)
{
	if (r->status.n > 0)
		return r->status.p[0] == '5';
	if (r->reply > 0)
		return r->reply >= 500;
	return r->action != DSN_DELAYED;
}

/* A code behind the one of the field is what the other side said, unless it says less. */
static void
codes_take(struct dsn_recipient *r, struct slice text, bool outranks)
{
	char class = '\0';
	struct dsn_codes codes;

	/* a report of many tries tells of those that came before the end, too */
	if (!outranks)
		class = (char)(r->status.n > 0 ? r->status.p[0]
			       : r->reply > 0  ? '0' + (int)(r->reply / 100)
					       : '\0');
	codes = dsn_codes_find(text, class);

	if (says_something(codes.status) ? outranks || !says_something(r->status)
					 : r->status.n == 0)
		r->status = codes.status.n > 0 ? codes.status : r->status;
	if (r->reply == 0)
		r->reply = codes.reply;
}

/* A transcript from DATA on: was it that what was refused? RCPT was, where it says that there was no
 * recipient; its reply may stand here too, as commands are sent in one go. */
static bool
data_refused(struct slice text)
{
	char storage[2000];
	struct buf words = BUF_OVER(storage);

	bounce_words(&words, slice_head(text, sizeof(storage)));
	return !bounce_phrase_in(buf_slice(&words), slice_of("need rcpt")) &&
	       !bounce_phrase_in(buf_slice(&words), slice_of("no recipients")) &&
	       !bounce_phrase_in(buf_slice(&words), slice_of("no valid recipients")) &&
	       !bounce_phrase_in(buf_slice(&words), slice_of("bad sequence"));
}

static bool
is_after_data(struct dsn_scan *s, struct slice text)
{
	static const struct slice command = SLICE_LIT(">>> DATA");
	char storage[4000];
	struct buf words = BUF_OVER(storage);

	text = slice_head(text, sizeof(storage));
	s->work += text.n;
	for (size_t i = 0; i + command.n <= text.n; i++)
		if (text.p[i] == '>' && slice_starts(slice_from(text, i), command))
			return data_refused(slice_from(text, i));
	bounce_words(&words, text);
	return dsn_form_in(DSN_FORM_AFTER_DATA, buf_slice(&words));
}

/* A verdict by words takes the place of one by a code that stands below. */
static void
classify(struct dsn_scan *s, struct dsn_recipient *r, const struct bounce_facts *facts)
{
	struct bounce_verdict verdict;

	bounce_classify(s->table, facts, &verdict);
	s->work += verdict.work;
	if (r->verdict.source == NULL || verdict.rank < r->verdict.rank)
		r->verdict = verdict;
}

/* Looks at one more text. */
static void
text_take(struct dsn_scan *s, struct dsn_recipient *r, struct slice text, bool outranks)
{
	struct bounce_facts facts = {.text = text};

	if (text.n == 0)
		return;
	codes_take(r, text, outranks);
	s->work += text.n < BOUNCE_TEXT_MAX_BYTES ? text.n : BOUNCE_TEXT_MAX_BYTES;
	facts.status = r->status;
	facts.reply = r->reply;
	facts.permanent = dsn_codes_permanent(r);
	facts.after_data = r->verdict.after_data;
	classify(s, r, &facts);
	if (r->diagnostic.n == 0)
		r->diagnostic = slice_head(slice_trim(text), DSN_DIAGNOSTIC_MAX_BYTES);
}

/* A status alone, when no text helped; and again when later texts changed the codes. */
static void
verdict_finish(struct dsn_scan *s, struct dsn_recipient *r, struct slice text)
{
	struct bounce_facts facts = {.text = text,
	    .status = r->status,
	    .reply = r->reply,
	    .after_data = r->verdict.after_data};

	facts.permanent = dsn_codes_permanent(r);
	classify(s, r, &facts);
	r->verdict.permanent = facts.permanent;
	r->verdict.hard = r->verdict.hard && facts.permanent;
}

static void
recipient_judge(struct dsn_scan *s, struct dsn_recipient *r)
{
	struct slice said = r->diagnostic;
	struct slice own = dsn_mention_text(s, r->address, 0);

	r->verdict.after_data = is_after_data(s, said) || is_after_data(s, own) ||
				(s->dsn->n == 1 && is_after_data(s, s->report));
	text_take(s, r, said, true);
	for (size_t i = 0; i < MENTIONS_READ; i++) {
		if (!r->verdict.by_text || !says_something(r->status))
			text_take(s, r, dsn_mention_text(s, r->address, i), said.n == 0 && i == 0);
	}
	if (s->dsn->n == 1 && (!r->verdict.by_text || !says_something(r->status)))
		text_take(s, r, s->report, false);
	verdict_finish(s, r, said.n > 0 ? said : own);
}

/* There is too much to read: half of it could say the contrary of all. */
static void
recipient_leave(struct dsn_scan *s, struct dsn_recipient *r)
{
	s->dsn->over = true;
	r->verdict = (struct bounce_verdict){.permanent = dsn_codes_permanent(r),
	    .category = slice_of("unknown"),
	    .rank = s->table->n};
}

void
dsn_judge(struct dsn_scan *s)
{
	for (size_t i = 0; i < s->dsn->n; i++) {
		struct dsn_recipient *r = &s->dsn->v[i];

		if (r->action == DSN_DELIVERED || r->action == DSN_RELAYED ||
		    r->action == DSN_EXPANDED)
			continue;
		if (s->work < DSN_WORK_MAX)
			recipient_judge(s, r);
		if (s->work >= DSN_WORK_MAX)
			recipient_leave(s, r);
		r->diagnostic = slice_head(r->diagnostic, DSN_DIAGNOSTIC_MAX_BYTES);
	}
}
