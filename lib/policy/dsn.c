/*
 * dsn.c - see dsn.h: the parts are collected, the signs weighed, the recipients found, and judged.
 */
#include "policy/dsn_parts.h"

const char *
dsn_kind_name(enum dsn_kind kind)
{
	static const char *const names[] = {
	    [DSN_NONE] = "none",
	    [DSN_FAILURE] = "failure",
	    [DSN_DELAY] = "delay",
	    [DSN_SUCCESS] = "success",
	    [DSN_AUTO_REPLY] = "auto-reply",
	    [DSN_CHALLENGE] = "challenge",
	    [DSN_RECEIPT] = "receipt",
	    [DSN_COMPLAINT] = "complaint",
	};

	return names[kind];
}

const char *
dsn_action_name(enum dsn_action action)
{
	static const char *const names[] = {
	    [DSN_ACTION_NONE] = "",
	    [DSN_FAILED] = "failed",
	    [DSN_DELAYED] = "delayed",
	    [DSN_DELIVERED] = "delivered",
	    [DSN_RELAYED] = "relayed",
	    [DSN_EXPANDED] = "expanded",
	};

	return names[action];
}

struct dsn_recipient *
dsn_recipient_add(struct dsn_scan *s)
{
	struct dsn *dsn = s->dsn;

	if (dsn->n == DSN_RECIPIENTS_MAX) {
		dsn->over = true;
		return NULL;
	}
	if (dsn->n == s->room) {
		size_t room = s->room == 0 ? 4 : s->room * 2;
		struct dsn_recipient *v = arena_alloc(s->arena, room * sizeof(*v));

		if (v == NULL)
			return NULL;
		if (dsn->n > 0)
			memcpy(v, dsn->v, dsn->n * sizeof(*v));
		dsn->v = v;
		s->room = room;
	}
	return &dsn->v[dsn->n++];
}

/* One recipient of that kind: who sent the message. */
static void
sender_only(struct dsn_scan *s, enum dsn_kind kind)
{
	struct dsn_recipient *r;

	s->dsn->kind = kind;
	s->dsn->n = 0;
	r = dsn_recipient_add(s);
	if (r == NULL)
		return;
	*r = (struct dsn_recipient){.address = s->sender,
	    .verdict = {.class = kind == DSN_COMPLAINT ? BOUNCE_COMPLAINT : BOUNCE_AUTO_REPLY,
		.category = slice_of(dsn_kind_name(kind))}};
}

/* The worst that happened to anybody. */
static enum dsn_kind
kind_of_actions(const struct dsn *dsn)
{
	enum dsn_kind kind = DSN_SUCCESS;

	for (size_t i = 0; i < dsn->n; i++) {
		if (dsn->v[i].action <= DSN_FAILED)
			return DSN_FAILURE;
		if (dsn->v[i].action == DSN_DELAYED)
			kind = DSN_DELAY;
	}
	return kind;
}

static void
actions_set(struct dsn *dsn, enum dsn_action action)
{
	for (size_t i = 0; i < dsn->n; i++)
		if (dsn->v[i].action == DSN_ACTION_NONE)
			dsn->v[i].action = action;
}

/* Recipients whose address is hidden ("ann...@example.com") are none that anybody could act on. */
static void
drop_unknown(struct dsn *dsn)
{
	size_t n = 0;

	for (size_t i = 0; i < dsn->n; i++)
		if (dsn->v[i].address.n > 0)
			dsn->v[n++] = dsn->v[i];
	dsn->n = n;
}

/* The addresses of a report that were none, as the text for people has them: one for one. */
static void
repair(struct dsn_scan *s)
{
	struct dsn named = {.n = 0}, *dsn = s->dsn;
	size_t room = s->room;

	if (dsn->n != 1 || dsn->v[0].address.n > 0)
		return;
	s->dsn = &named;
	named.returned_to = dsn->returned_to;
	s->room = 0;
	dsn_text_recipients(s);
	s->dsn = dsn;
	s->room = room;
	if (named.n == 1)
		dsn->v[0].address = named.v[0].address;
}

/* Does it name somebody else, in that shape or a surer one? */
static bool
names(const struct dsn_scan *s, enum dsn_shape least)
{
	for (size_t i = 0; i < s->nmentions; i++)
		if (s->mention[i].shape >= least &&
		    !slice_eq_nocase(s->mention[i].address, s->recipient) &&
		    !slice_eq_nocase(s->mention[i].address, s->sender))
			return true;
	return false;
}

/* In whatever language: only notifications come from there, and this one names an address or a code,
 * where they stand. */
static bool
is_of_mailer(const struct dsn_scan *s, const struct dsn_signs *signs)
{
	return signs->mailer && !signs->challenge && !signs->delivered &&
	       (names(s, DSN_SHAPE_COMMAND) || signs->coded);
}

