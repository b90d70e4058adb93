/*
 * mod_presigned.c - mail that came signed, where the account wants these signatures taken out, so that
 * ours stand for all of it. Where they stay, the other modules leave alone what they cover.
 */
#include "policy/presigned.h"

#include "modules.h"
#include "outbound.h"
#include "sign_keys.h"

static int
signatures_strip(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	struct outbound *out = txn->outbound;
	int n;

	if (out == NULL || out->presigned == NULL)
		return 0;
	if (out->account->signed_mail == SIGNED_KEEP || !sign_keys_any(env, out->account)) {
		outbound_signatures_keep(out);
		return 0;
	}
	out->edits_unstripped = edits->n;
	n = presigned_strip(out->presigned, edits);
	if (n < 0)
		return err_set(err, ERR_LIMIT, "no room to take signatures out");
	out->stripped = (size_t)n;
	out->presigned = NULL;
	return 0;
}

const struct module mod_presigned = {
    .name = "presigned",
    .section = &outbound_section,
    .phases = PHASE_EOH,
    .needs = NEED_HEADERS | NEED_CHANGE_HEADER,
    .active = outbound_active,
    .transform = signatures_strip,
};
