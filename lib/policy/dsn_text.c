/*
 * dsn_text.c - notifications in free text: which of the addresses in it are those of recipients,
 * and what is said about each.
 *
 * What all forms have in common is that the address stands at the beginning of a line, alone or
 * with a text behind or below it that belongs to it; or behind a label; or, with those who write
 * sentences, in a sentence that speaks of delivery. Lines that are indented more than such an
 * address go on with what is said about it, whatever addresses are in them.
 */
#include "policy/dsn_parts.h"

#include <stdlib.h>

/* A phrase is looked for in that much of a line. */
#define LINE_MAX_BYTES 400

static struct slice
words_of(struct slice line, char *storage, size_t room)
{
	struct buf words;

	buf_init(&words, storage, room);
	bounce_words(&words, slice_head(line, LINE_MAX_BYTES));
	return buf_slice(&words);
}

struct reader {
	struct dsn_scan *s;
	size_t room;
	struct slice lead; /* the address whose text is being read; empty: none */
	size_t indent;     /* of its line */
	size_t last;       /* index + 1 of the last mention that takes text */
};

static size_t
indent_of(struct slice line)
{
	size_t n = 0;

	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n += 1;
	return n;
}

/* Without what says of which kind the address is: "SMTP <ann@", "[SMTP:ann@", "rfc822;ann@". */
static struct slice
without_kind(struct slice before)
{
	static const char *const kinds[] = {"smtp", "rfc822", "mailto", "internet"};
	struct slice text = slice_trim(before);

	while (text.n > 0 && memchr("<[:; ", text.p[text.n - 1], 5) != NULL)
		text.n--;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		size_t n = strlen(kinds[i]);

		if (text.n >= n &&
		    slice_eq_nocase(slice_from(text, text.n - n), slice_of(kinds[i])))
			return slice_head(text, text.n - n);
	}
	return before;
}

/* Marks in front of an address that is the first thing in its line; of those beyond ASCII, one. */
static bool
is_bare(struct slice before)
{
	size_t beyond = 0;

	before = without_kind(before);
	for (size_t i = 0; i < before.n; i++) {
		beyond += (unsigned char)before.p[i] >= 0x80;
		if (!ascii_is_space(before.p[i]) && (unsigned char)before.p[i] < 0x80 &&
		    memchr("<\"'*-+|>(=[", before.p[i], 11) == NULL)
			return false;
	}
	return beyond <= 3;
}

/* Between one address and the next in a row. */
static bool
is_comma(struct slice before)
{
	for (size_t i = 0; i < before.n; i++)
		if (memchr(" \t<>\"',;", before.p[i], 8) == NULL)
			return false;
	return slice_find(before, ',') < before.n || slice_find(before, ';') < before.n;
}

/* "554 <ann@example.com>... Host unknown": what Sendmail tells of a recipient. */
static bool
is_transcript(struct slice before, struct slice behind)
{
	struct slice text = slice_trim(before);
	struct dsn_codes codes;

	while (text.n > 0 && text.p[text.n - 1] == '<')
		text.n--;
	codes = dsn_codes_find(text, '\0');
	while (behind.n > 0 && behind.p[0] == '>')
		behind = slice_from(behind, 1);
	for (size_t i = 0; i < text.n; i++)
		if (!ascii_is_digit(text.p[i]) && text.p[i] != '.' && text.p[i] != ' ')
			return false;
	return codes.reply > 0 && slice_starts(behind, slice_of("..."));
}

/* "To:", "From:", "Subject: x": the label of a header field. */
static bool
is_field_label(struct slice before, bool *to_r)
{
	static const char *const names[] = {"from", "to", "cc", "bcc", "subject", "sent", "date",
	    "reply-to", "sender", "return-path", "mail from", "von", "de", "an", "betreff",
	    "envelope-from", "message-id", "originator", "x-sender", "absender", "expediteur",
	    "remitente", "mittente", "remetente", "afzender", "nadawca", "kontakt", "contact",
	    "help", "hilfe", "support", "email", "e-mail", "user", "login", "replyto", "errors-to",
	    "list-unsubscribe", "unsubscribe", "website"};
	struct slice text = slice_trim(before);
	size_t colon = slice_find(text, ':');
	struct slice label = slice_trim(slice_head(text, colon));

	*to_r = slice_eq_nocase(label, slice_of("to")) && colon < text.n;
	while (label.n > 0 && (label.p[0] == '>' || label.p[0] == ' ' || label.p[0] == '<'))
		label = slice_from(label, 1);
	for (size_t i = 0; colon < text.n && i < sizeof(names) / sizeof(*names); i++)
		if (slice_eq_nocase(label, slice_of(names[i])))
			return true;
	return false;
}

/* Nothing but marks. */
static bool
is_end(struct slice behind)
{
	for (size_t i = 0; i < behind.n; i++)
		if (utf8_is_letter(behind.p[i]) || ascii_is_digit(behind.p[i]))
			return false;
	return true;
}

/* A label in letters that we cannot read. */
static bool
is_foreign_label(struct slice label)
{
	static const struct slice wide_colon = SLICE_LIT("\357\274\232");

	if (!slice_ends(label, slice_of(":")) && !slice_ends(label, wide_colon))
		return false;
	for (size_t i = 0; i + 1 < label.n; i++)
		if ((unsigned char)label.p[i] < 0x80 && label.p[i] != ' ')
			return false;
	return label.n > 3;
}

/* A word or two of whatever language, and the address: "Adressat: ann@example.com". */
static bool
is_label(struct slice label, struct slice behind)
{
	size_t blanks = 0;

	for (size_t i = 0; i < label.n; i++)
		blanks += label.p[i] == ' ';
	return slice_ends(label, slice_of(":")) && slice_find(label, ':') + 1 == label.n &&
	       label.n <= 40 && blanks < 3 && is_end(behind);
}

