/*
 * test_track.c - lib/policy/track.
 */
#include "policy/track.h"

#include "track_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define TEXT_BYTES ((size_t)1024 * 1024)

#define MIME "MIME-Version: 1.0\n"
#define HTML MIME "Content-Type: text/html; charset="
#define CTE  "Content-Transfer-Encoding: "

static struct arena arena;

/* What one row makes. */
struct made {
	struct account account;
	struct out_track what;
	struct track track;
	struct message before, after;
	struct mime mime;
	struct heap_text body;
};

static int
arena_setup(void **state)
{
	(void)state;
	arena_init(&arena, 65536, 64 * TEXT_BYTES);
	return 0;
}

static int
arena_teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static struct made
made_init(void)
{
	return (struct made){
	    .account = {.track_domain = TRACK_DOMAIN}, .what = {true, true, PRIVACY_IDENTIFIED}};
}

static void
make(struct made *made, const char *header, struct slice body)
{
	static struct edits edits;
	struct track_facts facts = track_facts_of(&made->account);
	struct body_edits body_edits;

	facts.what = made->what;
	edits_init(&edits);
	assert_int_equal(message_parse(&arena, slice_of(header), &made->before), 0);
	made->before.body = body;
	body_edits_init(&body_edits, &arena);
	assert_int_equal(mime_scan(&arena, &made->before, &made->mime), 0);
	facts.presigned = presigned_is(&made->before);
	track_make(&facts, &made->before, &made->mime, &edits, &body_edits, &made->track);
	assert_int_equal(
	    body_edits_apply_to(&body_edits, body, &(struct sink){heap_put, &made->body}), 0);
	assert_int_equal(message_parse(&arena, slice_of(header), &made->after), 0);
	assert_int_equal(message_apply(&arena, &made->after, &edits), 0);
	made->after.body = heap_slice(&made->body);
	assert_int_equal(mime_scan(&arena, &made->after, &made->mime), 0);
}

static size_t
token_end(struct slice s)
{
	size_t n = 0;

	while (n < s.n && (ascii_is_digit(s.p[n]) || s.p[n] == '-' || s.p[n] == '_' ||
			      (ascii_lower(s.p[n]) >= 'a' && ascii_lower(s.p[n]) <= 'z')))
		n++;
	return n;
}

/* Readable: "(LINK TARGET)" where there is a URL of ours, "[o]" for a pixel, and "[t]" for a
 * trap. */
static void
urls_open(struct slice text, struct buf *out)
{
	static const struct slice base = SLICE_LIT("https://" TRACK_DOMAIN "/");
	static const struct slice pixel = SLICE_LIT(
	    "<img src=\"(o)\" width=\"1\" height=\"1\" alt=\"\" "
	    "style=\"border:0;width:1px;height:1px\">");
	static const struct slice trap = SLICE_LIT(
	    "<a href=\"(65535 https://t.shop.example/)\" rel=\"nofollow\" aria-hidden=\"true\" "
	    "tabindex=\"-1\" style=\"display:none\"></a>");
	struct token token;

	while (text.n > 0) {
		if (!slice_starts(text, base)) {
			buf_add_char(out, text.p[0]);
			text = slice_from(text, 1);
		} else {
			struct slice rest = slice_from(text, base.n + 2);
			size_t n = token_end(rest);
			const struct token_terms terms = {0, 1, 0, 0};

			if (token_open(track_keyring(), slice_head(rest, n), &terms, &token) !=
			    TOKEN_GOOD)
				fail_msg("no token: %.*s", SLICE_ARG(slice_head(text, 100)));
			assert_int_equal(text.p[base.n], token.kind == TOKEN_OPEN ? 'o' : 'c');
			if (token.kind == TOKEN_OPEN)
				buf_add_text(out, "(o)");
			else
				buf_add_format(
				    out, "(%u %.*s)", token.link, SLICE_ARG(token.target));
			text = slice_from(rest, n);
		}
		if (slice_ends(buf_slice(out), pixel)) {
			out->n -= pixel.n;
			buf_add_text(out, "[o]");
		} else if (slice_ends(buf_slice(out), trap)) {
			out->n -= trap.n;
			buf_add_text(out, "[t]");
		}
	}
}

