/*
 * test_rdns.c - lib/policy/rdns.
 */
#include "policy/rdns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array)  (sizeof(array) / sizeof(*(array)))
#define RECORDS_MAX   16
#define QUESTIONS_MAX 32
#define NEVER         1000

/* ---- a DNS of a few lines ---- */

/* What is said about a name, after so many waits. FOUND with empty data: NODATA. */
struct record {
	const char *name;
	enum dns_type type;
	enum dns_status status;
	const char *data; /* words: names or addresses; "!" is rdata that is no name */
	int after;
};

struct question {
	char name[DNS_NAME_MAX_BYTES + 1];
	enum dns_type type;
	struct dns_answer answer;
	struct slice rdata[DNS_RECORDS_MAX];
	char bytes[DNS_RECORDS_MAX * 40];
};

struct dns_batch {
	const struct record *records;
	struct question questions[QUESTIONS_MAX];
	int n;
	int waits;
	int waits_max;
};

static struct dns_batch fake_batch;

static struct dns_batch *
fake_begin(struct dns *dns)
{
	(void)dns;
	return &fake_batch;
}

static void
rdata_add(struct buf *out, enum dns_type type, struct slice word)
{
	struct net_addr addr;

	if (slice_eq(word, slice_of("!"))) {
		buf_add_text(out, "\xff\xff");
	} else if (type == DNS_PTR) {
		assert_int_equal(dns_name_to_wire(word, out), 0);
	} else {
		assert_int_equal(net_addr_parse(word, &addr), 0);
		buf_add(
		    out, slice_make((const char *)addr.bytes, net_family_bits(addr.family) / 8));
	}
	assert_false(out->over);
}

static void
answer_make(struct question *q, const struct record *record)
{
	struct buf out = BUF_OVER(q->bytes);
	struct slice rest = slice_of(record->data);

	q->answer = (struct dns_answer){.status = record->status, .rdata = q->rdata};
	while (rest.n > 0) {
		size_t word = slice_find(rest, ' ');
		size_t from = out.n;

		rdata_add(&out, record->type, slice_head(rest, word));
		q->rdata[q->answer.n++] = slice_make(out.p + from, out.n - from);
		rest = slice_from(rest, word + 1);
	}
}

static const struct record *
record_find(const struct dns_batch *batch, const struct question *q)
{
	for (const struct record *r = batch->records; r->name != NULL; r++) {
		if (r->type == q->type && strcmp(r->name, q->name) == 0)
			return r;
	}
	return NULL;
}

static int
fake_ask(struct dns *dns, struct dns_batch *batch, struct slice name, enum dns_type type)
{
	struct question *q = &batch->questions[batch->n];
	struct buf text = BUF_OVER(q->name);

	(void)dns;
	if (dns_name_normalise(name, &text) != 0)
		return DNS_ASK_NO_NAME;
	(void)buf_text(&text);
	for (int i = 0; i < batch->n; i++) {
		if (batch->questions[i].type == type &&
		    strcmp(batch->questions[i].name, q->name) == 0)
			return i;
	}
	assert_true(batch->n < QUESTIONS_MAX - 1);
	q->type = type;
	q->answer = (struct dns_answer){.status = DNS_NXDOMAIN};
	return batch->n++;
}

static const struct dns_answer *
fake_answer(struct dns *dns, struct dns_batch *batch, int index)
{
	struct question *q = &batch->questions[index];
	const struct record *record = record_find(batch, q);

	(void)dns;
	if (record != NULL && batch->waits < record->after)
		q->answer.status = DNS_PENDING;
	else if (record != NULL)
		answer_make(q, record);
	return &q->answer;
}

static bool
fake_wait(struct dns *dns, struct dns_batch *batch, int64_t until_ms)
{
	(void)dns;
	(void)until_ms;
	return ++batch->waits < batch->waits_max;
}

static void
fake_end(struct dns *dns, struct dns_batch *batch)
{
	(void)dns;
	(void)batch;
}

static struct dns fake = {fake_begin, fake_ask, fake_wait, fake_answer, fake_end};

