/*
 * preview_json.c - a preview as JSON. See preview.h.
 */
#include "preview.h"

#include "edits_print.h"
#include "text_diff.h"

#define WORDS_BYTES 2048

static void
set(json_t *object, const char *name, json_t *value)
{
	(void)json_object_set_new(object, name, value);
}

static json_t *
text_or_null(const char *text)
{
	return text == NULL ? json_null() : out_json_text(slice_of(text));
}

static json_t *
kept_json(const struct track_part *track)
{
	json_t *object = json_object();

	for (int why = 1; why < TRACK_KEPTS; why++) {
		if (track->kept[why] > 0)
			set(object, track_kept_name((enum track_kept)why),
			    json_integer((json_int_t)track->kept[why]));
	}
	return object;
}

static json_t *
changes_json(const struct preview_part *part)
{
	json_t *array = json_array();
	struct text_diff d;

	text_diff_begin(&d, part->old, part->new);
	while (text_diff_next(&d)) {
		json_t *object = json_object();

		set(object, "line", json_integer((json_int_t)d.line));
		set(object, "old", out_json_text(d.old));
		set(object, "new", out_json_text(d.new));
		(void)json_array_append_new(array, object);
	}
	return array;
}

static json_t *
part_json(const struct preview_part *part)
{
	const struct track_part *track = part->track;
	json_t *object = json_object();

	set(object, "part", json_integer((json_int_t)part->index));
	set(object, "type", out_json_text(part->before->type));
	set(object, "subtype", out_json_text(part->before->subtype));
	set(object, "tracked",
	    track == NULL ? json_null() : json_string(track_reason_name(track->reason)));
	set(object, "pixels", json_integer((json_int_t)(track == NULL ? 0 : track->pixels)));
	set(object, "links", json_integer((json_int_t)(track == NULL ? 0 : track->links)));
	set(object, "traps", json_integer((json_int_t)(track == NULL ? 0 : track->traps)));
	set(object, "kept", track == NULL ? json_object() : kept_json(track));
	set(object, "encoding", text_or_null(transfer_name(part->before->encoding)));
	set(object, "encoding_after", text_or_null(transfer_name(part->after->encoding)));
	set(object, "changes", changes_json(part));
	return object;
}

static json_t *
signs_json(const struct outbound *of)
{
	json_t *array = json_array();

	for (size_t i = 0; i < of->nsigns; i++) {
		const struct outbound_sign *sign = &of->signs[i];
		json_t *object = json_object();

		set(object, "kind", json_string(sign->kind == SIGNER_DKIM ? "dkim" : "domainkeys"));
		set(object, "selector", text_or_null(sign->selector));
		set(object, "domain", text_or_null(sign->wanted->domain));
		set(object, "reason", text_or_null(sign->reason));
		(void)json_array_append_new(array, object);
	}
	return array;
}

static void
left_json(struct preview *p, const struct preview_parts *parts, json_t *object)
{
	char did_storage[WORDS_BYTES], skipped_storage[WORDS_BYTES];
	struct buf did = BUF_OVER(did_storage), skipped = BUF_OVER(skipped_storage);
	const struct track *track = &p->txn.outbound->track;
	json_t *array = json_array();

	outbound_did(&p->txn, &did, &skipped);
	set(object, "sender", text_or_null(p->edits.sender));
	set(object, "parameters", text_or_null(p->edits.sender_args));
	set(object, "did", out_json_text(buf_slice(&did)));
	set(object, "skipped", out_json_text(buf_slice(&skipped)));
	set(object, "tracked",
	    json_string(p->txn.outbound->tracks ? track_reason_name(track->reason) : "off"));
	set(object, "edits", edits_json(&p->edits));
	for (size_t i = 0; i < parts->n; i++)
		(void)json_array_append_new(array, part_json(&parts->v[i]));
	set(object, "parts", array);
	set(object, "signatures", signs_json(p->txn.outbound));
}

void
preview_json(struct preview *p, const struct preview_parts *parts)
{
	const struct finding *cause = p->verdict.cause;
	json_t *object = json_object();

	set(object, "account", text_or_null(p->seen.built.name));
	set(object, "from",
	    p->txn.sender.null ? json_string("<>") : out_json_text(p->txn.sender.text));
	set(object, "leaves", json_boolean(p->after.p != NULL));
	if (p->after.p != NULL) {
		left_json(p, parts, object);
	} else {
		set(object, "code", json_string(verdict_code(&p->verdict)));
		set(object, "reason", text_or_null(cause == NULL ? NULL : cause->text));
	}
	out_json(&p->ctl->out, object, true);
	out_json_end(&p->ctl->out, false);
}
