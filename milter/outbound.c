/*
 * outbound.c - see outbound.h.
 */
#include "outbound.h"

#include "modules.h"

bool
outbound_active(const void *conf)
{
	return ((const struct outbound_conf *)conf)->enabled;
}

static bool
is_dropped(const struct outbound *out, const struct txn_rcpt *r)
{
	for (size_t i = 0; i < out->ndrops; i++) {
		struct address dropped = address_parse(slice_of(out->drops[i]));

		if (slice_eq(dropped.text, r->addr.text))
			return true;
	}
	return false;
}

const struct address *
outbound_only_rcpt(const struct txn *txn)
{
	if (outbound_rcpts(txn) != 1)
		return NULL;
	for (const struct txn_rcpt *r = txn->rcpts; r != NULL; r = r->next) {
		if (r->answer == ANSWER_CONTINUE && !is_dropped(txn->outbound, r))
			return &r->addr;
	}
	return NULL;
}

size_t
outbound_rcpts_list(const struct txn *txn, const struct address **list, size_t room)
{
	size_t n = 0;

	for (const struct txn_rcpt *r = txn->rcpts; r != NULL && n < room; r = r->next) {
		if (r->answer == ANSWER_CONTINUE && !is_dropped(txn->outbound, r))
			list[n++] = &r->addr;
	}
	return n;
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
}

void
outbound_did(const struct txn *txn, struct buf *did, struct buf *skipped)
{
	const struct outbound *out = txn->outbound;

	if (out->header_over)
		word_add(skipped, "header", "too-long");
	if (outbound_account(txn) == NULL)
		return;
	if (out->match.header_refused)
		word_add(skipped, "account", "header-refused");
	if (out->plan.change)
		word_add(did, "verp", verp_how_name(out->plan.how));
	else if (out->verp_skipped != NULL || out->plan.why != NULL)
		word_add(
		    skipped, "verp", out->verp_skipped != NULL ? out->verp_skipped : out->plan.why);
	headers_add(out, did, skipped);
	sevenbit_add(out, did, skipped);
	signs_add(out, did, skipped);
}
