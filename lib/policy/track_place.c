/*
 * track_place.c - where the tokenizer is, as a browser sees it: is a link there one that somebody can
 * follow, and would a pixel there change nothing else? See track_parts.h.
 *
 * This is no tree, only what of one matters. An <img> makes a browser open again what was left open
 * before (<font>, <b>, <a>), leaves a table that is not within a cell, and ends the head. So a place
 * is good where none of that is the case; the last good one is before the end of the body as a rule.
 */
#include "mail/html_comment.h"
#include "policy/track_parts.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define NAME_BYTES 8

/* Sorted by their first letter; none is longer. */
static const struct {
	char name[NAME_BYTES + 1];
	struct track_name is;
} names[] = {
    {"a", {ROLE_FORMAT, 0}},
    {"applet", {ROLE_BAR, 2}},
    {"area", {ROLE_LINK, 0}},
    {"audio", {ROLE_BAR, 4}},
    {"b", {ROLE_FORMAT, 1}},
    {"base", {ROLE_HEAD, 0}},
    {"big", {ROLE_FORMAT, 2}},
    {"body", {ROLE_BODY, 0}},
    {"canvas", {ROLE_BAR, 5}},
    {"caption", {ROLE_CELL, 0}},
    {"code", {ROLE_FORMAT, 3}},
    {"colgroup", {ROLE_ROW, 0}},
    {"em", {ROLE_FORMAT, 4}},
    {"font", {ROLE_FORMAT, 5}},
    {"frameset", {ROLE_FRAMES, 0}},
    {"head", {ROLE_HEAD, 0}},
    {"html", {ROLE_HTML, 0}},
    {"i", {ROLE_FORMAT, 6}},
    {"link", {ROLE_HEAD, 0}},
    {"listing", {ROLE_PRE, 0}},
    {"marquee", {ROLE_BAR, 7}},
    {"math", {ROLE_FOREIGN, 0}},
    {"meta", {ROLE_HEAD, 0}},
    {"nobr", {ROLE_FORMAT, 7}},
    {"noscript", {ROLE_HIDE, 8}},
    {"object", {ROLE_BAR, 1}},
    {"picture", {ROLE_BAR, 6}},
    {"pre", {ROLE_PRE, 0}},
    {"s", {ROLE_FORMAT, 8}},
    {"script", {ROLE_HEAD, 0}},
    {"select", {ROLE_BAR, 0}},
    {"small", {ROLE_FORMAT, 9}},
    {"strike", {ROLE_FORMAT, 10}},
    {"strong", {ROLE_FORMAT, 11}},
    {"style", {ROLE_HEAD, 0}},
    {"svg", {ROLE_FOREIGN, 0}},
    {"table", {ROLE_TABLE, 0}},
    {"tbody", {ROLE_ROW, 0}},
    {"td", {ROLE_CELL, 0}},
    {"template", {ROLE_HIDE, 9}},
    {"tfoot", {ROLE_ROW, 0}},
    {"th", {ROLE_CELL, 0}},
    {"thead", {ROLE_ROW, 0}},
    {"title", {ROLE_HEAD, 0}},
    {"tr", {ROLE_ROW, 0}},
    {"tt", {ROLE_FORMAT, 12}},
    {"u", {ROLE_FORMAT, 13}},
    {"video", {ROLE_BAR, 3}},
};

/* Where those begin that begin with a letter, from a to the one behind z. */
static const unsigned char starts[27] = {0, 4, 8, 12, 12, 13, 15, 15, 17, 18, 18, 18, 20, 23, 25,
    26, 28, 28, 28, 36, 46, 47, 48, 48, 48, 48, 48};

/* HTML that ends svg and math where it stands in them (WHATWG 13.2.6.5), but for blockquote. */
static const char breaks[][NAME_BYTES + 1] = {"b", "big", "body", "br", "center", "code", "dd",
    "div", "dl", "dt", "em", "embed", "h1", "h2", "h3", "h4", "h5", "h6", "head", "hr", "i", "img",
    "li", "listing", "menu", "meta", "nobr", "ol", "p", "pre", "ruby", "s", "small", "span",
    "strike", "strong", "sub", "sup", "table", "tt", "u", "ul", "var"};

/* Room for a name, in lower case, with NULs behind it. */
struct key {
	char text[NAME_BYTES];
};

