/*
 * dnsbl_conf.c - DNS lists: the options. The grammar of an entry is in lib/policy/dnsbl_rule.h, the
 * asking in dnsbl.h, the safety in dnsbl_health.h; what comes of it in dnsbl_findings.c.
 */
#include "dnsbl_conf.h"

#define TABLE_BYTES ((size_t)256 * 1024)
#define ENTRIES_MAX 200

static int
words_parse(struct dnsbl_table *table, struct arena *a, bool domains,
    const struct option_words *words, struct err *err)
{
	for (size_t i = 0; i < words->n; i++) {
		if (dnsbl_table_add(table, a, domains, slice_of(words->v[i]), err) != 0)
			return -1;
	}
	return 0;
}

static int
table_parse(const struct dnsbl_conf *c, struct arena *a, const struct dnsbl_table **table_r,
    struct err *err)
{
	struct dnsbl_table *table = dnsbl_table_new(a);

	if (table == NULL)
		return err_set(err, ERR_NOMEM, "no memory for the DNS lists");
	*table_r = table;
	if (words_parse(table, a, false, &c->lists, err) != 0)
		return -1;
	return words_parse(table, a, true, &c->domain_lists, err);
}

int
dnsbl_prepare(const void *conf, struct arena *a, const void **prepared_r, struct err *err)
{
	const struct dnsbl_table *table = NULL;

	if (table_parse(conf, a, &table, err) != 0)
		return -1;
	*prepared_r = table;
	return 0;
}

/* The entries are understood once here, so that a mistake shows when the configuration is read. */
static int
dnsbl_check_section(const void *section, struct err *err)
{
	const struct dnsbl_table *table;
	struct arena scratch;
	int status;

	arena_init(&scratch, 16384, TABLE_BYTES);
	status = table_parse(section, &scratch, &table, err);
	arena_fini(&scratch);
	return status;
}

static const struct option options[] = {
    OPTION_WORDS(struct dnsbl_conf, lists, "lists", "", ENTRIES_MAX,
	"DNS lists of addresses: \"ZONE=127.0.0.[2..11]*WEIGHT\", or @PRESET; see doc/dnsbl.md."),
    OPTION_WORDS(struct dnsbl_conf, domain_lists, "domain_lists", "", ENTRIES_MAX,
	"DNS lists of domains, asked about HELO, MAIL FROM and the confirmed reverse name."),
    OPTION_NUMBER(struct dnsbl_conf, allow_floor, "allow_floor", "-20", -1000, 0,
	"Allowlists (negative weights) together take no more than this off the score."),
    OPTION_SECONDS(struct dnsbl_conf, canary_interval_s, "canary_interval", "30m", 60, 86400,
	"How often each zone must show that it lists its test entry, and not everything."),
    OPTION_NUMBER(struct dnsbl_conf, breaker_share, "breaker", "60", 0, 100,
	"A zone that alone lists more than this percentage of the clients suspends itself; 0: "
	"none does."),
    OPTION_BOOL(struct dnsbl_conf, module.shadow, "shadow", "no",
	"Refuse nobody for being listed, but log and count who would have been."),
    OPTION_END,
};

const struct conf_section dnsbl_section = {
    .name = "dnsbl",
    .help = "DNS blocklists and allowlists.",
    .options = options,
    .size = sizeof(struct dnsbl_conf),
    .check = dnsbl_check_section,
};

bool
dnsbl_active(const void *conf)
{
	const struct dnsbl_conf *c = conf;

	return c->lists.n > 0 || c->domain_lists.n > 0;
}

struct dnsbl_limits
dnsbl_limits_of(const struct dnsbl_conf *conf, const struct dnsbl_zone *zone)
{
	unsigned share = zone->share != 0 ? zone->share : (unsigned)conf->breaker_share;

	if (conf->breaker_share == 0)
		share = 100;
	return (struct dnsbl_limits){conf->canary_interval_s * 1000, share};
}
