/*
 * preview.c - `gatepostctl preview`: what would leave, if that account sent this message; and what of
 * it would be other than it came.
 *
 * The modules are those of the daemon, with its keys and its keyring. Redis is read for the account at
 * most, and nothing is written: limits and suppressions are not asked for.
 */
#include "preview.h"

#include "account_conf.h"
#include "io/clock.h"
#include "io/dns.h"
#include "io/entropy.h"
#include "io/store_memory.h"
#include "mail/mailbox.h"
#include "settings.h"
#include "try_message.h"

#include <stdlib.h>

/* In the store of this process: limits of one account. */
#define STORE_RECORDS 100

#define NOBODY "someone@example.com"

/* --- the account --- */

static const struct account_book *
book_hold(struct accounts *accounts)
{
	return &((struct preview_accounts *)(void *)accounts)->book;
}

static void
book_release(struct accounts *accounts, const struct account_book *book)
{
	(void)accounts;
	(void)book;
}

/* That of milter.conf wants no Redis. CTL_OK, or the exit code after a complaint. */
static int
account_read(struct preview *p, struct slice name)
{
	struct err err;
	int code;

	p->seen = (struct account_seen){.name = name};
	p->view.conf = ctl_conf(p->ctl);
	if (p->view.conf == NULL)
		return EX_CONFIG;
	p->seen.conf = account_conf_find(p->view.conf, name, &p->seen.index);
	if (p->seen.conf != NULL)
		return account_seen_build(&p->view, &p->seen, &p->view.arena, &err) == 0
			   ? CTL_OK
			   : ctl_fail(EX_CONFIG, "%s", err.text);
	account_view_fini(&p->view);
	code = account_view_init(&p->view, p->ctl);
	if (code == CTL_OK)
		code = account_see(&p->view, name, &p->seen);
	if (code == CTL_OK && !p->seen.store.exists)
		code = ctl_fail(CTL_NOT_FOUND, "there is no account %.*s", SLICE_ARG(name));
	return code;
}

static int
account_open(struct preview *p)
{
	const char *name = p->ctl->args.value[ARG_ACCOUNT];
	struct preview_accounts *a = &p->accounts;
	int code;

	if (name == NULL)
		return ctl_fail(EX_USAGE, "preview wants --account NAME");
	code = account_name_typed(name);
	if (code == CTL_OK)
		code = account_read(p, slice_of(name));
	if (code != CTL_OK)
		return code;
	account_problems_tell(p->seen.name, &p->seen.problems);
	a->port = (struct accounts){book_hold, book_release};
	a->v[0] = &p->seen.built;
	a->book = (struct account_book){
	    .defaults = &p->seen.built, .map = &a->map, .v = a->v, .n = 1, .complete = true};
	return CTL_OK;
}

/* Whoever sends has that account. */
static void
account_force(struct preview *p)
{
	struct pipeline_chain *chain = &p->pipeline.chains[DIRECTION_OUTBOUND];
	const void *conf = p->pipeline.outbound;

	p->outbound = *(const struct outbound_conf *)conf;
	p->outbound.default_account = p->seen.built.name;
	p->pipeline.outbound = &p->outbound;
	for (size_t i = 0; i < chain->n; i++)
		if (chain->v[i].env.conf == conf)
			chain->v[i].env.conf = &p->outbound;
}

/* --- the message --- */

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory for the message");
}

/* As SMTP has it: CRLF, also behind the last line. */
static int
body_widen(struct preview *p, struct err *err)
{
	struct slice body = p->before.body;
	size_t cap = 2 * body.n + 2;
	char *storage = arena_alloc(&p->arena, cap);
	struct buf out;

	if (storage == NULL)
		return no_memory(err);
	buf_init(&out, storage, cap);
	for (size_t i = 0; i < body.n; i++) {
		buf_add_text(&out, body.p[i] == '\n' ? "\r" : "");
		buf_add_char(&out, body.p[i]);
	}
	if (body.n > 0 && body.p[body.n - 1] != '\n')
		buf_add_text(&out, "\r\n");
	p->before.body = buf_slice(&out);
	return 0;
}

