/*
 * load_message.c - see load_message.h.
 */
#include "load_message.h"

#include "load_tuple.h"

#include <stdlib.h>
#include <string.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const struct load_field header[] = {
    {"Date", " Sat, 21 Nov 2026 03:14:15 +0000"},
    {"From", " Peter Outside <peter@mailer.outside.example>"},
    {"To", " Maria Insides <maria@office.insides.example>"},
    {"Subject", " The figures that you asked for,\n\tand some that you did not"},
    {"Message-ID", " <20261121031415.4711@mailer.outside.example>"},
    {"MIME-Version", " 1.0"},
};

static const char text[] =
    "One line of text, as long as lines of mail are when nobody wraps them.\r\n";

#define CELL(inside)                                                                               \
	"<table width=\"600\" cellpadding=\"0\">\r\n"                                              \
	"  <tr>\r\n"                                                                               \
	"    <td class=\"cell\" style=\"padding: 8px\">\r\n"                                       \
	"      Whatever you wanted to know of our new figures,\r\n" inside "    </td>\r\n"         \
	"  </tr>\r\n"                                                                              \
	"</table>\r\n"

static const char linked[] = CELL(
    "      <a href=\"https://www.mailer.outside.example/figures?of=2026\">read it here</a>.\r\n");
static const char unlinked[] = CELL(
    "      and of the figures that there were before, is known to those who read it.\r\n");

static void
field_add(struct load_message *m, const char *name, const char *value)
{
	m->fields[m->nfields++] = (struct load_field){name, value};
}

/* A line of text, or a table of HTML, with a link or not. */
static struct slice
piece_of(bool html, bool link)
{
	if (!html)
		return slice_make(text, sizeof(text) - 1);
	return link ? slice_make(linked, sizeof(linked) - 1)
		    : slice_make(unlinked, sizeof(unlinked) - 1);
}

bool
load_message_make(
    struct load_message *m, size_t bytes, bool html, size_t links, const char *signature)
{
	char *body = malloc(bytes > 0 ? bytes : 1);
	size_t placed = 0;

	m->nfields = 0;
	m->text = NULL;
	m->body = slice_make(body, bytes);
	if (body == NULL)
		return false;
	for (size_t at = 0; at < bytes;) {
		bool link = placed < links && placed * bytes <= at * links;
		struct slice piece = slice_head(piece_of(html, link), bytes - at);

		memcpy(body + at, piece.p, piece.n);
		at += piece.n;
		placed += link;
	}
	if (bytes >= 2) {
		body[bytes - 2] = '\r';
		body[bytes - 1] = '\n';
	}
	if (bytes >= 3 && body[bytes - 3] == '\r')
		body[bytes - 3] = '.';
	if (signature != NULL)
		field_add(m, "DKIM-Signature", signature);
	for (size_t i = 0; i < LENGTH(header); i++)
		m->fields[m->nfields++] = header[i];
	field_add(m, "Content-Type",
	    html ? " text/html; charset=us-ascii" : " text/plain; charset=us-ascii");
	return true;
}

/* "Name: value" of a line, whose ends it cuts. */
static bool
field_read(struct load_message *m, char *line)
{
	char *colon = strchr(line, ':');

	if (colon == NULL || m->nfields == LENGTH(m->fields))
		return false;
	*colon = '\0';
	line[strcspn(line, "\r")] = '\0';
	colon[1 + strcspn(colon + 1, "\r")] = '\0';
	field_add(m, line, colon + 1);
	return true;
}

bool
load_message_read(struct load_message *m, const char *path)
{
	char *at = load_file_read(path), *end;

	*m = (struct load_message){.text = at};
	if (at == NULL)
		return false;
	while (*at != '\n' && *at != '\r') {
		end = strchr(at, '\n');
		if (end == NULL)
			return false;
		*end = '\0';
		if (!field_read(m, at))
			return false;
		at = end + 1;
	}
	at += strcspn(at, "\n") + 1;
	m->body = slice_make(at, strlen(at));
	return true;
}

void
load_message_free(struct load_message *m)
{
	free(m->text != NULL ? m->text : (char *)m->body.p);
}

void
load_message_print(const struct load_message *m, FILE *out)
{
	for (size_t i = 0; i < m->nfields; i++) {
		fprintf(out, "%s:", m->fields[i].name);
		for (const char *c = m->fields[i].value; *c != '\0'; c++)
			fprintf(out, *c == '\n' ? "\r\n" : "%c", *c);
		fputs("\r\n", out);
	}
	fprintf(out, "\r\n%.*s", SLICE_ARG(m->body));
}
