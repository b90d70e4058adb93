/*
 * test_dmarc_record.c - lib/auth/dmarc_record.
 */
#include "auth/dmarc_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* What a record says, in one line: "p sp np psd t adkim aspf fo", or what it is not. */
static const struct {
	struct slice in;
	const char *want;
} rows[] = {
    /* no DMARC record at all */
    {{NULL, 0}, "not dmarc"},
    {SLICE_LIT(""), "not dmarc"},
    {SLICE_LIT("v=spf1 -all"), "not dmarc"},
    {SLICE_LIT("v=dmarc1; p=reject"), "not dmarc"},
    {SLICE_LIT("v=DMARC1x; p=reject"), "not dmarc"},
    {SLICE_LIT("v=DMARC1 p=reject"), "not dmarc"},
    {SLICE_LIT("v=DMARC11; p=reject"), "not dmarc"},
    {SLICE_LIT("v=DMARC; p=reject"), "not dmarc"},
    {SLICE_LIT("v=; p=reject"), "not dmarc"},
    {SLICE_LIT("v"), "not dmarc"},
    {SLICE_LIT("="), "not dmarc"},
    {SLICE_LIT(" v=DMARC1; p=reject"), "not dmarc"},
    {SLICE_LIT("\"v=DMARC1; p=reject\""), "not dmarc"},
    {SLICE_LIT("p=reject; v=DMARC1"), "not dmarc"},
    {SLICE_LIT("; v=DMARC1; p=reject"), "not dmarc"},
    {SLICE_LIT("v=DMARC1\0; p=reject"), "not dmarc"},
    /* ordinary ones */
    {SLICE_LIT("v=DMARC1; p=none"), "none - - u n r r 0"},
    {SLICE_LIT("v=DMARC1;p=quarantine"), "quarantine - - u n r r 0"},
    {SLICE_LIT("v=DMARC1; p=reject;"), "reject - - u n r r 0"},
    {SLICE_LIT("v = DMARC1 ; p = reject ; adkim = s ; aspf = s ; "), "reject - - u n s s 0"},
    {SLICE_LIT("v=DMARC1; p=Reject; sp=QUARANTINE; np=None; adkim=S; aspf=R; psd=Y; t=Y"),
	"reject quarantine none y y s r 0"},
    {SLICE_LIT("v=DMARC1; psd=n; t=n; p=reject"), "reject - - n n r r 0"},
    {SLICE_LIT("v=DMARC1; psd=u; p=reject"), "reject - - u n r r 0"},
    {SLICE_LIT("v=DMARC1; P=reject; SP=none"), "reject none - u n r r 0"},
    {SLICE_LIT("v=DMARC1; p=reject; fo=1:d:s"), "reject - - u n r r 1ds"},
    {SLICE_LIT("v=DMARC1; p=reject; fo=0 : D"), "reject - - u n r r 0d"},
    /* what is unknown, taken out, or wrong */
    {SLICE_LIT("v=DMARC1; p=reject; pct=0; rf=afrf; ri=86400"), "reject - - u n r r 0"},
    {SLICE_LIT("v=DMARC1; p=reject; pct=nonsense; x=y; foo"), "reject - - u n r r 0"},
    {SLICE_LIT("v=DMARC1; p=reject; adkim=x; aspf=; t=yes; psd=maybe; fo=z"),
	"reject - - u n r r 0"},
    {SLICE_LIT("v=DMARC1; p=reject; p=none; v=DMARC2"), "reject - - u n r r 0"},
    {SLICE_LIT("v=DMARC1; ;; = ;=x; p=none;;"), "none - - u n r r 0"},
    /* no valid policy: none with a reporting address, nothing without */
    {SLICE_LIT("v=DMARC1"), "unusable"},
    {SLICE_LIT("v=DMARC1;"), "unusable"},
    {SLICE_LIT("v=DMARC1; adkim=s"), "unusable"},
    {SLICE_LIT("v=DMARC1; p="), "unusable"},
    {SLICE_LIT("v=DMARC1; p=block"), "unusable"},
    {SLICE_LIT("v=DMARC1; p reject"), "unusable"},
    {SLICE_LIT("v=DMARC1; rua=mailto:d@example.com"), "none - - u n r r 0 implied"},
    {SLICE_LIT("v=DMARC1; p=block; adkim=s; rua=mailto:d@example.com!10m"),
	"none - - u n s r 0 implied"},
    {SLICE_LIT("v=DMARC1; p=reject; sp=bounce; rua=mailto:d@example.com"),
	"none - - u n r r 0 implied"},
    {SLICE_LIT("v=DMARC1; p=reject; np=; rua=mailto:d@example.com"), "none - - u n r r 0 implied"},
    {SLICE_LIT("v=DMARC1; p=reject; np=x; sp=none"), "unusable"},
    {SLICE_LIT("v=DMARC1; np=x; sp=reject; rua=mailto:d@example.com"),
	"none - - u n r r 0 implied"},
    {SLICE_LIT("v=DMARC1; rua=x, https://r.example/d"), "none - - u n r r 0 implied"},
    {SLICE_LIT("v=DMARC1; rua=d@example.com"), "unusable"},
    {SLICE_LIT("v=DMARC1; rua="), "unusable"},
    {SLICE_LIT("v=DMARC1; rua=,,"), "unusable"},
    {SLICE_LIT("v=DMARC1; rua=mailto:"), "unusable"},
    {SLICE_LIT("v=DMARC1; rua=mailto:d"), "unusable"},
    {SLICE_LIT("v=DMARC1; rua=mailto:@example.com"), "unusable"},
    {SLICE_LIT("v=DMARC1; rua=mailto:d@"), "unusable"},
    {SLICE_LIT("v=DMARC1; rua=mailto:d d@example.com"), "unusable"},
    {SLICE_LIT("v=DMARC1; rua=:d@example.com"), "unusable"},
    {SLICE_LIT("v=DMARC1; rua=m(l:d@example.com"), "unusable"},
    {SLICE_LIT("v=DMARC1; ruf=mailto:d@example.com"), "unusable"},
};

