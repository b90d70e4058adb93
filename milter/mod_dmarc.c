/*
 * mod_dmarc.c - DMARC: what becomes of mail that its own domain disowns. The evaluation is in
 * lib/auth/dmarc.h; here are the local policy over it, and its exceptions.
 */
#include "auth/dkim_verify.h"
#include "dmarc_opinion.h"
#include "mail/mailbox.h"
#include "modules.h"

#define WEIGHT_MAX 1000
#define LIST_MAX   10000

struct dmarc_conf {
	struct module_conf module;
	bool enabled;
	int on_reject;     /* enum dmarc_action: when the domain asks for reject … */
	int on_quarantine; /* … for quarantine */
	int64_t score;
	int64_t malformed;
	bool lists;
	struct option_words forwarders;
	struct address_set accept;
	struct address_set enforce;
};

static const char *const on_error_words[] = {"accept", "tempfail", NULL};
static const char *const action_words[] = {"none", "score", "quarantine", "reject", NULL};

static const struct option options[] = {
    OPTION_BOOL(struct dmarc_conf, enabled, "enabled", "yes",
	"Ask the domain in From what to do with mail that is not from it."),
    OPTION_ENUM(struct dmarc_conf, on_reject, "on_reject", "reject", action_words,
	"What is done when it asks for reject: none, score, quarantine, reject."),
    OPTION_ENUM(struct dmarc_conf, on_quarantine, "on_quarantine", "score", action_words,
	"What is done when it asks for quarantine."),
    OPTION_NUMBER(struct dmarc_conf, score, "score", "20", 0, WEIGHT_MAX,
	"What \"score\" adds to the score."),
    OPTION_NUMBER(struct dmarc_conf, malformed, "malformed", "10", 0, WEIGHT_MAX,
	"Score of a message whose From is missing, or not what RFC 5322 allows."),
    OPTION_BOOL(struct dmarc_conf, lists, "lists", "yes",
	"Mail of mailing lists (List-Id, and SPF passes) is scored instead of refused: lists break "
	"signatures."),
    OPTION_WORDS(struct dmarc_conf, forwarders, "forwarders", "", DMARC_FORWARDERS_MAX,
	"Trusted forwarders: clients that the SPF record of one of these domains allows are "
	"exempt."),
    OPTION_ADDRESSES(struct dmarc_conf, accept, "accept", "", LIST_MAX,
	"Domains in From whose wish is ignored: their mail is accepted."),
    OPTION_ADDRESSES(struct dmarc_conf, enforce, "enforce", "", LIST_MAX,
	"Domains in From whose mail is refused when it fails, whatever they publish: your own."),
    OPTION_BOOL(struct dmarc_conf, module.shadow, "shadow", "no",
	"Do nothing, but log and count what would have been."),
    OPTION_ENUM(struct dmarc_conf, module.on_error, "on_error", "accept", on_error_words,
	"When DNS gives a temporary error: accept, or tempfail."),
    OPTION_END,
};

const struct conf_section dmarc_section = {
    .name = "dmarc",
    .help = "Mail that its own domain disowns, RFC 9989.",
    .options = options,
    .size = sizeof(struct dmarc_conf),
};

const char *
dmarc_action_name(enum dmarc_action action)
{
	return action_words[action];
}

enum dmarc_action
dmarc_action_applied(const struct dmarc_opinion *o, const struct txn *txn)
{
	bool judged = txn->naccepted > txn->nexempt; /* for somebody who wants it */

	return o->shadow || !judged ? DMARC_ACTION_NONE : o->action;
}

static bool
dmarc_active(const void *conf)
{
	return ((const struct dmarc_conf *)conf)->enabled;
}

/* The author domains of every From field. */
static void
authors_add(struct dmarc_opinion *o, const struct txn *txn)
{
	const struct txn_field *field = NULL;
	size_t fields = 0;

	while ((field = txn_field_next(txn, field, "From")) != NULL) {
		struct mailboxes it;
		struct mailbox mailbox;

		mailbox_begin(&it, field->value);
		while (mailbox_next(&it, &mailbox))
			dmarc_add_author(&o->dmarc, mailbox.domain);
		o->malformed |= it.malformed;
		o->excessive |= it.n == MAILBOXES_MAX && it.malformed;
		fields++;
	}
	o->malformed |= fields != 1 || o->dmarc.nauthors == 0;
	o->excessive |= o->dmarc.nauthors > DMARC_AUTHORS_MAX || txn->from_over;
}

