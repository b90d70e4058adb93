/*
 * track_code.c - from what is to be changed in a decoded text to edits of the body. What they make is
 * checked in track_code_check.c. See track_parts.h.
 */
#include "mail/sevenbit.h"
#include "mail/survey.h"
#include "policy/track_code_parts.h"

#define FIELD "Content-Transfer-Encoding"

/* Of base64, when its first line has no sensible length. */
#define DIGITS_MIN 16

/* --- the decoded text --- */

/* The patches as they are in the text, of which the view has a byte for each unit. */
static bool
patches_widen(struct code *c)
{
	const struct charset_view *view = &c->html->view;

	c->patches = arena_alloc(c->scratch, (c->html->n + 1) * sizeof(*c->patches));
	for (size_t i = 0; i < c->html->n && c->patches != NULL; i++) {
		const struct track_patch *patch = &c->html->patches[i];

		c->patches[i].offset = patch->offset * view->unit;
		c->patches[i].n = patch->n * view->unit;
		c->patches[i].text = charset_widen(c->scratch, view, patch->text);
	}
	return !c->scratch->failed;
}

static bool
text_patch(struct code *c)
{
	struct slice old = c->html->map.decoded;
	size_t cap = old.n + 1, done = 0;
	struct buf out;
	char *storage;

	for (size_t i = 0; i < c->html->n; i++)
		cap += c->patches[i].text.n;
	storage = arena_alloc(c->scratch, cap);
	if (storage == NULL)
		return false;
	buf_init(&out, storage, cap);
	for (size_t i = 0; i < c->html->n; i++) {
		const struct track_patch *patch = &c->patches[i];

		buf_add(&out, slice_make(old.p + done, patch->offset - done));
		buf_add(&out, patch->text);
		done = patch->offset + patch->n;
	}
	buf_add(&out, slice_from(old, done));
	c->patched = buf_slice(&out);
	return true;
}

/* --- the same, encoded --- */

/* An edit that puts into `out` what is then its text. */
static bool
out_begin(struct code *c, enum transfer_encoding to, struct slice text, struct buf *out)
{
	size_t cap = transfer_put_bytes(to, text) + 1;
	char *storage = arena_alloc(c->scratch, cap);

	buf_init(out, storage, storage == NULL ? 0 : cap);
	return storage != NULL;
}

static void
edit_add(struct code *c, size_t offset, size_t n, struct slice text)
{
	c->edits[c->n++] = (struct code_edit){.offset = offset, .n = n, .text = text};
}

/* The same for lines that say `says`, instead of what is decoded at `from` until `until`. */
static void
lines_add(struct code *c, struct code_edit edit)
{
	c->edits[c->n++] = edit;
	c->by_lines = true;
}

/* Lines of quoted-printable, from one place of the map to another. */
struct region {
	size_t first, last;
	size_t shift; /* of the patched text, before it */
	size_t grows; /* by which it is longer, within; both wrap */
};

static bool
region_put(struct code *c, const struct region *r)
{
	const struct transfer_place *a = &c->html->map.v[r->first], *b = &c->html->map.v[r->last];
	struct slice raw = slice_make(c->raw.p + a->encoded, b->encoded - a->encoded);
	struct slice line = slice_trim(raw);
	bool soft = raw.p[raw.n - 1] == '\n' && line.n > 0 && line.p[line.n - 1] == '=';
	struct slice text = slice_make(
	    c->patched.p + a->decoded + r->shift, b->decoded - a->decoded + r->grows);
	struct buf out;

	if (!out_begin(c, TRANSFER_QP, text, &out))
		return false;
	transfer_put_qp(&out, text, soft);
	lines_add(c,
	    (struct code_edit){a->encoded, raw.n, buf_slice(&out), text, a->decoded, b->decoded});
	return !out.over;
}

