/*
 * html.c - see html.h: the tokens one after another, and the data state. Tags are in html_tag.c, the
 * states in which most tags are text in html_text.c, the rest of markup in html_markup.c and
 * html_doctype.c.
 */
#include "mail/html_parts.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define WORD  (HTML_LETTER | HTML_ALNUM | HTML_OPENS)
#define BLANK (HTML_SPACE | HTML_ENDS_NAME | HTML_ENDS_ATTR | HTML_ENDS_BARE | HTML_SKIPPED)
#define UP8(c)                                                                                     \
	[c] = WORD, [(c) + 1] = WORD, [(c) + 2] = WORD, [(c) + 3] = WORD, [(c) + 4] = WORD,        \
	[(c) + 5] = WORD, [(c) + 6] = WORD, [(c) + 7] = WORD

const unsigned char html_classes[256] = {
    ['\t'] = BLANK,
    ['\n'] = BLANK,
    ['\f'] = BLANK,
    ['\r'] = BLANK,
    [' '] = BLANK,
    ['/'] = HTML_ENDS_NAME | HTML_ENDS_ATTR | HTML_SKIPPED,
    ['>'] = HTML_ENDS_NAME | HTML_ENDS_ATTR | HTML_ENDS_BARE,
    ['='] = HTML_ENDS_ATTR,
    ['!'] = HTML_OPENS,
    ['?'] = HTML_OPENS,
    ['0'] = HTML_ALNUM,
    ['1'] = HTML_ALNUM,
    ['2'] = HTML_ALNUM,
    ['3'] = HTML_ALNUM,
    ['4'] = HTML_ALNUM,
    ['5'] = HTML_ALNUM,
    ['6'] = HTML_ALNUM,
    ['7'] = HTML_ALNUM,
    ['8'] = HTML_ALNUM,
    ['9'] = HTML_ALNUM,
    UP8('A'),
    UP8('I'),
    UP8('Q'),
    ['Y'] = WORD,
    ['Z'] = WORD,
    UP8('a'),
    UP8('i'),
    UP8('q'),
    ['y'] = WORD,
    ['z'] = WORD,
};

/* Start tags behind which the text is not data. */
static const struct {
	struct slice name;
	enum html_state state;
} switches[] = {
    {SLICE_LIT("title"), HTML_RCDATA},
    {SLICE_LIT("style"), HTML_RAWTEXT},
    {SLICE_LIT("script"), HTML_SCRIPT},
    {SLICE_LIT("textarea"), HTML_RCDATA},
    {SLICE_LIT("xmp"), HTML_RAWTEXT},
    {SLICE_LIT("iframe"), HTML_RAWTEXT},
    {SLICE_LIT("noembed"), HTML_RAWTEXT},
    {SLICE_LIT("noframes"), HTML_RAWTEXT},
    {SLICE_LIT("plaintext"), HTML_PLAINTEXT},
};

void
html_init(struct html *t, struct slice in)
{
	*t = (struct html){.in = in, .state = HTML_DATA};
}

struct slice
html_slice(const struct html *t, struct html_span span)
{
	return slice_make(t->in.p + span.offset, span.n);
}

bool
html_is(const struct html *t, const struct html_token *token, const char *name)
{
	return slice_eq_nocase(html_slice(t, token->name), slice_of(name));
}

const struct html_attr *
html_attr_find(const struct html *t, const struct html_token *token, const char *name)
{
	struct slice wanted = slice_of(name);

	for (size_t i = 0; i < token->nattrs; i++)
		if (slice_eq_nocase(html_slice(t, token->attrs[i].name), wanted))
			return &token->attrs[i];
	return NULL;
}

bool
html_stands(struct slice in, size_t i, const char *text)
{
	return slice_starts_nocase(slice_from(in, i), slice_of(text));
}

static enum html_state
state_behind(struct slice name)
{
	for (size_t i = 0; i < COUNT(switches); i++)
		if (name.n == switches[i].name.n && slice_eq_nocase(name, switches[i].name))
			return switches[i].state;
	return HTML_DATA;
}

/* Where text of the data state ends: before "<" that begins something. "<" and "</" at the end of
 * the input are text. */
static size_t
data_end(struct slice in, size_t i)
{
	for (;; i++) {
		i = html_find(in, i, '<');
		if (i + 1 >= in.n)
			return in.n;
		if (html_has_class(in.p[i + 1], HTML_OPENS))
			return i;
		if (in.p[i + 1] == '/' && i + 2 < in.n)
			return i;
	}
}

static size_t
start_tag_read(struct html *t, struct html_token *token)
{
	size_t end;

	token->kind = HTML_START_TAG;
	end = html_read_tag(t->in, t->at + 1, token);
	if (token->kind == HTML_DROPPED)
		return end;
	t->last = html_slice(t, token->name);
	if (!t->foreign)
		t->state = state_behind(t->last);
	return end;
}

static size_t
end_tag_read(struct html *t, struct html_token *token)
{
	size_t end;

	token->kind = HTML_END_TAG;
	end = html_read_tag(t->in, t->at + 2, token);
	token->nattrs = token->nattrs_all = 0;
	token->self_closing = token->over = false;
	t->state = HTML_DATA;
	return end;
}

/* "<" and what begins there, so that there is a byte behind it, and behind "</" another. */
static size_t
markup_read(struct html *t, struct html_token *token)
{
	char c = t->in.p[t->at + 1];

	if (html_has_class(c, HTML_LETTER))
		return start_tag_read(t, token);
	if (c == '/' && html_has_class(t->in.p[t->at + 2], HTML_LETTER))
		return end_tag_read(t, token);
	if (t->foreign && slice_starts(slice_from(t->in, t->at), slice_of("<![CDATA[")))
		return html_read_cdata(t->in, t->at + 9, token);
	return html_read_markup(t->in, t->at, token);
}

static size_t
text_make(struct html *t, struct html_token *token, size_t end)
{
	token->kind = HTML_TEXT;
	token->text = html_span_of(t->at, end);
	return end;
}

bool
html_next(struct html *t, struct html_token *token_r)
{
	size_t end;

	if (t->at >= t->in.n)
		return false;
	token_r->state = t->state;
	token_r->nattrs = token_r->nattrs_all = 0;
	token_r->self_closing = token_r->bogus = token_r->over = false;
	token_r->name = token_r->text = html_span_of(t->at, t->at);
	if (t->state == HTML_CDATA) {
		end = html_read_cdata(t->in, t->at, token_r);
		t->state = HTML_DATA;
	} else {
		end = t->state == HTML_DATA ? data_end(t->in, t->at) : html_text_end(t);
		end = end > t->at ? text_make(t, token_r, end) : markup_read(t, token_r);
	}
	token_r->span = html_span_of(t->at, end);
	t->at = end;
	return true;
}
