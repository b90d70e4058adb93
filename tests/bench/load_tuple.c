/*
 * load_tuple.c - see load_tuple.h.
 */
#include "load_tuple.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
letters(char *out, unsigned n, uint64_t number)
{
	out[n] = '\0';
	while (n-- > 0) {
		out[n] = (char)('a' + number % 26);
		number /= 26;
	}
}

static void
address_make(
    struct load_address *a, const char *name, const char *domain, uint64_t seed, uint64_t number)
{
	char run[4], who[8];

	letters(run, 3, seed);
	letters(who, 7, number);
	a->domain = domain;
	(void)snprintf(a->bare, sizeof(a->bare), "%s.%s.%s@%s", name, run, who, domain);
	(void)snprintf(a->path, sizeof(a->path), "<%s>", a->bare);
}

void
load_sender_make(struct load_address *a, uint64_t seed, uint64_t number)
{
	address_make(a, "peter", "mailer.outside.example", seed, number);
}

void
load_rcpt_make(struct load_address *a, uint64_t seed, uint64_t number)
{
	address_make(a, "maria", "office.insides.example", seed, number);
}

void
load_null_make(struct load_address *a)
{
	a->domain = "";
	a->bare[0] = '\0';
	(void)snprintf(a->path, sizeof(a->path), "<>");
}

void
load_address_take(struct load_address *a, const char *text)
{
	const char *at;

	(void)snprintf(a->bare, sizeof(a->bare), "%s", text);
	(void)snprintf(a->path, sizeof(a->path), "<%s>", a->bare);
	at = strchr(a->bare, '@');
	a->domain = at == NULL ? "" : at + 1;
}

void
load_client_make(struct load_client *c, uint64_t number)
{
	unsigned net = (unsigned)(number % 512);
	unsigned host = 2 + (unsigned)(number / 512 % 253);

	(void)snprintf(c->addr, sizeof(c->addr), "198.%u.%u.%u", 18 + net / 256, net % 256, host);
	(void)snprintf(c->name, sizeof(c->name), "host-%u-%u.outside.example", net, host);
	c->port = (uint16_t)(1024 + number % 60000);
}

char *
load_file_read(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	if (file == NULL)
		return NULL;
	/* up to the first NUL, of which there is none in a text */
	if (getdelim(&text, &room, '\0', file) < 0 && text != NULL)
		text[0] = '\0';
	(void)fclose(file);
	return text;
}

/* Cuts the next line off, in place; NULL: there is none. */
static char *
line_next(char **text)
{
	char *line = *text, *end = strchr(line, '\n');

	if (*line == '\0')
		return NULL;
	*text = end == NULL ? line + strlen(line) : end + 1;
	if (end != NULL)
		*end = '\0';
	return line;
}

int
load_lines_read(struct load_lines *lines, const char *path)
{
	char *text, *line;
	size_t n = 1;

	*lines = (struct load_lines){.text = load_file_read(path)};
	if (lines->text == NULL)
		return -1;
	for (const char *c = lines->text; *c != '\0'; c++)
		n += *c == '\n';
	lines->v = calloc(n, sizeof(*lines->v));
	if (lines->v == NULL)
		return -1;
	text = lines->text;
	while ((line = line_next(&text)) != NULL)
		lines->v[lines->n++] = line;
	errno = 0;
	return lines->n > 0 ? 0 : -1;
}

void
load_lines_free(struct load_lines *lines)
{
	free(lines->v);
	free(lines->text);
}
