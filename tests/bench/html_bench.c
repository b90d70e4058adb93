/*
 * html_bench.c - how fast lib/mail/html reads templates of newsletters, beside a search for each "<".
 *
 *	tests/bench/html_bench [DIR [ROUNDS]]
 *
 * DIR, else $GATEPOST_DATA, else ../shared/data, has html/. What is printed are medians of the rounds,
 * in CPU time of the thread: all templates, one after the other; and what somebody might send to
 * keep a tokenizer busy, which is to take no longer for twice the bytes than twice the time.
 */
#include "mail/html_reference.h"

#include "mail/html.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define TEXT_MAX_BYTES 16777216
#define FILES_MAX      4096
#define ROUNDS_MAX     1000
#define HOSTILE_BYTES  ((size_t)1048576)

static const struct {
	const char *name;
	const char *begins, *repeated;
} hostile[] = {
    {"<<<<", "", "<"},
    {"</</</", "", "</"},
    {"<a<a<a", "", "<a"},
    {"<a><a><a>", "", "<a>"},
    {"references that are none", "", "<a href=\"&CounterClockwiseContourIntegra\">"},
    {"an open comment", "<!--", "-->-<!->!--"},
    {"comments that open", "", "<!--"},
    {"bogus comments that open", "", "<!"},
    {"an open value", "<a b=\"", "<a b='>"},
    {"attributes of one tag", "<a", " a1 b2 c3=4"},
    {"tags of 200 attributes", "", NULL},
    {"a title that does not end", "<title>", "</titl"},
    {"a script that does not end", "<script>", "<!--<script></script>--"},
    {"declarations", "", "<!doctype a public '"},
    {"CDATA sections", "", "<![CDATA[]"},
};

static char text[TEXT_MAX_BYTES];
static struct slice files[FILES_MAX];
static size_t nfiles, used;
static struct {
	size_t tokens, tags, links;
} found;

static double
cpu_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int
file_add(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	FILE *file;
	size_t n;

	(void)st, (void)where;
	if (kind != FTW_F || strstr(path, ".htm") == NULL || nfiles == FILES_MAX)
		return 0;
	file = fopen(path, "rb");
	if (file == NULL)
		return 0;
	n = fread(text + used, 1, sizeof(text) - used, file);
	(void)fclose(file);
	files[nfiles++] = slice_make(text + used, n);
	used += n;
	return 0;
}

/* What tracking does: the decoded links of a document. */
static void
document_read(struct slice in)
{
	static struct html_token token;
	static char storage[2048];
	struct html t;

	html_init(&t, in);
	while (html_next(&t, &token)) {
		const struct html_attr *href;
		struct buf url = BUF_OVER(storage);

		found.tokens++;
		if (token.kind != HTML_START_TAG)
			continue;
		found.tags++;
		href = html_is(&t, &token, "a") ? html_attr_find(&t, &token, "href") : NULL;
		if (href == NULL)
			continue;
		html_decode(&url, html_slice(&t, href->value), HTML_IN_VALUE);
		found.links++;
	}
}

static void
templates_read(void)
{
	for (size_t i = 0; i < nfiles; i++)
		document_read(files[i]);
}

/* The least that anybody could do: every "<" looked for. */
static void
opens_find(void)
{
	for (size_t i = 0; i < nfiles; i++)
		for (struct slice left = files[i]; left.n > 0;)
			left = slice_from(left, slice_find(left, '<') + 1);
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double
median_us(void (*run)(void), size_t rounds)
{
	static double us[ROUNDS_MAX];

	for (size_t r = 0; r < rounds; r++) {
		double before = cpu_us();

		run();
		us[r] = cpu_us() - before;
	}
	qsort(us, rounds, sizeof(us[0]), compare);
	return us[rounds / 2];
}

static void
hostile_make(size_t which, size_t bytes)
{
	const char *piece = hostile[which].repeated;
	char storage[1024];
	struct buf tag = BUF_OVER(storage);

	/* names that share a hash are not at hand; those of one length come near */
	buf_add_text(&tag, "<a");
	for (unsigned i = 0; i < HTML_ATTRS_MAX; i++)
		buf_add_format(&tag, " %c%c", 'a' + i / 26, 'a' + i % 26);
	buf_add_text(&tag, ">");
	if (piece == NULL)
		piece = buf_text(&tag);
	used = strlen(hostile[which].begins);
	memcpy(text, hostile[which].begins, used);
	for (size_t n = strlen(piece), i = 0; used < bytes; i++)
		text[used++] = piece[i % n];
	files[0] = slice_make(text, used);
	nfiles = 1;
}

int
main(int argc, char **argv)
{
	const char *set = getenv("GATEPOST_DATA");
	const char *top = argc > 1 ? argv[1] : set != NULL ? set : "../shared/data";
	long wanted = argc > 2 ? strtol(argv[2], NULL, 10) : 100;
	size_t rounds = wanted < 1 || wanted > ROUNDS_MAX ? ROUNDS_MAX : (size_t)wanted;
	char folder[1024];
	double us;

	(void)snprintf(folder, sizeof(folder), "%s/html", top);
	(void)nftw(folder, file_add, 16, FTW_PHYS);
	if (used > 0) {
		us = median_us(opens_find, rounds);
		printf("%-36s %8.1f us  %6.0f MB/s\n", "templates, memchr for <", us,
		    (double)used / us);
		found.tokens = found.tags = found.links = 0;
		us = median_us(templates_read, rounds);
		printf("%-36s %8.1f us  %6.0f MB/s  %zu bytes in %zu files, %zu tokens, %zu tags, "
		       "%zu links\n",
		    "templates", us, (double)used / us, used, nfiles, found.tokens / rounds,
		    found.tags / rounds, found.links / rounds);
	}
	for (size_t i = 0; i < COUNT(hostile); i++) {
		double twice_us;

		hostile_make(i, HOSTILE_BYTES);
		us = median_us(templates_read, rounds / 10 + 1);
		hostile_make(i, 2 * HOSTILE_BYTES);
		twice_us = median_us(templates_read, rounds / 10 + 1);
		printf("%-36s %8.1f us  %6.0f MB/s  %.2f times that for twice as much\n",
		    hostile[i].name, us, (double)HOSTILE_BYTES / us, twice_us / us);
	}
	return EXIT_SUCCESS;
}
