/*
 * mod_authres.c - Authentication-Results (RFC 8601): what was found out, in one field on top. Those
 * that pretend to be ours are taken out by mod_forged.c; the writing is in lib/auth/authres.h.
 */
#include "auth/authres_methods.h"
#include "auth/dkim_verify.h"
#include "auth/spf.h"
#include "authres_conf.h"
#include "dmarc_opinion.h"
#include "modules.h"
#include "policy/rdns.h"

#define ID_BYTES 253

static const struct option options[] = {
    OPTION_BOOL(struct authres_conf, enabled, "enabled", "yes",
	"Say in a header field what was found out, and remove what pretends to be it."),
    OPTION_TEXT(struct authres_conf, id, "id", "", 0, ID_BYTES, NULL,
	"Our name in it (authserv-id); empty: the MTA's own host name."),
    OPTION_WORDS(struct authres_conf, ours, "remove", "", AUTHRES_IDS_MAX,
	"More names of ours, whose fields are removed from mail that arrives."),
    OPTION_END,
};

const struct conf_section authres_section = {
    .name = "authentication_results",
    .help = "The header field of RFC 8601.",
    .options = options,
    .size = sizeof(struct authres_conf),
};

static bool
authres_active(const void *conf)
{
	return ((const struct authres_conf *)conf)->enabled;
}

/* --- what was found out --- */

static void
iprev_add(struct authres *w, const struct txn *txn)
{
	const struct rdns *r = txn->facts.rdns;
	const char *result = r == NULL ? NULL : rdns_iprev(r->outcome);

	struct slice more;

	if (result == NULL)
		return;
	more = r->outcome == RDNS_PASS ? rdns_name(r) : slice_of(rdns_outcome_name(r->outcome));
	if (slice_eq(more, slice_of(result)))
		more = slice_of(NULL);
	authres_iprev(w, result, &txn->client, more);
}

static void
spf_add(struct authres *w, const struct txn *txn)
{
	const struct spf_result *r = txn->facts.spf == NULL ? NULL : spf_result(txn->facts.spf);
	char storage[AUTHRES_VALUE_MAX_BYTES];
	struct buf reason = BUF_OVER(storage);

	if (r == NULL)
		return;
	if (r->open)
		buf_add_text(&reason, "the record lets everybody pass");
	else
		buf_add(&reason, r->problem);
	authres_spf(w, spf_code_name(r->code),
	    r->identity == SPF_MAILFROM ? txn->sender.text : slice_of(NULL), txn->helo,
	    reason.n > 0 ? buf_text(&reason) : NULL);
}

static void
dkim_add(struct authres *w, const struct txn *txn)
{
	struct authres_dkim signatures[DKIM_SIGNATURES_MAX];
	const struct dkim_result *results;
	size_t n;

	if (txn->facts.dkim == NULL)
		return;
	results = dkim_verify_results(txn->facts.dkim, &n);
	if (n == 0)
		authres_method(w, "dkim", "none");
	for (size_t i = 0; i < n; i++)
		signatures[i] = (struct authres_dkim){dkim_verdict_name(results[i].verdict),
		    results[i].reason[0] != '\0' ? results[i].reason : NULL, results[i].domain,
		    results[i].selector, results[i].algorithm, results[i].b};
	for (size_t i = 0; i < n; i++)
		authres_dkim(w, signatures, n, i);
}

/* In the words that DMARC has: what is scored is neither held nor refused. */
static enum dmarc_policy
applied_policy(enum dmarc_action action)
{
	switch (action) {
	case DMARC_ACTION_QUARANTINE:
		return DMARC_POLICY_QUARANTINE;
	case DMARC_ACTION_REJECT:
		return DMARC_POLICY_REJECT;
	default:
		return DMARC_POLICY_NONE;
	}
}

/* One result for each author domain: RFC 9989 has each judged by itself. */
static void
dmarc_add(struct authres *w, const struct txn *txn)
{
	const struct dmarc_opinion *o = txn->facts.dmarc;

	if (o == NULL)
		return;
	if (o->dmarc.nauthors == 0) {
		authres_method(w, "dmarc", "permerror");
		authres_reason(w, slice_of("no valid From field"));
	}
	for (size_t i = 0; i < o->dmarc.nauthors; i++) {
		const struct dmarc_author *author = &o->dmarc.authors[i];
		bool decisive = author == dmarc_decisive(&o->dmarc);

		authres_dmarc(w, author,
		    decisive ? applied_policy(dmarc_action_applied(o, txn)) : DMARC_POLICY_NONE,
		    decisive ? o->override : NULL);
	}
}

/* The field with all signatures, or NULL when it does not fit. */
static const char *
authres_value(struct txn *txn, struct slice id, char *storage, bool signatures)
{
	struct authres w;

	authres_begin(&w, storage, AUTHRES_MAX_BYTES, id);
	iprev_add(&w, txn);
	spf_add(&w, txn);
	if (signatures)
		dkim_add(&w, txn);
	dmarc_add(&w, txn);
	authres_greylist(&w, txn->delay_s);
	return authres_end(&w);
}

/* What was found out about a client that nobody judges is nothing. */
static int
authres_add(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	struct slice id = authres_own_id(env->conf, txn);
	char *storage;
	const char *value;

	if (txn->allowed != NULL)
		return 0;
	storage = arena_alloc(&txn->transaction, AUTHRES_MAX_BYTES);
	if (storage == NULL)
		return err_set(err, ERR_NOMEM, "no memory for " AUTHRES_HEADER);
	value = authres_value(txn, id, storage, true);
	if (value == NULL)
		value = authres_value(txn, id, storage, false);
	if (edits_insert_header(edits, 0, AUTHRES_HEADER, value) != 0)
		return err_set(err, ERR_LIMIT, "no room for " AUTHRES_HEADER);
	return 0;
}

const struct module mod_authres = {
    .name = "authres",
    .section = &authres_section,
    .phases = PHASE_EOM,
    .needs = NEED_HEADERS | NEED_INSERT_HEADER,
    .active = authres_active,
    .transform = authres_add,
};
