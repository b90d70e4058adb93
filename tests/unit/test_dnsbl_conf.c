/*
 * test_dnsbl_conf.c - milter/dnsbl_conf: the section `dnsbl`, and findings from results.
 */
#include "dnsbl_conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct conf_section *const sections[] = {&dnsbl_section};

static struct conf *
parse(const char *text, struct err *err)
{
	return conf_parse(sections, 1, slice_of(text), "milter.conf", NULL, err);
}

static void
test_section(void **state)
{
	static const struct {
		const char *text;
		const char *error; /* NULL: right */
	} rows[] = {
	    {"", NULL},
	    {"dnsbl { lists = {} }", NULL},
	    {"dnsbl { lists = { \"zen.example=127.0.0.[2..4;9]*20 block\", bl.example } }", NULL},
	    {"dnsbl { lists = { @spamhaus-zen, @dnswl }\n domain_lists = { @spamhaus-dbl } }",
		NULL},
	    {"dnsbl { lists = { 'zen.example=127.0.0' } }",
		"zen.example=127.0.0: the filter must be four numbers"},
	    {"dnsbl { domain_lists = { @spamcop } }", "it belongs into lists"},
	    {"dnsbl { allow_floor = 1 }", "allow_floor"},
	    {"dnsbl { breaker = 101 }", "breaker"},
	    {"dnsbl { canary_interval = 1s }", "canary_interval"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {ERR_NONE, ""};
		struct conf *conf = parse(rows[i].text, &err);

		if ((conf != NULL) != (rows[i].error == NULL) ||
		    (conf == NULL && strstr(err.text, rows[i].error) == NULL))
			fail_msg("%s: %s", rows[i].text, err.text);
		conf_free(conf);
	}
}

struct world {
	struct conf *conf;
	const struct dnsbl_conf *dnsbl;
	const struct dnsbl_table *table;
	struct arena arena;
	struct dnsbl_check *client, *names;
	struct findings findings;
};

static void
world_init(struct world *w, const char *text)
{
	const void *prepared;
	struct err err;

	w->conf = parse(text, &err);
	if (w->conf == NULL)
		fail_msg("%s", err.text);
	w->dnsbl = conf_section(w->conf, 0);
	arena_init(&w->arena, 16384, 256 * 1024);
	assert_int_equal(dnsbl_prepare(w->dnsbl, &w->arena, &prepared, &err), 0);
	w->table = prepared;
	w->client = dnsbl_check_new(&w->arena, w->table, NULL, DNSBL_CLIENT);
	w->names = dnsbl_check_new(&w->arena, w->table, NULL, DNSBL_NAMES);
	w->findings.n = 0;
	w->findings.over = false;
}

static void
world_fini(struct world *w)
{
	arena_fini(&w->arena);
	conf_free(w->conf);
}

static void
listed(struct dnsbl_check *c, size_t zone, int weight, bool block)
{
	c->results[zone] = (struct dnsbl_result){
	    .status = DNSBL_LISTED, .weight = weight, .block = block, .codes = "127.0.0.2"};
}

static void
finding_is(const struct finding *f, enum finding_kind kind, int weight, const char *text)
{
	assert_int_equal(f->kind, kind);
	assert_string_equal(f->check, "dnsbl");
	assert_int_equal(f->weight, weight);
	assert_string_equal(f->text, text);
}

static void
test_findings(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "dnsbl { lists = { a.example, b.example, 'nick:k3y.c.example', "
		       "'w.example*-15', 'x.example*-15' }\n domain_lists = { d.example } }");
	assert_true(dnsbl_active(w.dnsbl));
	dnsbl_findings(w.dnsbl, w.client, w.names, &w.findings);
	dnsbl_findings(w.dnsbl, NULL, NULL, &w.findings);
	assert_int_equal(w.findings.n, 0);
	listed(w.client, 0, 10, false);
	listed(w.client, 2, 20, true);
	listed(w.client, 3, -15, false);
	listed(w.names, 5, 7, true);
	dnsbl_findings(w.dnsbl, w.client, w.names, &w.findings);
	assert_int_equal(w.findings.n, 5);
	finding_is(&w.findings.v[0], FINDING_SCORE, 10, "listed by a.example");
	assert_string_equal(w.findings.v[0].detail, "127.0.0.2");
	finding_is(
	    &w.findings.v[1], FINDING_BLOCK, 0, "Sending address not accepted, listed by nick");
	assert_string_equal(w.findings.v[1].xcode, "5.7.1");
	finding_is(&w.findings.v[2], FINDING_SCORE, 20, "listed by nick");
	finding_is(&w.findings.v[3], FINDING_SCORE, 7, "listed by d.example");
	finding_is(&w.findings.v[4], FINDING_SCORE, -15, "allowed by w.example");
	assert_int_equal(findings_score(&w.findings), 22);
	listed(w.client, 4, -15, false);
	w.client->results[2].status = DNSBL_SUSPENDED;
	w.findings.n = 0;
	dnsbl_findings(w.dnsbl, w.client, w.names, &w.findings);
	finding_is(
	    &w.findings.v[1], FINDING_BLOCK, 0, "Sending domain not accepted, listed by d.example");
	finding_is(&w.findings.v[3], FINDING_SCORE, -20, "allowed by w.example, x.example");
	world_fini(&w);
}

