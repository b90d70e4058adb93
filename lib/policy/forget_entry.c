/*
 * forget_entry.c - see forget_entry.h.
 */
#include "policy/forget_entry.h"

#include "policy/envelope_id.h"
#include "policy/token.h"

#define DAY_S INT64_C(86400)

static bool
is_id(struct slice word)
{
	char storage[ENVELOPE_ID_BYTES];
	struct buf bytes = BUF_OVER(storage);

	if (word.n != TOKEN_MESSAGE_BYTES && word.n != ENCODE_BASE32_BYTES(ENVELOPE_ID_BYTES))
		return false;
	return decode_base32(&bytes, word) == 0;
}

static bool
is_letter(char c)
{
	return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

static size_t
word_length(struct slice text)
{
	size_t n = 0;

	while (n < text.n && (ascii_is_digit(text.p[n]) || is_letter(text.p[n])))
		n++;
	return n;
}

/* With the parentheses around it, and a blank before, which would stand for nothing. */
static void
cut_widen(struct slice text, size_t *from, size_t *to)
{
	if (*from > 0 && *to < text.n && text.p[*from - 1] == '(' && text.p[*to] == ')') {
		--*from;
		++*to;
	}
	if (*from > 0 && text.p[*from - 1] == ' ')
		--*from;
}

bool
forget_ids(struct slice note, struct buf *out)
{
	size_t done = 0, n;

	for (size_t at = 0; at<note.n; at += n> 0 ? n : 1) {
		size_t from = at, to;

		n = word_length(slice_from(note, at));
		to = at + n;
		if (!is_id(slice_head(slice_from(note, at), n)))
			continue;
		cut_widen(note, &from, &to);
		if (from > done)
			buf_add(out, slice_from(slice_head(note, from), done));
		done = to;
	}
	buf_add(out, slice_from(note, done));
	return done > 0;
}

/* Of a note within an entry. */
static bool
note_forget(char *note, size_t *n)
{
	char storage[SUPPRESSION_EVIDENCE_BYTES];
	struct buf out = BUF_OVER(storage);

	_Static_assert(sizeof(storage) >= CONSENT_NOTE_BYTES, "of either kind");
	if (!forget_ids(slice_make(note, *n), &out))
		return false;
	memcpy(note, out.p, out.n);
	*n = out.n;
	return true;
}

/* To the beginning of its day, or up to that of the next. */
static bool
time_blur(int64_t *time_s, bool up)
{
	int64_t past_s = *time_s % DAY_S;

	*time_s -= past_s;
	if (up && past_s > 0)
		*time_s += DAY_S;
	return past_s > 0;
}

bool
forget_suppression(struct suppression *entry)
{
	bool changed = note_forget(entry->evidence, &entry->evidence_n);

	if (entry->reason == SUPPRESSED_MANUAL)
		return changed;
	changed = time_blur(&entry->first_s, false) || changed;
	changed = time_blur(&entry->last_s, false) || changed;
	/* what holds up to the end of all time may do so */
	if (entry->until_s < SUPPRESSION_TIME_MAX - DAY_S)
		changed = time_blur(&entry->until_s, true) || changed;
	return changed;
}

bool
forget_consent(struct consent *consent)
{
	return note_forget(consent->note, &consent->note_n);
}
