/*
 * txn.c - see txn.h.
 */
#include "policy/txn.h"

/* What malloc() is asked for at a time: a usual connection, a usual transaction. */
#define CONNECTION_CHUNK_BYTES  512
#define TRANSACTION_CHUNK_BYTES 1024

void
txn_init(struct txn *txn)
{
	*txn = (struct txn){.client = {.family = NET_NONE}, .lookup = {.over = true}};
	arena_init(&txn->connection, CONNECTION_CHUNK_BYTES, TXN_CONNECTION_BYTES);
	arena_init(&txn->transaction, TRANSACTION_CHUNK_BYTES, TXN_TRANSACTION_BYTES);
}

void
txn_fini(struct txn *txn)
{
	lookup_fini(&txn->lookup);
	arena_fini(&txn->connection);
	arena_fini(&txn->transaction);
}

void
txn_connect(struct txn *txn, const struct net_addr *client, struct slice client_name)
{
	txn->phase = PHASE_CONNECT;
	txn->client = *client;
	txn->client_name = arena_copy(&txn->connection, client_name);
}

void
txn_set_daemon(struct txn *txn, struct slice daemon, struct slice mta)
{
	txn->daemon = arena_copy(&txn->connection, daemon);
	txn->mta = arena_copy(&txn->connection, mta);
}

void
txn_helo(struct txn *txn, struct slice helo)
{
	struct buf kept;

	txn->phase = PHASE_HELO;
	buf_init(&kept, txn->helo_bytes, sizeof(txn->helo_bytes));
	buf_add(&kept, helo);
	txn->helo = buf_slice(&kept);
}

static void
args_keep(struct txn *txn, const struct txn_envelope *envelope)
{
	for (size_t i = 0; i < envelope->nargs && i < TXN_ARGS_MAX; i++)
		txn->args[txn->nargs++] = arena_copy(
		    &txn->transaction, slice_head(envelope->args[i], TXN_ADDRESS_BYTES));
}

void
txn_mail(struct txn *txn, const struct direction_conf *conf, const struct txn_envelope *envelope)
{
	struct direction_facts facts;

	txn_end(txn);
	txn->open = true;
	txn->transactions++;
	txn->phase = PHASE_MAIL;
	txn->sender = address_parse(
	    arena_copy(&txn->transaction, slice_head(envelope->sender, TXN_ADDRESS_BYTES)));
	txn->login = arena_copy(&txn->transaction, envelope->login);
	txn->queued = envelope->queued || txn->client.family == NET_NONE;
	args_keep(txn, envelope);
	facts = (struct direction_facts){&txn->client, txn->login, txn->daemon, txn->has_account};
	txn->direction = direction_of(conf, &facts);
}

void
txn_rcpt(struct txn *txn, struct slice rcpt)
{
	struct buf raw;

	txn->phase = PHASE_RCPT;
	/* not in the arena: there may be any number of them */
	buf_init(&raw, txn->rcpt_bytes, sizeof(txn->rcpt_bytes));
	buf_add(&raw, rcpt);
	txn->rcpt_text = buf_slice(&raw);
	txn->rcpt = address_parse(txn->rcpt_text);
	txn->nrcpts++;
}

/* The word that says most about what was found, for the log. */
static const char *
findings_reason(const struct findings *findings, const struct verdict *verdict)
{
	if (verdict->cause != NULL)
		return verdict->cause->reason;
	return findings->n == 0 ? NULL : findings->v[findings->n - 1].reason;
}

/* Two answers' names; than may be NULL. */
static bool
is_harder(const char *name, const char *than)
{
	for (int answer = ANSWER_REJECT; answer > ANSWER_CONTINUE; answer--) {
		const char *this = answer_name((enum answer)answer);

		if (than != NULL && strcmp(than, this) == 0)
			return false;
		if (strcmp(name, this) == 0)
			return true;
	}
	return false;
}

static void
would_note(struct txn *txn, const struct finding *f)
{
	if (f->would == NULL || !is_harder(f->would, txn->would))
		return;
	txn->would = f->would;
	txn->would_check = f->check;
}

