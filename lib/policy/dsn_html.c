/*
 * dsn_html.c - the words of an HTML notification: enough to find addresses and phrases in it.
 */
#include "policy/dsn_parts.h"

/* Elements that begin a line. */
static bool
is_block(struct slice tag)
{
	static const char *const names[] = {"br", "p", "div", "tr", "li", "table", "h1", "h2", "h3",
	    "td", "pre", "hr", "ul", "blockquote", "title"};
	size_t n = 0;

	if (tag.n > 0 && tag.p[0] == '/')
		tag = slice_from(tag, 1);
	while (n < tag.n && (utf8_is_letter(tag.p[n]) || ascii_is_digit(tag.p[n])))
		n++;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (slice_eq_nocase(slice_head(tag, n), slice_of(names[i])))
			return true;
	return false;
}

/* What a person does not see. */
static size_t
hidden_bytes(struct slice html)
{
	static const struct {
		struct slice open, close;
	} rows[] = {
	    {SLICE_LIT("<style"), SLICE_LIT("</style")},
	    {SLICE_LIT("<script"), SLICE_LIT("</script")},
	    {SLICE_LIT("<!--"), SLICE_LIT("-->")},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (!slice_starts_nocase(html, rows[i].open))
			continue;
		for (size_t k = rows[i].open.n; k < html.n; k++)
			if (slice_starts_nocase(slice_from(html, k), rows[i].close))
				return k + (rows[i].close.p[0] == '-' ? rows[i].close.n : 0);
		return html.n;
	}
	return 0;
}

static size_t
reference_read(struct slice html, struct buf *out)
{
	static const struct {
		struct slice name;
		char c;
	} rows[] = {
	    {SLICE_LIT("&lt;"), '<'},
	    {SLICE_LIT("&gt;"), '>'},
	    {SLICE_LIT("&amp;"), '&'},
	    {SLICE_LIT("&quot;"), '"'},
	    {SLICE_LIT("&nbsp;"), ' '},
	    {SLICE_LIT("&#39;"), '\''},
	    {SLICE_LIT("&#64;"), '@'},
	    {SLICE_LIT("&#x40;"), '@'},
	    {SLICE_LIT("&#46;"), '.'},
	    {SLICE_LIT("&#160;"), ' '},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (slice_starts_nocase(html, rows[i].name)) {
			buf_add_char(out, rows[i].c);
			return rows[i].name.n;
		}
	buf_add_char(out, '&');
	return 1;
}

void
dsn_html_text(struct buf *out, struct slice html)
{
	for (size_t i = 0; i < html.n && !out->over;) {
		struct slice rest = slice_from(html, i);
		size_t n = html.p[i] == '<' ? hidden_bytes(rest) : 0;

		if (n > 0) {
			i += n;
		} else if (html.p[i] == '<' && rest.n > 1 &&
			   (utf8_is_letter(rest.p[1]) || rest.p[1] == '/' || rest.p[1] == '!')) {
			size_t end = slice_find(rest, '>');

			/* <ann@example.com> is no tag */
			n = slice_find(slice_head(rest, end), '@');
			if (n < end && slice_find(slice_head(rest, n), ' ') == n)
				buf_add(out, slice_head(rest, end + 1));
			else if (is_block(slice_from(rest, 1)))
				buf_add_char(out, '\n');
			i += end + 1;
		} else if (html.p[i] == '&') {
			i += reference_read(rest, out);
		} else {
			buf_add_char(out, html.p[i]);
			i++;
		}
	}
}
