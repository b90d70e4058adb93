/*
 * test_html.c - lib/mail/html, html_comment, html_reference.
 */
#include "mail/html_comment.h"
#include "mail/html_entity_table.h"
#include "mail/html_reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* One token: T text, R RCDATA, W RAWTEXT, S script, P PLAINTEXT, C CDATA: and the text; a tag with
 * its attributes ("*": duplicate, "+": more than are kept); {a comment} or {!a bogus one};
 * [doctype|public|system|quirks], "-": none; ~what is dropped~. Between two a line end. */
static const struct {
	const char *name;
	struct slice in;
	const char *want;
} token_rows[] = {
    {"nothing", SLICE_LIT(""), ""},
    {"text", SLICE_LIT("a &amp; b > c"), "T:a &amp; b > c"},
    {"signs that begin nothing", SLICE_LIT("a < b <3 <"), "T:a < b <3 <"},
    {"an end that ends", SLICE_LIT("a</"), "T:a</"},
    {"NUL is text", SLICE_LIT("a\0b<b\0c>"), "T:a?b\n<b?c>"},
    {"tags", SLICE_LIT("<p>a</p>"), "<p>\nT:a\n</p>"},
    {"any case", SLICE_LIT("<A HREF=x></A >"), "<A HREF=x>\n</A>"},
    {"self-closing", SLICE_LIT("<br/><br / ><br /><a b=c/><a b/>"),
	"<br/>\n<br>\n<br/>\n<a b=c/>\n<a b/>"},
    {"quoting", SLICE_LIT("<a b=\"c>d\" e='f\"' g=h i>"), "<a b=\"c>d\" e='f\"' g=h i>"},
    {"spaces", SLICE_LIT("<a\tb\n=\r\n\"c\"\f d = e>"), "<a b=\"c\" d=e>"},
    {"empty values", SLICE_LIT("<a b=\"\" c='' d= >"), "<a b=\"\" c='' d=>"},
    {"no spaces", SLICE_LIT("<a b=\"c\"d='e'f/g>"), "<a b=\"c\" d='e' f g>"},
    {"a value without quotes", SLICE_LIT("<a b=c\"d'e=f?g&h/i`>"), "<a b=c\"d'e=f?g&h/i`>"},
    {"odd names", SLICE_LIT("<a =b=c \"d'<e>"), "<a =b=c \"d'<e>"},
    {"duplicates", SLICE_LIT("<a b=1 B=2 c b=3 C>"), "<a b=1 *B=2 c *b=3 *C>"},
    {"an end tag has a name", SLICE_LIT("</a b=c/>"), "</a>"},
    {"a tag that is cut", SLICE_LIT("a<b c=\"d>"), "T:a\n~<b c=\"d>~"},
    {"in its name", SLICE_LIT("a<b"), "T:a\n~<b~"},
    {"before its value", SLICE_LIT("a<b c= "), "T:a\n~<b c= ~"},
    {"in a value without quotes", SLICE_LIT("<b c=d"), "~<b c=d~"},
    {"at its slash", SLICE_LIT("<b /"), "~<b /~"},
    {"an end tag that is cut", SLICE_LIT("</b "), "~</b ~"},
    {"an end without a name", SLICE_LIT("a</>b"), "T:a\n~</>~\nT:b"},
    {"comments", SLICE_LIT("<!--a--><!----><!-- - -- > -->"), "{a}\n{}\n{ - -- > }"},
    {"ended at once", SLICE_LIT("<!--><!--->a"), "{}\n{}\nT:a"},
    {"with !", SLICE_LIT("<!--a--!><!----!><!--!>-->"), "{a}\n{}\n{!>}"},
    {"in a comment", SLICE_LIT("<!--a<!--b--><!--<!-->c"), "{a<!--b}\n{<!}\nT:c"},
    {"three dashes", SLICE_LIT("<!--a--->"), "{a-}"},
    {"an open comment", SLICE_LIT("<!--a-->b<!--c>"), "{a}\nT:b\n{c>}"},
    {"cut in its end", SLICE_LIT("<!--a--!"), "{a}"},
    {"cut in its dashes", SLICE_LIT("<!--a--"), "{a}"},
    {"cut in its dash", SLICE_LIT("<!---"), "{}"},
    {"bogus comments", SLICE_LIT("<!a><?b?></ c><!-d><![CDATA[e>f]]>"),
	"{!a}\n{!?b?}\n{! c}\n{!-d}\n{![CDATA[e}\nT:f]]>"},
    {"an open one", SLICE_LIT("<!a"), "{!a}"},
    {"doctypes", SLICE_LIT("<!DOCTYPE html><!doctype><!doctypea>"),
	"[html|-|-]\n[-|-|-|quirks]\n[a|-|-]"},
    {"with identifiers",
	SLICE_LIT("<!doctype a public \"b\" 'c'><!doctype a SYSTEM'd'><!doctype a public ''>"),
	"[a|b|c]\n[a|-|d]\n[a||-]"},
    {"wrong ones",
	SLICE_LIT(
	    "<!doctype a public><!doctype a public \"b><!doctype a b><!doctype a system 'c' d>"),
	"[a|-|-|quirks]\n[a|b|-|quirks]\n[a|-|-|quirks]\n[a|-|c]"},
    {"a cut one", SLICE_LIT("<!doctype a system 'c' "), "[a|-|c|quirks]"},
    {"RCDATA", SLICE_LIT("<title>a<b>&amp;</titles></title/>c"),
	"<title>\nR:a<b>&amp;</titles>\n</title>\nT:c"},
    {"an empty one", SLICE_LIT("<textarea></TEXTAREA\n><b>"), "<textarea>\n</TEXTAREA>\n<b>"},
    {"RAWTEXT", SLICE_LIT("<STYLE>a>b{}<!--</style><b>"), "<STYLE>\nW:a>b{}<!--\n</style>\n<b>"},
    {"all of that kind",
	SLICE_LIT(
	    "<xmp><b></xmp><iframe><b></iframe><noembed><b></noembed><noframes><b></noframes>"),
	"<xmp>\nW:<b>\n</xmp>\n<iframe>\nW:<b>\n</iframe>\n<noembed>\nW:<b>\n</noembed>\n"
	"<noframes>\nW:<b>\n</noframes>"},
    {"noscript is data", SLICE_LIT("<noscript><b></noscript>"), "<noscript>\n<b>\n</noscript>"},
    {"no end", SLICE_LIT("<style>a</style"), "<style>\nW:a</style"},
    {"an end that is cut", SLICE_LIT("<style>a</style b"), "<style>\nW:a\n~</style b~"},
    {"script", SLICE_LIT("<script>a<b</scrip></script>c"),
	"<script>\nS:a<b</scrip>\n</script>\nT:c"},
    {"escaped", SLICE_LIT("<script><!--a</script>b"), "<script>\nS:<!--a\n</script>\nT:b"},
    {"twice", SLICE_LIT("<script><!--<script>a</script>b--></script>c"),
	"<script>\nS:<!--<script>a</script>b-->\n</script>\nT:c"},
    {"twice and back", SLICE_LIT("<script><!--<script>a</script>b</script>c"),
	"<script>\nS:<!--<script>a</script>b\n</script>\nT:c"},
    {"no longer escaped", SLICE_LIT("<script><!--><script></script>c"),
	"<script>\nS:<!--><script>\n</script>\nT:c"},
    {"one dash ends nothing", SLICE_LIT("<script><!--a-><script></script>b"),
	"<script>\nS:<!--a-><script></script>b"},
    {"other tags there", SLICE_LIT("<script><!--<scripts></script>c"),
	"<script>\nS:<!--<scripts>\n</script>\nT:c"},
    {"PLAINTEXT", SLICE_LIT("<plaintext>a</plaintext><b>"), "<plaintext>\nP:a</plaintext><b>"},
    {"self-closing changes nothing", SLICE_LIT("<title/><b>"), "<title/>\nR:<b>"},
};

