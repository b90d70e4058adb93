/*
 * check_dnsbl.c - are the DNS lists in the configuration alive?
 */
#include "check.h"

#include "dnsbl_conf.h"
#include "io/store_admin_server.h"
#include "io/store_admin_zone.h"
#include "settings.h"
#include "words.h"

#define TABLE_BYTES ((size_t)256 * 1024)

/* Nobody wrote for so long: there is no gatepostd that asks it. */
#define STALE_S 180

static void
dead_say(void *arg, const char *what)
{
	check_say(arg, CHECK_WARNING, "dnsbl", "take it out, and reload gatepostd", "%s", what);
}

/* What a word of dnsbl_health.h means, and what is mostly the matter. */
static const struct {
	const char *reason;
	const char *words;
	const char *todo;
} reasons[] = {
    {"error", "it answers with an error",
	"most lists want a resolver of your own, or a key: see its terms"},
    {"dead", "its test entry is not listed",
	"is the zone written right? else it is gone, or refuses us without a word"},
    {"lies", "it lists what cannot be listed", "take it out, if that lasts"},
    {"silent", "it does not answer", "is the zone written right, and does DNS work?"},
    {"breaker", "it alone lists too many clients", "see share=N and dnsbl.breaker"},
};

static void
suspended_say(
    struct check *check, const char *zone, const struct redis_zone_row *row, int64_t now_s)
{
	const char *words = row->reason;
	const char *todo = "`gatepostctl dnsbl` tells more";
	char storage[64];
	struct buf since = BUF_OVER(storage);

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (strcmp(row->reason, reasons[i].reason) == 0) {
			words = reasons[i].words;
			todo = reasons[i].todo;
		}
	}
	words_when(&since, row->since_s, now_s);
	check_say(check, CHECK_WARNING, "dnsbl", todo,
	    "the DNS list %s was suspended %s, and is not asked: %s", zone, buf_text(&since),
	    words);
}

/* What gatepostd wrote of them; nothing when Redis is away, which was said before. */
static void
suspended_check(struct check *check, const struct dnsbl_table *table)
{
	struct store_admin *admin = check->ctl->admin;
	struct redis_zone_row row;
	int64_t now_s, ahead_ms;
	struct err err;

	if (admin == NULL || store_admin_time(admin, &now_s, &ahead_ms, &err) != 0)
		return;
	for (size_t i = 0; i < table->n; i++) {
		const char *name = table->zones[i].name;

		if (store_admin_zone(admin, slice_of(name), &row, &err) > 0 &&
		    strcmp(row.state, "suspended") == 0 && now_s - row.seen_s <= STALE_S)
			suspended_say(check, name, &row, now_s);
	}
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
		suspended_check(check, table);
		if (check->count[CHECK_WARNING] == warnings)
			check_say(check, CHECK_OK, "dnsbl", NULL,
			    "%zu zone%s; `gatepostctl dnsbl` tells how they do", table->n,
			    table->n == 1 ? "" : "s");
	}
	arena_fini(&arena);
}
