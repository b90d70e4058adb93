/*
 * report_set.c - see report_set.h: open addressing, linear probing.
 */
#include "policy/report_set.h"

#include <stdlib.h>

#define ROOM_MIN ((size_t)1024)

void
report_set_init(struct report_set *set, size_t max, bool numbered)
{
	*set = (struct report_set){.max = max, .numbered = numbered};
}

void
report_set_fini(struct report_set *set)
{
	free(set->keys);
	free(set->numbers);
	report_set_init(set, set->max, set->numbered);
}

/* Where the digest is, or would be. */
static size_t
place_of(const struct report_set *set, uint64_t digest)
{
	size_t place = (size_t)digest & (set->room - 1);

	while (set->keys[place] != 0 && set->keys[place] != digest)
		place = (place + 1) & (set->room - 1);
	return place;
}

/* Twice the room. */
static int
grow(struct report_set *set, struct err *err)
{
	struct report_set more = *set;

	more.room = set->room == 0 ? ROOM_MIN : 2 * set->room;
	more.keys = calloc(more.room, sizeof(*more.keys));
	more.numbers = set->numbered ? calloc(more.room, sizeof(*more.numbers)) : NULL;
	if (more.keys == NULL || (set->numbered && more.numbers == NULL)) {
		free(more.keys);
		free(more.numbers);
		(void)err_set(err, ERR_NOMEM, "no memory");
		return -1;
	}
	for (size_t i = 0; i < set->room; i++) {
		size_t place;

		if (set->keys[i] == 0)
			continue;
		place = place_of(&more, set->keys[i]);
		more.keys[place] = set->keys[i];
		if (set->numbered)
			more.numbers[place] = set->numbers[i];
	}
	free(set->keys);
	free(set->numbers);
	set->keys = more.keys;
	set->numbers = more.numbers;
	set->room = more.room;
	return 0;
}

int
report_set_add(struct report_set *set, uint64_t digest, uint32_t number, struct err *err)
{
	size_t place;

	digest += digest == 0; /* which is the mark of a free place */
	if (set->n >= set->room / 4 * 3 && set->n < set->max && grow(set, err) != 0)
		return -1;
	if (set->room == 0)
		return err_set(err, ERR_LIMIT, "the set has no room at all");
	place = place_of(set, digest);
	if (set->keys[place] == digest)
		return 0;
	if (set->n >= set->max)
		return err_set(err, ERR_LIMIT, "more than %zu different ones", set->max);
	set->keys[place] = digest;
	if (set->numbered)
		set->numbers[place] = number;
	set->n++;
	return 1;
}

bool
report_set_find(const struct report_set *set, uint64_t digest, uint32_t *number_r)
{
	size_t place;

	digest += digest == 0;
	if (set->room == 0)
		return false;
	place = place_of(set, digest);
	if (set->keys[place] != digest)
		return false;
	*number_r = set->numbered ? set->numbers[place] : 0;
	return true;
}
