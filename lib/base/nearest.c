/*
 * nearest.c - see nearest.h.
 */
#include "base/nearest.h"

#define NAME_MAX_BYTES 48 /* longer words are no slip of a name of ours */

/* What is written of a name must be this long to stand for all of it. */
#define BEGINNING_BYTES 3
#define END_BYTES       4

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static bool
same(char a, char b)
{
	return ascii_lower(a) == ascii_lower(b);
}

/* The optimal string alignment distance. */
static unsigned
distance(struct slice a, struct slice b)
{
	unsigned d[NAME_MAX_BYTES + 1][NAME_MAX_BYTES + 1];

	for (unsigned i = 0; i <= a.n; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= b.n; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		for (size_t j = 1; j <= b.n; j++) {
			unsigned change = same(a.p[i - 1], b.p[j - 1]) ? 0 : 1;

			d[i][j] = least(
			    d[i - 1][j - 1] + change, least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && same(a.p[i - 1], b.p[j - 2]) &&
			    same(a.p[i - 2], b.p[j - 1]))
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[a.n][b.n];
}

static bool
is_part(struct slice written, struct slice known)
{
	if (written.n >= BEGINNING_BYTES && slice_starts_nocase(known, written))
		return true;
	return written.n >= END_BYTES && written.n <= known.n &&
	       slice_eq_nocase(slice_from(known, known.n - written.n), written);
}

unsigned
nearest_cost(struct slice written, struct slice known)
{
	unsigned bound = written.n < 4 ? 1 : 2;
	unsigned cost;

	if (written.n == 0 || written.n > NAME_MAX_BYTES || known.n > NAME_MAX_BYTES)
		return NEAREST_FAR;
	cost = distance(written, known);
	if (cost <= bound)
		return cost;
	return is_part(written, known) ? bound : NEAREST_FAR;
}