static int
message_read(struct preview *p, struct err *err)
{
	if (try_message_read(p->ctl->operand[0], &p->arena, &p->text, err) != 0)
		return -1;
	if (message_parse(&p->arena, p->text, &p->before) != 0)
		return no_memory(err);
	return body_widen(p, err);
}

static int
count_put(void *to, struct slice bytes)
{
	*(size_t *)to += bytes.n;
	return 0;
}

static int
text_put(void *to, struct slice bytes)
{
	buf_add(to, bytes);
	return 0;
}

static int
message_make(struct preview *p, struct err *err)
{
	const struct sink count = {count_put, &p->after.n};
	struct buf out;
	char *storage;

	if (message_put_edited(&p->arena, &p->before, &p->edits, &count) != 0)
		return no_memory(err);
	storage = arena_alloc(&p->arena, p->after.n + 1);
	if (storage == NULL)
		return no_memory(err);
	buf_init(&out, storage, p->after.n + 1);
	if (message_put_edited(&p->arena, &p->before, &p->edits, &(struct sink){text_put, &out}) !=
	    0)
		return no_memory(err);
	p->after = buf_slice(&out);
	return 0;
}

/* --- the conversation --- */

/* The first address of the From field, in the arena; without one, the null sender. */
static struct slice
sender_find(struct preview *p)
{
	const char *typed = p->ctl->args.value[ARG_FROM];
	struct mailbox mailbox;
	struct mailboxes it;

	if (typed != NULL)
		return slice_of(typed);
	for (size_t i = 0; i < p->before.n; i++) {
		if (!slice_eq_nocase(p->before.v[i].name, slice_of("From")))
			continue;
		mailbox_begin(&it, p->before.v[i].value);
		if (mailbox_next(&it, &mailbox))
			return arena_copy(&p->arena, mailbox.addr);
	}
	return slice_of("<>");
}

static bool
ask(struct preview *p, enum phase phase)
{
	p->txn.phase = phase;
	p->verdict = pipeline_check(&p->pipeline, &p->txn, &p->findings);
	return p->verdict.answer != ANSWER_DEFER && p->verdict.answer != ANSWER_REJECT;
}

/* Up to the recipients: is one of them taken? As sendmail(1) on this host would, or who logged in. */
static bool
envelope_send(struct preview *p)
{
	const struct args *args = &p->ctl->args;
	const struct txn_envelope envelope = {
	    sender_find(p), slice_of(args->value[ARG_LOGIN]), false, NULL, 0};
	const struct net_addr nobody = {.family = NET_NONE};

	txn_connect(&p->txn, &nobody, slice_of(NULL));
	pipeline_connect(&p->pipeline, &p->txn);
	pipeline_mail(&p->pipeline, &p->txn, &envelope);
	for (size_t i = 0; i < args->nrcpts || i == 0; i++) {
		txn_rcpt(&p->txn, slice_of(args->nrcpts > 0 ? args->rcpts[i] : NOBODY));
		(void)ask(p, PHASE_RCPT);
	}
	return p->txn.naccepted > 0;
}

static int
converse(struct preview *p, struct err *err)
{
	const struct try_message message = {&p->pipeline, &p->txn, p->text, &p->arena, &p->edits};

	if (!envelope_send(p) || !ask(p, PHASE_DATA))
		return 0;
	if (try_message_send(&message, err) != 0)
		return -1;
	if (!ask(p, PHASE_EOM))
		return 0;
	pipeline_transform(&p->pipeline, &p->txn, &p->edits);
	return message_make(p, err);
}

