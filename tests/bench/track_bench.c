/*
 * track_bench.c - how long it takes to put a pixel and tracked links into a message.
 *
 *	tests/bench/track_bench [ROUNDS [ENCODING]]
 *
 * The message is a newsletter made here: 50 KB of HTML in tables, 30 links, beside a text of 2 KB, in
 * each transfer encoding. Printed are medians of the rounds, in CPU time of the thread: finding the
 * parts, tracking (with its check), and putting the result out.
 */
#include "mail/message.h"
#include "policy/track.h"
#include "unit/keyring_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define HTML_BYTES ((size_t)50 * 1024)
#define LINKS      30
#define ROUNDS_MAX 10000
#define TEXT_BYTES ((size_t)256 * 1024)

static const struct {
	const char *name;
	enum transfer_encoding encoding;
	const char *word; /* that the text is made of */
} kinds[] = {
    {"7bit", TRANSFER_7BIT, "Nobody expects so many words here. "},
    {"quoted-printable", TRANSFER_QP,
	"Niemand erwartet so gro\xc3\x9f"
	"e Texte. "},
    {"base64", TRANSFER_BASE64,
	"Niemand erwartet so gro\xc3\x9f"
	"e Texte. "},
    {"8bit, to quoted-printable", TRANSFER_8BIT,
	"Niemand erwartet so gro\xc3\x9f"
	"e Texte. "},
};

static char html_storage[TEXT_BYTES], text_storage[TEXT_BYTES];
static struct buf html, text;
static struct keyring keyring;

struct times {
	double scan, track, put;
};

static double
cpu_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
html_make(const char *word)
{
	unsigned links = 0;

	buf_init(&html, html_storage, sizeof(html_storage));
	buf_add_text(&html,
	    "<!DOCTYPE html>\r\n<html><head><title>News</title>\r\n<style>td "
	    "{font-family: sans-serif}</style>\r\n</head>\r\n<body bgcolor=\"#fff\">\r\n");
	while (html.n < HTML_BYTES - 20) {
		buf_add_text(&html,
		    "<table role=\"presentation\" width=\"600\" cellpadding=\"0\" "
		    "border=\"0\">\r\n<tr><td align=\"left\" style=\"padding:0 10px;"
		    "color:#333333\">\r\n<p style=\"margin:0\">");
		for (int i = 0; i < 4; i++)
			buf_add_text(&html, word);
		buf_add_text(&html, "\r\n<span class=\"b\">");
		if (links * HTML_BYTES / LINKS <= html.n && links < LINKS)
			buf_add_format(&html,
			    "<a href=\"https://www.example.com/news/2026/11/article-%u?utm_source="
			    "mail&amp;utm_campaign=autumn\"\r\n style=\"color:#0000cc\">More</a>",
			    ++links);
		buf_add_text(&html, "</span></p>\r\n</td></tr></table>\r\n");
	}
	buf_add_text(&html, "</body></html>\r\n");
}

static int
text_put(void *to, struct slice bytes)
{
	buf_add(to, bytes);
	return 0;
}

static void
message_make(enum transfer_encoding encoding)
{
	buf_init(&text, text_storage, sizeof(text_storage));
	buf_add_text(&text,
	    "From: news@shop.example\r\nSubject: News\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: multipart/alternative; boundary=\"=_b\"\r\n\r\n--=_b\r\n\r\n");
	for (int i = 0; i < 50; i++)
		buf_add_text(&text, "A line of the text that nobody is ever shown\r\n");
	buf_add_text(&text, "--=_b\r\nContent-Type: text/html; charset=utf-8\r\n");
	buf_add_format(&text, "Content-Transfer-Encoding: %s\r\n\r\n", transfer_name(encoding));
	(void)transfer_recode(
	    TRANSFER_8BIT, encoding, buf_slice(&html), (struct sink){text_put, &text});
	buf_add_text(&text, "\r\n--=_b--\r\n");
}

static int
nowhere_put(void *to, struct slice bytes)
{
	*(size_t *)to += bytes.n;
	return 0;
}

static bool
message_track(struct arena *a, const struct account *account, struct times *times_r)
{
	const struct track_facts facts = {.account = account,
	    .keyring = &keyring,
	    .what = {true, true, PRIVACY_IDENTIFIED},
	    .ids = {.account = 1, .message = 42, .day = 20000, .rcpt = 1}};
	static struct edits edits;
	struct sink sink;
	size_t n = 0;
	struct body_edits body;
	struct message m;
	struct track track;
	struct mime mime;
	double begin;
	bool good;

	arena_reset(a);
	edits_init(&edits);
	body_edits_init(&body, a);
	good = message_parse(a, buf_slice(&text), &m) == 0;
	begin = cpu_us();
	good = good && mime_scan(a, &m, &mime) == 0;
	times_r->scan = cpu_us() - begin;
	begin = cpu_us();
	track_make(&facts, &m, &mime, &edits, &body, &track);
	times_r->track = cpu_us() - begin;
	begin = cpu_us();
	sink = (struct sink){nowhere_put, &n};
	good = good && body_edits_apply_to(&body, m.body, &sink) == 0;
	times_r->put = cpu_us() - begin;
	return good && track.pixels == 1 && track.links == LINKS;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), compare);
	return v[n / 2];
}

static bool
kind_run(size_t kind, size_t rounds)
{
	static double scan[ROUNDS_MAX], track[ROUNDS_MAX], put[ROUNDS_MAX];
	const struct account account = {.track_domain = "t.shop.example"};
	struct arena a;
	bool good = true;
	double us;

	html_make(kinds[kind].word);
	message_make(kinds[kind].encoding);
	arena_init(&a, 65536, 4 * TEXT_BYTES);
	for (size_t i = 0; i < rounds && good; i++) {
		struct times times;

		good = message_track(&a, &account, &times);
		scan[i] = times.scan;
		track[i] = times.track;
		put[i] = times.put;
	}
	arena_fini(&a);
	us = median(track, rounds);
	printf("%-28s parts %5.1f us  tracking %6.1f us  %5.0f MB/s  out %5.1f us  (%zu bytes of "
	       "HTML, "
	       "%zu of mail)%s\n",
	    kinds[kind].name, median(scan, rounds), us, (double)html.n / us, median(put, rounds),
	    html.n, text.n, good ? "" : "  NOT TRACKED");
	return good;
}

int
main(int argc, char **argv)
{
	long wanted = argc > 1 ? strtol(argv[1], NULL, 10) : 1000;
	size_t rounds = wanted < 1 || wanted > ROUNDS_MAX ? ROUNDS_MAX : (size_t)wanted;
	bool good = true;
	struct err err;

	if (keyring_parse(&keyring, slice_of(KEYRING_TEXT), "keyring", &err) != 0)
		return EXIT_FAILURE;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (argc < 3 || strcmp(argv[2], kinds[i].name) == 0)
			good = kind_run(i, rounds) && good;
	keyring_fini(&keyring);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
