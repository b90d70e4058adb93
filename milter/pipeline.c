/*
 * pipeline.c - see pipeline.h.
 */
#include "pipeline.h"

#include "modules.h"
#include "settings.h"

#include <assert.h>

/* The order of everything. Checks that score come before those that look at the score. */
static const struct module *const inbound[] = {
    &mod_grey,
    &mod_grey_header,
    NULL,
};

static const struct module *const outbound[] = {
    &mod_correspondents,
    NULL,
};

static void
chain_init(struct pipeline *p, struct pipeline_chain *chain, const struct conf *conf,
    const struct module *const *table)
{
	for (; *table != NULL; table++) {
		const struct module *m = *table;
		const void *section = settings_of(conf, m->section);

		assert((m->check == NULL) != (m->transform == NULL));
		if (m->active != NULL && !m->active(section))
			continue;
		assert(chain->n < PIPELINE_MODULES_MAX);
		chain->v[chain->n++] = (struct pipeline_step){m, section};
		p->phases |= m->phases;
		p->needs |= m->needs;
	}
}

void
pipeline_init_tables(struct pipeline *p, const struct conf *conf, const struct ports *ports,
    const struct module *const *in, const struct module *const *out)
{
	*p = (struct pipeline){.env = {.ports = ports}};
	p->direction = settings_of(conf, &direction_section);
	chain_init(p, &p->chains[DIRECTION_INBOUND], conf, in);
	chain_init(p, &p->chains[DIRECTION_OUTBOUND], conf, out);
}

void
pipeline_init(struct pipeline *p, const struct conf *conf, const struct ports *ports)
{
	pipeline_init_tables(p, conf, ports, inbound, outbound);
}

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
	const struct module_conf *conf = step->conf;

	txn->on_error = step->module->name;
	if (conf->on_error == ON_ERROR_TEMPFAIL)
		defer_add(findings, step->module->name);
}

/* Something was not kept: no memory, or a client that reached a bound. What is not known cannot be
 * judged, so the client has to come again. */
static void
facts_missing(struct txn *txn, struct findings *findings)
{
	findings->n = 0;
	txn->on_error = "limits";
	defer_add(findings, "limits");
}

static void
check_run(const struct pipeline *p, const struct pipeline_step *step, struct txn *txn,
    struct findings *findings)
{
	const struct module_conf *conf = step->conf;
	size_t before = findings->n;
	struct err err;

	if (step->module->check(&p->env, step->conf, txn, findings, &err) != 0)
		check_failed(step, txn, findings);
	if (conf->shadow)
		findings_shadow(findings, before);
}

struct verdict
pipeline_check(const struct pipeline *p, struct txn *txn, struct findings *findings_r)
{
	const struct pipeline_chain *chain = &p->chains[txn->direction.direction];
	struct verdict verdict;

	findings_r->n = 0;
	findings_r->over = false;
	for (size_t i = 0; i < chain->n; i++) {
		const struct pipeline_step *step = &chain->v[i];

		if (step->module->check != NULL && (step->module->phases & txn->phase) != 0)
			check_run(p, step, txn, findings_r);
	}
	if (findings_r->over || txn->connection.failed || txn->transaction.failed)
		facts_missing(txn, findings_r);
	verdict = decide(findings_r);
	if (txn->phase == PHASE_RCPT)
		txn_answered(txn, findings_r, &verdict);
	else
		txn_message_answered(txn, findings_r, &verdict);
	return verdict;
}

void
pipeline_transform(const struct pipeline *p, struct txn *txn, struct edits *edits_r)
{
	const struct pipeline_chain *chain = &p->chains[txn->direction.direction];
	struct err err;

	edits_r->n = 0;
	for (size_t i = 0; i < chain->n; i++) {
		const struct pipeline_step *step = &chain->v[i];
		size_t before = edits_r->n;

		if (step->module->transform == NULL)
			continue;
		if (step->module->transform(&p->env, step->conf, txn, edits_r, &err) != 0)
			edits_r->n = before;
	}
}
