/*
 * mime.c - see mime.h.
 */
#include "mail/mime_parts.h"

/* A multipart that is open. */
struct level {
	size_t part;
	struct slice boundary;
};

struct scan {
	struct arena *arena;
	struct mime *mime;
	struct slice body;
	struct level levels[MIME_DEPTH_MAX];
	size_t nlevels;
	size_t current;            /* the innermost part that is open */
	bool in_header;            /* it is the current part's that is being read */
	struct mime_fields fields; /* of the part whose header it is */
	struct mime_span field;    /* the one that may go on in the next line */
};

static struct mime_part *
part_current(const struct scan *s)
{
	return &s->mime->v[s->current];
}

static struct slice
span_slice(const struct scan *s, struct mime_span span)
{
	return slice_head(slice_from(s->body, span.offset), span.n);
}

/* A part whose header begins at `offset`. 0, or -1: no memory, or a bound was reached. */
static int
part_add(struct scan *s, size_t parent, size_t offset)
{
	struct mime *m = s->mime;
	struct mime_part *v = m->v;

	if (m->n == MIME_PARTS_MAX) {
		m->over = MIME_OVER_PARTS;
		return 0;
	}
	if (m->n == m->room) {
		size_t room = m->room == 0 ? 4 : m->room * 2;

		v = arena_alloc(s->arena, room * sizeof(*v));
		if (v == NULL)
			return -1;
		if (m->n > 0)
			memcpy(v, m->v, m->n * sizeof(*v));
		m->v = v;
		m->room = room;
	}
	v[m->n] = (struct mime_part){.parent = parent, .header.offset = offset};
	if (m->n > 0)
		v[m->n].depth = v[parent].depth + 1;
	s->current = m->n++;
	s->fields = (struct mime_fields){.has_type = false};
	s->field = (struct mime_span){offset, 0};
	s->in_header = true;
	return 0;
}

/* The header of the current part has ended, and its body begins at `offset`. */
static int
header_end(struct scan *s, size_t offset)
{
	struct mime_part *part = part_current(s);
	size_t index = s->current;

	mime_part_describe(s->arena, s->mime, index, &s->fields);
	part->body.offset = offset;
	s->in_header = false;
	if (part->kind == MIME_LEAF)
		return 0;
	if (part->depth + 1 == MIME_DEPTH_MAX) {
		s->mime->over = MIME_OVER_DEPTH;
		return 0;
	}
	if (part->kind == MIME_MESSAGE)
		return part_add(s, index, offset);
	if (part->boundary.n > 0)
		s->levels[s->nlevels++] = (struct level){index, part->boundary};
	return 0;
}

/* The field that was being read is whole. */
static void
field_end(struct scan *s)
{
	struct slice text = span_slice(s, s->field);
	struct mime_part *part = part_current(s);
	struct message_field field;

	if (mime_field_parse(text, &field) && mime_fields_add(&s->fields, &field))
		part->encoding_field = s->field;
	s->field = (struct mime_span){s->field.offset + s->field.n, 0};
}

/* "From " and ">From " as they stand above the messages of a mailbox. */
static bool
is_mailbox_line(struct slice line)
{
	return slice_starts(line, slice_of("From ")) || slice_starts(line, slice_of(">From "));
}

/* A line of the current part's header; *taken_r: it was one. */
static int
header_line(struct scan *s, size_t offset, struct slice line, bool *taken_r)
{
	struct mime_part *part = part_current(s);
	struct message_field field;
	bool empty = line.p[0] == '\n' || slice_starts(line, slice_of("\r\n"));
	bool goes_on = line.p[0] == ' ' || line.p[0] == '\t';
	bool first = offset == part->header.offset;
	bool odd = first && (goes_on || is_mailbox_line(line));

	*taken_r = odd || goes_on || mime_field_parse(line, &field);
	if (*taken_r) {
		if (!goes_on)
			field_end(s);
		if (first && goes_on)
			part->flaws |= MIME_FLAW_SEPARATOR;
		s->field.n += line.n;
		part->header.n += line.n;
		if (part->header.n > MIME_HEADER_MAX_BYTES)
			s->mime->over = MIME_OVER_HEADER;
		return 0;
	}
	field_end(s);
	if (!empty)
		part->flaws |= MIME_FLAW_SEPARATOR;
	*taken_r = empty;
	return header_end(s, offset + (empty ? line.n : 0));
}

static void
part_end(const struct scan *s, size_t index, size_t offset)
{
	struct mime_part *part = &s->mime->v[index];

	if (offset > part->body.offset)
		part->body.n = offset - part->body.offset;
}

