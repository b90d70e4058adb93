/*
 * report.c - see report.h.
 */
#include "report.h"

#include "io/log.h"
#include "modules.h"
#include "outbound.h"
#include "record.h"
#include "score_conf.h"

/* Recipients named in a line; the others are in the count. */
#define NAMED_RCPTS 5

/* "a@x,b@y" and, in the same order, "new,optout". */
static void
rcpts_add(struct log_line *line, const struct txn *txn)
{
	char names_storage[LOG_LINE_BYTES / 2], words_storage[NAMED_RCPTS * 24];
	struct buf names = BUF_OVER(names_storage);
	struct buf words = BUF_OVER(words_storage);
	size_t named = 0;

	for (const struct txn_rcpt *r = txn->rcpts; r != NULL && named < NAMED_RCPTS; r = r->next) {
		if (named++ > 0) {
			buf_add_char(&names, ',');
			buf_add_char(&words, ',');
		}
		buf_add(&names, r->addr.text);
		buf_add_text(&words, r->reason != NULL ? r->reason : "-");
	}
	log_add(line, "to", buf_slice(&names));
	log_add_number(line, "nrcpt", (int64_t)txn->nrcpts);
	if (txn->reason != NULL)
		log_add_text(line, "why", txn->reason); /* decided at DATA, for all of them */
	else if (txn->direction.direction == DIRECTION_INBOUND)
		log_add(line, "why", buf_slice(&words));
}

static void
client_add(struct log_line *line, const struct txn *txn)
{
	char storage[NET_ADDR_TEXT_BYTES];
	struct buf client = BUF_OVER(storage);

	net_addr_format(&client, &txn->client);
	log_add(line, "client", client.n > 0 ? buf_slice(&client) : slice_of("-"));
	if (txn->client_name.n > 0)
		log_add(line, "name", txn->client_name);
	log_add(line, "helo", txn->helo);
	if (txn->login.n > 0)
		log_add(line, "login", txn->login);
}

/* Checks whose word stands elsewhere in the line: why=, score=. */
static bool
is_told_elsewhere(const char *check)
{
	static const char *const names[] = {"grey", "inbound", "limits", "score", NULL};

	for (const char *const *name = names; *name != NULL; name++) {
		if (strcmp(check, *name) == 0)
			return true;
	}
	return false;
}

/* What the findings of a check come down to: the one that decides, or would; else the first. NULL
 * when v[at] is not the first. */
static const struct txn_finding *
word_of_check(const struct txn_found *found, size_t at)
{
	const char *check = found->v[at].check;

	for (size_t i = 0; i < at; i++) {
		if (strcmp(found->v[i].check, check) == 0)
			return NULL;
	}
	for (size_t i = at; i < found->n; i++) {
		const struct txn_finding *f = &found->v[i];
		/* to be put off is what on_error says, not the check */
		bool would = f->would != NULL && strcmp(f->would, answer_name(ANSWER_DEFER)) != 0;

		if (strcmp(f->check, check) == 0 && (f->kind >= FINDING_BLOCK || would))
			return f;
	}
	return &found->v[at];
}

/* What each check said, by its name, in force or in shadow mode: "rdns=no_ptr", "spf=fail",
 * "dnsbl=listed". */
static void
checks_add(struct log_line *line, const struct txn *txn)
{
	for (size_t i = 0; txn->found != NULL && i < txn->found->n; i++) {
		const struct txn_finding *f = word_of_check(txn->found, i);

		if (f != NULL && !is_told_elsewhere(f->check))
			log_add_text(line, f->check, f->reason);
	}
	if (txn->found != NULL)
		log_add_number(line, "score", txn->score);
}

/* As mod_score.c marks it. */
static bool
is_marked(const struct pipeline *p, const struct txn *txn)
{
	const struct score_conf *c = pipeline_conf(p, &mod_score);

	return c != NULL && txn->phase == PHASE_EOM && txn->allowed == NULL &&
	       txn->naccepted > txn->nexempt &&
	       score_judge(&c->limits, txn->score).action != SCORE_ACTION_NONE;
}

/* True when there is a decision record, and more in it than that all went well. What comes back has
 * none: no check judged it, and what it says is an event. So who guesses return paths does not drive
 * the others' records out. */
static bool
has_record(const struct pipeline *p, const struct txn *txn)
{
	if (txn->code[0] == '\0' || txn->direction.direction != DIRECTION_INBOUND ||
	    txn_is_return(txn))
		return false;
	return txn->reply[0] != '\0' || txn->answer != ANSWER_CONTINUE || txn->would != NULL ||
	       txn->on_error[0] != '\0' || is_marked(p, txn);
}

/* The MTA's own bounces are submitted as mail of its users is, and come back all the same. */
static bool
leaves(const struct txn *txn)
{
	return txn->direction.direction == DIRECTION_OUTBOUND && !txn_is_return(txn);
}

/* Whose it is that leaves, and what was done for him. */
static void
account_add(struct log_line *line, const struct txn *txn)
{
	const struct outbound *out = txn->outbound;
	char did_storage[LOG_LINE_BYTES / 4], skipped_storage[LOG_LINE_BYTES / 4];
	struct buf did = BUF_OVER(did_storage);
	struct buf skipped = BUF_OVER(skipped_storage);

	if (out == NULL || !leaves(txn))
		return;
	log_add_text(line, "account", out->match.account != NULL ? out->match.account : "-");
	if (out->match.account == NULL)
		return;
	log_add_text(
	    line, "by", out->match.key != NULL ? out->match.key : account_by_name(out->match.by));
	if (out->account == NULL || txn->phase != PHASE_EOM || txn->answer >= ANSWER_DEFER)
		return;
	outbound_did(txn, &did, &skipped);
	if (did.n > 0)
		log_add(line, "did", buf_slice(&did));
	if (skipped.n > 0)
		log_add(line, "skipped", buf_slice(&skipped));
}

static void
would_add(struct log_line *line, const struct txn *txn)
{
	char storage[80];
	struct buf out = BUF_OVER(storage);

	record_would(txn, &out);
	if (out.n > 0)
		log_add(line, "would", buf_slice(&out));
}

static void
line_write(const struct pipeline *p, const struct txn *txn)
{
	struct log_line line;

	log_begin(&line);
	log_add(&line, "id", txn->queue_id.n > 0 ? txn->queue_id : slice_of("-"));
	log_add_text(&line, "action", record_action(txn));
	log_add_text(&line, "dir", leaves(txn) ? "out" : "in");
	client_add(&line, txn);
	log_add(&line, "from", txn->sender.null ? slice_of("<>") : txn->sender.text);
	rcpts_add(&line, txn);
	checks_add(&line, txn);
	account_add(&line, txn);
	if (has_record(p, txn))
		log_add_text(&line, "code", txn->code);
	if (txn->wait_s > 0)
		log_add_number(&line, "wait_s", txn->wait_s);
	if (txn->delay_s > 0)
		log_add_number(&line, "delay_s", txn->delay_s);
	would_add(&line, txn);
	if (txn->on_error[0] != '\0')
		log_add_text(&line, "on_error", txn->on_error);
	log_write(&line, LOG_LEVEL_INFO);
}

void
report_message(const struct pipeline *p, const struct txn *txn)
{
	if (txn->nrcpts == 0)
		return;
	if (log_wants(LOG_LEVEL_INFO))
		line_write(p, txn);
	if (txn->direction.direction == DIRECTION_INBOUND && p->records_keep > 0 &&
	    !txn_is_return(txn)) {
		struct record record;

		record_of_txn(&record, p, txn);
		p->ports->store->record(p->ports->store, &record, p->records_keep);
	}
}
