/*
 * body_edit.c - see body_edit.h.
 */
#include "mail/body_edit.h"

#include <assert.h>

void
body_edits_init(struct body_edits *edits, struct arena *a)
{
	*edits = (struct body_edits){.arena = a};
}

int
body_edits_reserve(struct body_edits *edits, size_t more)
{
	size_t room = edits->room == 0 ? 16 : edits->room;
	struct body_edit *v;

	if (more > BODY_EDITS_MAX - edits->n)
		return -1;
	while (room < edits->n + more)
		room *= 2;
	if (room == edits->room)
		return 0;
	v = arena_alloc(edits->arena, room * sizeof(*v));
	if (v == NULL)
		return -1;
	if (edits->n > 0)
		memcpy(v, edits->v, edits->n * sizeof(*v));
	edits->v = v;
	edits->room = room;
	return 0;
}

/* The index of the first edit that begins behind `offset`. */
static size_t
edits_behind(const struct body_edits *edits, size_t offset)
{
	size_t low = 0, high = edits->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (edits->v[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int
edits_add(struct body_edits *edits, const struct body_edit *edit)
{
	size_t at = edits_behind(edits, edit->offset);

	/* what is put before a byte stands before what becomes of the byte */
	if (edit->n == 0 && at > 0 && edits->v[at - 1].offset == edit->offset &&
	    edits->v[at - 1].n > 0)
		at--;
	if (at > 0 && edits->v[at - 1].offset + edits->v[at - 1].n > edit->offset)
		return -1;
	if (at < edits->n && edit->offset + edit->n > edits->v[at].offset)
		return -1;
	if (body_edits_reserve(edits, 1) != 0)
		return -1;
	memmove(&edits->v[at + 1], &edits->v[at], (edits->n - at) * sizeof(*edits->v));
	edits->v[at] = *edit;
	edits->n++;
	return 0;
}

int
body_edits_replace(struct body_edits *edits, size_t offset, size_t n, struct slice text)
{
	return edits_add(edits, &(struct body_edit){.offset = offset, .n = n, .text = text});
}

int
body_edits_recode(struct body_edits *edits, size_t offset, size_t n, enum transfer_encoding from,
    enum transfer_encoding to)
{
	return edits_add(edits,
	    &(struct body_edit){.offset = offset, .n = n, .recode = true, .from = from, .to = to});
}

bool
body_edits_touch(const struct body_edits *edits, size_t offset, size_t n)
{
	size_t at = edits_behind(edits, offset);

	/* the last that begins at the offset or before it reaches the furthest */
	if (at > 0 && edits->v[at - 1].offset + edits->v[at - 1].n > offset)
		return true;
	if (at > 0 && edits->v[at - 1].offset == offset)
		return true;
	return at < edits->n && edits->v[at].offset < offset + n;
}

int
body_edits_apply_to(const struct body_edits *edits, struct slice body, const struct sink *out)
{
	size_t done = 0;

	for (size_t i = 0; i < edits->n; i++) {
		const struct body_edit *e = &edits->v[i];
		struct slice old = slice_head(slice_from(body, e->offset), e->n);

		assert(e->offset >= done && e->offset + e->n <= body.n);
		if (sink_put(out, slice_head(slice_from(body, done), e->offset - done)) != 0)
			return -1;
		done = e->offset + e->n;
		if ((e->recode ? transfer_recode(e->from, e->to, old, *out)
			       : sink_put(out, e->text)) != 0)
			return -1;
	}
	return sink_put(out, slice_from(body, done));
}
