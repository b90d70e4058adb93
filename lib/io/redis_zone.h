/*
 * redis_zone.h - the hash of a DNS list in Redis: PREFIXdnsbl:NAME.
 *
 * state, since, reason, host, seen, ms, error, error_at: as the host that wrote last sees it; each
 * host judges for itself. asked, listed, decided, errors, timeouts: of all hosts.
 */
#ifndef IO_REDIS_ZONE_H
#define IO_REDIS_ZONE_H

#include "io/redis.h"
#include "policy/dnsbl_zones.h"

/* What redis_zone_command() needs: commands, and bytes in all. */
#define REDIS_ZONE_COMMANDS 6
#define REDIS_ZONE_BYTES    4096

/* Appends the i-th command, HSET or HINCRBY; false, and nothing, when that one has nothing to
 * say. i < REDIS_ZONE_COMMANDS. */
bool redis_zone_command(
    struct buf *out, const char *prefix, const struct dnsbl_note *note, unsigned i);

/* What HGETALL answered, a field: fills the part of the note that it tells. */
struct redis_zone_row {
	char state[16], reason[16], host[64], error[DNSBL_CODES_BYTES];
	int64_t since_s, seen_s, ms, error_s; /* 0, ms -1: not there */
	struct dnsbl_counts counts;
};
void redis_zone_field(struct redis_zone_row *row, struct slice field, struct slice value);

#endif
