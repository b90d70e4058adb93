/*
 * apply.c - see apply.h.
 */
#include "apply.h"

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
		reply_set(ctx, "451", "4.7.1", verdict->cause);
		return SMFIS_TEMPFAIL;
	case ANSWER_REJECT:
		reply_set(ctx, "554", "5.7.1", verdict->cause);
		return SMFIS_REJECT;
	case ANSWER_CONTINUE:
		break;
	}
	return SMFIS_CONTINUE;
}

int
apply_edits(SMFICTX *ctx, const struct edits *edits)
{
	for (size_t i = 0; i < edits->n; i++) {
		const struct edit *e = &edits->v[i];

		if (smfi_insheader(ctx, e->index, (char *)e->name, (char *)e->value) != MI_SUCCESS)
			return -1;
	}
	return 0;
}

struct apply_terms
apply_negotiate(
    const struct pipeline *p, unsigned long offered_actions, unsigned long offered_steps)
{
	struct apply_terms terms = {
	    0, SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NOUNKNOWN | SMFIP_SKIP};

	if ((p->phases & PHASE_CONNECT) != 0)
		terms.steps &= ~(unsigned long)SMFIP_NR_CONN;
	if ((p->phases & PHASE_HELO) != 0)
		terms.steps &= ~(unsigned long)SMFIP_NR_HELO;
	if ((p->phases & PHASE_MAIL) != 0)
		terms.steps &= ~(unsigned long)SMFIP_NR_MAIL;
	if ((p->phases & PHASE_DATA) == 0)
		terms.steps |= SMFIP_NODATA;
	if ((p->needs & NEED_HEADERS) == 0)
		terms.steps |= SMFIP_NOHDRS | SMFIP_NOEOH;
	if ((p->needs & NEED_BODY) == 0)
		terms.steps |= SMFIP_NOBODY;
	if ((p->needs & NEED_INSERT_HEADER) != 0)
		terms.actions |= SMFIF_ADDHDRS;
	terms.actions &= offered_actions;
	terms.steps &= offered_steps;
	return terms;
}

void
apply_macros(SMFICTX *ctx)
{
	/* an MTA that does not know symbol lists sends its default macros; those have these too */
	(void)smfi_setsymlist(ctx, SMFIM_CONNECT, (char *)"j {daemon_name}");
	(void)smfi_setsymlist(ctx, SMFIM_ENVFROM, (char *)"i {auth_authen}");
	(void)smfi_setsymlist(ctx, SMFIM_ENVRCPT, (char *)"i");
	(void)smfi_setsymlist(ctx, SMFIM_EOM, (char *)"i");
}

struct slice
apply_macro(SMFICTX *ctx, const char *name)
{
	return slice_of(smfi_getsymval(ctx, (char *)name));
}
