/*
 * mod_headers.c - Sender, List-Unsubscribe, Feedback-ID and the id field, as the account wants them.
 */
#include "modules.h"
#include "outbound.h"

static int
headers_add(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	struct outbound *out = txn->outbound;
	const struct account *account = outbound_account(txn);
	const struct out_facts facts = {.account = account,
	    .keyring = env->ports->keyring,
	    .plan = out == NULL ? NULL : &out->plan,
	    .fields = out == NULL ? NULL : &out->fields,
	    .from = out == NULL ? NULL : out->from,
	    .nfrom = out == NULL ? 0 : out->nfrom,
	    .sender = &txn->sender,
	    .rcpt = out == NULL ? NULL : outbound_only_rcpt(txn),
	    .lane = slice_of(out != NULL && out->settled ? out->lane.name : "")};

	if (account == NULL)
		return 0;
	if (!out->has_plan) {
		out->headers_skipped = "no-keyring";
		return 0;
	}
	if (out_headers_add(&facts, edits, &out->arena, &out->done) == 0)
		return 0;
	out->headers_skipped = "no-room";
	return err_set(err, ERR_LIMIT, "no room for header fields");
}

const struct module mod_headers = {
    .name = "headers",
    .section = &outbound_section,
    .phases = PHASE_EOH,
    .needs = NEED_HEADERS | NEED_INSERT_HEADER | NEED_CHANGE_HEADER,
    .active = outbound_active,
    .transform = headers_add,
};
