/*
 * check_dnsbl.c - are the DNS lists in the configuration alive?
 */
#include "check.h"

#include "dnsbl_conf.h"
#include "settings.h"

#define TABLE_BYTES ((size_t)256 * 1024)

static void
dead_say(void *arg, const char *what)
{
	check_say(arg, CHECK_WARNING, "dnsbl", "take it out, and reload gatepostd", "%s", what);
}

void
check_dnsbl(struct check *check)
{
	const struct dnsbl_conf *conf = settings_of(check->conf, &dnsbl_section);
	size_t warnings = check->count[CHECK_WARNING];
	const void *prepared;
	struct arena arena;
	struct err err;

	if (!dnsbl_active(conf))
		return;
	arena_init(&arena, 16384, TABLE_BYTES);
	/* the section was checked, so that nothing can be wrong with it */
	if (dnsbl_prepare(conf, &arena, &prepared, &err) == 0) {
		const struct dnsbl_table *table = prepared;

		dnsbl_warnings(table, dead_say, check);
		if (check->count[CHECK_WARNING] == warnings)
			check_say(check, CHECK_OK, "dnsbl", NULL,
			    "%zu zone%s; `gatepostctl dnsbl` tells how they do", table->n,
			    table->n == 1 ? "" : "s");
	}
	arena_fini(&arena);
}
