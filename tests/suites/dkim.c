/*
 * dkim.c - messages that others signed, through lib/auth/dkim_verify: tests/suites/dkim [DIR]
 *
 * DIR, else $GATEPOST_DATA, else ../shared/data, has dkim/expect.tsv, its messages, and their keys,
 * which stand in for DNS. TAP, three counts, every miss named:
 *
 *	messages     that have an RSA key of 1024 bits or more: does one signature pass just when
 *	             one should?
 *	signatures   as gatepost judges them: rsa-sha1 and small keys never pass (RFC 8301)
 *	lenient      the same with both allowed, as those who wrote the messages expect it
 *
 * Exit status 0: nothing missed but what is known and explained; 1: something; 77: no data.
 */
#include "auth/dkim_verify.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define KEYS_MAX    200
#define RECORD_MAX  2048
#define MESSAGE_MAX 1048576
#define LINE_BYTES  1024
#define KINDS_MAX   100 /* signatures of one message */

enum {
	COL_FILE,
	COL_SIG,
	COL_TYPE,
	COL_D,
	COL_S,
	COL_A,
	COL_C,
	COL_BITS,
	COL_KEYS,
	COL_WANT,
	COLUMNS
};

struct record {
	char name[256];
	enum dns_status status;
	struct slice rdata;
	char wire[RECORD_MAX];
	struct dns_answer answer;
};

/* The DNS of one file of keys. */
struct zone {
	struct dns port;
	char file[256];
	struct record v[KEYS_MAX];
	size_t n;
};

/* A line of expect.tsv. */
struct row {
	char text[LINE_BYTES];
	const char *column[COLUMNS];
	unsigned bits;
	bool lenient;
};

struct counts {
	const char *name;
	unsigned right, known, of;
};

/* Where the message's author and gatepost differ for good, and why. */
static const char *const known[][2] = {
    {"mail-dkim/badkey_8.txt", "g= of keys is no more (RFC 6376 appendix C)"},
    {"mail-dkim/badkey_12.txt", "g= of keys is no more (RFC 6376 appendix C)"},
    {"mail-dkim/bad_1878954.txt", "without From nothing is verified: permerror, not fail"},
};

static struct zone zone;
static char message[MESSAGE_MAX];
static const char *top;
static struct arena arena; /* of the message at hand */

static struct dns_batch *
zone_begin(struct dns *dns)
{
	return (struct dns_batch *)dns;
}

static int
zone_ask(struct dns *dns, struct dns_batch *batch, struct slice name, enum dns_type type)
{
	(void)dns, (void)batch, (void)type;
	for (size_t i = 0; i < zone.n; i++)
		if (slice_eq_nocase(slice_of(zone.v[i].name), name))
			return (int)i;
	return DNS_ASK_NO_NAME;
}

static const struct dns_answer *
zone_answer(struct dns *dns, struct dns_batch *batch, int index)
{
	(void)dns, (void)batch;
	return &zone.v[index].answer;
}

static void
zone_end(struct dns *dns, struct dns_batch *batch)
{
	(void)dns, (void)batch;
}

/* The bytes of `text`, or of the quoted strings it consists of, as strings of up to 200 bytes. */
static void
wire_put(struct record *record, struct slice text)
{
	bool quoted = text.n > 0 && text.p[0] == '"', inside = !quoted;
	char *count = NULL;
	size_t n = 0;

	for (size_t i = 0; i < text.n && n + 2 < RECORD_MAX; i++) {
		char c = text.p[i];

		if (quoted && c == '"') {
			inside = !inside;
			continue;
		}
		if (!inside)
			continue;
		if (quoted && c == '\\' && i + 1 < text.n)
			c = text.p[++i];
		if (count == NULL || *count == (char)100) {
			count = &record->wire[n++];
			*count = 0;
		}
		record->wire[n++] = c;
		++*count;
	}
	record->rdata = slice_make(record->wire, n);
}