/* However many zones there are, few findings. */
static void
test_many(void **state)
{
	char text[2000];
	struct buf out = BUF_OVER(text);
	struct world w;

	(void)state;
	buf_add_text(&out, "dnsbl { lists = { ");
	for (int i = 0; i < 40; i++)
		buf_add_format(&out, "%szone%d.rather-long-name.example", i > 0 ? ", " : "", i);
	buf_add_text(&out, " } }");
	world_init(&w, buf_text(&out));
	for (size_t i = 0; i < 40; i++)
		listed(w.client, i, i < 30 ? 10 : -10, true);
	dnsbl_findings(w.dnsbl, w.client, w.names, &w.findings);
	assert_int_equal(w.findings.n, DNSBL_FINDINGS_MAX);
	assert_int_equal(findings_score(&w.findings), 300 - 20);
	assert_false(w.findings.over);
	world_fini(&w);
}

static void
test_limits(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "dnsbl { lists = { a.example, 'b.example share=90' }\n breaker = 70\n "
		       "canary_interval = 10m }");
	assert_int_equal(dnsbl_limits_of(w.dnsbl, &w.table->zones[0]).share, 70);
	assert_int_equal(dnsbl_limits_of(w.dnsbl, &w.table->zones[1]).share, 90);
	assert_int_equal(dnsbl_limits_of(w.dnsbl, &w.table->zones[1]).interval_ms, 600000);
	world_fini(&w);
	world_init(&w, "dnsbl { lists = { 'b.example share=90' }\n breaker = 0 }");
	assert_int_equal(dnsbl_limits_of(w.dnsbl, &w.table->zones[0]).share, 100);
	world_fini(&w);
}

static void
said(void *arg, const char *what)
{
	struct buf *out = arg;

	buf_add_text(out, what);
	buf_add_char(out, '\n');
}

static void
test_warnings(void **state)
{
	char text[500];
	struct buf out = BUF_OVER(text);
	struct world w;

	(void)state;
	world_init(&w, "dnsbl { lists = { zen.spamhaus.org, smtp.dnsbl.sorbs.net } }");
	dnsbl_warnings(w.table, said, &out);
	assert_string_equal(buf_text(&out),
	    "the DNS list smtp.dnsbl.sorbs.net is dead (June 2024: switched off)\n");
	world_fini(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_section),
	    cmocka_unit_test(test_findings),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_limits),
	    cmocka_unit_test(test_warnings),
	};

	return cmocka_run_group_tests_name("dnsbl_conf", tests, NULL, NULL);
}
