/*
 * returns.c - see returns.h.
 */
#include "policy/returns.h"

#include "policy/stat.h"

#include <stdlib.h>

/* Of each recipient of a notification: as we sent it, whom it is about, as his server knows him. */
#define DSN_NAMES 3

static const struct suppress_return untouched = {.kind = RETURN_FAILED, .class = BOUNCE_UNKNOWN};

/* --- whom it may be about --- */

/* "a b@example.com" for a local part that stood in quotes before XVERP took it. */
static struct slice
quoted(struct arena *a, const struct address *rcpt)
{
	size_t n = rcpt->text.n + 2;
	char *p = arena_alloc(a, n);
	struct buf out;

	if (p == NULL)
		return slice_make(NULL, 0);
	buf_init(&out, p, n);
	buf_add_char(&out, '"');
	buf_add(&out, rcpt->local);
	buf_add_text(&out, "\"@");
	buf_add(&out, rcpt->domain);
	return buf_slice(&out);
}

static int
room_make(struct arena *a, struct return_who *who, size_t n)
{
	*who = (struct return_who){.n = n};
	who->v = arena_alloc(a, (n + 1) * sizeof(*who->v));
	who->had = arena_alloc(a, (n + 1) * sizeof(*who->had));
	return who->v == NULL || who->had == NULL ? -1 : 0;
}

static int
who_of_xverp(struct arena *a, struct slice rcpt, struct return_who *who)
{
	if (room_make(a, who, 2) != 0)
		return -1;
	who->v[0] = address_parse(rcpt);
	who->v[1] = (struct address){.null = true};
	if (!address_local_is_plain(who->v[0].local))
		who->v[1] = address_parse(quoted(a, &who->v[0]));
	return 0;
}

static int
who_of_dsn(struct arena *a, const struct dsn *dsn, struct return_who *who)
{
	if (room_make(a, who, DSN_NAMES * dsn->n) != 0)
		return -1;
	for (size_t i = 0; i < dsn->n; i++) {
		const struct dsn_recipient *r = &dsn->v[i];
		struct address *v = &who->v[DSN_NAMES * i];

		v[0] = address_parse(r->original);
		v[1] = address_parse(slice_eq(r->address, r->original) ? slice_of("") : r->address);
		v[2] = address_parse(slice_eq(r->final, r->address) ? slice_of("") : r->final);
	}
	return 0;
}

