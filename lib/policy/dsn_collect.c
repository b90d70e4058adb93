/*
 * dsn_collect.c - the parts of a notification: the text for people, RFC 3464 parts, and the header
 * of what was returned. Parts within a returned message are none of it.
 */
#include "policy/dsn_parts.h"

#include "mail/word.h"

#define SUBJECT_MAX_BYTES 1000

/* In that much of it, a report has a recipient. */
#define STATUS_LIKE_BYTES 8192

static struct slice
part_body(const struct dsn_scan *s, const struct mime_part *part)
{
	return slice_head(slice_from(s->message->body, part->body.offset), part->body.n);
}

/* Two texts as one, with an empty line between. */
static void
text_append(struct dsn_scan *s, struct slice *to, struct slice text, size_t max)
{
	struct buf out;
	char *storage;

	text = slice_head(text, to->n < max ? max - to->n : 0);
	if (to->n == 0 || text.n == 0) {
		*to = to->n == 0 ? text : *to;
		return;
	}
	storage = arena_alloc(s->arena, to->n + text.n + 2);
	if (storage == NULL)
		return;
	buf_init(&out, storage, to->n + text.n + 2);
	buf_add(&out, *to);
	buf_add_text(&out, "\n\n");
	buf_add(&out, text);
	*to = buf_slice(&out);
}

static struct slice
html_text(struct dsn_scan *s, struct slice html)
{
	char *storage = arena_alloc(s->arena, html.n + 1);
	struct buf out;

	if (storage == NULL)
		return slice_head(html, 0);
	buf_init(&out, storage, html.n + 1);
	dsn_html_text(&out, html);
	return buf_slice(&out);
}

/* Does a part of another type look like an RFC 3464 one? */
static bool
is_status_like(struct slice text)
{
	struct slice rest = slice_head(text, STATUS_LIKE_BYTES);

	while (rest.n > 0) {
		struct slice line = dsn_line_next(&rest);

		if (slice_starts_nocase(line, slice_of("Final-Recipient:")) ||
		    slice_starts_nocase(line, slice_of("Original-Recipient:")))
			return true;
	}
	return false;
}

/* Some attach the report, whatever they call it. What else is attached was sent with a mail. */
static bool
is_read(const struct dsn_scan *s, const struct mime_part *part)
{
	return part->disposition != MIME_ATTACHMENT || mime_is(part, "message", NULL) ||
	       is_status_like(dsn_part_text(s->arena, s->message, part, STATUS_LIKE_BYTES));
}

static void
part_take(struct dsn_scan *s, const struct mime_part *part, size_t *texts)
{
	bool html = mime_is(part, "text", "html");
	struct slice text;

	if (mime_is(part, "message", "feedback-report"))
		s->has_complaint = true;
	else if (mime_is(part, "message", "disposition-notification"))
		s->has_receipt = true;
	else if ((*texts)++ >= DSN_TEXTS_MAX)
		s->dsn->over = true;
	else if (mime_is(part, "message", "delivery-status") ||
		 mime_is(part, "message", "global-delivery-status"))
		text_append(s, &s->statuses,
		    dsn_part_text(s->arena, s->message, part, DSN_STATUS_MAX_BYTES),
		    DSN_STATUS_MAX_BYTES);
	else if (s->is_report && !mime_is(part, "text", "html") &&
		 is_status_like(
		     text = dsn_part_text(s->arena, s->message, part, DSN_TEXT_MAX_BYTES)))
		text_append(s, &s->statuses, text, DSN_STATUS_MAX_BYTES);
	else if (mime_is(part, "text", NULL) || part->disposition == MIME_ATTACHMENT) {
		text = dsn_part_text(s->arena, s->message, part, DSN_TEXT_MAX_BYTES);
		/* the same again for programs that show colours says nothing new */
		if (html && s->report.n > 0)
			return;
		text_append(s, &s->report, html ? html_text(s, text) : text, DSN_TEXT_MAX_BYTES);
	}
}

static void
address_take(struct slice value, struct slice *address_r)
{
	struct slice before;

	if (!dsn_address_next(&value, address_r, &before))
		*address_r = slice_head(value, 0);
}

static void
subject_take(struct dsn_scan *s)
{
	char *storage = arena_alloc(s->arena, SUBJECT_MAX_BYTES);
	struct buf shown;

	if (storage == NULL)
		return;
	buf_init(&shown, storage, SUBJECT_MAX_BYTES);
	word_decode(&shown, slice_head(dsn_field(s->message, "Subject"), SUBJECT_MAX_BYTES));
	s->subject = buf_slice(&shown);
}

int
dsn_collect(struct dsn_scan *s)
{
	struct slice type = dsn_field(s->message, "Content-Type");
	size_t texts = 0;

	if (mime_scan(s->arena, s->message, &s->mime) != 0)
		return -1;
	s->is_report = mime_is(&s->mime.v[0], "multipart", "report") &&
		       slice_eq_nocase(
			   mime_param(s->arena, type, "report-type"), slice_of("delivery-status"));
	for (size_t i = 0; i < s->mime.n; i++) {
		const struct mime_part *part = &s->mime.v[i];
		bool broken = part->kind == MIME_MULTIPART &&
			      (part->flaws & MIME_FLAW_BOUNDARY) != 0;

		if (dsn_part_copy(s->arena, s->message, &s->mime, part, &s->copy) ||
		    (part->under & MIME_UNDER_MESSAGE) != 0)
			continue;
		if (part->kind == MIME_LEAF && is_read(s, part))
			part_take(s, part, &texts);
		else if (broken && texts++ < DSN_TEXTS_MAX)
			text_append(s, &s->report, part_body(s, part), DSN_TEXT_MAX_BYTES);
	}
	s->sender_name = dsn_field(s->message, "From");
	subject_take(s);
	address_take(s->sender_name, &s->sender);
	address_take(dsn_field(s->message, "To"), &s->recipient);
	return s->arena->failed ? -1 : 0;
}
