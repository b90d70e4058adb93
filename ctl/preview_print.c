/*
 * preview_print.c - a preview for eyes, and for a pipe. See preview.h.
 */
#include "preview.h"

#include "edits_print.h"
#include "text_diff.h"

/* Of one side of a difference, for eyes. */
#define SHOWN_BYTES 400

#define WORDS_BYTES 2048

/* --- words --- */

/* "text/html", "text/html part 2": the message itself is the only part when it has none. */
static void
part_name(const struct preview_part *part, struct buf *out)
{
	const struct mime_part *mime = part->before;

	if (part->index > 0)
		buf_add_format(out, "%zu ", part->index);
	out_escape(out, mime->type.n > 0 ? slice_head(mime->type, 40) : slice_of("text"));
	buf_add_char(out, '/');
	out_escape(out, mime->type.n > 0 ? slice_head(mime->subtype, 60) : slice_of("plain"));
}

static const char *
encoding_name(enum transfer_encoding encoding)
{
	const char *name = transfer_name(encoding);

	return name == NULL ? "unknown" : name;
}

/* Links that stay, by reason: "2 own, 1 opt-out". */
static void
kept_add(const struct track_part *track, struct buf *out)
{
	const char *before = "; links that stay: ";

	for (int why = 1; why < TRACK_KEPTS; why++) {
		if (track->kept[why] == 0)
			continue;
		buf_add_format(out, "%s%zu %s", before, track->kept[why],
		    track_kept_name((enum track_kept)why));
		before = ", ";
	}
}

static void
track_add(const struct track_part *track, struct buf *out)
{
	if (track->reason != TRACK_DONE)
		buf_add_format(out, "not tracked: %s", track_reason_name(track->reason));
	else
		buf_add_format(out, "%zu pixel%s, %zu link%s", track->pixels,
		    track->pixels == 1 ? "" : "s", track->links, track->links == 1 ? "" : "s");
	if (track->traps > 0)
		buf_add_text(out, ", 1 trap");
	kept_add(track, out);
}

/* --- for eyes --- */

static void
side_tell(struct out *out, enum out_style style, char sign, struct slice text)
{
	if (text.n == 0)
		return;
	out_print(out, style, "      %c ", sign);
	out_slice(out, style, slice_head(slice_trim(text), SHOWN_BYTES));
	out_print(out, style, text.n > SHOWN_BYTES ? " ...\n" : "\n");
}

static void
part_tell(struct out *out, const struct preview_part *part)
{
	char storage[WORDS_BYTES];
	struct buf words = BUF_OVER(storage);
	struct text_diff d;

	part_name(part, &words);
	buf_add_text(&words, ": ");
	if (part->track != NULL)
		track_add(part->track, &words);
	else
		buf_add_text(&words, part->old.n + part->new.n > 0 ? "changed" : "the same");
	if (part->before->encoding != part->after->encoding)
		buf_add_format(&words, "; %s becomes %s", encoding_name(part->before->encoding),
		    encoding_name(part->after->encoding));
	else if (part->recoded)
		buf_add_text(&words, "; written anew");
	out_print(out, OUT_NORMAL, "  %s\n", buf_text(&words));
	text_diff_begin(&d, part->old, part->new);
	while (text_diff_next(&d)) {
		out_print(out, OUT_DIM, "    line %zu\n", d.line);
		side_tell(out, OUT_BAD, '-', d.old);
		side_tell(out, OUT_GOOD, '+', d.new);
	}
}

static void
sender_tell(struct preview *p)
{
	struct out *out = &p->ctl->out;
	const struct edits *edits = &p->edits;

	out_print(out, OUT_BOLD, "MAIL FROM ");
	out_slice(out, OUT_NORMAL, p->txn.sender.null ? slice_of("<>") : p->txn.sender.text);
	if (edits->sender != NULL && !edits->sender_keeps) {
		out_print(out, OUT_NORMAL, "\n  becomes ");
		out_slice(out, OUT_GOOD, slice_of(edits->sender));
	}
	if (edits->sender != NULL && edits->sender_args != NULL) {
		out_print(out, OUT_NORMAL, " ");
		out_slice(out, OUT_NORMAL, slice_of(edits->sender_args));
	}
	out_print(out, OUT_NORMAL, "\n");
}

static void
signs_tell(struct preview *p)
{
	const struct outbound *of = p->txn.outbound;
	struct out *out = &p->ctl->out;

	out_print(out, OUT_BOLD, "\nSignatures\n");
	if (of->nsigns == 0)
		out_print(out, OUT_NORMAL, "  none: the account has no keys (dkim)\n");
	for (size_t i = 0; i < of->nsigns; i++) {
		const struct outbound_sign *sign = &of->signs[i];

		out_print(out, sign->reason == NULL ? OUT_GOOD : OUT_BAD, "  %s %s:%s%s%s\n",
		    sign->kind == SIGNER_DKIM ? "DKIM" : "DomainKeys", sign->selector,
		    sign->wanted->domain, sign->reason == NULL ? "" : ": none, ",
		    sign->reason == NULL ? "" : sign->reason);
	}
}

