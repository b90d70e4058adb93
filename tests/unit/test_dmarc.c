/*
 * test_dmarc.c - lib/auth/dmarc with dmarc_walk and dmarc_align: RFC 9989's rules, each in a small
 * zone.
 */
#include "auth/dmarc.h"

#include "auth/dmarc_walk.h"
#include "unit/zone_dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libpsl.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define ROWS_MAX     8
#define DKIM_MAX     4

#define RECORD(domain, text)                                                                       \
	{                                                                                          \
		"_dmarc." domain, DNS_TXT, "v=DMARC1;" text                                        \
	}
#define TXT(name, text)                                                                            \
	{                                                                                          \
		(name), DNS_TXT, (text)                                                            \
	}
#define SERVFAIL(name)                                                                             \
	{                                                                                          \
		(name), 0, NULL                                                                    \
	}

struct row {
	const char *name;
	struct zone_row zone[ROWS_MAX];
	const char *from[3];
	const char *spf, *spf_result; /* domain and result; the result is "pass" unless given */
	const char *dkim[DKIM_MAX];   /* a domain, or "result domain" */
	/* of the decisive author: "result reason tag=policy>disposition record org spf dkim" */
	const char *want;
};

static const struct row rows[] = {
    /* no policy */
    {"no record anywhere", {SERVFAIL("x")}, {"example.com"}, "example.com", NULL, {NULL},
	"none no-record - example.com"},
    {"no author domain", {SERVFAIL("x")}, {"[192.0.2.1]"}, NULL, NULL, {NULL},
	"permerror no-domain - -"},
    {"several records are none",
	{RECORD("example.com", "p=reject"), RECORD("example.com", "p=none")}, {"example.com"}, NULL,
	NULL, {NULL}, "none no-record - example.com"},
    {"the same record twice is two",
	{RECORD("example.com", "p=reject"), RECORD("example.com", "p=reject")}, {"example.com"},
	NULL, NULL, {NULL}, "none no-record - example.com"},
    {"several at the author: the walk goes on",
	{RECORD("mail.example.com", "p=reject"), RECORD("mail.example.com", "p=quarantine"),
	    RECORD("example.com", "p=none;sp=quarantine")},
	{"mail.example.com"}, NULL, NULL, {NULL},
	"fail unaligned sp=quarantine>quarantine example.com example.com"},
    {"other TXT records do not count",
	{TXT("_dmarc.example.com", "v=spf1 -all"), RECORD("example.com", "p=reject"),
	    TXT("_dmarc.example.com", "v=dmarc1; p=none")},
	{"example.com"}, NULL, NULL, {NULL},
	"fail unaligned p=reject>reject example.com example.com"},
    {"other TXT records only, at the author",
	{TXT("_dmarc.mail.example.com", "hello"), RECORD("example.com", "p=quarantine")},
	{"mail.example.com"}, NULL, NULL, {"example.com"},
	"pass aligned p=quarantine>none example.com example.com dkim=example.com"},
    {"a record in two strings", {RECORD("example.com", " p=re|ject")}, {"example.com"}, NULL, NULL,
	{NULL}, "fail unaligned p=reject>reject example.com example.com"},
    {"no p, but rua", {RECORD("example.com", "rua=mailto:d@example.com")}, {"example.com"}, NULL,
	NULL, {NULL}, "fail unaligned p=none>none example.com example.com"},
    {"no p, no rua: no processing, and no walk further up",
	{RECORD("mail.example.com", "adkim=s"), RECORD("example.com", "p=reject")},
	{"mail.example.com"}, NULL, NULL, {NULL}, "none bad-record mail.example.com example.com"},
    {"invalid sp with rua is p=none",
	{RECORD("example.com", "p=reject;sp=x;rua=mailto:d@example.com")}, {"sub.example.com"},
	NULL, NULL, {NULL}, "fail unaligned p=none>none example.com example.com"},
    {"pct=0 is not looked at", {RECORD("example.com", "p=reject; pct=0")}, {"example.com"}, NULL,
	NULL, {NULL}, "fail unaligned p=reject>reject example.com example.com"},
    /* alignment */
    {"spf, the same domain", {RECORD("example.com", "p=reject")}, {"Example.COM."}, "EXAMPLE.com.",
	NULL, {NULL}, "pass aligned p=reject>none example.com example.com spf=EXAMPLE.com."},
    {"spf that failed", {RECORD("example.com", "p=reject")}, {"example.com"}, "example.com",
	"softfail", {NULL}, "fail unaligned p=reject>reject example.com example.com"},
    {"spf of a subdomain, relaxed", {RECORD("example.com", "p=reject")}, {"example.com"},
	"bounce.example.com", NULL, {NULL},
	"pass aligned p=reject>none example.com example.com spf=bounce.example.com"},
    {"spf of a subdomain, strict", {RECORD("example.com", "p=reject;aspf=s")}, {"example.com"},
	"bounce.example.com", NULL, {NULL},
	"fail unaligned p=reject>reject example.com example.com"},
    {"strict spf leaves dkim relaxed", {RECORD("example.com", "p=reject;aspf=s")}, {"example.com"},
	"bounce.example.com", NULL, {"mail.example.com"},
	"pass aligned p=reject>none example.com example.com dkim=mail.example.com"},
    {"strict dkim", {RECORD("example.com", "p=reject;adkim=s")}, {"mail.example.com"}, NULL, NULL,
	{"example.com"}, "fail unaligned p=reject>reject example.com example.com"},
    {"strict, the same", {RECORD("example.com", "p=reject;adkim=s;aspf=s")}, {"mail.example.com"},
	"mail.example.com", NULL, {"mail.example.com"},
	"pass aligned p=reject>none example.com example.com spf=mail.example.com "
	"dkim=mail.example.com"},
    {"two subdomains of one organisation", {RECORD("example.com", "p=reject")}, {"a.example.com"},
	NULL, NULL, {"b.example.com"},
	"pass aligned p=reject>none example.com example.com dkim=b.example.com"},
    {"the second signature counts", {RECORD("example.com", "p=reject")}, {"example.com"},
	"esp.example.net", NULL, {"esp.example.net", "fail example.com", "example.com"},
	"pass aligned p=reject>none example.com example.com dkim=example.com"},
    {"others' domains", {RECORD("example.com", "p=quarantine")}, {"example.com"}, "evil.example",
	NULL, {"badexample.com", "com", "example.com.evil.example"},
	"fail unaligned p=quarantine>quarantine example.com example.com"},
    {"no names", {RECORD("example.com", "p=reject")}, {"example.com"}, "", NULL,
	{"", "..", "example.com\\", "[example.com]"},
	"fail unaligned p=reject>reject example.com example.com"},
    {"U-labels are A-labels", {RECORD("xn--bcher-kva.example", "p=reject")},
	{"B\xc3\xbc"
	 "cher.example"},
	NULL, NULL, {"xn--bcher-kva.example"},
	"pass aligned p=reject>none xn--bcher-kva.example xn--bcher-kva.example "
	"dkim=xn--bcher-kva.example"},
    /* tree walk: policy and organisation */
    {"the record of fewest labels, not the one between",
	{RECORD("b.example.com", "p=none"), RECORD("example.com", "p=reject")}, {"a.b.example.com"},
	NULL, NULL, {NULL}, "fail unaligned p=reject>reject example.com example.com"},
    {"the author's own before all",
	{RECORD("a.b.example.com", "p=none"), RECORD("example.com", "p=reject")},
	{"a.b.example.com"}, NULL, NULL, {NULL},
	"fail unaligned p=none>none a.b.example.com example.com"},
    {"psd=n between", {RECORD("b.example.com", "p=reject;psd=n"), RECORD("example.com", "p=none")},
	{"a.b.example.com"}, NULL, NULL, {"example.com"},
	"fail unaligned p=reject>reject b.example.com b.example.com"},
    {"psd=n at the author keeps the parent off",
	{RECORD("mail.example.com", "p=reject;psd=n"), RECORD("example.com", "p=reject")},
	{"mail.example.com"}, NULL, NULL, {"example.com"},
	"fail unaligned p=reject>reject mail.example.com mail.example.com"},
    {"psd=n at a signer",
	{RECORD("example.com", "p=reject"), RECORD("sub.example.com", "p=none;psd=n")},
	{"example.com"}, NULL, NULL, {"sub.example.com"},
	"fail unaligned p=reject>reject example.com example.com"},
    {"psd=u is nothing",
	{RECORD("mail.example.com", "p=reject;psd=u"), RECORD("example.com", "p=none")},
	{"mail.example.com"}, NULL, NULL, {"example.com"},
	"pass aligned p=reject>none mail.example.com example.com dkim=example.com"},
    {"psd=n among several is discarded with them",
	{RECORD("b.example.com", "p=reject;psd=n"), RECORD("b.example.com", "p=none"),
	    RECORD("example.com", "p=quarantine")},
	{"a.b.example.com"}, NULL, NULL, {NULL},
	"fail unaligned p=quarantine>quarantine example.com example.com"},
    {"no record above: an organisation of its own", {RECORD("mail.example.com", "p=reject")},
	{"mail.example.com"}, "bounce.example.com", NULL, {"example.com"},
	"fail unaligned p=reject>reject mail.example.com mail.example.com"},
    {"psd=y: the organisation is one label below",
	{RECORD("bank.example", "p=reject;psd=y"), RECORD("giant.bank.example", "p=quarantine")},
	{"giant.bank.example"}, "mail.giant.bank.example", NULL, {"mail.mega.bank.example"},
	"pass aligned p=quarantine>none giant.bank.example giant.bank.example "
	"spf=mail.giant.bank.example"},
    {"psd=y does not outdo the organisation's own",
	{RECORD("example", "p=reject;psd=y"), RECORD("foo.example", "p=none")}, {"foo.example"},
	NULL, NULL, {NULL}, "fail unaligned p=none>none foo.example foo.example"},
    {"psd=y, and the organisation's own for a subdomain",
	{RECORD("example", "p=reject;psd=y"), RECORD("foo.example", "p=none;sp=quarantine")},
	{"sub.foo.example"}, NULL, NULL, {NULL},
	"fail unaligned sp=quarantine>quarantine foo.example foo.example"},
    {"psd=y, and a record that is not the organisation's",
	{RECORD("example", "p=reject;psd=y"), RECORD("b.foo.example", "p=none")},
	{"a.b.foo.example"}, NULL, NULL, {NULL},
	"fail unaligned p=reject>reject example foo.example"},
    {"psd=y applies, with sp, where the organisation has none",
	{RECORD("bank.example", "p=reject;sp=quarantine;psd=y")}, {"mail.giant.bank.example"}, NULL,
	NULL, {NULL}, "fail unaligned sp=quarantine>quarantine bank.example giant.bank.example"},
    {"psd=y, aligned below it", {RECORD("bank.example", "p=reject;psd=y")},
	{"mail.giant.bank.example"}, NULL, NULL, {"giant.bank.example"},
	"pass aligned p=reject>none bank.example giant.bank.example dkim=giant.bank.example"},
    {"two registrants below one psd=y", {RECORD("bank.example", "p=reject;psd=y")},
	{"giant.bank.example"}, "bank.example", NULL, {"mega.bank.example"},
	"fail unaligned p=reject>reject bank.example giant.bank.example"},
    {"psd=y as the author is its own organisation",
	{RECORD("bank.example", "p=reject;sp=none;psd=y")}, {"bank.example"}, "mail.bank.example",
	NULL, {NULL}, "fail unaligned p=reject>reject bank.example bank.example"},
    {"deep names", {RECORD("example.com", "p=none"), RECORD("s.example.com", "p=none")},
	{"a.b.c.d.e.f.g.h.i.j.k.example.com"}, "example.com", NULL, {"s.example.com"},
	"pass aligned p=none>none example.com example.com spf=example.com dkim=s.example.com"},
    /* sp, np, t */
    {"sp for a subdomain", {RECORD("example.com", "p=reject;sp=none")}, {"sub.example.com"}, NULL,
	NULL, {NULL}, "fail unaligned sp=none>none example.com example.com"},
    {"sp not for the domain itself", {RECORD("example.com", "p=reject;sp=none")}, {"example.com"},
	NULL, NULL, {NULL}, "fail unaligned p=reject>reject example.com example.com"},
    {"np for what does not exist", {RECORD("example.com", "p=reject;sp=none;np=quarantine")},
	{"sub.example.com"}, NULL, NULL, {NULL},
	"fail unaligned np=quarantine>quarantine example.com example.com"},
    {"sp for what does",
	{RECORD("example.com", "p=reject;sp=none;np=quarantine"), {"sub.example.com", DNS_MX, ""}},
	{"sub.example.com"}, NULL, NULL, {NULL},
	"fail unaligned sp=none>none example.com example.com"},
    {"p for what does, without sp",
	{RECORD("example.com", "p=quarantine;np=reject"), {"sub.example.com", DNS_A, ""}},
	{"sub.example.com"}, NULL, NULL, {NULL},
	"fail unaligned p=quarantine>quarantine example.com example.com"},
    {"a name with names below it exists",
	{RECORD("example.com", "p=none;np=reject"), {"www.sub.example.com", DNS_A, ""}},
	{"sub.example.com"}, NULL, NULL, {NULL},
	"fail unaligned p=none>none example.com example.com"},
    {"np not for the domain itself", {RECORD("example.com", "p=none;np=reject")}, {"example.com"},
	NULL, NULL, {NULL}, "fail unaligned p=none>none example.com example.com"},
    {"np of a public suffix", {RECORD("gov.example", "p=none;np=reject;psd=y")},
	{"fake.gov.example"}, NULL, NULL, {NULL},
	"fail unaligned np=reject>reject gov.example fake.gov.example"},
    {"existence unknown", {RECORD("example.com", "p=none;np=reject"), SERVFAIL("sub.example.com")},
	{"sub.example.com"}, NULL, NULL, {NULL},
	"temperror existence p=none>none example.com example.com"},
    {"existence known by one of three",
	{RECORD("example.com", "p=none;np=reject"), {"sub.example.com", DNS_A, NULL},
	    {"sub.example.com", DNS_MX, ""}},
	{"sub.example.com"}, NULL, NULL, {NULL},
	"fail unaligned p=none>none example.com example.com"},
    {"existence does not matter to a pass",
	{RECORD("example.com", "p=none;np=reject"), SERVFAIL("sub.example.com")},
	{"sub.example.com"}, NULL, NULL, {"example.com"},
	"pass aligned p=none>none example.com example.com dkim=example.com"},
    {"t=y lowers reject", {RECORD("example.com", "p=reject;t=y")}, {"example.com"}, NULL, NULL,
	{NULL}, "fail testing p=reject>quarantine example.com example.com"},
    {"t=y lowers quarantine, of sp too", {RECORD("example.com", "p=reject;sp=quarantine;t=y")},
	{"sub.example.com"}, NULL, NULL, {NULL},
	"fail testing sp=quarantine>none example.com example.com"},
    {"t=y leaves none", {RECORD("example.com", "p=none;t=y")}, {"example.com"}, NULL, NULL, {NULL},
	"fail testing p=none>none example.com example.com"},
    /* temporary errors */
    {"the policy cannot be found out", {SERVFAIL("_dmarc.example.com"), RECORD("com", "p=reject")},
	{"mail.example.com"}, NULL, NULL, {"mail.example.com"}, "temperror dns - -"},
    {"the author's own unknown", {SERVFAIL("_dmarc.example.com")}, {"example.com"}, NULL, NULL,
	{NULL}, "temperror dns - -"},
    {"above the author unknown, the same domain aligns",
	{RECORD("example.com", "p=reject"), SERVFAIL("_dmarc.com")}, {"example.com"}, NULL, NULL,
	{"example.com"}, "pass aligned p=reject>none example.com - dkim=example.com"},
    {"above the author unknown, another might",
	{RECORD("example.com", "p=reject"), SERVFAIL("_dmarc.com")}, {"example.com"}, NULL, NULL,
	{"mail.example.com"}, "temperror identity p=reject>none example.com -"},
    {"above the author unknown, nothing could",
	{RECORD("example.com", "p=reject"), SERVFAIL("_dmarc.com")}, {"example.com"},
	"evil.example", NULL, {"evil.example"}, "fail unaligned p=reject>reject example.com -"},
    {"a signer's walk fails", {RECORD("example.com", "p=reject"), SERVFAIL("_dmarc.m.example.com")},
	{"example.com"}, NULL, NULL, {"m.example.com"},
	"temperror identity p=reject>none example.com example.com"},
    {"a signer's walk fails, strict: no matter",
	{RECORD("example.com", "p=reject;adkim=s"), SERVFAIL("_dmarc.m.example.com")},
	{"example.com"}, NULL, NULL, {"m.example.com"},
	"fail unaligned p=reject>reject example.com example.com"},
    {"a signer's walk fails, another aligns",
	{RECORD("example.com", "p=reject"), SERVFAIL("_dmarc.m.example.com")}, {"example.com"},
	"b.example.com", NULL, {"m.example.com"},
	"pass aligned p=reject>none example.com example.com spf=b.example.com"},
    {"spf temperror that could have aligned", {RECORD("example.com", "p=reject")}, {"example.com"},
	"b.example.com", "temperror", {NULL},
	"temperror identity p=reject>none example.com example.com"},
    {"dkim temperror that could have aligned", {RECORD("example.com", "p=reject")}, {"example.com"},
	NULL, NULL, {"temperror example.com"},
	"temperror identity p=reject>none example.com example.com"},
    {"dkim temperror beside a pass", {RECORD("example.com", "p=reject")}, {"example.com"}, NULL,
	NULL, {"temperror example.com", "example.com"},
	"pass aligned p=reject>none example.com example.com dkim=example.com"},
    {"a stranger's temperror is no way out", {RECORD("example.com", "p=reject")}, {"example.com"},
	"evil.example", "temperror", {"temperror evil.example"},
	"fail unaligned p=reject>reject example.com example.com"},
    /* several authors */
    {"the strictest counts, whatever the order",
	{RECORD("example.com", "p=reject"), RECORD("example.net", "p=none")},
	{"example.net", "example.com"}, "example.net", NULL, {"example.net"},
	"fail unaligned p=reject>reject example.com example.com"},
    {"reject before quarantine",
	{RECORD("example.com", "p=quarantine"), RECORD("example.net", "p=reject")},
	{"example.com", "example.net"}, NULL, NULL, {NULL},
	"fail unaligned p=reject>reject example.net example.net"},
    {"a policy before a temporary error",
	{RECORD("example.com", "p=quarantine"), SERVFAIL("_dmarc.example.net")},
	{"example.net", "example.com"}, NULL, NULL, {NULL},
	"fail unaligned p=quarantine>quarantine example.com example.com"},
    {"a temporary error before a failure that asks for nothing",
	{RECORD("example.com", "p=none"), SERVFAIL("_dmarc.example.net")},
	{"example.com", "example.net"}, NULL, NULL, {NULL}, "temperror dns - -"},
    {"a failure that asks for nothing before a pass",
	{RECORD("example.com", "p=none"), RECORD("example.net", "p=none")},
	{"example.com", "example.net"}, NULL, NULL, {"example.com"},
	"fail unaligned p=none>none example.net example.net"},
    {"no policy before a pass", {RECORD("example.com", "p=reject")}, {"example.com", "example.net"},
	NULL, NULL, {"example.com"}, "none no-record - example.net"},
    {"no name before a pass", {RECORD("example.com", "p=reject")}, {"example.com", "a..b"}, NULL,
	NULL, {"example.com"}, "permerror no-domain - -"},
    {"both pass", {RECORD("example.com", "p=reject"), RECORD("example.net", "p=reject")},
	{"example.com", "example.net", "EXAMPLE.com"}, NULL, NULL, {"example.net", "example.com"},
	"pass aligned p=reject>none example.com example.com dkim=example.com"},
};

