/*
 * track.c - lib/policy/track on messages that others wrote.
 *
 *	tests/suites/track [--at PLACE] MESSAGE      the message as it would leave, to standard output
 *	tests/suites/track [--at PLACE] DIR OUT      all messages below DIR
 *
 * PLACE is bottom, top or both. OUT, an empty folder, gets two folders: before/ with the messages as an
 * MTA hands them over (CRLF), and after/ with what leaves, under the same names; track_judge.py has others
 * compare them. Signatures that came with a message are taken out of it first in the folders, since it
 * would be left alone otherwise. Comments say what was done; every part that stays, and why.
 *
 * Exit status 0; 1: something could not be done; 77: no messages.
 */
#include "policy/track.h"
#include "mime_check.h"
#include "policy/presigned.h"
#include "unit/keyring_fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#define MESSAGE_MAX ((size_t)8 * 1024 * 1024)
#define PATH_BYTES  1024
#define DOMAIN      "t.shop.example"

static struct arena arena;
static struct keyring keyring;
static struct account account = {.track_domain = DOMAIN};
static struct track total;
static unsigned messages, tracked;
static const char *out_folder;

/* Every line with CRLF, without NUL, as a message comes by SMTP. In the arena. */
static struct slice
file_read(const char *path)
{
	static char storage[MESSAGE_MAX];
	FILE *file = fopen(path, "rb");
	struct slice text;
	char *p;
	size_t n = 0;

	if (file == NULL)
		return slice_make(NULL, 0);
	text = slice_make(storage, fread(storage, 1, sizeof(storage), file));
	(void)fclose(file);
	if (slice_starts(text, slice_of("From "))) /* of an mbox */
		text = slice_from(text, slice_find(text, '\n') + 1);
	p = arena_alloc(&arena, 2 * text.n + 2);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n' && (n == 0 || p[n - 1] != '\r'))
			p[n++] = '\r';
		if (text.p[i] != '\0')
			p[n++] = text.p[i];
	}
	if (n > 0 && p[n - 1] != '\n') {
		p[n++] = '\r';
		p[n++] = '\n';
	}
	return slice_make(p, n);
}

static void
signatures_drop(struct message *m)
{
	static const char *const names[] = {
	    "DKIM-Signature", "DomainKey-Signature", "ARC-Message-Signature"};
	size_t kept = 0;

	for (size_t i = 0; i < m->n; i++) {
		bool goes = false;

		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
			goes = goes || slice_eq_nocase(m->v[i].name, slice_of(names[k]));
		if (!goes)
			m->v[kept++] = m->v[i];
	}
	m->n = kept;
}

static int
file_put(void *to, struct slice bytes)
{
	return fwrite(bytes.p, 1, bytes.n, to) == bytes.n ? 0 : -1;
}

static bool
message_write(const struct message *m, const struct edits *edits, FILE *file)
{
	struct sink sink = {file_put, file};

	return file != NULL && message_put_edited(&arena, m, edits, &sink) == 0;
}

static bool
message_write_to(
    const struct message *m, const struct edits *edits, const char *kind, const char *name)
{
	char path[PATH_BYTES];
	FILE *file;
	bool good;

	(void)snprintf(path, sizeof(path), "%s/%s/%s", out_folder, kind, name);
	file = fopen(path, "wb");
	good = message_write(m, edits, file);
	return file != NULL && fclose(file) == 0 && good;
}

static void
track_tell(const struct track *track, const struct mime *mime, const char *name)
{
	messages++;
	tracked += track->parts > 0;
	total.parts += track->parts;
	total.pixels += track->pixels;
	total.links += track->links;
	for (size_t i = 0; i < TRACK_REASONS; i++)
		total.skipped[i] += track->skipped[i];
	for (size_t i = 0; i < TRACK_KEPTS; i++)
		total.kept[i] += track->kept[i];
	if (track->reason != TRACK_DONE)
		printf("# %s: %s\n", name, track_reason_name(track->reason));
	for (size_t i = 0; i < track->n; i++) {
		const struct track_part *part = &track->v[i];

		printf("# %s part %zu (%s, %.*s): %s, pixels %zu, links %zu\n", name, part->part,
		    part->from == TRANSFER_OTHER ? "other" : transfer_name(part->from),
		    SLICE_ARG(mime->v[part->part].charset), track_reason_name(part->reason),
		    part->pixels, part->links);
	}
}

