/*
 * mod_sevenbit.c - keeps the body of what is signed, and puts into a form that no hop rewrites what
 * one would.
 */
#include "modules.h"
#include "outbound.h"

static bool
sevenbit_body(const struct env *env, struct txn *txn, struct slice bytes)
{
	struct outbound *out = txn->outbound;
	struct err err;

	(void)env;
	if (out == NULL || !out->wants_body)
		return false;
	survey_add(&out->survey, bytes);
	/* what is not kept cannot be edited; it may not have to be */
	(void)body_spool_add(&out->spool, bytes, &err);
	return true;
}

/* Of the header, only what says how the body is encoded is changed here. */
static bool
is_safe(const struct outbound *out)
{
	for (size_t i = 0; i < out->message.n; i++) {
		const struct message_field *f = &out->message.v[i];
		enum transfer_encoding encoding;

		if (!slice_eq_nocase(f->name, slice_of("Content-Transfer-Encoding")))
			continue;
		encoding = transfer_parse(f->value);
		if (encoding == TRANSFER_8BIT || encoding == TRANSFER_BINARY)
			return false;
	}
	return survey_is_clean(&out->survey, SEVENBIT_LINE_MAX) && !out->survey.labelled;
}

static int
sevenbit_edit(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	struct outbound *out = txn->outbound;
	const struct mime *mime;

	(void)env;
	if (out == NULL || out->signer == NULL)
		return 0;
	survey_end(&out->survey);
	if (is_safe(out))
		return 0;
	if (out->presigned != NULL) {
		out->sevenbit_skipped = "presigned";
		return 0;
	}
	out->sevenbit_skipped = "no-memory";
	mime = outbound_parts(out, err);
	if (mime == NULL)
		return -1;
	if (sevenbit_make(&out->message, mime, edits, &out->body_edits, &out->sevenbit) != 0)
		return err_set(err, ERR_NOMEM, "no memory for the parts of the message");
	out->sevenbit_skipped = NULL;
	if (out->body_edits.n == 0)
		return 0;
	edits->body_edits = &out->body_edits;
	edits->body = out->message.body;
	return 0;
}

const struct module mod_sevenbit = {
    .name = "sevenbit",
    .section = &outbound_section,
    .phases = PHASE_EOM,
    .needs = NEED_HEADERS | NEED_BODY | NEED_CHANGE_BODY | NEED_CHANGE_HEADER,
    .active = outbound_active,
    .body = sevenbit_body,
    .transform = sevenbit_edit,
};
