/*
 * postfix.c - see postfix.h.
 */
#include "postfix.h"

/* Cuts the next line off the text. */
static struct slice
line_next(struct slice *text)
{
	struct slice line = slice_head(*text, slice_find(*text, '\n'));

	*text = slice_from(*text, line.n + 1);
	return line;
}

/* Cuts the next word off; empty at the end. */
static struct slice
word_next(struct slice *text)
{
	struct slice word = slice_trim(*text);
	size_t n = 0;

	while (n < word.n && !ascii_is_space(word.p[n]))
		n++;
	*text = slice_from(word, n);
	return slice_head(word, n);
}

struct slice
postfix_setting(struct slice text, const char *name)
{
	while (text.n > 0) {
		struct slice line = line_next(&text);
		size_t equals = slice_find(line, '=');

		if (slice_eq(slice_trim(slice_head(line, equals)), slice_of(name)))
			return slice_trim(slice_from(line, equals + 1));
	}
	return slice_make(NULL, 0);
}

/* "-o smtpd_milters=…" among the arguments of a service; blanks within stand as commas there. */
static void
override_find(struct slice arguments, struct postfix_service *service)
{
	static const struct slice name = SLICE_LIT("smtpd_milters=");

	service->overrides = false;
	while (arguments.n > 0) {
		struct slice word = word_next(&arguments);

		if (!slice_starts(word, name))
			continue;
		service->overrides = true;
		service->milters = slice_from(word, name.n);
	}
}

bool
postfix_service_next(struct slice *text, struct postfix_service *service_r)
{
	while (text->n > 0) {
		struct slice line = line_next(text);
		struct slice field[8]; /* name type private unpriv chroot wakeup maxproc command */

		for (size_t i = 0; i < 8; i++)
			field[i] = word_next(&line);
		if (!slice_eq(field[7], slice_of("smtpd")))
			continue;
		*service_r = (struct postfix_service){.name = field[0], .type = field[1]};
		service_r->chroot = slice_eq(field[4], slice_of("y"));
		service_r->options = slice_trim(line);
		override_find(line, service_r);
		return true;
	}
	return false;
}

static bool
is_separator(char c)
{
	return ascii_is_space(c) || c == ',';
}

struct slice
postfix_command_of(struct slice text, struct slice name, const char *type)
{
	while (text.n > 0) {
		struct slice line = line_next(&text);
		struct slice first = word_next(&line);
		struct slice second = word_next(&line);

		if (!slice_eq(first, name) || !slice_eq(second, slice_of(type)))
			continue;
		for (size_t i = 0; i < 5; i++) /* private unpriv chroot wakeup maxproc */
			(void)word_next(&line);
		return word_next(&line);
	}
	return slice_make(NULL, 0);
}

bool
postfix_list_has(struct slice list, struct slice word)
{
	while (list.n > 0) {
		size_t n = 0;

		while (n < list.n && !is_separator(list.p[n]))
			n++;
		if (n > 0 && slice_eq_nocase(slice_head(list, n), word))
			return true;
		list = slice_from(list, n + 1);
	}
	return false;
}

bool
postfix_milter_next(struct slice *list, struct postfix_milter *milter_r)
{
	struct slice rest = *list;
	struct slice item;
	size_t n = 0;
	bool braces;

	while (rest.n > 0 && is_separator(rest.p[0]))
		rest = slice_from(rest, 1);
	braces = rest.n > 0 && rest.p[0] == '{';
	if (braces) {
		item = slice_from(slice_head(rest, slice_find(rest, '}')), 1);
		*list = slice_from(rest, item.n + 2);
		item = slice_trim(item);
	} else {
		item = rest;
	}
	while (n < item.n && !is_separator(item.p[n]))
		n++;
	milter_r->endpoint = slice_head(item, n);
	milter_r->settings = slice_make(item.p, 0);
	if (braces)
		milter_r->settings = slice_from(item, n);
	else
		*list = slice_from(item, n);
	return milter_r->endpoint.n > 0;
}

struct slice
postfix_milter_setting(const struct postfix_milter *milter, const char *name)
{
	struct slice rest = milter->settings;

	while (rest.n > 0) {
		struct slice part = slice_head(rest, slice_find(rest, ','));
		size_t equals = slice_find(part, '=');

		rest = slice_from(rest, part.n + 1);
		if (slice_eq(slice_trim(slice_head(part, equals)), slice_of(name)))
			return slice_trim(slice_from(part, equals + 1));
	}
	return slice_make(NULL, 0);
}

/* True when path is folder, with a slash between or not, and end. */
static bool
path_is(struct slice path, struct slice folder, struct slice end)
{
	struct slice rest = slice_from(path, folder.n);

	if (!slice_starts(path, folder))
		return false;
	if (rest.n > 0 && rest.p[0] == '/' && (end.n == 0 || end.p[0] != '/'))
		rest = slice_from(rest, 1);
	return slice_eq(rest, end);
}

bool
postfix_reaches(const struct postfix_place *place, struct slice endpoint, bool chroot)
{
	static const struct slice unix_tag = SLICE_LIT("unix:");
	struct slice listen = slice_of(place->listen);
	struct slice ours = slice_from(listen, slice_find(listen, ':') + 1);
	struct slice path;

	if (slice_starts(listen, slice_of("inet"))) {
		struct slice port = slice_head(ours, slice_find(ours, '@'));

		return slice_starts(endpoint, slice_of("inet:")) &&
		       slice_eq(slice_from(endpoint, slice_find_last(endpoint, ':') + 1), port);
	}
	if (!slice_starts(endpoint, unix_tag))
		return false;
	path = slice_from(endpoint, unix_tag.n);
	if (path.n > 0 && path.p[0] == '/' && !chroot)
		return slice_eq(path, ours);
	return path_is(ours, place->queue_directory, path);
}

int64_t
postfix_seconds(struct slice text)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	int64_t number = 0;
	size_t i = 0;

	while (i < text.n && ascii_is_digit(text.p[i]) && number < 1000000000)
		number = number * 10 + (text.p[i++] - '0');
	if (i == 0 || text.n > i + 1)
		return -1;
	if (i == text.n)
		return number;
	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
		if (units[u].letter == text.p[i])
			return number * units[u].seconds;
	}
	return -1;
}
