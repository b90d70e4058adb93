/*
 * sevenbit.c - see sevenbit.h.
 */
#include "mail/sevenbit.h"

#include "mail/survey.h"

#define FIELD "Content-Transfer-Encoding"

struct work {
	const struct message *message;
	const struct mime *mime;
	struct edits *edits;
	struct body_edits *body;
	struct sevenbit *result;
	bool *dirty; /* of each part: something in it stays as it should not */
};

const char *
sevenbit_reason_name(enum sevenbit_reason reason)
{
	static const char *const names[SEVENBIT_REASONS] = {"none", "signed", "encrypted",
	    "message", "encoding", "damaged", "header", "between", "limit"};

	return names[reason];
}

static void
leave(struct work *w, size_t part, enum sevenbit_reason reason)
{
	w->result->left++;
	w->result->why[reason]++;
	w->dirty[part] = true;
}

static struct slice
body_slice(const struct work *w, size_t offset, size_t n)
{
	return slice_head(slice_from(w->message->body, offset), n);
}

/* Why nothing within the part may be changed, its content or its header. */
static enum sevenbit_reason
reason_to_leave(const struct mime_part *part)
{
	if (part->under & MIME_UNDER_SIGNED)
		return SEVENBIT_SIGNED;
	if (part->under & MIME_UNDER_ENCRYPTED)
		return SEVENBIT_ENCRYPTED;
	if (part->under & MIME_UNDER_MESSAGE)
		return SEVENBIT_MESSAGE;
	if (part->under & MIME_UNDER_ENCODED || part->encoding == TRANSFER_OTHER)
		return SEVENBIT_ENCODING;
	if (part->under & MIME_UNDER_UNCLEAR ||
	    part->flaws & (MIME_FLAW_TWICE | MIME_FLAW_SEPARATOR))
		return SEVENBIT_HEADER;
	return SEVENBIT_NO_REASON;
}

/* A hop without 8BITMIME changes the field, whatever the content is. */
static bool
label_is_bad(const struct mime_part *part)
{
	return part->encoding == TRANSFER_8BIT || part->encoding == TRANSFER_BINARY;
}

/* Quoted-printable stays readable; base64 is shorter where that is no gain. */
static enum transfer_encoding
encoding_for(const struct mime_part *part, const struct survey *found)
{
	if (part->encoding == TRANSFER_QP || part->encoding == TRANSFER_BASE64)
		return part->encoding;
	return found->beyond_ascii > part->body.n / 3 ? TRANSFER_BASE64 : TRANSFER_QP;
}

static struct slice
field_text(enum transfer_encoding encoding)
{
	static const struct slice texts[] = {
	    [TRANSFER_7BIT] = SLICE_LIT(FIELD ": 7bit\r\n"),
	    [TRANSFER_QP] = SLICE_LIT(FIELD ": quoted-printable\r\n"),
	    [TRANSFER_BASE64] = SLICE_LIT(FIELD ": base64\r\n"),
	};

	return texts[encoding];
}

/* Says in the part's header how it is encoded; there is room for the edit. */
static int
label_set(struct work *w, size_t index, enum transfer_encoding encoding)
{
	const struct mime_part *part = &w->mime->v[index];
	const struct mime_span *field = &part->encoding_field;

	if (encoding == part->encoding)
		return 0;
	if (index == 0)
		return edits_change_header(w->edits, 1, FIELD, transfer_name(encoding));
	if (field->n > 0)
		return body_edits_replace(w->body, field->offset, field->n, field_text(encoding));
	return body_edits_replace(
	    w->body, part->header.offset + part->header.n, 0, field_text(encoding));
}

/* One header field, MIME-Version beside it, and two spans. */
static bool
has_room(const struct work *w)
{
	return w->edits->n + 2 <= EDITS_MAX && body_edits_reserve(w->body, 2) == 0;
}

/* Has somebody edited the part, or its header? */
static bool
is_touched(const struct work *w, const struct mime_part *part)
{
	size_t end = part->body.offset + part->body.n;

	return body_edits_touch(w->body, part->header.offset, end - part->header.offset);
}

static void
part_relabel(struct work *w, size_t index)
{
	if (!has_room(w) || label_set(w, index, TRANSFER_7BIT) != 0)
		leave(w, index, SEVENBIT_LIMIT);
	else
		w->result->relabelled++;
}

static void
part_recode(struct work *w, size_t index, enum transfer_encoding to)
{
	const struct mime_part *part = &w->mime->v[index];
	struct mime_span body = part->body;

	if (!transfer_recode_is_safe(part->encoding, to, body_slice(w, body.offset, body.n)))
		leave(w, index, SEVENBIT_DAMAGED);
	else if (!has_room(w) || label_set(w, index, to) != 0 ||
		 body_edits_recode(w->body, body.offset, body.n, part->encoding, to) != 0)
		leave(w, index, SEVENBIT_LIMIT);
	else
		w->result->recoded++;
}