/* ---- the cases ---- */

#define V4     "203.0.113.77"
#define V4_PTR "77.113.0.203.in-addr.arpa"
#define V6     "2001:db8::5"
#define V6_PTR "5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"

#define PTR(names)           V4_PTR, DNS_PTR, DNS_FOUND, names, 0
#define A(name, data)        name, DNS_A, DNS_FOUND, data, 0
#define FAIL(name, status)   name, DNS_A, status, "", 0
#define LATE(name, data, by) name, DNS_A, DNS_FOUND, data, by

static const struct {
	const char *name;
	const char *client;
	struct record records[RECORDS_MAX];
	enum rdns_outcome outcome;
	const char *confirmed;
	int questions;
	int waits;
} rows[] = {
    {"pass", V4, {{PTR("mx.example.com")}, {A("mx.example.com", V4)}}, RDNS_PASS, "mx.example.com",
	2, 0},
    {"lower case", V4, {{PTR("MX.Example.COM")}, {A("mx.example.com", V4)}}, RDNS_PASS,
	"mx.example.com", 2, 0},
    {"one of several addresses", V4,
	{{PTR("mx.example.com")}, {A("mx.example.com", "192.0.2.1 203.0.113.77 192.0.2.2")}},
	RDNS_PASS, "mx.example.com", 2, 0},
    {"mismatch", V4, {{PTR("mx.example.com")}, {A("mx.example.com", "192.0.2.1")}}, RDNS_MISMATCH,
	"", 2, 0},
    {"rdata of another size", V4, {{PTR("mx.example.com")}, {A("mx.example.com", "!")}},
	RDNS_MISMATCH, "", 2, 0},
    {"no name", V4, {{NULL}}, RDNS_NO_PTR, "", 1, 0},
    {"no PTR", V4, {{V4_PTR, DNS_PTR, DNS_NODATA, "", 0}}, RDNS_NO_PTR, "", 1, 0},
    {"found nothing", V4, {{PTR("")}}, RDNS_NO_PTR, "", 1, 0},
    {"PTR fails", V4, {{V4_PTR, DNS_PTR, DNS_TEMPERROR, "", 0}}, RDNS_TEMPERROR, "", 1, 0},
    {"forward NXDOMAIN", V4, {{PTR("mx.example.com")}}, RDNS_FORWARD_FAILED, "", 2, 0},
    {"forward NODATA", V4, {{PTR("mx.example.com")}, {FAIL("mx.example.com", DNS_NODATA)}},
	RDNS_FORWARD_FAILED, "", 2, 0},
    {"forward fails", V4, {{PTR("mx.example.com")}, {FAIL("mx.example.com", DNS_TEMPERROR)}},
	RDNS_TEMPERROR, "", 2, 0},
    {"PTR is no name", V4, {{PTR("!")}}, RDNS_FORWARD_FAILED, "", 1, 0},
    {"PTR is the root", V4, {{PTR(".")}}, RDNS_FORWARD_FAILED, "", 2, 0},
    {"one of two names", V4,
	{{PTR("a.example.com b.example.com")}, {A("a.example.com", "192.0.2.1")},
	    {A("b.example.com", V4)}},
	RDNS_PASS, "b.example.com", 3, 0},
    {"the first of two confirmed", V4,
	{{PTR("b.example.com a.example.com")}, {A("a.example.com", V4)}, {A("b.example.com", V4)}},
	RDNS_PASS, "a.example.com", 3, 0},
    {"rather a host than a line", V4,
	{{PTR("dsl-77.example.com mx.example.com static-7.example.com")},
	    {A("dsl-77.example.com", V4)}, {A("mx.example.com", V4)},
	    {A("static-7.example.com", V4)}},
	RDNS_PASS, "mx.example.com", 4, 0},
    {"rather static than dynamic", V4,
	{{PTR("dsl-77.example.com mx.example.com static-7.example.com")},
	    {A("dsl-77.example.com", V4)}, {A("static-7.example.com", V4)}},
	RDNS_PASS, "static-7.example.com", 4, 0},
    {"a line is confirmed, too", V4,
	{{PTR("dsl-77.example.com mx.example.com")}, {A("dsl-77.example.com", V4)}}, RDNS_PASS,
	"dsl-77.example.com", 3, 0},
    {"temporary beside mismatch", V4,
	{{PTR("a.example.com b.example.com")}, {A("a.example.com", "192.0.2.1")},
	    {FAIL("b.example.com", DNS_TEMPERROR)}},
	RDNS_TEMPERROR, "", 3, 0},
    {"temporary beside nothing", V4,
	{{PTR("a.example.com b.example.com")}, {FAIL("a.example.com", DNS_TEMPERROR)}},
	RDNS_TEMPERROR, "", 3, 0},
    {"pass beside temporary", V4,
	{{PTR("a.example.com b.example.com")}, {FAIL("a.example.com", DNS_TEMPERROR)},
	    {A("b.example.com", V4)}},
	RDNS_PASS, "b.example.com", 3, 0},
    {"mismatch beside nothing", V4,
	{{PTR("a.example.com b.example.com")}, {A("a.example.com", "192.0.2.1")}}, RDNS_MISMATCH,
	"", 3, 0},
    {"the same name twice", V4, {{PTR("mx.example.com MX.example.com")}, {A("mx.example.com", V4)}},
	RDNS_PASS, "mx.example.com", 2, 0},
    {"ten names", V4, {{PTR("l.x k.x j.x i.x h.x g.x f.x e.x d.x c.x b.x a.x")}, {A("j.x", V4)}},
	RDNS_PASS, "j.x", 11, 0},
    {"the eleventh is not asked for", V4,
	{{PTR("l.x k.x j.x i.x h.x g.x f.x e.x d.x c.x b.x a.x")}, {A("k.x", V4)}},
	RDNS_FORWARD_FAILED, "", 11, 0},
    {"the eleventh, in another order", V4,
	{{PTR("a.x b.x c.x d.x e.x f.x g.x h.x i.x j.x k.x l.x")}, {A("k.x", V4)}},
	RDNS_FORWARD_FAILED, "", 11, 0},
    {"late PTR", V4,
	{{V4_PTR, DNS_PTR, DNS_FOUND, "mx.example.com", 2}, {LATE("mx.example.com", V4, 4)}},
	RDNS_PASS, "mx.example.com", 2, 4},
    {"a later name is not waited for", V4,
	{{PTR("a.example.com b.example.com")}, {A("a.example.com", V4)},
	    {LATE("b.example.com", V4, NEVER)}},
	RDNS_PASS, "a.example.com", 3, 0},
    {"a better name is waited for", V4,
	{{PTR("dsl-77.example.com mx.example.com")}, {A("dsl-77.example.com", V4)},
	    {LATE("mx.example.com", V4, 3)}},
	RDNS_PASS, "mx.example.com", 3, 3},
    {"but not beyond the deadline", V4,
	{{PTR("dsl-77.example.com mx.example.com")}, {A("dsl-77.example.com", V4)},
	    {LATE("mx.example.com", V4, NEVER)}},
	RDNS_PASS, "dsl-77.example.com", 3, 9},
    {"deadline for PTR", V4, {{V4_PTR, DNS_PTR, DNS_FOUND, "mx.example.com", NEVER}},
	RDNS_TEMPERROR, "", 1, 9},
    {"deadline for the way back", V4,
	{{PTR("mx.example.com")}, {LATE("mx.example.com", V4, NEVER)}}, RDNS_TEMPERROR, "", 2, 9},
    {"IPv6", V6,
	{{V6_PTR, DNS_PTR, DNS_FOUND, "mx.example.com", 0},
	    {"mx.example.com", DNS_AAAA, DNS_FOUND, "2001:db8::4 " V6, 0}},
	RDNS_PASS, "mx.example.com", 2, 0},
    {"IPv6, mismatch", V6,
	{{V6_PTR, DNS_PTR, DNS_FOUND, "mx.example.com", 0},
	    {"mx.example.com", DNS_AAAA, DNS_FOUND, "2001:db8::4", 0}},
	RDNS_MISMATCH, "", 2, 0},
    {"IPv6 asks for no A", V6,
	{{V6_PTR, DNS_PTR, DNS_FOUND, "mx.example.com", 0}, {A("mx.example.com", V4)}},
	RDNS_FORWARD_FAILED, "", 2, 0},
    {"mapped IPv4", "::ffff:203.0.113.77", {{PTR("mx.example.com")}, {A("mx.example.com", V4)}},
	RDNS_PASS, "mx.example.com", 2, 0},
};