/* Numbers are anywhere; a reply of SMTP is in little else. */
static bool
says_by_code(const struct dsn_scan *s, const struct dsn_signs *signs)
{
	if (signs->mailer || signs->null || s->is_report || (signs->daemon && signs->subject))
		return signs->coded;
	return signs->daemon && signs->quoted;
}

/* Is a free text a notification? Two signs of who sent it, or one and an address where recipients
 * stand, which is not enough where a person may have written it; and it must say so itself. */
static bool
is_notification(const struct dsn_scan *s, const struct dsn_signs *signs)
{
	bool sender = signs->daemon || signs->null || s->is_report;
	unsigned outside = (unsigned)signs->daemon + signs->null + signs->subject + s->is_report;
	bool lead = names(s, DSN_SHAPE_COMMAND);
	bool is_letter = signs->person && !signs->machine;
	bool says = signs->failed || signs->delayed || says_by_code(s, signs);

	if (signs->named || is_of_mailer(s, signs))
		return true;
	if (signs->automatic && !signs->subject && (!signs->daemon || signs->away))
		return false;
	if (says && (signs->daemon || (signs->subject && signs->machine)) &&
	    names(s, DSN_SHAPE_PROSE))
		return true;
	if (says && signs->daemon && (s->copy.found || s->hint.n > 0))
		return true;
	return (says && (outside >= 2 || (outside == 1 && lead && !is_letter))) ||
	       (sender && lead && s->copy.found) ||
	       (signs->subject && sender && (lead || s->copy.found));
}

static void
free_read(struct dsn_scan *s, const struct dsn_signs *signs)
{
	enum dsn_action action = signs->delayed ? DSN_DELAYED : DSN_FAILED;

	if (signs->delivered && !signs->failed)
		action = DSN_DELIVERED;
	if (is_notification(s, signs) || (action == DSN_DELIVERED && signs->subject)) {
		dsn_text_recipients(s);
		actions_set(s->dsn, action);
		s->dsn->kind = kind_of_actions(s->dsn);
	} else if (signs->challenge && (signs->automatic || signs->null)) {
		sender_only(s, DSN_CHALLENGE);
	} else if (signs->automatic) {
		sender_only(s, DSN_AUTO_REPLY);
	}
}

static void
structured_read(struct dsn_scan *s, const struct dsn_signs *signs)
{
	if (signs->challenge && !signs->daemon) {
		sender_only(s, DSN_CHALLENGE);
		return;
	}
	s->dsn->structured = true;
	repair(s);
	drop_unknown(s->dsn);
	actions_set(s->dsn, signs->delayed ? DSN_DELAYED : DSN_FAILED);
	s->dsn->kind = s->dsn->n > 0 ? kind_of_actions(s->dsn) : DSN_NONE;
}

/* A report whose container is broken, or has lost its header, or that never had one: it stands in the
 * text. A copy of one in somebody's letter does so too, but then the letter has a sender. */
static void
bare_read(struct dsn_scan *s, const struct dsn_signs *signs)
{
	struct slice rest = s->report;

	if (dsn_json_read(s) || (dsn_field(s->message, "From").p != NULL && !s->is_report &&
				    !signs->daemon && !signs->null))
		return;
	while (rest.n > 0) {
		struct slice at = rest, line = dsn_line_next(&rest);

		if (!slice_starts_nocase(line, slice_of("Reporting-MTA:")) &&
		    !slice_starts_nocase(line, slice_of("Final-Recipient:")))
			continue;
		s->statuses = at;
		dsn_status_read(s);
		return;
	}
}

int
dsn_read(struct arena *a, const struct bounce_table *table, const struct message *message,
    enum dsn_path path, struct dsn *dsn_r)
{
	struct dsn_scan s = {
	    .arena = a, .table = table, .message = message, .path = path, .dsn = dsn_r};
	struct dsn_signs signs;

	*dsn_r = (struct dsn){.kind = DSN_NONE};
	if (dsn_collect(&s) != 0)
		return -1;
	dsn_text_read(&s);
	dsn_returned_read(&s);
	dsn_status_read(&s);
	signs = dsn_signs_read(&s);
	if (dsn_r->n == 0 && !s.has_complaint && !s.has_receipt)
		bare_read(&s, &signs);
	if (s.has_complaint)
		sender_only(&s, DSN_COMPLAINT);
	else if (dsn_r->n > 0)
		structured_read(&s, &signs);
	else if (s.has_receipt)
		sender_only(&s, DSN_RECEIPT);
	else
		free_read(&s, &signs);
	if (dsn_r->kind == DSN_FAILURE || dsn_r->kind == DSN_DELAY) {
		dsn_recipients_unique(&s);
		dsn_judge(&s);
	}
	return a->failed ? -1 : 0;
}
