/*
 * test_page.c - lib/policy/page.
 */
#include "policy/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define KINDS (PAGE_NOT_FOUND + 1)

static const char *
make(const struct page *page)
{
	static char storage[PAGE_BYTES + 1];
	struct buf out = BUF_OVER(storage);

	page_make(&out, page);
	assert_false(out.over);
	return buf_text(&out);
}

static void
contains(const char *text, const char *part, bool want)
{
	if ((strstr(text, part) != NULL) != want)
		fail_msg("\"%s\" is %s in:\n%s", part, want ? "not" : "", text);
}

static size_t
occurrences(const char *text, const char *part)
{
	size_t n = 0;

	for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
		n++;
	return n;
}

static void
test_all(void **state)
{
	(void)state;
	for (int kind = 0; kind < KINDS; kind++) {
		for (size_t language = 0; language < PAGE_LANGUAGES; language++) {
			struct page page = {.kind = (enum page_kind)kind,
			    .language = language,
			    .brand = slice_of("Shop Example Ltd."),
			    .address = slice_of("ann@far.example")};
			const char *text = make(&page);
			bool has_form = kind == PAGE_ASK || kind == PAGE_LATER;
			char lang[32];

			(void)snprintf(
			    lang, sizeof(lang), "<html lang=\"%s\">", page_languages[language]);
			contains(text, "<!DOCTYPE html>\n", true);
			contains(text, lang, true);
			contains(text, "<meta charset=\"utf-8\">", true);
			contains(text, "Shop Example Ltd.", true);
			contains(text, "<script", false);
			contains(text, "http", false); /* nothing is loaded from anywhere */
			contains(text, "<form method=\"post\">", has_form);
			contains(text, "<button type=\"submit\">", has_form);
			contains(text, "ann@far.example", kind == PAGE_ASK || kind == PAGE_DONE);
			contains(text, "%", false);
			assert_int_equal(occurrences(text, "<h1>"), 1);
			assert_int_equal(occurrences(text, "<main>"), 1);
		}
	}
}

static void
test_escaped(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"<script>alert(\"x\")</script>", "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"},
	    {"A & B", "A &amp; B"},
	    {"S\xc3\xb6hne", "S\xc3\xb6hne"},
	    {"a\x1b[31m\xff\xc0\xafz", "a?[31m???z"},
	    {"\xe2\x80", "??"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct page page = {.kind = PAGE_ASK,
		    .brand = slice_of(rows[i].in),
		    .address = slice_of(rows[i].in)};
		const char *text = make(&page);

		assert_int_equal(occurrences(text, rows[i].out), 3);
	}
}

/* As long as brand and address may be, and each byte of them escaped. */
static void
test_longest(void **state)
{
	char brand[200], address[512];
	struct page page = {.kind = PAGE_ASK,
	    .language = 1,
	    .brand = {brand, sizeof(brand)},
	    .address = {address, sizeof(address)}};

	(void)state;
	memset(brand, '"', sizeof(brand));
	memset(address, '"', sizeof(address));
	contains(make(&page), "</html>\n", true);
}

/* Without an address nothing is missing in the sentence. */
static void
test_nobody(void **state)
{
	(void)state;
	for (size_t language = 0; language < PAGE_LANGUAGES; language++) {
		struct page page = {.kind = PAGE_DONE, .language = language};

		contains(make(&page), "<strong", false);
		contains(make(&page), "class=\"brand\">", false);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all),
	    cmocka_unit_test(test_escaped),
	    cmocka_unit_test(test_longest),
	    cmocka_unit_test(test_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
