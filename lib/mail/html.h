/*
 * html.h - a text/html part cut into tokens as the HTML standard cuts it (WHATWG, 13.2.5), with the
 * place of each in the input: what is to be changed in such a part is changed there, and no other
 * byte of it.
 *
 * There is no tree, no copy and no allocation: the input is in memory as a whole, in a charset that
 * agrees with ASCII (UTF-8, the ISO 8859s, windows-125x), and every span is a place in it. The tokens
 * cover the input without gap or overlap, none is empty, and the time is linear in the input. Spans
 * are raw: CR LF, NUL, upper case and character references are as they were (html_reference.h).
 *
 * A browser's tree tells its tokenizer how to go on behind <style> and the like; here the tokenizer
 * knows that by itself, behind the start tags title, textarea (RCDATA), style, xmp, iframe, noembed,
 * noframes (RAWTEXT), script and plaintext. What only a tree can know differs:
 *  - within svg and math, where nothing of that holds and CDATA sections exist: the caller may set
 *    `foreign` while there;
 *  - where a browser ignores such a start tag (<title> within <select>), it reads on as ever;
 *  - noscript is taken as mail programs and browsers without scripting do: what it holds are tags.
 */
#ifndef MAIL_HTML_H
#define MAIL_HTML_H

#include "base/slice.h"

#include <stdint.h>

/* Attributes of a tag that are kept: hand-written tags have 20, generated ones less than 100. */
#define HTML_ATTRS_MAX 200

struct html_span {
	size_t offset; /* in the input */
	size_t n;
};

enum html_state {
	HTML_DATA,
	HTML_RCDATA,
	HTML_RAWTEXT,
	HTML_SCRIPT,
	HTML_PLAINTEXT,
	HTML_CDATA,
	HTML_STATES
};

enum html_kind {
	HTML_TEXT, /* in `text` what it says: of a CDATA section not its brackets */
	HTML_START_TAG,
	HTML_END_TAG, /* has a name, and nothing else */
	HTML_COMMENT, /* in `text` what it says; conditional ones: html_comment.h */
	HTML_DOCTYPE,
	HTML_DROPPED, /* what the standard drops: "</>", and a tag that the input ends in */
};

enum html_quoting {
	HTML_VALUE_ABSENT, /* <a b>: the value's span is behind the name */
	HTML_VALUE_BARE,   /* <a b=c>, <a b=> */
	HTML_VALUE_SINGLE,
	HTML_VALUE_DOUBLE
};

struct html_attr {
	struct html_span name;
	struct html_span value; /* without quotes */
	enum html_quoting quoting;
	uint32_t hash;  /* of the name, its case aside */
	bool duplicate; /* the tag has one of that name before it, which counts instead */
};

struct html_doctype {
	struct html_span public_id, system_id;
	bool has_public, has_system, quirks;
};

struct html_token {
	enum html_kind kind;
	enum html_state state; /* that it was read in; of text, references count in DATA, RCDATA */
	struct html_span span; /* all of it */
	struct html_span text; /* of TEXT and COMMENT */
	struct html_span name; /* of tags; of DOCTYPE: n 0 when it has none */
	bool self_closing;     /* <br/> */
	bool bogus;            /* a comment that does not begin with <!-- */
	bool over;             /* the tag has more attributes than are kept */
	size_t nattrs_all, nattrs;
	struct html_doctype doctype;
	struct html_attr attrs[HTML_ATTRS_MAX];
};

struct html {
	struct slice in;
	size_t at;             /* the next token begins here */
	enum html_state state; /* may be set between tokens */
	struct slice last; /* name of the last start tag, which alone ends RCDATA and the like */
	bool foreign;      /* within svg or math */
};

void html_init(struct html *t, struct slice in);

/* False at the end of the input. */
bool html_next(struct html *t, struct html_token *token_r);

/* The bytes of a span. */
struct slice html_slice(const struct html *t, struct html_span span);

/* Is that the token's name? `name` is in lower case. */
bool html_is(const struct html *t, const struct html_token *token, const char *name);

/* The start tag's attribute that counts, or NULL; `name` is in lower case. */
const struct html_attr *html_attr_find(
    const struct html *t, const struct html_token *token, const char *name);

#endif
