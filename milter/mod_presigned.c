/*
 * mod_presigned.c - mail that came signed, where the account wants these signatures taken out, so that
 * ours stand for all of it. Where they stay, the other modules leave alone what they cover.
 */
#include "policy/presigned.h"

#include "modules.h"
#include "outbound.h"

/* Fields that steer us do not leave, whatever a signature says of them. */
static bool
steering_is_signed(const struct outbound *out)
{
	static const enum out_name steering[] = {OUT_ACCOUNT, OUT_TRACK, OUT_TAG};

	for (size_t i = 0; i < sizeof(steering) / sizeof(*steering); i++) {
		if (out->fields.count[steering[i]] > 0 &&
		    !presigned_may_remove(out->presigned, out_name_text(steering[i])))
			return true;
	}
	return false;
}

static int
signatures_strip(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	struct outbound *out = txn->outbound;
	int n;

	(void)env;
	if (out == NULL || out->presigned == NULL)
		return 0;
	if (out->account->signed_mail == SIGNED_KEEP || out->account->nkeys == 0) {
		out->presigned_broken = steering_is_signed(out);
		return 0;
	}
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
