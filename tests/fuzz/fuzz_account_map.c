/*
 * fuzz_account_map.c - the map of accounts as it may stand in Redis: lines "KEY VALUE", and every key
 * that was taken is found again.
 */
#include "policy/account_match.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct account_pair pairs[64];
	struct slice rest = slice_make((const char *)data, size), line;
	struct account_problems problems = {.n = 0};
	struct account_map map;
	struct arena arena;
	size_t n = 0;

	arena_init(&arena, 16384, 1 << 20);
	for (; rest.n > 0 && n < 64; rest = slice_from(rest, line.n + 1)) {
		line = slice_head(rest, slice_find(rest, '\n'));
		pairs[n].key = slice_head(line, slice_find(line, ' '));
		pairs[n].value = slice_from(line, pairs[n].key.n + 1), n++;
	}
	if (account_map_build(&map, pairs, n, &arena, &problems) == 0)
		assert(map.nnames + map.nnetworks + problems.n + problems.dropped == n);
	for (size_t i = 0; i < map.nnetworks; i++)
		assert(account_map_network(&map, &map.networks[i].cidr.addr) != NULL);
	for (size_t i = 0; i < map.naccounts; i++)
		assert(account_map_by_id(&map, map.accounts[i].id) != NULL);
	arena_fini(&arena);
	return 0;
}
