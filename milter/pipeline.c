/*
 * pipeline.c - see pipeline.h.
 */
#include "pipeline.h"

#include "io/dns.h"
#include "modules.h"
#include "record.h"
#include "settings.h"

#include <assert.h>

/* The order of everything. Checks that score come before those that look at the score. */
static const struct module *const inbound[] = {
    &mod_rdns,
    &mod_dnsbl,
    &mod_spf,
    &mod_dkim,
    &mod_dmarc,
    &mod_forged,
    &mod_score,
    &mod_dnsbl_stakes,
    &mod_grey,
    &mod_strip,
    &mod_mark,
    &mod_grey_header,
    &mod_authres,
    NULL,
};

static const struct module *const outbound[] = {
    &mod_correspondents,
    NULL,
};

const struct pipeline_tables pipeline_tables = {inbound, outbound};

static int
step_init(struct pipeline *p, struct pipeline_step *step, const struct conf *conf, struct err *err)
{
	const struct module *m = step->module;

	assert(m->check == NULL || m->transform == NULL);
	step->env = (struct env){p->ports, settings_of(conf, m->section), NULL};
	if (m->prepare == NULL)
		return 0;
	return m->prepare(step->env.conf, &p->prepared, &step->env.prepared, err);
}

static int
chain_init(struct pipeline *p, struct pipeline_chain *chain, const struct module *const *table,
    const struct conf *conf, struct err *err)
{
	for (; *table != NULL; table++) {
		const struct module *m = *table;

		if (m->active != NULL && !m->active(settings_of(conf, m->section)))
			continue;
		assert(chain->n < PIPELINE_MODULES_MAX);
		chain->v[chain->n].module = m;
		if (step_init(p, &chain->v[chain->n++], conf, err) != 0)
			return -1;
		chain->phases |= m->check != NULL ? m->phases : 0;
		chain->needs |= m->needs;
		chain->gathers |= m->gather != NULL;
		chain->judges |= m->gather != NULL && (m->phases & PHASE_EOM) != 0;
	}
	p->phases |= chain->phases;
	p->needs |= chain->needs;
	return 0;
}

int
pipeline_init_tables(struct pipeline *p, const struct pipeline_tables *tables,
    const struct conf *conf, const struct ports *ports, struct err *err)
{
	const struct dns_conf *dns = settings_of(conf, &dns_section);
	const struct verdicts_conf *verdicts = settings_of(conf, &verdicts_section);

	*p = (struct pipeline){
	    .ports = ports, .dns_timeout_ms = dns->timeout_ms, .records_keep = verdicts->keep};
	arena_init(&p->prepared, 4096, PIPELINE_PREPARED_BYTES);
	p->direction = settings_of(conf, &direction_section);
	if (chain_init(p, &p->chains[DIRECTION_INBOUND], tables->inbound, conf, err) != 0)
		return -1;
	return chain_init(p, &p->chains[DIRECTION_OUTBOUND], tables->outbound, conf, err);
}

int
pipeline_init(
    struct pipeline *p, const struct conf *conf, const struct ports *ports, struct err *err)
{
	return pipeline_init_tables(p, &pipeline_tables, conf, ports, err);
}

static void
chain_fini(struct pipeline_chain *chain)
{
	for (size_t i = 0; i < chain->n; i++) {
		const struct module *m = chain->v[i].module;

		if (m->dismiss != NULL && chain->v[i].env.prepared != NULL)
			m->dismiss(chain->v[i].env.prepared);
	}
}

void
pipeline_fini(struct pipeline *p)
{
	chain_fini(&p->chains[DIRECTION_INBOUND]);
	chain_fini(&p->chains[DIRECTION_OUTBOUND]);
	arena_fini(&p->prepared);
}

static const struct env *
env_of(const struct pipeline *p, const struct module *module)
{
	static const struct env none = {NULL, NULL, NULL};
	const struct pipeline_chain *chain = &p->chains[DIRECTION_INBOUND];

	for (size_t i = 0; i < chain->n; i++) {
		if (chain->v[i].module == module)
			return &chain->v[i].env;
	}
	return &none;
}

