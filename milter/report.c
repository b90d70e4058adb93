/*
 * report.c - see report.h.
 */
#include "report.h"

#include "io/log.h"
#include "record.h"

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

/* What each check said, by its name: "rdns=no_ptr", "spf=fail", "dnsbl=listed". */
static void
checks_add(struct log_line *line, const struct txn *txn)
{
	const char *before = "";

	for (size_t i = 0; txn->found != NULL && i < txn->found->n; i++) {
		const struct txn_finding *f = &txn->found->v[i];

		if (f->kind == FINDING_DEFER || f->kind == FINDING_NOTE ||
		    strcmp(f->check, before) == 0 || strcmp(f->check, "score") == 0)
			continue;
		log_add_text(line, f->check, f->reason);
		before = f->check;
	}
	if (txn->found != NULL)
		log_add_number(line, "score", txn->score);
}

static void
line_write(const struct txn *txn)
{
	struct log_line line;

	log_begin(&line);
	log_add(&line, "id", txn->queue_id.n > 0 ? txn->queue_id : slice_of("-"));
	log_add_text(&line, "action", record_action(txn));
	log_add_text(&line, "dir", txn->direction.direction == DIRECTION_OUTBOUND ? "out" : "in");
	client_add(&line, txn);
	log_add(&line, "from", txn->sender.null ? slice_of("<>") : txn->sender.text);
	rcpts_add(&line, txn);
	checks_add(&line, txn);
	if (txn->reply[0] != '\0' && txn->code[0] != '\0')
		log_add_text(&line, "code", txn->code);
	if (txn->wait_s > 0)
		log_add_number(&line, "wait_s", txn->wait_s);
	if (txn->delay_s > 0)
		log_add_number(&line, "delay_s", txn->delay_s);
	if (txn->would != NULL)
		log_add_text(&line, "would", txn->would);
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
		line_write(txn);
	if (txn->direction.direction == DIRECTION_INBOUND && p->records_keep > 0) {
		struct record record;

		record_of_txn(&record, p, txn);
		p->ports->store->record(p->ports->store, &record, p->records_keep);
	}
}