static enum dsn_shape
shape_of(struct slice line, struct slice before, struct slice behind, bool *none_r)
{
	char storage[LINE_MAX_BYTES];
	struct slice trimmed, words;
	bool to;

	*none_r = false;
	if (is_bare(before))
		return DSN_SHAPE_LEAD;
	*none_r = is_field_label(before, &to);
	words = words_of(line, storage, sizeof(storage));
	*none_r = *none_r || dsn_form_in(DSN_FORM_CONTACT, words);
	if (*none_r)
		return DSN_SHAPE_WEAK;
	trimmed = slice_trim(before);
	while (
	    trimmed.n > 0 && (trimmed.p[trimmed.n - 1] == '<' || trimmed.p[trimmed.n - 1] == ' '))
		trimmed.n--;
	words = words_of(before, storage, sizeof(storage));
	if (!dsn_form_in(DSN_FORM_TOLD, words))
		return is_foreign_label(trimmed) || is_label(trimmed, behind) ? DSN_SHAPE_PROSE
									      : DSN_SHAPE_WEAK;
	if (!slice_ends(trimmed, slice_of(":")))
		return DSN_SHAPE_PROSE;
	return bounce_phrase_in(words, slice_of("rcpt to")) ? DSN_SHAPE_COMMAND : DSN_SHAPE_LEAD;
}

static void
mention_add(struct reader *r, struct slice address, enum dsn_shape shape, struct slice line)
{
	struct dsn_scan *s = r->s;
	struct dsn_mention *v = s->mention;

	if (s->nmentions == DSN_MENTIONS_MAX) {
		s->dsn->over = true;
		return;
	}
	if (s->nmentions == r->room) {
		size_t room = r->room == 0 ? 16 : r->room * 2;

		v = arena_alloc(s->arena, room * sizeof(*v));
		if (v == NULL)
			return;
		if (s->nmentions > 0)
			memcpy(v, s->mention, s->nmentions * sizeof(*v));
		s->mention = v;
		r->room = room;
	}
	v[s->nmentions] = (struct dsn_mention){address, line, shape, s->nmentions};
	s->nmentions++;
}

/* The text of the mention that is open goes up to `end`. */
static void
mention_close(struct reader *r, const char *end)
{
	struct dsn_mention *m;

	if (r->last == 0)
		return;
	m = &r->s->mention[r->last - 1];
	if (end > m->text.p) /* else they share a line */
		m->text.n = (size_t)(end - m->text.p);
	r->last = 0;
}

static void
line_read(struct reader *r, struct slice line)
{
	struct slice rest = line, address, before;
	bool inside = r->lead.n > 0 && indent_of(line) > r->indent;
	bool first = true;

	while (dsn_address_next(&rest, &address, &before)) {
		enum dsn_shape shape = DSN_SHAPE_WEAK;
		bool none = false, to = false, transcript = false, goes_on;

		if (first)
			shape = shape_of(line, before, rest, &none);
		transcript = first && !none && is_transcript(before, rest);
		if (transcript)
			shape = DSN_SHAPE_COMMAND;
		if (first && is_field_label(before, &to) && to && r->s->hint.n == 0)
			r->s->hint = address;
		if (!first && !inside && r->last > 0 && is_comma(before))
			shape = DSN_SHAPE_LEAD; /* one behind the other, with commas */
		first = false;
		if (none || slice_eq_nocase(address, r->lead))
			continue;
		if (inside && shape >= DSN_SHAPE_COMMAND)
			shape = DSN_SHAPE_WEAK;
		if (shape >= DSN_SHAPE_COMMAND) {
			mention_close(r, line.p);
			r->lead = address;
			r->indent = indent_of(line);
		}
		/* "Failed to deliver to ann@example.com", and below it why */
		goes_on = shape == DSN_SHAPE_PROSE && r->lead.n == 0 && is_end(rest);
		if (goes_on)
			mention_close(r, line.p);
		mention_add(r, address, shape, line);
		if (goes_on || (shape >= DSN_SHAPE_COMMAND && !transcript))
			r->last = r->s->nmentions;
	}
}

static int
mention_compare(const void *a, const void *b)
{
	const struct dsn_mention *left = a, *right = b;
	int d = dsn_address_compare(left->address, right->address);

	if (d != 0)
		return d;
	return (left->order > right->order) - (left->order < right->order);
}

void
dsn_text_read(struct dsn_scan *s)
{
	struct reader r = {.s = s};
	struct slice rest;

	dsn_copy_split(s);
	rest = s->report;
	while (rest.n > 0) {
		struct slice line = dsn_line_next(&rest);
		struct slice text = slice_trim(line);

		/* a title: what follows is about all */
		if (slice_starts(text, slice_of("-----")) ||
		    slice_starts(text, slice_of("=====")) ||
		    slice_starts(text, slice_of("|-----"))) {
			mention_close(&r, line.p);
			r.lead = slice_head(r.lead, 0);
		}
		line_read(&r, line);
	}
	if (s->report.n > 0)
		mention_close(&r, s->report.p + s->report.n);
	if (s->nmentions > 1)
		qsort(s->mention, s->nmentions, sizeof(*s->mention), mention_compare);
}

struct slice
dsn_mention_text(const struct dsn_scan *s, struct slice address, size_t n)
{
	struct dsn_mention key = {.address = address};
	size_t low = 0, high = s->nmentions;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (mention_compare(&s->mention[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (n >= s->nmentions - low || !slice_eq_nocase(s->mention[low + n].address, address))
		return slice_head(address, 0);
	return s->mention[low + n].text;
}