static const char *
text_or_dash(struct slice s, char *out, size_t bytes)
{
	snprintf(out, bytes, "%.*s", SLICE_ARG(s));
	return s.n > 0 ? out : "-";
}

static void
describe(const struct dmarc_author *a, struct buf *out)
{
	char one[300], other[300];

	buf_add_format(out, "%s %s", dmarc_result_name(a->result), a->reason);
	if (a->published != DMARC_POLICY_ABSENT)
		buf_add_format(out, " %s=%s>%s", dmarc_tag_name(a->tag),
		    dmarc_policy_name(a->published), dmarc_policy_name(a->disposition));
	buf_add_format(out, " %s %s", text_or_dash(a->record_domain, one, sizeof(one)),
	    text_or_dash(a->org, other, sizeof(other)));
	if (a->spf != NULL)
		buf_add_format(out, " spf=%.*s", SLICE_ARG(a->spf->domain));
	if (a->dkim != NULL)
		buf_add_format(out, " dkim=%.*s", SLICE_ARG(a->dkim->domain));
}

static size_t
identities(const struct row *row, struct dmarc_identity *spf, struct dmarc_identity *dkim)
{
	static const char *const results[] = {"temperror", "fail"};
	size_t n = 0;

	*spf = (struct dmarc_identity){slice_of(row->spf), row->spf_result};
	if (row->spf != NULL && row->spf_result == NULL)
		spf->result = "pass";
	for (; n < DKIM_MAX && row->dkim[n] != NULL; n++) {
		struct slice domain = slice_of(row->dkim[n]);
		size_t blank = slice_find(domain, ' ');

		dkim[n] = (struct dmarc_identity){domain, "pass"};
		if (blank == domain.n)
			continue;
		dkim[n].domain = slice_from(domain, blank + 1);
		dkim[n].result = results[domain.p[0] == 'f'];
	}
	return n;
}

