/*
 * conf_scan.c - see conf_scan.h.
 */
#include "conf/conf_scan.h"

#include "conf/conf.h"
#include "conf/conf_quote.h"

#include <stdarg.h>
#include <stdio.h>

int
conf_fail(struct err *err, const char *name, unsigned line, const char *format, ...)
{
	char text[ERR_TEXT_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (line == 0)
		return err_set(err, ERR_INVALID, "%s: %s", name, text);
	return err_set(err, ERR_INVALID, "%s:%u: %s", name, line, text);
}

int
conf_fail_why(
    struct err *err, const char *name, unsigned line, const char *where, const struct err *why)
{
	(void)conf_fail(err, name, line, "%s%s", where, why->text);
	if (err != NULL)
		err->code = why->code;
	return -1;
}

/* 0, or -1 when the byte at i may not stand in a text file. */
static int
byte_check(const struct conf_scan *scan, size_t i, struct err *err)
{
	struct slice text = scan->text;
	unsigned char c = (unsigned char)text.p[i];

	if ((c >= ' ' && c != 0x7f) || c == '\t' || c == '\n')
		return 0;
	if (c == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')
		return 0;
	if (c == '\0')
		return conf_fail(
		    err, scan->name, scan->line, "a NUL byte; is this the right file?");
	if (c == '\r')
		return conf_fail(err, scan->name, scan->line,
		    "a carriage return that does not end a line; remove it");
	return conf_fail(err, scan->name, scan->line, "control character \\x%02x; remove it", c);
}

static int
line_fail(const struct conf_scan *scan, struct err *err)
{
	struct err why;

	(void)err_set(&why, ERR_LIMIT,
	    "the line has more than %d bytes; spread a list over several lines, or keep it in a "
	    "file of its own",
	    CONF_LINE_MAX_BYTES);
	return conf_fail_why(err, scan->name, scan->line, "", &why);
}

int
conf_scan_init(struct conf_scan *scan, struct slice text, const char *name, struct err *err)
{
	static const struct slice bom = SLICE_LIT("\xef\xbb\xbf");
	struct err why;
	size_t begin = 0;

	*scan = (struct conf_scan){.text = text, .name = name, .line = 1};
	if (text.n > CONF_FILE_MAX_BYTES) {
		(void)err_set(&why, ERR_LIMIT,
		    "the file has %zu bytes, at most %zu are allowed; is this the right file?",
		    text.n, CONF_FILE_MAX_BYTES);
		return conf_fail_why(err, name, 0, "", &why);
	}
	if (slice_starts(text, bom))
		return conf_fail(err, name, 1,
		    "the file begins with a byte order mark; save it as UTF-8 without one");
	for (size_t i = 0; i < text.n; i++) {
		if (byte_check(scan, i, err) != 0)
			return -1;
		if (i - begin >= CONF_LINE_MAX_BYTES && text.p[i] != '\n')
			return line_fail(scan, err);
		if (text.p[i] == '\n') {
			begin = i + 1;
			scan->line++;
		}
	}
	scan->line = 1;
	return 0;
}

/* The byte `ahead` of the place, or NUL at the end: the text itself holds none. */
static char
peek(const struct conf_scan *scan, size_t ahead)
{
	return (char)(ahead < scan->text.n - scan->at ? scan->text.p[scan->at + ahead] : '\0');
}

/* One byte on, counting lines. */
static void
step(struct conf_scan *scan)
{
	if (scan->text.p[scan->at++] == '\n')
		scan->line++;
}

static int
c_comment_skip(struct conf_scan *scan, struct err *err)
{
	unsigned line = scan->line;

	scan->at += 2;
	while (peek(scan, 0) != '\0' && !(peek(scan, 0) == '*' && peek(scan, 1) == '/'))
		step(scan);
	if (peek(scan, 0) == '\0')
		return conf_fail(err, scan->name, line,
		    "the comment that begins here is never closed: */ is missing");
	scan->at += 2;
	return 0;
}

/* Over blanks and comments. */
static int
blank_skip(struct conf_scan *scan, struct err *err)
{
	for (;;) {
		char c = peek(scan, 0);

		if (c == '/' && peek(scan, 1) == '*') {
			if (c_comment_skip(scan, err) != 0)
				return -1;
		} else if (c == '#' || (c == '/' && peek(scan, 1) == '/')) {
			while (peek(scan, 0) != '\0' && peek(scan, 0) != '\n')
				scan->at++;
		} else if (ascii_is_space(c)) {
			step(scan);
		} else {
			return 0;
		}
	}
}

static bool
is_word(char c)
{
	return c != '\0' && strchr(" \t\r\n#\"'={}()+,*", c) == NULL;
}

/* Why a word may not be followed by what comes, or end as it does; or NULL. */
static const char *
word_problem(const struct conf_scan *scan, struct slice word)
{
	char next = peek(scan, 0);

	if (next == '{' && word.p[word.n - 1] == '$')
		return "${...} is not filled in from the environment; write the value itself";
	if (next == '"' || next == '\'')
		return "a quote inside a value; put the whole value in quotes";
	if (next == '#')
		return "a comment needs a blank before its #, a value with # in it needs quotes";
	if (next == '*' && word.p[word.n - 1] == '/')
		return "a comment needs a blank before it";
	if (word.p[word.n - 1] == ';')
		return "lines do not end in ;";
	return NULL;
}

/* The errors do not repeat the word: it may be a part of a password. */
static int
word_check(const struct conf_scan *scan, struct slice word, struct err *err)
{
	const char *problem = word_problem(scan, word);

	for (size_t i = 0; i < word.n; i++) {
		unsigned char c = (unsigned char)word.p[i];

		if (c >= 0x80)
			return conf_fail(err, scan->name, scan->line,
			    "byte \\x%02x outside of quotes; put such text in quotes (or is it a "
			    "no-break space, or a typographic quote?)",
			    c);
	}
	if (problem == NULL)
		return 0;
	return conf_fail(err, scan->name, scan->line, "%s", problem);
}

static int
word_next(struct conf_scan *scan, struct conf_token *token, struct err *err)
{
	size_t from = scan->at;

	while (is_word(peek(scan, 0)))
		scan->at++;
	token->kind = CONF_TOKEN_WORD;
	token->text = slice_make(scan->text.p + from, scan->at - from);
	return word_check(scan, token->text, err);
}

static int
string_next(struct conf_scan *scan, struct conf_token *token, struct err *err)
{
	struct slice rest = slice_from(scan->text, scan->at);
	unsigned lines;
	size_t n;
	const char *problem = conf_quote_skip(rest, &n, &lines);

	scan->line += lines;
	if (problem != NULL)
		return conf_fail(err, scan->name, scan->line, "%s", problem);
	token->kind = CONF_TOKEN_STRING;
	token->text = slice_head(rest, n);
	scan->at += n;
	if (is_word(peek(scan, 0)) || peek(scan, 0) == '"' || peek(scan, 0) == '\'')
		return conf_fail(err, scan->name, scan->line,
		    "text right after a closing quote; put the whole value in one pair of quotes "
		    "(within them, write a quote as \\\")");
	return 0;
}

/* A sign, or a byte that has no meaning outside quotes. */
static int
sign_next(struct conf_scan *scan, struct conf_token *token, struct err *err)
{
	static const char signs[] = "{}=,";
	static const enum conf_token_kind kinds[] = {
	    CONF_TOKEN_OPEN, CONF_TOKEN_CLOSE, CONF_TOKEN_SET, CONF_TOKEN_COMMA};
	char c = peek(scan, 0);
	const char *sign = strchr(signs, c);
	size_t n = 1;

	if (sign != NULL) {
		token->kind = kinds[sign - signs];
	} else if (c == '+' && peek(scan, 1) == '=') {
		token->kind = CONF_TOKEN_ADD;
		n = 2;
	} else {
		return conf_fail(err, scan->name, scan->line,
		    "unexpected %c; a value with %c in it needs quotes", c, c);
	}
	token->text = slice_make(scan->text.p + scan->at, n);
	scan->at += n;
	return 0;
}

int
conf_scan_next(struct conf_scan *scan, struct conf_token *token_r, struct err *err)
{
	char c;

	if (blank_skip(scan, err) != 0)
		return -1;
	*token_r = (struct conf_token){.kind = CONF_TOKEN_END, .line = scan->line};
	c = peek(scan, 0);
	if (c == '\0')
		return 0;
	if (c == '"' || c == '\'')
		return string_next(scan, token_r, err);
	return is_word(c) ? word_next(scan, token_r, err) : sign_next(scan, token_r, err);
}
