/*
 * test_account.c - lib/policy/account.c, account_field.c, account_options.c.
 */
#include "policy/account_field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define FIELDS 8

struct fixture {
	struct arena arena;
	struct account base;
	struct account account;
	struct account_problems problems;
};

static struct fixture f;

static int
setup(void **state)
{
	(void)state;
	arena_init(&f.arena, 4096, ACCOUNT_ARENA_BYTES);
	f.base = (struct account){.name = NULL};
	return option_defaults(account_section.options, &f.base, &f.arena) != 0 ||
	       account_ready(&f.base, &f.arena) != 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_fini(&f.arena);
	return 0;
}

/* Builds an account from "name=value" texts; NULL ends them. */
static void
build(const char *const *texts)
{
	struct account_field fields[FIELDS];
	struct account_source source = {&f.base, slice_of("shop"), fields, 0};
	struct err err = {ERR_NONE, ""};

	for (; source.n < FIELDS && texts[source.n] != NULL; source.n++) {
		struct slice text = slice_of(texts[source.n]);
		size_t at = slice_find(text, '=');

		fields[source.n] = (struct account_field){
		    slice_head(text, at), slice_from(text, at + 1)};
	}
	f.problems = (struct account_problems){.n = 0};
	if (account_build(&f.account, &source, &f.arena, &f.problems, &err) != 0)
		fail_msg("%s: %s", texts[0], err.text);
}

static const char *
formatted(const char *name)
{
	static char storage[4096];
	struct buf out = BUF_OVER(storage);
	const struct option *row = account_row(slice_of(name));

	assert_non_null(row);
	account_field_format(row, &f.account, &out);
	return buf_text(&out);
}

static void
test_names(void **state)
{
	static const struct {
		const char *name;
		bool good;
	} rows[] = {{"shop", true}, {"a", true}, {"0", true}, {"shop.example-2_x", true},
	    {"abcdefghijklmnopqrstuvwxyz012345", true},
	    {"abcdefghijklmnopqrstuvwxyz0123456", false}, {"", false}, {"Shop", false},
	    {".shop", false}, {"-shop", false}, {"_", false}, {"a b", false}, {"a{b}", false},
	    {"a:b", false}, {"a,b", false}, {"\xc3\xa4", false}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {ERR_NONE, ""};

		if ((account_name_check(slice_of(rows[i].name), &err) == 0) != rows[i].good)
			fail_msg("%s: %s", rows[i].name, err.text);
	}
}

/* In tokens that are under way: it may never change. */
static void
test_ids(void **state)
{
	(void)state;
	assert_true(account_id(slice_of("shop")) == 0xdec733a1db3eULL);
	assert_true(account_id(slice_of("shop")) != account_id(slice_of("shoq")));
	assert_true(account_id(slice_of("shop")) >> ACCOUNT_ID_BITS == 0);
}

struct row {
	const char *fields[FIELDS]; /* "name=value" */
	const char *option;         /* one to be looked at … */
	const char *want;           /* … as formatted */
	const char *problems[3];    /* beginnings of "option: text" */
};

static void
rows_run(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct row *row = &rows[i];
		size_t want = 0;

		build(row->fields);
		if (strcmp(formatted(row->option), row->want) != 0)
			fail_msg("row %zu, %s: %s is %s", i, row->fields[0], row->option,
			    formatted(row->option));
		for (; want < COUNT(row->problems) && row->problems[want] != NULL; want++) {
			struct err got = {ERR_NONE, ""};

			if (want < f.problems.n)
				(void)err_set(&got, ERR_INVALID, "%s: %s",
				    f.problems.v[want].option, f.problems.v[want].text);
			if (!slice_starts(slice_of(got.text), slice_of(row->problems[want])))
				fail_msg("row %zu: problem %zu is %s", i, want, got.text);
		}
		if (f.problems.n != want)
			fail_msg("row %zu, %s: %zu problems, the last %s: %s", i, row->fields[0],
			    f.problems.n, f.problems.v[f.problems.n - 1].option,
			    f.problems.v[f.problems.n - 1].text);
	}
}