static bool
key_make(struct slice name, struct key *key_r)
{
	*key_r = (struct key){{'\0'}};
	if (name.n > NAME_BYTES)
		return false;
	for (size_t i = 0; i < name.n; i++)
		key_r->text[i] = ascii_lower(name.p[i]);
	return true;
}

static struct track_name
name_find(const struct key *key)
{
	unsigned letter = (unsigned)(key->text[0] - 'a');
	size_t i = letter < 26 ? starts[letter] : 0, end = letter < 26 ? starts[letter + 1] : 0;

	for (; i < end; i++)
		if (memcmp(names[i].name, key->text, NAME_BYTES) == 0)
			return names[i].is;
	return (struct track_name){ROLE_NONE, 0};
}

static bool
is_break(const struct key *key)
{
	for (size_t i = 0; i < COUNT(breaks); i++)
		if (memcmp(breaks[i], key->text, NAME_BYTES) == 0)
			return true;
	return false;
}

void
track_place_init(struct track_place *place)
{
	memset(place, 0, sizeof(*place));
	place->scopes[0].cell = true; /* the document */
}

static struct track_scope *
scope_top(struct track_place *place)
{
	return &place->scopes[place->depth];
}

static void
scope_push(struct track_place *place, bool cell)
{
	if (place->depth + 1 == TRACK_SCOPES_MAX) {
		place->lost = true;
		return;
	}
	place->depth++;
	*scope_top(place) = (struct track_scope){.cell = cell};
}

/* A row, a cell or a table ends: the cell that is open in it does too. */
static void
cell_pop(struct track_place *place)
{
	if (place->depth > 0 && scope_top(place)->cell)
		place->depth--;
}

static void
table_pop(struct track_place *place)
{
	if (place->depth == 0)
		return;
	cell_pop(place);
	if (!scope_top(place)->cell)
		place->depth--;
}

static void
format_open(struct track_place *place, unsigned which)
{
	struct track_scope *scope = scope_top(place);

	/* a link ends the one that is open */
	if ((which == 0 && scope->formats[0] > 0) || scope->formats[which] == UINT8_MAX)
		return;
	scope->formats[which]++;
	scope->open++;
}

static void
format_close(struct track_place *place, unsigned which)
{
	struct track_scope *scope = scope_top(place);

	if (scope->formats[which] == 0)
		return;
	scope->formats[which]--;
	scope->open--;
}

static void
bar_change(struct track_place *place, struct track_name name, bool opens)
{
	unsigned *of = name.role == ROLE_HIDE ? &place->hidden : &place->barred;

	if (opens) {
		place->bars[name.which]++;
		(*of)++;
	} else if (place->bars[name.which] > 0) {
		place->bars[name.which]--;
		(*of)--;
	}
}

static void
start_see(struct track_place *place, const struct html_token *token, struct track_name name)
{
	bool outer = name.role == ROLE_HTML || name.role == ROLE_HEAD || name.role == ROLE_HIDE;

	if (name.role == ROLE_FRAMES && !place->in_body)
		place->frames = true;
	place->in_body |= !outer;
	if (name.role == ROLE_BODY && !place->has_top) {
		place->has_top = true;
		place->top = token->span.offset + token->span.n;
	}
	if (name.role == ROLE_FORMAT)
		format_open(place, name.which);
	if (name.role == ROLE_BAR || name.role == ROLE_HIDE)
		bar_change(place, name, true);
	if (name.role == ROLE_FOREIGN && !token->self_closing) {
		place->foreign = 1;
		place->has_foreign = true;
	}
	if (name.role == ROLE_CELL || name.role == ROLE_ROW)
		cell_pop(place);
	if (name.role == ROLE_TABLE || (name.role == ROLE_CELL && place->depth > 0))
		scope_push(place, name.role == ROLE_CELL);
}

static bool
is_good(const struct track_place *place, const struct html *t)
{
	const struct track_scope *scope = &place->scopes[place->depth];

	return place->in_body && scope->cell && scope->open == 0 && place->barred == 0 &&
	       place->hidden == 0 && place->foreign == 0 && place->conditions == 0 &&
	       !place->lost && !place->frames && t->state == HTML_DATA;
}

/* The body ends, and with it what may have a pixel; if there is no good place at `offset`, the last
 * good one before it. */
