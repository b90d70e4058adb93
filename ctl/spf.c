/*
 * spf.c - `gatepostctl spf`: what SPF says about one client, sender and HELO name, and why.
 */
#include "ctl.h"

#include "auth/spf.h"
#include "io/clock.h"
#include "io/dns.h"
#include "settings.h"

/* The most that SPF needs: see spf_new(). */
#define SPF_ARENA_BYTES ((size_t)256 * 1024)

/* One line of the reasons, in the order in which they are told. */
struct reason {
	const char *name; /* also the key in JSON */
	struct slice text;
	bool is_number;
	unsigned number;
};

enum {
	REASON_IDENTITY,
	REASON_DOMAIN,
	REASON_MECHANISM,
	REASON_RECORD,
	REASON_PROBLEM,
	REASON_EXPLANATION,
	REASON_OPEN,
	REASON_LOOKUPS,
	REASON_VOIDS,
	REASONS,
};

static void
reasons_fill(struct reason v[REASONS], const struct spf_result *r)
{
	static const char *const names[REASONS] = {
	    [REASON_IDENTITY] = "identity",
	    [REASON_DOMAIN] = "domain",
	    [REASON_MECHANISM] = "mechanism",
	    [REASON_RECORD] = "record",
	    [REASON_PROBLEM] = "problem",
	    [REASON_EXPLANATION] = "explanation",
	    [REASON_OPEN] = "open",
	    [REASON_LOOKUPS] = "lookups",
	    [REASON_VOIDS] = "voids",
	};
	static const char open_words[] = "the record lets everybody pass: counts as none";

	for (size_t i = 0; i < REASONS; i++)
		v[i] = (struct reason){.name = names[i]};
	v[REASON_IDENTITY].text = slice_of(r->identity == SPF_MAILFROM ? "mailfrom" : "helo");
	v[REASON_DOMAIN].text = r->domain;
	v[REASON_MECHANISM].text = r->mechanism;
	v[REASON_RECORD].text = r->record;
	v[REASON_PROBLEM].text = r->problem;
	v[REASON_EXPLANATION].text = r->explanation;
	v[REASON_OPEN].text = slice_of(r->open ? open_words : NULL);
	v[REASON_LOOKUPS] = (struct reason){names[REASON_LOOKUPS], {NULL, 0}, true, r->lookups};
	v[REASON_VOIDS] = (struct reason){names[REASON_VOIDS], {NULL, 0}, true, r->voids};
}

static enum out_style
style_of(const struct spf_result *r)
{
	switch (r->code) {
	case SPF_PASS:
		return r->open ? OUT_WARNING : OUT_GOOD;
	case SPF_FAIL:
		return OUT_BAD;
	case SPF_SOFTFAIL:
	case SPF_TEMPERROR:
	case SPF_PERMERROR:
		return OUT_WARNING;
	case SPF_NONE:
	case SPF_NEUTRAL:
		break;
	}
	return OUT_NORMAL;
}

static void
json_print(struct out *out, const struct spf_result *r, const struct reason v[REASONS])
{
	json_t *object = json_object();

	(void)json_object_set_new(object, "result", json_string(spf_code_name(r->code)));
	for (size_t i = 0; i < REASONS; i++) {
		json_t *value = v[i].is_number     ? json_integer(v[i].number)
				: v[i].text.n == 0 ? json_null()
						   : out_json_text(v[i].text);

		(void)json_object_set_new(object, v[i].name, value);
	}
	(void)json_object_set_new(object, "open", json_boolean(r->open));
	out_json(out, object, true);
	out_json_end(out, false);
}

/* The word alone, then what there is to tell, a line each. */
static void
text_print(struct out *out, const struct spf_result *r, const struct reason v[REASONS])
{
	const char *format = out->form == OUT_TERMINAL ? "  %-12s " : "%s\t";

	out_print(out, style_of(r), "%s", spf_code_name(r->code));
	out_print(out, OUT_NORMAL, "\n");
	for (size_t i = 0; i < REASONS; i++) {
		if (!v[i].is_number && v[i].text.n == 0)
			continue;
		out_print(out, OUT_DIM, format, v[i].name);
		if (v[i].is_number)
			out_print(out, OUT_NORMAL, "%u", v[i].number);
		else
			out_slice(out, OUT_NORMAL, v[i].text);
		out_print(out, OUT_NORMAL, "\n");
	}
}

static void
result_print(struct out *out, const struct spf_result *r)
{
	struct reason v[REASONS];

	reasons_fill(v, r);
	if (out->form == OUT_JSON)
		json_print(out, r, v);
	else
		text_print(out, r, v);
}

/* Asks until it is finished, or the time that the configuration gives to all answers is over. */
static int
check(struct ctl *ctl, const struct dns_conf *conf, const struct spf_request *request)
{
	struct lookup lookup;
	struct arena arena;
	struct err err;
	struct dns *dns = dns_unbound_new(conf, NULL, &err);
	struct spf *spf;

	if (dns == NULL)
		return ctl_fail(
		    err.code == ERR_INVALID ? EX_CONFIG : EX_UNAVAILABLE, "dns: %s", err.text);
	arena_init(&arena, 16384, SPF_ARENA_BYTES);
	lookup_init(&lookup, dns, clock_real.mono_ms(&clock_real) + conf->timeout_ms);
	spf = spf_new(&arena, request, NULL);
	while (spf != NULL && !spf_advance(spf, &lookup))
		lookup_wait(&lookup);
	if (spf != NULL)
		result_print(&ctl->out, spf_result(spf));
	lookup_fini(&lookup);
	arena_fini(&arena);
	dns_unbound_free(dns);
	return spf != NULL ? CTL_OK : ctl_fail(EX_UNAVAILABLE, "no memory");
}

int
spf_command(struct ctl *ctl)
{
	const struct conf *conf = ctl_conf(ctl);
	struct address sender = address_parse(slice_of(ctl->operand[1]));
	struct net_addr client;
	struct spf_request request = {
	    .client = &client,
	    .helo = slice_of(ctl->operand[2]),
	    .sender = &sender,
	    .now_s = clock_real.now_s(&clock_real),
	};
	struct dns_conf dns;

	if (conf == NULL)
		return EX_CONFIG;
	if (net_addr_parse(slice_of(ctl->operand[0]), &client) != 0)
		return ctl_fail(EX_USAGE,
		    "%s is no IP address; `gatepostctl help spf` says what it wants",
		    ctl->operand[0]);
	dns = *(const struct dns_conf *)settings_of(conf, &dns_section);
	if (ctl->args.value[ARG_RESOLVER] != NULL)
		dns.resolver = ctl->args.value[ARG_RESOLVER];
	return check(ctl, &dns, &request);
}
