/*
 * report.c - see report.h.
 */
#include "report.h"

#include "io/log.h"

/* Recipients named in a line; the others are in the count. */
#define NAMED_RCPTS 5

/* "accept", "defer", "reject", "mixed" when the recipients got different answers, "none" when
 * the client left before there was anything to answer for. */
static const char *
action_of(const struct txn *txn, enum report_end end)
{
	bool deferred = false, rejected = false;

	if (txn->answer != ANSWER_CONTINUE)
		return answer_name(txn->answer);
	for (const struct txn_rcpt *r = txn->rcpts; r != NULL; r = r->next) {
		deferred |= r->answer == ANSWER_DEFER;
		rejected |= r->answer == ANSWER_REJECT;
	}
	if (txn->naccepted > 0 && (deferred || rejected))
		return "mixed";
	if (deferred || rejected)
		return answer_name(rejected ? ANSWER_REJECT : ANSWER_DEFER);
	return end == REPORT_EOM ? "accept" : "none";
}

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
		log_add_text(line, "grey", txn->reason); /* decided at DATA, for all of them */
	else if (txn->direction.direction == DIRECTION_INBOUND)
		log_add(line, "grey", buf_slice(&words));
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

void
report_message(const struct txn *txn, enum report_end end)
{
	struct log_line line;

	if (txn->nrcpts == 0 || !log_wants(LOG_LEVEL_INFO))
		return;
	log_begin(&line);
	log_add(&line, "id", txn->queue_id.n > 0 ? txn->queue_id : slice_of("-"));
	log_add_text(&line, "action", action_of(txn, end));
	log_add_text(&line, "dir", txn->direction.direction == DIRECTION_OUTBOUND ? "out" : "in");
	client_add(&line, txn);
	log_add(&line, "from", txn->sender.null ? slice_of("<>") : txn->sender.text);
	rcpts_add(&line, txn);
	if (txn->wait_s > 0)
		log_add_number(&line, "wait_s", txn->wait_s);
	if (txn->delay_s > 0)
		log_add_number(&line, "delay_s", txn->delay_s);
	if (txn->would != NULL)
		log_add_text(&line, "would", txn->would);
	if (txn->on_error != NULL)
		log_add_text(&line, "on_error", txn->on_error);
	log_write(&line, LOG_LEVEL_INFO);
}
