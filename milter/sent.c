/*
 * sent.c - see sent.h.
 */
#include "sent.h"

#include "outbound.h"

#define TEXT_BYTES 2048

static void
rcpts_add(struct record *record, const struct address *const *rcpts, size_t n)
{
	char storage[RECORD_VALUE_BYTES + 1];
	struct buf out = BUF_OVER(storage);

	for (size_t i = 0; i < n && !out.over; i++) {
		buf_add_text(&out, i > 0 ? ", " : "");
		buf_add(&out, rcpts[i]->text);
	}
	record_add(record, "to", buf_slice(&out));
}

static void
tags_add(struct record *record, const struct out_fields *fields)
{
	char storage[OUT_TAGS_MAX * (OUT_TAG_BYTES + 1)];
	struct buf out = BUF_OVER(storage);

	for (size_t i = 0; i < fields->ntags; i++) {
		buf_add_text(&out, i > 0 ? " " : "");
		buf_add(&out, fields->tags[i]);
	}
	record_add(record, "tag", buf_slice(&out));
}

static void
client_add(struct record *record, const struct txn *txn)
{
	char storage[NET_ADDR_TEXT_BYTES];
	struct buf client = BUF_OVER(storage);

	net_addr_format(&client, &txn->client);
	record_add(record, "client", buf_slice(&client));
	record_add(record, "login", txn->login);
	record_add(record, "by",
	    slice_of(txn->outbound->match.key != NULL ? txn->outbound->match.key
						      : account_by_name(txn->outbound->match.by)));
}

static void
done_add(struct record *record, const struct txn *txn)
{
	char did_storage[TEXT_BYTES], skipped_storage[TEXT_BYTES];
	struct buf did = BUF_OVER(did_storage);
	struct buf skipped = BUF_OVER(skipped_storage);

	outbound_did(txn, &did, &skipped);
	record_add(record, "did", buf_slice(&did));
	record_add(record, "skipped", buf_slice(&skipped));
}

static void
id_add(struct record *record, uint64_t id)
{
	char storage[TOKEN_MESSAGE_BYTES];
	struct buf out = BUF_OVER(storage);

	token_message_format(id, &out);
	record_add(record, "msg", buf_slice(&out));
}

static void
fields_add(struct record *record, const struct pipeline *p, const struct txn *txn,
    const struct edits *edits)
{
	const struct outbound *out = txn->outbound;

	record_add(record, "type", slice_of("sent"));
	record_add_number(record, "time", p->ports->clock->now_s(p->ports->clock));
	record_add(record, "account", slice_of(out->account->name));
	id_add(record, out->id);
	record_add_number(record, "nrcpt", (int64_t)outbound_rcpts(txn));
	record_add(record, "id", txn->queue_id);
	record_add(record, "host", txn->mta);
	record_add(record, "from", txn->sender.null ? slice_of("<>") : txn->sender.text);
	record_add(record, "return", slice_of(out->sender_left ? NULL : edits->sender));
	record_add(record, "subject", out->subject);
	tags_add(record, &out->fields);
	record_add(record, "msgid", out->message_id);
	if (out->wants_body)
		record_add_number(
		    record, "bytes", (int64_t)(out->header_bytes + body_spool_size(&out->spool)));
	client_add(record, txn);
	done_add(record, txn);
}

void
sent_note(const struct pipeline *p, const struct txn *txn, const struct edits *edits)
{
	const struct outbound_conf *conf = p->outbound;
	struct outbound *out = txn->outbound;
	struct store *store = p->ports->store;
	struct event_terms terms;
	const struct address **rcpts;
	struct event event;
	size_t n = txn->naccepted < SEND_RCPTS_MAX ? txn->naccepted : SEND_RCPTS_MAX;

	if (out == NULL || out->account == NULL)
		return;
	rcpts = arena_alloc(&out->arena, n * sizeof(const struct address *));
	if (rcpts == NULL)
		return;
	n = outbound_rcpts_list(txn, rcpts, n);
	event.account = out->account->name;
	record_init(&event.fields);
	fields_add(&event.fields, p, txn, edits);
	rcpts_add(&event.fields, rcpts, n);
	terms = (struct event_terms){out->account->retention_s, conf->events_keep};
	store->event(store, &event, &terms);
	store->message(store, &event, rcpts, n, out->account->retention_s);
}