static void
record_read(struct slice line)
{
	struct record *record = &zone.v[zone.n];
	size_t end = 0;
	struct slice value;

	while (end < line.n && !ascii_is_space(line.p[end]))
		end++;
	if (end == 0 || line.p[0] == '#' || end >= sizeof(record->name) || zone.n == KEYS_MAX)
		return;
	*record = (struct record){.status = DNS_FOUND};
	memcpy(record->name, line.p, end);
	value = slice_trim(slice_from(line, end));
	if (slice_starts(value, slice_of("TXT ")))
		value = slice_trim(slice_from(value, 4));
	if (slice_starts(value, slice_of("~~")))
		record->status = DNS_TEMPERROR;
	else if (slice_eq(value, slice_of("NXDOMAIN")))
		record->status = DNS_NXDOMAIN;
	else
		wire_put(record, value);
	record->answer = (struct dns_answer){record->status, .rdata = &record->rdata, .n = 1};
	zone.n++;
}

/* The whole file, or what fits of it; n 0 when it cannot be read. */
static struct slice
file_read(char *storage, size_t cap, const char *name)
{
	char path[1024];
	FILE *file;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/dkim/%s", top, name);
	file = fopen(path, "rb");
	if (file == NULL)
		return slice_make(storage, 0);
	n = fread(storage, 1, cap, file);
	(void)fclose(file);
	return slice_make(storage, n);
}

/* A line without its end; false when there is none. */
static bool
line_next(struct slice *left, struct slice *line_r)
{
	size_t end = slice_find(*left, '\n');

	if (left->n == 0)
		return false;
	*line_r = slice_head(*left, end);
	if (slice_ends(*line_r, slice_of("\r")))
		line_r->n--;
	*left = slice_from(*left, end + 1);
	return true;
}

static void
zone_read(const char *file)
{
	static char text[65536];
	struct slice left, line;

	if (strcmp(zone.file, file) == 0)
		return;
	zone = (struct zone){
	    .port = {.begin = zone_begin, .ask = zone_ask, .answer = zone_answer, .end = zone_end}};
	(void)snprintf(zone.file, sizeof(zone.file), "%s", file);
	left = file_read(text, sizeof(text), file);
	while (line_next(&left, &line))
		record_read(line);
}

/* A field as an MTA would hand it over: lines joined by LF. Returns whether it is a signature: 'D'
 * for DKIM, 'K' for DomainKeys, else 0. */
static char
field_hand_over(struct dkim_verify *v, struct slice *left)
{
	static char text[MESSAGE_MAX];
	struct buf field = BUF_OVER(text);
	struct slice line, name;
	size_t colon;

	(void)line_next(left, &line);
	buf_add(&field, line);
	while (left->n > 0 && (left->p[0] == ' ' || left->p[0] == '\t') && line_next(left, &line)) {
		buf_add_char(&field, '\n');
		buf_add(&field, line);
	}
	colon = slice_find(buf_slice(&field), ':');
	name = slice_head(buf_slice(&field), colon);
	if (colon == field.n)
		return 0;
	dkim_verify_header(v, name, slice_from(buf_slice(&field), colon + 1));
	if (slice_eq_nocase(name, slice_of("DKIM-Signature")))
		return 'D';
	return slice_eq_nocase(name, slice_of("DomainKey-Signature")) ? 'K' : 0;
}

/* Hands the message over; kinds_r tells what the signatures in it are, in order. */
static void
message_hand_over(struct dkim_verify *v, struct slice left, char *kinds_r, size_t cap)
{
	struct slice line;

	while (left.n > 0 && left.p[0] != '\n' && !slice_starts(left, slice_of("\r\n"))) {
		char kind = field_hand_over(v, &left);

		if (kind != 0 && cap-- > 1)
			*kinds_r++ = kind;
	}
	*kinds_r = '\0';
	dkim_verify_eoh(v);
	(void)line_next(&left, &line);
	while (line_next(&left, &line)) {
		dkim_verify_body(v, line);
		dkim_verify_body(v, slice_of("\r\n"));
	}
}