/* CTL_OK, or the exit code after a complaint, or of a message that would be refused. */
static int
answer_print(struct preview *p)
{
	struct out *out = &p->ctl->out;
	struct preview_parts parts = {.n = 0};
	struct err err;

	if (p->after.p != NULL && p->ctl->args.value[ARG_RAW] != NULL) {
		out->failed |= fwrite(p->after.p, 1, p->after.n, out->to) != p->after.n;
		return CTL_OK;
	}
	if (p->after.p != NULL && preview_parts_make(p, &parts, &err) != 0)
		return ctl_fail(EX_SOFTWARE, "%s", err.text);
	preview_print(p, &parts);
	return p->after.p != NULL ? CTL_OK : CTL_NOT_FOUND;
}

/* --- from the options to the end --- */

static int
pipeline_run(struct preview *p)
{
	struct err err;
	int code;

	if (pipeline_init(&p->pipeline, p->view.conf, &p->ports, &err) != 0) {
		pipeline_fini(&p->pipeline);
		return ctl_fail(EX_CONFIG, "%s", err.text);
	}
	account_force(p);
	txn_init(&p->txn);
	code = converse(p, &err) == 0 ? answer_print(p) : ctl_fail(EX_SOFTWARE, "%s", err.text);
	pipeline_end(&p->pipeline, &p->txn);
	txn_fini(&p->txn);
	pipeline_fini(&p->pipeline);
	return code;
}

static void
key_problem(void *arg, const char *text)
{
	(void)arg;
	(void)ctl_fail(0, "%s", text);
}

/* Without keyring or keys there is less in what leaves; that is said. */
static void
keys_open(struct preview *p)
{
	static const struct keys_notify notify = {NULL, key_problem};
	const struct outbound_conf *conf = settings_of(p->view.conf, &outbound_section);
	struct err err;

	p->keys = keys_load(conf->keys, NULL, &notify, &err);
	if (p->keys == NULL)
		(void)ctl_fail(0, "%s", err.text);
	else
		p->ports.keys = keys_table(p->keys);
	if (keys_load_keyring(conf->keyring, &p->keyring, &err) != 0)
		(void)ctl_fail(0, "%s", err.text);
	else
		p->ports.keyring = &p->keyring;
}

static int
preview_run(struct preview *p)
{
	const struct outbound_conf *conf = settings_of(p->view.conf, &outbound_section);
	struct err err;
	int code;

	if (!conf->enabled)
		return ctl_fail(EX_CONFIG, "outbound.enabled = no: mail leaves as it is");
	if (message_read(p, &err) != 0)
		return ctl_fail(EX_NOINPUT, "%s", err.text);
	keys_open(p);
	p->ports.clock = &clock_real;
	p->ports.random = &random_real;
	p->ports.accounts = &p->accounts.port;
	p->ports.dns = dns_unbound_new(settings_of(p->view.conf, &dns_section), NULL, &err);
	p->ports.store = p->ports.dns == NULL ? NULL
					      : store_memory_new(STORE_RECORDS, &clock_real, &err);
	p->ports.local = p->ports.store;
	code = p->ports.store == NULL ? ctl_fail(EX_UNAVAILABLE, "%s", err.text) : pipeline_run(p);
	store_memory_free(p->ports.store);
	dns_unbound_free(p->ports.dns);
	if (p->ports.keyring != NULL)
		keyring_fini(&p->keyring);
	keys_free(p->keys);
	return code;
}

int
preview_command(struct ctl *ctl)
{
	struct preview *p = calloc(1, sizeof(*p));
	int code;

	if (p == NULL)
		return ctl_fail(EX_OSERR, "no memory");
	p->ctl = ctl;
	p->view.ctl = ctl;
	arena_init(&p->arena, 65536, PREVIEW_BYTES);
	arena_init(&p->view.arena, 65536, ACCOUNT_VIEW_BYTES);
	code = account_open(p);
	if (code == CTL_OK)
		code = preview_run(p);
	account_view_fini(&p->view);
	arena_fini(&p->arena);
	free(p);
	return code;
}