static void
add_span(struct buf *out, const struct html *t, struct html_span span)
{
	struct slice text = html_slice(t, span);

	for (size_t i = 0; i < text.n; i++)
		buf_add_char(out, (char)(text.p[i] == '\0' ? '?' : text.p[i]));
}

static void
add_attr(struct buf *out, const struct html *t, const struct html_attr *attr)
{
	const char *quote = attr->quoting == HTML_VALUE_SINGLE   ? "'"
			    : attr->quoting == HTML_VALUE_DOUBLE ? "\""
								 : "";

	buf_add_text(out, attr->duplicate ? " *" : " ");
	add_span(out, t, attr->name);
	if (attr->quoting == HTML_VALUE_ABSENT) {
		assert_int_equal(attr->value.n, 0);
		assert_int_equal(attr->value.offset, attr->name.offset + attr->name.n);
		return;
	}
	buf_add_format(out, "=%s", quote);
	add_span(out, t, attr->value);
	buf_add_text(out, quote);
}

static void
add_doctype(struct buf *out, const struct html *t, const struct html_token *token)
{
	const struct html_doctype *d = &token->doctype;

	buf_add_char(out, '[');
	if (token->name.n > 0)
		add_span(out, t, token->name);
	buf_add_text(out, token->name.n > 0 ? "|" : "-|");
	if (d->has_public)
		add_span(out, t, d->public_id);
	buf_add_text(out, d->has_public ? "|" : "-|");
	if (d->has_system)
		add_span(out, t, d->system_id);
	buf_add_text(out, d->has_system ? "" : "-");
	buf_add_text(out, d->quirks ? "|quirks]" : "]");
}

