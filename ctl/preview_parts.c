/*
 * preview_parts.c - the parts of a message before and after: what of their content is another, what is
 * only written otherwise. See preview.h.
 */
#include "preview.h"

#include "mail/charset.h"
#include "mail/transfer_map.h"

static int
no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory for the parts of the message");
}

static const struct track_part *
track_find(const struct track *track, size_t index)
{
	for (size_t i = 0; i < track->n; i++)
		if (track->v[i].part == index)
			return &track->v[i];
	return NULL;
}

static struct slice
raw_of(const struct message *message, const struct mime_part *part)
{
	return slice_head(slice_from(message->body, part->body.offset), part->body.n);
}

/* What the part says, in bytes that can be shown: of UTF-16 and the like its ASCII. */
static int
text_of(struct arena *a, const struct message *message, const struct mime_part *part,
    struct slice *text_r)
{
	struct transfer_map map;
	struct charset_view view;

	if (transfer_map_make(a, part->encoding, raw_of(message, part), &map) != 0)
		return -1;
	*text_r = map.decoded;
	if (charset_view(a, charset_find(part->charset), map.decoded, &view) == CHARSET_CLEAR &&
	    view.unit > 1)
		*text_r = view.text;
	return 0;
}

static int
part_compare(struct arena *a, const struct message *before, const struct message *after,
    struct preview_part *part)
{
	struct slice old, new;

	if (slice_eq(raw_of(before, part->before), raw_of(after, part->after)))
		return 0;
	if (text_of(a, before, part->before, &old) != 0 ||
	    text_of(a, after, part->after, &new) != 0)
		return -1;
	part->recoded = slice_eq(old, new);
	if (!part->recoded) {
		part->old = old;
		part->new = new;
	}
	return 0;
}

int
preview_parts_make(struct preview *p, struct preview_parts *parts_r, struct err *err)
{
	struct message after;
	struct mime *mime = arena_alloc(&p->arena, 2 * sizeof(*mime));

	if (mime == NULL || message_parse(&p->arena, p->after, &after) != 0 ||
	    mime_scan(&p->arena, &p->before, &mime[0]) != 0 ||
	    mime_scan(&p->arena, &after, &mime[1]) != 0)
		return no_memory(err);
	*parts_r = (struct preview_parts){.lost = mime[0].n != mime[1].n};
	parts_r->v = arena_alloc(&p->arena, (mime[0].n + 1) * sizeof(*parts_r->v));
	if (parts_r->v == NULL)
		return no_memory(err);
	for (size_t i = 0; i < mime[0].n && i < mime[1].n; i++) {
		struct preview_part *part = &parts_r->v[parts_r->n];

		if (mime[0].v[i].kind != MIME_LEAF)
			continue;
		*part = (struct preview_part){.index = i,
		    .before = &mime[0].v[i],
		    .after = &mime[1].v[i],
		    .track = track_find(&p->txn.outbound->track, i)};
		if (part_compare(&p->arena, &p->before, &after, part) != 0)
			return no_memory(err);
		parts_r->n++;
	}
	return 0;
}
