/*
 * mod_returns_record.c - the end of a message that came back: it is read, and what it says is
 * recorded before the MTA hears 250. What cannot be recorded is put off; what comes twice was
 * recorded already. What would take too much memory each time is not put off for ever: at a return
 * path it is recorded as such, and elsewhere none of our business.
 */
#include "io/bounce_rules.h"
#include "io/budget.h"
#include "mail/mailbox.h"
#include "modules.h"
#include "returns.h"

/* To read one: some, and more for what is read of a large one; dsn.h says what it needs. */
#define READ_BYTES          ((size_t)8 * 1024 * 1024)
#define READ_BODY_TIMES     4
#define READ_BODY_MAX_BYTES DSN_STATUS_MAX_BYTES

/* Who has memory reads, and records over Redis: after so long it comes again. */
#define READ_WAIT_MS 5000

/* What came is known until its return path is refused; that goes by days. */
#define DAY_S INT64_C(86400)

static int
returns_prepare(const void *conf, struct arena *a, const void **prepared_r, struct err *err)
{
	const struct returns_conf *returns = conf;
	struct bounce_table *table = arena_alloc(a, sizeof(*table));

	if (table == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	*prepared_r = table;
	if (bounce_rules_load(
		returns->patterns[0] == '\0' ? NULL : returns->patterns, a, table, err) != 0)
		return err_set(err, err->code, "returns.patterns: %s", err->text);
	return 0;
}

/* What one message is read with. */
struct reading {
	const struct env *env;
	const struct txn *txn;
	struct findings *findings;
	struct returns_reader reader;
	struct arena arena;
	struct dsn dsn;
	struct arf arf;
	struct return_message message;
	bool passes;      /* an account wants to see it */
	const char *word; /* static: what it was, for the log */
};

/* --- recording --- */

static void
event_make(struct event *event, const struct reading *r, const struct return_ref *ref,
    const struct return_item *item, struct slice msg)
{
	const struct clock_port *clock = r->env->ports->clock;

	record_init(&event->fields);
	record_add(&event->fields, "type", slice_of(item->type));
	record_add_number(&event->fields, "time", clock->now_s(clock));
	record_add(&event->fields, "account", slice_of(event->account));
	record_add(&event->fields, "msg", msg);
	record_add(&event->fields, "by", slice_of(ref->by));
	record_add(&event->fields, "id", r->txn->queue_id);
	record_add(&event->fields, "host", r->txn->mta);
	returns_event(item, &event->fields);
}

/* By this the store knows it again: what touches nobody has marks of its own. */
static struct slice
mark_of(const struct return_item *item, struct slice msg, struct buf *out)
{
	buf_add(out, msg);
	if (returns_is_aside(item)) {
		buf_add_char(out, ':');
		buf_add_text(out, item->type);
	}
	return buf_slice(out);
}

static void
item_count(const struct ports *ports, const struct return_item *item, bool seen)
{
	int64_t now_s = ports->clock->now_s(ports->clock);
	unsigned stat = returns_stat(item);

	ports->store->count(ports->store, STAT_RETURNED, now_s, 1);
	if (!seen && stat < STAT_COUNT)
		ports->store->count(ports->store, stat, now_s, 1);
}

static int
item_record(struct reading *r, const struct return_ref *ref, const struct account *account,
    const struct return_item *item, struct err *err)
{
	const struct outbound_conf *outbound = r->env->outbound;
	const struct returns_conf *conf = r->env->conf;
	const struct ports *ports = r->env->ports;
	char msg_storage[TOKEN_MESSAGE_BYTES], mark_storage[TOKEN_MESSAGE_BYTES + 16];
	char evidence_storage[SUPPRESSION_EVIDENCE_BYTES];
	struct buf msg = BUF_OVER(msg_storage), mark = BUF_OVER(mark_storage);
	struct buf evidence = BUF_OVER(evidence_storage);
	struct address rcpt = address_parse(item->rcpt);
	struct suppress_return what = item->what;
	struct event event = {.account = account->name};
	struct suppress_request request = {.account = account->name,
	    .rcpt = &rcpt,
	    .what = &what,
	    .terms = suppress_terms_of(account),
	    .seen_s = conf->max_age_s + DAY_S,
	    .became = returns_is_aside(item) ? NULL : item->type,
	    .event = &event,
	    .event_terms = {account->retention_s, outbound->events_keep}};
	struct suppress_step step;

	token_message_format(ref->ids.message, &msg);
	request.id = mark_of(item, buf_slice(&msg), &mark);
	returns_evidence(item, buf_slice(&msg), &evidence);
	what.evidence = buf_slice(&evidence);
	event_make(&event, r, ref, item, buf_slice(&msg));
	if (ports->store->returned(ports->store, &request, &step, err) != 0)
		return -1;
	item_count(ports, item, step.seen);
	return 0;
}

/* --- asking --- */

/* The next of them who can be asked about, as many as a question takes; how many. */
static size_t
chunk_take(const struct return_who *who, size_t *at, struct address *v, size_t *index)
{
	size_t n = 0;

	for (; *at < who->n && n < SENT_RCPTS_MAX; (*at)++) {
		if (who->v[*at].null || who->v[*at].text.n == 0)
			continue;
		index[n] = *at;
		v[n++] = who->v[*at];
	}
	return n;
}

/* Was the message sent to them? At least one question: what is known of the message itself? */
static int
who_ask(struct reading *r, const struct account *account, const struct token_ids *ids,
    struct return_who *who, struct err *err)
{
	struct store *store = r->env->ports->store;
	struct address *v = arena_alloc(&r->arena, SENT_RCPTS_MAX * sizeof(*v));
	size_t *index = arena_alloc(&r->arena, SENT_RCPTS_MAX * sizeof(*index));
	bool had[SENT_RCPTS_MAX];
	char storage[TOKEN_MESSAGE_BYTES];
	struct buf id = BUF_OVER(storage);
	struct sent_question question = {.account = account->name, .rcpts = v, .had_r = had};
	size_t at = 0;

	if (v == NULL || index == NULL)
		return err_set(err, ERR_NOMEM, "no memory for what came back");
	token_message_format(ids->message, &id);
	question.id = buf_slice(&id);
	question.fresh = ids->day + 1 >= r->reader.today;
	do {
		question.nrcpts = chunk_take(who, &at, v, index);
		if (store->sent(store, &question, &who->sent, err) != 0)
			return -1;
		for (size_t i = 0; i < question.nrcpts; i++)
			who->had[index[i]] = had[i];
	} while (at < who->n && who->sent.known);
	return 0;
}

/* --- one identifier --- */

/* Recipients of that kind are not judged: so nobody else counts it. */
static void
who_refuse(struct reading *r)
{
	const struct clock_port *clock = r->env->ports->clock;
	struct store *store = r->env->ports->store;

	returns_refuse(
	    r->findings, "who", "cannot tell who wants no more mail, please use the link in it");
	store->count(store, STAT_REFUSED_RETURNS, clock->now_s(clock), 1);
}

static int
ref_record(struct reading *r, const struct return_ref *ref, struct err *err)
{
	const struct account *account = returns_account(&r->reader, ref->ids.account);
	struct return_items items;
	struct return_who who;

	if (account == NULL)
		return 0; /* since its recipient was answered */
	if (returns_who(&r->arena, ref, &r->message, &who) != 0)
		return err_set(err, ERR_NOMEM, "no memory for what came back");
	if (who_ask(r, account, &ref->ids, &who, err) != 0)
		return -1;
	switch (returns_items(&r->arena, ref, &r->message, &who, &items)) {
	case RETURN_NO_MEMORY:
		return err_set(err, ERR_NOMEM, "no memory for what came back");
	case RETURN_WHO_IS_IT:
		who_refuse(r);
		return 0;
	case RETURN_READ:
		break;
	}
	for (size_t i = 0; i < items.n; i++) {
		if (item_record(r, ref, account, &items.v[i], err) != 0)
			return -1;
	}
	r->passes |= account->bounces == BOUNCES_PASS ||
		     (account->bounces == BOUNCES_BOTH && returns_are_for_people(&items));
	r->word = items.v[0].type;
	(void)findings_add(r->findings, FINDING_NOTE, "returns", r->word);
	return 0;
}

/* An address, or with an empty domain an identifier. 1: it was good; 0: it was not; -1. */
static int
text_record(
    struct reading *r, struct slice local, struct slice domain, const char *by, struct err *err)
{
	struct envelope_id id;
	struct return_ref ref;

	if (!envelope_id_is_like(local) ||
	    returns_open(&r->reader, local, domain, &id) != TOKEN_GOOD)
		return 0;
	ref = (struct return_ref){
	    id.letter, by, id.ids, arena_copy(&r->arena, slice_make(id.rcpt, id.rcpt_n))};
	if (r->arena.failed)
		return err_set(err, ERR_NOMEM, "no memory for what came back");
	return ref_record(r, &ref, err) == 0 ? 1 : -1;
}

/* --- where identifiers are --- */

static int
rcpts_record(struct reading *r, struct err *err)
{
	for (const struct txn_rcpt *rcpt = r->txn->rcpts; rcpt != NULL; rcpt = rcpt->next) {
		if (rcpt->answer == ANSWER_CONTINUE && rcpt->exempt == returns_claim &&
		    text_record(r, rcpt->addr.local, rcpt->addr.domain, "return", err) < 0)
			return -1;
	}
	return 0;
}

/* In what a notification or a complaint says of the message that it is about: the first that is
 * good. */
static int
content_record(struct reading *r, struct err *err)
{
	const struct arf *arf = &r->arf;
	struct address from = address_parse(arf->original_mail_from);
	struct address path = address_parse(arf->returned_path);
	const struct {
		const char *by;
		struct slice local, domain;
	} places[] = {
	    {"feedback", from.local, from.domain},
	    {"feedback", path.local, path.domain},
	    {"id", arf->id_header, {NULL, 0}},
	    {"envid", arf->envid, {NULL, 0}},
	    {"id", r->dsn.id_header, {NULL, 0}},
	    {"envid", r->dsn.envid, {NULL, 0}},
	};
	int status = 0;

	for (size_t i = 0; status == 0 && i < sizeof(places) / sizeof(*places); i++)
		status = text_record(r, places[i].local, places[i].domain, places[i].by, err);
	return status < 0 ? -1 : 0;
}

/* --- the message --- */

/* The first address in From. */
static struct slice
from_find(struct reading *r)
{
	const struct txn_field *field = txn_field_next(r->txn, NULL, "From");
	struct mailboxes it;
	struct mailbox mailbox;

	if (field == NULL)
		return slice_make(NULL, 0);
	mailbox_begin(&it, field->value);
	return mailbox_next(&it, &mailbox) ? arena_copy(&r->arena, mailbox.addr)
					   : slice_make(NULL, 0);
}

static int
message_read(struct reading *r, struct err *err)
{
	struct returns *returns = r->txn->returns;
	enum dsn_path path = r->txn->sender.null ? DSN_PATH_NULL : DSN_PATH_NAMED;

	if (body_spool_view(&returns->spool, &returns->message.body, err) != 0)
		return -1;
	if (dsn_read(&r->arena, r->env->prepared, &returns->message, path, &r->dsn) != 0 ||
	    arf_read(&r->arena, &returns->message, &r->arf) != 0)
		return err_set(err, ERR_NOMEM, "no memory to read what came back");
	r->message = (struct return_message){.dsn = &r->dsn,
	    .arf = &r->arf,
	    .null_sender = r->txn->sender.null,
	    .sender = r->txn->sender.text,
	    .from = from_find(r)};
	return 0;
}

/* Nobody else has it: who is left is a return path, or an address for complaints. */
static bool
is_for_us_alone(const struct reading *r)
{
	const struct txn_rcpt *rcpt = r->txn->rcpts;

	while (rcpt != NULL &&
	       (rcpt->answer != ANSWER_CONTINUE || rcpt->dropped || rcpt->exempt == returns_claim ||
		   returns_is_feedback(&r->reader, &rcpt->addr)))
		rcpt = rcpt->next;
	return rcpt == NULL;
}

/* It would not do with the same memory next time. */
static int
unread_record(struct reading *r, struct err *err)
{
	arena_reset(&r->arena);
	r->dsn = (struct dsn){.kind = DSN_NONE};
	r->arf = (struct arf){.found = false};
	r->message = (struct return_message){.dsn = &r->dsn,
	    .arf = &r->arf,
	    .null_sender = r->txn->sender.null,
	    .unread = true,
	    .sender = r->txn->sender.text};
	return rcpts_record(r, err);
}

static int
reading_run(struct reading *r, struct err *err)
{
	int status = message_read(r, err);

	if (status == 0)
		status = r->txn->nclaimed > 0 ? rcpts_record(r, err) : content_record(r, err);
	if (status != 0 && r->arena.failed)
		status = unread_record(r, err);
	if (status == 0 && r->word != NULL && !r->passes && is_for_us_alone(r))
		(void)findings_add(r->findings, FINDING_DISCARD, "returns", r->word);
	return status;
}

static size_t
reading_bytes(const struct returns *returns)
{
	size_t body = body_spool_size(&returns->spool);

	return READ_BYTES +
	       READ_BODY_TIMES * (body < READ_BODY_MAX_BYTES ? body : READ_BODY_MAX_BYTES);
}

/* With so much memory. */
static int
reading_run_within(struct reading *r, size_t bytes, struct err *err)
{
	int status;

	arena_init(&r->arena, 65536, bytes);
	returns_reader_begin(&r->reader, r->env);
	status = reading_run(r, err);
	returns_reader_end(&r->reader);
	arena_fini(&r->arena);
	return status;
}

static int
record_check(
    const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	struct reading r = {.env = env, .txn = txn, .findings = findings};
	struct budget *memory = env->ports->returns_memory;
	size_t bytes;
	int status;

	if (txn->returns == NULL)
		return txn->nclaimed == 0
			   ? 0
			   : err_set(err, ERR_UNAVAILABLE, "what came back cannot be read");
	if (decide(findings).answer >= ANSWER_DEFER)
		return 0; /* it is not accepted anyway */
	bytes = reading_bytes(txn->returns);
	if (memory != NULL && !budget_take(memory, bytes, READ_WAIT_MS))
		return err_set(err, ERR_UNAVAILABLE, "too much comes back at once");
	status = reading_run_within(&r, bytes, err);
	if (memory != NULL)
		budget_give(memory, bytes);
	return status;
}

/* Never lost: what cannot be recorded comes again. */
static int
record_on_error(const struct txn *txn)
{
	(void)txn;
	return ON_ERROR_TEMPFAIL;
}

const struct module mod_returns_record = {
    .name = "returns",
    .section = &returns_section,
    .phases = PHASE_EOM,
    .always = true,
    .active = returns_active,
    .on_error = record_on_error,
    .prepare = returns_prepare,
    .check = record_check,
};