/* Runs to the end; returns how often advance was called. */
static unsigned
run(struct dmarc *d, struct lookup *lookup)
{
	unsigned calls = 1;

	while (!dmarc_advance(d, lookup)) {
		assert_in_range(calls, 1, 5);
		calls++;
		lookup_wait(lookup);
	}
	return calls;
}

static void
test_rules(void **state)
{
	static struct dmarc d;
	struct dmarc_identity spf, dkim[DKIM_MAX];
	struct lookup lookup;
	char storage[1000];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct zone_dns *zone = zone_new(rows[i].zone, ROWS_MAX);
		struct buf got = BUF_OVER(storage);
		size_t n = identities(&rows[i], &spf, dkim);

		print_message("  %s\n", rows[i].name);
		lookup_init(&lookup, &zone->port, 0);
		dmarc_init(&d, spf, dkim, n);
		for (size_t j = 0; j < 3 && rows[i].from[j] != NULL; j++)
			dmarc_add_author(&d, slice_of(rows[i].from[j]));
		run(&d, &lookup);
		describe(dmarc_decisive(&d), &got);
		assert_string_equal(buf_text(&got), rows[i].want);
		assert_int_equal(d.multi_from, rows[i].from[1] != NULL);
		lookup_fini(&lookup);
		free(zone);
	}
}