static int
who_of_list(struct arena *a, const struct slice *v, size_t n, struct return_who *who)
{
	if (room_make(a, who, n) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		who->v[i] = address_parse(v[i]);
	return 0;
}

int
returns_who(struct arena *a, const struct return_ref *ref, const struct return_message *message,
    struct return_who *who_r)
{
	const struct slice senders[] = {message->sender, message->from};

	if (ref->letter == ENVELOPE_UNSUBSCRIBE)
		return who_of_list(a, senders, 2, who_r);
	if (ref->rcpt.n > 0)
		return who_of_xverp(a, ref->rcpt, who_r);
	if (message->arf->found)
		return who_of_list(a, message->arf->rcpt, message->arf->nrcpt, who_r);
	return who_of_dsn(a, message->dsn, who_r);
}

/* The first of these whom the message was sent to; empty: none. */
static struct slice
had_among(const struct return_who *who, size_t from, size_t n)
{
	for (size_t i = from; i < from + n; i++) {
		if (who->had[i])
			return who->v[i].text;
	}
	return slice_make(NULL, 0);
}

/* The one whom all is about; empty: that depends on what is said. */
static struct slice
target(const struct return_ref *ref, const struct return_who *who)
{
	struct slice one = slice_make(NULL, 0);

	if (ref->letter == ENVELOPE_UNSUBSCRIBE || ref->rcpt.n > 0)
		one = had_among(who, 0, who->n);
	if (one.n == 0 && ref->rcpt.n == 0)
		one = slice_make(who->sent.only, who->sent.only_n);
	return one;
}

/* --- items --- */

static struct return_item *
item_add(struct return_items *items, const char *type, struct slice rcpt, size_t at)
{
	struct return_item *item = &items->v[items->n++];

	*item = (struct return_item){.type = type, .what = untouched, .rcpt = rcpt, .at = at};
	return item;
}

static void
failure_fill(struct return_item *item, const struct dsn_recipient *r, bool delayed)
{
	static const char *const types[] = {[DSN_ACTION_NONE] = "bounced",
	    [DSN_FAILED] = "bounced",
	    [DSN_DELAYED] = "deferred",
	    [DSN_DELIVERED] = "delivered",
	    [DSN_RELAYED] = "relayed",
	    [DSN_EXPANDED] = "relayed"};
	enum dsn_action action = r->action == DSN_ACTION_NONE && delayed ? DSN_DELAYED : r->action;

	item->type = types[action];
	item->dsn = r;
	item->named = r->address;
	item->category = r->verdict.category;
	if (action == DSN_DELAYED)
		item->what.kind = RETURN_DELAYED;
	else if (action == DSN_DELIVERED)
		item->what.kind = RETURN_DELIVERED;
	else if (action == DSN_ACTION_NONE || action == DSN_FAILED)
		item->what = (struct suppress_return){.kind = RETURN_FAILED,
		    .class = r->verdict.class,
		    .hard = bounce_gives_up(&r->verdict)};
}

static bool
names(const struct dsn_recipient *r, struct slice rcpt)
{
	return slice_eq_nocase(r->original, rcpt) || slice_eq_nocase(r->address, rcpt) ||
	       slice_eq_nocase(r->final, rcpt);
}

static bool
names_nobody(const struct dsn_recipient *r)
{
	return r->original.n == 0 && r->address.n == 0 && r->final.n == 0;
}

/* What is said of the one whom all is about: of himself, if he is named, or if nobody is. Others who
 * are named are those his server made of him: an address he forwards to, the members of a list. That
 * one of these has failed does not mean that he will never have mail. */
static void
one_add(struct return_items *items, const struct dsn *dsn, struct slice rcpt)
{
	struct return_item *item = item_add(items, "bounced", rcpt, 0);
	size_t i = 0;

	while (i < dsn->n && !names(&dsn->v[i], rcpt))
		i++;
	failure_fill(item, &dsn->v[i < dsn->n ? i : 0], dsn->kind == DSN_DELAY);
	if (i == dsn->n && !(dsn->n == 1 && names_nobody(&dsn->v[0])))
		item->what.hard = false;
}

static void
each_add(struct return_items *items, const struct dsn *dsn, const struct return_who *who)
{
	for (size_t i = 0; i < dsn->n; i++) {
		struct slice rcpt = who->n == DSN_NAMES * dsn->n
					? had_among(who, DSN_NAMES * i, DSN_NAMES)
					: slice_make(NULL, 0);

		failure_fill(
		    item_add(items, "bounced", rcpt, i), &dsn->v[i], dsn->kind == DSN_DELAY);
	}
}

static void
dsn_add(struct return_items *items, const struct dsn *dsn, struct slice rcpt,
    const struct return_who *who)
{
	bool report = dsn->kind == DSN_FAILURE || dsn->kind == DSN_DELAY ||
		      dsn->kind == DSN_SUCCESS;
	bool nothing = dsn->kind == DSN_NONE || dsn->kind == DSN_COMPLAINT;

	if (report && dsn->n > 0 && rcpt.n > 0) {
		one_add(items, dsn, rcpt);
	} else if (report && dsn->n > 0) {
		each_add(items, dsn, who);
	} else {
		struct return_item *item = item_add(
		    items, nothing || report ? "returned" : "replied", rcpt, 0);

		if (!nothing)
			item->category = slice_of(dsn_kind_name(dsn->kind));
	}
}

static bool
is_opt_out(struct slice type)
{
	return slice_starts_nocase(type, slice_of("opt-out"));
}

static void
complaint_fill(struct return_item *item, const struct arf *arf)
{
	item->category = arf->feedback_type;
	if (!arf_is_complaint(arf))
		return;
	item->type = is_opt_out(arf->feedback_type) ? "unsubscribed" : "complained";
	item->what.kind = is_opt_out(arf->feedback_type) ? RETURN_UNSUBSCRIBED : RETURN_COMPLAINED;
}

static void
arf_add(struct return_items *items, const struct arf *arf, struct slice rcpt,
    const struct return_who *who)
{
	size_t n = rcpt.n > 0 || who->n != arf->nrcpt ? 0 : arf->nrcpt;

	for (size_t i = 0; i < n; i++) {
		if (who->had[i])
			complaint_fill(item_add(items, "feedback", who->v[i].text, i), arf);
	}
	if (items->n == 0)
		complaint_fill(item_add(items, "feedback", rcpt, 0), arf);
}

/* --- each once --- */

/* By recipient, failures in front, then as they stood. */
static int
by_rcpt(const void *left, const void *right)
{
	const struct return_item *a = left, *b = right;
	int order = slice_compare(a->rcpt, b->rcpt);

	if (order == 0)
		order = (strcmp(a->type, "bounced") != 0) - (strcmp(b->type, "bounced") != 0);
	if (order == 0)
		order = a->at < b->at ? -1 : a->at > b->at;
	return order;
}

/* Is it his own server, or ours, that gave up? A person may report his own failure by an ordinary
 * answer, and who shares a return path with others may name any of them. */
static bool
failures_are_proven(const struct return_ref *ref, const struct return_message *message,
    const struct sent_message *sent)
{
	return message->null_sender && (sent->nrcpts == 1 || ref->rcpt.n > 0);
}

/* Nobody is touched by what is not known to be about him. */
static void
items_settle(struct return_items *items, const struct return_ref *ref,
    const struct return_message *message, const struct sent_message *sent)
{
	bool proven = failures_are_proven(ref, message, sent);
	size_t n = 0;

	qsort(items->v, items->n, sizeof(*items->v), by_rcpt);
	for (size_t i = 0; i < items->n; i++) {
		struct return_item *item = &items->v[i];

		if (n > 0 && slice_eq_nocase(items->v[n - 1].rcpt, item->rcpt))
			continue;
		if (item->rcpt.n == 0) {
			item->unsure = sent->known ? "not-among-recipients" : "message-not-kept";
			item->what = untouched;
		}
		item->what.hard = item->what.hard && proven;
		items->v[n++] = *item;
	}
	items->n = n;
}

/* A notification, and not a person who wants no more. */
static bool
is_report(const struct return_message *message)
{
	enum dsn_kind kind = message->dsn->kind;

	return message->null_sender &&
	       (kind == DSN_FAILURE || kind == DSN_DELAY || kind == DSN_SUCCESS);
}

enum return_result
returns_items(struct arena *a, const struct return_ref *ref, const struct return_message *message,
    const struct return_who *who, struct return_items *items_r)
{
	struct slice rcpt = target(ref, who);
	bool unsubscribe = ref->letter == ENVELOPE_UNSUBSCRIBE;

	*items_r = (struct return_items){NULL, 0};
	items_r->v = arena_alloc(
	    a, (message->dsn->n + message->arf->nrcpt + 1) * sizeof(*items_r->v));
	rcpt = arena_copy(a, rcpt);
	if (items_r->v == NULL || (rcpt.p == NULL && rcpt.n > 0))
		return RETURN_NO_MEMORY;
	if (message->unread || (unsubscribe && is_report(message))) {
		(void)item_add(items_r, "returned", rcpt, 0);
	} else if (unsubscribe) {
		if (rcpt.n == 0)
			return RETURN_WHO_IS_IT;
		item_add(items_r, "unsubscribed", rcpt, 0)->what.kind = RETURN_UNSUBSCRIBED;
	} else if (message->arf->found) {
		arf_add(items_r, message->arf, rcpt, who);
	} else {
		dsn_add(items_r, message->dsn, rcpt, who);
	}
	items_settle(items_r, ref, message, &who->sent);
	return RETURN_READ;
}

bool
returns_is_aside(const struct return_item *item)
{
	static const char *const ordinary[] = {
	    "bounced", "deferred", "delivered", "complained", "unsubscribed"};

	for (size_t i = 0; i < sizeof(ordinary) / sizeof(*ordinary); i++) {
		if (item->unsure == NULL && strcmp(item->type, ordinary[i]) == 0)
			return false;
	}
	return true;
}

bool
returns_are_for_people(const struct return_items *items)
{
	for (size_t i = 0; i < items->n; i++) {
		if (strcmp(items->v[i].type, "replied") == 0 ||
		    strcmp(items->v[i].type, "returned") == 0)
			return true;
	}
	return false;
}

/* --- in words --- */

static void
word_add(struct buf *out, struct slice word)
{
	if (word.n > 0 && out->n > 0)
		buf_add_char(out, ' ');
	buf_add(out, word);
}

/* What stands in several lines, in one. */
static void
line_add(struct buf *out, struct slice text)
{
	bool gap = out->n > 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			gap = out->n > 0;
			continue;
		}
		if (gap)
			buf_add_char(out, ' ');
		gap = false;
		buf_add_char(out, c);
	}
}