/* What is right is set, and formatted such that it can be read again. */
static void
test_good(void **state)
{
	static const struct row rows[] = {
	    {{"opens=on", "track_domain=t.shop.example"}, "opens", "yes", {0}},
	    {{"clicks=yes", "track_domain=t.shop.example:8443"}, "clicks", "yes", {0}},
	    {{"track_domain=127.0.0.1:8080"}, "track_domain", "127.0.0.1:8080", {0}},
	    {{"privacy=Pseudonymous"}, "privacy", "pseudonymous", {0}},
	    {{"pixel_at=top"}, "pixel_at", "top", {0}},
	    {{"track_scheme=http"}, "track_scheme", "http", {0}},
	    {{"mail_from=verp", "bounce_domain=b.shop.example"}, "mail_from", "verp", {0}},
	    {{"bounce_domain=b.shop.example"}, "mail_from", "verp", {0}},
	    {{"recipients=one"}, "recipients", "one", {0}},
	    {{"sender_header=on"}, "sender_header", "yes", {0}},
	    {{"sender=mail@shop.example"}, "sender", "mail@shop.example", {0}},
	    {{"list_unsubscribe=on", "bounce_domain=b.shop.example"}, "list_unsubscribe", "yes",
		{0}},
	    {{"feedback_id=on"}, "feedback_id", "yes", {0}},
	    {{"id_header=X-Shop-ID"}, "id_header", "X-Shop-ID", {0}},
	    {{"id_header=off"}, "id_header", "off", {0}},
	    {{"signed=strip"}, "signed", "strip", {0}},
	    {{"dkim=s2026:shop.example,ed:shop.example"}, "dkim",
		"s2026:shop.example,ed:shop.example", {0}},
	    {{"dkim= s.2026:shop.example ,, ed:xn--bcher-kva.example "}, "dkim",
		"s.2026:shop.example,ed:xn--bcher-kva.example", {0}},
	    {{"domainkeys=off"}, "domainkeys", "no", {0}},
	    {{"lane=bulk", "overflow=warm"}, "overflow", "warm", {0}},
	    {{"rate=200/s"}, "rate", "200/s", {0}},
	    {{"burst=5"}, "burst", "5", {0}},
	    {{"daily=100000"}, "daily", "100000", {0}},
	    {{"warmup=50 x2 10000 x1.3"}, "warmup", "50 x2 10000 x1.3", {0}},
	    {{"suppress=report"}, "suppress", "report", {0}},
	    {{"bounce_limit=7"}, "bounce_limit", "7", {0}},
	    {{"webhooks=https://a.example/x?y=1 http://b.example/"}, "webhooks",
		"https://a.example/x?y=1,http://b.example/", {0}},
	    {{"retention=720h"}, "retention", "30d", {0}},
	    {{"check_from=yes"}, "check_from", "yes", {0}},
	    {{"from=Ann@shop.example,shop.example"}, "from", "@shop.example,ann@shop.example", {0}},
	    {{"from="}, "from", "", {0}},
	    {{"match=ip:192.0.2.0/24 login:ann from:@shop.example"}, "match",
		"ip:192.0.2.0/24,login:ann,from:@shop.example", {0}},
	    {{"on_error=tempfail"}, "on_error", "tempfail", {0}},
	};

	(void)state;
	rows_run(rows, COUNT(rows));
}

static void
test_defaults(void **state)
{
	static const char *const rows[][2] = {{"opens", "no"}, {"clicks", "no"},
	    {"privacy", "identified"}, {"pixel_at", "bottom"}, {"track_domain", ""},
	    {"mail_from", "keep"}, {"recipients", "expand"}, {"id_header", "X-Gatepost-ID"},
	    {"signed", "keep"}, {"domainkeys", "yes"}, {"rate", "off"}, {"warmup", "off"},
	    {"suppress", "on"}, {"bounce_limit", "3"}, {"retention", "30d"}, {"check_from", "no"},
	    {"on_error", "accept"}};
	static const char *const none[] = {NULL};

	(void)state;
	build(none);
	assert_int_equal(f.problems.n, 0);
	assert_string_equal(f.account.name, "shop");
	assert_true(f.account.id == account_id(slice_of("shop")));
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (strcmp(formatted(rows[i][0]), rows[i][1]) != 0)
			fail_msg("%s is %s", rows[i][0], formatted(rows[i][0]));
	}
}

