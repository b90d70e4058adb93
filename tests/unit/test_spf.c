/*
 * test_spf.c - lib/auth/spf: results with their reasons, the limits on hostile zones, open records,
 * explanations, and asking by way of lookup.h.
 */
#include "auth/spf_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* ---- a zone ---- */

struct zone_row {
	const char *name;
	enum dns_type type;
	const char *data; /* NULL: temporary error */
};

struct zone {
	const struct zone_row *rows;
	size_t n;
	unsigned asked; /* by way of the port: distinct questions */
	unsigned waits;
	bool stalls; /* nothing is ever answered */
};

static const struct zone_row rows[] = {
    {"a.example", DNS_TXT, "v=spf1 ip4:192.0.2.0/24 -all"},
    {"mail.a.example", DNS_TXT, "v=spf1 a -all"},
    {"mail.a.example", DNS_A, "192.0.2.1"},
    {"inc.example", DNS_TXT, "v=spf1 include:a.example ~all"},
    {"redir.example", DNS_TXT, "v=spf1 redirect=a.example"},
    {"temp.example", DNS_TXT, NULL},
    {"a-temp.example", DNS_TXT, "v=spf1 a:t.example -all"},
    {"t.example", DNS_A, NULL},
    {"two.example", DNS_TXT, "v=spf1 -all"},
    {"two.example", DNS_TXT, "v=spf1 +all"},
    {"bad.example", DNS_TXT, "v=spf1 ip4:1.2.3 -all"},
    {"none.example", DNS_TXT, "hello"},
    {"fall.example", DNS_TXT, "v=spf1 ip4:203.0.113.1"},
    {"inc-none.example", DNS_TXT, "v=spf1 include:none.example -all"},
    {"mx.example", DNS_TXT, "v=spf1 mx -all"},
    {"mx.example", DNS_MX, "mail.a.example"},
    {"mx.example", DNS_MX, "t6.example"},
    {"t6.example", DNS_AAAA, "2001:db8::7"},
    {"ptr.example", DNS_TXT, "v=spf1 ptr -all"},
    {"1.2.0.192.in-addr.arpa", DNS_PTR, "client.ptr.example"},
    {"2.2.0.192.in-addr.arpa", DNS_PTR, "client.ptr.example"},
    {"client.ptr.example", DNS_A, "192.0.2.1"},
    {"mapped.example", DNS_TXT, "v=spf1 ip6:::ffff:192.0.2.1 -all"},
    {"mx-void.example", DNS_TXT, "v=spf1 mx -all"},
    {"mx-void.example", DNS_MX, "v1.example"},
    {"mx-void.example", DNS_MX, "v2.example"},
    {"mx-void.example", DNS_MX, "v3.example"},
    {"mx-void.example", DNS_MX, "v4.example"},
    {"mx-void.example", DNS_MX, "v5.example"},
    /* explanations */
    {"exp.example", DNS_TXT, "v=spf1 -all exp=why.exp.example"},
    {"why.exp.example", DNS_TXT, "%{i} may not send for %{o}: see http://exp.example/%{S}"},
    {"exp-8bit.example", DNS_TXT, "v=spf1 -all exp=8bit.example"},
    {"8bit.example", DNS_TXT, "na\xc3\xafve"},
    {"exp-crlf.example", DNS_TXT, "v=spf1 -all exp=crlf.example"},
    {"crlf.example", DNS_TXT, "one\r\n250 two"},
    {"exp-local.example", DNS_TXT, "v=spf1 -all exp=local.example"},
    {"local.example", DNS_TXT, "no %{l}"},
    {"exp-long.example", DNS_TXT, "v=spf1 -all exp=long.example"},
    {"long.example", DNS_TXT, "%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}"},
    {"exp-two.example", DNS_TXT, "v=spf1 -all exp=two.example"},
    {"exp-soft.example", DNS_TXT, "v=spf1 ~all exp=why.exp.example"},
    /* open records */
    {"open-all.example", DNS_TXT, "v=spf1 +all"},
    {"open-late.example", DNS_TXT, "v=spf1 ip4:192.0.2.1 ?all"},
    {"open-halves.example", DNS_TXT, "v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"},
    {"open-inc.example", DNS_TXT, "v=spf1 include:open-all.example -all"},
    {"open-redir.example", DNS_TXT, "v=spf1 redirect=open-halves.example"},
    {"open-after.example", DNS_TXT, "v=spf1 include:a.example all"},
    {"open-a.example", DNS_TXT, "v=spf1 a/0 -all"},
    {"open-a.example", DNS_A, "192.0.2.200"},
    {"open-exists.example", DNS_TXT, "v=spf1 exists:mail.a.example -all"},
    {"open-six.example", DNS_TXT, "v=spf1 ip6:2000::/3 -all"},
    {"closed-exists.example", DNS_TXT, "v=spf1 exists:%{i}.ok.example -all"},
    {"192.0.2.1.ok.example", DNS_A, "127.0.0.2"},
    {"closed-wide.example", DNS_TXT, "v=spf1 ip4:192.0.0.0/8 mx a/16 -all"},
    {"closed-six.example", DNS_TXT, "v=spf1 ip6:2001:db8::/32 -all"},
    {"open-unknown.example", DNS_TXT, "v=spf1 include:a.example include:unknown.example +all"},
    /* limits */
    {"voids2.example", DNS_TXT, "v=spf1 a:v1.example a:v2.example ip4:192.0.2.1 -all"},
    {"voids3.example", DNS_TXT, "v=spf1 a:v1.example a:v2.example mx:v3.example ip4:192.0.2.1"},
    {"voids9.example", DNS_TXT,
	"v=spf1 exists:v1.example exists:v2.example exists:v3.example exists:v4.example "
	"exists:v5.example exists:v6.example exists:v7.example exists:v8.example ip4:192.0.2.1"},
    {"self.example", DNS_TXT, "v=spf1 include:self.example -all"},
    {"circle.example", DNS_TXT, "v=spf1 redirect=circle.example"},
    {"ahead.example", DNS_TXT, "v=spf1 a:w1.example a:w2.example a:w3.example a:w4.example -all"},
    {"w1.example", DNS_A, "203.0.113.1"},
    {"w2.example", DNS_A, "203.0.113.2"},
    {"w3.example", DNS_A, "203.0.113.3"},
    {"w4.example", DNS_A, "192.0.2.1"},
};