static void
made_is(const struct made *made, const char *name, const char *want)
{
	char *storage = malloc(TEXT_BYTES);
	struct buf out;

	assert_non_null(storage);
	buf_init(&out, storage, TEXT_BYTES);
	urls_open(made->after.body, &out);
	if (strcmp(buf_text(&out), want) != 0)
		fail_msg("%s: %s, want %s (%s)", name, buf_text(&out), want,
		    made->track.n > 0 ? track_reason_name(made->track.v[0].reason) : "no part");
	free(storage);
}

#define A(href) "<p><a href=" href ">x</a>"

static const struct {
	const char *name, *body;
	const char *want; /* NULL: the same, and a pixel at its end */
} links[] = {
    {"a link", A("\"http://e.example/\""), A("\"(1 http://e.example/)\"") "[o]"},
    {"single quotes", A("'http://e.example/'"), A("'(1 http://e.example/)'") "[o]"},
    {"no quotes", A("http://e.example/"), A("\"(1 http://e.example/)\"") "[o]"},
    {"blanks around the sign", "<a href = http://e.example/ id=x>x</a>",
	"<a href = \"(1 http://e.example/)\" id=x>x</a>[o]"},
    {"upper case", "<A HREF=\"HTTPS://E.example/A\">x</A>",
	"<A HREF=\"(1 HTTPS://E.example/A)\">x</A>[o]"},
    {"area", "<area href=\"http://e.example/\">", "<area href=\"(1 http://e.example/)\">[o]"},
    {"other tags", "<link href=\"http://e.example/\"><p><base href='http://e.example/'>", NULL},
    {"references", A("\"http://e.example/?a=1&amp;b=2&copy=3&#x26;&quot;\""),
	A("\"(1 http://e.example/?a=1&b=2&copy=3&\")\"") "[o]"},
    {"the same twice", A("\"http://e.example/\"") A("\"http://e.example/\""),
	A("\"(1 http://e.example/)\"") A("\"(2 http://e.example/)\"") "[o]"},
    {"two attributes", "<a href='http://e.example/' href='http://f.example/'>x</a>",
	"<a href='(1 http://e.example/)' href='http://f.example/'>x</a>[o]"},
    {"white space", A("\" \thttp://e.\r\nexample/a b\n\""),
	A("\"(1 http://e.example/a%20b)\"") "[o]"},
    {"letters",
	A("\"http://b\xc3\xbc"
	  "cher.example/\xc3\xbc?\xc3\xbc#&uuml;\""),
	A("\"(1 http://xn--bcher-kva.example/%C3%BC?%C3%BC#%C3%BC)\"") "[o]"},
    {"a fragment, an @, commas", A("\"https://e.example/@x,y;z(1)!*'$~/%2F?u=http://f.example#a\""),
	A("\"(1 https://e.example/@x,y;z(1)!*'$~/%2F?u=http://f.example#a)\"") "[o]"},
    {"a port", A("\"https://e.example:8443/\""), A("\"(1 https://e.example:8443/)\"") "[o]"},
    {"relative", A("\"/x\"") A("\"//e.example/\"") A("\"#x\"") A("\"\"") A(""), NULL},
    {"schemes",
	A("\"mailto:a@b\"") A("\"tel:1\"") A("\"cid:x\"") A("\"javascript:x\"")
	    A("\"ftp://e.example/\"") A("\"http:e.example\""),
	NULL},
    {"user info", A("\"http://a@e.example/\"") A("\"http://a:b@e.example/\""), NULL},
    {"odd",
	A("\"http:///x\"") A("\"http://\"") A("\"http://e.example\\x\"") A("\"http://{{host}}/\"")
	    A("\"http://e%2Eexample/\"") A("\"http://:80/\""),
	NULL},
    {"broken UTF-8", A("\"http://e.example/\xff\""), NULL},
    {"our own", A("\"HTTPS://t.shop.example/u/x\"") A("\"http://T.shop.example\""), NULL},
    {"our own, with a port",
	A("\"https://t.shop.example:443/c/x\"") A("\"http://t.shop.example:/\""), NULL},
    {"our own, with the dot of the root",
	A("\"https://t.shop.example./c/x\"") A("\"https://t.shop.example.:8443/c/x\""), NULL},
    {"opt-outs",
	"<a href='http://e.example/' ses:no-track>x</a><a clicktracking=\"off\" "
	"href='http://e.example/'>"
	"x</a><a href='http://e.example/' disable-tracking=true>x</a><a data-pm-no-track "
	"href='http://e"
	".example/'>x</a><a data-msys-clicktrack=0 href='http://e.example/'>x</a><a "
	"mautic:disable-track"
	"ing=\"true\" href='http://e.example/'>x</a><a DATA-NO-TRACK "
	"href='http://e.example/'>x</a>",
	NULL},
    {"no opt-outs",
	"<a href='http://e.example/' clicktracking=on data-msys-clicktrack=1 "
	"disable-tracking=false>x</a>",
	"<a href='(1 http://e.example/)' clicktracking=on data-msys-clicktrack=1 "
	"disable-tracking=false>"
	"x</a>[o]"},
    {"where nobody clicks",
	"<svg><a href='http://e.example/'>x</a></svg><math><a href='http://e.example/'></a></math>"
	"<template><a href='http://e.example/'></a></template><noscript><a "
	"href='http://e.example/'></a>"
	"</noscript><!-- <a href='http://e.example/'> --><!--[if mso]><a href='http://e.example/'>"
	"<![endif]--><style><a href='http://e.example/'></style><textarea><a "
	"href='http://e.example/'>"
	"</textarea><script><a href='http://e.example/'></script>",
	NULL},
    {"where all but Outlook click",
	"<!--[if !mso]><!--><a href='http://e.example/'>x</a><!--<![endif]-->",
	"<!--[if !mso]><!--><a href='(1 http://e.example/)'>x</a><!--<![endif]-->[o]"},
    {"svg left by HTML", "<svg><p><a href='http://e.example/'>x</a>",
	"<svg><p><a href='(1 http://e.example/)'>x</a>[o]"},
};

