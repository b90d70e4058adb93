/*
 * track_check.c - is what was changed in an HTML text what was to be changed? See track_parts.h.
 */
#include "policy/track_parts.h"

/* How far behind a token the tokenizer may have looked to see its end: "</plaintext>" at most. */
#define AHEAD 16

/* The patched text is read again, beside the list of tokens that there were before. The bytes of both
 * are known to be the same but for the patches; so where the tokenizer is in the data state in both, and
 * there is no patch within its sight, it makes the same of them, and need not be asked. */
struct check {
	const struct track_html *html;
	struct html t;
	struct html_token token;
	struct track_place place; /* only svg and math matter here */
	size_t patch;             /* the next one */
	size_t shift;             /* how much longer the text is so far; wraps */
	bool ended;
};

static void
check_next(struct check *c)
{
	struct track_name name;

	c->ended = !html_next(&c->t, &c->token);
	if (c->html->has_foreign && !c->ended)
		track_place_see(&c->place, &c->t, &c->token, &name);
}

/* Where the next patch begins, as the tokenizer counts. */
static size_t
patch_offset(const struct check *c)
{
	return c->patch == c->html->n ? SIZE_MAX
				      : c->html->patches[c->patch].offset - c->html->view.bom;
}

/* A tag that we put somewhere? */
static bool
is_put(const struct check *c, const char *name, const char *attr)
{
	return html_is(&c->t, &c->token, name) && html_attr_find(&c->t, &c->token, attr) != NULL;
}

/* Where the next patch puts something: a pixel, or a trap with its end tag. */
static bool
put_pass(struct check *c)
{
	const struct track_patch *patch = &c->html->patches[c->patch++];
	struct html_span span = {c->token.span.offset, patch->text.n};
	bool right = !c->ended && c->token.kind == HTML_START_TAG &&
		     (is_put(c, "img", "src") || is_put(c, "a", "href"));

	if (right && c->token.span.n < span.n) {
		check_next(c);
		right = !c->ended && c->token.kind == HTML_END_TAG;
	}
	right = right && c->t.at == span.offset + span.n &&
		slice_eq(html_slice(&c->t, span), patch->text);
	c->shift += patch->text.n;
	check_next(c);
	return right;
}

/* The value that the patch is about, in the tag as it was; the other attributes are as before. */
static const struct html_attr *
attr_find(const struct check *c, const struct html_token *old, const struct html *t)
{
	const struct html_attr *found = NULL;

	if (old->nattrs != c->token.nattrs || old->nattrs_all != c->token.nattrs_all)
		return NULL;
	for (size_t i = 0; i < old->nattrs; i++) {
		const struct html_attr *x = &old->attrs[i], *y = &c->token.attrs[i];

		if (!slice_eq(html_slice(t, x->name), html_slice(&c->t, y->name)))
			return NULL;
		if (x->value.offset == patch_offset(c))
			found = y;
		else if (x->quoting != y->quoting ||
			 !slice_eq(html_slice(t, x->value), html_slice(&c->t, y->value)))
			return NULL;
	}
	return found;
}

/* The tag that holds the next patch. */
static bool
link_pass(struct check *c, size_t offset)
{
	const struct track_patch *patch = &c->html->patches[c->patch];
	struct html_token old;
	struct html t;
	const struct html_attr *attr;
	struct slice text;

	html_init(&t, slice_from(c->html->view.text, c->html->view.bom));
	t.at = offset;
	attr = html_next(&t, &old) && old.kind == HTML_START_TAG ? attr_find(c, &old, &t) : NULL;
	if (attr == NULL || attr->quoting < HTML_VALUE_SINGLE || old.name.n != c->token.name.n)
		return false;
	text = html_slice(&c->t, attr->value);
	if (patch->text.n == text.n + 2)
		text = slice_make(text.p - 1, text.n + 2); /* its quotes are new */
	if (!slice_eq(text, patch->text))
		return false;
	c->shift += patch->text.n - patch->n;
	c->patch++;
	return true;
}

/* Text, from `done` on, in which something may be put: it is in two pieces then. */
static bool
text_pass(struct check *c, size_t done, size_t end)
{
	done += c->token.span.n;
	while (done < end) {
		if (done != patch_offset(c))
			return false;
		check_next(c);
		while (done == patch_offset(c))
			if (!put_pass(c))
				return false;
		if (c->ended || c->token.kind != HTML_TEXT)
			return false;
		done += c->token.span.n;
	}
	return done == end;
}

/* What was a token from `offset` to `end`. */
static bool
token_pass(struct check *c, size_t offset, size_t end, enum html_kind kind)
{
	while (offset == patch_offset(c))
		if (!put_pass(c))
			return false;
	if (c->ended || c->token.kind != kind || c->token.span.offset != offset + c->shift)
		return false;
	if (kind == HTML_TEXT)
		return text_pass(c, offset, end);
	if (patch_offset(c) < end && !link_pass(c, offset))
		return false;
	return c->t.at == end + c->shift;
}

/* Goes on behind the last tokens that are the same in any case: from the token *i, at `offset`, to the
 * one that *i is then. Returns where that begins. */
static size_t
same_skip(struct check *c, size_t *i, size_t offset)
{
	const struct track_html *html = c->html;
	size_t next = patch_offset(c);

	if (html->has_foreign || c->t.state != HTML_DATA || c->t.at != offset + c->shift)
		return offset;
	for (size_t k = *i, at = offset; k < html->ntokens && at + AHEAD <= next; k++) {
		if (html->tokens[k].state == HTML_DATA) {
			*i = k;
			offset = at;
		}
		at = html->tokens[k].end;
	}
	c->t.at = offset + c->shift;
	return offset;
}

bool
track_html_same(const struct track_html *html, const struct charset_view *patched)
{
	struct check c;
	size_t offset = 0;

	c.html = html;
	c.patch = c.shift = 0;
	html_init(&c.t, slice_from(patched->text, patched->bom));
	track_place_init(&c.place);
	for (size_t i = 0; i < html->ntokens; i++) {
		const struct track_token *token;

		if (html->tokens[i].state == HTML_DATA)
			offset = same_skip(&c, &i, offset);
		token = &html->tokens[i];
		check_next(&c);
		if (!token_pass(&c, offset, token->end, (enum html_kind)token->kind))
			return false;
		offset = token->end;
	}
	check_next(&c);
	while (c.patch < html->n)
		if (!put_pass(&c))
			return false;
	return c.ended && c.t.state == html->end_state;
}