static const struct {
	const char *name;
	struct zone_row zone[2];
	const char *from, *signer;
	const char *want; /* the names asked for, in order, with their types unless TXT */
} walks[] = {
    {"each label once", {SERVFAIL("x")}, "a.example.com", NULL,
	"_dmarc.a.example.com _dmarc.example.com _dmarc.com"},
    {"a top-level domain", {SERVFAIL("x")}, "com", NULL, "_dmarc.com"},
    {"seven labels", {SERVFAIL("x")}, "a.b.c.d.e.f.g", NULL,
	"_dmarc.a.b.c.d.e.f.g _dmarc.b.c.d.e.f.g _dmarc.c.d.e.f.g _dmarc.d.e.f.g _dmarc.e.f.g "
	"_dmarc.f.g _dmarc.g"},
    {"eight labels: one less", {SERVFAIL("x")}, "a.b.c.d.e.f.g.h", NULL,
	"_dmarc.a.b.c.d.e.f.g.h _dmarc.b.c.d.e.f.g.h _dmarc.c.d.e.f.g.h _dmarc.d.e.f.g.h "
	"_dmarc.e.f.g.h _dmarc.f.g.h _dmarc.g.h _dmarc.h"},
    {"nine labels: seven next", {SERVFAIL("x")}, "x.a.b.c.d.e.f.g.h", NULL,
	"_dmarc.x.a.b.c.d.e.f.g.h _dmarc.b.c.d.e.f.g.h _dmarc.c.d.e.f.g.h _dmarc.d.e.f.g.h "
	"_dmarc.e.f.g.h _dmarc.f.g.h _dmarc.g.h _dmarc.h"},
    {"thirteen", {SERVFAIL("x")}, "a.b.c.d.e.f.g.h.i.j.k.example.com", NULL,
	"_dmarc.a.b.c.d.e.f.g.h.i.j.k.example.com _dmarc.g.h.i.j.k.example.com "
	"_dmarc.h.i.j.k.example.com _dmarc.i.j.k.example.com _dmarc.j.k.example.com "
	"_dmarc.k.example.com _dmarc.example.com _dmarc.com"},
    {"a signer's walk asks for what is new", {RECORD("example.com", "p=reject")}, "example.com",
	"s.example.com", "_dmarc.example.com _dmarc.com _dmarc.s.example.com"},
    {"the organisation itself needs no walk", {RECORD("example.com", "p=reject")}, "a.example.com",
	"example.com", "_dmarc.a.example.com _dmarc.example.com _dmarc.com"},
    {"nor do strangers", {RECORD("example.com", "p=reject")}, "example.com", "a.example.net",
	"_dmarc.example.com _dmarc.com"},
    {"existence is asked for np only", {RECORD("example.com", "p=reject;sp=none")}, "s.example.com",
	NULL, "_dmarc.s.example.com _dmarc.example.com _dmarc.com"},
    {"existence is asked for a np that differs", {RECORD("example.com", "p=reject;np=none")},
	"s.example.com", NULL,
	"_dmarc.s.example.com _dmarc.example.com _dmarc.com s.example.com/1 s.example.com/28 "
	"s.example.com/15"},
    {"and for no other", {RECORD("example.com", "p=reject;np=reject")}, "s.example.com", NULL,
	"_dmarc.s.example.com _dmarc.example.com _dmarc.com"},
};