static void
leaf_make(struct work *w, size_t index)
{
	const struct mime_part *part = &w->mime->v[index];
	enum sevenbit_reason reason = reason_to_leave(part);
	struct survey found = survey_of(body_slice(w, part->body.offset, part->body.n));
	bool bad = !survey_is_clean(&found, SEVENBIT_LINE_MAX);

	if ((!bad && !label_is_bad(part)) || is_touched(w, part))
		return;
	/* RFC 2046 section 5.2: what a message/… holds is not encoded */
	if (bad && reason == SEVENBIT_NO_REASON && mime_is(part, "message", NULL))
		reason = SEVENBIT_MESSAGE;
	if (reason != SEVENBIT_NO_REASON)
		leave(w, index, reason);
	else if (bad)
		part_recode(w, index, encoding_for(part, &found));
	else
		part_relabel(w, index);
}

/* From a to b: is it as it may stay? */
static bool
stretch_is_clean(const struct work *w, size_t a, size_t b)
{
	return slice_is_clean(body_slice(w, a, b - a), SEVENBIT_LINE_MAX);
}

/* What belongs to none of its parts: before the first, behind the last, and delimiters. */
static bool
between_is_clean(const struct work *w, size_t index)
{
	const struct mime_part *part = &w->mime->v[index];
	size_t offset = part->body.offset, end = offset + part->body.n;

	for (size_t i = index + 1; i < w->mime->n && offset < end; i++) {
		const struct mime_part *child = &w->mime->v[i];

		if (child->parent != index)
			continue;
		if (!stretch_is_clean(w, offset, child->header.offset))
			return false;
		offset = child->body.offset + child->body.n;
	}
	return stretch_is_clean(w, offset, end);
}

static bool
children_are_clean(const struct work *w, size_t index)
{
	for (size_t i = index + 1; i < w->mime->n; i++)
		if (w->mime->v[i].parent == index && w->dirty[i])
			return false;
	return true;
}

/* Its parts are done. It may say 7bit when all that it holds is. */
static void
composite_make(struct work *w, size_t index)
{
	const struct mime_part *part = &w->mime->v[index];
	enum sevenbit_reason reason = reason_to_leave(part);

	if (part->kind == MIME_MULTIPART && !between_is_clean(w, index))
		leave(w, index, SEVENBIT_BETWEEN);
	if (!children_are_clean(w, index))
		w->dirty[index] = true;
	if (w->dirty[index] || !label_is_bad(part))
		return;
	if (reason != SEVENBIT_NO_REASON)
		leave(w, index, reason);
	else
		part_relabel(w, index);
}

static void
part_make(struct work *w, size_t index)
{
	const struct mime_part *part = &w->mime->v[index];
	size_t begin = part->header.offset, end = part->body.offset; /* with the empty line */
	size_t field = part->encoding_field.n == 0 ? end : part->encoding_field.offset;
	size_t behind = field + part->encoding_field.n;
	bool clean = stretch_is_clean(w, begin, field) && stretch_is_clean(w, behind, end);

	if (!clean)
		leave(w, index, SEVENBIT_HEADER);
	if (part->kind == MIME_LEAF)
		leaf_make(w, index);
	else
		composite_make(w, index);
	/* the field matters if it stays */
	if (clean && field < end && !body_edits_touch(w->body, field, behind - field) &&
	    !stretch_is_clean(w, field, behind))
		leave(w, index, SEVENBIT_HEADER);
}

static bool
has_field(const struct message *message, const char *name)
{
	for (size_t i = 0; i < message->n; i++)
		if (slice_eq_nocase(message->v[i].name, slice_of(name)))
			return true;
	return false;
}

int
sevenbit_make(const struct message *message, const struct mime *mime, struct edits *edits,
    struct body_edits *body_edits, struct sevenbit *result_r)
{
	struct work w = {message, mime, edits, body_edits, result_r, NULL};

	*result_r = (struct sevenbit){.left = 0};
	w.dirty = arena_alloc(body_edits->arena, mime->n * sizeof(*w.dirty));
	if (w.dirty == NULL)
		return -1;
	if (mime->over != MIME_OVER_NONE) {
		if (!slice_is_clean(message->body, SEVENBIT_LINE_MAX))
			leave(&w, 0, SEVENBIT_LIMIT);
		return 0;
	}
	/* children before their parents */
	for (size_t i = mime->n; i-- > 0;)
		part_make(&w, i);
	/* without it, some programs do not look at the other fields (RFC 2045 section 4); has_room()
	 * has kept a place for it */
	if (result_r->recoded > 0 && !has_field(message, "MIME-Version"))
		return edits_change_header(edits, 1, "MIME-Version", "1.0");
	return 0;
}