/* The lines around each patch. */
static bool
lines_code(struct code *c)
{
	const struct transfer_map *map = &c->html->map;
	size_t shift = 0;

	for (size_t i = 0; i < c->html->n;) {
		struct region r = {.shift = shift};

		r.first = transfer_map_before(map, c->patches[i].offset);
		r.last = r.first + 1;
		do {
			const struct track_patch *patch = &c->patches[i];

			r.last = transfer_map_behind(map, r.last - 1, patch->offset + patch->n);
			r.grows += patch->text.n - patch->n;
			i++;
		} while (i < c->html->n &&
			 (r.last + 1 == map->n || c->patches[i].offset < map->v[r.last].decoded));
		shift += r.grows;
		if (!region_put(c, &r))
			return false;
	}
	return true;
}

static bool
whole_code(struct code *c)
{
	struct buf out;

	if (!out_begin(c, TRANSFER_QP, c->patched, &out))
		return false;
	transfer_put_qp(&out, c->patched, false);
	lines_add(c, (struct code_edit){
			 0, c->raw.n, buf_slice(&out), c->patched, 0, c->html->map.decoded.n});
	return !out.over;
}

/* Digits of its first line. */
static size_t
line_digits(struct slice raw)
{
	struct slice line = slice_trim(slice_head(raw, slice_find(raw, '\n')));

	if (line.n < DIGITS_MIN || line.n > TRANSFER_LINE_MAX || line.n % 4 != 0)
		return TRANSFER_LINE_MAX;
	return line.n;
}

/* From the line of the first patch to the last digit. */
static bool
base64_code(struct code *c, bool clean)
{
	const struct transfer_map *map = &c->html->map;
	struct transfer_place from = map->v[transfer_map_before(map, c->patches[0].offset)];
	size_t end = c->raw.n;
	struct slice text;
	struct buf out;

	if (!clean)
		from = (struct transfer_place){0, 0};
	while (end > from.encoded && ascii_is_space(c->raw.p[end - 1]))
		end--;
	text = slice_from(c->patched, from.decoded);
	if (!out_begin(c, TRANSFER_BASE64, text, &out))
		return false;
	transfer_put_base64(&out, text, line_digits(c->raw));
	lines_add(c, (struct code_edit){from.encoded, end - from.encoded, buf_slice(&out), text,
			 from.decoded, map->decoded.n});
	return !out.over;
}

static size_t
line_begin(struct slice s, size_t at)
{
	while (at > 0 && s.p[at - 1] != '\n')
		at--;
	return at;
}

static size_t
line_end(struct slice s, size_t at)
{
	return at + slice_find(slice_from(s, at), '\n');
}

/* Are the lines in which the patches stand still short enough? */
static bool
lines_fit(const struct code *c)
{
	for (size_t i = 0; i < c->html->n;) {
		size_t from = line_begin(c->raw, c->patches[i].offset);
		size_t end = line_end(c->raw, c->patches[i].offset + c->patches[i].n);
		size_t grows = 0;

		for (; i < c->html->n && c->patches[i].offset <= end; i++) {
			grows += c->patches[i].text.n - c->patches[i].n;
			end = line_end(c->raw, c->patches[i].offset + c->patches[i].n);
		}
		if (end - from + grows > SEVENBIT_LINE_MAX)
			return false;
	}
	return true;
}

static bool
plain_code(struct code *c, bool clean)
{
	c->to = clean && lines_fit(c) ? TRANSFER_7BIT : TRANSFER_QP;
	if (c->to == TRANSFER_QP)
		return whole_code(c);
	for (size_t i = 0; i < c->html->n; i++)
		edit_add(c, c->patches[i].offset, c->patches[i].n, c->patches[i].text);
	return true;
}

/* Does a program that reads it see what we do, as far as it is encoded anew? */
static bool
is_readable(const struct code *c, bool clean)
{
	unsigned defects = c->html->map.defects & ~(unsigned)TRANSFER_RAW_8BIT;

	if (clean && c->part->encoding == TRANSFER_QP) /* in other lines that is no matter */
		defects &= ~(unsigned)TRANSFER_TRAILING_BLANKS;
	return defects == 0;
}

