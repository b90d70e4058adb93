/*
 * callbacks.c - see callbacks.h.
 */
#include "callbacks.h"

#include "apply.h"
#include "outbound.h"
#include "report.h"
#include "sent.h"
#include "snapshot.h"
#include "waker.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>

struct session {
	struct snapshot *snapshot;
	const struct pipeline *pipeline;
	struct apply_terms terms; /* as negotiated */
	struct txn txn;
	struct edits edits; /* of the message at hand */
	struct slice args[TXN_ARGS_MAX];
};

static atomic_int active;

int
callbacks_active(void)
{
	return atomic_load(&active);
}

static struct session *
session_new(void)
{
	struct session *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->snapshot = snapshot_acquire();
	if (s->snapshot == NULL) { /* the process is about to end */
		free(s);
		return NULL;
	}
	s->pipeline = snapshot_pipeline(s->snapshot);
	txn_init(&s->txn);
	(void)atomic_fetch_add(&active, 1);
	return s;
}

static void
session_free(struct session *s)
{
	txn_fini(&s->txn);
	snapshot_release(s->snapshot);
	free(s);
	(void)atomic_fetch_sub(&active, 1);
}

static void
transaction_end(struct session *s)
{
	if (!s->txn.open)
		return;
	report_message(s->pipeline, &s->txn);
	pipeline_end(s->pipeline, &s->txn);
}

/* What a step returns that nobody answers. */
static sfsistat
quiet(const struct session *s, unsigned long no_reply_step)
{
	return (s->terms.steps & no_reply_step) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

static sfsistat
on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2, unsigned long f3,
    unsigned long *pf0, unsigned long *pf1, unsigned long *pf2, unsigned long *pf3)
{
	struct session *s = session_new();

	(void)f2;
	(void)f3;
	if (s == NULL || smfi_setpriv(ctx, s) != MI_SUCCESS)
		return SMFIS_REJECT;
	s->terms = apply_negotiate(s->pipeline, f0, f1);
	apply_macros(ctx);
	*pf0 = s->terms.actions;
	*pf1 = s->terms.steps;
	*pf2 = 0;
	*pf3 = 0;
	return SMFIS_CONTINUE;
}

static struct net_addr
addr_of(const _SOCK_ADDR *addr)
{
	if (addr != NULL && addr->sa_family == AF_INET)
		return net_addr_ipv4(&((const struct sockaddr_in *)(const void *)addr)->sin_addr);
	if (addr != NULL && addr->sa_family == AF_INET6)
		return net_addr_ipv6(&((const struct sockaddr_in6 *)(const void *)addr)->sin6_addr);
	return (struct net_addr){.family = NET_NONE};
}

static sfsistat
on_connect(SMFICTX *ctx, char *name, _SOCK_ADDR *addr)
{
	struct session *s = smfi_getpriv(ctx);
	struct net_addr client = addr_of(addr);

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	txn_connect(&s->txn, &client, slice_of(name));
	txn_set_daemon(&s->txn, apply_macro(ctx, "{daemon_name}"), apply_macro(ctx, "j"));
	pipeline_connect(s->pipeline, &s->txn);
	return quiet(s, SMFIP_NR_CONN);
}

static sfsistat
on_helo(SMFICTX *ctx, char *helo)
{
	struct session *s = smfi_getpriv(ctx);

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	txn_helo(&s->txn, slice_of(helo));
	pipeline_gather(s->pipeline, &s->txn);
	return quiet(s, SMFIP_NR_HELO);
}

static sfsistat
on_mail(SMFICTX *ctx, char **argv)
{
	struct session *s = smfi_getpriv(ctx);
	struct txn_envelope envelope;

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	transaction_end(s);
	envelope = (struct txn_envelope){
	    slice_of(argv[0]), apply_macro(ctx, "{auth_authen}"), apply_is_queued(ctx), s->args, 0};
	edits_init(&s->edits);
	while (envelope.nargs < TXN_ARGS_MAX && argv[envelope.nargs + 1] != NULL) {
		s->args[envelope.nargs] = slice_of(argv[envelope.nargs + 1]);
		envelope.nargs++;
	}
	pipeline_mail(s->pipeline, &s->txn, &envelope);
	return quiet(s, SMFIP_NR_MAIL);
}

