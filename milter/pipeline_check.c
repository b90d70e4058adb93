/*
 * pipeline_check.c - see pipeline.h: who is judged, by whom, and what is answered and edited.
 */
#include "pipeline_parts.h"

static void
defer_add(struct findings *findings, const char *check)
{
	static const char text[] = "Temporary failure, please try again later";
	struct finding *f = findings_add(findings, FINDING_DEFER, check, "error");

	if (f == NULL)
		return;
	f->xcode = "4.3.0";
	memcpy(f->text, text, sizeof(text));
}

/* A check could not tell: what its section says is done then. */
static void
check_failed(const struct pipeline_step *step, struct txn *txn, struct findings *findings)
{
	const struct module_conf *conf = step->env.conf;
	const struct ports *ports = step->env.ports;
	int on_error = step->module->on_error != NULL ? step->module->on_error(txn)
						      : conf->on_error;
	unsigned stat = stat_of_check(STAT_FAMILY_ERROR, step->module->name);

	/* a check that could not tell at RCPT cannot at the end of the message either */
	if (stat < STAT_COUNT &&
	    (txn->phase == PHASE_RCPT || (step->module->phases & PHASE_RCPT) == 0))
		ports->store->count(ports->store, stat, ports->clock->now_s(ports->clock), 1);
	txn_error_note(txn, step->module->name);
	if (on_error == ON_ERROR_TEMPFAIL)
		defer_add(findings, step->module->name);
}

/* Something was not kept: no memory, or a client that reached a bound. What is not known cannot be
 * judged, so the client has to come again. */
static void
facts_missing(struct txn *txn, struct findings *findings)
{
	findings->n = 0;
	txn_error_note(txn, "limits");
	defer_add(findings, "limits");
}

static void
check_run(const struct pipeline_step *step, struct txn *txn, struct findings *findings)
{
	const struct module_conf *conf = step->env.conf;
	size_t before = findings->n;
	struct err err;

	if (step->module->check(&step->env, txn, findings, &err) != 0)
		check_failed(step, txn, findings);
	if (conf->shadow)
		findings_shadow(findings, before);
}

/* Why the recipient in question is not judged, or NULL. */
static const char *
exempt_reason(const struct pipeline *p, const struct txn *txn)
{
	struct store *store = p->ports->store;

	if (txn->direction.direction != DIRECTION_INBOUND)
		return NULL;
	if (txn->allowed != NULL)
		return txn->allowed;
	if (address_is_role(&txn->rcpt))
		return "role";
	if (address_set_has(&p->direction->optout, &txn->rcpt) ||
	    store->has_address(store, STORE_OPTOUT_ALL, &txn->rcpt))
		return "opted_out";
	return NULL;
}

/* Is the recipient in question ours? Says why then, and what else is to say. */
static const char *
claim_reason(const struct pipeline *p, struct txn *txn, struct findings *findings)
{
	const struct pipeline_chain *chain = pipeline_chain_of(p, txn);
	const char *reason = NULL;

	for (size_t i = 0; reason == NULL && i < chain->n; i++) {
		const struct module *m = chain->v[i].module;

		if (m->claim != NULL)
			reason = m->claim(&chain->v[i].env, txn, findings);
	}
	return reason;
}

/* A message gets one answer in the end. So when some of its recipients want it judged and others
 * do not, those who came later get it in a transaction of their own. */
static void
split_check(const struct pipeline *p, const struct txn *txn, struct findings *findings)
{
	static const char text[] = "Another policy applies to this recipient, please send again";
	size_t others = txn->exempt != NULL ? txn->naccepted - txn->nexempt : txn->nexempt;
	struct finding *f;

	if (!pipeline_chain_of(p, txn)->judges || others == 0 ||
	    decide(findings).answer != ANSWER_CONTINUE)
		return;
	f = findings_add(findings, FINDING_DEFER, "inbound", "split");
	if (f != NULL) {
		f->xcode = "4.5.3";
		memcpy(f->text, text, sizeof(text));
	}
}

/* True when the checks have a say: not about recipients, or messages to recipients, that are exempt. */
static bool
is_judged(const struct txn *txn)
{
	return txn->phase == PHASE_RCPT ? txn->exempt == NULL : txn->naccepted > txn->nexempt;
}