/* Verifies a message; the results lie in the arena. */
static struct dkim_verify *
message_verify(const char *file, bool lenient, char *kinds_r)
{
	struct dkim_limits limits = dkim_limits_default();
	struct dkim_verifier *verifier;
	struct lookup lookup;
	struct dkim_verify *v;

	limits.accept_sha1 = limits.honour_length = lenient;
	if (lenient)
		limits.min_rsa_bits = 512;
	verifier = dkim_verifier_new(&limits);
	arena_reset(&arena);
	v = dkim_verify_new(verifier, &arena);
	lookup_init(&lookup, &zone.port, 0);
	message_hand_over(v, file_read(message, sizeof(message), file), kinds_r, KINDS_MAX);
	(void)dkim_verify_advance(v, &lookup);
	lookup_fini(&lookup);
	dkim_verify_free(v);
	dkim_verifier_free(verifier);
	return v;
}

/* The result of the signature that a row is about; NULL when it was not found. DomainKeys count. */
static const struct dkim_result *
row_result(const struct row *row)
{
	char kinds[KINDS_MAX];
	struct dkim_verify *v = message_verify(row->column[COL_FILE], row->lenient, kinds);
	unsigned long index = strtoul(row->column[COL_SIG], NULL, 10);
	const struct dkim_result *results;
	size_t n, k = 0;

	for (size_t i = 1; kinds[i - 1] != '\0' && i < index; i++)
		k += kinds[i - 1] == 'D';
	results = dkim_verify_results(v, &n);
	return k < n ? &results[k] : NULL;
}

static bool
key_exists(const struct row *row)
{
	char name[512];

	(void)snprintf(
	    name, sizeof(name), "%s._domainkey.%s", row->column[COL_S], row->column[COL_D]);
	return zone_ask(NULL, NULL, slice_of(name), DNS_TXT) >= 0;
}

/* What gatepost shall say of it. */
static bool
row_is_right(const struct row *row, const struct dkim_result *got)
{
	const char *want = row->column[COL_WANT], *file = row->column[COL_FILE];
	bool weak = row->bits < 1024 || strcmp(row->column[COL_A], "rsa-sha1") == 0;

	if (got == NULL || got->verdict == DKIM_VERDICT_NONE)
		return false;
	/* Ed25519: the messages' own names tell which are bad */
	if (strncmp(want, "ed25519", 7) == 0)
		want = strstr(file, "badkey") == NULL && strstr(file, "mismatch") == NULL &&
			       key_exists(row)
			   ? "pass"
			   : "invalid";
	else if (strcmp(want, "pass") == 0 && weak && !row->lenient &&
		 strncmp(row->column[COL_A], "rsa", 3) == 0)
		want = "invalid";
	if (strcmp(want, "pass (expired by now)") == 0)
		return got->verdict == DKIM_VERDICT_FAIL && strstr(got->reason, "expired") != NULL;
	if (strcmp(want, "pass") == 0)
		return got->verdict == DKIM_VERDICT_PASS;
	if (strcmp(want, "fail") == 0 && (row->lenient || !weak))
		return got->verdict == DKIM_VERDICT_FAIL;
	return got->verdict != DKIM_VERDICT_PASS; /* invalid, or of a draft of DKIM */
}

static const char *
row_known(const struct row *row)
{
	for (size_t i = 0; i < COUNT(known); i++)
		if (row->lenient && strcmp(row->column[COL_FILE], known[i][0]) == 0)
			return known[i][1];
	return NULL;
}

static void
row_count(const struct row *row, struct counts *counts)
{
	const struct dkim_result *got = row_result(row);
	bool right = row_is_right(row, got);
	const char *why = right ? NULL : row_known(row);

	counts->of++;
	counts->right += right;
	counts->known += why != NULL;
	if (right && getenv("SUITE_VERBOSE") == NULL)
		return;
	printf("# %s %s, %s signature %s: %s wanted, got %s (%s)\n", counts->name,
	    right ? "right" : "WRONG", row->column[COL_FILE], row->column[COL_SIG],
	    row->column[COL_WANT], got == NULL ? "nothing" : dkim_verdict_name(got->verdict),
	    got == NULL ? "" : got->reason);
	if (why != NULL)
		printf("#   known: %s\n", why);
}

/* One that says something of a message as a whole. */
static bool
row_is_strong(const struct row *row)
{
	return row->bits >= 1024 && strncmp(row->column[COL_A], "ed25519", 7) != 0 &&
	       strchr(row->column[COL_WANT], '(') == NULL;
}

