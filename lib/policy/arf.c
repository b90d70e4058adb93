/*
 * arf.c - see arf.h.
 */
#include "policy/arf.h"

#include "policy/dsn_part.h"

struct reader {
	struct arena *arena;
	struct arf arf;
	size_t room;
};

static void
rcpt_add(struct reader *r, struct slice value)
{
	struct arf *arf = &r->arf;

	if (arf->nrcpt == ARF_RCPTS_MAX)
		return;
	if (arf->nrcpt == r->room) {
		size_t room = r->room == 0 ? 2 : r->room * 2;
		struct slice *v = arena_alloc(r->arena, room * sizeof(*v));

		if (v == NULL)
			return;
		if (arf->nrcpt > 0)
			memcpy(v, arf->rcpt, arf->nrcpt * sizeof(*v));
		arf->rcpt = v;
		r->room = room;
	}
	arf->rcpt[arf->nrcpt++] = value;
}

/* An address, in brackets or not; or what stands there instead of one that was hidden. */
static struct slice
address_of(struct slice value)
{
	struct slice address = dsn_address_clean(value);

	return address.n > 0 ? address : dsn_unbracket(value);
}

/* "192.0.2.1 (mail.example.com)", "[IPv6:2001:db8::1]". */
static void
source_set(struct arf *arf, struct slice value)
{
	size_t n = 0;

	while (value.n > 0 && value.p[0] == '[')
		value = slice_from(value, 1);
	while (n < value.n && !ascii_is_space(value.p[n]) && value.p[n] != '(' && value.p[n] != ']')
		n++;
	arf->source_ip = slice_head(value, n);
	if (net_addr_parse(arf->source_ip, &arf->source) != 0)
		arf->source.family = NET_NONE;
}

static unsigned
number_of(struct slice value)
{
	unsigned number = 0;

	for (size_t i = 0; i < value.n && i < 6 && ascii_is_digit(value.p[i]); i++)
		number = number * 10 + (unsigned)(value.p[i] - '0');
	return number > 0 ? number : 1;
}

/* The fields that are kept as they stand. */
static struct slice *
plain_field(struct arf *arf, struct slice name)
{
	const struct {
		const char *name;
		struct slice *to;
	} rows[] = {
	    {"Feedback-Type", &arf->feedback_type},
	    {"User-Agent", &arf->user_agent},
	    {"Version", &arf->version},
	    {"Original-Envelope-Id", &arf->envid},
	    {"Arrival-Date", &arf->arrival_date},
	    {"Received-Date", &arf->arrival_date},
	    {"Reported-Domain", &arf->reported_domain},
	    {"Reporting-MTA", &arf->reporting_mta},
	    {"Auth-Failure", &arf->auth_failure},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (slice_eq_nocase(name, slice_of(rows[i].name)))
			return rows[i].to;
	return NULL;
}

static void
field_take(struct reader *r, struct slice name, struct slice value, struct slice *removal)
{
	struct slice *plain = plain_field(&r->arf, name);

	if (plain != NULL)
		*plain = plain->n == 0 ? value : *plain;
	else if (slice_eq_nocase(name, slice_of("Source-IP")))
		source_set(&r->arf, value);
	else if (slice_eq_nocase(name, slice_of("Original-Mail-From")))
		r->arf.original_mail_from = address_of(value);
	else if (slice_eq_nocase(name, slice_of("Original-Rcpt-To")))
		rcpt_add(r, address_of(value));
	else if (slice_eq_nocase(name, slice_of("Removal-Recipient")))
		*removal = address_of(value);
	else if (slice_eq_nocase(name, slice_of("Incidents")))
		r->arf.incidents = number_of(value);
}

static void
report_read(struct reader *r, struct slice text)
{
	struct slice name, value, removal = {NULL, 0};

	while (text.n > 0)
		if (dsn_part_field_next(&text, &name, &value))
			field_take(r, name, value, &removal);
	if (r->arf.nrcpt == 0 && removal.n > 0)
		rcpt_add(r, removal);
	r->arf.found = r->arf.feedback_type.n > 0;
}

static void
returned_read(struct reader *r, const struct dsn_copy *copy)
{
	struct message header;

	if (dsn_copy_parse(r->arena, copy, &header) != 0)
		return;
	r->arf.message_id = dsn_unbracket(dsn_field(&header, "Message-ID"));
	r->arf.id_header = dsn_id_header(&header);
	r->arf.returned_from = dsn_field(&header, "From");
	r->arf.returned_to = dsn_field(&header, "To");
	r->arf.returned_path = dsn_unbracket(dsn_field(&header, "Return-Path"));
	/* a large provider sends no report, but the message with this in it */
	if (!r->arf.found && dsn_field(&header, "X-HmXmrOriginalRecipient").n > 0) {
		r->arf.found = true;
		r->arf.feedback_type = slice_of("abuse");
		rcpt_add(r, address_of(dsn_field(&header, "X-HmXmrOriginalRecipient")));
	}
}

/* One that lost its type, in a container that says there is one. */
static bool
is_misnamed(const struct mime *mime, const struct mime_part *part, struct slice text)
{
	return mime_is(&mime->v[0], "multipart", "report") && part->depth == 1 &&
	       slice_starts_nocase(text, slice_of("Feedback-Type:"));
}

int
arf_read(struct arena *a, const struct message *message, struct arf *arf_r)
{
	struct reader r = {.arena = a, .arf.incidents = 1};
	struct dsn_copy copy = {.found = false};
	struct mime mime;

	if (mime_scan(a, message, &mime) != 0)
		return -1;
	for (size_t i = 0; i < mime.n; i++) {
		const struct mime_part *part = &mime.v[i];
		bool named = mime_is(part, "message", "feedback-report");

		if (dsn_part_copy(a, message, &mime, part, &copy) ||
		    (part->under & MIME_UNDER_MESSAGE) != 0 || part->kind != MIME_LEAF ||
		    r.arf.found)
			continue;
		if (named ||
		    is_misnamed(&mime, part,
			slice_head(slice_from(message->body, part->body.offset), part->body.n)))
			report_read(&r, dsn_part_text(a, message, part, ARF_REPORT_MAX_BYTES));
	}
	returned_read(&r, &copy);
	*arf_r = r.arf;
	return a->failed ? -1 : 0;
}

bool
arf_is_complaint(const struct arf *arf)
{
	static const char *const types[] = {
	    "abuse", "fraud", "opt-out", "opt-out-list", "virus", "miscategorized", "other"};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (arf->found && slice_eq_nocase(arf->feedback_type, slice_of(types[i])))
			return true;
	return false;
}
