/*
 * hit_burst.c - see hit_burst.h.
 */
#include "policy/hit_burst.h"

static size_t
set_of(uint64_t key)
{
	/* neighbouring keys must not share a set: Fibonacci hashing */
	uint64_t mixed = key * UINT64_C(0x9e3779b97f4a7c15);

	return (size_t)(mixed >> 32) % (HIT_BURST_SLOTS / HIT_BURST_WAYS) * HIT_BURST_WAYS;
}

static const struct hit_burst_slot *
slot_find(const struct hit_burst *table, uint64_t key)
{
	const struct hit_burst_slot *set = &table->slots[set_of(key)];

	for (size_t i = 0; i < HIT_BURST_WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
	}
	return NULL;
}

/* That slot, or the one of its set that was unused for longest. */
static struct hit_burst_slot *
slot_take(struct hit_burst *table, uint64_t key)
{
	struct hit_burst_slot *set = &table->slots[set_of(key)];
	struct hit_burst_slot *oldest = set;

	for (size_t i = 0; i < HIT_BURST_WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (set[i].last_ms < oldest->last_ms)
			oldest = &set[i];
	}
	*oldest = (struct hit_burst_slot){.key = key};
	return oldest;
}

/* Links of high numbers share bits; the page has one of its own. */
static uint64_t
bit_of(unsigned link)
{
	return UINT64_C(1) << (link == HIT_BURST_PAGE ? 63 : link % 63);
}

static unsigned
bits_count(uint64_t bits)
{
	unsigned n = 0;

	for (; bits != 0; bits &= bits - 1)
		n++;
	return n;
}

static bool
is_burst(const struct hit_burst_slot *slot)
{
	unsigned n = bits_count(slot->links);

	return slot->trapped || n >= HIT_BURST_LINKS ||
	       (n == 2 && slot->last_ms - slot->first_ms <= HIT_PAIR_GAP_MS);
}

void
hit_burst_note(struct hit_burst *table, uint64_t key, unsigned link, bool trap, int64_t now_ms)
{
	struct hit_burst_slot *slot = slot_take(table, key);

	if (slot->links == 0 || now_ms - slot->last_ms > HIT_BURST_GAP_MS) {
		slot->links = 0;
		slot->trapped = false;
		slot->first_ms = now_ms;
	}
	slot->links |= bit_of(link);
	slot->last_ms = now_ms;
	slot->trapped = slot->trapped || trap;
	if (!is_burst(slot))
		return;
	slot->burst_first_ms = slot->first_ms;
	slot->burst_last_ms = now_ms;
	slot->burst_links = bits_count(slot->links);
}

unsigned
hit_burst_links(const struct hit_burst *table, uint64_t key, int64_t when_ms, bool *trapped_r)
{
	const struct hit_burst_slot *slot = slot_find(table, key);

	*trapped_r = false;
	if (slot == NULL || slot->burst_links == 0 ||
	    when_ms < slot->burst_first_ms - HIT_BURST_GAP_MS ||
	    when_ms > slot->burst_last_ms + HIT_BURST_GAP_MS)
		return 0;
	*trapped_r = slot->trapped;
	return slot->burst_links;
}