static int
advance_to_end(struct rdns *r, struct lookup *lookup)
{
	int waits = 0;

	while (!rdns_advance(r, lookup)) {
		assert_int_equal(r->outcome, RDNS_NONE);
		assert_false(lookup->over);
		lookup_wait(lookup);
		waits++;
	}
	return waits;
}

static void
test_outcomes(void **state)
{
	static struct rdns r;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct lookup lookup;
		struct net_addr client;
		int waits;

		memset(&r, 'x', sizeof(r));
		fake_batch = (struct dns_batch){.records = rows[i].records, .waits_max = 9};
		assert_int_equal(net_addr_parse(slice_of(rows[i].client), &client), 0);
		lookup_init(&lookup, &fake, 0);
		rdns_init(&r, &client);
		waits = advance_to_end(&r, &lookup);
		if (r.outcome != rows[i].outcome || waits != rows[i].waits ||
		    fake_batch.n != rows[i].questions ||
		    !slice_eq(rdns_name(&r), slice_of(rows[i].confirmed)))
			fail_msg("%s: %s, name \"%.*s\", %d questions, %d waits", rows[i].name,
			    rdns_outcome_name(r.outcome), SLICE_ARG(rdns_name(&r)), fake_batch.n,
			    waits);
		/* finished stays finished, and asks nothing more */
		assert_true(rdns_advance(&r, &lookup));
		assert_int_equal(fake_batch.n, rows[i].questions);
		lookup_fini(&lookup);
	}
}