static void
test_questions(void **state)
{
	static struct dmarc d;
	struct lookup lookup;
	char storage[2000];

	(void)state;
	for (size_t i = 0; i < COUNT(walks); i++) {
		struct zone_dns *zone = zone_new(walks[i].zone, COUNT(walks[i].zone));
		struct buf got = BUF_OVER(storage);
		struct dmarc_identity signer = {slice_of(walks[i].signer), "pass"};

		print_message("  %s\n", walks[i].name);
		lookup_init(&lookup, &zone->port, 0);
		dmarc_init(&d, (struct dmarc_identity){.result = NULL}, &signer, 1);
		dmarc_add_author(&d, slice_of(walks[i].from));
		run(&d, &lookup);
		for (size_t j = 0; j < zone->batch.n; j++) {
			buf_add_format(&got, j == 0 ? "%s" : " %s", zone->batch.v[j].name);
			if (zone->batch.v[j].type != DNS_TXT)
				buf_add_format(&got, "/%d", zone->batch.v[j].type);
		}
		assert_string_equal(buf_text(&got), walks[i].want);
		lookup_fini(&lookup);
		free(zone);
	}
}

/* The author's walk is one round of questions, whatever its length; the rest one each. */
static void
test_rounds(void **state)
{
	static const struct zone_row rows_here[] = {RECORD("example.com", "p=reject;np=none")};
	static struct dmarc d;
	struct dmarc_identity signer = {slice_of("s.example.com"), "fail"};
	struct zone_dns *zone = zone_new(rows_here, 1);
	struct lookup lookup;

	(void)state;
	lookup_init(&lookup, &zone->port, 0);
	dmarc_init(&d, (struct dmarc_identity){.result = NULL}, &signer, 1);
	dmarc_add_author(&d, slice_of("a.b.c.example.com"));
	assert_int_equal(run(&d, &lookup), 3);
	assert_true(dmarc_advance(&d, &lookup));
	lookup_fini(&lookup);
	free(zone);

	zone = zone_new(rows_here, 1);
	lookup_init(&lookup, &zone->port, 0);
	dmarc_init(&d, (struct dmarc_identity){.result = NULL}, &signer, 1);
	dmarc_add_author(&d, slice_of("example.com"));
	dmarc_ask(&d, &lookup);
	lookup_wait(&lookup);
	assert_int_equal(run(&d, &lookup), 1);
	lookup_fini(&lookup);
	free(zone);
}

