/*
 * consent.c - see consent.h.
 */
#include "policy/consent.h"

#define TIME_MAX_S INT64_C(253402300799) /* the end of the year 9999 */

static const char *const modes[] = {
    [PRIVACY_IDENTIFIED] = "identified",
    [PRIVACY_PSEUDONYMOUS] = "pseudonymous",
    [PRIVACY_ANONYMOUS] = "anonymous",
    [PRIVACY_OFF] = "off",
};

#define MODES (sizeof(modes) / sizeof(*modes))

const char *
consent_mode_name(enum account_privacy mode)
{
	return (size_t)mode < MODES ? modes[mode] : modes[PRIVACY_OFF];
}

int
consent_mode_parse(struct slice word, enum account_privacy *mode_r)
{
	for (size_t i = 0; i < MODES; i++) {
		if (slice_eq(word, slice_of(modes[i]))) {
			*mode_r = (enum account_privacy)i;
			return 0;
		}
	}
	return -1;
}

/* The word up to the next blank, and that. */
static struct slice
word_take(struct slice *rest)
{
	struct slice word = slice_head(*rest, slice_find(*rest, ' '));

	*rest = slice_from(*rest, word.n + 1);
	return word;
}

/* Unix seconds, or -1. */
static int64_t
time_parse(struct slice word)
{
	int64_t n = 0;

	for (size_t i = 0; i < word.n; i++) {
		if (!ascii_is_digit(word.p[i]))
			return -1;
		n = n * 10 + (word.p[i] - '0');
		if (n > TIME_MAX_S)
			return -1;
	}
	return word.n == 0 ? -1 : n;
}

static void
note_set(struct consent *consent, struct slice text)
{
	text = slice_head(text, sizeof(consent->note));
	consent->note_n = text.n;
	for (size_t i = 0; i < text.n; i++)
		consent->note[i] = '?';
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] >= ' ' && text.p[i] <= '~')
			consent->note[i] = text.p[i];
	}
}

int
consent_parse(struct slice text, struct consent *consent_r, struct err *err)
{
	struct consent consent = {.mode = PRIVACY_OFF};

	if (consent_mode_parse(word_take(&text), &consent.mode) != 0)
		return err_set(err, ERR_INVALID,
		    "a consent begins with identified, pseudonymous, anonymous or off");
	consent.since_s = time_parse(word_take(&text));
	if (consent.since_s < 0)
		return err_set(err, ERR_INVALID, "the time of a consent is no Unix time");
	note_set(&consent, text);
	*consent_r = consent;
	return 0;
}

void
consent_read(struct slice text, struct consent *consent_r)
{
	if (consent_parse(text, consent_r, NULL) == 0)
		return;
	*consent_r = (struct consent){.mode = PRIVACY_OFF};
	note_set(consent_r, text);
}

void
consent_format(const struct consent *consent, struct buf *out)
{
	buf_add_text(out, consent_mode_name(consent->mode));
	buf_add_char(out, ' ');
	buf_add_i64(out, consent->since_s);
	if (consent->note_n > 0)
		buf_add_char(out, ' ');
	buf_add(out, slice_make(consent->note, consent->note_n));
}

void
consent_key(const struct address *rcpt, struct buf *out)
{
	suppression_key(rcpt, out);
}