static void
add_token(struct buf *out, const struct html *t, const struct html_token *token)
{
	switch (token->kind) {
	case HTML_TEXT:
		buf_add_char(out, "TRWSPC"[token->state]);
		buf_add_char(out, ':');
		add_span(out, t, token->text);
		break;
	case HTML_START_TAG:
	case HTML_END_TAG:
		buf_add_text(out, token->kind == HTML_END_TAG ? "</" : "<");
		add_span(out, t, token->name);
		for (size_t i = 0; i < token->nattrs; i++)
			add_attr(out, t, &token->attrs[i]);
		buf_add_text(out, token->over ? " +" : "");
		buf_add_text(out, token->self_closing ? "/>" : ">");
		break;
	case HTML_COMMENT:
		buf_add_text(out, token->bogus ? "{!" : "{");
		add_span(out, t, token->text);
		buf_add_char(out, '}');
		break;
	case HTML_DOCTYPE:
		add_doctype(out, t, token);
		break;
	case HTML_DROPPED:
		buf_add_char(out, '~');
		add_span(out, t, token->span);
		buf_add_char(out, '~');
		break;
	}
}

/* All tokens; they cover the input. */
static void
tokens_add(struct buf *out, struct html *t)
{
	static struct html_token token;
	size_t at = t->at;

	for (; html_next(t, &token); at += token.span.n) {
		assert_int_equal(token.span.offset, at);
		assert_true(token.span.n > 0);
		if (at > 0)
			buf_add_char(out, '\n');
		add_token(out, t, &token);
	}
	assert_int_equal(at, t->in.n);
	assert_false(html_next(t, &token));
}

static void
test_tokens(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(token_rows); i++) {
		char storage[4096];
		struct buf out = BUF_OVER(storage);
		struct html t;

		print_message("  %s\n", token_rows[i].name);
		html_init(&t, token_rows[i].in);
		tokens_add(&out, &t);
		assert_string_equal(buf_text(&out), token_rows[i].want);
	}
}

