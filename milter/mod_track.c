/*
 * mod_track.c - pixel and links in the HTML parts of what leaves, where the account says so.
 */
#include "modules.h"
#include "outbound.h"

static int
track_edit(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	struct outbound *out = txn->outbound;
	struct track_facts facts = {.keyring = env->ports->keyring};
	const struct mime *mime;

	if (out == NULL || !out->tracks)
		return 0;
	out->track.reason = TRACK_NO_ROOM; /* until it is done */
	mime = outbound_parts(out, err);
	if (mime == NULL)
		return -1;
	facts.account = out->account;
	facts.what = out_track_of(out->account, &out->fields);
	facts.ids = out->plan.ids;
	if (track_make(&facts, &out->message, mime, edits, &out->body_edits, &out->track) != 0)
		return err_set(err, ERR_NOMEM, "no memory for links and pixel");
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
