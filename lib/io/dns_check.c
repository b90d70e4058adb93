/*
 * dns_check.c - see dns.h: does the resolver work? For an operator who waits.
 */
#include "io/dns.h"

#include "io/deadline.h"
#include "io/dns_context.h"

#include <poll.h>
#include <unistd.h>

struct probe {
	bool done;
	int rc;
	struct ub_result *result;
};

static void
probe_done(void *arg, int rc, struct ub_result *result)
{
	struct probe *probe = arg;

	*probe = (struct probe){true, rc, result};
}

/* Waits for the answer; false when there was none in time. */
static bool
probe_run(struct ub_ctx *ctx, struct deadline until, struct probe *probe)
{
	probe->rc = ub_resolve_async(ctx, ".", DNS_SOA, DNS_CLASS_IN, probe, probe_done, NULL);
	if (probe->rc != 0)
		return true;
	while (!probe->done && !deadline_passed(until)) {
		struct pollfd fd = {.fd = ub_fd(ctx), .events = POLLIN};

		(void)poll(&fd, 1, (int)(deadline_left_us(until) / 1000) + 1);
		(void)ub_process(ctx);
	}
	return probe->done;
}

static const char *
dnssec_said(const struct dns_settings *settings, const struct ub_result *result)
{
	if (result->secure)
		return "DNSSEC is checked here, and the root's signature is good";
	if (settings->resolver.kind != DNS_RESOLVER_RECURSIVE && settings->dnssec == DNSSEC_AUTO)
		return "DNSSEC is left to it";
	if (settings->dnssec != DNSSEC_NO)
		return "DNSSEC is not checked: install dns-root-data for the root's key";
	return "DNSSEC is not checked";
}

/* What the answer says, by the name of who gave it. */
static int
probe_judge(const struct dns_settings *settings, const char *who, const struct probe *probe,
    struct buf *said, struct err *err)
{
	const struct ub_result *result = probe->result;

	if (probe->rc != 0 || result == NULL)
		return err_set(err, ERR_IO, "%s: %s", who, ub_strerror(probe->rc));
	if (result->bogus)
		return err_set(err, ERR_IO,
		    "%s answers, but without good DNSSEC signatures: it strips them, or lies. "
		    "Choose another resolver, or dnssec = no (%.80s)",
		    who, result->why_bogus != NULL ? result->why_bogus : "no reason given");
	if (result->nxdomain || (result->rcode == 0 && !result->havedata))
		return err_set(err, ERR_IO,
		    "%s answers, but knows nothing of the public DNS (no SOA record of the root)",
		    who);
	if (!result->havedata)
		return err_set(err, ERR_IO,
		    "%s cannot resolve: it does not answer, or refuses us (code %d)", who,
		    result->rcode);
	buf_add_text(said, dnssec_said(settings, result));
	return 0;
}

int
dns_check(const struct dns_conf *conf, struct buf *said, struct err *err)
{
	int64_t begun_us = deadline_now_us();
	struct probe probe = {.done = false};
	struct dns_settings settings;
	char storage[96];
	struct buf who = BUF_OVER(storage);
	struct ub_ctx *ctx;
	int status;

	if (dns_settings_init(&settings, conf, err) != 0)
		return -1;
	ctx = dns_context_open(&settings, err);
	if (ctx == NULL)
		return -1;
	dns_resolver_format(&settings.resolver, &who);
	if (!probe_run(ctx, deadline_in_ms(conf->timeout_ms), &probe)) {
		status = err_set(err, ERR_TIMEOUT, "%s does not answer within %lld ms",
		    buf_text(&who), (long long)conf->timeout_ms);
	} else {
		buf_add_format(said, "%s answers in %lld ms; ", buf_text(&who),
		    (long long)((deadline_now_us() - begun_us) / 1000));
		status = probe_judge(&settings, buf_text(&who), &probe, said, err);
	}
	dns_context_close(ctx);
	ub_resolve_free(probe.result);
	return status;
}
