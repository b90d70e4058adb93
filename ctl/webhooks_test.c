/*
 * webhooks_test.c - `gatepostctl webhooks test`: one event now; `webhooks secret`: a new secret.
 */
#include "io/clock.h"
#include "io/entropy.h"
#include "settings.h"
#include "webhooks.h"
#include "webhooks_conf.h"
#include "webhooks_post.h"

#define SECRET_BYTES 32

static const struct table_column columns[] = {
    {.title = "ACCOUNT", .key = "account"},
    {.title = "STATE", .key = "state"},
    {.title = "STATUS", .key = "status", .right = true},
    {.title = "MS", .key = "ms", .right = true},
    {.title = "WHY", .key = "error"},
    {.title = "URL", .key = "url"},
};

static int
answer_print(struct ctl *ctl, const struct account *account, const struct webhook_answer *answer)
{
	struct table t;

	table_begin(&t, &ctl->out, columns, sizeof(columns) / sizeof(*columns));
	table_text(&t, OUT_NORMAL, slice_of(account->name));
	table_words(
	    &t, answer->delivered ? OUT_GOOD : OUT_BAD, answer->delivered ? "delivered" : "failed");
	if (answer->status > 0)
		table_number(&t, OUT_NORMAL, answer->status);
	else
		table_none(&t);
	table_number(&t, OUT_NORMAL, answer->ms);
	table_text_or_none(&t, answer->reason);
	table_text(&t, OUT_NORMAL, slice_of(account->webhook));
	table_row(&t);
	table_end(&t);
	return answer->delivered ? CTL_OK : CTL_NOT_FOUND;
}

/* An event that there is not, of that moment. */
static void
event_make(struct record *event, const struct account *account, int64_t now_s)
{
	record_init(event);
	record_add(event, "type", slice_of(WEBHOOK_TYPE_TEST));
	record_add_number(event, "time", now_s);
	record_add(event, "account", slice_of(account->name));
	record_add(event, "reason", slice_of("gatepostctl webhooks test"));
}

static int
post_and_wait(struct webhook_http *http, const struct account *account,
    struct webhook_answer *answer_r, struct err *err)
{
	int64_t now_s = clock_real.now_s(&clock_real);
	struct record event;
	char storage[32];
	struct buf entry = BUF_OVER(storage);

	event_make(&event, account, now_s);
	buf_add_i64(&entry, now_s * 1000);
	buf_add_text(&entry, "-test");
	if (webhooks_post(
		http, &(struct webhook_event){account, buf_slice(&entry), &event}, NULL, err) != 0)
		return -1;
	while (!webhook_http_next(http, answer_r))
		webhook_http_work(http, 100);
	return 0;
}

static int
test_send(struct ctl *ctl, const struct account *account)
{
	const struct webhooks_conf *conf = settings_of(ctl->conf, &webhooks_section);
	struct webhook_http *http;
	struct webhook_answer answer;
	struct err err;
	int status = -1;

	if (account->webhook[0] == '\0')
		return ctl_fail(CTL_NOT_FOUND, "account %s has no webhook, or no webhook_secret",
		    account->name);
	http = webhook_http_new(
	    &(struct webhook_http_conf){conf->timeout_ms, 1, &conf->allow_networks, conf->tls_ca},
	    &err);
	if (http != NULL)
		status = post_and_wait(http, account, &answer, &err);
	webhook_http_free(http);
	if (status != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	return answer_print(ctl, account, &answer);
}

int
webhooks_test_command(struct ctl *ctl)
{
	struct senders senders = {.port = NULL};
	const struct account *account;
	struct err err;
	int code;

	if (ctl_conf(ctl) == NULL)
		return EX_CONFIG;
	if (senders_open(&senders, ctl->conf, &err) != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	account = account_book_find(senders.book, ctl->operand[0]);
	if (account != NULL)
		code = test_send(ctl, account);
	else if (senders.book->complete)
		code = ctl_fail(CTL_NOT_FOUND, "there is no account %.60s", ctl->operand[0]);
	else
		code = ctl_fail(EX_UNAVAILABLE,
		    "there is no account %.60s in milter.conf, and Redis cannot be asked",
		    ctl->operand[0]);
	senders_close(&senders);
	return code;
}

int
webhooks_secret_command(struct ctl *ctl)
{
	char bytes[SECRET_BYTES], storage[WEBHOOK_SECRETS_BYTES];
	struct buf secret = BUF_OVER(storage);
	struct err err;

	if (entropy_read(bytes, sizeof(bytes), &err) != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	webhook_secret_format(&secret, slice_make(bytes, sizeof(bytes)));
	out_print(&ctl->out, OUT_NORMAL, "%s\n", buf_text(&secret));
	return CTL_OK;
}