static enum track_reason
edits_make(struct code *c)
{
	bool clean = slice_is_clean(c->raw, SEVENBIT_LINE_MAX), done;

	c->to = c->part->encoding;
	c->edits = arena_alloc(c->scratch, (c->html->n + 1) * sizeof(*c->edits));
	if (c->edits == NULL)
		return TRACK_TOO_LARGE;
	if (!is_readable(c, clean))
		return TRACK_DAMAGED;
	if (c->to == TRANSFER_QP)
		done = clean ? lines_code(c) : whole_code(c);
	else if (c->to == TRANSFER_BASE64)
		done = base64_code(c, clean);
	else
		done = plain_code(c, clean);
	return done ? TRACK_DONE : TRACK_TOO_LARGE;
}

static bool
text_is_right(const struct code *c)
{
	struct charset_view view;

	if (charset_view(c->scratch, c->html->charset, c->patched, &view) != CHARSET_CLEAR)
		return false;
	return view.bom == c->html->view.bom && track_html_same(c->html, &view);
}

/* --- out --- */

static struct slice
field_text(enum transfer_encoding encoding)
{
	static const struct slice seven = SLICE_LIT(FIELD ": 7bit\r\n");
	static const struct slice quoted = SLICE_LIT(FIELD ": quoted-printable\r\n");

	return encoding == TRANSFER_QP ? quoted : seven;
}

/* Says in the part's header how it is encoded now; there is room for the edit. */
static int
label_set(struct code *c)
{
	const struct mime_part *part = c->part;
	const struct mime_span *field = &part->encoding_field;
	struct track_work *work = c->html->work;

	if (c->to == part->encoding)
		return 0;
	if (c->index == 0)
		return edits_change_header(work->edits, 1, FIELD, transfer_name(c->to));
	if (field->n > 0)
		return body_edits_replace(work->body, field->offset, field->n, field_text(c->to));
	return body_edits_replace(
	    work->body, part->header.offset + part->header.n, 0, field_text(c->to));
}

/* The texts, copied to where they stay; NULL: there is no room. What is asked for is there, so that the
 * arena does not fail for those who come after. */
static char *
texts_copy(const struct code *c)
{
	struct body_edits *body = c->html->work->body;
	size_t n = 1, left = body->arena->max_bytes - body->arena->used_bytes;
	size_t lists = 2 * (body->n + c->n + 16) * sizeof(*body->v);
	char *copy;

	for (size_t i = 0; i < c->n; i++)
		n += c->edits[i].text.n;
	if (body->arena->failed || left < lists + n + 64 || body_edits_reserve(body, c->n + 1) != 0)
		return NULL;
	copy = arena_alloc(body->arena, n);
	n = 0;
	for (size_t i = 0; i < c->n && copy != NULL; i++) {
		memcpy(copy + n, c->edits[i].text.p, c->edits[i].text.n);
		c->edits[i].text.p = copy + n;
		n += c->edits[i].text.n;
	}
	return copy;
}

static enum track_reason
edits_let_out(struct code *c)
{
	const struct mime_part *part = c->part;
	struct track_work *work = c->html->work;
	size_t begin = part->header.offset, end = part->body.offset + part->body.n;

	if (c->to != part->encoding && !work->has_version)
		return TRACK_VERSION;
	if (work->edits->n == EDITS_MAX || body_edits_touch(work->body, begin, end - begin) ||
	    texts_copy(c) == NULL || label_set(c) != 0)
		return TRACK_NO_ROOM;
	/* there is room, and nobody else edits these bytes */
	for (size_t i = 0; i < c->n; i++)
		(void)body_edits_replace(work->body, part->body.offset + c->edits[i].offset,
		    c->edits[i].n, c->edits[i].text);
	c->html->report->from = part->encoding;
	c->html->report->to = c->to;
	return TRACK_DONE;
}

enum track_reason
track_code(struct track_html *html, const struct mime_part *part, size_t index)
{
	struct code c = {.html = html, .part = part, .index = index, .raw = html->map.encoded};
	enum track_reason reason;

	c.scratch = &html->work->scratch;
	if (!patches_widen(&c) || !text_patch(&c))
		return TRACK_TOO_LARGE;
	reason = edits_make(&c);
	if (reason != TRACK_DONE)
		return reason;
	if (!track_code_is_right(&c) || !text_is_right(&c))
		return c.scratch->failed ? TRACK_TOO_LARGE : TRACK_UNSURE;
	return edits_let_out(&c);
}
