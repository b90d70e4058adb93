/*
 * canon_line.c - see canon_line.h.
 */
#include "auth/canon_line.h"

#include <stdint.h>

#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* The top bit of every byte that is `byte`. */
static uint64_t
bytes_equal(uint64_t word, unsigned char byte)
{
	uint64_t x = word ^ ONES * byte;

	return ~(((x & ~HIGHS) + ~HIGHS) | x) & HIGHS;
}

static uint64_t
load(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

bool
canon_line_is_relaxed(struct slice line)
{
	uint64_t found = 0;
	size_t i = 0;

	for (; i + 9 <= line.n; i += 8) {
		uint64_t word = load(line.p + i), next = load(line.p + i + 1);

		found |= bytes_equal(word, '\t') |
			 (bytes_equal(word, ' ') & bytes_equal(next, ' '));
	}
	for (; i < line.n; i++)
		found |= line.p[i] == '\t' ||
			 (line.p[i] == ' ' && (i + 1 == line.n || line.p[i + 1] == ' '));
	return found == 0;
}

bool
canon_line_is_nofws(struct slice line)
{
	return slice_find(line, ' ') == line.n && slice_find(line, '\t') == line.n &&
	       slice_find(line, '\r') == line.n;
}

size_t
canon_line_relax(struct slice line, char *out)
{
	bool space = false;
	size_t n = 0;

	for (size_t i = 0; i < line.n; i++) {
		bool blank = line.p[i] == ' ' || line.p[i] == '\t';

		out[n] = (char)(blank ? ' ' : line.p[i]);
		n += !(blank & space);
		space = blank;
	}
	return n > 0 && out[n - 1] == ' ' ? n - 1 : n;
}

size_t
canon_line_strip(struct slice line, char *out)
{
	static const unsigned char dropped[256] = {[' '] = 1, ['\t'] = 1, ['\r'] = 1};
	size_t n = 0;

	for (size_t i = 0; i < line.n; i++) {
		char byte = line.p[i];

		out[n] = byte;
		n += 1U - dropped[(unsigned char)byte];
	}
	return n;
}