static void
note_findings(struct txn *txn, const struct findings *findings, const struct verdict *verdict)
{
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->v[i];

		would_note(txn, f);
		if (f->kind == FINDING_DEFER && f->wait_s > txn->wait_s)
			txn->wait_s = f->wait_s;
		if (verdict->answer == ANSWER_CONTINUE && f->delay_s > txn->delay_s)
			txn->delay_s = f->delay_s;
	}
}

static void
finding_copy(struct txn_finding *to, const struct finding *from)
{
	struct buf text = BUF_OVER(to->text);

	to->kind = from->kind;
	to->check = from->check;
	to->reason = from->reason;
	to->would = from->would;
	to->weight = from->weight;
	to->shadow = from->shadow;
	buf_add_text(&text, from->words != NULL ? from->words : from->text);
	if (from->detail != NULL) {
		buf_add_char(&text, ' ');
		buf_add_text(&text, from->detail);
	}
	(void)buf_text(&text);
}

/* "554 5.7.1 …" */
static void
reply_note(struct txn *txn, const struct verdict *verdict)
{
	struct buf out = BUF_OVER(txn->reply);

	if (verdict->answer < ANSWER_DEFER || verdict->cause == NULL)
		return;
	buf_add_text(&out, verdict_code(verdict));
	buf_add_char(&out, ' ');
	buf_add_text(&out, verdict->cause->xcode != NULL ? verdict->cause->xcode : "");
	buf_add_char(&out, ' ');
	buf_add_text(&out, verdict->cause->text);
	(void)buf_text(&out);
}

/* Of several recipients, who was answered hardest is told about; of the message, the last. */
static void
found_keep(struct txn *txn, const struct findings *findings, enum answer answer)
{
	bool first = txn->found == NULL;

	if (first)
		txn->found = arena_alloc(&txn->transaction, sizeof(*txn->found));
	if (txn->found == NULL ||
	    (!first && txn->phase == PHASE_RCPT && answer <= txn->found->answer))
		return;
	for (size_t i = 0; i < findings->n; i++)
		finding_copy(&txn->found->v[i], &findings->v[i]);
	txn->found->n = findings->n;
	txn->found->answer = answer;
	txn->score = findings_score(findings);
}

static bool
has_drop(const struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		if (findings->v[i].kind == FINDING_DROP)
			return true;
	}
	return false;
}

static void
rcpt_keep(struct txn *txn, const struct findings *findings, const struct verdict *verdict)
{
	struct txn_rcpt *kept;

	if (txn->nrcpts_kept == TXN_RCPTS_MAX)
		return;
	kept = arena_alloc(&txn->transaction, sizeof(*kept));
	if (kept == NULL)
		return;
	kept->text = arena_copy(&txn->transaction, txn->rcpt_text);
	kept->addr = address_parse(kept->text);
	kept->dropped = verdict->answer == ANSWER_CONTINUE && has_drop(findings);
	txn->ndropped += kept->dropped ? 1 : 0;
	kept->answer = verdict->answer;
	kept->reason = findings_reason(findings, verdict);
	kept->exempt = txn->exempt;
	if (txn->last == NULL)
		txn->rcpts = kept;
	else
		txn->last->next = kept;
	txn->last = kept;
	txn->nrcpts_kept++;
}

void
txn_answered(struct txn *txn, const struct findings *findings, const struct verdict *verdict)
{
	note_findings(txn, findings, verdict);
	reply_note(txn, verdict);
	txn->nclaimed_asked += txn->claimed ? 1 : 0;
	if (txn->exempt == NULL)
		found_keep(txn, findings, verdict->answer);
	if (verdict->answer == ANSWER_CONTINUE) {
		txn->naccepted++;
		txn->nexempt += txn->exempt != NULL ? 1 : 0;
		txn->nclaimed += txn->claimed ? 1 : 0;
		if (txn->exempt == NULL && findings_score(findings) > txn->score_worst)
			txn->score_worst = findings_score(findings);
	}
	rcpt_keep(txn, findings, verdict);
}