/* The data of a record on the wire. */
static struct slice
rdata_make(struct arena *a, const struct zone_row *row)
{
	char bytes[1024];
	struct buf out = BUF_OVER(bytes);
	struct slice text = slice_of(row->data);
	struct net_addr addr;

	if (row->type == DNS_A || row->type == DNS_AAAA) {
		assert_int_equal(net_addr_parse(text, &addr), 0);
		buf_add(&out, slice_make((const char *)addr.bytes, row->type == DNS_A ? 4 : 16));
	} else if (row->type == DNS_TXT) {
		for (; text.n > 0; text = slice_from(text, 200)) {
			buf_add_char(&out, (char)(text.n < 200 ? text.n : 200));
			buf_add(&out, slice_head(text, 200));
		}
	} else {
		if (row->type == DNS_MX)
			buf_add(&out, slice_make("\0\12", 2));
		assert_int_equal(dns_name_to_wire(text, &out), 0);
	}
	assert_false(out.over);
	return arena_copy(a, buf_slice(&out));
}

static const struct dns_answer *
zone_answer(const struct zone *zone, struct arena *a, struct slice name, enum dns_type type)
{
	struct dns_answer *answer = arena_alloc(a, sizeof(*answer));
	struct slice *records = arena_alloc(a, DNS_RECORDS_MAX * sizeof(*records));

	assert_non_null(records);
	*answer = (struct dns_answer){.status = DNS_NXDOMAIN, .rdata = records};
	for (size_t i = 0; i < zone->n; i++) {
		const struct zone_row *row = &zone->rows[i];

		if (!slice_eq(name, slice_of(row->name)))
			continue;
		if (answer->status == DNS_NXDOMAIN)
			answer->status = DNS_NODATA;
		if (row->type != type)
			continue;
		answer->status = row->data == NULL ? DNS_TEMPERROR : DNS_FOUND;
		if (row->data != NULL)
			records[answer->n++] = rdata_make(a, row);
	}
	return answer;
}