/* "550 5.1.1 no such user"; what the diagnostic says already is not said twice. */
static void
diagnostic_add(const struct dsn_recipient *r, struct buf *out)
{
	char storage[12];
	struct buf reply = BUF_OVER(storage);

	if (r->reply > 0)
		buf_add_u64(&reply, r->reply);
	if (!slice_starts(r->diagnostic, buf_slice(&reply))) {
		word_add(out, buf_slice(&reply));
		word_add(out, r->status);
	}
	line_add(out, r->diagnostic);
	if (out->n == 0)
		word_add(out, r->status);
}

void
returns_evidence(const struct return_item *item, struct slice msg, struct buf *out)
{
	char storage[SUPPRESSION_EVIDENCE_BYTES];
	struct buf text = BUF_OVER(storage);

	if (item->dsn != NULL)
		diagnostic_add(item->dsn, &text);
	else if (item->what.kind == RETURN_COMPLAINED || item->category.n > 0)
		word_add(&text, item->category);
	else
		word_add(&text, slice_of("by mail"));
	/* the message is what proves it: it has to fit */
	buf_add(out, slice_head(buf_slice(&text), sizeof(storage) - msg.n - 3));
	buf_add_text(out, " (");
	buf_add(out, msg);
	buf_add_char(out, ')');
}