static void
checks_run(const struct pipeline *p, struct txn *txn, struct findings *findings)
{
	const struct pipeline_chain *chain = pipeline_chain_of(p, txn);
	bool judged = is_judged(txn);

	if (judged)
		pipeline_gather_wait(p, txn);
	if (txn->connection.failed || txn->transaction.failed) {
		facts_missing(txn, findings);
		return;
	}
	for (size_t i = 0; i < chain->n; i++) {
		const struct module *m = chain->v[i].module;

		if (m->check != NULL && (m->phases & txn->phase) != 0 && (judged || m->always))
			check_run(&chain->v[i], txn, findings);
	}
	if (txn->phase == PHASE_EOM && txn->ndropped > 0 && txn->ndropped == txn->naccepted &&
	    decide(findings).answer < ANSWER_DISCARD)
		(void)findings_add(findings, FINDING_DISCARD, "send", "dropped");
	if (findings->over || txn->connection.failed || txn->transaction.failed)
		facts_missing(txn, findings);
}

/* Whoever is refused is told the code of the decision record, if there is one: of what is ours, there
 * is none. */
static void
code_add(const struct txn *txn, struct findings *findings, const struct verdict *verdict)
{
	struct finding *cause;
	struct buf text;

	if (verdict->answer != ANSWER_REJECT || txn->code[0] == '\0' ||
	    strcmp(verdict->cause->check, "returns") == 0)
		return;
	cause = &findings->v[verdict->cause - findings->v];
	if (strstr(cause->text, txn->code) != NULL)
		return;
	buf_init(&text, cause->text, sizeof(cause->text));
	text.n = strlen(cause->text);
	if (text.cap - text.n < VERDICT_CODE_BYTES + 3) /* " (CODE)" and a NUL */
		return;
	buf_add_format(&text, " (%s)", txn->code);
	(void)buf_text(&text);
}

/* In memory: see io/store_counters.h. */
static void
answer_count(const struct pipeline *p, const struct txn *txn, const struct findings *findings,
    const struct verdict *verdict)
{
	unsigned stats[STAT_ANSWER_MAX];
	size_t n = stat_of_answer(txn, findings, verdict, stats);
	int64_t now_s = p->ports->clock->now_s(p->ports->clock);

	for (size_t i = 0; i < n; i++)
		p->ports->store->count(p->ports->store, stats[i], now_s, 1);
}

struct verdict
pipeline_check(const struct pipeline *p, struct txn *txn, struct findings *findings_r)
{
	struct verdict verdict;

	findings_r->n = 0;
	findings_r->over = false;
	findings_r->refuse_at = 0;
	if (txn->phase == PHASE_RCPT) {
		txn->exempt = claim_reason(p, txn, findings_r);
		txn->claimed = txn->exempt != NULL;
		if (!txn->claimed)
			txn->exempt = exempt_reason(p, txn);
	}
	checks_run(p, txn, findings_r);
	if (txn->phase == PHASE_RCPT && txn->exempt != NULL)
		(void)findings_add(findings_r, FINDING_NOTE, "inbound", txn->exempt);
	if (txn->phase == PHASE_RCPT)
		split_check(p, txn, findings_r);
	verdict = decide(findings_r);
	code_add(txn, findings_r, &verdict);
	answer_count(p, txn, findings_r, &verdict);
	if (txn->phase == PHASE_RCPT)
		txn_answered(txn, findings_r, &verdict);
	else
		txn_message_answered(txn, findings_r, &verdict);
	return verdict;
}

void
pipeline_transforms_run(
    const struct pipeline *p, struct txn *txn, enum phase phase, struct edits *edits)
{
	const struct pipeline_chain *chain = pipeline_chain_of(p, txn);
	struct err err;

	for (size_t i = 0; i < chain->n; i++) {
		const struct pipeline_step *step = &chain->v[i];
		size_t before = edits->n;

		if (step->module->transform == NULL || (step->module->phases & phase) == 0)
			continue;
		if (step->module->transform(&step->env, txn, edits, &err) != 0) {
			if (edits->n > before) /* it may have taken back what others did */
				edits->n = before;
			txn_error_note(txn, step->module->name);
		}
	}
}

void
pipeline_transform(const struct pipeline *p, struct txn *txn, struct edits *edits)
{
	pipeline_gather_wait(p, txn);
	pipeline_transforms_run(p, txn, PHASE_EOM, edits);
}