const void *
pipeline_conf(const struct pipeline *p, const struct module *module)
{
	return env_of(p, module)->conf;
}

const void *
pipeline_prepared(const struct pipeline *p, const struct module *module)
{
	return env_of(p, module)->prepared;
}

static const struct pipeline_chain *
chain_of(const struct pipeline *p, const struct txn *txn)
{
	return &p->chains[txn->direction.direction];
}

/* --- gathering --- */

/* True when every module knows what it wants to know. */
static bool
gather_all(const struct pipeline *p, struct txn *txn)
{
	const struct pipeline_chain *chain = chain_of(p, txn);
	bool finished = true;

	if (!chain->gathers || txn->allowed != NULL)
		return true;
	for (size_t i = 0; i < chain->n; i++) {
		const struct module *m = chain->v[i].module;

		if (m->gather != NULL && txn->phase >= m->gather_from)
			finished &= m->gather(&chain->v[i].env, txn);
	}
	return finished;
}

void
pipeline_gather(const struct pipeline *p, struct txn *txn)
{
	(void)gather_all(p, txn);
}

/* Until all is known, or dns.timeout has passed: of waiting, not of a conversation that takes its
 * time. */
static void
gather_wait(const struct pipeline *p, struct txn *txn)
{
	const struct clock_port *clock = p->ports->clock;

	if (gather_all(p, txn))
		return;
	lookup_extend(&txn->lookup, clock->mono_ms(clock) + p->dns_timeout_ms);
	do
		lookup_wait(&txn->lookup);
	while (!gather_all(p, txn) && !txn->lookup.over);
	(void)gather_all(p, txn); /* what is still open is a temporary error now */
}

/* What was asked for before is forgotten; facts that are finished stay. */
static void
lookup_begin(const struct pipeline *p, struct txn *txn)
{
	const struct clock_port *clock = p->ports->clock;

	lookup_fini(&txn->lookup);
	if (!chain_of(p, txn)->gathers || txn->allowed != NULL)
		return;
	lookup_init(&txn->lookup, p->ports->dns, clock->mono_ms(clock) + p->dns_timeout_ms);
	(void)gather_all(p, txn);
}

/* Why no check judges this client, or NULL. */
static const char *
allowed_reason(const struct pipeline *p, const struct txn *txn)
{
	struct store *store = p->ports->store;

	if (txn_is_local(txn))
		return "local"; /* nobody who could try again */
	if (net_set_has(&p->direction->allow_networks, &txn->client) ||
	    store->has_network(store, STORE_ALLOW_CLIENTS, &txn->client))
		return "allowed_client";
	return NULL;
}

void
pipeline_connect(const struct pipeline *p, struct txn *txn)
{
	struct direction_facts facts = {&txn->client, slice_of(NULL), txn->daemon};

	txn->direction = direction_of(p->direction, &facts);
	txn->allowed = allowed_reason(p, txn);
	lookup_begin(p, txn);
}

void
pipeline_end(const struct pipeline *p, struct txn *txn)
{
	const struct pipeline_chain *chain = chain_of(p, txn);

	for (size_t i = 0; i < chain->n; i++) {
		if (chain->v[i].module->end != NULL)
			chain->v[i].module->end(txn);
	}
	txn_end(txn);
}

void
pipeline_mail(const struct pipeline *p, struct txn *txn, struct slice sender, struct slice login)
{
	const struct clock_port *clock = p->ports->clock;

	pipeline_end(p, txn);
	txn_mail(txn, p->direction, sender, login);
	txn->began_s = clock->now_s(clock);
	/* the address tells apart sessions of one moment, the count transactions of one session */
	if (p->records_keep > 0)
		verdict_code_make(txn->code, txn->began_s * 1000 + clock->mono_ms(clock) % 1000,
		    (unsigned)((uintptr_t)txn >> 6) + txn->transactions);
	if (txn->transactions > 1 || txn->direction.direction == DIRECTION_OUTBOUND)
		lookup_begin(p, txn);
	else
		(void)gather_all(p, txn);
}

