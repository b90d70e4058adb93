/*
 * mime.c - real and malformed mail through lib/mail/mime and lib/mail/sevenbit:
 * tests/suites/mime [DIR]
 *
 * DIR, else $GATEPOST_DATA, else ../shared/data, has mime/inventory.tsv, which says of each message
 * what Python's email package takes it for. TAP, three counts, every miss named:
 *
 *	structure    the same tree of parts
 *	html         as many text/html leaves, the first in the same encoding and charset
 *	sevenbit     after it: the same tree, each leaf with the same content, nothing left to be
 *	             done, and clean unless there is a reason, which is counted
 *
 * Exit status 0: nothing missed but what is known and explained; 1: something; 77: no data.
 */
#include "mime_check.h"

#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define FILE_MAX_BYTES  8388608
#define LINE_BYTES      4096
#define ARENA_MAX_BYTES 33554432

enum {
	COL_FILE,
	COL_SIZE,
	COL_KINDS,
	COL_LEAVES,
	COL_HTML,
	COL_ENCODING,
	COL_CHARSET,
	COL_LINKS,
	COL_OTHER,
	COL_DEFECTS,
	COL_SHAPE,
	COLUMNS
};

struct row {
	char text[LINE_BYTES];
	const char *column[COLUMNS];
};

struct counts {
	const char *name;
	unsigned right, known, of;
};

/* Where gatepost and the inventory differ for good, and why. */
static const struct {
	const char *file;
	const char *why;
} known[] = {
    {"flanker/enclosed-global.eml", "an MTA ends the header where the first line is no field"},
    {"flanker/iphone.eml", "an MTA ends the header where the first line is no field"},
    {"flanker/russian-attachment-yahoo.eml",
	"an MTA ends the header where the first line is no field"},
    {"mail-parser/malformed__019.eml", "a blank before the colon: MTAs take it for a field"},
    {"mime4j/mimetools-testmsgs__multi-digest.msg", "a boundary that is folded is to be unfolded"},
};

static struct arena arena;
static struct sevenbit total;
static const char *top;

/* The whole file, or what fits of it; p NULL when it cannot be read. */
static struct slice
file_read(char *storage, size_t cap, const char *name)
{
	char path[1024];
	FILE *file;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/mime/%s", top, name);
	file = fopen(path, "rb");
	if (file == NULL)
		return slice_make(NULL, 0);
	n = fread(storage, 1, cap, file);
	(void)fclose(file);
	return slice_make(storage, n);
}

/* With CRLF for each LF, and at the end, as it comes from an MTA. */
static struct slice
text_from_mta(struct slice s)
{
	static char text[2 * FILE_MAX_BYTES + 2];
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n' && (i == 0 || s.p[i - 1] != '\r'))
			text[n++] = '\r';
		text[n++] = s.p[i];
	}
	if (n == 0 || text[n - 1] != '\n') {
		text[n++] = '\r';
		text[n++] = '\n';
	}
	return slice_make(text, n);
}

/* "alternative(text/plain,text/html)" */
static void
shape_add(struct buf *out, const struct mime *mime, size_t index)
{
	const struct mime_part *part = &mime->v[index];
	bool inner = false;

	for (size_t i = index + 1; i < mime->n; i++) {
		if (mime->v[i].parent != index)
			continue;
		if (!inner && part->kind != MIME_MULTIPART)
			buf_add_text(out, "message/");
		if (!inner)
			buf_add_lower(out, part->subtype);
		buf_add_char(out, inner ? ',' : '(');
		shape_add(out, mime, i);
		inner = true;
	}
	if (inner) {
		buf_add_char(out, ')');
		return;
	}
	buf_add_lower(out, part->type);
	buf_add_char(out, '/');
	buf_add_lower(out, part->subtype);
}

/* The inventory takes the fields of a report, and pieces of messages, for messages. */
static void
shape_wanted(struct buf *out, const char *text)
{
	static const char *const lists[] = {
	    "message/delivery-status(", "message/disposition-notification(", "message/partial("};

	while (*text != '\0') {
		size_t skip = 0;

		for (size_t i = 0; i < COUNT(lists); i++)
			if (strncmp(text, lists[i], strlen(lists[i])) == 0)
				skip = strlen(lists[i]);
		if (skip == 0) {
			buf_add_char(out, *text++);
			continue;
		}
		buf_add(out, slice_make(text, skip - 1));
		text += strcspn(text, ")");
		text += *text != '\0';
	}
}

static bool
shape_is_right(const struct row *row, const struct mime *mime)
{
	char got_text[LINE_BYTES], want_text[LINE_BYTES];
	struct buf got = BUF_OVER(got_text), want = BUF_OVER(want_text);

	shape_add(&got, mime, 0);
	shape_wanted(&want, row->column[COL_SHAPE]);
	if (strcmp(buf_text(&got), buf_text(&want)) == 0)
		return true;
	printf("# structure differs, %s: %s wanted, got %s\n", row->column[COL_FILE],
	    buf_text(&want), buf_text(&got));
	return false;
}

