/*
 * mod_track.c - pixel and links in the HTML parts of what leaves, where the account says so.
 */
#include "io/budget.h"
#include "modules.h"
#include "outbound.h"

/* Who has memory gives it back as soon as the processor let him; a message that waited so long
 * leaves as it is. */
#define MEMORY_WAIT_MS 5000

/* Out of the memory that all sessions share. */
static void
track_within(struct budget *memory, const struct track_facts *facts, struct outbound *out,
    struct edits *edits)
{
	size_t bytes = track_scratch_bytes(out->mime);

	if (memory != NULL && !budget_take(memory, bytes, MEMORY_WAIT_MS))
		return;
	track_make(facts, &out->message, out->mime, edits, &out->body_edits, &out->track);
	if (memory != NULL)
		budget_give(memory, bytes);
}

static int
track_edit(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	struct outbound *out = txn->outbound;
	struct track_facts facts = {.keyring = env->ports->keyring};

	if (out == NULL || !out->tracks)
		return 0;
	out->track.reason = TRACK_NO_ROOM; /* until it is done */
	if (outbound_parts(out, err) == NULL)
		return -1;
	facts.account = out->account;
	facts.what = out_track_of(out->account, &out->fields);
	facts.ids = out->plan.ids;
	facts.presigned = out->presigned != NULL;
	track_within(env->ports->memory, &facts, out, edits);
	if (out->body_edits.n == 0)
		return 0;
	edits->body_edits = &out->body_edits;
	edits->body = out->message.body;
	return 0;
}

const struct module mod_track = {
    .name = "track",
    .section = &outbound_section,
    .phases = PHASE_EOM,
    .needs = NEED_HEADERS | NEED_BODY | NEED_CHANGE_BODY | NEED_CHANGE_HEADER | NEED_INSERT_HEADER,
    .active = outbound_active,
    .transform = track_edit,
};