/* What a caller may set. */
static void
test_states(void **state)
{
	static const struct {
		const char *in;
		enum html_state state;
		const char *last;
		bool foreign;
		const char *want;
	} rows[] = {
	    {"a</b>", HTML_RCDATA, NULL, false, "R:a</b>"},
	    {"a</b>", HTML_RCDATA, "b", false, "R:a\n</b>"},
	    {"a]]]>b", HTML_CDATA, NULL, false, "C:a]\nT:b"},
	    {"a]]", HTML_CDATA, NULL, false, "C:a]]"},
	    {"]]>", HTML_CDATA, NULL, false, "C:"},
	    {"<![CDATA[a<b>]]>c<title><d>", HTML_DATA, NULL, true, "C:a<b>\nT:c\n<title>\n<d>"},
	    {"<![cdata[a<b>]]>", HTML_DATA, NULL, true, "{![cdata[a<b}\nT:]]>"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[4096];
		struct buf out = BUF_OVER(storage);
		struct html t;

		print_message("  %s\n", rows[i].in);
		html_init(&t, slice_of(rows[i].in));
		t.state = rows[i].state;
		t.last = slice_of(rows[i].last);
		t.foreign = rows[i].foreign;
		tokens_add(&out, &t);
		assert_string_equal(buf_text(&out), rows[i].want);
	}
}

/* Every place to begin at, and every place to end at: the spans stay within. */
static void
test_cut(void **state)
{
	static char whole[8192];
	struct buf text = BUF_OVER(whole);

	(void)state;
	for (size_t i = 0; i < COUNT(token_rows); i++)
		if (strstr(token_rows[i].name, "PLAINTEXT") == NULL)
			buf_add(&text, token_rows[i].in);
	for (size_t n = 0; n <= text.n; n++)
		for (int at = 0; at < 2; at++) {
			/* on the heap: what reads beyond it is seen */
			char *copy = malloc(n > 0 ? n : 1);
			static char storage[32768];
			struct buf out = BUF_OVER(storage);
			struct html t;

			memcpy(copy, at == 0 ? text.p : text.p + text.n - n, n);
			html_init(&t, slice_make(copy, n));
			tokens_add(&out, &t);
			free(copy);
		}
}

static void
test_many_attributes(void **state)
{
	static char storage[8192];
	static struct html_token token;
	struct buf in = BUF_OVER(storage);
	const struct html_attr *found;
	struct html t;

	(void)state;
	buf_add_text(&in, "<a");
	for (int i = 0; i < HTML_ATTRS_MAX + 50; i++)
		buf_add_format(&in, " n%d=\"%d\"", i % (HTML_ATTRS_MAX - 1), i);
	buf_add_text(&in, ">b<c d>");
	html_init(&t, buf_slice(&in));
	assert_true(html_next(&t, &token));
	assert_int_equal(token.kind, HTML_START_TAG);
	assert_true(token.over);
	assert_int_equal(token.nattrs, HTML_ATTRS_MAX);
	assert_int_equal(token.nattrs_all, HTML_ATTRS_MAX + 50);
	for (size_t i = 0; i < token.nattrs; i++)
		assert_int_equal(token.attrs[i].duplicate, i == HTML_ATTRS_MAX - 1);
	found = html_attr_find(&t, &token, "n0");
	assert_ptr_equal(found, &token.attrs[0]);
	assert_true(slice_eq(html_slice(&t, found->value), slice_of("0")));
	assert_null(html_attr_find(&t, &token, "n"));
	assert_true(html_next(&t, &token) && html_next(&t, &token));
	assert_true(html_is(&t, &token, "c") && !token.over);
	assert_int_equal(token.nattrs, 1);
	assert_int_equal(token.nattrs_all, 1);
}

/* What it is for: one value becomes another, whatever quotes it had. */
static void
test_patch(void **state)
{
	static const struct {
		const char *in;
		const char *want;
	} rows[] = {
	    {"a<A class=x HREF=\"u?a&amp;b\" id=y>b", "a<A class=x HREF=\"v?&quot;'&amp;\" id=y>b"},
	    {"<a href = 'u' href='w'>", "<a href = 'v?\"&#39;&amp;' href='w'>"},
	    {"<a href=u/>", "<a href=\"v?&quot;'&amp;\">"},
	    {"<a href=>", "<a href=\"v?&quot;'&amp;\">"},
	    {"<!--<a href=u>--><a>", "<!--<a href=u>--><a>"},
	};
	static struct html_token token;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char storage[256];
		struct buf out = BUF_OVER(storage);
		struct html t;
		size_t at = 0;

		print_message("  %s\n", rows[i].in);
		html_init(&t, slice_of(rows[i].in));
		while (html_next(&t, &token)) {
			const struct html_attr *a = html_attr_find(&t, &token, "href");
			bool bare = a != NULL && a->quoting == HTML_VALUE_BARE;

			if (token.kind != HTML_START_TAG || a == NULL)
				continue;
			buf_add(&out, slice_make(t.in.p + at, a->value.offset - at));
			buf_add_text(&out, bare ? "\"" : "");
			html_escape(
			    &out, slice_of("v?\"'&"), a->quoting == HTML_VALUE_SINGLE ? '\'' : '"');
			buf_add_text(&out, bare ? "\"" : "");
			at = a->value.offset + a->value.n;
		}
		buf_add(&out, slice_from(t.in, at));
		assert_string_equal(buf_text(&out), rows[i].want);
	}
}