void
txn_message_answered(
    struct txn *txn, const struct findings *findings, const struct verdict *verdict)
{
	note_findings(txn, findings, verdict);
	reply_note(txn, verdict);
	if (findings->n > 0 && txn->phase == PHASE_EOM)
		found_keep(txn, findings, verdict->answer);
	if (findings->n > 0 && (txn->phase == PHASE_DATA || verdict->cause != NULL))
		txn->reason = findings_reason(findings, verdict);
	if (verdict->answer > txn->answer)
		txn->answer = verdict->answer;
}

void
txn_error_note(struct txn *txn, const char *check)
{
	struct buf names;

	if (strstr(txn->on_error, check) != NULL)
		return;
	buf_init(&names, txn->on_error, sizeof(txn->on_error));
	names.n = strlen(txn->on_error);
	if (names.n > 0)
		buf_add_char(&names, ',');
	buf_add_text(&names, check);
	(void)buf_text(&names);
}

void
txn_fail(struct txn *txn, const char *reason)
{
	txn->answer = ANSWER_DEFER;
	txn->reason = reason;
}

bool
txn_is_return(const struct txn *txn)
{
	return txn->nrcpts > 0 && txn->nclaimed_asked == txn->nrcpts;
}

bool
txn_is_local(const struct txn *txn)
{
	return txn->client.family == NET_NONE || net_addr_is_loopback(&txn->client);
}

static bool
is_wanted_field(struct slice name)
{
	static const char *const wanted[] = {"From", "Subject", "Sender", "List-Id", NULL};

	for (const char *const *w = wanted; *w != NULL; w++) {
		if (slice_eq_nocase(name, slice_of(*w)))
			return true;
	}
	return false;
}

/* Takes room for one more of n bytes, if there is. */
static bool
room_take(struct txn_field_room *room, size_t n)
{
	if (room->n == TXN_FIELDS_MAX || room->bytes + n > TXN_FIELDS_BYTES)
		return false;
	room->n++;
	room->bytes += n;
	return true;
}

void
txn_header(struct txn *txn, struct slice name, struct slice value)
{
	bool from = slice_eq_nocase(name, slice_of("From"));
	struct txn_field *field;

	if (!is_wanted_field(name))
		return;
	if (!room_take(from ? &txn->from_room : &txn->fields_room, value.n)) {
		txn->from_over |= from;
		return;
	}
	field = arena_alloc(&txn->transaction, sizeof(*field));
	if (field == NULL)
		return;
	field->name = arena_copy(&txn->transaction, name);
	field->value = arena_copy(&txn->transaction, value);
	if (txn->last_field == NULL)
		txn->fields = field;
	else
		txn->last_field->next = field;
	txn->last_field = field;
}

const struct txn_field *
txn_field_next(const struct txn *txn, const struct txn_field *after, const char *name)
{
	const struct txn_field *field = after == NULL ? txn->fields : after->next;

	while (field != NULL && !slice_eq_nocase(field->name, slice_of(name)))
		field = field->next;
	return field;
}

void
txn_set_queue_id(struct txn *txn, struct slice queue_id)
{
	if (queue_id.n > 0 && !slice_eq(txn->queue_id, queue_id))
		txn->queue_id = arena_copy(&txn->transaction, slice_head(queue_id, 64));
}

void
txn_end(struct txn *txn)
{
	struct txn next = {
	    .connection = txn->connection,
	    .transaction = txn->transaction,
	    .phase = PHASE_HELO,
	    .client = txn->client,
	    .client_name = txn->client_name,
	    .daemon = txn->daemon,
	    .mta = txn->mta,
	    .lookup = txn->lookup,
	    .facts = {.rdns = txn->facts.rdns, .dnsbl_client = txn->facts.dnsbl_client},
	    .transactions = txn->transactions,
	    .allowed = txn->allowed,
	    .has_account = txn->has_account,
	    .direction = txn->direction,
	};

	memcpy(next.helo_bytes, txn->helo_bytes, sizeof(next.helo_bytes));
	next.helo = slice_make(txn->helo_bytes, txn->helo.n);
	arena_reset(&next.transaction);
	*txn = next;
}
