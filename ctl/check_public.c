/*
 * check_public.c - do questions to DNS lists come by a resolver that serves everybody?
 */
#include "check.h"

#include "dnsbl_conf.h"
#include "io/dns.h"
#include "io/dns_resolver.h"
#include "io/files.h"
#include "policy/dns_public.h"
#include "settings.h"

/* A resolv.conf(5) has some lines. */
#define RESOLV_CONF_BYTES ((size_t)64 * 1024)

static const char resolv_conf[] = "/etc/resolv.conf";

/* Where systemd-resolved, of which resolv.conf only has its own address, tells whom it asks. */
static const char resolved_conf[] = "/run/systemd/resolve/resolv.conf";
static const char resolved_address[] = "127.0.0.53";

static void
server_check(struct check *check, const struct net_addr *server, const char *where)
{
	const char *who = dns_public_operator(server);
	char storage[NET_ADDR_TEXT_BYTES];
	struct buf address = BUF_OVER(storage);

	if (who == NULL)
		return;
	net_addr_format(&address, server);
	check_say(check, CHECK_WARNING, "dnsbl",
	    "run a resolver of your own (unbound), or set dns { resolver = recursive }",
	    "%s, in %s, is the public resolver of %s: most DNS lists do not answer those",
	    buf_text(&address), where, who);
}

/* True when it is systemd-resolved that it names. */
static bool
file_check(struct check *check, const char *path)
{
	struct net_addr server, resolved;
	bool is_resolved = false;
	struct slice text;
	struct arena arena;
	struct err err;

	(void)net_addr_parse(slice_of(resolved_address), &resolved);
	arena_init(&arena, 4096, 2 * RESOLV_CONF_BYTES);
	if (files_read(path, RESOLV_CONF_BYTES, &arena, &text, &err) == 0) {
		while (dns_public_server_next(&text, &server)) {
			server_check(check, &server, path);
			is_resolved |= net_addr_eq(&server, &resolved);
		}
	}
	arena_fini(&arena);
	return is_resolved;
}

void
check_public(struct check *check)
{
	const struct dns_conf *dns = settings_of(check->conf, &dns_section);
	struct slice text = slice_of(dns->resolver);
	struct dns_resolver resolver;
	struct net_addr server;
	struct err err;

	if (!dnsbl_active(settings_of(check->conf, &dnsbl_section)) ||
	    dns_resolver_parse(dns->resolver, &resolver, &err) != 0)
		return;
	if (resolver.kind == DNS_RESOLVER_SYSTEM && file_check(check, resolv_conf))
		(void)file_check(check, resolved_conf);
	if (resolver.kind == DNS_RESOLVER_SERVER &&
	    net_addr_parse(slice_head(text, slice_find(text, '@')), &server) == 0)
		server_check(check, &server, "dns.resolver");
}