/* ---- checks ---- */

struct check {
	struct arena arena;
	struct spf_request request;
	struct net_addr client;
	struct address sender;
};

static struct spf *
check_begin(
    struct check *c, const char *client, const char *sender, const struct spf_limits *limits)
{
	struct spf *spf;

	arena_init(&c->arena, 65536, (size_t)1024 * 1024);
	assert_int_equal(net_addr_parse(slice_of(client), &c->client), 0);
	c->sender = address_parse(slice_of(sender));
	c->request = (struct spf_request){
	    .client = &c->client,
	    .helo = slice_of("mail.a.example"),
	    .sender = &c->sender,
	};
	spf = spf_new_with(&spf_engine_own, &c->arena, &c->request, limits);
	assert_non_null(spf);
	return spf;
}

static const struct zone zone_of_rows = {.rows = rows, .n = COUNT(rows)};

/* Feeds until it is finished; returns how many questions there were. */
static unsigned
check_feed(struct check *c, struct spf *spf, const struct zone *zone)
{
	struct spf_question question;
	unsigned n = 0;

	while (spf_next(spf, &question)) {
		assert_true(++n < 200);
		spf_feed(spf, zone_answer(zone, &c->arena, question.name, question.type));
	}
	return n;
}

struct row {
	const char *sender;
	const char *client;
	const char *want; /* code, identity, domain, mechanism, record */
};

static const struct row results[] = {
    {"u@a.example", "192.0.2.1", "pass mailfrom a.example ip4:192.0.2.0/24 a.example"},
    {"u@A.Example", "192.0.2.1", "pass mailfrom a.example ip4:192.0.2.0/24 a.example"},
    {"u@a.example", "203.0.113.1", "fail mailfrom a.example -all a.example"},
    {"", "192.0.2.1", "pass helo mail.a.example a mail.a.example"},
    {"u", "192.0.2.1", "pass helo mail.a.example a mail.a.example"},
    {"u@inc.example", "192.0.2.1", "pass mailfrom inc.example include:a.example inc.example"},
    {"u@inc.example", "203.0.113.1", "softfail mailfrom inc.example ~all inc.example"},
    {"u@redir.example", "192.0.2.1", "pass mailfrom redir.example ip4:192.0.2.0/24 a.example"},
    {"u@temp.example", "192.0.2.1", "temperror mailfrom temp.example  temp.example"},
    {"u@a-temp.example", "192.0.2.1", "temperror mailfrom a-temp.example  "},
    {"u@two.example", "192.0.2.1", "permerror mailfrom two.example  two.example"},
    {"u@bad.example", "192.0.2.1", "permerror mailfrom bad.example  bad.example"},
    {"u@none.example", "192.0.2.1", "none mailfrom none.example  none.example"},
    {"u@nx.example", "192.0.2.1", "none mailfrom nx.example  nx.example"},
    {"u@[192.0.2.1]", "192.0.2.1", "none mailfrom   "},
    {"u@localhost", "192.0.2.1", "none mailfrom   "},
    {"u@a b.example", "192.0.2.1", "none mailfrom   "},
    {"u@fall.example", "192.0.2.1", "neutral mailfrom fall.example  fall.example"},
    {"u@inc-none.example", "192.0.2.1", "permerror mailfrom inc-none.example  none.example"},
    {"u@mx.example", "192.0.2.1", "pass mailfrom mx.example mx mx.example"},
    {"u@mx.example", "2001:db8::7", "pass mailfrom mx.example mx mx.example"},
    {"u@mx.example", "::ffff:192.0.2.1", "pass mailfrom mx.example mx mx.example"},
    {"u@mapped.example", "192.0.2.1", "fail mailfrom mapped.example -all mapped.example"},
    {"u@ptr.example", "192.0.2.1", "pass mailfrom ptr.example ptr ptr.example"},
    {"u@ptr.example", "192.0.2.2", "fail mailfrom ptr.example -all ptr.example"},
};