/* What is wrong disables its feature, and says so; the rest stands. */
static void
test_wrong(void **state)
{
	static const struct row rows[] = {
	    {{"opens=maybe", "track_domain=t.shop.example"}, "opens", "no",
		{"opens: maybe: write yes or no; taken as no"}},
	    {{"opens=", "track_domain=t.shop.example"}, "opens", "no", {"opens: "}},
	    {{"opens=on"}, "opens", "no", {"opens: it needs a track_domain; taken as off"}},
	    {{"clicks=on", "track_domain=nodot"}, "clicks", "no",
		{"track_domain: nodot: that is no host", "clicks: it needs a track_domain"}},
	    {{"track_domain=t.shop.example:"}, "track_domain", "", {"track_domain: "}},
	    {{"track_domain=t.shop.example:99999999"}, "track_domain", "", {"track_domain: "}},
	    {{"track_domain=t.shop.example/x"}, "track_domain", "", {"track_domain: "}},
	    {{"track_domain=http://t.shop.example"}, "track_domain", "", {"track_domain: "}},
	    {{"privacy=some"}, "privacy", "off",
		{"privacy: some: no such choice; write one of identified, "}},
	    {{"mail_from=verp"}, "mail_from", "keep", {"mail_from: verp needs a bounce_domain"}},
	    {{"mail_from=own", "bounce_domain=b.shop.example"}, "mail_from", "keep",
		{"mail_from: own: no such choice"}},
	    {{"bounce_domain=b..example"}, "bounce_domain", "", {"bounce_domain: "}},
	    {{"bounce_domain=-b.example"}, "bounce_domain", "", {"bounce_domain: "}},
	    {{"bounce_domain=b.example."}, "bounce_domain", "", {"bounce_domain: "}},
	    {{"bounce_domain=b\xc3\xbc.example"}, "bounce_domain", "", {"bounce_domain: "}},
	    {{"sender=Shop <mail@shop.example>"}, "sender", "", {"sender: "}},
	    {{"sender=mail"}, "sender", "", {"sender: "}},
	    {{"sender=<mail@shop.example>"}, "sender", "", {"sender: "}},
	    {{"list_unsubscribe=on"}, "list_unsubscribe", "no", {"list_unsubscribe: it needs"}},
	    {{"signed=yes"}, "signed", "keep", {"signed: "}},
	    {{"id_header=Subject"}, "id_header", "off", {"id_header: Subject: write a name"}},
	    {{"id_header=X-Gatepost-track"}, "id_header", "off", {"id_header: "}},
	    {{"id_header=X-A: b"}, "id_header", "off", {"id_header: "}},
	    {{"dkim=s2026,ed:shop.example"}, "dkim", "ed:shop.example",
		{"dkim: \"s2026\": write SELECTOR:DOMAIN, as in s2026:shop.example; that entry"}},
	    {{"dkim=../x:shop.example"}, "dkim", "", {"dkim: \"../x:shop.example\""}},
	    {{"dkim=s:../../etc"}, "dkim", "", {"dkim: "}},
	    {{"lane=bulk.b"}, "lane", "", {"lane: "}},
	    {{"lane=bulk", "overflow=bulk"}, "overflow", "", {"overflow: it is the lane itself"}},
	    {{"rate=20O/s"}, "rate", "off",
		{"rate: 20O/s: that is no rate; write 200/s, 30/m, "
		 "1000/h, 5000/d, or off; the default holds"}},
	    {{"burst=0"}, "burst", "1000", {"burst: 0: must be from 1 to 100000; the default"}},
	    {{"warmup=fast"}, "warmup", "off", {"warmup: fast: that is no warm-up"}},
	    {{"suppress=maybe"}, "suppress", "on", {"suppress: "}},
	    {{"webhooks=ftp://a.example/,https://b.example/"}, "webhooks", "https://b.example/",
		{"webhooks: \"ftp://a.example/\""}},
	    {{"check_from=maybe"}, "check_from", "no", {"check_from: "}},
	    {{"from=shop.example,a b@*,x@y@z"}, "from", "@shop.example", {"from: "}},
	    {{"match=ip:192.0.2.1/24,login:ann"}, "match", "login:ann", {"match: "}},
	    {{"Opens=on"}, "opens", "no",
		{"Opens: there is no such option; did you mean \"opens\"?"}},
	    {{"frobnicate=on"}, "opens", "no", {"frobnicate: there is no such option"}},
	    {{"opens=on\x01", "track_domain=t.shop.example"}, "opens", "no", {"opens: "}},
	};

	(void)state;
	rows_run(rows, COUNT(rows));
}

static void
test_read_out(void **state)
{
	static const char *const texts[] = {"dkim=s2026:shop.example,ed:mail.example", "rate=50/s",
	    "burst=20", "daily=7", "warmup=on", "from=ann@own.example,@other.example", NULL};

	(void)state;
	build(texts);
	assert_int_equal(f.account.nkeys, 2);
	assert_string_equal(f.account.keys[0].selector, "s2026");
	assert_string_equal(f.account.keys[0].domain, "shop.example");
	assert_string_equal(f.account.keys[1].selector, "ed");
	assert_string_equal(f.account.keys[1].domain, "mail.example");
	assert_int_equal(f.account.limit.interval_us, 20000);
	assert_int_equal(f.account.limit.burst, 20);
	assert_int_equal(f.account.limit.daily, 7);
	assert_int_equal(f.account.ramp.first, 50);
	assert_true(account_has_domain(&f.account, slice_of("Shop.example")));
	assert_true(account_has_domain(&f.account, slice_of("other.EXAMPLE")));
	assert_false(account_has_domain(&f.account, slice_of("own.example")));
	assert_false(account_has_domain(&f.account, slice_of("")));
}