void
pipeline_header(const struct pipeline *p, struct txn *txn, struct slice name, struct slice value)
{
	const struct pipeline_chain *chain = chain_of(p, txn);

	txn_header(txn, name, value);
	for (size_t i = 0; i < chain->n; i++) {
		if (chain->v[i].module->header != NULL)
			chain->v[i].module->header(&chain->v[i].env, txn, name, value);
	}
}

void
pipeline_eoh(const struct pipeline *p, struct txn *txn)
{
	/* When nobody waited, since all recipients are exempt, facts may still lean on answers of
	 * before, and those must stay. */
	bool finished = gather_all(p, txn);

	txn->phase = PHASE_EOH;
	if (finished)
		lookup_begin(p, txn);
	else
		(void)gather_all(p, txn);
}

bool
pipeline_body(const struct pipeline *p, struct txn *txn, struct slice bytes)
{
	const struct pipeline_chain *chain = chain_of(p, txn);
	bool more = false;

	for (size_t i = 0; i < chain->n; i++) {
		if (chain->v[i].module->body != NULL)
			more |= chain->v[i].module->body(&chain->v[i].env, txn, bytes);
	}
	return more;
}

/* --- checking --- */

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
	unsigned stat = stat_of_check(STAT_FAMILY_ERROR, step->module->name);

	/* a check that could not tell at RCPT cannot at the end of the message either */
	if (stat < STAT_COUNT &&
	    (txn->phase == PHASE_RCPT || (step->module->phases & PHASE_RCPT) == 0))
		ports->store->count(ports->store, stat, ports->clock->now_s(ports->clock), 1);
	txn_error_note(txn, step->module->name);
	if (conf->on_error == ON_ERROR_TEMPFAIL)
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

/* A message gets one answer in the end. So when some of its recipients want it judged and others
 * do not, those who came later get it in a transaction of their own. */
static void
split_check(const struct pipeline *p, const struct txn *txn, struct findings *findings)
{
	static const char text[] = "Another policy applies to this recipient, please send again";
	size_t others = txn->exempt != NULL ? txn->naccepted - txn->nexempt : txn->nexempt;
	struct finding *f;

	if (!chain_of(p, txn)->judges || others == 0 || decide(findings).answer != ANSWER_CONTINUE)
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
	const struct pipeline_chain *chain = chain_of(p, txn);
	bool judged = is_judged(txn);

	if (judged)
		gather_wait(p, txn);
	if (txn->connection.failed || txn->transaction.failed) {
		facts_missing(txn, findings);
		return;
	}
	for (size_t i = 0; i < chain->n; i++) {
		const struct module *m = chain->v[i].module;

		if (m->check != NULL && (m->phases & txn->phase) != 0 && (judged || m->always))
			check_run(&chain->v[i], txn, findings);
	}
	if (findings->over || txn->connection.failed || txn->transaction.failed)
		facts_missing(txn, findings);
}

/* Whoever is refused is told the code of the decision record, if there is one. */
static void
code_add(const struct txn *txn, struct findings *findings, const struct verdict *verdict)
{
	struct finding *cause;
	struct buf text;

	if (verdict->answer != ANSWER_REJECT || txn->code[0] == '\0')
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
	if (txn->phase == PHASE_RCPT)
		txn->exempt = exempt_reason(p, txn);
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
pipeline_transform(const struct pipeline *p, struct txn *txn, struct edits *edits_r)
{
	const struct pipeline_chain *chain = chain_of(p, txn);
	struct err err;

	edits_r->n = 0;
	gather_wait(p, txn);
	for (size_t i = 0; i < chain->n; i++) {
		const struct pipeline_step *step = &chain->v[i];
		size_t before = edits_r->n;

		if (step->module->transform == NULL)
			continue;
		if (step->module->transform(&step->env, txn, edits_r, &err) != 0) {
			edits_r->n = before;
			txn_error_note(txn, step->module->name);
		}
	}
}
