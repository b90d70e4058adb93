/*
 * fuzz_conf.c - any bytes as milter.conf and as a list file. What was accepted is written back and
 * must be read as the same, also after whatever state an error left libconfuse's scanner in.
 */
#include "conf/conf.h"

#include <stdlib.h>

struct fuzz {
	const char *title;
	int64_t n, s, ms, bytes, mode;
	bool flag;
	int word;
	const char *text;
	struct net_set networks;
	struct address_set addresses;
	struct option_words words;
};

static const char *const choices[] = {"one", "two", NULL};
static const struct option rows[] = {
    OPTION_NUMBER(struct fuzz, n, "n", "0", -100, 1000, ""),
    OPTION_SECONDS(struct fuzz, s, "s", "0", 0, INT64_MAX, ""),
    OPTION_MILLIS(struct fuzz, ms, "ms", "0ms", 0, INT64_MAX, ""),
    OPTION_BYTES(struct fuzz, bytes, "bytes", "0", 0, INT64_MAX, ""),
    OPTION_OCTAL(struct fuzz, mode, "mode", "0", 0, INT64_MAX, ""),
    OPTION_BOOL(struct fuzz, flag, "flag", "no", ""),
    OPTION_ENUM(struct fuzz, word, "word", "one", choices, ""),
    OPTION_TEXT(struct fuzz, text, "text", "", 0, 4096, NULL, ""),
    OPTION_NETWORKS(struct fuzz, networks, "networks", "::1", 50, ""),
    OPTION_ADDRESSES(struct fuzz, addresses, "addresses", "x.y", 50, ""),
    OPTION_WORDS(struct fuzz, words, "words", "a b", 50, ""),
    OPTION_END,
};

static int
title_check(struct slice title, struct err *err)
{
	for (size_t i = 0; i < title.n; i++) {
		if (strchr("ab0-.", title.p[i]) == NULL)
			return err_set(err, ERR_INVALID, "no title");
	}
	return title.n > 0 ? 0 : err_set(err, ERR_INVALID, "an empty title");
}

static void
entitle(void *section, const char *title)
{
	((struct fuzz *)section)->title = title;
}

static const struct conf_titles titles = {"", "", title_check, entitle};
static const struct conf_section section = {"sec", "", rows, sizeof(struct fuzz), NULL, &titles};
static const struct conf_section other = {"other", "", rows, sizeof(struct fuzz), NULL, NULL};
static const struct conf_section *const sections[] = {&section, &other};

static struct slice input;

static int
input_read(const struct conf_files *files, const char *path, size_t max_bytes, struct arena *a,
    struct slice *text_r, struct err *err)
{
	(void)files;
	if (input.n > max_bytes)
		return err_set(err, ERR_LIMIT, "%s: too large", path);
	*text_r = arena_copy(a, input);
	return text_r->p == NULL ? err_set(err, ERR_NOMEM, "%s: no memory", path) : 0;
}

static void
section_write(const char *title, const void *values, struct buf *text)
{
	buf_add_format(text, "sec %s {\n", title);
	for (const struct option *row = rows; row->name != NULL; row++) {
		buf_add_format(text, " %s = ", row->name);
		option_format(row, values, text);
		buf_add_char(text, '\n');
	}
	buf_add_text(text, "}\n");
}

/* Those with a title first: the defaults may stand below. */
static void
sections_write(const struct conf *conf, struct buf *text)
{
	buf_add_text(text, "# written\n");
	for (size_t i = 0; i < conf_titled_count(conf, 0); i++)
		section_write(conf_title(conf, 0, i), conf_titled(conf, 0, i), text);
	section_write("", conf_section(conf, 0), text);
}

static void
must_equal(const void *a, const void *b)
{
	for (const struct option *row = rows; row->name != NULL; row++) {
		if (!option_equal(row, a, b))
			abort();
	}
}

static void
sections_compare(const struct conf *a, const struct conf *b)
{
	if (conf_titled_count(a, 0) != conf_titled_count(b, 0))
		abort();
	must_equal(conf_section(a, 0), conf_section(b, 0));
	for (size_t i = 0; i < conf_titled_count(a, 0); i++) {
		const struct fuzz *x = conf_titled(a, 0, i), *y = conf_titled(b, 0, i);

		if (strcmp(x->title, y->title) != 0)
			abort();
		must_equal(x, y);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct conf_files files = {input_read};
	static char written[1 << 20];
	struct buf text = BUF_OVER(written);
	struct err err = {ERR_NONE, ""};
	struct conf *first, *second;

	input = slice_make((const char *)data, size);
	first = conf_parse(sections, 2, input, "fuzz", &files, &err);
	if (first == NULL && (err.text[0] == '\0' || err.code == ERR_NOMEM))
		abort(); /* libconfuse refused what conf_scan.c and conf_shape.c let through */
	if (first != NULL)
		sections_write(first, &text);
	second = conf_parse(sections, 2, buf_slice(&text), "written", &files, &err);
	if (first != NULL && second != NULL && !text.over)
		sections_compare(first, second);
	if (second == NULL && err.code != ERR_LIMIT && !text.over)
		abort();
	conf_free(first);
	conf_free(second);
	return 0;
}
