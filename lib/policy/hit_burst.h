/*
 * hit_burst.h - who opens all the links of a message at once? A table of the messages that were
 * asked about lately; of fixed size, the oldest gives way.
 *
 * A person reads, and clicks one link after the other. What looks for viruses, or makes previews,
 * asks for all of them within a moment, or for one that no person sees. Which of the first hits belong to
 * such a burst shows a little later: so whoever wants a verdict notes the hit, waits, and asks then.
 */
#ifndef POLICY_HIT_BURST_H
#define POLICY_HIT_BURST_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many different links with no more than that between one and the next are a burst. */
#define HIT_BURST_LINKS  3
#define HIT_BURST_GAP_MS 1000

/* Two are one when they come as one. */
#define HIT_PAIR_GAP_MS 250

/* In the place of a link: the page to unsubscribe. */
#define HIT_BURST_PAGE UINT_MAX

/* A power of two; how many of one set are compared. */
#define HIT_BURST_SLOTS 4096
#define HIT_BURST_WAYS  4

struct hit_burst_slot {
	uint64_t key; /* 0: free */
	uint64_t
	    links; /* of the run of hits that goes on; a bit each, of 63, and one for the page */
	int64_t first_ms, last_ms;
	int64_t burst_first_ms, burst_last_ms; /* of the last burst; 0: there was none */
	unsigned burst_links;
	bool trapped; /* somebody asked for the link that no person sees, in that burst */
};

struct hit_burst {
	struct hit_burst_slot slots[HIT_BURST_SLOTS];
};

/* Link `link`, or HIT_BURST_PAGE, of the message (and recipient) `key`, which is not 0, was asked for. trap: it is the
 * one that no person sees. */
void hit_burst_note(
    struct hit_burst *table, uint64_t key, unsigned link, bool trap, int64_t now_ms);

/* Was the hit of that time part of a burst, or just before or behind one, as the pixel that whoever asks
 * for everything begins with? How many links it had: 0 when it was part of none. */
unsigned hit_burst_links(
    const struct hit_burst *table, uint64_t key, int64_t when_ms, bool *trapped_r);

#endif
