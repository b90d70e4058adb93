/*
 * track_html.c - what is to be changed in an HTML text. See track_parts.h.
 */
#include "policy/hit.h"
#include "policy/track_parts.h"

/* What stands around the URL of a token in a tag of ours. */
struct put {
	const char *before, *path, *behind;
};

static const struct put pixel = {"<img src=\"", "o/",
    "\" width=\"1\" height=\"1\" alt=\"\" style=\"border:0;width:1px;height:1px\">"};

/* Nobody sees it, gets to it with the keyboard, or hears of it from a screen reader. */
static const struct put trap = {"<a href=\"", "c/",
    "\" rel=\"nofollow\" aria-hidden=\"true\" tabindex=\"-1\" style=\"display:none\"></a>"};

/* The tag, in the scratch; n 0: it cannot be made. */
static struct slice
put_make(struct track_work *work, const struct put *put, const struct token *token)
{
	size_t cap = TRACK_URL_BYTES + 200;
	char *storage = arena_alloc(&work->scratch, cap);
	struct buf out;
	struct err err;

	if (storage == NULL)
		return slice_make(NULL, 0);
	buf_init(&out, storage, cap);
	buf_add_text(&out, put->before);
	buf_add(&out, work->base);
	buf_add_text(&out, put->path);
	if (token_make(work->facts->keyring, token, &out, &err) != 0)
		return slice_make(NULL, 0);
	buf_add_text(&out, put->behind);
	return buf_slice(&out);
}

/* Patches are in the order of the text; one at the top may come late. */
static void
patch_add(struct track_html *html, size_t offset, size_t n, struct slice text)
{
	size_t i = html->n++;

	for (; i > 0 && html->patches[i - 1].offset > offset; i--)
		html->patches[i] = html->patches[i - 1];
	html->patches[i] = (struct track_patch){.offset = offset, .n = n, .text = text};
}

/* The value's quotes stay; one without gets some. */
static int
link_patch(struct track_html *html, const struct html_attr *href, struct slice url)
{
	bool bare = href->quoting == HTML_VALUE_BARE;
	size_t cap = url.n + 2;
	char *storage = arena_alloc(&html->work->scratch, cap);
	struct buf out;

	if (storage == NULL)
		return -1;
	buf_init(&out, storage, cap);
	buf_add_text(&out, bare ? "\"" : "");
	buf_add(&out, url);
	buf_add_text(&out, bare ? "\"" : "");
	patch_add(html, html->view.bom + href->value.offset, href->value.n, buf_slice(&out));
	return 0;
}

static int
link_see(struct track_html *html, const struct html *t, const struct html_token *tag, bool hidden)
{
	const struct html_attr *href = html_attr_find(t, tag, "href");
	char storage[TRACK_URL_BYTES];
	struct buf url = BUF_OVER(storage);
	enum track_kept kept;

	if (href == NULL || href->quoting == HTML_VALUE_ABSENT)
		return 0;
	kept = track_link_make(html, html_slice(t, href->value), &url);
	if (kept == TRACK_KEPT_NOT && hidden)
		kept = TRACK_KEPT_HIDDEN;
	else if (kept == TRACK_KEPT_NOT && tag->over)
		kept = TRACK_KEPT_ODD;
	else if (kept == TRACK_KEPT_NOT && track_opted_out(t, tag))
		kept = TRACK_KEPT_OPTOUT;
	html->report->kept[kept] += kept != TRACK_KEPT_NOT;
	if (kept != TRACK_KEPT_NOT)
		return 0;
	html->report->links++;
	return link_patch(html, href, buf_slice(&url));
}

/* Without the line ends behind the last word. */
static size_t
place_trim(const struct track_html *html, size_t offset)
{
	struct slice text = slice_head(html->view.text, html->view.bom + offset);

	while (offset > 0 && ascii_is_space(text.p[html->view.bom + offset - 1]))
		offset--;
	return offset;
}

/* Where something of ours may stand, and the account wants it. */
struct places {
	bool top, bottom;
	size_t top_at, bottom_at;
};

