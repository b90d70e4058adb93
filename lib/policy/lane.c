/*
 * lane.c - see lane.h.
 */
#include "policy/lane.h"

struct lane
lane_choose(const struct account *account, const struct limit_step *warm)
{
	bool over = warm->outcome != LIMIT_PASS;

	if (over && account->overflow[0] != '\0')
		return (struct lane){account->overflow, true, false};
	return (struct lane){account->lane, false, over};
}
