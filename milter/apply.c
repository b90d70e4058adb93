/*
 * apply.c - see apply.h.
 */
#include "apply.h"

#include <stdlib.h>

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

static int
edit_apply(SMFICTX *ctx, const struct edit *e, const char *value)
{
	char *name = (char *)e->name; /* libmilter does not change it */

	if (e->kind == EDIT_INSERT_HEADER)
		return smfi_insheader(ctx, e->index, name, (char *)value);
	return smfi_chgheader(ctx, name, e->index, (char *)value);
}

int
apply_edits(SMFICTX *ctx, const struct apply_terms *terms, const struct edits *edits)
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
		status = edit_apply(ctx, e, whole != NULL ? whole : e->value);
		free(whole);
		if (status != MI_SUCCESS)
			return -1;
	}
	return 0;
}

struct apply_terms
apply_negotiate(
    const struct pipeline *p, unsigned long offered_actions, unsigned long offered_steps)
{
	struct apply_terms terms = {0, SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL |
					   SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NOUNKNOWN |
					   SMFIP_SKIP | SMFIP_HDR_LEADSPC};

	if ((p->phases & PHASE_DATA) == 0)
		terms.steps |= SMFIP_NODATA;
	if ((p->needs & NEED_HEADERS) == 0)
		terms.steps |= SMFIP_NOHDRS | SMFIP_NOEOH;
	if ((p->needs & NEED_BODY) == 0)
		terms.steps |= SMFIP_NOBODY;
	if ((p->needs & NEED_INSERT_HEADER) != 0)
		terms.actions |= SMFIF_ADDHDRS;
	if ((p->needs & NEED_CHANGE_HEADER) != 0)
		terms.actions |= SMFIF_CHGHDRS;
	if ((p->needs & NEED_QUARANTINE) != 0)
		terms.actions |= SMFIF_QUARANTINE;
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
