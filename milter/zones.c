/*
 * zones.c - see zones.h.
 */
#include "zones.h"

#include "dnsbl_conf.h"
#include "io/dnsbl_port.h"
#include "io/log.h"
#include "modules.h"

/* How long the start may wait for zones that do not answer. */
#define WARM_MS 1000

static void
zone_changed(void *arg, const struct dnsbl_change *change)
{
	struct log_line line;
	bool good = strcmp(change->state, "ok") == 0;

	(void)arg;
	log_begin(&line);
	log_add_text(&line, "dnsbl", change->state);
	log_add_text(&line, "zone", change->zone);
	if (change->reason[0] != '\0')
		log_add_text(&line, "reason", change->reason);
	if (change->detail[0] != '\0')
		log_add_text(&line, "detail", change->detail);
	log_write(&line, good ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING);
}

static void
warning_say(void *arg, const char *what)
{
	(void)arg;
	log_event(LOG_LEVEL_WARNING, "dnsbl", what);
}

int
zones_open(const struct pipeline *p, struct dnsbl_port *before, struct dnsbl_port **port_r,
    struct err *err)
{
	const struct dnsbl_conf *conf = pipeline_conf(p, &mod_dnsbl);
	const struct dnsbl_table *table = pipeline_prepared(p, &mod_dnsbl);
	struct dnsbl_limits limits[DNSBL_ZONES_MAX];
	struct dnsbl_setup setup = {.table = table,
	    .limits = limits,
	    .clock = p->ports->clock,
	    .dns = p->ports->dns,
	    .store = p->ports->store,
	    .notify = {NULL, zone_changed}};

	*port_r = NULL;
	if (table == NULL)
		return 0;
	for (size_t i = 0; i < table->n; i++)
		limits[i] = dnsbl_limits_of(conf, &table->zones[i]);
	dnsbl_warnings(table, warning_say, NULL);
	*port_r = dnsbl_port_new(&setup, before, err);
	if (*port_r == NULL)
		return -1;
	if (dnsbl_port_start(*port_r, err) != 0) {
		zones_close(*port_r);
		*port_r = NULL;
		return -1;
	}
	if (before == NULL)
		dnsbl_port_warm(*port_r, WARM_MS);
	return 0;
}

void
zones_close(struct dnsbl_port *port)
{
	dnsbl_port_free(port);
}