/* A deadline in the middle is a temporary error. */
static void
test_deadline(void **state)
{
	static const struct zone_row rows_here[] = {RECORD("example.com", "p=reject")};
	static struct dmarc d;
	struct zone_dns *zone = zone_new(rows_here, 1);
	struct lookup lookup;

	(void)state;
	lookup_init(&lookup, &zone->port, 0);
	dmarc_init(&d, (struct dmarc_identity){.result = NULL}, NULL, 0);
	dmarc_add_author(&d, slice_of("example.com"));
	assert_false(dmarc_advance(&d, &lookup));
	lookup.over = true;
	assert_true(dmarc_advance(&d, &lookup));
	assert_int_equal(dmarc_decisive(&d)->result, DMARC_TEMPERROR);
	assert_int_equal(dmarc_decisive(&d)->disposition, DMARC_POLICY_NONE);
	lookup_fini(&lookup);
	free(zone);
}

static void
test_many_authors(void **state)
{
	static const struct zone_row rows_here[] = {
	    RECORD("d3.example", "p=reject"), RECORD("d1.example", "p=none")};
	static struct dmarc d;
	struct zone_dns *zone = zone_new(rows_here, COUNT(rows_here));
	struct lookup lookup;
	char domain[32];

	(void)state;
	lookup_init(&lookup, &zone->port, 0);
	dmarc_init(&d, (struct dmarc_identity){.result = NULL}, NULL, 0);
	assert_null(dmarc_decisive(&d));
	for (int i = 0; i < 50; i++) {
		snprintf(domain, sizeof(domain), "d%d.example", i);
		dmarc_add_author(&d, slice_of(domain));
	}
	assert_int_equal(d.nauthors, DMARC_AUTHORS_MAX + 1);
	run(&d, &lookup);
	assert_int_equal(dmarc_decisive(&d)->disposition, DMARC_POLICY_REJECT);
	assert_int_equal(d.authors[DMARC_AUTHORS_MAX].result, DMARC_PERMERROR);
	assert_true(d.multi_from);
	lookup_fini(&lookup);
	free(zone);
}