static void
preview_tell(struct preview *p, const struct preview_parts *parts)
{
	const struct track *track = &p->txn.outbound->track;
	struct out *out = &p->ctl->out;

	out_print(out, OUT_DIM,
	    "Nothing was sent, and nothing is kept: limits and suppressions were not asked "
	    "for.\n\n");
	sender_tell(p);
	edits_tell(out, &p->edits);
	out_print(out, OUT_BOLD, "\nParts\n");
	if (!p->txn.outbound->tracks)
		out_print(out, OUT_NORMAL,
		    "  not tracked: neither opens nor clicks, says the account or the message\n");
	else if (track->reason != TRACK_DONE)
		out_print(out, OUT_NORMAL, "  not tracked: %s\n", track_reason_name(track->reason));
	for (size_t i = 0; i < parts->n; i++)
		part_tell(out, &parts->v[i]);
	if (parts->lost)
		out_print(out, OUT_BAD, "  other parts than it had: do not send this\n");
	signs_tell(p);
}

/* --- for a pipe --- */

static void
row(struct out *out, const char *name, struct slice text)
{
	out_print(out, OUT_NORMAL, "%s\t", name);
	out_slice(out, OUT_NORMAL, text.n == 0 ? slice_of("-") : text);
	out_print(out, OUT_NORMAL, "\n");
}

static void
part_rows(struct out *out, const struct preview_part *part)
{
	char storage[WORDS_BYTES];
	struct buf words = BUF_OVER(storage);
	const struct track_part *track = part->track;
	struct preview_part bare = *part;
	struct text_diff d;

	bare.index = 0;
	part_name(&bare, &words);
	out_print(out, OUT_NORMAL, "part\t%zu\t%s\t%s\t%zu\t%zu\t%s\t%s\n", part->index,
	    buf_text(&words), track == NULL ? "-" : track_reason_name(track->reason),
	    track == NULL ? 0 : track->pixels, track == NULL ? 0 : track->links,
	    encoding_name(part->before->encoding), encoding_name(part->after->encoding));
	for (int why = 1; track != NULL && why < TRACK_KEPTS; why++) {
		if (track->kept[why] > 0)
			out_print(out, OUT_NORMAL, "kept\t%zu\t%s\t%zu\n", part->index,
			    track_kept_name((enum track_kept)why), track->kept[why]);
	}
	text_diff_begin(&d, part->old, part->new);
	while (text_diff_next(&d)) {
		out_print(out, OUT_NORMAL, "change\t%zu\t%zu\t", part->index, d.line);
		out_slice(out, OUT_NORMAL, d.old.n == 0 ? slice_of("-") : d.old);
		row(out, "", d.new);
	}
}

static void
preview_rows(struct preview *p, const struct preview_parts *parts)
{
	struct out *out = &p->ctl->out;
	char did_storage[WORDS_BYTES], skipped_storage[WORDS_BYTES];
	struct buf did = BUF_OVER(did_storage), skipped = BUF_OVER(skipped_storage);

	outbound_did(&p->txn, &did, &skipped);
	row(out, "from", p->txn.sender.null ? slice_of("<>") : p->txn.sender.text);
	row(out, "sender", slice_of(p->edits.sender));
	row(out, "parameters", slice_of(p->edits.sender_args));
	row(out, "did", buf_slice(&did));
	row(out, "skipped", buf_slice(&skipped));
	edits_rows(out, &p->edits);
	for (size_t i = 0; i < parts->n; i++)
		part_rows(out, &parts->v[i]);
}

/* --- of what would be refused --- */

static const char *
answer_word(const struct preview *p)
{
	return p->verdict.answer == ANSWER_DEFER ? "deferred" : "refused";
}

static void
refusal_print(struct preview *p)
{
	const struct finding *cause = p->verdict.cause;
	struct out *out = &p->ctl->out;

	out_print(out, OUT_BAD, "%s", answer_word(p));
	out_print(out, OUT_NORMAL, out->form == OUT_TERMINAL ? ": %s " : "\t%s\t",
	    verdict_code(&p->verdict));
	out_slice(out, OUT_NORMAL, slice_of(cause == NULL ? "-" : cause->text));
	out_print(out, OUT_NORMAL, "\n");
}

void
preview_print(struct preview *p, const struct preview_parts *parts)
{
	if (p->ctl->out.form == OUT_JSON)
		preview_json(p, parts);
	else if (p->after.p == NULL)
		refusal_print(p);
	else if (p->ctl->out.form == OUT_TERMINAL)
		preview_tell(p, parts);
	else
		preview_rows(p, parts);
}
