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
	*txn = (struct txn){.client = {.family = NET_NONE}};
	arena_init(&txn->connection, CONNECTION_CHUNK_BYTES, TXN_CONNECTION_BYTES);
	arena_init(&txn->transaction, TRANSACTION_CHUNK_BYTES, TXN_TRANSACTION_BYTES);
}

void
txn_fini(struct txn *txn)
{
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

void
txn_mail(
    struct txn *txn, const struct direction_conf *conf, struct slice sender, struct slice login)
{
	struct direction_facts facts;

	txn_end(txn);
	txn->open = true;
	txn->phase = PHASE_MAIL;
	txn->sender = address_parse(
	    arena_copy(&txn->transaction, slice_head(sender, TXN_ADDRESS_BYTES)));
	txn->login = arena_copy(&txn->transaction, login);
	facts = (struct direction_facts){&txn->client, txn->login, txn->daemon};
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
	txn->rcpt = address_parse(buf_slice(&raw));
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

static void
note_findings(struct txn *txn, const struct findings *findings, const struct verdict *verdict)
{
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->v[i];

		if (f->would != NULL)
			txn->would = f->would;
		if (f->kind == FINDING_DEFER && f->wait_s > txn->wait_s)
			txn->wait_s = f->wait_s;
		if (verdict->answer == ANSWER_CONTINUE && f->delay_s > txn->delay_s)
			txn->delay_s = f->delay_s;
	}
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
	kept->addr = address_parse(arena_copy(&txn->transaction, txn->rcpt.text));
	kept->addr.malformed |= txn->rcpt.malformed;
	kept->answer = verdict->answer;
	kept->reason = findings_reason(findings, verdict);
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
	if (verdict->answer == ANSWER_CONTINUE)
		txn->naccepted++;
	rcpt_keep(txn, findings, verdict);
}

void
txn_message_answered(
    struct txn *txn, const struct findings *findings, const struct verdict *verdict)
{
	note_findings(txn, findings, verdict);
	if (findings->n > 0)
		txn->reason = findings_reason(findings, verdict);
	if (verdict->answer > txn->answer)
		txn->answer = verdict->answer;
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
	};

	memcpy(next.helo_bytes, txn->helo_bytes, sizeof(next.helo_bytes));
	next.helo = slice_make(txn->helo_bytes, txn->helo.n);
	arena_reset(&next.transaction);
	*txn = next;
}