static void
test_results(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(results); i++) {
		struct check c;
		struct spf *spf = check_begin(&c, results[i].client, results[i].sender, NULL);
		const struct spf_result *r = spf_result(spf);
		char text[400];
		struct buf got = BUF_OVER(text);

		print_message("%s from %s\n", results[i].sender, results[i].client);
		(void)check_feed(&c, spf, &zone_of_rows);
		buf_add_format(&got, "%s %s %.*s %.*s %.*s", spf_code_name(r->code),
		    r->identity == SPF_HELO ? "helo" : "mailfrom", SLICE_ARG(r->domain),
		    SLICE_ARG(r->mechanism), SLICE_ARG(r->record));
		assert_string_equal(buf_text(&got), results[i].want);
		assert_int_equal(r->problem.n > 0,
		    r->code == SPF_NONE || r->code == SPF_TEMPERROR || r->code == SPF_PERMERROR);
		assert_false(r->open);
		arena_fini(&c.arena);
	}
}

/* ---- open records ---- */

struct open_row {
	const char *sender;
	const char *client;
	bool want;
};

static const struct open_row open_rows[] = {
    {"u@open-all.example", "192.0.2.1", true},
    {"u@open-all.example", "2001:db8::1", true},
    {"u@open-halves.example", "192.0.2.1", true},
    {"u@open-inc.example", "192.0.2.1", true},
    {"u@open-redir.example", "192.0.2.1", true},
    {"u@open-after.example", "192.0.2.1", true},
    {"u@open-a.example", "192.0.2.1", true},
    {"u@open-exists.example", "192.0.2.1", true},
    {"u@open-six.example", "2001:db8::1", true},
    {"u@a.example", "192.0.2.1", false},
    {"u@open-late.example", "192.0.2.1", false},
    {"u@inc.example", "192.0.2.1", false},
    {"u@mx.example", "192.0.2.1", false},
    {"u@ptr.example", "192.0.2.1", false},
    {"u@closed-exists.example", "192.0.2.1", false},
    {"u@closed-wide.example", "192.0.2.1", false},
    {"u@closed-six.example", "2001:db8::1", false},
    {"u@open-unknown.example", "192.0.2.1", true},
};

/* The same number of questions, whether a record is open or not: the canary costs nothing. */
static void
test_open(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(open_rows); i++) {
		struct spf_limits limits = spf_limits_default;
		struct check c;
		struct spf *spf = check_begin(&c, open_rows[i].client, open_rows[i].sender, NULL);
		unsigned asked = check_feed(&c, spf, &zone_of_rows);

		print_message("%s from %s\n", open_rows[i].sender, open_rows[i].client);
		assert_int_equal(spf_result(spf)->code, SPF_PASS);
		assert_int_equal(spf_result(spf)->open, open_rows[i].want);
		arena_fini(&c.arena);
		limits.canaries[0].family = limits.canaries[1].family = NET_NONE;
		spf = check_begin(&c, open_rows[i].client, open_rows[i].sender, &limits);
		assert_int_equal(check_feed(&c, spf, &zone_of_rows), asked);
		assert_false(spf_result(spf)->open);
		arena_fini(&c.arena);
	}
}

/* ---- explanations ---- */

static const struct {
	const char *sender;
	const char *want;
} explanations[] = {
    {"u=x@exp.example", "192.0.2.1 may not send for exp.example: see "
			"http://exp.example/u%3Dx%40exp.example"},
    {"u@exp-8bit.example", ""},
    {"u@exp-crlf.example", ""},
    {"u@exp-local.example", "no u"},
    {"\xc3\xa4@exp-local.example", ""},
    {"u@exp-two.example", ""},
    {"u@exp-soft.example", ""},
};

static void
test_explanation(void **state)
{
	struct check c;
	struct spf *spf;

	(void)state;
	for (size_t i = 0; i < COUNT(explanations); i++) {
		print_message("%s\n", explanations[i].sender);
		spf = check_begin(&c, "192.0.2.1", explanations[i].sender, NULL);
		(void)check_feed(&c, spf, &zone_of_rows);
		assert_true(slice_eq(spf_result(spf)->explanation, slice_of(explanations[i].want)));
		arena_fini(&c.arena);
	}
	spf = check_begin(
	    &c, "192.0.2.1", "a-local-part-of-some-forty-bytes-or-so-here@exp-long.example", NULL);
	(void)check_feed(&c, spf, &zone_of_rows);
	assert_int_equal(spf_result(spf)->explanation.n, SPF_EXPLANATION_BYTES);
	arena_fini(&c.arena);
}