static bool
message_passes(const char *file)
{
	char kinds[KINDS_MAX];
	struct dkim_verify *v = message_verify(file, false, kinds);
	const struct dkim_result *results;
	size_t n;

	results = dkim_verify_results(v, &n);
	for (size_t i = 0; i < n; i++)
		if (results[i].verdict == DKIM_VERDICT_PASS)
			return true;
	return false;
}

/* `want`: one of the file's strong signatures must pass. */
static void
message_count(const char *file, bool want, struct counts *counts)
{
	bool right = message_passes(file) == want;

	counts->of++;
	counts->right += right;
	if (!right)
		printf("# messages WRONG, %s: %s\n", file, want ? "must pass" : "must not pass");
}

/* False when the line is not about a DKIM signature. */
static bool
row_read(struct slice line, struct row *row)
{
	struct slice left;

	if (line.n >= sizeof(row->text))
		return false;
	memcpy(row->text, line.p, line.n);
	row->text[line.n] = '\0';
	left = slice_make(row->text, line.n);
	for (size_t i = 0; i < COLUMNS; i++) {
		size_t end = slice_find(left, '\t');

		row->column[i] = left.p;
		if (end == left.n && i + 1 < COLUMNS)
			return false;
		row->text[left.p - row->text + (ptrdiff_t)end] = '\0';
		left = slice_from(left, end + 1);
	}
	row->bits = (unsigned)strtoul(row->column[COL_BITS], NULL, 10);
	return strcmp(row->column[COL_TYPE], "DKIM") == 0;
}

/* What the rows of one message, which stand together, say of it. */
struct whole {
	char file[256];
	char keys[256];
	bool strong, want;
};

static void
whole_finish(struct whole *whole, struct counts *counts)
{
	if (!whole->strong)
		return;
	zone_read(whole->keys);
	message_count(whole->file, whole->want, counts);
	whole->strong = false;
}

static void
whole_add(struct whole *whole, const struct row *row, struct counts *counts)
{
	if (strcmp(whole->file, row->column[COL_FILE]) != 0)
		whole_finish(whole, counts);
	if (!row_is_strong(row))
		return;
	if (!whole->strong)
		whole->want = false;
	(void)snprintf(whole->file, sizeof(whole->file), "%s", row->column[COL_FILE]);
	(void)snprintf(whole->keys, sizeof(whole->keys), "%s", row->column[COL_KEYS]);
	whole->strong = true;
	whole->want = whole->want || strcmp(row->column[COL_WANT], "pass") == 0;
}

static void
rows_run(struct slice left, struct counts counts[3])
{
	static struct row row;
	struct whole whole = {.strong = false};
	struct slice line;

	while (line_next(&left, &line)) {
		if (!row_read(line, &row))
			continue;
		whole_add(&whole, &row, &counts[0]);
		zone_read(row.column[COL_KEYS]);
		for (int i = 1; i < 3; i++) {
			row.lenient = i == 2;
			row_count(&row, &counts[i]);
		}
	}
	whole_finish(&whole, &counts[0]);
}

int
main(int argc, char **argv)
{
	static char expect[MESSAGE_MAX];
	struct counts counts[] = {
	    {.name = "messages"}, {.name = "signatures"}, {.name = "lenient"}};
	const char *set = getenv("GATEPOST_DATA");
	struct slice left;
	bool good = true;

	top = argc > 1 ? argv[1] : set != NULL ? set : "../shared/data";
	left = file_read(expect, sizeof(expect), "expect.tsv");
	if (left.n == 0) {
		printf("# dkim: no messages in %s/dkim\n", top);
		return 77;
	}
	arena_init(&arena, 4096, 131072);
	printf("1..%zu\n", COUNT(counts));
	rows_run(left, counts);
	for (size_t i = 0; i < COUNT(counts); i++) {
		const struct counts *c = &counts[i];
		bool ok = c->right + c->known == c->of && c->of > 0;

		printf("%s %zu - dkim %s: %u of %u right, %u known\n", ok ? "ok" : "not ok", i + 1,
		    c->name, c->right, c->of, c->known);
		good = good && ok;
	}
	arena_fini(&arena);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