static void
test_links(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(links); i++) {
		struct made made = made_init();
		char want[2000];

		(void)snprintf(want, sizeof(want), "%s%s",
		    links[i].want ? links[i].want : links[i].body,
		    links[i].want != NULL ? "" : "[o]");
		make(&made, HTML "utf-8\n" CTE "quoted-printable\n", slice_of(""));
		made = made_init();
		/* as base64, so that the text is what it is */
		{
			struct heap_text coded = {NULL, 0, 0}, text;

			assert_int_equal(
			    transfer_recode(TRANSFER_8BIT, TRANSFER_BASE64, slice_of(links[i].body),
				(struct sink){heap_put, &coded}),
			    0);
			make(&made, HTML "utf-8\n" CTE "base64\n", heap_slice(&coded));
			text = heap_decoded(&made.after, &made.mime.v[0]);
			made.after.body = heap_slice(&text);
			made_is(&made, links[i].name, want);
			free(text.p);
			free(coded.p);
		}
		free(made.body.p);
	}
}

static const struct {
	const char *name, *body, *want;
	int at;
} places[] = {
    {"before the end of the body", "<body>x\r\n</body></html>\r\n",
	"<body>x\r\n[o]</body></html>\r\n", PIXEL_BOTTOM},
    {"the last one", "<body>x</body></html>y</body>z", "<body>x</body></html>y[o]</body>z",
	PIXEL_BOTTOM},
    {"in upper case", "<BODY>x</BODY >", "<BODY>x[o]</BODY >", PIXEL_BOTTOM},
    {"no body", "x <b>y</b>\r\n", "x <b>y</b>[o]\r\n", PIXEL_BOTTOM},
    {"no end of the body", "<html><body>x</html>\r\n", "<html><body>x[o]</html>\r\n", PIXEL_BOTTOM},
    {"one in a comment", "<body>x<!-- </body> -->", "<body>x<!-- </body> -->[o]", PIXEL_BOTTOM},
    {"one in a script", "<body>x<script>'</body>'</script>", "<body>x<script>'</body>'</script>[o]",
	PIXEL_BOTTOM},
    {"one in a value", "<body>x<i title='</body>'></i>", "<body>x<i title='</body>'></i>[o]",
	PIXEL_BOTTOM},
    {"only a head", "<html><head><title>x</title></head></html>",
	"<html><head><title>x</title></head>[o]</html>", PIXEL_BOTTOM},
    {"text left open", "<body>x<font>y</body>", "<body>x[o]<font>y</body>", PIXEL_BOTTOM},
    {"a link left open", "<body>x<a name=y>y</body>", "<body>x[o]<a name=y>y</body>", PIXEL_BOTTOM},
    {"a table left open", "<body>x<table><tr></body>", "<body>x[o]<table><tr></body>",
	PIXEL_BOTTOM},
    {"in a cell", "<body><table><tr><td><b>y</body>", "<body><table><tr><td>[o]<b>y</body>",
	PIXEL_BOTTOM},
    {"a cell ends what is open in it", "<body><table><tr><td><b>y</table></body>",
	"<body><table><tr><td><b>y</table>[o]</body>", PIXEL_BOTTOM},
    {"a style left open", "<body>x<style>y</body>", "<body>x[o]<style>y</body>", PIXEL_BOTTOM},
    {"a comment left open", "<body>x<!-- y</body>", "<body>x[o]<!-- y</body>", PIXEL_BOTTOM},
    {"a tag left open", "<body>x<i title=\"</body>", "<body>x[o]<i title=\"</body>", PIXEL_BOTTOM},
    {"a selection left open", "<body>x<select></body>", "<body>x[o]<select></body>", PIXEL_BOTTOM},
    {"for Outlook not", "<body>x<!--[if !mso]><!-->y</body>",
	"<body>x[o]<!--[if !mso]><!-->y</body>", PIXEL_BOTTOM},
    {"behind a line end that does not count", "<body>x<pre>\r\n</body>",
	"<body>x<pre>\r\n[o]</body>", PIXEL_BOTTOM},
    {"frames", "<frameset><frame></frameset>", "<frameset><frame></frameset>", PIXEL_BOTTOM},
    {"top", "<html><body class=x>x</body>", "<html><body class=x>[o]x</body>", PIXEL_TOP},
    {"top without a body", "x", "x[o]", PIXEL_TOP},
    {"both", "<body>x</body>", "<body>[o]x[o]</body>", PIXEL_BOTH},
};