/* ---- limits ---- */

struct limit_row {
	const char *sender;
	enum spf_code code;
	unsigned lookups, voids;
	unsigned asked;
};

static const struct limit_row limit_rows[] = {
    {"u@voids2.example", SPF_PASS, 2, 2, 3},
    {"u@voids3.example", SPF_PERMERROR, 3, 2, 4},
    {"u@voids9.example", SPF_PERMERROR, 3, 2, 4},
    {"u@self.example", SPF_PERMERROR, 10, 0, 1},
    {"u@circle.example", SPF_PERMERROR, 10, 0, 1},
};

static void
test_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(limit_rows); i++) {
		const struct limit_row *row = &limit_rows[i];
		struct check c;
		struct spf *spf = check_begin(&c, "192.0.2.1", row->sender, NULL);

		print_message("%s\n", row->sender);
		assert_int_equal(check_feed(&c, spf, &zone_of_rows), row->asked);
		assert_int_equal(spf_result(spf)->code, row->code);
		assert_int_equal(spf_result(spf)->lookups, row->lookups);
		assert_int_equal(spf_result(spf)->voids, row->voids);
		arena_fini(&c.arena);
	}
}

#define WIDE 10
#define DEEP 5

/* 50 records, ten wide and five deep: without a common count that is 11,111 lookups. */
static size_t
hostile_make(struct zone_row v[WIDE * DEEP], char names[WIDE * DEEP][32], char records[DEEP][512])
{
	for (size_t depth = 0; depth < DEEP; depth++) {
		struct buf out;

		buf_init(&out, records[depth], sizeof(records[depth]));
		buf_add_text(&out, "v=spf1");
		for (size_t i = 0; depth + 1 < DEEP && i < WIDE; i++)
			buf_add_format(&out, " include:n%zu-%zu.example", depth + 1, i);
		buf_add_text(&out, " -all");
		(void)buf_text(&out);
		for (size_t i = 0; i < WIDE; i++) {
			char *name = names[depth * WIDE + i];

			(void)snprintf(name, 32, "n%zu-%zu.example", depth, i);
			v[depth * WIDE + i] = (struct zone_row){name, DNS_TXT, records[depth]};
		}
	}
	return WIDE * DEEP;
}

static void
test_hostile_includes(void **state)
{
	static struct zone_row v[WIDE * DEEP];
	static char names[WIDE * DEEP][32];
	static char records[DEEP][512];
	struct zone zone = {.rows = v, .n = hostile_make(v, names, records)};
	struct check c;
	struct spf *spf = check_begin(&c, "192.0.2.1", "u@n0-0.example", NULL);

	(void)state;
	assert_true(check_feed(&c, spf, &zone) <= 11);
	assert_int_equal(spf_result(spf)->code, SPF_PERMERROR);
	assert_int_equal(spf_result(spf)->lookups, 10);
	arena_fini(&c.arena);
}

/* A record as long as the limit is read, one longer is not. */
static void
test_record_length(void **state)
{
	char text[400];
	struct zone_row row = {"long.example", DNS_TXT, text};
	struct zone zone = {.rows = &row, .n = 1};
	struct spf_limits limits = spf_limits_default;

	(void)state;
	limits.record_bytes = 300;
	for (int more = 0; more < 2; more++) {
		struct check c;
		struct spf *spf = check_begin(&c, "192.0.2.1", "u@long.example", &limits);

		(void)snprintf(text, sizeof(text), "v=spf1%*s", 294 + more, "-all");
		(void)check_feed(&c, spf, &zone);
		assert_int_equal(spf_result(spf)->code, more == 0 ? SPF_FAIL : SPF_PERMERROR);
		arena_fini(&c.arena);
	}
}