static void
test_bounce_domain(void **state)
{
	static const char *const texts[] = {"bounce_domain=B.Shop.example", NULL};
	static const char *const none[] = {NULL};
	char storage[300];
	struct buf out = BUF_OVER(storage);

	(void)state;
	build(texts);
	account_bounce_domain(&f.account, slice_of(""), &out);
	assert_string_equal(buf_text(&out), "b.shop.example");
	buf_reset(&out);
	account_bounce_domain(&f.account, slice_of("bulk"), &out);
	assert_string_equal(buf_text(&out), "bulk.b.shop.example");
	buf_reset(&out);
	build(none);
	account_bounce_domain(&f.account, slice_of("bulk"), &out);
	assert_int_equal(out.n, 0);
}

static void
test_base(void **state)
{
	static const char *const texts[] = {"opens=on", "rate=wrong", NULL};
	struct account_field host = {slice_of("track_domain"), slice_of("t.base.example")};
	struct account_field rate = {slice_of("rate"), slice_of("5/s")};
	struct err err = {ERR_NONE, ""};

	(void)state;
	assert_int_equal(
	    account_field_set(&f.base, account_row(host.name), host.value, &f.arena, &err), 0);
	assert_int_equal(
	    account_field_set(&f.base, account_row(rate.name), rate.value, &f.arena, &err), 0);
	build(texts);
	assert_true(f.account.opens);
	assert_string_equal(f.account.track_domain, "t.base.example");
	/* a limit that cannot be read is not gone */
	assert_string_equal(f.account.rate, "5/s");
	assert_int_equal(f.account.limit.interval_us, 200000);
	assert_int_equal(f.problems.n, 1);
}

