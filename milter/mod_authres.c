/*
 * mod_authres.c - Authentication-Results (RFC 8601): what was found out, in one field on top; and the
 * fields that pretend to be ours taken out. Writing and recognising are in lib/auth/authres.h.
 */
#include "auth/authres_methods.h"
#include "auth/dkim_verify.h"
#include "auth/spf.h"
#include "dmarc_opinion.h"
#include "modules.h"
#include "policy/rdns.h"

#define FIELD    "Authentication-Results"
#define IDS_MAX  20
#define ID_BYTES 253

struct authres_conf {
	struct module_conf module;
	bool enabled;
	const char *id;
	struct option_words ours;
};

static const struct option options[] = {
    OPTION_BOOL(struct authres_conf, enabled, "enabled", "yes",
	"Say in a header field what was found out, and remove what pretends to be it."),
    OPTION_TEXT(struct authres_conf, id, "id", "", 0, ID_BYTES, NULL,
	"Our name in it (authserv-id); empty: the MTA's own host name."),
    OPTION_WORDS(struct authres_conf, ours, "remove", "", IDS_MAX,
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

static struct slice
own_id(const struct authres_conf *c, const struct txn *txn)
{
	return c->id[0] != '\0' ? slice_of(c->id) : txn->mta;
}

static bool
is_forged(const struct authres_conf *c, const struct txn *txn, struct slice value)
{
	struct slice ids[IDS_MAX + 1];
	size_t n = 0;

	ids[n++] = own_id(c, txn);
	for (size_t i = 0; i < c->ours.n; i++)
		ids[n++] = slice_of(c->ours.v[i]);
	return authres_owner(value, ids, n) != AUTHRES_OTHERS;
}

static void
authres_header(const struct env *env, struct txn *txn, struct slice name, struct slice value)
{
	struct txn_forged *forged = &txn->forged;

	if (txn->allowed != NULL || !slice_eq_nocase(name, slice_of(FIELD)))
		return;
	forged->fields++;
	if (!is_forged(env->conf, txn, value))
		return;
	if (forged->n < TXN_FORGED_MAX)
		forged->at[forged->n++] = forged->fields;
	else
		forged->over = true;
}

/* --- what was found out --- */

static void
iprev_add(struct authres *w, const struct txn *txn)
{
	const struct rdns *r = txn->facts.rdns;
	const char *result = r == NULL ? NULL : rdns_iprev(r->outcome);

	if (result != NULL)
		authres_iprev(w, result, &txn->client,
		    r->outcome == RDNS_PASS ? rdns_name(r)
					    : slice_of(rdns_outcome_name(r->outcome)));
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

static const char *
authres_value(struct txn *txn, struct slice id)
{
	char *storage = arena_alloc(&txn->transaction, AUTHRES_MAX_BYTES);
	struct authres w;

	if (storage == NULL)
		return NULL;
	authres_begin(&w, storage, AUTHRES_MAX_BYTES, id);
	iprev_add(&w, txn);
	spf_add(&w, txn);
	dkim_add(&w, txn);
	dmarc_add(&w, txn);
	authres_greylist(&w, txn->delay_s);
	return authres_end(&w);
}

static int
authres_edit(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	int status = 0;

	if (txn->allowed != NULL)
		return 0;
	/* from the last to the first: an MTA numbers those anew that come after a removed one */
	for (size_t i = txn->forged.n; i > 0 && status == 0; i--)
		status = edits_delete_header(edits, (int)txn->forged.at[i - 1], FIELD);
	if (status == 0)
		status = edits_insert_header(
		    edits, 0, FIELD, authres_value(txn, own_id(env->conf, txn)));
	return status == 0 ? 0 : err_set(err, ERR_LIMIT, "no room for " FIELD);
}

const struct module mod_authres = {
    .name = "authres",
    .section = &authres_section,
    .phases = PHASE_EOM,
    .needs = NEED_HEADERS | NEED_INSERT_HEADER | NEED_CHANGE_HEADER,
    .active = authres_active,
    .header = authres_header,
    .transform = authres_edit,
};

/* More forged fields than can be taken out: nobody has so many by mistake. */
static int
forged_check(
    const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	static const char text[] =
	    "Message not accepted: it has too many Authentication-Results fields of this host";
	struct finding *f;

	(void)env;
	(void)err;
	if (!txn->forged.over)
		return 0;
	f = findings_add(findings, FINDING_BLOCK, mod_forged.name, "forged");
	if (f != NULL) {
		f->xcode = "5.7.1";
		memcpy(f->text, text, sizeof(text));
	}
	return 0;
}

const struct module mod_forged = {
    .name = "forged",
    .section = &authres_section,
    .phases = PHASE_EOM,
    .active = authres_active,
    .check = forged_check,
};
