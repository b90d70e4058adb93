/*
 * dns_context.h - a libunbound context, set up the way we want it, with its worker running.
 */
#ifndef IO_DNS_CONTEXT_H
#define IO_DNS_CONTEXT_H

#include "io/dns.h"
#include "io/dns_resolver.h"

#include <unbound.h>

/* The key of Debian's dns-root-data; a build may say otherwise. */
#ifndef DNS_ROOT_KEY
#define DNS_ROOT_KEY "/usr/share/dns/root.key"
#endif
#ifndef DNS_RESOLV_CONF
#define DNS_RESOLV_CONF "/etc/resolv.conf"
#endif

#define DNS_CLASS_IN 1

/* Questions that libunbound has with servers at once; others wait their turn. */
#define DNS_SOCKETS      512
#define DNS_SOCKETS_TEXT "512"

struct dns_settings {
	struct dns_resolver resolver;
	int dnssec; /* enum dnssec */
};

int dns_settings_init(struct dns_settings *settings, const struct dns_conf *conf, struct err *err);

/* Will a context of these settings check signatures? */
bool dns_settings_validate(const struct dns_settings *settings);

/* NULL with the reason. Its worker thread inherits the caller's signal mask. */
struct ub_ctx *dns_context_open(const struct dns_settings *settings, struct err *err);

/* NULL is allowed. */
void dns_context_close(struct ub_ctx *ctx);

#endif