static struct dmarc_identity
spf_identity(const struct txn *txn)
{
	const struct spf_result *spf = txn->facts.spf == NULL ? NULL : spf_result(txn->facts.spf);

	if (spf == NULL)
		return (struct dmarc_identity){.result = NULL};
	return (struct dmarc_identity){spf->domain, spf_code_name(spf->code)};
}

static struct dmarc_opinion *
opinion_new(struct txn *txn)
{
	struct dmarc_opinion *o = arena_alloc(&txn->transaction, sizeof(*o));

	if (o == NULL)
		return NULL;
	dmarc_init(&o->dmarc, spf_identity(txn), NULL, 0);
	authors_add(o, txn);
	return o;
}

/* Once the signatures are known. */
static int
signatures_add(struct dmarc_opinion *o, struct txn *txn)
{
	size_t n = 0;
	const struct dkim_result *results = txn->facts.dkim == NULL
						? NULL
						: dkim_verify_results(txn->facts.dkim, &n);
	struct dmarc_identity *ids;

	if (o->dmarc.dkim != NULL || n == 0)
		return 0;
	ids = arena_alloc(&txn->transaction, n * sizeof(*ids));
	if (ids == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		ids[i] = (struct dmarc_identity){
		    results[i].domain, dkim_verdict_name(results[i].verdict)};
	o->dmarc.dkim = ids;
	o->dmarc.ndkim = n;
	return 0;
}

static bool
set_has_domain(const struct address_set *set, const char *domain)
{
	struct address author = {.domain = slice_of(domain)};

	return address_set_has(set, &author);
}

enum trust {
	TRUST_NO,
	TRUST_YES,
	TRUST_UNKNOWN, /* a temporary error, and nobody else vouches */
};

/* Does one of the trusted forwarders vouch for the client? True when all is known. */
static bool
forwarder_advance(
    const struct env *env, struct txn *txn, struct dmarc_opinion *o, enum trust *trust_r)
{
	const struct dmarc_conf *c = env->conf;
	bool finished = true;

	*trust_r = TRUST_NO;
	for (size_t i = 0; i < c->forwarders.n; i++) {
		/* as if it had sent a bounce with that name as HELO */
		struct spf_request request = {&txn->client, slice_of(c->forwarders.v[i]), NULL,
		    txn->mta, env->ports->clock->now_s(env->ports->clock)};

		if (o->forwarders[i] == NULL)
			o->forwarders[i] = spf_new(&txn->transaction, &request, NULL);
		if (o->forwarders[i] == NULL)
			return true;
		finished &= spf_advance(o->forwarders[i], &txn->lookup);
	}
	for (size_t i = 0; finished && i < c->forwarders.n; i++) {
		const struct spf_result *result = spf_result(o->forwarders[i]);

		if (result->code == SPF_PASS && !result->open)
			*trust_r = TRUST_YES;
		else if (result->code == SPF_TEMPERROR && *trust_r == TRUST_NO)
			*trust_r = TRUST_UNKNOWN;
	}
	return finished;
}

static bool
is_list_mail(const struct txn *txn)
{
	const struct spf_result *spf = txn->facts.spf == NULL ? NULL : spf_result(txn->facts.spf);

	return txn_field_next(txn, NULL, "List-Id") != NULL && spf != NULL &&
	       spf->code == SPF_PASS && !spf->open;
}

/* What the domain asks for, in the words of our options. */
static enum dmarc_action
action_wished(const struct dmarc_conf *c, const struct dmarc_author *author)
{
	switch (author->disposition) {
	case DMARC_POLICY_REJECT:
		return (enum dmarc_action)c->on_reject;
	case DMARC_POLICY_QUARANTINE:
		return (enum dmarc_action)c->on_quarantine;
	default:
		return DMARC_ACTION_NONE;
	}
}

/* The exceptions, the strongest first. True when it is settled. */
static bool
opinion_judge(const struct env *env, struct txn *txn, struct dmarc_opinion *o)
{
	const struct dmarc_conf *c = env->conf;
	const struct dmarc_author *author = dmarc_decisive(&o->dmarc);
	enum trust trust;

	if (author == NULL || author->result != DMARC_FAIL)
		return true;
	if (set_has_domain(&c->accept, author->name)) {
		o->override = author->disposition == DMARC_POLICY_NONE ? NULL : "local_policy";
		return true;
	}
	if (set_has_domain(&c->enforce, author->name)) {
		o->action = DMARC_ACTION_REJECT;
		o->override = author->disposition == DMARC_POLICY_REJECT ? NULL : "local_policy";
		return true;
	}
	o->action = action_wished(c, author);
	if (o->action == DMARC_ACTION_NONE)
		return true;
	if (!forwarder_advance(env, txn, o, &trust))
		return false;
	o->unsettled = trust == TRUST_UNKNOWN;
	if (o->unsettled) {
		o->action = DMARC_ACTION_NONE; /* on_error decides */
	} else if (trust == TRUST_YES) {
		o->action = DMARC_ACTION_NONE;
		o->override = "trusted_forwarder";
	} else if (c->lists && o->action > DMARC_ACTION_SCORE && is_list_mail(txn)) {
		o->action = DMARC_ACTION_SCORE;
		o->override = "mailing_list";
	} else if (o->action != (author->disposition == DMARC_POLICY_REJECT
					? DMARC_ACTION_REJECT
					: DMARC_ACTION_QUARANTINE)) {
		o->override = "local_policy";
	}
	return true;
}

static bool
dmarc_gather(const struct env *env, struct txn *txn)
{
	struct dmarc_opinion *o = txn->facts.dmarc;

	if (o == NULL) {
		o = txn->facts.dmarc = opinion_new(txn);
		if (o == NULL)
			return true; /* the pipeline sees that the arena failed */
		o->shadow = ((const struct dmarc_conf *)env->conf)->module.shadow;
	}
	if (o->judged)
		return true;
	if (txn->phase != PHASE_EOM ||
	    (txn->facts.dkim != NULL && !dkim_verify_finished(txn->facts.dkim))) {
		dmarc_ask(&o->dmarc, &txn->lookup);
		return false;
	}
	if (signatures_add(o, txn) != 0)
		return true;
	if (!dmarc_advance(&o->dmarc, &txn->lookup))
		return false;
	o->judged = opinion_judge(env, txn, o);
	return o->judged;
}

static void
text_of(struct finding *f, const char *before, const char *domain, const char *after)
{
	struct buf text = BUF_OVER(f->text);

	buf_add_text(&text, before);
	buf_add(&text, slice_head(slice_of(domain), 120));
	buf_add_text(&text, after);
	(void)buf_text(&text);
}

static void
author_find(struct findings *findings, const struct dmarc_conf *c, const struct dmarc_opinion *o,
    const struct dmarc_author *author)
{
	struct finding *f = findings_add(
	    findings, FINDING_SCORE, mod_dmarc.name, dmarc_result_name(author->result));

	if (f == NULL)
		return;
	f->xcode = "5.7.26";
	if (o->action == DMARC_ACTION_SCORE) {
		f->weight = (int)c->score;
		text_of(f, "not from ", author->name, ", as its DMARC policy says");
	} else if (o->action == DMARC_ACTION_QUARANTINE) {
		f->kind = FINDING_QUARANTINE;
		text_of(f, "the DMARC policy of ", author->name, " asks for quarantine");
	} else if (o->action == DMARC_ACTION_REJECT) {
		f->kind = FINDING_BLOCK;
		text_of(f, "Message not accepted: the DMARC policy of ", author->name,
		    " refuses mail that neither SPF nor DKIM ties to it");
	}
}

static void
excessive_find(struct findings *findings)
{
	struct finding *f = findings_add(findings, FINDING_BLOCK, mod_dmarc.name, "excessive");

	if (f == NULL)
		return;
	f->xcode = "5.7.1";
	text_of(f, "Message not accepted: more authors in From than can be judged", "", "");
}

static int
dmarc_check(
    const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	const struct dmarc_conf *c = env->conf;
	const struct dmarc_opinion *o = txn->facts.dmarc;
	const struct dmarc_author *author = dmarc_decisive(&o->dmarc);
	struct finding *f;

	if (o->malformed || (author != NULL && author->result == DMARC_PERMERROR)) {
		f = findings_add(findings, FINDING_SCORE, mod_dmarc.name, "malformed");
		if (f != NULL) {
			f->weight = (int)c->malformed;
			text_of(f, "no valid From field", "", "");
		}
	}
	if (author != NULL && author->result != DMARC_TEMPERROR && !o->unsettled)
		author_find(findings, c, o, author);
	if (o->excessive)
		excessive_find(findings); /* behind what the domain of an author says */
	if (o->unsettled || (author != NULL && author->result == DMARC_TEMPERROR)) {
		(void)findings_add(findings, FINDING_NOTE, mod_dmarc.name, "temperror");
		return err_set(err, ERR_TIMEOUT, "DMARC: temporary error");
	}
	return 0;
}

const struct module mod_dmarc = {
    .name = "dmarc",
    .section = &dmarc_section,
    .phases = PHASE_EOM,
    .needs = NEED_HEADERS | NEED_QUARANTINE,
    .gather_from = PHASE_EOH,
    .active = dmarc_active,
    .gather = dmarc_gather,
    .check = dmarc_check,
};
