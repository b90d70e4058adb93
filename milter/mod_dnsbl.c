/*
 * mod_dnsbl.c - DNS lists: who is asked about what, and when. The options, and what the lists said
 * as findings, are in dnsbl_conf.h; the asking itself is in lib/policy/dnsbl.h.
 */
#include "dnsbl_conf.h"
#include "modules.h"
#include "policy/rdns.h"

static bool
client_gather(const struct env *env, struct txn *txn)
{
	struct dnsbl_check *check = txn->facts.dnsbl_client;

	if (check == NULL) {
		check = dnsbl_check_new(
		    &txn->connection, env->prepared, env->ports->dnsbl, DNSBL_CLIENT);
		if (check == NULL)
			return true; /* the pipeline sees that the arena failed */
		check->client = txn->client;
		txn->facts.dnsbl_client = check;
	}
	return dnsbl_advance(check, &txn->lookup);
}

static bool
names_gather(const struct env *env, struct txn *txn)
{
	struct dnsbl_check *check = txn->facts.dnsbl_names;
	const struct rdns *rdns = txn->facts.rdns;

	if (check == NULL) {
		check = dnsbl_check_new(
		    &txn->transaction, env->prepared, env->ports->dnsbl, DNSBL_NAMES);
		if (check == NULL)
			return true;
		check->client = txn->client;
		check->names[DNSBL_NAME_HELO] = txn->helo;
		check->names[DNSBL_NAME_SENDER] = txn->sender.domain;
		txn->facts.dnsbl_names = check;
	}
	if (!check->names_known && (rdns == NULL || rdns->outcome != RDNS_NONE)) {
		check->names_known = true;
		if (rdns != NULL)
			check->names[DNSBL_NAME_RDNS] = rdns_name(rdns);
	}
	return dnsbl_advance(check, &txn->lookup);
}

static bool
dnsbl_gather(const struct env *env, struct txn *txn)
{
	bool finished = client_gather(env, txn);

	return txn->phase >= PHASE_MAIL ? names_gather(env, txn) && finished : finished;
}

/* What could not be found out is tried again for the next mail of the connection. */
static void
dnsbl_end(struct txn *txn)
{
	if (txn->facts.dnsbl_client != NULL)
		dnsbl_retry(txn->facts.dnsbl_client);
}

static int
dnsbl_check(
    const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	(void)err;
	dnsbl_findings(env->conf, txn->facts.dnsbl_client, txn->facts.dnsbl_names, findings);
	return 0;
}

const struct module mod_dnsbl = {
    .name = "dnsbl",
    .section = &dnsbl_section,
    .phases = PHASE_RCPT | PHASE_EOM,
    .active = dnsbl_active,
    .prepare = dnsbl_prepare,
    .gather = dnsbl_gather,
    .check = dnsbl_check,
    .end = dnsbl_end,
};

/* Behind the score: which of the lists made the difference? */
static int
stakes_check(
    const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	const struct dnsbl_conf *c = env->conf;
	struct dnsbl_check *checks[] = {txn->facts.dnsbl_client, txn->facts.dnsbl_names};
	struct dnsbl_stakes stakes = {.floor = (int)c->allow_floor};

	(void)err;
	if (c->module.shadow)
		return 0;
	stakes.others = findings_score(findings) -
			dnsbl_score((const struct dnsbl_check *const *)checks, 2, stakes.floor);
	stakes.refuse_at = findings->refuse_at;
	dnsbl_decided(checks, 2, &stakes);
	return 0;
}

const struct module mod_dnsbl_stakes = {
    .name = "dnsbl_stakes",
    .section = &dnsbl_section,
    .phases = PHASE_RCPT,
    .active = dnsbl_active,
    .check = stakes_check,
};
