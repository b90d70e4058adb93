/*
 * suppression.c - see suppression.h.
 */
#include "policy/suppression.h"

#include "policy/stat.h"

#define COUNT_MAX INT64_C(1000000000000)

static const char *const reasons[] = {
    [SUPPRESSED_NOT] = "",
    [SUPPRESSED_BOUNCED] = "bounced",
    [SUPPRESSED_COMPLAINED] = "complained",
    [SUPPRESSED_UNSUBSCRIBED] = "unsubscribed",
    [SUPPRESSED_MANUAL] = "manual",
};

#define REASONS (sizeof(reasons) / sizeof(*reasons))

const char *
suppression_reason_name(enum suppression_reason reason)
{
	return (size_t)reason < REASONS ? reasons[reason] : "";
}

/* The word up to the next blank, and that. */
static struct slice
word_take(struct slice *rest)
{
	struct slice word = slice_head(*rest, slice_find(*rest, ' '));

	*rest = slice_from(*rest, word.n + 1);
	return word;
}

static enum suppression_reason
reason_parse(struct slice word)
{
	for (size_t i = SUPPRESSED_NOT + 1; i < REASONS; i++) {
		if (slice_eq(word, slice_of(reasons[i])))
			return (enum suppression_reason)i;
	}
	return SUPPRESSED_NOT;
}

/* A decimal number up to max, or -1. */
static int64_t
number_parse(struct slice word, int64_t max)
{
	int64_t n = 0;

	for (size_t i = 0; i < word.n; i++) {
		if (!ascii_is_digit(word.p[i]))
			return -1;
		n = n * 10 + (word.p[i] - '0');
		if (n > max)
			return -1;
	}
	return word.n == 0 ? -1 : n;
}

static void
evidence_set(struct suppression *suppression, struct slice text)
{
	text = slice_head(text, sizeof(suppression->evidence));
	suppression->evidence_n = text.n;
	for (size_t i = 0; i < text.n; i++)
		suppression->evidence[i] = '?';
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] >= ' ' && text.p[i] <= '~')
			suppression->evidence[i] = text.p[i];
	}
}

int
suppression_parse(struct slice text, struct suppression *suppression_r, struct err *err)
{
	struct suppression s = {.reason = SUPPRESSED_NOT};

	s.reason = reason_parse(word_take(&text));
	if (s.reason == SUPPRESSED_NOT)
		return err_set(err, ERR_INVALID,
		    "a suppression begins with bounced, complained, unsubscribed or manual");
	s.count = number_parse(word_take(&text), COUNT_MAX);
	if (s.count < 0)
		return err_set(err, ERR_INVALID, "the count of a suppression is no number");
	s.first_s = number_parse(word_take(&text), SUPPRESSION_TIME_MAX);
	s.last_s = number_parse(word_take(&text), SUPPRESSION_TIME_MAX);
	s.until_s = number_parse(word_take(&text), SUPPRESSION_TIME_MAX);
	if (s.first_s < 0 || s.last_s < 0 || s.until_s < 0)
		return err_set(err, ERR_INVALID, "a time of a suppression is no Unix time");
	evidence_set(&s, text);
	*suppression_r = s;
	return 0;
}

void
suppression_read(struct slice text, struct suppression *suppression_r)
{
	if (suppression_parse(text, suppression_r, NULL) == 0)
		return;
	*suppression_r = (struct suppression){.reason = SUPPRESSED_MANUAL, .count = 1};
	evidence_set(suppression_r, text);
}

void
suppression_format(const struct suppression *suppression, struct buf *out)
{
	const int64_t numbers[] = {
	    suppression->count, suppression->first_s, suppression->last_s, suppression->until_s};

	buf_add_text(out, suppression_reason_name(suppression->reason));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		buf_add_char(out, ' ');
		buf_add_i64(out, numbers[i]);
	}
	if (suppression->evidence_n > 0)
		buf_add_char(out, ' ');
	buf_add(out, slice_make(suppression->evidence, suppression->evidence_n));
}

bool
suppression_holds(const struct suppression *suppression, int64_t now_s)
{
	return suppression->reason != SUPPRESSED_NOT &&
	       (suppression->until_s == 0 || now_s < suppression->until_s);
}

void
suppression_key(const struct address *rcpt, struct buf *out)
{
	char storage[ADDRESS_MAX_BYTES];
	struct buf plain = BUF_OVER(storage);
	struct slice local = rcpt->local;

	/* quotes that say nothing come off, as they do on the way */
	if (local.n > 2 && local.p[0] == '"' && local.p[local.n - 1] == '"') {
		for (size_t i = 1; i + 1 < local.n; i++) {
			i += local.p[i] == '\\' && i + 2 < local.n ? 1 : 0;
			buf_add_char(&plain, local.p[i]);
		}
		if (!plain.over && address_local_is_plain(buf_slice(&plain)))
			local = buf_slice(&plain);
	}
	if (rcpt->domain.n == 0 || local.p == rcpt->local.p) {
		buf_add_lower(out, rcpt->text);
		return;
	}
	buf_add_lower(out, local);
	buf_add_char(out, '@');
	buf_add_lower(out, rcpt->domain);
}

/* "2026-11-02". */
static void
date_add(struct buf *out, int64_t unix_s)
{
	char hour[STAT_HOUR_BYTES];

	stat_hour(hour, unix_s);
	buf_add(out, slice_make(hour, 4));
	buf_add_char(out, '-');
	buf_add(out, slice_make(hour + 4, 2));
	buf_add_char(out, '-');
	buf_add(out, slice_make(hour + 6, 2));
}

void
suppression_words(const struct suppression *suppression, struct buf *out)
{
	bool often = suppression->reason == SUPPRESSED_BOUNCED && suppression->count > 1;

	buf_add_text(out, suppression->reason == SUPPRESSED_MANUAL
			      ? "by the operator"
			      : suppression_reason_name(suppression->reason));
	if (often)
		buf_add_format(out, " %lld times", (long long)suppression->count);
	if (suppression->last_s == 0)
		return;
	buf_add_text(out, often ? ", last " : " on ");
	date_add(out, suppression->last_s);
}