static void
test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		struct made made = made_init();

		made.account.pixel_at = places[i].at;
		make(&made, HTML "us-ascii\n", slice_of(places[i].body));
		made_is(&made, places[i].name, places[i].want);
		free(made.body.p);
	}
}

#define L25  "0123456789012345678901234"
#define L100 L25 L25 L25 L25
#define L900 L100 L100 L100 L100 L100 L100 L100 L100 L100
#define X    "<body>x</body>\r\n"
#define B    MIME "Content-Type: multipart/mixed; boundary=b\n"

/* want NULL: the body stays, and the header; header NULL: that stays */
static const struct {
	const char *name, *header, *body, *want_encoding, *want;
	enum track_reason reason; /* of the part, or of the message */
} messages[] = {
    {"7bit", HTML "us-ascii\n" CTE "7bit\n", X, "7bit", "<body>x[o]</body>\r\n", TRACK_DONE},
    {"no charset", MIME "Content-Type: text/html\n", X, NULL, "<body>x[o]</body>\r\n", TRACK_DONE},
    {"8bit of ASCII", HTML "utf-8\n" CTE "8bit\n", X, "7bit", "<body>x[o]</body>\r\n", TRACK_DONE},
    {"not HTML", MIME "Content-Type: text/plain\n", X, NULL, NULL, TRACK_DONE},
    {"AMP", MIME "Content-Type: text/x-amp-html\n", X, NULL, NULL, TRACK_DONE},
    {"attachment", HTML "us-ascii\nContent-Disposition: attachment\n", X, NULL, NULL,
	TRACK_ATTACHMENT},
    {"named", HTML "us-ascii; name=x.html\n", X, NULL, NULL, TRACK_ATTACHMENT},
    {"inline", HTML "us-ascii\nContent-Disposition: inline\n", X, NULL, "<body>x[o]</body>\r\n",
	TRACK_DONE},
    {"two types", HTML "us-ascii\nContent-Type: text/html\n", X, NULL, NULL, TRACK_HEADER},
    {"two charsets", HTML "us-ascii; charset=utf-8\n", X, NULL, NULL, TRACK_HEADER},
    {"one charset, twice", HTML "us-ascii; charset=\"us-ascii\"\n", X, NULL,
	"<body>x[o]</body>\r\n", TRACK_DONE},
    {"two boundaries", MIME "Content-Type: multipart/mixed; boundary=b; boundary=c\n",
	"--b\r\nContent-Type: text/html\r\n\r\n" X "--b--\r\n", NULL, NULL, TRACK_HEADER},
    {"a sum", HTML "us-ascii\nContent-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\n", X, NULL, NULL, TRACK_MD5},
    {"a sum of the part", B,
	"--b\r\nContent-Type: text/html\r\ncontent-md5: x\r\n\r\n" X "--b--\r\n", NULL, NULL,
	TRACK_MD5},
    {"a sum of all", B "Content-MD5: x\n", "--b\r\nContent-Type: text/html\r\n\r\n" X "--b--\r\n",
	NULL, NULL, TRACK_MD5},
    {"unknown encoding", HTML "us-ascii\n" CTE "uuencode\n", X, NULL, NULL, TRACK_ENCODING},
    {"unknown charset", HTML "x-unknown\n", X, NULL, NULL, TRACK_CHARSET},
    {"UTF-7", HTML "utf-7\n", X, NULL, NULL, TRACK_CHARSET},
    {"escapes in ASCII", HTML "us-ascii\n", "\x1b$B<a>\x1b(B", NULL, NULL, TRACK_CHARSET},
    {"UTF-16 without BOM", HTML "utf-16\n" CTE "base64\n", "PABiAD4A", NULL, NULL, TRACK_CHARSET},
    {"damaged", HTML "us-ascii\n" CTE "quoted-printable\n", "<a href=x>", NULL, NULL,
	TRACK_DAMAGED},
    {"empty", HTML "us-ascii\n", "\r\n", NULL, NULL, TRACK_EMPTY},
    {"frames", HTML "us-ascii\n", "<frameset>", NULL, NULL, TRACK_NOTHING},
    {"PGP", HTML "us-ascii\n", "<pre>-----BEGIN PGP MESSAGE-----", NULL, NULL, TRACK_ENCRYPTED},
    {"8bit without MIME-Version", "Content-Type: text/html; charset=utf-8\n" CTE "8bit\n",
	"\xc3\xbc", NULL, NULL, TRACK_VERSION},
    {"DKIM", "DKIM-Signature: v=1\n" HTML "us-ascii\n", X, NULL, NULL, TRACK_PRESIGNED},
    {"signed", MIME "Content-Type: multipart/signed; boundary=b\n",
	"--b\r\nContent-Type: text/html\r\n\r\n" X "--b--\r\n", NULL, NULL, TRACK_SIGNED},
    {"encrypted", MIME "Content-Type: multipart/encrypted; boundary=b\n",
	"--b\r\nContent-Type: text/html\r\n\r\n" X "--b--\r\n", NULL, NULL, TRACK_ENCRYPTED},
    {"report", MIME "Content-Type: multipart/report; boundary=b\n",
	"--b\r\nContent-Type: text/html\r\n\r\n" X "--b--\r\n", NULL, NULL, TRACK_REPORT},
    {"message", B,
	"--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: text/html\r\n\r\n" X "--b--\r\n",
	NULL, NULL, TRACK_MESSAGE},
    {"deep", B,
	"--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c\r\n"
	"Content-Type: text/html\r\n\r\n" X "--c--\r\n--b--\r\n",
	NULL,
	"--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c\r\n"
	"Content-Type: text/html\r\n\r\n<body>x[o]</body>\r\n--c--\r\n--b--\r\n",
	TRACK_DONE},
    {"once", B,
	"--b\r\nContent-Type: text/html\r\n\r\n" X "--b\r\nContent-Type: text/html\r\n\r\n" X
	"--b--\r\n",
	NULL,
	"--b\r\nContent-Type: text/html\r\n\r\n<body>x[o]</body>\r\n--b\r\n"
	"Content-Type: text/html\r\n\r\n" X "--b--\r\n",
	TRACK_DONE},
    {"8bit in a part", B,
	"--b\r\nContent-Type: text/html; charset=utf-8\r\n" CTE "8bit\r\n\r\n\xc3\xbc"
	"</body>\r\n--b--\r\n",
	NULL,
	"--b\r\nContent-Type: text/html; charset=utf-8\r\n" CTE
	"quoted-printable\r\n\r\n=C3=BC<img src=3D\"https://t.shop.example/o/AQMB",
	TRACK_DONE},
};

