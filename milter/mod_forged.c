/*
 * mod_forged.c - header fields that pretend to be ours: taken out of what arrives, whoever it is for,
 * and from whatever network it comes but our own host's.
 */
#include "auth/authres.h"
#include "authres_conf.h"
#include "modules.h"

static bool
is_forged(const struct authres_conf *c, const struct txn *txn, struct slice value)
{
	struct slice ids[AUTHRES_IDS_MAX + 1];
	size_t n = 0;

	ids[n++] = authres_own_id(c, txn);
	for (size_t i = 0; i < c->ours.n; i++)
		ids[n++] = slice_of(c->ours.v[i]);
	return authres_owner(value, ids, n) != AUTHRES_OTHERS;
}

static void
forged_note(struct txn_forged *forged)
{
	if (forged->n < TXN_FORGED_MAX)
		forged->at[forged->n++] = forged->fields;
	else
		forged->over = true;
}

static void
forged_header(const struct env *env, struct txn *txn, struct slice name, struct slice value)
{
	const struct authres_conf *c = env->conf;

	if (txn_is_local(txn))
		return;
	if (slice_eq_nocase(name, slice_of(SCORE_HEADER))) {
		txn->forged_score.fields++;
		forged_note(&txn->forged_score);
	} else if (c->enabled && slice_eq_nocase(name, slice_of(AUTHRES_HEADER))) {
		txn->forged_authres.fields++;
		if (is_forged(c, txn, value))
			forged_note(&txn->forged_authres);
	}
}

/* More than can be taken out: nobody has so many by mistake. */
static int
forged_check(
    const struct env *env, const struct txn *txn, struct findings *findings, struct err *err)
{
	static const char text[] =
	    "Message not accepted: too many header fields in the name of this host";
	struct finding *f;

	(void)env;
	(void)err;
	if (!txn->forged_authres.over && !txn->forged_score.over)
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
    .always = true,
    .needs = NEED_HEADERS,
    .header = forged_header,
    .check = forged_check,
};

/* From the last to the first: an MTA numbers those anew that come after a removed one. */
static int
fields_delete(struct edits *edits, const struct txn_forged *forged, const char *name)
{
	for (size_t i = forged->n; i > 0; i--) {
		if (edits_delete_header(edits, (int)forged->at[i - 1], name) != 0)
			return -1;
	}
	return 0;
}

static int
forged_delete(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	(void)env;
	if (fields_delete(edits, &txn->forged_authres, AUTHRES_HEADER) != 0 ||
	    fields_delete(edits, &txn->forged_score, SCORE_HEADER) != 0)
		return err_set(err, ERR_LIMIT, "no room to take forged fields out");
	return 0;
}

/* The first of the transforms, so that it always has room. */
const struct module mod_strip = {
    .name = "strip",
    .section = &authres_section,
    .phases = PHASE_EOM,
    .needs = NEED_HEADERS | NEED_CHANGE_HEADER,
    .transform = forged_delete,
};
