/*
 * apply.c - see apply.h.
 */
#include "apply.h"

#include "mail/body_edit.h"

#include <stdlib.h>

/* Of a new body, what one packet takes: MILTER_CHUNK_SIZE of libmilter. */
#define BODY_CHUNK_BYTES ((size_t)65535)

/* --- Answers --- */

/* Sendmail reads a reply text as a format: '%' is written twice. Postfix undoes that. */
static void
text_double_percent(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '%')
			buf_add_char(out, '%');
		/* libmilter refuses a text with CR or LF in it, and the answer would be its own */
		buf_add_char(out, (char)(*text == '\r' || *text == '\n' ? ' ' : *text));
	}
}

static void
reply_set(SMFICTX *ctx, const char *code, const char *fallback_xcode, const struct finding *cause)
{
	char storage[2 * FINDING_TEXT_BYTES];
	struct buf text = BUF_OVER(storage);
	char code_copy[4], xcode_copy[16];
	struct buf code_out = BUF_OVER(code_copy);
	struct buf xcode_out = BUF_OVER(xcode_copy);

	if (cause == NULL || cause->text[0] == '\0')
		return;
	text_double_percent(&text, cause->text);
	buf_add_text(&code_out, code);
	buf_add_text(&xcode_out, cause->xcode != NULL ? cause->xcode : fallback_xcode);
	/* when libmilter will not have it, its own 451 or 550 says less, but says the same */
	(void)buf_text(&text);
	(void)smfi_setreply(
	    ctx, (char *)buf_text(&code_out), (char *)buf_text(&xcode_out), storage);
}

sfsistat
apply_verdict(SMFICTX *ctx, const struct verdict *verdict)
{
	switch (verdict->answer) {
	case ANSWER_DEFER:
		reply_set(ctx, verdict_code(verdict), "4.7.1", verdict->cause);
		return SMFIS_TEMPFAIL;
	case ANSWER_REJECT:
		reply_set(ctx, verdict_code(verdict), "5.7.1", verdict->cause);
		return SMFIS_REJECT;
	case ANSWER_DISCARD:
		return SMFIS_DISCARD;
	case ANSWER_QUARANTINE:
		if (smfi_quarantine(ctx, (char *)verdict->cause->text) != MI_SUCCESS)
			return SMFIS_TEMPFAIL; /* never let in what policy holds back */
		return SMFIS_CONTINUE;
	case ANSWER_CONTINUE:
		break;
	}
	return SMFIS_CONTINUE;
}

bool
apply_blank_is_gone(const struct apply_terms *terms)
{
	return (terms->steps & SMFIP_HDR_LEADSPC) == 0;
}

char *
apply_blank_back(const char *value)
{
	size_t n = strlen(value);
	char *whole = malloc(n + 2);

	if (whole != NULL) {
		whole[0] = ' ';
		memcpy(whole + 1, value, n + 1);
	}
	return whole;
}

/* --- Edits --- */

/* What the edits of header and body need. */
static unsigned long
content_actions(const struct edits *edits)
{
	unsigned long actions = edits_of_body(edits) ? SMFIF_CHGBODY : 0;

	for (size_t i = 0; i < edits->n; i++)
		actions |= edits->v[i].kind == EDIT_INSERT_HEADER ? SMFIF_ADDHDRS : SMFIF_CHGHDRS;
	return actions;
}

/* What those of its recipients need. */
static unsigned long
recipient_actions(const struct edits *edits)
{
	return (edits->ndrops > 0 ? SMFIF_DELRCPT : 0) | (edits->nadds > 0 ? SMFIF_ADDRCPT : 0);
}

static int
field_apply(SMFICTX *ctx, const struct edit *e, const char *value)
{
	char *name = (char *)e->name; /* libmilter does not change it */

	if (e->kind == EDIT_INSERT_HEADER)
		return smfi_insheader(ctx, e->index, name, (char *)value);
	if (value != NULL && value[0] == '\0')
		value = " "; /* nothing at all would delete the field */
	return smfi_chgheader(ctx, name, e->index, (char *)value);
}

static int
fields_apply(SMFICTX *ctx, const struct apply_terms *terms, const struct edits *edits)
{
	for (size_t i = 0; i < edits->n; i++) {
		const struct edit *e = &edits->v[i];
		unsigned long action = e->kind == EDIT_INSERT_HEADER ? SMFIF_ADDHDRS
								     : SMFIF_CHGHDRS;
		char *whole = NULL;
		int status;

		if ((terms->actions & action) == 0)
			continue;
		if (e->value != NULL && !apply_blank_is_gone(terms)) {
			whole = apply_blank_back(e->value);
			if (whole == NULL)
				return -1;
		}
		status = field_apply(ctx, e, whole != NULL ? whole : e->value);
		free(whole);
		if (status != MI_SUCCESS)
			return -1;
	}
	return 0;
}

/* Sendmail reads the parameters anew, and forgets those that the client gave: BODY=8BITMIME, AUTH.
 * Its {v} is its version, which begins with a digit; that of Postfix is "Postfix 3.7.11", or what
 * its administrator made of it. */
static bool
is_postfix(SMFICTX *ctx)
{
	struct slice v = apply_macro(ctx, "v");

	return v.n > 0 && (v.p[0] < '0' || v.p[0] > '9');
}

bool
apply_is_queued(SMFICTX *ctx)
{
	return is_postfix(ctx) && apply_macro(ctx, "i").n > 0;
}

static int
sender_apply(SMFICTX *ctx, const struct edits *edits)
{
	const char *args = edits->sender_args;

	if (args != NULL && !is_postfix(ctx))
		args = NULL;
	if (args == NULL && edits->sender_keeps)
		return 0; /* the same sender once more says nothing, and loses what came with it */
	return smfi_chgfrom(ctx, (char *)edits->sender, (char *)args) == MI_SUCCESS ? 0 : -1;
}