static bool
html_is_right(const struct row *row, const struct mime *mime)
{
	const struct mime_part *first = NULL;
	const char *encoding = row->column[COL_ENCODING], *charset = row->column[COL_CHARSET];
	unsigned long n = 0;
	bool same;

	for (size_t i = 0; i < mime->n; i++)
		if (mime->v[i].kind == MIME_LEAF && mime_is(&mime->v[i], "text", "html")) {
			n++;
			first = first == NULL ? &mime->v[i] : first;
		}
	same = n == strtoul(row->column[COL_HTML], NULL, 10);
	if (first != NULL && same) {
		same = first->has_encoding ? first->encoding == transfer_parse(slice_of(encoding))
					   : strcmp(encoding, "none") == 0;
		same = same && (first->charset.p == NULL
				       ? strcmp(charset, "none") == 0
				       : slice_eq_nocase(first->charset, slice_of(charset)));
	}
	if (same)
		return true;
	printf("# html differs, %s: %s, %s, %s wanted, got %lu\n", row->column[COL_FILE],
	    row->column[COL_HTML], encoding, charset, n);
	return false;
}

static bool
sevenbit_is_right(const struct row *row, struct message *message)
{
	struct heap_text body = {NULL, 0, 0};
	struct sevenbit result;
	const char *why = sevenbit_check(&arena, message, &result, &body);

	total.recoded += result.recoded;
	total.relabelled += result.relabelled;
	total.left += result.left;
	for (size_t i = 0; i < SEVENBIT_REASONS; i++) {
		total.why[i] += result.why[i];
		if (result.why[i] > 0)
			printf("# sevenbit left %zu, %s: %s\n", result.why[i],
			    row->column[COL_FILE], sevenbit_reason_name((enum sevenbit_reason)i));
	}
	if (why != NULL)
		printf("# sevenbit WRONG, %s: %s\n", row->column[COL_FILE], why);
	free(body.p);
	return why == NULL;
}

static void
count(struct counts *counts, const struct row *row, bool right)
{
	const char *why = NULL;

	for (size_t i = 0; i < COUNT(known) && !right; i++)
		if (strcmp(known[i].file, row->column[COL_FILE]) == 0)
			why = known[i].why;
	counts->of++;
	counts->right += right;
	counts->known += why != NULL;
	if (why != NULL)
		printf("#   known: %s\n", why);
}

static void
row_run(const struct row *row, struct counts counts[3])
{
	static char storage[FILE_MAX_BYTES];
	struct slice file = file_read(storage, sizeof(storage), row->column[COL_FILE]);
	struct message message;
	struct mime mime;
	bool read;

	arena_reset(&arena);
	read = file.p != NULL && message_parse(&arena, text_from_mta(file), &message) == 0 &&
	       mime_scan(&arena, &message, &mime) == 0;
	count(&counts[0], row, read && shape_is_right(row, &mime));
	count(&counts[1], row, read && html_is_right(row, &mime));
	count(&counts[2], row, read && sevenbit_is_right(row, &message));
}

static bool
row_read(struct slice *left, struct row *row)
{
	size_t end = slice_find(*left, '\n'), column = 0;

	if (left->n == 0 || end >= sizeof(row->text))
		return false;
	memcpy(row->text, left->p, end);
	row->text[end] = '\0';
	*left = slice_from(*left, end + 1);
	for (char *p = row->text; column < COLUMNS; column++) {
		size_t n = strcspn(p, "\t");

		row->column[column] = p;
		if (p[n] == '\0')
			break;
		p[n] = '\0';
		p += n + 1;
	}
	return column == COLUMNS - 1;
}

int
main(int argc, char **argv)
{
	static char inventory[1048576];
	static struct row row;
	struct counts counts[] = {{.name = "structure"}, {.name = "html"}, {.name = "sevenbit"}};
	const char *set = getenv("GATEPOST_DATA");
	struct slice left;
	bool good = true;

	top = argc > 1 ? argv[1] : set != NULL ? set : "../shared/data";
	left = file_read(inventory, sizeof(inventory), "inventory.tsv");
	if (left.n == 0 || !row_read(&left, &row)) {
		printf("# mime: no messages in %s/mime\n", top);
		return 77;
	}
	arena_init(&arena, 65536, ARENA_MAX_BYTES);
	printf("1..%zu\n", COUNT(counts));
	while (row_read(&left, &row))
		row_run(&row, counts);
	printf("# sevenbit: %zu parts encoded anew, %zu called 7bit, %zu places left\n",
	    total.recoded, total.relabelled, total.left);
	for (size_t i = 1; i < SEVENBIT_REASONS; i++)
		printf(
		    "#   %s: %zu\n", sevenbit_reason_name((enum sevenbit_reason)i), total.why[i]);
	for (size_t i = 0; i < COUNT(counts); i++) {
		const struct counts *c = &counts[i];
		bool ok = c->right + c->known == c->of && c->of > 0;

		printf("%s %zu - mime %s: %u of %u right, %u known\n", ok ? "ok" : "not ok", i + 1,
		    c->name, c->right, c->of, c->known);
		good = good && ok;
	}
	arena_fini(&arena);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