static void
message_is(size_t i)
{
	struct made made = made_init();
	const char *encoding = messages[i].want_encoding;
	enum track_reason reason;

	make(&made, messages[i].header, slice_of(messages[i].body));
	reason = made.track.reason != TRACK_DONE ? made.track.reason
		 : made.track.n > 0              ? made.track.v[0].reason
						 : TRACK_DONE;
	if (reason != messages[i].reason)
		fail_msg("%s: %s, want %s", messages[i].name, track_reason_name(reason),
		    track_reason_name(messages[i].reason));
	if (messages[i].want == NULL)
		made_is(&made, messages[i].name, messages[i].body);
	else if (strstr(messages[i].want, "[o]") != NULL)
		made_is(&made, messages[i].name, messages[i].want);
	else
		assert_true(slice_starts(made.after.body, slice_of(messages[i].want)));
	if (encoding != NULL)
		assert_string_equal(encoding, transfer_name(made.mime.v[0].encoding));
	assert_int_equal(made.after.n, made.before.n);
	free(made.body.p);
}

static void
test_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++)
		message_is(i);
}

static void
test_switches(void **state)
{
	static const struct {
		bool opens, clicks;
		const char *domain, *want;
		enum track_reason reason;
	} rows[] = {
	    {true, false, TRACK_DOMAIN, "<a href='http://e.example/'>x</a>[o]", TRACK_DONE},
	    {false, true, TRACK_DOMAIN, "<a href='(1 http://e.example/)'>x</a>", TRACK_DONE},
	    {false, false, TRACK_DOMAIN, "<a href='http://e.example/'>x</a>", TRACK_OFF},
	    {true, true, "", "<a href='http://e.example/'>x</a>", TRACK_NO_DOMAIN},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct made made = made_init();

		made.account.track_domain = rows[i].domain;
		made.what = (struct out_track){rows[i].opens, rows[i].clicks, PRIVACY_IDENTIFIED};
		make(&made, HTML "us-ascii\n", slice_of("<a href='http://e.example/'>x</a>"));
		assert_int_equal(made.track.reason, rows[i].reason);
		made_is(&made, rows[i].want, rows[i].want);
		free(made.body.p);
	}
}