static void
test_bounds(void **state)
{
	static char large[ACCOUNT_VALUE_BYTES + 2];
	static struct account_field fields[ACCOUNT_FIELDS_MAX + 1];
	struct account_source source = {&f.base, slice_of("shop"), fields, COUNT(fields)};
	struct account_field from = {slice_of("from"), {large, sizeof(large) - 1}};
	struct err err = {ERR_NONE, ""};

	(void)state;
	assert_int_equal(account_build(&f.account, &source, &f.arena, &f.problems, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	source = (struct account_source){&f.base, slice_of("Shop"), fields, 0};
	assert_int_equal(account_build(&f.account, &source, &f.arena, &f.problems, &err), -1);
	memset(large, 'a', sizeof(large) - 1);
	source = (struct account_source){&f.base, slice_of("shop"), &from, 1};
	f.problems.n = 0;
	assert_int_equal(account_build(&f.account, &source, &f.arena, &f.problems, &err), 0);
	assert_int_equal(f.problems.n, 1);
	assert_int_equal(f.account.from.n, 0);
	/* more entries than there may be: none */
	for (size_t i = 0; i < 4000; i++)
		memcpy(large + 2 * i, "a ", 2);
	from = (struct account_field){slice_of("webhooks"), {large, 8000}};
	f.problems.n = 0;
	assert_int_equal(account_build(&f.account, &source, &f.arena, &f.problems, &err), 0);
	assert_int_equal(f.problems.n, 1);
}

static void
test_many_problems(void **state)
{
	static struct account_field fields[ACCOUNT_FIELDS_MAX];
	struct account_source source = {&f.base, slice_of("shop"), fields, COUNT(fields)};
	struct err err = {ERR_NONE, ""};

	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++)
		fields[i] = (struct account_field){slice_of("nonsense"), slice_of("")};
	f.problems = (struct account_problems){.n = 0};
	assert_int_equal(account_build(&f.account, &source, &f.arena, &f.problems, &err), 0);
	assert_int_equal(f.problems.n, ACCOUNT_PROBLEMS_MAX);
	assert_int_equal(f.problems.dropped, COUNT(fields) - ACCOUNT_PROBLEMS_MAX);
}

static void
test_no_memory(void **state)
{
	struct account_field field = {slice_of("dkim"), slice_of("s:shop.example")};
	struct account_source source = {&f.base, slice_of("shop"), &field, 1};

	(void)state;
	for (size_t bytes = 1; bytes < 400; bytes += 7) {
		struct err err = {ERR_NONE, ""};
		struct account account;
		struct arena small;
		int rc;

		arena_init(&small, bytes, bytes);
		f.problems.n = 0;
		rc = account_build(&account, &source, &small, &f.problems, &err);
		if (rc == 0 ? account.nkeys != 1 : err.code != ERR_NOMEM)
			fail_msg("%zu bytes: %d, %s", bytes, rc, err.text);
		arena_fini(&small);
	}
}

/* What writes to Redis refuses what reading would drop. */
static void
test_check(void **state)
{
	static const struct {
		const char *name, *value, *want; /* NULL: good */
	} rows[] = {
	    {"opens", "on", NULL},
	    {"dkim", "s:shop.example", NULL},
	    {"dkim", "s:shop.example,x", "dkim: \"x\": write SELECTOR:DOMAIN"},
	    {"rate", "fast", "rate: fast: that is no rate"},
	    {"frob", "1", "frob: there is no such option"},
	    {"bounce_limits", "1",
		"bounce_limits: there is no such option; did you mean "
		"\"bounce_limit\"?"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct account_field field = {slice_of(rows[i].name), slice_of(rows[i].value)};
		struct err err = {ERR_NONE, ""};
		int rc = account_field_check(&field, &f.arena, &err);

		if ((rc == 0) != (rows[i].want == NULL) ||
		    (rc != 0 && !slice_starts(slice_of(err.text), slice_of(rows[i].want))))
			fail_msg("%s = %s: %s", rows[i].name, rows[i].value, err.text);
	}
}

static const struct conf_section *const sections[] = {&account_section};

/* milter.conf has the same rows and the same checks. */
static void
test_section(void **state)
{
	struct err err = {ERR_NONE, ""};
	struct conf *conf = conf_parse(sections, 1,
	    slice_of("account {\n dkim = { \"s:shop.example\" }\n rate = 10/s\n}\n"), "milter.conf",
	    NULL, &err);

	(void)state;
	if (conf == NULL)
		fail_msg("%s", err.text);
	f.account = *(const struct account *)conf_section(conf, 0);
	assert_int_equal(account_ready(&f.account, &f.arena), 0);
	assert_int_equal(f.account.limit.interval_us, 100000);
	assert_string_equal(f.account.keys[0].domain, "shop.example");
	assert_string_equal(f.account.name, "");
	conf_free(conf);
	assert_null(conf_parse(sections, 1, slice_of("account {\n dkim = { shop.example }\n}\n"),
	    "milter.conf", NULL, &err));
	assert_non_null(strstr(err.text, "dkim: \"shop.example\": write SELECTOR:DOMAIN"));
}

/* A whole account in milter.conf begins as a copy of the defaults, and knows who it is. */
static void
test_section_titled(void **state)
{
	static const char text[] = "account shop {\n match = { login:shop }\n lane = bulk\n}\n"
				   "account { rate = 10/s lane = slow }\n";
	static const struct {
		const char *text, *want;
	} wrong[] = {
	    {"account Shop { }", "\"Shop\" is no name of an account"},
	    {"account shop { rate = x }", "milter.conf:1: account shop.rate = x: that is no rate"},
	    {"account shop {\n dkim = { shop.example }\n}\n",
		"section account shop: dkim: \"shop.example\": write SELECTOR:DOMAIN"},
	    {"account { match = { login:shop } }", "match: every account would have it"},
	};
	struct err err = {ERR_NONE, ""};
	struct conf *conf = conf_parse(sections, 1, slice_of(text), "milter.conf", NULL, &err);
	const struct account *shop;

	(void)state;
	if (conf == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(conf_titled_count(conf, 0), 1);
	shop = conf_titled(conf, 0, 0);
	assert_string_equal(shop->name, "shop");
	assert_int_equal(shop->id, account_id(slice_of("shop")));
	assert_string_equal(shop->lane, "bulk");
	assert_string_equal(shop->rate, "10/s");
	assert_string_equal(shop->match.v[0], "login:shop");
	assert_null(((const struct account *)conf_section(conf, 0))->name);
	conf_free(conf);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_null(
		    conf_parse(sections, 1, slice_of(wrong[i].text), "milter.conf", NULL, &err));
		if (strstr(err.text, wrong[i].want) == NULL)
			fail_msg("%s: %s", wrong[i].text, err.text);
	}
}

int
main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_ids),
	    WITH(test_good),
	    WITH(test_defaults),
	    WITH(test_wrong),
	    WITH(test_read_out),
	    WITH(test_bounce_domain),
	    WITH(test_base),
	    WITH(test_bounds),
	    WITH(test_many_problems),
	    WITH(test_no_memory),
	    WITH(test_check),
	    WITH(test_section),
	    WITH(test_section_titled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
