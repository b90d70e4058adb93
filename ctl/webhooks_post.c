/*
 * webhooks_post.c - see webhooks_post.h.
 */
#include "webhooks_post.h"

#include "io/clock.h"

int
webhooks_post(
    struct webhook_http *http, const struct webhook_event *event, void *arg, struct err *err)
{
	const struct account *account = event->account;
	char id_storage[WEBHOOK_ID_BYTES], signature_storage[WEBHOOK_SIGNATURE_BYTES];
	char body_storage[WEBHOOK_BODY_BYTES], stamp_storage[24];
	struct buf id = BUF_OVER(id_storage), signature = BUF_OVER(signature_storage);
	struct buf body = BUF_OVER(body_storage), stamp = BUF_OVER(stamp_storage);
	struct webhook_post post = {
	    .url = account->webhook, .time_s = clock_real.now_s(&clock_real), .arg = arg};

	webhook_id_format(&id, account->id, event->entry);
	webhook_body(&body, buf_slice(&id), event->fields);
	buf_add_i64(&stamp, post.time_s);
	const struct slice parts[] = {
	    buf_slice(&id), slice_of("."), buf_slice(&stamp), slice_of("."), buf_slice(&body)};

	if (webhook_sign(
		&signature, account->webhook_secret, parts, sizeof(parts) / sizeof(*parts)) != 0)
		return err_set(err, ERR_NOMEM, "it cannot be signed");
	post.id = buf_text(&id);
	post.signature = buf_text(&signature);
	post.body = buf_slice(&body);
	return webhook_http_post(http, &post, err);
}