static void
body_end(struct track_place *place, size_t offset, bool is_body)
{
	if (place->has_bottom && place->bottom_is_body && !is_body)
		return;
	if (!place->has_last && !place->frames && place->hidden == 0 && place->barred == 0 &&
	    !place->in_body) {
		place->has_last = true; /* there is no body, or an empty one */
		place->last = offset;
		place->no_body = true;
	}
	place->in_body = true;
	place->has_bottom = place->has_last;
	place->bottom = place->last;
	place->bottom_is_body = is_body;
}

static void
end_see(struct track_place *place, const struct html_token *token, struct track_name name)
{
	if (name.role == ROLE_BODY || name.role == ROLE_HTML)
		body_end(place, token->span.offset, name.role == ROLE_BODY);
	if (name.role == ROLE_FORMAT)
		format_close(place, name.which);
	if (name.role == ROLE_BAR || name.role == ROLE_HIDE)
		bar_change(place, name, false);
	if (name.role == ROLE_CELL || name.role == ROLE_ROW)
		cell_pop(place);
	if (name.role == ROLE_TABLE)
		table_pop(place);
}

/* Within svg or math, where only their end matters. */
static bool
foreign_see(struct track_place *place, const struct html_token *token, const struct key *key,
    struct track_name name)
{
	if (token->kind == HTML_END_TAG) {
		place->foreign -= name.role == ROLE_FOREIGN;
		return true;
	}
	if (is_break(key)) {
		place->foreign = 0;
		return false;
	}
	place->foreign += name.role == ROLE_FOREIGN && !token->self_closing;
	return true;
}

static void
tag_see(struct track_place *place, struct html *t, const struct html_token *token,
    struct track_name *name_r)
{
	struct key key;

	if (key_make(html_slice(t, token->name), &key))
		*name_r = name_find(&key);
	if (place->foreign > 0 && foreign_see(place, token, &key, *name_r))
		return;
	if (place->hidden > 0 && name_r->role != ROLE_HIDE)
		return;
	if (token->kind == HTML_START_TAG)
		start_see(place, token, *name_r);
	else
		end_see(place, token, *name_r);
}

static void
comment_see(struct track_place *place, const struct html *t, const struct html_token *token)
{
	struct html_span inside;
	enum html_comment kind = html_comment_kind(t, token, &inside);

	if (kind == HTML_COMMENT_REVEALED)
		place->conditions++;
	else if (kind == HTML_COMMENT_ENDIF && place->conditions > 0)
		place->conditions--;
}

/* Does the input end before the token does? */
static bool
is_cut(const struct html *t, const struct html_token *token)
{
	struct slice text = html_slice(t, token->span);

	if (t->at < t->in.n)
		return false;
	if (token->kind == HTML_COMMENT && !token->bogus)
		return !slice_ends(text, slice_of("-->")) && !slice_ends(text, slice_of("--!>"));
	return token->kind != HTML_TEXT && !slice_ends(text, slice_of(">"));
}

static bool
is_blank(struct slice s)
{
	return slice_trim(s).n == 0;
}

void
track_place_see(struct track_place *place, struct html *t, const struct html_token *token,
    struct track_name *name_r)
{
	bool begins = !place->in_body && token->kind == HTML_START_TAG;

	*name_r = (struct track_name){ROLE_NONE, 0};
	if (token->kind == HTML_START_TAG || token->kind == HTML_END_TAG)
		tag_see(place, t, token, name_r);
	else if (token->kind == HTML_COMMENT)
		comment_see(place, t, token);
	else if (token->kind == HTML_TEXT && token->state == HTML_DATA && !place->in_body)
		place->in_body = place->hidden == 0 && place->foreign == 0 &&
				 !is_blank(html_slice(t, token->text));
	t->foreign = place->foreign > 0;
	if (begins && place->in_body && !place->has_top && place->hidden + place->conditions == 0) {
		place->has_last = !place->frames; /* the body begins with this tag, or before it */
		place->last = token->span.offset;
	}
	place->cut = is_cut(t, token) || token->kind == HTML_DROPPED;
	if (place->cut || !is_good(place, t) ||
	    (name_r->role == ROLE_PRE && token->kind == HTML_START_TAG))
		return;
	place->has_last = true;
	place->last = token->span.offset + token->span.n;
}

void
track_place_end(struct track_place *place, const struct html *t)
{
	if (!place->has_bottom && t->state == HTML_DATA && !place->cut)
		body_end(place, t->in.n, false);
	if (!place->has_bottom && place->has_last) {
		place->has_bottom = true;
		place->bottom = place->last;
	}
}
