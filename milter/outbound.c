/*
 * outbound.c - see outbound.h.
 */
#include "outbound.h"

#include "modules.h"
#include "policy/presigned.h"

bool
outbound_active(const void *conf)
{
	return ((const struct outbound_conf *)conf)->enabled;
}

size_t
outbound_rcpts_list(const struct txn *txn, const struct address **list, size_t room)
{
	size_t n = 0;

	for (const struct txn_rcpt *r = txn->rcpts; r != NULL && n < room; r = r->next) {
		if (r->answer == ANSWER_CONTINUE && !r->dropped)
			list[n++] = &r->addr;
	}
	return n;
}

const struct address *
outbound_only_rcpt(const struct txn *txn)
{
	const struct address *rcpt;

	return outbound_rcpts(txn) == 1 && outbound_rcpts_list(txn, &rcpt, 1) == 1 ? rcpt : NULL;
}

const struct mime *
outbound_parts(struct outbound *out, struct err *err)
{
	struct mime *mime;

	if (out->mime != NULL)
		return out->mime;
	if (body_spool_view(&out->spool, &out->message.body, err) != 0)
		return NULL;
	mime = arena_alloc(&out->arena, sizeof(*mime));
	if (mime == NULL || mime_scan(&out->arena, &out->message, mime) != 0) {
		(void)err_set(err, ERR_NOMEM, "no memory for the parts of the message");
		return NULL;
	}
	body_edits_init(&out->body_edits, &out->arena);
	out->mime = mime;
	return mime;
}

/* Fields that steer us do not leave, whatever a signature says of them. */
static bool
steering_is_signed(const struct outbound *out)
{
	static const enum out_name steering[] = {OUT_ACCOUNT, OUT_TRACK, OUT_TAG};

	for (size_t i = 0; i < sizeof(steering) / sizeof(*steering); i++) {
		if (out->fields.count[steering[i]] > 0 &&
		    !presigned_may_remove(out->presigned, out_name_text(steering[i])))
			return true;
	}
	return false;
}

void
outbound_signatures_keep(struct outbound *out)
{
	out->presigned = &out->message;
	out->presigned_broken = steering_is_signed(out);
}

void
outbound_signatures_restore(struct outbound *out, struct edits *edits)
{
	if (out->stripped == 0)
		return;
	edits->n = out->edits_unstripped;
	edits->whole = false;
	edits->body_edits = NULL;
	out->stripped = 0;
	out->restored = true;
	outbound_signatures_keep(out);
}

/* "name=word", a blank before it where there is something. */
static void
word_add(struct buf *out, const char *name, const char *word)
{
	if (out->n > 0)
		buf_add_char(out, ' ');
	buf_add_text(out, name);
	buf_add_char(out, '=');
	buf_add_text(out, word);
}

static bool
is_added(const char *word)
{
	return word != NULL && strcmp(word, "added") == 0;
}

/* What the option asked for and was not done; "off" is no news. */
static bool
is_skip(const char *word)
{
	return word != NULL && strcmp(word, "off") != 0 && !is_added(word);
}

static void
presigned_add(const struct outbound *out, struct buf *did, struct buf *skipped)
{
	if (out->stripped > 0) {
		word_add(did, "stripped", "");
		buf_add_u64(did, out->stripped);
	}
	if (out->presigned_broken)
		word_add(skipped, "presigned", "steering");
	if (out->restored)
		word_add(skipped, "message", "not-signed");
}

static void
headers_add(const struct outbound *out, struct buf *did, struct buf *skipped)
{
	const struct {
		const char *name;
		const char *word;
	} fields[] = {{"sender", out->done.sender},
	    {"list_unsubscribe", out->done.list_unsubscribe},
	    {"feedback_id", out->done.feedback_id}, {"id_header", out->done.id}};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (is_added(fields[i].word))
			word_add(did, fields[i].name, fields[i].word);
		else if (is_skip(fields[i].word))
			word_add(skipped, fields[i].name, fields[i].word);
	}
	if (out->headers_skipped != NULL)
		word_add(skipped, "headers", out->headers_skipped);
}

