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

/* What becomes one text when all its parts are known: so each is copied once, at most. */
struct pieces {
	struct slice v[DSN_TEXTS_MAX];
	size_t n;
	size_t bytes;
	size_t room; /* for so many more */
};

struct collector {
	struct dsn_scan *s;
	struct pieces report, statuses;
	size_t texts; /* parts that were read */
};

static void
piece_add(struct pieces *to, struct slice text)
{
	text = slice_head(text, to->room);
	if (text.n == 0)
		return;
	to->v[to->n++] = text;
	to->bytes += text.n;
	to->room -= text.n;
}

/* The pieces as one, with an empty line between. */
static struct slice
pieces_join(struct arena *a, const struct pieces *pieces)
{
	size_t room = pieces->bytes + 2 * pieces->n;
	struct buf out;
	char *storage;

	if (pieces->n < 2)
		return pieces->n == 0 ? slice_make(NULL, 0) : pieces->v[0];
	storage = arena_alloc(a, room);
	if (storage == NULL)
		return slice_make(NULL, 0);
	buf_init(&out, storage, room);
	for (size_t i = 0; i < pieces->n; i++) {
		if (i > 0)
			buf_add_text(&out, "\n\n");
		buf_add(&out, pieces->v[i]);
	}
	return buf_slice(&out);
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
	char storage[STATUS_LIKE_BYTES];
	struct buf begin = BUF_OVER(storage);

	return part->disposition != MIME_ATTACHMENT || mime_is(part, "message", NULL) ||
	       is_status_like(dsn_part_beginning(s->message, part, &begin));
}

static void
part_take(struct collector *c, const struct mime_part *part)
{
	struct dsn_scan *s = c->s;
	bool html = mime_is(part, "text", "html");
	struct slice text;

	if (mime_is(part, "message", "feedback-report"))
		s->has_complaint = true;
	else if (mime_is(part, "message", "disposition-notification"))
		s->has_receipt = true;
	else if (c->texts++ >= DSN_TEXTS_MAX)
		s->dsn->over = true;
	else if (mime_is(part, "message", "delivery-status") ||
		 mime_is(part, "message", "global-delivery-status"))
		piece_add(
		    &c->statuses, dsn_part_text(s->arena, s->message, part, c->statuses.room));
	else if (s->is_report && !mime_is(part, "text", "html") &&
		 is_status_like(
		     text = dsn_part_text(s->arena, s->message, part, DSN_TEXT_MAX_BYTES)))
		piece_add(&c->statuses, text);
	else if (mime_is(part, "text", NULL) || part->disposition == MIME_ATTACHMENT) {
		text = dsn_part_text(s->arena, s->message, part, DSN_TEXT_MAX_BYTES);
		/* the same again for programs that show colours says nothing new */
		if (html && c->report.n > 0)
			return;
		piece_add(&c->report, html ? html_text(s, text) : text);
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
	struct collector c = {.s = s,
	    .report = {.room = DSN_TEXT_MAX_BYTES},
	    .statuses = {.room = DSN_STATUS_MAX_BYTES}};

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
			part_take(&c, part);
		else if (broken && c.texts++ < DSN_TEXTS_MAX)
			piece_add(&c.report, part_body(s, part));
	}
	s->report = pieces_join(s->arena, &c.report);
	s->statuses = pieces_join(s->arena, &c.statuses);
	s->sender_name = dsn_field(s->message, "From");
	subject_take(s);
	address_take(s->sender_name, &s->sender);
	address_take(dsn_field(s->message, "To"), &s->recipient);
	return s->arena->failed ? -1 : 0;
}
