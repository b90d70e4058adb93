/*
 * dsn_named.c - the recipients of a notification without an RFC 3464 part: who is named most
 * surely. And what the header of the returned message says.
 */
#include "policy/dsn_parts.h"

/* Words in a row that are addresses, as in X-Failed-Recipients. */
static void
list_add(struct dsn_scan *s, struct slice list)
{
	struct slice address, before;

	while (dsn_address_next(&list, &address, &before)) {
		struct dsn_recipient *r = dsn_recipient_add(s);

		if (r == NULL)
			return;
		r->address = address;
	}
}

static bool
is_role(struct slice address)
{
	static const char *const locals[] = {
	    "postmaster", "mailer-daemon", "abuse", "support", "helpdesk"};
	struct slice local = slice_head(address, slice_find(address, '@'));

	for (size_t i = 0; i < sizeof(locals) / sizeof(*locals); i++)
		if (slice_eq_nocase(local, slice_of(locals[i])))
			return true;
	return false;
}

/* Not he whom the notification went to, or came from. */
static bool
is_other(const struct dsn_scan *s, const struct dsn_mention *m)
{
	return !slice_eq_nocase(m->address, s->recipient) &&
	       !slice_eq_nocase(m->address, s->sender);
}

/* May a mention be of a recipient, if others could be too? */
static bool
is_likely(const struct dsn_scan *s, const struct dsn_mention *m)
{
	return !is_role(m->address) && is_other(s, m);
}

static bool
is_any(const struct dsn_scan *s, const struct dsn_mention *m)
{
	(void)s;
	return m->address.n > 0;
}

static bool
has_lead(const struct dsn_scan *s)
{
	for (size_t i = 0; i < s->nmentions; i++)
		if (s->mention[i].shape >= DSN_SHAPE_COMMAND && is_likely(s, &s->mention[i]))
			return true;
	return false;
}

/* X-Failed-Recipients; not when the text names others where recipients stand, and none of them. */
static void
failed_add(struct dsn_scan *s)
{
	for (size_t i = 0; i < s->message->n; i++)
		if (slice_eq_nocase(s->message->v[i].name, slice_of("X-Failed-Recipients")))
			list_add(s, s->message->v[i].value);
	if (s->dsn->n > 0 && has_lead(s) && dsn_mention_text(s, s->dsn->v[0].address, 0).n == 0)
		s->dsn->n = 0;
}

/* Adds the addresses that have a mention of that shape, unless somebody was found before. */
static void
mentions_add(struct dsn_scan *s, enum dsn_shape shape,
    bool (*fits)(const struct dsn_scan *s, const struct dsn_mention *m))
{
	struct slice last = {NULL, 0};

	if (s->dsn->n > 0)
		return;
	for (size_t i = 0; i < s->nmentions; i++) {
		const struct dsn_mention *m = &s->mention[i];
		struct dsn_recipient *r;

		if (m->shape != shape || !fits(s, m) || slice_eq_nocase(m->address, last) ||
		    dsn_address_clean(m->address).n == 0)
			continue;
		r = dsn_recipient_add(s);
		if (r == NULL)
			return;
		r->address = last = m->address;
	}
}

/* Is the address the only one in a field of the returned header? It fits then. */
static struct slice
returned_single(const struct dsn_scan *s)
{
	struct slice rest = s->dsn->returned_to, address = {NULL, 0}, another, before;

	if (!dsn_address_next(&rest, &address, &before) ||
	    (dsn_address_next(&rest, &another, &before) && !slice_eq_nocase(another, address)))
		return (struct slice){NULL, 0};
	return address;
}

/* "Delivery to ann@example.com failed". */
static struct slice
subject_single(const struct dsn_scan *s)
{
	struct slice rest = s->subject, address, before;

	if (!dsn_address_next(&rest, &address, &before) || slice_eq_nocase(address, s->recipient) ||
	    slice_eq_nocase(address, s->sender))
		return (struct slice){NULL, 0};
	return address;
}