static void
test_comments(void **state)
{
	static const struct {
		const char *in;
		enum html_comment want;
		const char *inside;
	} rows[] = {
	    {"<!-- a -->", HTML_COMMENT_PLAIN, ""},
	    {"<!---->", HTML_COMMENT_PLAIN, ""},
	    {"<!--[if mso]><a href=\"x\"></a><![endif]-->", HTML_COMMENT_HIDDEN,
		"<a href=\"x\"></a>"},
	    {"<!-- [IF (gte mso 9)|(IE)] > <b> <![ENDIF] -->", HTML_COMMENT_HIDDEN, " <b> "},
	    {"<!--[if gte mso 9]><xml>", HTML_COMMENT_HIDDEN, "<xml>"},
	    {"<!--[if(mso)]>a<![endif]-->", HTML_COMMENT_HIDDEN, "a"},
	    {"<!--[if mso]>a[b]<![endif] c-->", HTML_COMMENT_HIDDEN, "a[b]<![endif] c"},
	    {"<!--[if mso]>-->", HTML_COMMENT_REVEALED, ""},
	    {"<!--[if !mso]><!-->", HTML_COMMENT_REVEALED, ""},
	    {"<!--[if !mso]> <!-- -->", HTML_COMMENT_REVEALED, ""},
	    {"<![if !mso]>", HTML_COMMENT_REVEALED, ""},
	    {"<!--<![endif]-->", HTML_COMMENT_ENDIF, ""},
	    {"<!-- <![endif]-->", HTML_COMMENT_ENDIF, ""},
	    {"<![endif]>", HTML_COMMENT_ENDIF, ""},
	    {"<![endif]-->", HTML_COMMENT_ENDIF, ""},
	    {"<![CDATA[a]]>", HTML_COMMENT_CDATA, ""},
	    {"<!--[CDATA[a]]-->", HTML_COMMENT_PLAIN, ""},
	    {"<!--[iffy]>a-->", HTML_COMMENT_PLAIN, ""},
	    {"<!--[if]>a-->", HTML_COMMENT_PLAIN, ""},
	    {"<!--[if mso a-->", HTML_COMMENT_PLAIN, ""},
	    {"<?xml?>", HTML_COMMENT_PLAIN, ""},
	};
	static struct html_token token;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct html_span inside;
		struct html t;

		print_message("  %s\n", rows[i].in);
		html_init(&t, slice_of(rows[i].in));
		assert_true(html_next(&t, &token));
		assert_int_equal(token.kind, HTML_COMMENT);
		assert_int_equal(html_comment_kind(&t, &token, &inside), rows[i].want);
		assert_true(slice_eq(html_slice(&t, inside), slice_of(rows[i].inside)));
	}
}

