/*
 * mod_spf.c - SPF: what each result weighs. The evaluator is in lib/auth/spf.h.
 */
#include "auth/spf.h"
#include "modules.h"

#define WEIGHT_MAX 1000

struct spf_conf {
	struct module_conf module;
	bool enabled;
	bool block;
	int64_t pass;
	int64_t neutral;
	int64_t none;
	int64_t softfail;
	int64_t fail;
	int64_t permerror;
};

static const char *const on_error_words[] = {"accept", "tempfail", NULL};

#define WEIGHT(member, def, help)                                                                  \
	OPTION_NUMBER(struct spf_conf, member, #member, def, -WEIGHT_MAX, WEIGHT_MAX, help)

static const struct option options[] = {
    OPTION_BOOL(struct spf_conf, enabled, "enabled", "yes",
	"Ask the domain of MAIL FROM (of HELO, for the null sender) who may send for it."),
    WEIGHT(fail, "30", "Score of a client that the domain says may not send for it (-all)."),
    WEIGHT(softfail, "10", "Score of a client that probably may not (~all)."),
    WEIGHT(neutral, "0", "Score when the domain does not say (?all)."),
    WEIGHT(none, "0", "Score when there is no record, or one that lets everybody in (+all)."),
    WEIGHT(permerror, "2", "Score when the record is wrong."),
    WEIGHT(pass, "0", "Score of a client that may send; negative: a merit."),
    OPTION_BOOL(struct spf_conf, block, "block", "no", "Refuse at \"fail\", whatever the score."),
    OPTION_BOOL(struct spf_conf, module.shadow, "shadow", "no",
	"Score and refuse nobody, but log and count what would have been."),
    OPTION_ENUM(struct spf_conf, module.on_error, "on_error", "accept", on_error_words,
	"When DNS gives a temporary error: accept (no score), or tempfail."),
    OPTION_END,
};

const struct conf_section spf_section = {
    .name = "spf",
    .help = "Sender Policy Framework, RFC 7208.",
    .options = options,
    .size = sizeof(struct spf_conf),
};

static bool
spf_active(const void *conf)
{
	return ((const struct spf_conf *)conf)->enabled;
}

static bool
spf_gather(const struct env *env, struct txn *txn)
{
	if (txn->facts.spf == NULL) {
		struct spf_request request = {&txn->client, txn->helo, &txn->sender, txn->mta,
		    env->ports->clock->now_s(env->ports->clock)};

		request.helo = arena_copy(&txn->transaction, txn->helo);
		txn->facts.spf = spf_new(&txn->transaction, &request, NULL);
		if (txn->facts.spf == NULL)
			return true; /* the pipeline sees that the arena failed */
	}
	return spf_advance(txn->facts.spf, &txn->lookup);
}

static int64_t
weight_of(const struct spf_conf *c, const struct spf_result *result)
{
	switch (result->code) {
	case SPF_PASS:
		return result->open ? c->none : c->pass;
	case SPF_NEUTRAL:
		return c->neutral;
	case SPF_NONE:
		return c->none;
	case SPF_SOFTFAIL:
		return c->softfail;
	case SPF_FAIL:
		return c->fail;
	case SPF_PERMERROR:
		return c->permerror;
	case SPF_TEMPERROR:
		break;
	}
	return 0;
}

/* The cause in words, for the client; NULL where nothing is wrong. */
static const char *
words_of(const struct spf_result *result)
{
	switch (result->code) {
	case SPF_FAIL:
		return "the sender's SPF record does not allow your address";
	case SPF_SOFTFAIL:
		return "the sender's SPF record does not vouch for your address";
	case SPF_PERMERROR:
		return "the sender's SPF record is wrong";
	default:
		return NULL;
	}
}

static void
block_text(struct finding *f, const struct spf_result *result)
{
	struct buf text = BUF_OVER(f->text);

	buf_add_text(&text, "SPF check failed: ");
	if (result->explanation.n > 0) {
		buf_add(&text, slice_head(result->domain, 100));
		buf_add_text(&text, " explains: ");
		buf_add(&text, result->explanation);
	} else {
		buf_add(&text, slice_head(result->domain, 160));
		buf_add_text(&text, " does not allow your address");
	}
	(void)buf_text(&text);
}

static int
spf_check(const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	const struct spf_conf *c = env->conf;
	const struct spf_result *result = spf_result(txn->facts.spf);
	struct finding *f;

	if (result->code == SPF_TEMPERROR) {
		(void)findings_add(findings, FINDING_NOTE, mod_spf.name, "temperror");
		return err_set(err, ERR_TIMEOUT, "SPF: temporary error");
	}
	f = findings_add(findings, FINDING_SCORE, mod_spf.name,
	    result->open ? "open" : spf_code_name(result->code));
	if (f == NULL)
		return 0;
	f->weight = (int)weight_of(c, result);
	f->words = words_of(result);
	f->xcode = result->code == SPF_PERMERROR ? "5.7.24" : "5.7.23";
	if (result->code == SPF_FAIL && c->block) {
		f->kind = FINDING_BLOCK;
		block_text(f, result);
	}
	return 0;
}

const struct module mod_spf = {
    .name = "spf",
    .section = &spf_section,
    .phases = PHASE_RCPT | PHASE_EOM,
    .gather_from = PHASE_MAIL,
    .active = spf_active,
    .gather = spf_gather,
    .check = spf_check,
};