/* At the top for mail that is clipped, if there is one. */
static struct places
places_find(const struct track_html *html, const struct track_place *place)
{
	size_t grows = html->n * (html->work->base.n + TOKEN_TEXT_BYTES / 4);
	bool clipped = html->map.decoded.n + grows > TRACK_CLIP_BYTES;
	int at = html->work->facts->account->pixel_at;
	bool top = at != PIXEL_BOTTOM || clipped || !place->has_bottom;
	bool bottom = at == PIXEL_BOTH || !top || !place->has_top;
	size_t end = html->view.text.n - html->view.bom;
	bool trims = place->bottom == end && !place->no_body;
	struct places places = {
	    .top_at = place->top, .bottom_at = trims ? place_trim(html, end) : place->bottom};

	if (place->frames)
		return places;
	places.top = top && place->has_top;
	places.bottom = bottom && place->has_bottom &&
			(places.bottom_at != end || html->view.ends_in_ascii);
	return places;
}

static int
pixels_add(struct track_html *html, const struct places *places)
{
	const struct token token = {.kind = TOKEN_OPEN, .ids = html->work->facts->ids};
	struct slice tag;

	if (!places->top && !places->bottom)
		return 0;
	tag = put_make(html->work, &pixel, &token);
	if (tag.n == 0)
		return -1;
	if (places->top)
		patch_add(html, html->view.bom + places->top_at, 0, tag);
	if (places->bottom)
		patch_add(html, html->view.bom + places->bottom_at, 0, tag);
	html->report->pixels += (size_t)places->top + (size_t)places->bottom;
	return 0;
}

/* It leads to our own host, which has nothing there: nobody else is visited in vain. */
static int
trap_add(struct track_html *html, const struct places *places)
{
	const struct token token = {.kind = TOKEN_CLICK,
	    .ids = html->work->facts->ids,
	    .link = HIT_TRAP_LINK,
	    .target = html->work->base};
	struct slice tag;

	if (!places->top && !places->bottom)
		return 0;
	tag = put_make(html->work, &trap, &token);
	if (tag.n == 0)
		return -1;
	patch_add(
	    html, html->view.bom + (places->bottom ? places->bottom_at : places->top_at), 0, tag);
	html->report->traps = 1;
	return 0;
}

/* Once in a message: in the first of its texts that has a place for it. A trap only beside links that a
 * program follows. */
static int
puts_add(struct track_html *html, const struct track_place *place)
{
	const struct track_facts *facts = html->work->facts;
	const struct track *so_far = html->work->result;
	struct places places = places_find(html, place);

	if (facts->what.opens && so_far->pixels == 0 && pixels_add(html, &places) != 0)
		return -1;
	if (!facts->account->trap || html->report->links == 0 || so_far->traps > 0)
		return 0;
	return trap_add(html, &places);
}

static int
token_add(struct track_html *html, const struct html *t, const struct html_token *token,
    enum html_state state)
{
	size_t room = html->room == 0 ? 1024 : html->room;
	struct track_token *v;

	if (html->ntokens == html->room) {
		room *= html->room == 0 ? 1 : 2;
		v = arena_alloc(&html->work->scratch, room * sizeof(*v));
		if (v == NULL)
			return -1;
		if (html->ntokens > 0)
			memcpy(v, html->tokens, html->ntokens * sizeof(*v));
		html->tokens = v;
		html->room = room;
	}
	html->tokens[html->ntokens++] = (struct track_token){
	    (uint32_t)t->at, (unsigned char)token->kind, (unsigned char)state};
	return 0;
}

/* The first attribute href of a link counts. */
static bool
is_link(const struct html_token *token, struct track_name name)
{
	return token->kind == HTML_START_TAG &&
	       (name.role == ROLE_LINK || (name.role == ROLE_FORMAT && name.which == 0));
}

int
track_html_scan(struct track_html *html)
{
	const struct out_track *what = &html->work->facts->what;
	struct track_place place;
	struct track_name name;
	struct html_token token;
	struct html t;
	enum html_state state = HTML_DATA;

	html_init(&t, slice_from(html->view.text, html->view.bom));
	track_place_init(&place);
	for (; html_next(&t, &token); state = t.state) {
		bool hidden = place.hidden > 0 || place.foreign > 0;

		track_place_see(&place, &t, &token, &name);
		if (token_add(html, &t, &token, state) != 0)
			return -1;
		if (what->clicks && is_link(&token, name) &&
		    link_see(html, &t, &token, hidden) != 0)
			return -1;
	}
	html->end_state = t.state;
	track_place_end(&place, &t);
	html->has_foreign = place.has_foreign;
	return puts_add(html, &place);
}
