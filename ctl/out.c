/*
 * out.c - see out.h.
 */
#define _DEFAULT_SOURCE /* TIOCGWINSZ is not in POSIX */
#include "out.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A byte takes four at most. */
#define ESCAPE_BYTES 4

/* Where sentences are wrapped: as wide as the terminal, within reason. */
#define WIDTH_UNKNOWN 100
#define WIDTH_MIN     60
#define WIDTH_MAX     120

static const char *const sgr[] = {
    [OUT_NORMAL] = "",
    [OUT_DIM] = "\033[2m",
    [OUT_BOLD] = "\033[1m",
    [OUT_GOOD] = "\033[32m",
    [OUT_WARNING] = "\033[33m",
    [OUT_BAD] = "\033[1;31m",
};

static bool
terminal_has_colors(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	/* no-color.org: set and not empty, whatever its value */
	return (no_color == NULL || no_color[0] == '\0') && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

static size_t
terminal_width(FILE *to)
{
	struct winsize size;

	if (ioctl(fileno(to), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return WIDTH_UNKNOWN;
	if (size.ws_col < WIDTH_MIN)
		return WIDTH_MIN;
	return size.ws_col > WIDTH_MAX ? WIDTH_MAX : size.ws_col;
}

int
out_init(struct out *out, FILE *to, bool json, const char *color)
{
	bool terminal = isatty(fileno(to)) == 1;
	const char *when = color == NULL ? "auto" : color;

	*out = (struct out){.to = to, .form = terminal ? OUT_TERMINAL : OUT_PIPE};
	if (strcmp(when, "always") == 0) {
		out->form = OUT_TERMINAL;
		out->color = true;
	} else if (strcmp(when, "auto") == 0) {
		out->color = terminal && terminal_has_colors();
	} else if (strcmp(when, "never") != 0) {
		return -1;
	}
	out->width = terminal_width(to);
	out->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	if (json)
		out->form = OUT_JSON;
	return 0;
}

static bool
style_shows(const struct out *out, enum out_style style)
{
	return out->color && style != OUT_NORMAL && out->form == OUT_TERMINAL;
}

/* Text in colour: the ends of lines before and after it stay without. */
static void
styled_print(struct out *out, enum out_style style, const char *format, va_list args)
{
	char storage[2048];
	struct slice text, core;
	int n = vsnprintf(storage, sizeof(storage), format, args);

	text = slice_make(storage, n < 0 ? 0 : strlen(storage));
	core = text;
	while (core.n > 0 && core.p[0] == '\n')
		core = slice_from(core, 1);
	(void)fwrite(text.p, 1, text.n - core.n, out->to);
	text = core;
	while (core.n > 0 && core.p[core.n - 1] == '\n')
		core.n--;
	if (core.n > 0)
		(void)fprintf(out->to, "%s%.*s\033[0m", sgr[style], SLICE_ARG(core));
	(void)fwrite(text.p + core.n, 1, text.n - core.n, out->to);
}

void
out_print(struct out *out, enum out_style style, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (style_shows(out, style))
		styled_print(out, style, format, args);
	else
		(void)vfprintf(out->to, format, args);
	va_end(args);
}

/* A value in the words of milter.conf has its backslashes as they must be. */
static void
escape(struct buf *to, struct slice text, bool is_value)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c < ' ' || c > '~')
			buf_add_format(to, "\\x%02x", c);
		else if (c == '\\' && !is_value)
			buf_add_text(to, "\\\\");
		else
			buf_add_char(to, (char)c);
	}
}

static void
escaped_print(struct out *out, enum out_style style, struct slice text, bool is_value)
{
	char storage[1024];
	bool shows = style_shows(out, style);

	if (shows)
		(void)fputs(sgr[style], out->to);
	while (text.n > 0) {
		struct slice part = slice_head(text, sizeof(storage) / ESCAPE_BYTES - 1);
		struct buf escaped;

		buf_init(&escaped, storage, sizeof(storage));
		escape(&escaped, part, is_value);
		(void)fwrite(escaped.p, 1, escaped.n, out->to);
		text = slice_from(text, part.n);
	}
	if (shows)
		(void)fputs("\033[0m", out->to);
}

void
out_slice(struct out *out, enum out_style style, struct slice text)
{
	escaped_print(out, style, text, false);
}

void
out_value(struct out *out, enum out_style style, struct slice text)
{
	escaped_print(out, style, text, true);
}

void
out_wrapped(struct out *out, struct slice text, size_t indent)
{
	size_t room = out->width - indent;

	while (text.n > 0) {
		struct slice line = slice_head(text, room);

		if (line.n < text.n && slice_find_last(line, ' ') < line.n)
			line.n = slice_find_last(line, ' ');
		out_slice(out, OUT_NORMAL, line);
		(void)fputc('\n', out->to);
		text = slice_trim(slice_from(text, line.n));
		if (text.n > 0)
			(void)fprintf(out->to, "%*s", (int)indent, "");
	}
}

void
out_escape(struct buf *to, struct slice text)
{
	escape(to, text, false);
}

static json_t *
json_escaped(struct slice text, bool is_value)
{
	size_t room = text.n * ESCAPE_BYTES + 1;
	char *storage = malloc(room);
	struct buf escaped;
	json_t *value;

	if (storage == NULL)
		return NULL;
	buf_init(&escaped, storage, room);
	escape(&escaped, text, is_value);
	value = json_stringn(escaped.p, escaped.n);
	free(storage);
	return value;
}

json_t *
out_json_text(struct slice text)
{
	return json_escaped(text, false);
}

json_t *
out_json_value(struct slice text)
{
	return json_escaped(text, true);
}

void
out_json(struct out *out, json_t *object, bool first)
{
	(void)fputs(first ? "[\n  " : ",\n  ", out->to);
	if (object == NULL || json_dumpf(object, out->to, JSON_ENSURE_ASCII) != 0)
		out->failed = true;
	json_decref(object);
}

void
out_json_end(struct out *out, bool none)
{
	(void)fputs(none ? "[]\n" : "\n]\n", out->to);
}

bool
out_is_dead(const struct out *out)
{
	return out->failed || ferror(out->to) != 0;
}
