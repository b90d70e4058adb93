/*
 * mod_correspondents.c - remembers whom local users write to, so that the answers are not put off.
 */
#include "grey_conf.h"
#include "modules.h"

static bool
correspondents_active(const void *conf)
{
	const struct grey_conf *c = conf;

	return c->mode != GREY_MODE_OFF && c->correspondents_s > 0;
}

static int
correspondents_note(
    const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	const struct grey_conf *c = env->conf;
	struct store *store = env->ports->store;

	(void)findings;
	(void)err;
	if (txn->sender.null || txn->sender.malformed)
		return 0;
	for (const struct txn_rcpt *r = txn->rcpts; r != NULL; r = r->next) {
		if (r->answer == ANSWER_CONTINUE && !r->addr.malformed)
			store->met(store, &txn->sender, &r->addr, c->correspondents_s);
	}
	return 0;
}

const struct module mod_correspondents = {
    .name = "correspondents",
    .section = &grey_section,
    .phases = PHASE_EOM,
    .active = correspondents_active,
    .check = correspondents_note,
};