static int
drops_apply(SMFICTX *ctx, const struct edits *edits)
{
	for (size_t i = 0; i < edits->ndrops; i++) {
		if (smfi_delrcpt(ctx, (char *)edits->drops[i]) != MI_SUCCESS)
			return -1;
	}
	return 0;
}

static int
adds_apply(SMFICTX *ctx, const struct edits *edits)
{
	for (size_t i = 0; i < edits->nadds; i++) {
		if (smfi_addrcpt(ctx, (char *)edits->adds[i]) != MI_SUCCESS)
			return -1;
	}
	return 0;
}

/* A new body on its way: what comes in small pieces leaves in large ones. */
struct body_run {
	SMFICTX *ctx;
	char *p; /* BODY_CHUNK_BYTES */
	size_t n;
};

static int
chunk_send(struct body_run *run, struct slice chunk)
{
	return smfi_replacebody(run->ctx, (unsigned char *)chunk.p, (int)chunk.n) == MI_SUCCESS
		   ? 0
		   : -1;
}

static int
body_put(void *to, struct slice bytes)
{
	struct body_run *run = to;

	while (bytes.n > 0) {
		struct slice part = slice_head(bytes, BODY_CHUNK_BYTES - run->n);

		bytes = slice_from(bytes, part.n);
		if (part.n < BODY_CHUNK_BYTES) { /* else it need not be copied */
			memcpy(run->p + run->n, part.p, part.n);
			run->n += part.n;
			part = slice_make(run->p, run->n);
		}
		if (part.n == BODY_CHUNK_BYTES) {
			run->n = 0;
			if (chunk_send(run, part) != 0)
				return -1;
		}
	}
	return 0;
}

/* In one go: to Postfix any other word in between, be it smfi_progress(), is the end of the body. */
static int
body_apply(SMFICTX *ctx, const struct edits *edits)
{
	struct body_run run = {ctx, malloc(BODY_CHUNK_BYTES), 0};
	struct sink out = {body_put, &run};
	int status;

	if (run.p == NULL)
		return -1;
	status = body_edits_apply_to(edits->body_edits, edits->body, &out);
	/* the last; of a body of which nothing is left, the only one */
	if (status == 0)
		status = chunk_send(&run, slice_make(run.p, run.n));
	free(run.p);
	return status;
}

int
apply_edits(SMFICTX *ctx, const struct apply_terms *terms, const struct edits *edits)
{
	bool body = edits_of_body(edits);
	unsigned long missing = content_actions(edits) & ~terms->actions;
	bool content = missing == 0 || !(body || edits->whole);
	bool sender = edits->sender == NULL || (terms->actions & SMFIF_CHGFROM) != 0;

	if ((recipient_actions(edits) & ~terms->actions) != 0)
		return -1;
	if (content && fields_apply(ctx, terms, edits) != 0)
		return -1;
	if (edits->sender != NULL && sender && sender_apply(ctx, edits) != 0)
		return -1;
	if (adds_apply(ctx, edits) != 0 || drops_apply(ctx, edits) != 0)
		return -1;
	if (content && body && body_apply(ctx, edits) != 0)
		return -1;
	return (content ? 0 : APPLY_LEFT_CONTENT) | (sender ? 0 : APPLY_LEFT_SENDER);
}

/* --- Negotiation --- */

static const struct {
	unsigned need;
	unsigned long action;
} asked[] = {
    {NEED_INSERT_HEADER, SMFIF_ADDHDRS},
    {NEED_CHANGE_HEADER, SMFIF_CHGHDRS},
    {NEED_QUARANTINE, SMFIF_QUARANTINE},
    {NEED_CHANGE_SENDER, SMFIF_CHGFROM},
    {NEED_CHANGE_BODY, SMFIF_CHGBODY},
    {NEED_DROP_RCPT, SMFIF_DELRCPT},
    {NEED_ADD_RCPT, SMFIF_ADDRCPT},
};

struct apply_terms
apply_negotiate(
    const struct pipeline *p, unsigned long offered_actions, unsigned long offered_steps)
{
	struct apply_terms terms = {0, SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL |
					   SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY |
					   SMFIP_NOUNKNOWN | SMFIP_HDR_LEADSPC};

	if ((p->phases & PHASE_DATA) == 0)
		terms.steps |= SMFIP_NODATA;
	if ((p->needs & NEED_HEADERS) == 0)
		terms.steps |= SMFIP_NOHDRS | SMFIP_NOEOH;
	if ((p->needs & NEED_BODY) == 0)
		terms.steps |= SMFIP_NOBODY;
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		terms.actions |= (p->needs & asked[i].need) != 0 ? asked[i].action : 0;
	terms.actions &= offered_actions;
	terms.steps &= offered_steps;
	return terms;
}

void
apply_macros(SMFICTX *ctx)
{
	/* an MTA that does not know symbol lists sends its default macros; those have these too */
	(void)smfi_setsymlist(ctx, SMFIM_CONNECT, (char *)"j {daemon_name} v");
	(void)smfi_setsymlist(ctx, SMFIM_ENVFROM, (char *)"i {auth_authen}");
	(void)smfi_setsymlist(ctx, SMFIM_ENVRCPT, (char *)"i");
	(void)smfi_setsymlist(ctx, SMFIM_EOM, (char *)"i");
}

struct slice
apply_macro(SMFICTX *ctx, const char *name)
{
	return slice_of(smfi_getsymval(ctx, (char *)name));
}
