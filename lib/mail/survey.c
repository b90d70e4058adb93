/*
 * survey.c - see survey.h.
 */
#include "mail/survey.h"

#include "mail/transfer.h"

#include <stdint.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* The bytes that have their highest bit set. */
static size_t
high_count(struct slice s)
{
	size_t n = 0, i = 0;

	for (; i + sizeof(uint64_t) <= s.n; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, s.p + i, sizeof(word));
		word &= HIGH_BITS;
		/* each byte is 0 or 0x80 now: the sum of them all ends up in the first */
		n += (size_t)(((word >> 7) * UINT64_C(0x0101010101010101)) >> 56);
	}
	for (; i < s.n; i++)
		n += (unsigned char)s.p[i] >> 7;
	return n;
}

static bool
has_byte(struct slice s, char c)
{
	return s.n > 0 && memchr(s.p, c, s.n) != NULL;
}

/* The beginning of a line that may be a Content-Transfer-Encoding field is kept. */
static void
head_add(struct survey *survey, struct slice piece)
{
	if (survey->column == 0)
		survey->nhead = 0;
	if (piece.n == 0 ||
	    (survey->column == 0 ? ascii_lower(piece.p[0]) != 'c' : survey->nhead == 0))
		return;
	piece = slice_head(piece, SURVEY_HEAD_BYTES - survey->nhead);
	memcpy(survey->head + survey->nhead, piece.p, piece.n);
	survey->nhead += piece.n;
}

static void
head_read(struct survey *survey)
{
	static const struct slice name = SLICE_LIT("Content-Transfer-Encoding:");
	struct slice head = slice_make(survey->head, survey->nhead);
	struct slice value = slice_trim(slice_from(head, name.n));
	enum transfer_encoding encoding;

	survey->nhead = 0;
	if (!slice_starts_nocase(head, name))
		return;
	encoding = transfer_parse(value);
	survey->labelled |= value.n == 0 || encoding == TRANSFER_8BIT ||
			    encoding == TRANSFER_BINARY || encoding == TRANSFER_OTHER;
}

/* A piece of a line; what follows it is its LF, if it has ended, or more of it. */
static void
line_add(struct survey *survey, struct slice piece, bool ended)
{
	bool held = survey->cr; /* the CR before it */
	bool cr = piece.n > 0 ? piece.p[piece.n - 1] == '\r' : held;
	struct slice inner = piece.n > 0 && cr ? slice_head(piece, piece.n - 1) : piece;
	size_t n;

	head_add(survey, piece);
	survey->stray |= (held && piece.n > 0) || (ended && !cr) || has_byte(inner, '\r');
	survey->column += piece.n;
	n = survey->column - (cr ? 1 : 0);
	if (n > survey->longest_line)
		survey->longest_line = n;
	survey->cr = cr && !ended;
	if (!ended)
		return;
	if (survey->nhead > 0)
		head_read(survey);
	survey->column = 0;
}

static void
lines_add(struct survey *survey, struct slice text)
{
	survey->stray |= has_byte(text, '\0');
	while (text.n > 0) {
		size_t n = slice_find(text, '\n');

		line_add(survey, slice_head(text, n), n < text.n);
		text = slice_from(text, n + 1);
	}
}

void
survey_add(struct survey *survey, struct slice text)
{
	survey->beyond_ascii += high_count(text);
	lines_add(survey, text);
}

void
survey_end(struct survey *survey)
{
	survey->stray |= survey->cr;
	if (survey->column > survey->longest_line)
		survey->longest_line = survey->column;
	if (survey->nhead > 0)
		head_read(survey);
}

struct survey
survey_of(struct slice text)
{
	struct survey survey = {.column = 0};

	survey_add(&survey, text);
	survey_end(&survey);
	return survey;
}

bool
survey_is_clean(const struct survey *survey, size_t line_max)
{
	return survey->beyond_ascii == 0 && !survey->stray && survey->longest_line <= line_max;
}

bool
slice_is_clean(struct slice text, size_t line_max)
{
	struct survey survey = {.beyond_ascii = high_count(text)};

	if (survey.beyond_ascii > 0)
		return false; /* whatever its lines are */
	lines_add(&survey, text);
	survey_end(&survey);
	return survey_is_clean(&survey, line_max);
}