static int
message_track(const char *path, const char *name)
{
	struct track_facts facts = {.account = &account,
	    .keyring = &keyring,
	    .what = {true, true, PRIVACY_IDENTIFIED},
	    .ids = {.account = 1, .message = 42, .day = 20000, .rcpt = 1}};
	static struct edits edits, none;
	struct body_edits body;
	struct message m;
	struct track track;
	struct mime mime;
	struct slice text;

	arena_reset(&arena);
	edits_init(&edits);
	text = file_read(path);
	if (text.n == 0 || message_parse(&arena, text, &m) != 0)
		return 0;
	if (name != NULL)
		signatures_drop(&m);
	body_edits_init(&body, &arena);
	if (mime_scan(&arena, &m, &mime) != 0)
		return -1;
	facts.presigned = presigned_is(&m);
	track_make(&facts, &m, &mime, &edits, &body, &track);
	edits.body_edits = &body;
	edits.body = m.body;
	if (name == NULL)
		return message_write(&m, &edits, stdout) ? 0 : -1;
	track_tell(&track, &mime, name);
	return message_write_to(&m, &none, "before", name) &&
		       message_write_to(&m, &edits, "after", name)
		   ? 0
		   : -1;
}

/* All files below a folder, without its tables and words; the path becomes the name. */
static int
folder_track(const char *folder, const char *prefix)
{
	struct dirent **names = NULL;
	int n = scandir(folder, &names, NULL, alphasort), status = 0;

	for (int i = 0; i < n; i++) {
		const char *name = names[i]->d_name, *dot = strrchr(name, '.');
		char path[PATH_BYTES], flat[PATH_BYTES];
		struct stat st;

		(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
		(void)snprintf(flat, sizeof(flat), "%s%s", prefix, name);
		if (name[0] != '.' && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
			(void)snprintf(flat, sizeof(flat), "%s%s__", prefix, name);
			status |= folder_track(path, flat);
		} else if (name[0] != '.' &&
			   (dot == NULL || (strcmp(dot, ".md") != 0 && strcmp(dot, ".tsv") != 0)) &&
			   message_track(path, flat) != 0) {
			printf("# FAILED %s\n", flat);
			status = 1;
		}
		free(names[i]);
	}
	free(names);
	return status;
}

static void
total_tell(void)
{
	printf("# track: %u messages, %u tracked: %zu parts, %zu pixels, %zu links\n", messages,
	    tracked, total.parts, total.pixels, total.links);
	for (size_t i = 1; i < TRACK_REASONS; i++)
		if (total.skipped[i] > 0)
			printf("#   parts left, %s: %zu\n", track_reason_name((enum track_reason)i),
			    total.skipped[i]);
	for (size_t i = 1; i < TRACK_KEPTS; i++)
		if (total.kept[i] > 0)
			printf("#   links left, %s: %zu\n", track_kept_name((enum track_kept)i),
			    total.kept[i]);
}

int
main(int argc, char **argv)
{
	char path[PATH_BYTES];
	struct err err;
	int status;

	if (argc > 2 && strcmp(argv[1], "--at") == 0) {
		account.pixel_at = argv[2][0] == 't' ? PIXEL_TOP
				   : argv[2][1] == 'o' && argv[2][2] == 't' && argv[2][3] == 'h'
				       ? PIXEL_BOTH
				       : PIXEL_BOTTOM;
		argv += 2;
		argc -= 2;
	}
	if (argc < 2)
		return EXIT_FAILURE;
	arena_init(&arena, 65536, 8 * MESSAGE_MAX);
	if (keyring_parse(&keyring, slice_of(KEYRING_TEXT), "keyring", &err) != 0)
		return EXIT_FAILURE;
	if (argc == 2) {
		status = message_track(argv[1], NULL);
	} else {
		out_folder = argv[2];
		(void)snprintf(path, sizeof(path), "%s/before", out_folder);
		(void)mkdir(path, 0700);
		(void)snprintf(path, sizeof(path), "%s/after", out_folder);
		(void)mkdir(path, 0700);
		status = folder_track(argv[1], "");
		total_tell();
	}
	keyring_fini(&keyring);
	arena_fini(&arena);
	if (argc > 2 && messages == 0)
		return 77;
	return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