/* Asks the pipeline about the phase the txn is in, and answers. */
static sfsistat
ask(SMFICTX *ctx, struct session *s)
{
	struct findings findings;
	unsigned since = waker_enter();
	struct verdict verdict = pipeline_check(s->pipeline, &s->txn, &findings);
	sfsistat status = apply_verdict(ctx, &verdict);

	waker_leave(since);
	if (verdict.answer == ANSWER_QUARANTINE && status == SMFIS_TEMPFAIL)
		txn_fail(&s->txn, "quarantine"); /* the MTA would not hold it */
	return status;
}

static sfsistat
on_rcpt(SMFICTX *ctx, char **argv)
{
	struct session *s = smfi_getpriv(ctx);

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	txn_set_queue_id(&s->txn, apply_macro(ctx, "i"));
	txn_rcpt(&s->txn, slice_of(argv[0]));
	return ask(ctx, s);
}

static sfsistat
on_data(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	txn_set_queue_id(&s->txn, apply_macro(ctx, "i"));
	s->txn.phase = PHASE_DATA;
	return ask(ctx, s);
}

static sfsistat
on_header(SMFICTX *ctx, char *name, char *value)
{
	struct session *s = smfi_getpriv(ctx);
	struct slice bytes = slice_of(value);
	char *whole = NULL;

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	if (apply_blank_is_gone(&s->terms)) {
		whole = apply_blank_back(value);
		bytes = slice_of(whole);
	}
	pipeline_header(s->pipeline, &s->txn, slice_of(name), bytes);
	free(whole);
	return quiet(s, SMFIP_NR_HDR);
}

static sfsistat
on_eoh(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);
	unsigned since;

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	since = waker_enter();
	pipeline_eoh(s->pipeline, &s->txn, &s->edits);
	waker_leave(since);
	return quiet(s, SMFIP_NR_EOH);
}

static sfsistat
on_body(SMFICTX *ctx, unsigned char *bytes, size_t n)
{
	struct session *s = smfi_getpriv(ctx);

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	(void)pipeline_body(s->pipeline, &s->txn, slice_make((const char *)bytes, n));
	return quiet(s, SMFIP_NR_BODY);
}

/* The message is accepted: has the MTA change it, or come again. */
static sfsistat
edit(SMFICTX *ctx, struct session *s)
{
	unsigned since = waker_enter();
	int left;

	pipeline_transform(s->pipeline, &s->txn, &s->edits);
	waker_leave(since);
	left = apply_edits(ctx, &s->terms, &s->edits);
	if (left < 0 || ((left & APPLY_LEFT_CONTENT) != 0 && edits_remove(&s->edits))) {
		txn_fail(&s->txn, "edits"); /* half edited is damaged; what must not leave stays */
		return SMFIS_TEMPFAIL;
	}
	if (left != 0)
		txn_error_note(&s->txn, "edits");
	if (s->txn.outbound != NULL) {
		s->txn.outbound->sender_left = (left & APPLY_LEFT_SENDER) != 0;
		s->txn.outbound->content_left = (left & APPLY_LEFT_CONTENT) != 0;
	}
	sent_note(s->pipeline, &s->txn, &s->edits);
	return SMFIS_CONTINUE;
}

static sfsistat
on_eom(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);
	sfsistat status;

	if (s == NULL)
		return SMFIS_TEMPFAIL;
	txn_set_queue_id(&s->txn, apply_macro(ctx, "i"));
	s->txn.phase = PHASE_EOM;
	status = ask(ctx, s);
	if (status == SMFIS_CONTINUE)
		status = edit(ctx, s);
	transaction_end(s);
	return status;
}

static sfsistat
on_abort(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s != NULL)
		transaction_end(s);
	return SMFIS_CONTINUE;
}

static sfsistat
on_close(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s == NULL) {
		waker_heard();
		return SMFIS_CONTINUE;
	}
	transaction_end(s);
	(void)smfi_setpriv(ctx, NULL);
	session_free(s);
	return SMFIS_CONTINUE;
}

const struct smfiDesc callbacks_filter = {
    .xxfi_name = (char *)"gatepost",
    .xxfi_version = SMFI_VERSION,
    .xxfi_flags = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE | SMFIF_CHGFROM | SMFIF_CHGBODY |
		  SMFIF_DELRCPT | SMFIF_ADDRCPT,
    .xxfi_connect = on_connect,
    .xxfi_helo = on_helo,
    .xxfi_envfrom = on_mail,
    .xxfi_envrcpt = on_rcpt,
    .xxfi_header = on_header,
    .xxfi_eoh = on_eoh,
    .xxfi_body = on_body,
    .xxfi_eom = on_eom,
    .xxfi_abort = on_abort,
    .xxfi_close = on_close,
    .xxfi_data = on_data,
    .xxfi_negotiate = on_negotiate,
};