static void
test_references(void **state)
{
	static const struct {
		const char *in;
		const char *text;
		const char *value; /* NULL: the same */
	} rows[] = {
	    {"", "", NULL},
	    {"a?b=1&amp;c=2", "a?b=1&c=2", NULL},
	    {"a?b=1&c=2&", "a?b=1&c=2&", NULL},
	    {"?a&copy=1&copyright&copy", "?a\302\251=1\302\251right\302\251",
		"?a&copy=1&copyright\302\251"},
	    {"&copy;=1&amp;amp;", "\302\251=1&amp;", NULL},
	    {"&notit; &notin; &not", "\302\254it; \342\210\211 \302\254",
		"&notit; \342\210\211 \302\254"},
	    {"&AMP;&Amp;&amp&#38;", "&&Amp;&&", "&&Amp;&&"},
	    {"&CounterClockwiseContourIntegral;", "\342\210\263", NULL},
	    {"&CounterClockwiseContourIntegral", "&CounterClockwiseContourIntegral", NULL},
	    {"&nGt;&bne;", "\342\211\253\342\203\222=\342\203\245", NULL},
	    {"&unknown;&;& &&amp;", "&unknown;&;& &&", NULL},
	    {"&#65;&#x41;&#X41&#065", "AAAA", NULL},
	    {"&#;&#x;&#xg;&#a;&#", "&#;&#x;&#xg;&#a;&#", NULL},
	    {"&#8364;&#128;&#x9f;&#x81;", "\342\202\254\342\202\254\305\270\302\201", NULL},
	    {"&#0;&#xd800;&#xdfff;&#x110000;", "\357\277\275\357\277\275\357\277\275\357\277\275",
		NULL},
	    {"&#4294967361;&#99999999999999999999;", "\357\277\275\357\277\275", NULL},
	    {"&#x10ffff;&#x1f600;&#xfffe;&#127;",
		"\364\217\277\277\360\237\230\200\357\277\276\177", NULL},
	    {"&#13;&#10;", "\r\n", NULL},
	    {"http&colon;&sol;&sol;x&period;y", "http://x.y", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int place = HTML_IN_TEXT; place <= HTML_IN_VALUE; place++) {
			char storage[256];
			struct buf out = BUF_OVER(storage);
			bool text = place == HTML_IN_TEXT || rows[i].value == NULL;

			print_message("  %s\n", rows[i].in);
			html_decode(&out, slice_of(rows[i].in), (enum html_place)place);
			assert_string_equal(buf_text(&out), text ? rows[i].text : rows[i].value);
		}
}

/* The table is whole and in order, and each name is found, the longest first. */
static void
test_entities(void **state)
{
	size_t legacy = 0;

	(void)state;
	assert_int_equal(html_entities_n, 2231);
	for (size_t i = 0; i < html_entities_n; i++) {
		const struct html_entity *e = &html_entities[i];
		char in_storage[64], out_storage[64];
		struct buf in = BUF_OVER(in_storage), out = BUF_OVER(out_storage);

		assert_true(strlen(e->name) <= HTML_NAME_MAX);
		assert_true(i == 0 || slice_compare(slice_of(e[-1].name), slice_of(e->name)) < 0);
		legacy += !slice_ends(slice_of(e->name), slice_of(";"));
		buf_add_format(&in, "&%s", e->name);
		html_decode(&out, buf_slice(&in), HTML_IN_VALUE);
		assert_string_equal(buf_text(&out), e->text);
		assert_true(out.n <= html_decoded_max(in.n));
	}
	assert_int_equal(legacy, 106);
}

static void
test_bounds(void **state)
{
	char storage[4];
	struct buf out;

	(void)state;
	buf_init(&out, storage, sizeof(storage));
	html_decode(&out, slice_of("abcd"), HTML_IN_VALUE);
	assert_false(out.over);
	buf_init(&out, storage, sizeof(storage));
	html_decode(&out, slice_of("ab&euro;"), HTML_IN_VALUE);
	assert_true(out.over);
	buf_init(&out, storage, sizeof(storage));
	html_escape(&out, slice_of("&"), '"');
	assert_true(out.over);
}

/* Whatever a value is, it comes back from between its quotes. */
static void
test_escape(void **state)
{
	static char storage[4096], again_storage[4096];
	static struct html_token token;
	char all[256];
	struct html t;
	size_t n = 0;

	(void)state;
	for (int c = 1; c < 256; c++)
		all[n++] = (char)c;
	for (const char *quote = "\"'"; *quote != '\0'; quote++) {
		struct buf out = BUF_OVER(storage), again = BUF_OVER(again_storage);

		buf_add_format(&out, "<a href=%c", *quote);
		html_escape(&out, slice_make(all, n), *quote);
		html_escape(&out, slice_of("&amp;&copy=1&#38;\"'"), *quote);
		buf_add_format(&out, "%c>", *quote);
		html_init(&t, buf_slice(&out));
		assert_true(html_next(&t, &token));
		assert_int_equal(token.nattrs_all, 1);
		html_decode(&again, html_slice(&t, token.attrs[0].value), HTML_IN_VALUE);
		assert_memory_equal(again.p, all, n);
		assert_true(
		    slice_eq(slice_from(buf_slice(&again), n), slice_of("&amp;&copy=1&#38;\"'")));
		assert_false(html_next(&t, &token));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tokens),
	    cmocka_unit_test(test_states),
	    cmocka_unit_test(test_cut),
	    cmocka_unit_test(test_many_attributes),
	    cmocka_unit_test(test_patch),
	    cmocka_unit_test(test_comments),
	    cmocka_unit_test(test_references),
	    cmocka_unit_test(test_entities),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests_name("html", tests, NULL, NULL);
}
