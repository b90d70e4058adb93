/*
 * mod_headers.c - Sender, List-Unsubscribe, Feedback-ID and the id field, as the account wants them.
 */
#include "modules.h"
#include "outbound.h"

/* More of them are no mistake. */
#define IDS_MAX 60

static unsigned
ids_count(const struct outbound *out)
{
	unsigned n = 0;

	for (size_t i = 0; i < out->message.n; i++)
		n += slice_eq_nocase(out->message.v[i].name, slice_of(out->account->id_header));
	return n;
}

static int
headers_add(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	struct outbound *out = txn->outbound;
	const struct account *account = outbound_editor(txn);
	struct out_facts facts = {.account = account,
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
	facts.nids = ids_count(out);
	facts.presigned = out->presigned;
	out->steer_failed |= facts.nids > IDS_MAX;
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