/* Too many hosts of one mx are a permerror; too many questions in all are too. */
static void
test_many_hosts(void **state)
{
	static struct zone_row v[12];
	static char names[11][32];
	struct zone zone = {.rows = v, .n = 12};
	struct spf_limits limits = spf_limits_default;
	struct check c;
	struct spf *spf;

	(void)state;
	v[0] = (struct zone_row){"m.example", DNS_TXT, "v=spf1 mx -all"};
	for (size_t i = 0; i < 11; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "h%zu.example", i);
		v[i + 1] = (struct zone_row){"m.example", DNS_MX, names[i]};
	}
	spf = check_begin(&c, "192.0.2.1", "u@m.example", NULL);
	assert_int_equal(check_feed(&c, spf, &zone), 2);
	assert_int_equal(spf_result(spf)->code, SPF_PERMERROR);
	arena_fini(&c.arena);

	limits.names = 11;
	limits.voids = 100;
	limits.questions = 5;
	spf = check_begin(&c, "192.0.2.1", "u@m.example", &limits);
	assert_int_equal(check_feed(&c, spf, &zone), 5);
	assert_int_equal(spf_result(spf)->code, SPF_PERMERROR);
	arena_fini(&c.arena);
}

/* No memory is a temporary error, wherever it is missed. */
static void
test_small_arena(void **state)
{
	(void)state;
	for (size_t bytes = 256; bytes < 8192; bytes += 64) {
		struct net_addr client = {NET_IPV4, {192, 0, 2, 1}};
		struct address sender = address_parse(slice_of("u@mx.example"));
		struct spf_request request = {.client = &client, .sender = &sender};
		struct spf_question question;
		struct arena small, answers;
		struct spf *spf;

		arena_init(&small, 256, bytes);
		arena_init(&answers, 65536, (size_t)1024 * 1024);
		spf = spf_new_with(&spf_engine_own, &small, &request, NULL);
		while (spf != NULL && spf_next(spf, &question))
			spf_feed(spf,
			    zone_answer(&zone_of_rows, &answers, question.name, question.type));
		if (spf != NULL)
			assert_true(spf_result(spf)->code == SPF_TEMPERROR ||
				    spf_result(spf)->code == SPF_PASS);
		arena_fini(&answers);
		arena_fini(&small);
	}
}

/* ---- by way of lookup.h ---- */

/* A port that answers all that was asked at the next wait. */
struct port {
	struct dns dns;
	struct zone zone;
	struct arena arena;
};

struct dns_batch {
	size_t n, known;
	char names[DNS_BATCH_MAX][DNS_NAME_MAX_BYTES + 1];
	enum dns_type types[DNS_BATCH_MAX];
	const struct dns_answer *answers[DNS_BATCH_MAX];
};

static struct port *
port_of(struct dns *dns)
{
	return (struct port *)(void *)dns;
}

static struct dns_batch *
port_begin(struct dns *dns)
{
	return arena_alloc(&port_of(dns)->arena, sizeof(struct dns_batch));
}

static int
port_ask(struct dns *dns, struct dns_batch *batch, struct slice name, enum dns_type type)
{
	for (size_t i = 0; i < batch->n; i++) {
		if (batch->types[i] == type && slice_eq(slice_of(batch->names[i]), name))
			return (int)i;
	}
	assert_true(batch->n < DNS_BATCH_MAX && name.n <= DNS_NAME_MAX_BYTES);
	memcpy(batch->names[batch->n], name.p, name.n);
	batch->types[batch->n] = type;
	port_of(dns)->zone.asked++;
	return (int)batch->n++;
}

static bool
port_wait(struct dns *dns, struct dns_batch *batch, int64_t until_ms)
{
	struct port *port = port_of(dns);
	bool fresh = batch->known < batch->n && !port->zone.stalls;

	(void)until_ms;
	port->zone.waits++;
	for (; fresh && batch->known < batch->n; batch->known++)
		batch->answers[batch->known] = zone_answer(&port->zone, &port->arena,
		    slice_of(batch->names[batch->known]), batch->types[batch->known]);
	return fresh;
}

static const struct dns_answer *
port_answer(struct dns *dns, struct dns_batch *batch, int index)
{
	static const struct dns_answer pending = {.status = DNS_PENDING};

	(void)dns;
	return batch->answers[index] == NULL ? &pending : batch->answers[index];
}

