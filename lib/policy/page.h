/*
 * page.h - the pages that people see who want no more mail: HTML without a script, in four
 * languages, for any screen, a keyboard, and a screen reader.
 */
#ifndef POLICY_PAGE_H
#define POLICY_PAGE_H

#include "base/buf.h"

/* The longest page: words, style, and a brand and an address of which each byte is escaped. */
#define PAGE_BYTES 8192

/* As many languages as there are, English first, for web_request_language(). */
#define PAGE_LANGUAGES 4
extern const char *const page_languages[PAGE_LANGUAGES];

enum page_kind {
	PAGE_ASK,       /* "do you want no more?", with a button that sends POST */
	PAGE_DONE,      /* it is done */
	PAGE_LATER,     /* it could not be noted: try again, with the same button */
	PAGE_NOT_FOUND, /* no such link */
};

struct page {
	enum page_kind kind;
	size_t language;      /* index into page_languages */
	struct slice brand;   /* a text of the account, UTF-8; may be empty */
	struct slice address; /* ASK, DONE: whose; may be empty */
};

/* Appends the page. Bytes that are no UTF-8, and control characters, become '?'. */
void page_make(struct buf *out, const struct page *page);

/* What a browser is to allow on these pages: the one style that they have, and their own form. */
extern const char page_policy[];

#endif
