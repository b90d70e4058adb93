/*
 * dnsbl_score.c - see dnsbl.h: what the results come to, and which of them mattered.
 */
#include "policy/dnsbl.h"

/* The score without one zone of one check (NULL: with all), and whether anything blocks. */
static int
score_without(const struct dnsbl_check *const *checks, size_t n, int floor,
    const struct dnsbl_result *without, bool *block_r)
{
	int up = 0, down = 0;

	*block_r = false;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; checks[i] != NULL && k < checks[i]->table->n; k++) {
			const struct dnsbl_result *r = &checks[i]->results[k];

			if (r == without || r->status != DNSBL_LISTED)
				continue;
			*block_r = *block_r || r->block;
			up += r->weight > 0 ? r->weight : 0;
			down += r->weight < 0 ? r->weight : 0;
		}
	}
	return up + (down < floor ? floor : down);
}

int
dnsbl_score(const struct dnsbl_check *const *checks, size_t n, int floor)
{
	bool block;

	return score_without(checks, n, floor, NULL, &block);
}

void
dnsbl_decided(struct dnsbl_check *const *checks, size_t n, const struct dnsbl_stakes *stakes)
{
	const struct dnsbl_check *const *all = (const struct dnsbl_check *const *)checks;
	bool block, block_too;
	int score = score_without(all, n, stakes->floor, NULL, &block);
	bool refused = block || score + stakes->others >= stakes->refuse_at;

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; checks[i] != NULL && k < checks[i]->table->n; k++) {
			struct dnsbl_result *r = &checks[i]->results[k];

			if (r->status != DNSBL_LISTED || r->decided)
				continue;
			score = score_without(all, n, stakes->floor, r, &block_too);
			if ((block_too || score + stakes->others >= stakes->refuse_at) == refused)
				continue;
			r->decided = true;
			if (checks[i]->port != NULL)
				checks[i]->port->decided(checks[i]->port, k);
		}
	}
}
