/*
 * nearest.h - what somebody meant who wrote a name that there is not.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include "base/slice.h"

/* More than a slip of the pen. */
#define NEAREST_FAR 100u

/* How far a written name is from a known one: letters to change, add, leave out, or swap with a
 * neighbour; case aside. At most 1 for less than four letters, at most 2 for others; as much, when
 * it is the beginning (of three letters) or the end (of four) of the known one. Else NEAREST_FAR,
 * as for names that are longer than any of ours. */
unsigned nearest_cost(struct slice written, struct slice known);

#endif