static void
weak_add(struct dsn_scan *s)
{
	struct slice rest = slice_head(s->dsn->returned_to, 4096), address, before;

	while (dsn_address_next(&rest, &address, &before)) {
		struct dsn_recipient *r;

		if (dsn_mention_text(s, address, 0).n == 0 ||
		    slice_eq_nocase(address, s->recipient))
			continue;
		r = dsn_recipient_add(s);
		if (r == NULL)
			return;
		r->address = address;
	}
}

/* Local parts alone, each in a line of its own behind one that ends in ":": of the sender's domain,
 * as AOL wrote them. */
static void
locals_add(struct dsn_scan *s)
{
	struct slice rest = s->report;
	struct slice domain = slice_from(s->sender, slice_find(s->sender, '@'));
	bool below = false;

	while (rest.n > 0 && domain.n > 1) {
		struct slice line = dsn_line_next(&rest);
		struct slice text = slice_trim(line);
		struct dsn_recipient *r;
		struct buf out;

		if (text.n == 0)
			continue;
		if (!below || text.p == line.p || text.n > 64 || slice_find(text, ' ') < text.n) {
			below = text.p[text.n - 1] == ':';
			continue;
		}
		r = dsn_recipient_add(s);
		if (r == NULL)
			return;
		buf_init(&out, arena_alloc(s->arena, text.n + domain.n), text.n + domain.n);
		if (out.p == NULL)
			return;
		buf_add(&out, text);
		buf_add(&out, domain);
		r->address = buf_slice(&out);
	}
}

/* "list-bounces+user=example.com@lists.example.org": it came to whom it is about. */
static struct slice
verp_read(struct dsn_scan *s)
{
	struct slice local = slice_head(s->recipient, slice_find(s->recipient, '@'));
	size_t equals = slice_find_last(local, '='), plus = slice_find(local, '+');
	struct slice user = slice_from(slice_head(local, equals), plus + 1);
	struct slice domain = slice_from(local, equals + 1);
	struct buf out;

	if (equals == local.n || plus >= equals || user.n == 0 ||
	    slice_find(domain, '.') == domain.n)
		return (struct slice){NULL, 0};
	buf_init(&out, arena_alloc(s->arena, local.n), local.n);
	if (out.p == NULL)
		return (struct slice){NULL, 0};
	buf_add(&out, user);
	buf_add_char(&out, '@');
	buf_add(&out, domain);
	return buf_slice(&out);
}

void
dsn_text_recipients(struct dsn_scan *s)
{
	struct dsn_recipient *r;

	failed_add(s);
	mentions_add(s, DSN_SHAPE_LEAD, is_likely);
	mentions_add(s, DSN_SHAPE_COMMAND, is_likely);
	mentions_add(s, DSN_SHAPE_PROSE, is_likely);
	mentions_add(s, DSN_SHAPE_LEAD, is_any);
	mentions_add(s, DSN_SHAPE_COMMAND, is_any);
	mentions_add(s, DSN_SHAPE_PROSE, is_other);
	if (s->dsn->n == 0)
		weak_add(s);
	if (s->dsn->n == 0 && s->nmentions <= 1)
		locals_add(s);
	if (s->dsn->n > 0)
		return;
	r = dsn_recipient_add(s);
	if (r == NULL)
		return;
	r->address = s->hint.n > 0 && !slice_eq_nocase(s->hint, s->recipient) ? s->hint
									      : verp_read(s);
	if (r->address.n == 0)
		r->address = subject_single(s);
	if (r->address.n == 0)
		r->address = returned_single(s);
	if (r->address.n == 0)
		r->address = s->hint;
	r->address = dsn_address_clean(r->address);
}

void
dsn_returned_read(struct dsn_scan *s)
{
	struct message header;

	if (dsn_copy_parse(s->arena, &s->copy, &header) != 0)
		return;
	s->dsn->message_id = dsn_unbracket(dsn_field(&header, "Message-ID"));
	s->dsn->id_header = dsn_id_header(&header);
	s->dsn->returned_from = dsn_field(&header, "From");
	s->dsn->returned_to = dsn_field(&header, "To");
	s->dsn->returned_subject = dsn_field(&header, "Subject");
}
