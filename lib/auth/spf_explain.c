/*
 * spf_explain.c - what the domain has to say about a fail: exp= of RFC 7208 section 6.2.
 *
 * The words are a stranger's, and end up in an SMTP reply and in logs: one record, printable ASCII
 * only, or none at all.
 */
#include "auth/spf_parts.h"

#include "policy/dns_rdata.h"

/* Of what is published; what it expands to is cut to SPF_EXPLANATION_BYTES. */
#define TEXT_BYTES 1024

/* Expands what the one record says. */
static void
text_expand(struct spf_eval *e, struct slice text, struct slice validated)
{
	struct spf_macros macros = spf_eval_macros(e, e->exp_domain);
	char expanded_bytes[SPF_EXPANSION_BYTES];
	struct buf expanded = BUF_OVER(expanded_bytes);
	struct slice said;

	macros.validated = validated;
	if (spf_macro_expand(&macros, text, &expanded) != 0)
		return;
	said = slice_head(slice_trim(buf_slice(&expanded)), SPF_EXPLANATION_BYTES);
	/* a local part may have brought in any byte */
	for (size_t i = 0; i < said.n; i++) {
		if (said.p[i] < ' ' || said.p[i] > '~')
			return;
	}
	if (said.n > 0)
		memcpy(e->found->explanation, said.p, said.n);
	e->found->explanation_n = said.n;
}

bool
spf_explain(struct spf_eval *e)
{
	char name_bytes[SPF_NAME_ROOM], validated_bytes[SPF_NAME_ROOM], text_bytes[TEXT_BYTES];
	struct buf name = BUF_OVER(name_bytes);
	struct buf validated = BUF_OVER(validated_bytes);
	struct buf text = BUF_OVER(text_bytes);
	const struct dns_answer *answer = NULL;

	e->unlimited = true;
	if (spf_eval_target(e, e->exp_domain, e->exp, &name) == SPF_MATCH)
		answer = spf_eval_ask(e, buf_slice(&name), DNS_TXT);
	if (answer == NULL || answer->status != DNS_FOUND || answer->n != 1 ||
	    dns_txt_join(answer->rdata[0], &text) != 0 || text.over ||
	    !spf_macro_is_string(buf_slice(&text), true))
		return !e->waiting;
	if (spf_macro_uses(buf_slice(&text), 'p'))
		(void)spf_validated_name(e, e->exp_domain, &validated);
	if (!e->waiting)
		text_expand(e, buf_slice(&text), buf_slice(&validated));
	return !e->waiting;
}