static bool
is_hard(const struct return_item *item)
{
	return item->unsure == NULL && item->what.hard;
}

unsigned
returns_stat(const struct return_item *item)
{
	if (strcmp(item->type, "bounced") == 0)
		return is_hard(item) ? STAT_BOUNCED_HARD : STAT_BOUNCED_SOFT;
	if (strcmp(item->type, "complained") == 0)
		return STAT_COMPLAINED;
	return strcmp(item->type, "unsubscribed") == 0 ? STAT_UNSUBSCRIBED : STAT_COUNT;
}

void
returns_event(const struct return_item *item, struct record *record)
{
	char storage[DSN_DIAGNOSTIC_MAX_BYTES + 100];
	struct buf reason = BUF_OVER(storage);
	bool failed = strcmp(item->type, "bounced") == 0;

	record_add(record, "rcpt", item->rcpt);
	record_add(record, "category", item->category);
	if (item->unsure != NULL)
		record_add(record, "skipped", slice_of(item->unsure));
	if (item->rcpt.n == 0)
		record_add(record, "to", item->named);
	if (item->dsn == NULL)
		return;
	if (failed || strcmp(item->type, "deferred") == 0)
		record_add(record, "class", slice_of(bounce_class_name(item->dsn->verdict.class)));
	if (failed)
		record_add(record, "strength", slice_of(is_hard(item) ? "hard" : "soft"));
	record_add(record, "status", item->dsn->status);
	record_add(record, "mta", item->dsn->remote_mta);
	diagnostic_add(item->dsn, &reason);
	record_add(record, "reason", buf_slice(&reason));
}
