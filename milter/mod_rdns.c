/*
 * mod_rdns.c - reverse DNS: what each outcome weighs. How it is found out is in lib/policy/rdns.h.
 */
#include "modules.h"
#include "policy/rdns.h"

#define WEIGHT_MAX 1000

struct rdns_conf {
	struct module_conf module;
	bool enabled;
	int64_t mismatch;
	int64_t no_ptr;
	int64_t forward_failed;
	int64_t dynamic;
	bool block;
};

static const char *const on_error_words[] = {"accept", "tempfail", NULL};

#define WEIGHT(member, def, help)                                                                  \
	OPTION_NUMBER(struct rdns_conf, member, #member, def, -WEIGHT_MAX, WEIGHT_MAX, help)

static const struct option options[] = {
    OPTION_BOOL(struct rdns_conf, enabled, "enabled", "yes",
	"Look up the client's host name, and whether that name leads back to the client."),
    WEIGHT(mismatch, "5", "Score of a client whose names lead to other addresses."),
    WEIGHT(no_ptr, "8", "Score of a client without a name."),
    WEIGHT(forward_failed, "10", "Score of a client whose names do not exist."),
    WEIGHT(dynamic, "5",
	"Score of a client whose name is confirmed but looks like a dial-up or cable line's."),
    OPTION_BOOL(struct rdns_conf, block, "block", "no",
	"Refuse clients that have no name at all, whatever the score."),
    OPTION_BOOL(struct rdns_conf, module.shadow, "shadow", "no",
	"Score and refuse nobody, but log and count what would have been."),
    OPTION_ENUM(struct rdns_conf, module.on_error, "on_error", "accept", on_error_words,
	"When DNS gives a temporary error: accept (no score), or tempfail."),
    OPTION_END,
};

const struct conf_section rdns_section = {
    .name = "reverse_dns",
    .help = "The client's host name.",
    .options = options,
    .size = sizeof(struct rdns_conf),
};

static bool
rdns_active(const void *conf)
{
	return ((const struct rdns_conf *)conf)->enabled;
}

static bool
rdns_gather(const struct env *env, struct txn *txn)
{
	(void)env;
	if (txn->facts.rdns == NULL) {
		txn->facts.rdns = arena_alloc(&txn->connection, sizeof(*txn->facts.rdns));
		if (txn->facts.rdns == NULL)
			return true; /* the pipeline sees that the arena failed */
		rdns_init(txn->facts.rdns, &txn->client);
	}
	return rdns_advance(txn->facts.rdns, &txn->lookup);
}

/* What could not be found out is tried again for the next mail of the connection. */
static void
rdns_end(struct txn *txn)
{
	if (txn->facts.rdns != NULL && txn->facts.rdns->outcome == RDNS_TEMPERROR)
		rdns_init(txn->facts.rdns, &txn->client);
}

static int64_t
weight_of(const struct rdns_conf *c, const struct rdns *r)
{
	switch (r->outcome) {
	case RDNS_MISMATCH:
		return c->mismatch;
	case RDNS_NO_PTR:
		return c->no_ptr;
	case RDNS_FORWARD_FAILED:
		return c->forward_failed;
	case RDNS_PASS:
		return r->name->look == RDNS_LOOK_DYNAMIC ? c->dynamic : 0;
	case RDNS_NONE:
	case RDNS_TEMPERROR:
		break;
	}
	return 0;
}

static int
rdns_check(const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	const struct rdns_conf *c = env->conf;
	const struct rdns *r = txn->facts.rdns;
	bool dynamic = r->outcome == RDNS_PASS && r->name->look == RDNS_LOOK_DYNAMIC;
	struct finding *f;

	if (r->outcome == RDNS_TEMPERROR) {
		(void)findings_add(findings, FINDING_NOTE, mod_rdns.name, "temperror");
		return err_set(err, ERR_TIMEOUT, "reverse DNS: temporary error");
	}
	f = findings_add(findings, FINDING_SCORE, mod_rdns.name,
	    dynamic ? "dynamic" : rdns_outcome_name(r->outcome));
	if (f == NULL)
		return 0;
	f->weight = (int)weight_of(c, r);
	f->words = dynamic ? "host name of a dynamic line" : rdns_words(r->outcome);
	f->xcode = "5.7.25";
	if (r->outcome == RDNS_NO_PTR && c->block) {
		struct buf text = BUF_OVER(f->text);

		f->kind = FINDING_BLOCK;
		buf_add_text(&text, "Client host rejected: no reverse DNS name for your address");
		(void)buf_text(&text);
	}
	return 0;
}

const struct module mod_rdns = {
    .name = "rdns",
    .section = &rdns_section,
    .phases = PHASE_RCPT | PHASE_EOM,
    .active = rdns_active,
    .gather = rdns_gather,
    .check = rdns_check,
    .end = rdns_end,
};