static void
test_unsubscribe(void **state)
{
	struct made made = made_init();

	(void)state;
	make(&made,
	    HTML
	    "us-ascii\nList-Unsubscribe: <mailto:x@e.example>,\n <https://e.example/u?a=1&b=2>\n",
	    slice_of(
		"<a href='https://e.example/u?a=1&amp;b=2'>x</a><a href='https://e.example/u'>"));
	made_is(&made, "unsubscribe",
	    "<a href='https://e.example/u?a=1&amp;b=2'>x</a>[o]<a href='(1 https://e.example/u)'>");
	assert_int_equal(made.track.kept[TRACK_KEPT_UNSUBSCRIBE], 1);
	free(made.body.p);
}

#define L "<a href='http://e.example/'>x</a>"
#define R "<a href='(1 http://e.example/)'>x</a>"

/* A link that nobody sees stands where the pixel does, or would, beside links that were changed. */
static void
test_trap(void **state)
{
	static const struct {
		const char *name, *body, *want;
		int pixel_at;
		bool opens;
	} rows[] = {
	    {"at the end", L, R "[o][t]", PIXEL_BOTTOM, true},
	    {"within a text", "<body>" L " a</body> b", "<body>" R " a[o][t]</body> b",
		PIXEL_BOTTOM, true},
	    {"between two words", L "<p>a <b>b", R "<p>a [o][t]<b>b", PIXEL_BOTTOM, true},
	    {"at the top", "<body>a" L "</body>", "<body>[o][t]a" R "</body>", PIXEL_TOP, true},
	    {"at one end", "<body>a" L "</body>", "<body>[o]a" R "[o][t]</body>", PIXEL_BOTH, true},
	    {"without pixel", "<body>a" L "</body>", "<body>a" R "[t]</body>", PIXEL_BOTTOM, false},
	    {"without links", "<p>a", "<p>a[o]", PIXEL_BOTTOM, true},
	    {"in an open link", "<body><p>a<a href='http://e.example/'>x</body>",
		"<body><p>a[o][t]<a href='(1 http://e.example/)'>x</body>", PIXEL_BOTTOM, true},
	    {"beside a drawing", L "<svg><a href='#'/></svg>b", R "<svg><a href='#'/></svg>b[o][t]",
		PIXEL_BOTTOM, true},
	    {"in a table", "<table><tr><td>" L "</table>", "<table><tr><td>" R "</table>[o][t]",
		PIXEL_BOTTOM, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct made made = made_init();

		print_message("  %s\n", rows[i].name);
		made.account.trap = true;
		made.account.pixel_at = rows[i].pixel_at;
		made.what.opens = rows[i].opens;
		make(&made, HTML "utf-8\n", slice_of(rows[i].body));
		made_is(&made, rows[i].name, rows[i].want);
		assert_int_equal(made.track.traps, strstr(rows[i].want, "[t]") != NULL);
		free(made.body.p);
	}
}

/* Of how many a link is one, and which: the first and the last are found, and with too many of them
 * any link may be one. Folded, and in other letters, it is the same. */
static void
test_many_unsubscribe(void **state)
{
	static const struct {
		const char *name;
		unsigned listed, linked;
		size_t kept;
	} rows[] = {
	    {"the first of two", 2, 0, 1},
	    {"the ninth", 9, 8, 1},
	    {"the last that is compared", 32, 31, 1},
	    {"none of them", 32, 32, 0},
	    {"too many to tell", 33, 33, 2},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		static char storage[4096], body_storage[256];
		struct buf header = BUF_OVER(storage), body = BUF_OVER(body_storage);
		struct made made = made_init();

		print_message("  %s\n", rows[i].name);
		buf_add_text(&header, HTML "us-ascii\nList-Unsubscribe:");
		for (unsigned k = 0; k < rows[i].listed; k++)
			buf_add_format(
			    &header, "%s\n <HTTPS://e.Example/Out\n /%u>", k == 0 ? "" : ",", k);
		buf_add_text(&header, "\n");
		buf_add_format(&body,
		    "<a href='https://E.example/Out/%u'>x</a><a href='https://e.example/out/%u'>",
		    rows[i].linked, rows[i].linked);
		make(&made, buf_text(&header), buf_slice(&body));
		assert_int_equal(made.track.kept[TRACK_KEPT_UNSUBSCRIBE], rows[i].kept);
		assert_int_equal(made.track.links, 2 - rows[i].kept);
		free(made.body.p);
	}
}

/* Lines that stand where they stood; the ones around a change are new. */
static void
test_qp_lines(void **state)
{
	static const char body[] = "<body>caf=C3=A9 =\r\n.and =3D\r\nmore\r\n"
				   "<a href=3D\"http://e.exa=\r\nmple/?a=3D1\">x</a>\r\n"
				   "the =3D end   =20\r\n<p>y</p></bo=\r\ndy>\r\n";
	struct made made = made_init();
	struct heap_text text;

	(void)state;
	make(&made, HTML "utf-8\n" CTE "Quoted-Printable\n", slice_of(body));
	assert_int_equal(made.track.links, 1);
	assert_true(slice_starts(made.after.body,
	    slice_of(
		"<body>caf=C3=A9 =\r\n.and =3D\r\nmore\r\n<a href=3D\"https://t.shop.example/c/")));
	assert_non_null(
	    strstr(made.body.p, "\">x</a>\r\nthe =3D end   =20\r\n<p>y</p><img src=3D"));
	text = heap_decoded(&made.after, &made.mime.v[0]);
	made.after.body = heap_slice(&text);
	made_is(&made, "decoded",
	    "<body>caf\xc3\xa9 .and =\r\nmore\r\n<a href=\"(1 http://e.example/?a=1)\""
	    ">x</a>\r\nthe = end    \r\n<p>y</p>[o]</body>\r\n");
	free(text.p);
	free(made.body.p);
}

/* A line that would become too long: the part becomes quoted-printable, as a whole. */
static void
test_long_lines(void **state)
{
	struct made made = made_init();

	(void)state;
	make(&made, HTML "us-ascii\n" CTE "7bit\n", slice_of(L900 "</body>\r\n"));
	assert_int_equal(made.mime.v[0].encoding, TRANSFER_QP);
	assert_true(slice_is_clean(made.after.body, TRANSFER_LINE_MAX));
	assert_int_equal(made.track.pixels, 1);
	free(made.body.p);
}

/* Mail that is clipped has its pixel at the top. */
static void
test_clipped(void **state)
{
	char *storage = malloc(200000);
	struct buf text;
	struct made made = made_init();

	(void)state;
	assert_non_null(storage);
	buf_init(&text, storage, 200000);
	buf_add_text(&text, "<body>");
	while (text.n < TRACK_CLIP_BYTES)
		buf_add_text(&text, L25 "\r\n");
	buf_add_text(&text, "</body>\r\n");
	make(&made, HTML "us-ascii\n", buf_slice(&text));
	assert_true(slice_starts(made.after.body, slice_of("<body><img src=")));
	assert_int_equal(made.track.pixels, 1);
	free(made.body.p);
	free(storage);
}

/* The first ones are tracked, the others stay. */
static void
test_many_links(void **state)
{
	char *storage = malloc(100000);
	struct buf text;
	struct made made = made_init();

	(void)state;
	assert_non_null(storage);
	buf_init(&text, storage, 100000);
	for (unsigned i = 0; i < TRACK_LINKS_MAX + 7; i++)
		buf_add_format(&text, "<a href=http://e.example/%u>x</a>\r\n", i);
	make(&made, HTML "us-ascii\n", buf_slice(&text));
	assert_int_equal(made.track.links, TRACK_LINKS_MAX);
	assert_int_equal(made.track.kept[TRACK_KEPT_LIMIT], 7);
	free(made.body.p);
	free(storage);
}

/* A target that a token holds, and one that it does not. */
static void
test_long_link(void **state)
{
	char text[2000];
	struct buf out = BUF_OVER(text);
	struct made made = made_init();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t from;

		buf_add_text(&out, "<a href=");
		from = out.n;
		buf_add_text(&out, "http://e.example/");
		while (out.n - from < (i == 0 ? 0 : TOKEN_TARGET_BYTES + 1))
			buf_add_char(&out, 'x');
		buf_add_text(&out, ">\r\n");
	}
	make(&made, HTML "us-ascii\n", buf_slice(&out));
	assert_int_equal(made.track.links, 1);
	assert_int_equal(made.track.kept[TRACK_KEPT_LONG], 1);
	free(made.body.p);
}