static void
test_no_client(void **state)
{
	struct net_addr client = {.family = NET_NONE};
	struct lookup lookup = {.over = true};
	struct rdns r;

	(void)state;
	rdns_init(&r, &client);
	assert_true(rdns_advance(&r, &lookup));
	assert_int_equal(r.outcome, RDNS_NONE);
	assert_int_equal(rdns_name(&r).n, 0);
}

/* No memory for a batch: not known, and no more. */
static void
test_no_batch(void **state)
{
	struct net_addr client;
	struct lookup lookup = {.batch = NULL};
	struct rdns r;

	(void)state;
	assert_int_equal(net_addr_parse(slice_of(V4), &client), 0);
	rdns_init(&r, &client);
	assert_true(rdns_advance(&r, &lookup));
	assert_int_equal(r.outcome, RDNS_TEMPERROR);
}

static void
test_words(void **state)
{
	static const struct {
		enum rdns_outcome outcome;
		const char *name, *iprev;
		bool words;
	} want[] = {
	    {RDNS_NONE, "none", NULL, false},
	    {RDNS_PASS, "pass", "pass", false},
	    {RDNS_MISMATCH, "mismatch", "fail", true},
	    {RDNS_NO_PTR, "no_ptr", "permerror", true},
	    {RDNS_FORWARD_FAILED, "forward_failed", "fail", true},
	    {RDNS_TEMPERROR, "temperror", "temperror", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(want); i++) {
		assert_string_equal(rdns_outcome_name(want[i].outcome), want[i].name);
		if (want[i].iprev == NULL)
			assert_null(rdns_iprev(want[i].outcome));
		else
			assert_string_equal(rdns_iprev(want[i].outcome), want[i].iprev);
		assert_int_equal(rdns_words(want[i].outcome) != NULL, want[i].words);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_outcomes),
	    cmocka_unit_test(test_no_client),
	    cmocka_unit_test(test_no_batch),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("rdns", tests, NULL, NULL);
}
