/*
 * track.c - see track.h: what of a message may be touched. What is changed in a text is found in
 * track_html.c, track_link.c and track_place.c; how that goes back into the body, in track_code.c.
 */
#include "policy/track.h"

#include "policy/track_parts.h"

/* The decoded text, the same patched, the result with what it could need at most, the map, and the tokens,
 * whose list grew by doubling; beside the patches. So much is asked for at once … */
#define CHUNK_TIMES 8
#define CHUNK_LEAST ((size_t)64 * 1024)
#define CHUNK_MOST  ((size_t)1024 * 1024) /* malloc() keeps of what it saw given back */

/* … and so much taken at most: enough for a text of nothing but short tags. */
#define SCRATCH_TIMES 16
#define SCRATCH_LEAST ((size_t)512 * 1024)

const char *
track_reason_name(enum track_reason reason)
{
	static const char *const names[TRACK_REASONS] = {"done", "off", "no-domain", "no-key",
	    "presigned", "too-complex", "signed", "encrypted", "report", "message", "attachment",
	    "content-md5", "header", "encoding", "damaged", "charset", "no-mime-version", "empty",
	    "nothing", "too-large", "no-room", "unsure"};

	return names[reason];
}

const char *
track_kept_name(enum track_kept kept)
{
	static const char *const names[TRACK_KEPTS] = {"not", "other", "hidden", "opt-out", "own",
	    "unsubscribe", "user", "odd", "charset", "long", "limit"};

	return names[kept];
}

static bool
has_field(const struct message *message, const char *name)
{
	for (size_t i = 0; i < message->n; i++)
		if (slice_eq_nocase(message->v[i].name, slice_of(name)))
			return true;
	return false;
}

static enum track_reason
message_reason(const struct track_work *work)
{
	const struct track_facts *facts = work->facts;

	if (!facts->what.opens && !facts->what.clicks)
		return TRACK_OFF;
	if (facts->account->track_domain[0] == '\0')
		return TRACK_NO_DOMAIN;
	if (facts->keyring == NULL || keyring_current(facts->keyring) == NULL)
		return TRACK_NO_KEY;
	if (facts->presigned)
		return TRACK_PRESIGNED;
	if (work->mime->over != MIME_OVER_NONE)
		return TRACK_TOO_COMPLEX;
	return TRACK_DONE;
}

/* Does the header of the part, or of one that it lies in, say different things to different
 * programs? A multipart that ends without its delimiter does not. */
static bool
header_is_odd(const struct mime *mime, size_t index)
{
	const unsigned odd = MIME_FLAW_TYPE | MIME_FLAW_TWICE | MIME_FLAW_SEPARATOR |
			     MIME_FLAW_BOUNDARY | MIME_FLAW_PARAM;

	for (;; index = mime->v[index].parent) {
		if (mime->v[index].flaws & odd)
			return true;
		if (mime->v[index].parent == index)
			return false;
	}
}

/* Has it, or what it lies in, a Content-MD5? It would be wrong; and who counts on one would not know
 * what to make of it when there is none. */
static bool
has_md5(const struct mime *mime, size_t index)
{
	while (!mime->v[index].has_md5 && mime->v[index].parent != index)
		index = mime->v[index].parent;
	return mime->v[index].has_md5;
}