/* In the units of the charset: the same as in ASCII. */
static void
test_charsets(void **state)
{
	static const struct {
		const char *charset;
		struct slice text,
		    want; /* what it begins with then: the pixel, before what is left open */
	} rows[] = {
	    {"utf-16", SLICE_LIT("\xff\xfe<\0b\0>\0\xfc\0"), SLICE_LIT("\xff\xfe<\0i\0m\0g\0 \0")},
	    {"utf-16be", SLICE_LIT("\0<\0i\0>\1<"), SLICE_LIT("\0<\0i\0m\0g\0 ")},
	    {"utf-32le", SLICE_LIT("<\0\0\0i\0\0\0>\0\0\0"),
		SLICE_LIT("<\0\0\0i\0\0\0m\0\0\0g\0\0\0")},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct made made = made_init();
		struct heap_text coded = {NULL, 0, 0}, text;
		char header[200];

		(void)snprintf(header, sizeof(header), HTML "%s\n" CTE "base64\n", rows[i].charset);
		assert_int_equal(transfer_recode(TRANSFER_8BIT, TRANSFER_BASE64, rows[i].text,
				     (struct sink){heap_put, &coded}),
		    0);
		make(&made, header, heap_slice(&coded));
		assert_int_equal(made.track.pixels, 1);
		text = heap_decoded(&made.after, &made.mime.v[0]);
		assert_true(slice_starts(heap_slice(&text), rows[i].want));
		assert_true(text.n > rows[i].text.n);
		free(text.p);
		free(coded.p);
		free(made.body.p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_links, arena_setup, arena_teardown),
	    cmocka_unit_test_setup_teardown(test_places, arena_setup, arena_teardown),
	    cmocka_unit_test_setup_teardown(test_messages, arena_setup, arena_teardown),
	    cmocka_unit_test_setup_teardown(test_switches, arena_setup, arena_teardown),
	    cmocka_unit_test_setup_teardown(test_unsubscribe, arena_setup, arena_teardown),
	    cmocka_unit_test_setup_teardown(test_trap, arena_setup, arena_teardown),
	    cmocka_unit_test_setup_teardown(test_many_unsubscribe, arena_setup, arena_teardown),
	    cmocka_unit_test_setup_teardown(test_qp_lines, arena_setup, arena_teardown),
	    cmocka_unit_test_setup_teardown(test_long_lines, arena_setup, arena_teardown),
	    cmocka_unit_test_setup_teardown(test_clipped, arena_setup, arena_teardown),
	    cmocka_unit_test_setup_teardown(test_many_links, arena_setup, arena_teardown),
	    cmocka_unit_test_setup_teardown(test_long_link, arena_setup, arena_teardown),
	    cmocka_unit_test_setup_teardown(test_charsets, arena_setup, arena_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
