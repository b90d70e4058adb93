/*
 * dns_context.c - see dns_context.h.
 */
#include "io/dns_context.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

struct setting {
	const char *name, *value;
};

/* libunbound has 16 sockets by default, so that 16 names whose servers are slow stop all others. It
 * opens what it needs. */
static const struct setting always[] = {
    {"outgoing-range:", DNS_SOCKETS_TEXT},
    {"msg-cache-size:", "2m"},
    {"rrset-cache-size:", "4m"},
    {NULL, NULL},
};

/* The root, and a whole world of servers behind it. One that was given up is by default left alone
 * for 15 minutes, which is long when it was our own network that was down. */
static const struct setting recursive[] = {
    {"infra-host-ttl:", "60"},
    {"infra-keep-probing:", "yes"},
    {NULL, NULL},
};

/* One server or a few. libunbound must not give them up at all: it counts the names that they are
 * slow with against them, and some strangers' dead domains would then take the DNS from everybody;
 * and after an outage it would not ask for 15 minutes. So it forgets at once (infra-host-ttl). Nor
 * must it take the speed of what the resolver knows already for that of what it has to find out:
 * within a third of a second it would have tried six times, and given up (infra-cache-min-rtt). And
 * what the resolver says about private networks counts, not what libunbound thinks. */
static const struct setting forwarding[] = {
    {"infra-host-ttl:", "0"},
    {"infra-cache-min-rtt:", "1000"},
    {"outbound-msg-retry:", "3"},
    {"do-not-query-localhost:", "no"},
    {"unblock-lan-zones:", "yes"},
    {"insecure-lan-zones:", "yes"},
    {NULL, NULL},
};

/* libunbound answers for these by itself; when somebody else resolves for us, that one decides. */
static const char *const builtin_zones[] = {"127.in-addr.arpa.",
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.", "home.arpa.",
    "invalid.", "test."};

int
dns_settings_init(struct dns_settings *settings, const struct dns_conf *conf, struct err *err)
{
	settings->dnssec = conf->dnssec;
	return dns_resolver_parse(conf->resolver, &settings->resolver, err);
}

bool
dns_settings_validate(const struct dns_settings *settings)
{
	if (settings->dnssec == DNSSEC_AUTO)
		return settings->resolver.kind == DNS_RESOLVER_RECURSIVE &&
		       access(DNS_ROOT_KEY, R_OK) == 0;
	return settings->dnssec == DNSSEC_YES;
}

/* Older versions do not know all the names; they are for the better only. */
static void
settings_apply(struct ub_ctx *ctx, const struct setting *settings)
{
	for (; settings->name != NULL; settings++)
		(void)ub_ctx_set_option(ctx, settings->name, settings->value);
}

static int
resolver_apply(struct ub_ctx *ctx, const struct dns_resolver *resolver)
{
	switch (resolver->kind) {
	case DNS_RESOLVER_SYSTEM:
		return ub_ctx_resolvconf(ctx, DNS_RESOLV_CONF);
	case DNS_RESOLVER_SERVER:
		return ub_ctx_set_fwd(ctx, resolver->server);
	case DNS_RESOLVER_RECURSIVE:
		break;
	}
	return 0;
}

static void
forget(void *arg, int rc, struct ub_result *result)
{
	(void)arg;
	(void)rc;
	ub_resolve_free(result);
}

/* Everything up to the first question, which is answered within libunbound and starts its worker:
 * only then do the settings show their faults. */
static int
context_setup(struct ub_ctx *ctx, const struct dns_settings *settings)
{
	bool forwards = settings->resolver.kind != DNS_RESOLVER_RECURSIVE;
	int rc;

	(void)ub_ctx_debugout(ctx, NULL); /* it would write to stderr */
	settings_apply(ctx, always);
	settings_apply(ctx, forwards ? forwarding : recursive);
	rc = ub_ctx_async(ctx, 1);
	if (rc == 0)
		rc = resolver_apply(ctx, &settings->resolver);
	if (rc == 0 && dns_settings_validate(settings))
		rc = ub_ctx_add_ta_file(ctx, DNS_ROOT_KEY);
	for (size_t i = 0; rc == 0 && forwards && i < sizeof(builtin_zones) / sizeof(char *); i++)
		rc = ub_ctx_zone_remove(ctx, builtin_zones[i]);
	if (rc == 0)
		rc = ub_resolve_async(ctx, "localhost", DNS_A, DNS_CLASS_IN, NULL, forget, NULL);
	return rc;
}

/* libunbound makes and destroys locks of the whole process with each context, without asking who
 * else does. */
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

static struct ub_ctx *
context_create(void)
{
	struct ub_ctx *ctx;

	(void)pthread_mutex_lock(&making);
	ctx = ub_ctx_create();
	(void)pthread_mutex_unlock(&making);
	return ctx;
}

void
dns_context_close(struct ub_ctx *ctx)
{
	(void)pthread_mutex_lock(&making);
	ub_ctx_delete(ctx);
	(void)pthread_mutex_unlock(&making);
}

struct ub_ctx *
dns_context_open(const struct dns_settings *settings, struct err *err)
{
	struct ub_ctx *ctx = context_create();
	int rc;

	if (ctx == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory for a DNS resolver");
		return NULL;
	}
	rc = context_setup(ctx, settings);
	if (rc == 0)
		return ctx;
	if (rc == UB_READFILE)
		(void)err_set(err, ERR_IO, "%s cannot be read", DNS_RESOLV_CONF);
	else if (rc == UB_SYNTAX)
		(void)err_set(
		    err, ERR_INVALID, "%s names a server that is no address", DNS_RESOLV_CONF);
	else
		(void)err_set(err, ERR_IO, "the DNS resolver does not start: %s%s", ub_strerror(rc),
		    dns_settings_validate(settings) ? " (is " DNS_ROOT_KEY " in order?)" : "");
	dns_context_close(ctx);
	return NULL;
}