static void
signs_add(const struct outbound *out, struct buf *did, struct buf *skipped)
{
	for (size_t i = 0; i < out->nsigns; i++) {
		const struct outbound_sign *sign = &out->signs[i];
		const char *name = sign->kind == SIGNER_DKIM ? "dkim" : "domainkeys";

		word_add(sign->reason == NULL ? did : skipped, name, sign->selector);
		buf_add_format(sign->reason == NULL ? did : skipped, ":%s", sign->wanted->domain);
		if (sign->reason != NULL)
			buf_add_format(skipped, ":%s", sign->reason);
	}
}

static void
track_add(const struct outbound *out, struct buf *did, struct buf *skipped)
{
	const struct track *track = &out->track;

	if (!out->tracks)
		return;
	if (track->pixels > 0) {
		word_add(did, "pixels", "");
		buf_add_u64(did, track->pixels);
	}
	if (track->links > 0) {
		word_add(did, "links", "");
		buf_add_u64(did, track->links);
	}
	if (track->traps > 0) {
		word_add(did, "traps", "");
		buf_add_u64(did, track->traps);
	}
	if (track->reason != TRACK_DONE)
		word_add(skipped, "track", track_reason_name(track->reason));
	for (int why = 1; why < TRACK_REASONS; why++) {
		if (track->skipped[why] > 0)
			word_add(skipped, "part", track_reason_name((enum track_reason)why));
	}
}

static void
sevenbit_add(const struct outbound *out, struct buf *did, struct buf *skipped)
{
	const struct sevenbit *s = &out->sevenbit;

	if (s->recoded + s->relabelled > 0) {
		word_add(did, "sevenbit", "");
		buf_add_u64(did, s->recoded + s->relabelled);
	}
	for (int why = 1; s->left > 0 && why < SEVENBIT_REASONS; why++) {
		if (s->why[why] > 0)
			word_add(
			    skipped, "sevenbit", sevenbit_reason_name((enum sevenbit_reason)why));
	}
	if (out->sevenbit_skipped != NULL)
		word_add(skipped, "sevenbit", out->sevenbit_skipped);
	if (out->fold_left != NULL)
		word_add(skipped, "fold", out->fold_left);
}

static void
verp_add(const struct outbound *out, struct buf *did, struct buf *skipped)
{
	const char *why = out->verp_skipped != NULL ? out->verp_skipped : out->plan.why;

	if (out->plan.change && !out->sender_left)
		word_add(did, "verp", verp_how_name(out->plan.how));
	else if (out->sender_left || why != NULL)
		word_add(skipped, "verp", out->sender_left ? "not-agreed" : why);
}

void
outbound_did(const struct txn *txn, struct buf *did, struct buf *skipped)
{
	const struct outbound *out = txn->outbound;

	if (outbound_account(txn) == NULL)
		return;
	if (out->match.header_refused)
		word_add(skipped, "account", "header-refused");
	verp_add(out, did, skipped);
	if (out->header_over || out->content_left) {
		word_add(skipped, "message", out->header_over ? "header-too-long" : "not-agreed");
		return;
	}
	presigned_add(out, did, skipped);
	if (!out->restored) {
		headers_add(out, did, skipped);
		track_add(out, did, skipped);
		sevenbit_add(out, did, skipped);
	}
	signs_add(out, did, skipped);
}

void
outbound_event(const struct env *env, const struct txn *txn, const char *type,
    const struct address *rcpt, const char *reason)
{
	const struct outbound_conf *conf = env->conf;
	const struct account *account = txn->outbound->account;
	const struct clock_port *clock = env->ports->clock;
	const struct event_terms terms = {account->retention_s, conf->events_keep};
	struct event event = {.account = account->name};

	record_init(&event.fields);
	record_add(&event.fields, "type", slice_of(type));
	record_add_number(&event.fields, "time", clock->now_s(clock));
	record_add(&event.fields, "account", slice_of(event.account));
	if (rcpt != NULL)
		record_add(&event.fields, "rcpt", rcpt->text);
	record_add(&event.fields, "id", txn->queue_id);
	record_add(&event.fields, "from", txn->sender.null ? slice_of("<>") : txn->sender.text);
	record_add(&event.fields, "reason", slice_of(reason));
	env->ports->store->event(env->ports->store, &event, &terms);
}
