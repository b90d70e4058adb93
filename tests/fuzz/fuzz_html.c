/*
 * fuzz_html.c - tokens cover the input, in order, and what they name lies in them; whatever
 * references say, it can be said again.
 */
#include "mail/html_comment.h"
#include "mail/html_reference.h"

#include <assert.h>

#define WITHIN(a, b) ((a).offset >= (b).offset && (a).offset + (a).n <= (b).offset + (b).n)

static void
values_check(struct slice raw)
{
	static char said[1048576], written[6 * 1048576], again[8 * 1048576];
	struct buf plain = BUF_OVER(said), coded = BUF_OVER(written), back = BUF_OVER(again);

	html_decode(&plain, raw, raw.n % 2 == 0 ? HTML_IN_TEXT : HTML_IN_VALUE);
	assert(plain.n <= html_decoded_max(raw.n));
	html_escape(&coded, buf_slice(&plain), raw.n % 4 < 2 ? '"' : '\'');
	html_decode(&back, buf_slice(&coded), HTML_IN_VALUE);
	assert(slice_eq(buf_slice(&plain), buf_slice(&back)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct html_token token;
	struct html_span inside;
	struct html t;
	size_t at = 0;

	html_init(&t, slice_make((const char *)data, n));
	t.state = n > 0 ? data[0] % HTML_STATES : HTML_DATA;
	t.last = slice_of("script");
	t.foreign = n > 1 && data[1] % 8 == 7;
	for (; html_next(&t, &token); at += token.span.n) {
		assert(token.span.offset == at && token.span.n > 0 && token.span.n <= n - at);
		assert(WITHIN(token.text, token.span) && WITHIN(token.name, token.span));
		assert(token.over == (token.nattrs < token.nattrs_all));
		for (size_t i = 0; i < token.nattrs; i++)
			assert(WITHIN(token.attrs[i].name, token.span) &&
			       WITHIN(token.attrs[i].value, token.span));
		if (token.kind == HTML_COMMENT)
			(void)html_comment_kind(&t, &token, &inside);
		assert(token.kind != HTML_COMMENT || WITHIN(inside, token.text));
		values_check(html_slice(&t, token.span));
	}
	assert(at == n);
	return 0;
}