/* What is open ends at `offset`, from the innermost part up to the children of `part`. */
static int
parts_end(struct scan *s, size_t part, size_t offset)
{
	while (s->in_header) {
		const struct mime_span *header = &part_current(s)->header;

		field_end(s);
		if (header_end(s, header->offset + header->n) != 0)
			return -1;
	}
	while (s->current != part) {
		part_end(s, s->current, offset);
		s->current = s->mime->v[s->current].parent;
	}
	return 0;
}

/* Where the line end before `offset` begins; a part's body does not end before its beginning. */
static size_t
line_end_before(struct slice body, size_t offset)
{
	if (offset > 0 && body.p[offset - 1] == '\n')
		offset--;
	if (offset > 0 && body.p[offset - 1] == '\r' && body.p[offset] == '\n')
		offset--;
	return offset;
}

static struct slice
trim_end(struct slice s)
{
	while (s.n > 0 && ascii_is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* The level of which the line is a delimiter, the outermost; nlevels: of none. */
static size_t
delimiter_level(const struct scan *s, struct slice line, bool *last_r)
{
	struct slice text = slice_from(trim_end(line), 2);
	size_t i;

	if (!slice_starts(line, slice_of("--")))
		return s->nlevels;
	for (i = 0; i < s->nlevels; i++) {
		struct slice rest = slice_from(text, s->levels[i].boundary.n);

		if (!slice_starts(text, s->levels[i].boundary))
			continue;
		*last_r = rest.n > 0;
		if (rest.n == 0 || slice_eq(rest, slice_of("--")))
			break;
	}
	return i;
}

/* Two delimiters in a row: there is no part between them. */
static bool
part_is_void(const struct scan *s, size_t offset)
{
	const struct mime_part *part = &s->mime->v[s->current];

	return s->in_header && s->current > 0 && part->header.offset == offset &&
	       s->mime->v[part->parent].kind == MIME_MULTIPART;
}

static int
delimiter(struct scan *s, size_t level, bool last, struct mime_span line)
{
	size_t index = s->levels[level].part;

	if (part_is_void(s, line.offset) && s->mime->v[s->current].parent == index) {
		s->mime->n--;
		s->current = index;
		s->in_header = false;
	}
	if (parts_end(s, index, line_end_before(s->body, line.offset)) != 0)
		return -1;
	s->nlevels = level + 1;
	if (!last) {
		s->mime->v[index].flaws &= ~(unsigned)MIME_FLAW_BOUNDARY;
		return part_add(s, index, line.offset + line.n);
	}
	s->mime->v[index].flaws &= ~(unsigned)MIME_FLAW_UNCLOSED;
	s->nlevels = level;
	return 0;
}

/* Where the next line begins that may be a delimiter, or may be of a header. */
static size_t
next_line(const struct scan *s, size_t offset)
{
	const char *p = s->body.p, *end;

	if (s->nlevels == 0 && !s->in_header)
		return s->body.n;
	do {
		end = memchr(p + offset, '\n', s->body.n - offset);
		if (end == NULL)
			return s->body.n;
		offset = (size_t)(end - p) + 1;
	} while (!s->in_header && offset < s->body.n && p[offset] != '-');
	return offset;
}

static int
scan_lines(struct scan *s)
{
	size_t offset = 0;

	while (offset < s->body.n && s->mime->over == MIME_OVER_NONE) {
		struct slice line = slice_from(s->body, offset);
		bool last = false, taken = true;
		size_t level;

		line = slice_head(line, slice_find(line, '\n') + 1);
		level = delimiter_level(s, line, &last);
		if (level < s->nlevels) {
			if (delimiter(s, level, last, (struct mime_span){offset, line.n}) != 0)
				return -1;
			offset += line.n;
			continue;
		}
		if (s->in_header && header_line(s, offset, line, &taken) != 0)
			return -1;
		if (taken)
			offset = next_line(s, offset);
	}
	return 0;
}

int
mime_scan(struct arena *a, const struct message *message, struct mime *mime_r)
{
	struct scan s = {.arena = a, .mime = mime_r, .body = message->body};

	*mime_r = (struct mime){.n = 0};
	if (part_add(&s, 0, 0) != 0)
		return -1;
	for (size_t i = 0; i < message->n; i++)
		(void)mime_fields_add(&s.fields, &message->v[i]);
	if (header_end(&s, 0) != 0 || scan_lines(&s) != 0 || parts_end(&s, 0, s.body.n) != 0)
		return -1;
	part_end(&s, 0, s.body.n);
	return a->failed ? -1 : 0;
}
