/*
 * test_address_normalise.c - lib/mail/address_normalise, and the address_unwrap beneath it.
 */
#include "mail/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *
normalise(struct buf *out, struct slice in)
{
	struct address a = address_parse(in);

	buf_reset(out);
	address_normalise(out, &a);
	return buf_text(out);
}

/* Normalises in, and what comes of it once more. */
static void
row_check(const char *in, const char *want)
{
	char storage[ADDRESS_MAX_BYTES + 1], again[ADDRESS_MAX_BYTES + 1];
	struct buf out = BUF_OVER(storage);
	struct buf out_again = BUF_OVER(again);
	const char *got = normalise(&out, slice_of(in));

	if (strcmp(got, want) != 0)
		fail_msg("%s: %s, want %s", in, got, want);
	if (strcmp(normalise(&out_again, slice_of(got)), got) != 0)
		fail_msg("%s: %s becomes %s", in, got, again);
}

static void
test_people(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
	    {"<>", "<>"},
	    {"", "<>"},
	    {"<User@Example.COM>", "user@example.com"},
	    {"<postmaster>", "postmaster"},
	    {"<user01@gmail.com>", "user01@gmail.com"},
	    {"<12345678@qq.com>", "12345678@qq.com"},
	    {"<anna.1985@gmx.net>", "anna.1985@gmx.net"},
	    {"<a-1234-b@example.com>", "a-1234-b@example.com"},
	    {"<bounce12@gmail.com>", "bounce12@gmail.com"},
	    {"<bouncer-12@gmail.com>", "bouncer-12@gmail.com"},
	    {"<no-return12@example.com>", "no-return12@example.com"},
	    {"<deadbeef99@example.com>", "deadbeef99@example.com"},
	    {"<B\xc3\x84R01@example.com>", "b\xc3\x84r01@example.com"},
	    /* an alias service's, one for each of its users */
	    {"<5f3a9c2e-1b2c-4d5e-8f90-0123456789ab@anon.example>",
		"5f3a9c2e-1b2c-4d5e-8f90-0123456789ab@anon.example"},
	    /* extensions */
	    {"<user+tag@example.com>", "user@example.com"},
	    {"<user+tag+more@example.com>", "user@example.com"},
	    {"<user+@example.com>", "user@example.com"},
	    {"<user+tag>", "user"},
	    {"<+15551234567@sms.example.com>", "+15551234567@sms.example.com"},
	    {"<+15551234567+x@sms.example.com>", "+15551234567@sms.example.com"},
	    {"<+@example.com>", "+@example.com"},
	    {"<me+caf_=bob=example.org@gmail.com>", "me@gmail.com"},
	    /* quoted, or no local part at all: as it is */
	    {"<\"User+01\"@example.com>", "\"user+01\"@example.com"},
	    {"<\"prvs=0814b5e089=bob\"@example.com>", "\"prvs=0814b5e089=bob\"@example.com"},
	    {"<@example.com>", "@example.com"},
	    {"<user+tag@>", "user@"},
	    {"<prvs=0814b5e089=<b@example.com>", "prvs=0814b5e089=<b@example.com"},
	    {"<User+x@[IPv6:2001:DB8::1]>", "user@[ipv6:2001:db8::1]"},
	    {"<u+x@Host99-bounce-12.Example>", "u@host99-bounce-12.example"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		row_check(rows[i].in, rows[i].want);
}

static void
test_batv(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
	    {"<prvs=208d19533=damien.example@wdc.example>", "damien.example@wdc.example"},
	    {"<prvs=0814b5e089=harrison@ncr.example>", "harrison@ncr.example"},
	    {"<PRVS=0814B5E089=Harrison@ncr.example>", "harrison@ncr.example"},
	    {"<prvs=harrison=0814b5e089@ncr.example>", "harrison@ncr.example"},
	    {"<prvs=0814b5e089=user01@ncr.example>", "user01@ncr.example"},
	    {"<prvs=user01=0814b5e089@ncr.example>", "user01@ncr.example"},
	    {"<prvs=0814b5e089=bob+tag@ncr.example>", "bob@ncr.example"},
	    {"<bob+prvs=0814b5e089@ncr.example>", "bob@ncr.example"},
	    {"<btv1==0777abbcc85==TCWM179387@ipen.example>", "tcwm179387@ipen.example"},
	    {"<btv1==065bfd4e6a6==notification+zj4o@social.example>",
		"notification@social.example"},
	    {"<msprvs1=19740UPzNWJ1Z=bounces-249514-1@mail.example>", "bounces-#-1@mail.example"},
	    {"<msprvs1=20676xgzi92p-=bounces-1898-1322@example.com>", "bounces-#-#@example.com"},
	    /* two gateways in a row, and a forwarder before */
	    {"<prvs=0814b5e089=prvs=208d19533=bob@x.example>", "bob@x.example"},
	    {"<prvs=0814b5e089=SRS0=63fc=V7=gmail.com=bob@x.example>",
		"srs0=gmail.com=bob@x.example"},
	    /* not quite */
	    {"<prvs=0814b5e089=@x.example>", "prvs=0814b5e089=@x.example"},
	    {"<prvs==0814b5e089@x.example>", "prvs==0814b5e089@x.example"},
	    {"<prvs=0814b5e089@x.example>", "prvs=0814b5e089@x.example"},
	    {"<prvs=12=bob@x.example>", "prvs=12=bob@x.example"},
	    {"<prvs=bob=alice99@x.example>", "prvs=bob=alice99@x.example"},
	    {"<prvs=a=b=0814b5e089@x.example>", "prvs=a=b=0814b5e089@x.example"},
	    {"<btv1==0777abbcc85=bob@x.example>", "btv1==0777abbcc85=bob@x.example"},
	    {"<prvs=x=0814b5e089+tag@x.example>", "x@x.example"},
	    /* what a tag may be */
	    {"<prvs=123456=bob@x.example>", "bob@x.example"},
	    {"<prvs=12345=bob@x.example>", "prvs=12345=bob@x.example"},
	    {"<prvs=0123456789abcdef01234567=bob@x.example>", "bob@x.example"},
	    {"<prvs=0123456789abcdef012345678=bob@x.example>",
		"prvs=0123456789abcdef012345678=bob@x.example"},
	    {"<prvs=a123456=bob@x.example>", "prvs=a123456=bob@x.example"},
	    {"<prvs=1234567g=bob@x.example>", "prvs=1234567g=bob@x.example"},
	    {"<prvs=1234567-=bob@x.example>", "prvs=1234567-=bob@x.example"},
	    {"<msprvs1=1234Zz-_=bob@x.example>", "bob@x.example"},
	    {"<msprvs1=1234567!=bob@x.example>", "msprvs1=1234567!=bob@x.example"},
	    {"<msprvs1=bob=1234567@x.example>", "msprvs1=bob=1234567@x.example"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		row_check(rows[i].in, rows[i].want);
}

static void
test_srs(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
	    {"<SRS0=63fc=V7=kreata.ee=andris@srs1.example>", "srs0=kreata.ee=andris@srs1.example"},
	    {"<SRS0=dEad=W8=kreata.ee=andris@srs1.example>", "srs0=kreata.ee=andris@srs1.example"},
	    {"<SRS0+63fc=V7=gmail.com=user01@fwd.example>", "srs0=gmail.com=user01@fwd.example"},
	    {"<SRS0-63fc=V7=gmail.com=user02@fwd.example>", "srs0=gmail.com=user02@fwd.example"},
	    {"<srs0=a+/B=v7=gmail.com=bob@fwd.example>", "srs0=gmail.com=bob@fwd.example"},
	    {"<SRS0=63fc=V7=gmail.com=bob+tag@fwd.example>", "srs0=gmail.com=bob@fwd.example"},
	    {"<SRS0=63fc=V7=gmail.com=prvs=0814b5e089=bob@fwd.example>",
		"srs0=gmail.com=bob@fwd.example"},
	    {"<SRS0=63fc=V7=lists.example=l-return-1234-bob=fwd.example@fwd.example>",
		"srs0=lists.example=l-return-#-bob=fwd.example@fwd.example"},
	    {"<SRS0=63fc=V7=163.com=bob@fwd.example>", "srs0=163.com=bob@fwd.example"},
	    {"<SRS0=63fc=V7=f1.example=SRS0=abcd=AB=gmail.com=bob@fwd.example>",
		"srs0=f1.example=srs0=gmail.com=bob@fwd.example"},
	    {"<SRS1=HHHH=f1.example==63fc=V7=gmail.com=bob@f2.example>",
		"srs1=f1.example==gmail.com=bob@f2.example"},
	    {"<SRS1+HHHH=f1.example=+63fc=V7=gmail.com=user01@f2.example>",
		"srs1=f1.example==gmail.com=user01@f2.example"},
	    /* Microsoft 365 */
	    {"<bob+SRS=HnE87=C7=gmail.com=user01@contoso.example>",
		"bob+srs=gmail.com=user01@contoso.example"},
	    {"<bob+SRS=xxxxx=C8=gmail.com=user02@contoso.example>",
		"bob+srs=gmail.com=user02@contoso.example"},
	    {"<bounces+SRS=HnE87=C7@contoso.onmicrosoft.example>",
		"bounces@contoso.onmicrosoft.example"},
	    /* not quite */
	    {"<srs0=63fc=v7=localhost=bob@fwd.example>", "srs0=63fc=v7=localhost=bob@fwd.example"},
	    {"<srs0=a7fc=v7=gmail.com=@fwd.example>", "srs0=a7fc=v7=gmail.com=@fwd.example"},
	    {"<srs0.63fc=v7=x@fwd.example>", "srs0.63fc=v7=x@fwd.example"},
	    {"<srs1=hhhh=f1.example=a7fc=v7=gmail.com=bob@f2.example>",
		"srs1=hhhh=f1.example=a7fc=v7=gmail.com=bob@f2.example"},
	    {"<srs0=63fc=v7=a$b.com=bob@fwd.example>", "srs0=63fc=v7=a$b.com=bob@fwd.example"},
	    {"<srs0=6.fc=v7=gmx.net@fwd.example>", "srs0=6.fc=v7=gmx.net@fwd.example"},
	    {"<srs0=hash=v=gmail.com@fwd.example>", "srs0=hash=v=gmail.com@fwd.example"},
	    {"<srs1.hhhh=bob@f2.example>", "srs1.hhhh=bob@f2.example"},
	    {"<srs1=hhhh=nodot==a7fc=v7=gmail.com=bob@f>",
		"srs1=hhhh=nodot==a7fc=v7=gmail.com=bob@f"},
	    {"<srs0=h!h=v7=x=bob@fwd.example>", "srs0=h!h=v7=x=bob@fwd.example"},
	    {"<srs0==v7=gmx.net=bob@fwd.example>", "srs0==v7=gmx.net=bob@fwd.example"},
	    {"<srs0=h!h=v7=gmx.net=bob@fwd.example>", "srs0=h!h=v7=gmx.net=bob@fwd.example"},
	    {"<srs0=h\xc3\xa4h=v7=gmx.net=b@f>", "srs0=h\xc3\xa4h=v7=gmx.net=b@f"},
	    {"<srs0=hh=v!=gmx.net=bob@fwd.example>", "srs0=hh=v!=gmx.net=bob@fwd.example"},
	    {"<srs0=hh=v77=gmx.net=bob@fwd.example>", "srs0=hh=v77=gmx.net=bob@fwd.example"},
	    {"<srs0=hh=v7=.net=bob@fwd.example>", "srs0=hh=v7=.net=bob@fwd.example"},
	    {"<srs0=hh=v7=b\xc3\xa4r.example=bob@f>", "srs0=b\xc3\xa4r.example=bob@f"},
	    {"<srs0=gmail.com@fwd.example>", "srs0=gmail.com@fwd.example"},
	    {"<+srs=hh=v7=gmail.com=bob@fwd.example>", "+srs=hh=v7=gmail.com=bob@fwd.example"},
	    {"<a=b+srs=hh=v7=gmail.com=bob@fwd.example>", "a=b@fwd.example"},
	    {"<bob+srx=hh=v7=gmail.com=bob@fwd.example>", "bob@fwd.example"},
	    {"<srs0@example.com>", "srs0@example.com"},
	    {"<srs1=@example.com>", "srs1=@example.com"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		row_check(rows[i].in, rows[i].want);
}

static void
test_verp(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
	    {"<list-return-1234-bob=example.com@l.example>",
		"list-return-#-bob=example.com@l.example"},
	    {"<list-return-1234-user01=163.com@l.example>",
		"list-return-#-user01=163.com@l.example"},
	    {"<list-return-1234-@l.example>", "list-return-#-@l.example"},
	    {"<list01-bounces-17@l.example>", "list01-bounces-#@l.example"},
	    {"<list-bounces+bob=example.com@l.example>", "list-bounces@l.example"},
	    {"<bounces+1234567-ab12-bob=example.com@em.example>", "bounces@em.example"},
	    {"<bounces-123456789-bob=example.com@d.mail.example>",
		"bounces-#-bob=example.com@d.mail.example"},
	    {"<bounce-123_HTML-45678-1-90@bounce.e.example>",
		"bounce-#_html-#-1-#@bounce.e.example"},
	    {"<bounce-mc.us12_12345678.1234567-0123456789@mail.example>",
		"bounce-mc.us#_#.#-#@mail.example"},
	    {"<bounce-md_123.5f3a9c2e.v1-0123456789abcdef0123456789abcdef@mandrill.example>",
		"bounce-md_#.#.v1-#@mandrill.example"},
	    {"<123-ABC-456.0.12345.9.1234567-user01=example.com@em.example>",
		"#-abc-#.0.#.9.#-user01=example.com@em.example"},
	    {"<bob=example.com-1234567@l.example>", "bob=example.com-#@l.example"},
	    {"<bob=mail01.example.com-12.34@l.example>", "bob=mail01.example.com-#.#@l.example"},
	    {"<x-12345=bob@l.example>", "x-12345=bob@l.example"},
	    {"<01010157e6083e0a-4218bd58-f11a-4bce-b20d-ad670c9a8f4a-000000@us-west-2.ses.example>",
		"#@us-west-2.ses.example"},
	    {"<bounce-12-u22=1.com@l.example>", "bounce-#-u22=1.com@l.example"},
	    {"<u22=example.c@l.example>", "u22=example.c@l.example"},
	    {"<u22=e.cc@l.example>", "u22=e.cc@l.example"},
	    {"<n33-u22=e.cc@l.example>", "n#-u22=e.cc@l.example"},
	    {"<n33-u22=e.c@l.example>", "n33-u22=e.c@l.example"},
	    {"<n33-u22=.cc@l.example>", "n33-u22=.cc@l.example"},
	    {"<\xc2\x80return-33@l.example>", "\xc2\x80return-33@l.example"},
	    {"<a-bounce-@l.example>", "a-bounce-@l.example"},
	    {"<a-12-bounce@l.example>", "a-12-bounce@l.example"},
	    {"<a-bounce-x12b3c45@l.example>", "a-bounce-x#b3c#@l.example"},
	    {"<a-bounce-12abcdef3@l.example>", "a-bounce-#@l.example"},
	    {"<a-bounce-xyz12abcdef3ab@l.example>", "a-bounce-xyz#abcdef3ab@l.example"},
	    {"<a-bounce-12\xc3\xa4"
	     "34@l.example>",
		"a-bounce-#\xc3\xa4#@l.example"},
	    {"<y34-x12=foo-bounce.ab12@l.example>", "y34-x12=foo-bounce.ab#@l.example"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		row_check(rows[i].in, rows[i].want);
}

/* Pairs that must stay two. */
static void
test_apart(void **state)
{
	static const char *const pairs[][2] = {
	    {"<user01@gmail.com>", "<user02@gmail.com>"},
	    {"<user@gmail.com>", "<user@gmail.org>"},
	    {"<prvs=0814b5e089=user01@x.example>", "<prvs=0814b5e089=user02@x.example>"},
	    {"<prvs=user01=0814b5e089@x.example>", "<prvs=user02=0814b5e089@x.example>"},
	    {"<SRS0=63fc=V7=gmail.com=user01@f>", "<SRS0=63fc=V7=gmail.com=user02@f>"},
	    {"<SRS0=63fc=V7=gmail.com=user@f>", "<SRS0=63fc=V7=gmx.net=user@f>"},
	    {"<SRS1=H=f1.example==63fc=V7=a.com=u@f>", "<SRS1=H=f2.example==63fc=V7=a.com=u@f>"},
	    {"<bob+SRS=HnE87=C7=a.com=u1@f>", "<bob+SRS=HnE87=C7=a.com=u2@f>"},
	    {"<user01=gmail.com@f>", "<user02=gmail.com@f>"},
	    {"<user=163.com@f>", "<user=126.com@f>"},
	    {"<list01-bounces-12@l>", "<list02-bounces-12@l>"},
	    {"<+15551234567@sms>", "<+15557654321@sms>"},
	    {"<bounce12@gmail.com>", "<bounce13@gmail.com>"},
	    {"<\"a+1\"@x>", "<\"a+2\"@x>"},
	    {"<>", "<#@x>"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		char first[ADDRESS_MAX_BYTES + 1], second[ADDRESS_MAX_BYTES + 1];
		struct buf a = BUF_OVER(first);
		struct buf b = BUF_OVER(second);

		if (strcmp(normalise(&a, slice_of(pairs[i][0])),
			normalise(&b, slice_of(pairs[i][1]))) == 0)
			fail_msg("%s and %s are both %s", pairs[i][0], pairs[i][1], first);
	}
}

/* The longest address has room in ADDRESS_MAX_BYTES. */
static void
test_long(void **state)
{
	char in[2 * ADDRESS_MAX_BYTES];
	char storage[ADDRESS_MAX_BYTES];
	struct buf out = BUF_OVER(storage);
	struct address a;

	(void)state;
	memset(in, 'A', sizeof(in));
	in[4] = '@';
	a = address_parse(slice_make(in, sizeof(in)));
	address_normalise(&out, &a);
	assert_int_equal(out.n, ADDRESS_MAX_BYTES);
	assert_false(out.over);
	assert_int_equal(storage[ADDRESS_MAX_BYTES - 1], 'a');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_people),
	    cmocka_unit_test(test_batv),
	    cmocka_unit_test(test_srs),
	    cmocka_unit_test(test_verp),
	    cmocka_unit_test(test_apart),
	    cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests_name("address_normalise", tests, NULL, NULL);
}
