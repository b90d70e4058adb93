/*
 * webhooks_conf.c - see webhooks_conf.h.
 */
#include "webhooks_conf.h"

#define PATH_BYTES      1024
#define NETWORKS_MAX    1000
#define CONNECTIONS_MAX 10000
#define DAY_MS          INT64_C(86400000)
#define BACKLOG_MAX_S   (INT64_C(365) * 86400)

static int
file_check(const char *value, struct err *err)
{
	if (value[0] == '\0' || value[0] == '/')
		return 0;
	return err_set(err, ERR_INVALID, "write the whole path, beginning with /");
}

static const struct option options[] = {
    OPTION_NETWORKS(struct webhooks_conf, allow_networks, "allow_networks", "", NETWORKS_MAX,
	"Internal networks that webhooks may lead to; others are never contacted."),
    OPTION_TEXT(struct webhooks_conf, tls_ca, "tls_ca", "", 0, PATH_BYTES, file_check,
	"Certificates that receivers' must lead to; PEM; empty: the system's."),
    OPTION_MILLIS(struct webhooks_conf, timeout_ms, "timeout", "15s", 100, 300000,
	"How long one delivery may take; half of it to connect."),
    OPTION_NUMBER(struct webhooks_conf, connections, "connections", "256", 2, CONNECTIONS_MAX,
	"Deliveries at once."),
    OPTION_NUMBER(struct webhooks_conf, parallel, "parallel", "4", 1, 100,
	"Of these, to one account; to one that did not take its last event, one."),
    OPTION_NUMBER(struct webhooks_conf, tries, "tries", "22", 1, 1000,
	"So often an event is tried, within about a day, before it goes to the dead list."),
    OPTION_MILLIS(struct webhooks_conf, retry_first_ms, "retry_first", "10s", 10, DAY_MS,
	"How long after the first try comes the second; doubled each time."),
    OPTION_MILLIS(struct webhooks_conf, retry_longest_ms, "retry_longest", "2h", 10, 7 * DAY_MS,
	"The longest of these times."),
    OPTION_SECONDS(struct webhooks_conf, backlog_s, "backlog", "1h", 0, BACKLOG_MAX_S,
	"Of a webhook that is new, events of so long ago are sent, too."),
    OPTION_NUMBER(struct webhooks_conf, keep_dead, "keep_dead", "10000", 1, 1000000,
	"Of each account, so many events are kept in the dead list."),
    OPTION_END,
};

static int
section_check(const void *section, struct err *err)
{
	const struct webhooks_conf *conf = section;

	if (conf->parallel > conf->connections)
		return err_set(err, ERR_INVALID, "parallel: more than connections");
	if (conf->retry_first_ms > conf->retry_longest_ms)
		return err_set(err, ERR_INVALID, "retry_first: longer than retry_longest");
	return 0;
}

const struct conf_section webhooks_section = {
    .name = "webhooks",
    .help = "Events told to accounts' own programs: gatepostctl webhooks run.",
    .options = options,
    .size = sizeof(struct webhooks_conf),
    .check = section_check,
};
