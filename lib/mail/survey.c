/*
 * survey.c - see survey.h.
 */
#include "mail/survey.h"

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

/* One line with its line end, if it has one. */
static void
line_add(struct survey *survey, struct slice line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\n') {
		line.n--;
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		else
			survey->stray = true;
	}
	survey->stray = survey->stray || has_byte(line, '\r');
	if (line.n > survey->longest_line)
		survey->longest_line = line.n;
}

struct survey
survey_of(struct slice text)
{
	struct survey survey = {high_count(text), 0, has_byte(text, '\0')};

	while (text.n > 0) {
		struct slice line = slice_head(text, slice_find(text, '\n') + 1);

		line_add(&survey, line);
		text = slice_from(text, line.n);
	}
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
	struct survey survey = survey_of(text);

	return survey_is_clean(&survey, line_max);
}