/* Why the part may not be touched, whatever is in it. */
static enum track_reason
part_reason(const struct mime *mime, size_t index)
{
	const struct mime_part *part = &mime->v[index];
	static const struct {
		unsigned under;
		enum track_reason reason;
	} rows[] = {
	    {MIME_UNDER_SIGNED, TRACK_SIGNED},
	    {MIME_UNDER_ENCRYPTED, TRACK_ENCRYPTED},
	    {MIME_UNDER_REPORT, TRACK_REPORT},
	    {MIME_UNDER_MESSAGE, TRACK_MESSAGE},
	    {MIME_UNDER_ENCODED, TRACK_ENCODING},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (part->under & rows[i].under)
			return rows[i].reason;
	if (part->disposition == MIME_ATTACHMENT || part->name.p != NULL)
		return TRACK_ATTACHMENT;
	if (has_md5(mime, index))
		return TRACK_MD5;
	if (header_is_odd(mime, index))
		return TRACK_HEADER;
	if (part->encoding == TRANSFER_OTHER)
		return TRACK_ENCODING;
	return part->body.n > TRACK_PART_BYTES ? TRACK_TOO_LARGE : TRACK_DONE;
}

/* A text that PGP made, or signed, within the HTML. */
static bool
has_pgp(struct slice text)
{
	static const struct slice mark = SLICE_LIT("-----BEGIN PGP ");
	size_t step;

	for (; text.n > mark.n; text = slice_from(text, step + 1)) {
		step = slice_find(text, '-');
		if (slice_starts(slice_from(text, step), mark))
			return true;
	}
	return false;
}

/* Its text, decoded and looked at by its charset. */
static enum track_reason
text_read(struct track_html *html, const struct mime_part *part)
{
	struct arena *scratch = &html->work->scratch;
	struct slice raw = slice_head(
	    slice_from(html->work->message->body, part->body.offset), part->body.n);
	const unsigned defects = ~(unsigned)(TRANSFER_RAW_8BIT | TRANSFER_TRAILING_BLANKS);
	enum charset_result result;

	if (transfer_map_make(scratch, part->encoding, raw, &html->map) != 0)
		return TRACK_TOO_LARGE;
	if (html->map.defects & defects)
		return TRACK_DAMAGED;
	html->charset = charset_find(part->charset);
	result = charset_view(scratch, html->charset, html->map.decoded, &html->view);
	if (result != CHARSET_CLEAR)
		return result == CHARSET_NO_MEMORY ? TRACK_TOO_LARGE : TRACK_CHARSET;
	/* lines of 7bit and 8bit are of bytes */
	if (html->view.unit > 1 && part->encoding <= TRANSFER_BINARY)
		return TRACK_CHARSET;
	if (slice_trim(slice_from(html->view.text, html->view.bom)).n == 0)
		return TRACK_EMPTY;
	return has_pgp(html->view.text) ? TRACK_ENCRYPTED : TRACK_DONE;
}

static enum track_reason
part_make(struct track_html *html, size_t index)
{
	const struct mime *mime = html->work->mime;
	enum track_reason reason = part_reason(mime, index);

	if (reason == TRACK_DONE)
		reason = text_read(html, &mime->v[index]);
	if (reason != TRACK_DONE)
		return reason;
	if (track_html_scan(html) != 0)
		return TRACK_TOO_LARGE;
	return html->n == 0 ? TRACK_NOTHING : track_code(html, &mime->v[index], index);
}

/* Adds the part to what is said of the message. */
static void
part_count(struct track *result, struct track_part *part)
{
	if (part->reason == TRACK_DONE) {
		result->parts++;
		result->pixels += part->pixels;
		result->links += part->links;
		result->traps += part->traps;
	} else {
		part->pixels = part->links = part->traps = 0;
		result->skipped[part->reason]++;
	}
	for (size_t i = 0; i < TRACK_KEPTS; i++)
		result->kept[i] += part->kept[i];
	if (result->n < TRACK_PARTS_MAX)
		result->v[result->n++] = *part;
}

static int
base_make(struct track_work *work)
{
	const struct account *account = work->facts->account;
	char *storage = arena_alloc(&work->scratch, TRACK_BASE_BYTES);
	struct buf out;

	if (storage == NULL)
		return -1;
	buf_init(&out, storage, TRACK_BASE_BYTES);
	buf_add_text(&out, account->track_scheme == SCHEME_HTTP ? "http://" : "https://");
	buf_add_text(&out, account->track_domain);
	buf_add_char(&out, '/');
	work->base = buf_slice(&out);
	work->host = slice_of(account->track_domain);
	return out.over ? -1 : 0;
}

/* Is it looked at? */
static bool
is_html(const struct mime_part *part)
{
	return part->kind == MIME_LEAF && mime_is(part, "text", "html");
}

/* Bytes of the largest part that is decoded. */
static size_t
largest(const struct mime *mime)
{
	size_t n = 0;

	for (size_t i = 0; i < mime->n; i++) {
		const struct mime_part *part = &mime->v[i];

		if (part->body.n > n && part->body.n <= TRACK_PART_BYTES && is_html(part))
			n = part->body.n;
	}
	return n;
}

size_t
track_scratch_bytes(const struct mime *mime)
{
	size_t most = SCRATCH_LEAST + SCRATCH_TIMES * largest(mime);

	return most < TRACK_SCRATCH_BYTES ? most : TRACK_SCRATCH_BYTES;
}

/* What the largest of the parts is worked on in comes as one chunk: memory that is asked for, and given
 * back, in several pieces goes back to the kernel each time, and to have it mapped again costs more
 * than to decode the text. What is not touched of it costs nothing. */
static size_t
scratch_chunk(const struct mime *mime)
{
	size_t n = CHUNK_LEAST + CHUNK_TIMES * largest(mime);

	return n < CHUNK_MOST ? n : CHUNK_MOST;
}

static void
html_part_make(struct track_work *work, size_t index)
{
	enum transfer_encoding encoding = work->mime->v[index].encoding;
	struct track_part report = {
	    .part = index, .reason = TRACK_NO_ROOM, .from = encoding, .to = encoding};
	struct track_html *html;

	arena_reset(&work->scratch);
	html = arena_alloc(&work->scratch, sizeof(*html));
	if (html != NULL && base_make(work) == 0) {
		html->work = work;
		html->report = &report;
		report.reason = part_make(html, index);
	}
	part_count(work->result, &report);
}

void
track_make(const struct track_facts *facts, const struct message *message, const struct mime *mime,
    struct edits *edits, struct body_edits *body_edits, struct track *result_r)
{
	struct track_work work = {.facts = facts,
	    .message = message,
	    .mime = mime,
	    .edits = edits,
	    .body = body_edits,
	    .result = result_r};

	memset(result_r, 0, sizeof(*result_r));
	result_r->reason = message_reason(&work);
	if (result_r->reason != TRACK_DONE)
		return;
	work.has_version = has_field(message, "MIME-Version");
	track_unsubscribe_read(&work);
	/* each part has the scratch for itself */
	arena_init(&work.scratch, scratch_chunk(mime), track_scratch_bytes(mime));
	for (size_t i = 0; i < mime->n; i++)
		if (is_html(&mime->v[i]))
			html_part_make(&work, i);
	arena_fini(&work.scratch);
}
