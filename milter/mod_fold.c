/*
 * mod_fold.c - the header of signed mail in lines that no hop breaks.
 */
#include "mail/fold.h"
#include "mail/sevenbit.h"
#include "modules.h"
#include "outbound.h"

/* The how-manieth of its name the field is, from 1. */
static int
index_of(const struct message *m, size_t at)
{
	int n = 1;

	for (size_t i = 0; i < at; i++)
		n += slice_eq_nocase(m->v[i].name, m->v[at].name) ? 1 : 0;
	return n;
}

static int
field_fold(struct outbound *out, size_t at, struct edits *edits)
{
	const struct message_field *f = &out->message.v[at];
	size_t room = 2 * f->value.n + 1;
	char *storage = arena_alloc(&out->arena, room);
	struct buf value;

	if (storage == NULL)
		return -1;
	buf_init(&value, storage, room);
	if (!fold_value(f->name, f->value, SEVENBIT_LINE_MAX, &value)) {
		out->fold_left = "no-blank"; /* not signed, or signed in vain: see sign_keys.c */
		return 0;
	}
	(void)buf_text(&value);
	if (storage[0] == ' ')
		storage++; /* an edit's value is without it */
	return edits_change_header(
	    edits, index_of(&out->message, at), arena_text(&out->arena, f->name), storage);
}

static int
header_fold(const struct env *env, struct txn *txn, struct edits *edits, struct err *err)
{
	struct outbound *out = txn->outbound;

	(void)env;
	if (out == NULL || !out->wants_body)
		return 0;
	for (size_t i = 0; i < out->message.n; i++) {
		const struct message_field *f = &out->message.v[i];

		if (fold_fits(f->name, f->value, SEVENBIT_LINE_MAX))
			continue;
		if (out->presigned != NULL)
			out->fold_left = "presigned";
		else if (field_fold(out, i, edits) != 0)
			return err_set(err, ERR_LIMIT, "no room to fold long lines");
	}
	return 0;
}

const struct module mod_fold = {
    .name = "fold",
    .section = &outbound_section,
    .phases = PHASE_EOH,
    .needs = NEED_HEADERS | NEED_CHANGE_HEADER,
    .active = outbound_active,
    .transform = header_fold,
};