static void
port_end(struct dns *dns, struct dns_batch *batch)
{
	(void)dns;
	(void)batch;
}

static void
port_init(struct port *port, const struct zone *zone)
{
	port->dns = (struct dns){port_begin, port_ask, port_wait, port_answer, port_end};
	port->zone = *zone;
	arena_init(&port->arena, 65536, (size_t)4 * 1024 * 1024);
}

/* Checks the sender by way of the port; the result's code. */
static enum spf_code
port_check(struct port *port, const char *sender)
{
	struct check c;
	struct spf *spf = check_begin(&c, "192.0.2.1", sender, NULL);
	struct lookup lookup;
	enum spf_code code;

	lookup_init(&lookup, &port->dns, 0);
	while (!spf_advance(spf, &lookup))
		lookup_wait(&lookup);
	code = spf_result(spf)->code;
	lookup_fini(&lookup);
	arena_fini(&c.arena);
	arena_fini(&port->arena);
	return code;
}

struct advance_row {
	const char *sender;
	enum spf_code code;
	unsigned asked; /* in all */
	unsigned waits;
};

static const struct advance_row advance_rows[] = {
    {"u@a.example", SPF_PASS, 1, 1}, {"u@inc.example", SPF_PASS, 2, 2},
    {"u@ahead.example", SPF_PASS, 5, 3},       /* three at a time: they might all be void */
    {"u@voids9.example", SPF_PERMERROR, 4, 2}, /* … and then no more are asked */
    {"u@open-after.example", SPF_PASS, 2, 2}, {"u@mx-void.example", SPF_PERMERROR, 5, 3},
    {"u@mx.example", SPF_PASS, 4, 3}, /* both hosts at once */
};

static void
test_advance(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(advance_rows); i++) {
		struct port port;

		print_message("%s\n", advance_rows[i].sender);
		port_init(&port, &zone_of_rows);
		assert_int_equal(port_check(&port, advance_rows[i].sender), advance_rows[i].code);
		assert_int_equal(port.zone.asked, advance_rows[i].asked);
		assert_int_equal(port.zone.waits, advance_rows[i].waits);
	}
}

static void
test_advance_hostile(void **state)
{
	static struct zone_row v[WIDE * DEEP];
	static char names[WIDE * DEEP][32];
	static char records[DEEP][512];
	struct zone zone = {.rows = v, .n = hostile_make(v, names, records)};
	struct port port;

	(void)state;
	port_init(&port, &zone);
	assert_int_equal(port_check(&port, "u@n0-0.example"), SPF_PERMERROR);
	assert_true(port.zone.asked <= 11);
}

/* At the deadline it is a temporary error. */
static void
test_advance_deadline(void **state)
{
	struct port port;

	(void)state;
	port_init(&port, &zone_of_rows);
	port.zone.stalls = true;
	assert_int_equal(port_check(&port, "u@a.example"), SPF_TEMPERROR);
	assert_int_equal(port.zone.waits, 1);
}

/* Without an address there is nothing to check, and nothing to ask. */
static void
test_no_client(void **state)
{
	struct net_addr client = {.family = NET_NONE};
	struct spf_request request = {.client = &client, .helo = slice_of("mail.a.example")};
	struct spf_question question;
	struct arena arena;
	struct spf *spf;

	(void)state;
	arena_init(&arena, 4096, 65536);
	spf = spf_new(&arena, &request, NULL);
	assert_false(spf_next(spf, &question));
	assert_int_equal(spf_result(spf)->code, SPF_NONE);
	assert_int_equal(spf_result(spf)->identity, SPF_HELO);
	arena_fini(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_results),
	    cmocka_unit_test(test_open),
	    cmocka_unit_test(test_explanation),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_hostile_includes),
	    cmocka_unit_test(test_record_length),
	    cmocka_unit_test(test_many_hosts),
	    cmocka_unit_test(test_small_arena),
	    cmocka_unit_test(test_advance),
	    cmocka_unit_test(test_advance_hostile),
	    cmocka_unit_test(test_advance_deadline),
	    cmocka_unit_test(test_no_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
