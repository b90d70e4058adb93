/*
 * suggest.h - what somebody meant who wrote a word that there is not.
 */
#ifndef CTL_SUGGEST_H
#define CTL_SUGGEST_H

#include "base/slice.h"

/* How far one is from the other: letters to change, add, leave out, or swap with a neighbour; case
 * aside. SUGGEST_FAR when that is more than a slip of the pen. */
#define SUGGEST_FAR 100u

unsigned suggest_cost(struct slice written, struct slice known);

#endif