/* A hundred signatures do not make more questions than a few. */
static void
test_many_signatures(void **state)
{
	static const struct zone_row rows_here[] = {RECORD("example.com", "p=reject;psd=n")};
	static struct dmarc d;
	static char domains[100][40];
	struct dmarc_identity dkim[100];
	struct zone_dns *zone = zone_new(rows_here, 1);
	struct lookup lookup;

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(domains[i], sizeof(domains[i]), "s%d.b.c.d.e.f.example.com", i);
		dkim[i] = (struct dmarc_identity){slice_of(domains[i]), "pass"};
	}
	lookup_init(&lookup, &zone->port, 0);
	dmarc_init(&d, (struct dmarc_identity){.result = NULL}, dkim, 100);
	dmarc_add_author(&d, slice_of("example.com"));
	run(&d, &lookup);
	assert_int_equal(dmarc_decisive(&d)->result, DMARC_PASS);
	assert_int_equal(zone->batch.n, 2 + DMARC_WALKS_MAX + 5);
	lookup_fini(&lookup);
	free(zone);
}

/* RFC 7489's alignment, when it is wanted: {name, record, spf of example.co.uk aligns}. */
static void
test_legacy(void **state)
{
	static const struct {
		struct zone_row zone;
		const char *spf;
		bool aligns;
	} cases[] = {
	    {RECORD("mail.example.co.uk", "p=reject"), "bounce.example.co.uk", true},
	    {RECORD("mail.example.co.uk", "p=reject"), "example.co.uk", true},
	    {RECORD("mail.example.co.uk", "p=reject"), "other.co.uk", false},
	    {RECORD("mail.example.co.uk", "p=reject;t=n"), "example.co.uk", false},
	    {RECORD("mail.example.co.uk", "p=reject;psd=n"), "example.co.uk", false},
	    {RECORD("mail.example.co.uk", "p=reject;aspf=s"), "example.co.uk", false},
	};
	static struct dmarc d;
	struct lookup lookup;

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(cases); i++) {
		const struct dmarc_identity spf = {slice_of(cases[i / 2].spf), "pass"};
		struct zone_dns *zone = zone_new(&cases[i / 2].zone, 1);
		bool want = i % 2 == 1 && cases[i / 2].aligns;

		lookup_init(&lookup, &zone->port, 0);
		dmarc_init(&d, spf, NULL, 0);
		d.list = i % 2 == 1 ? psl_builtin() : NULL;
		dmarc_add_author(&d, slice_of("mail.example.co.uk"));
		run(&d, &lookup);
		assert_int_equal(d.authors[0].result, want ? DMARC_PASS : DMARC_FAIL);
		assert_int_equal(d.authors[0].legacy, want);
		lookup_fini(&lookup);
		free(zone);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rules),
	    cmocka_unit_test(test_questions),
	    cmocka_unit_test(test_rounds),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_many_authors),
	    cmocka_unit_test(test_many_signatures),
	    cmocka_unit_test(test_legacy),
	};

	return cmocka_run_group_tests_name("dmarc", tests, NULL, NULL);
}
