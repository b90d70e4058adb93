/*
 * pipeline.c - see pipeline.h: the order of the modules, and what is made of them once.
 */
#include "pipeline.h"

#include "io/dns.h"
#include "modules.h"
#include "outbound_conf.h"
#include "record.h"
#include "settings.h"

#include <assert.h>

/* The order of everything. Who is claimed comes first; checks that score come before those that look
 * at the score; what comes back is recorded when nobody refuses it. */
static const struct module *const inbound[] = {
    &mod_returns,
    &mod_backscatter,
    &mod_rdns,
    &mod_dnsbl,
    &mod_spf,
    &mod_dkim,
    &mod_dmarc,
    &mod_forged,
    &mod_score,
    &mod_dnsbl_stakes,
    &mod_grey,
    &mod_returns_record,
    &mod_strip,
    &mod_mark,
    &mod_grey_header,
    &mod_authres,
    NULL,
};

/* Who must wait anyway is not counted in the limits; the signatures come last. */
static const struct module *const outbound[] = {
    &mod_returns,
    &mod_account,
    &mod_split,
    &mod_send,
    &mod_correspondents,
    &mod_returns_record,
    &mod_steer,
    &mod_presigned,
    &mod_verp,
    &mod_headers,
    &mod_fold,
    &mod_sign_begin,
    &mod_sign_late,
    &mod_track,
    &mod_sevenbit,
    &mod_sign,
    NULL,
};

const struct pipeline_tables pipeline_tables = {inbound, outbound};

static int
step_init(struct pipeline *p, struct pipeline_step *step, const struct conf *conf, struct err *err)
{
	const struct module *m = step->module;

	assert(m->check == NULL || m->transform == NULL);
	step->env = (struct env){p->ports, settings_of(conf, m->section), NULL, p->outbound};
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
	p->outbound = settings_of(conf, &outbound_section);
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
	static const struct env none = {.conf = NULL};
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
