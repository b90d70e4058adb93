/*
 * mod_dkim.c - DKIM signatures of mail that arrives: bounds, and what the outcome weighs. The
 * verifying is in lib/auth/dkim_verify.h.
 */
#include "auth/dkim_verify.h"
#include "modules.h"

#define WEIGHT_MAX 1000

struct dkim_conf {
	struct module_conf module;
	bool enabled;
	int64_t signatures;
	int64_t header_bytes;
	int64_t key_bits;
	bool body_length;
	int64_t pass;
	int64_t fail;
	int64_t none;
};

static const char *const on_error_words[] = {"accept", "tempfail", NULL};

#define WEIGHT(member, def, help)                                                                  \
	OPTION_NUMBER(struct dkim_conf, member, #member, def, -WEIGHT_MAX, WEIGHT_MAX, help)

static const struct option options[] = {
    OPTION_BOOL(
	struct dkim_conf, enabled, "enabled", "yes", "Verify the DKIM signatures of a message."),
    OPTION_NUMBER(struct dkim_conf, signatures, "signatures", "8", 1, DKIM_SIGNATURES_MAX,
	"So many signatures of one message are verified; each may cost a DNS question."),
    OPTION_BYTES(struct dkim_conf, header_bytes, "header_bytes", "256k", 16384, 4194304,
	"Of a message whose header is longer than this no signature is looked at."),
    OPTION_NUMBER(struct dkim_conf, key_bits, "key_bits", "1024", 1024, 8192,
	"RSA keys with fewer bits do not count."),
    OPTION_BOOL(struct dkim_conf, body_length, "body_length", "no",
	"Believe signatures that cover the beginning of the body only (l=): anybody may add to "
	"it."),
    WEIGHT(pass, "0", "Score of a message with a signature that holds; negative: a merit."),
    WEIGHT(fail, "0", "Score of a message whose signatures do not hold: it may have been edited."),
    WEIGHT(none, "0", "Score of a message without a signature."),
    OPTION_BOOL(struct dkim_conf, module.shadow, "shadow", "no",
	"Score nobody, but log and count what would have been."),
    OPTION_ENUM(struct dkim_conf, module.on_error, "on_error", "accept", on_error_words,
	"When no signature holds and a key could not be fetched: accept (no score), or tempfail."),
    OPTION_END,
};

const struct conf_section dkim_section = {
    .name = "dkim",
    .help = "Signatures of arriving mail, RFC 6376.",
    .options = options,
    .size = sizeof(struct dkim_conf),
};

static bool
dkim_active(const void *conf)
{
	return ((const struct dkim_conf *)conf)->enabled;
}

static int
dkim_prepare(const void *conf, struct arena *a, const void **prepared_r, struct err *err)
{
	const struct dkim_conf *c = conf;
	struct dkim_limits limits = dkim_limits_default();

	(void)a;
	limits.max_signatures = (size_t)c->signatures;
	limits.max_header_bytes = (size_t)c->header_bytes;
	limits.min_rsa_bits = (unsigned)c->key_bits;
	limits.honour_length = c->body_length;
	*prepared_r = dkim_verifier_new(&limits);
	return *prepared_r != NULL ? 0 : err_set(err, ERR_NOMEM, "no memory for libopendkim");
}

static void
dkim_dismiss(const void *prepared)
{
	dkim_verifier_free((struct dkim_verifier *)prepared);
}

static void
dkim_header(const struct env *env, struct txn *txn, struct slice name, struct slice value)
{
	if (txn->allowed != NULL)
		return;
	if (txn->facts.dkim == NULL)
		txn->facts.dkim = dkim_verify_new(env->prepared, &txn->transaction);
	if (txn->facts.dkim == NULL)
		txn->transaction.failed = true; /* not looked at is not the same as unsigned */
	else
		dkim_verify_header(txn->facts.dkim, name, value);
}

static bool
dkim_body(const struct env *env, struct txn *txn, struct slice bytes)
{
	(void)env;
	if (txn->facts.dkim == NULL || !dkim_verify_wants_body(txn->facts.dkim))
		return false;
	dkim_verify_body(txn->facts.dkim, bytes);
	return true;
}

/* The end of the header comes once; from there on the keys are asked for. */
static bool
dkim_gather(const struct env *env, struct txn *txn)
{
	(void)env;
	if (txn->facts.dkim == NULL)
		return true;
	if (txn->phase == PHASE_EOM)
		return dkim_verify_advance(txn->facts.dkim, &txn->lookup);
	dkim_verify_eoh(txn->facts.dkim);
	return dkim_verify_ask(txn->facts.dkim, &txn->lookup);
}

static void
dkim_end(struct txn *txn)
{
	dkim_verify_free(txn->facts.dkim);
	txn->facts.dkim = NULL;
}

/* The best of the results: who sends with three signatures needs one that holds. */
static const struct dkim_result *
best_of(const struct dkim_result *results, size_t n)
{
	const struct dkim_result *best = NULL;

	for (size_t i = 0; i < n; i++) {
		if (results[i].verdict == DKIM_VERDICT_PASS)
			return &results[i];
		if (best == NULL || results[i].verdict == DKIM_VERDICT_TEMPERROR)
			best = &results[i];
	}
	return best;
}

static int
dkim_check(const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	const struct dkim_conf *c = env->conf;
	size_t n = 0;
	const struct dkim_result *results = txn->facts.dkim != NULL
						? dkim_verify_results(txn->facts.dkim, &n)
						: NULL;
	const struct dkim_result *best = best_of(results, n);
	struct finding *f;

	if (best != NULL && best->verdict == DKIM_VERDICT_TEMPERROR) {
		(void)findings_add(findings, FINDING_NOTE, mod_dkim.name, "temperror");
		return err_set(err, ERR_TIMEOUT, "DKIM: a key could not be fetched");
	}
	f = findings_add(findings, FINDING_SCORE, mod_dkim.name,
	    best == NULL ? "none" : dkim_verdict_name(best->verdict));
	if (f == NULL)
		return 0;
	f->xcode = "5.7.20";
	if (best == NULL) {
		f->weight = (int)c->none;
		f->words = "no DKIM signature";
	} else if (best->verdict == DKIM_VERDICT_PASS) {
		f->weight = (int)c->pass;
	} else {
		f->weight = (int)c->fail;
		f->words = "no valid DKIM signature";
	}
	return 0;
}

const struct module mod_dkim = {
    .name = "dkim",
    .section = &dkim_section,
    .phases = PHASE_EOM,
    .needs = NEED_HEADERS | NEED_BODY,
    .gather_from = PHASE_EOH,
    .active = dkim_active,
    .prepare = dkim_prepare,
    .dismiss = dkim_dismiss,
    .header = dkim_header,
    .body = dkim_body,
    .gather = dkim_gather,
    .check = dkim_check,
    .end = dkim_end,
};
