/*
 * mime_check.h - for tests: does a message say the same after lib/mail/sevenbit was at it?
 */
#ifndef TESTS_MIME_CHECK_H
#define TESTS_MIME_CHECK_H

#include "mail/sevenbit.h"
#include "mail/survey.h"

#include <assert.h>
#include <stdlib.h>

/* Text of any length, on the heap. */
struct heap_text {
	char *p;
	size_t n, cap;
};

static inline int
heap_put(void *to, struct slice bytes)
{
	struct heap_text *text = to;

	while (bytes.n > text->cap - text->n) {
		text->cap = text->cap * 2 + 4096;
		text->p = realloc(text->p, text->cap);
		assert(text->p != NULL);
	}
	memcpy(text->p + text->n, bytes.p, bytes.n);
	text->n += bytes.n;
	return 0;
}

static inline struct slice
heap_slice(const struct heap_text *text)
{
	return slice_make(text->p, text->n);
}

static inline struct heap_text
heap_decoded(const struct message *m, const struct mime_part *part)
{
	struct slice body = slice_head(slice_from(m->body, part->body.offset), part->body.n);
	struct heap_text text = {NULL, 0, 0};
	struct transfer_decoder d;

	transfer_decoder_init(&d, part->encoding, (struct sink){heap_put, &text});
	assert(transfer_decode(&d, body) == 0 && transfer_decode_end(&d) == 0);
	return text;
}

/* NULL, or how the two parts differ in more than the transfer encoding. */
static inline const char *
parts_differ(const struct message *m, const struct mime_part *a, const struct message *n,
    const struct mime_part *b)
{
	struct heap_text x, y;
	bool same;

	if (a->kind != b->kind || a->depth != b->depth || a->parent != b->parent)
		return "structure";
	if (!slice_eq(a->type, b->type) || !slice_eq(a->subtype, b->subtype))
		return "type";
	if (!slice_eq(a->name, b->name) || !slice_eq(a->charset, b->charset))
		return "parameters";
	if (a->disposition != b->disposition || a->under != b->under || a->flaws != b->flaws)
		return "disposition, place or flaws";
	if (a->kind != MIME_LEAF)
		return NULL;
	x = heap_decoded(m, a);
	y = heap_decoded(n, b);
	same = slice_eq(heap_slice(&x), heap_slice(&y));
	free(x.p);
	free(y.p);
	return same ? NULL : "content";
}

static inline const char *
messages_differ(
    const struct message *m, const struct mime *a, const struct message *n, const struct mime *b)
{
	const char *why = a->n == b->n && a->over == b->over ? NULL : "number of parts";

	for (size_t i = 0; i < a->n && why == NULL; i++)
		why = parts_differ(m, &a->v[i], n, &b->v[i]);
	return why;
}

/* Makes the message (from message_parse()) fit for 7 bits. NULL, or what is wrong with the result,
 * which is on the heap. */
static inline const char *
sevenbit_check(
    struct arena *a, struct message *m, struct sevenbit *result_r, struct heap_text *body_r)
{
	static struct edits edits, none;
	struct message before = *m;
	struct body_edits body;
	struct mime mime, again;
	struct sevenbit second;
	const char *why;

	edits.n = none.n = 0;
	body_edits_init(&body, a);
	if (mime_scan(a, m, &mime) != 0 || sevenbit_make(m, &mime, &edits, &body, result_r) != 0 ||
	    body_edits_apply_to(&body, m->body, &(struct sink){heap_put, body_r}) != 0)
		return "no memory";
	before.v = arena_alloc(a, (m->n + 1) * sizeof(*m->v));
	if (before.v == NULL)
		return "no memory";
	if (m->n > 0)
		memcpy(before.v, m->v, m->n * sizeof(*m->v));
	if (message_apply(a, m, &edits) != 0)
		return "edits";
	m->body = heap_slice(body_r);
	if (mime_scan(a, m, &again) != 0)
		return "no memory";
	why = messages_differ(&before, &mime, m, &again);
	body_edits_init(&body, a);
	if (why == NULL && (sevenbit_make(m, &again, &none, &body, &second) != 0 ||
			       none.n + body.n + second.recoded + second.relabelled > 0))
		why = "not all at once";
	if (why == NULL && memcmp(second.why, result_r->why, sizeof(second.why)) != 0)
		why = "other reasons the second time";
	if (why == NULL && result_r->left == 0 && !slice_is_clean(m->body, SEVENBIT_LINE_MAX))
		why = "not clean";
	return why;
}

#endif