static const char *
word(enum dmarc_policy policy)
{
	return policy == DMARC_POLICY_ABSENT ? "-" : dmarc_policy_name(policy);
}

static const char *
describe(struct slice text, char *out, size_t bytes)
{
	struct dmarc_record r;

	if (!dmarc_record_parse(text, &r))
		return "not dmarc";
	if (!r.usable)
		return "unusable";
	snprintf(out, bytes, "%s %s %s %c %c %c %c %s%s%s%s%s", word(r.p), word(r.sp), word(r.np),
	    "uyn"[r.psd], r.testing ? 'y' : 'n', r.strict_dkim ? 's' : 'r',
	    r.strict_spf ? 's' : 'r', (r.fo & DMARC_FO_ALL) != 0 ? "0" : "",
	    (r.fo & DMARC_FO_ANY) != 0 ? "1" : "", (r.fo & DMARC_FO_DKIM) != 0 ? "d" : "",
	    (r.fo & DMARC_FO_SPF) != 0 ? "s" : "", r.implied ? " implied" : "");
	return out;
}

static void
test_parse(void **state)
{
	char got[100];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		print_message("  %.*s\n", SLICE_ARG(rows[i].in));
		assert_string_equal(describe(rows[i].in, got, sizeof(got)), rows[i].want);
	}
}

static void
test_addresses(void **state)
{
	struct dmarc_record r;

	(void)state;
	assert_true(dmarc_record_parse(
	    slice_of(
		"v=DMARC1;p=none; rua = mailto:a@x.example,mailto:b@x.example ;ruf=mailto:c@y"),
	    &r));
	assert_true(slice_eq(r.rua, slice_of("mailto:a@x.example,mailto:b@x.example")));
	assert_true(slice_eq(r.ruf, slice_of("mailto:c@y")));
	assert_false(r.has_rfc9989);
	assert_true(dmarc_record_parse(slice_of("v=DMARC1;p=none"), &r));
	assert_int_equal(r.rua.n + r.ruf.n, 0);
}

static void
test_knows_rfc9989(void **state)
{
	static const char *const records[] = {
	    "v=DMARC1;p=none;np=none", "v=DMARC1;p=none;psd=u", "v=DMARC1;p=none;t=n"};
	struct dmarc_record r;

	(void)state;
	for (size_t i = 0; i < COUNT(records); i++) {
		assert_true(dmarc_record_parse(slice_of(records[i]), &r));
		assert_true(r.has_rfc9989);
	}
}

static void
test_bound(void **state)
{
	static const char begin[] = "v=DMARC1; p=reject; x=";
	char text[DMARC_RECORD_MAX_BYTES + 1];
	struct dmarc_record r;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, begin, sizeof(begin) - 1);
	assert_true(dmarc_record_parse(slice_make(text, sizeof(text) - 1), &r));
	assert_true(r.usable);
	assert_true(dmarc_record_parse(slice_make(text, sizeof(text)), &r));
	assert_false(r.usable);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	    cmocka_unit_test(test_addresses),
	    cmocka_unit_test(test_knows_rfc9989),
	    cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests_name("dmarc_record", tests, NULL, NULL);
}
