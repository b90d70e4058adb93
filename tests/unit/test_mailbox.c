/*
 * test_mailbox.c - lib/mail/mailbox.
 */
#include "mail/mailbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define OK  false
#define BAD true

/* want: the addresses with blanks between; those without brackets have a '-' before. */
static const struct {
	struct slice in;
	const char *want;
	bool malformed;
} rows[] = {
    /* as people write them */
    {SLICE_LIT("ceo@bank.example"), "-ceo@bank.example", OK},
    {SLICE_LIT("<ceo@bank.example>"), "ceo@bank.example", OK},
    {SLICE_LIT("CEO <ceo@bank.example>"), "ceo@bank.example", OK},
    {SLICE_LIT("  CEO  <ceo@bank.example>\r\n "), "ceo@bank.example", OK},
    {SLICE_LIT("\"Doe, John\" <j@bank.example>, a@bank.example"), "j@bank.example -a@bank.example",
	OK},
    {SLICE_LIT("John Q. Public <j@bank.example>"), "j@bank.example", OK},
    {SLICE_LIT("J.Q. Public <j@bank.example>"), "j@bank.example", OK},
    {SLICE_LIT("a@bank.example (Comment (nested))"), "-a@bank.example", OK},
    {SLICE_LIT("=?utf-8?Q?J=C3=B6rg?= <j@bank.example>"), "j@bank.example", OK},
    {SLICE_LIT("J\xc3\xb6rg <j@b\xc3\xa4nk.example>"), "j@b\xc3\xa4nk.example", OK},
    {SLICE_LIT("\"ceo@evil.example\" <ceo@bank.example>"), "ceo@bank.example", OK},
    {SLICE_LIT("\"ceo@x\"@bank.example"), "-\"ceo@x\"@bank.example", OK},
    {SLICE_LIT("<\"a\\\"b \\\\\"@bank.example>"), "\"a\\\"b \\\\\"@bank.example", OK},
    {SLICE_LIT("<.a..b.@docomo.example>"), ".a..b.@docomo.example", OK},
    {SLICE_LIT("a@[192.0.2.1]"), "-a@[192.0.2.1]", OK},
    {SLICE_LIT("<a@[IPv6:2001:db8::1]>"), "a@[IPv6:2001:db8::1]", OK},
    {SLICE_LIT("a@my_host"), "-a@my_host", OK},
    {SLICE_LIT("o'brien!#$%&*-/=?^_`{|}~@example.com"), "-o'brien!#$%&*-/=?^_`{|}~@example.com",
	OK},
    /* groups, and empty elements */
    {SLICE_LIT("Group: a@bank.example, B <b@bank.example>;"), "-a@bank.example b@bank.example", OK},
    {SLICE_LIT("undisclosed-recipients:;"), "", OK},
    {SLICE_LIT("\"A group\" of: a@b.example;, c@d.example"), "-a@b.example -c@d.example", OK},
    {SLICE_LIT(", a@bank.example,,"), "-a@bank.example", OK},
    {SLICE_LIT(""), "", OK},
    {{NULL, 0}, "", OK},
    /* routes, comments and blanks in odd places */
    {SLICE_LIT("<@relay.example,@r2.example:ceo@bank.example>"), "ceo@bank.example", OK},
    {SLICE_LIT("<@a.example:ceo@bank.example>"), "ceo@bank.example", OK},
    {SLICE_LIT("< @ a . example , , @b (x) : ceo@bank.example >"), "ceo@bank.example", OK},
    {SLICE_LIT("CEO <ceo@bank .example>"), "ceo@bank.example", OK},
    {SLICE_LIT("CEO <ceo@bank (x).example>"), "ceo@bank.example", OK},
    {SLICE_LIT("CEO <ceo@bank. example>"), "ceo@bank.example", OK},
    {SLICE_LIT("CEO <ceo@bank\r\n\t.example>"), "ceo@bank.example", OK},
    {SLICE_LIT("CEO <ceo @ bank . example>"), "ceo@bank.example", OK},
    {SLICE_LIT("ceo@(x)bank.example(y)"), "-ceo@bank.example", OK},
    {SLICE_LIT("john . smith@bank.example"), "-john.smith@bank.example", OK},
    {SLICE_LIT("(a) (b)\r\n <a@b.example>(c)"), "a@b.example", OK},
    {SLICE_LIT("ceo@bank.example (bob@evil.example)"), "-ceo@bank.example", OK},
    {SLICE_LIT("(<bob@evil.example>) CEO <ceo@bank.example>"), "ceo@bank.example", OK},
    {SLICE_LIT("a (\\) <b@evil.example>) <c@bank.example>"), "c@bank.example", OK},
    /* two readings of one field: both addresses come out */
    {SLICE_LIT("<any@attack.com>admin@legitimate.com"), "any@attack.com -admin@legitimate.com",
	BAD},
    {SLICE_LIT("<bob@evil.example> alice@bank.example"), "bob@evil.example -alice@bank.example",
	BAD},
    {SLICE_LIT("bob <bob@evil.example> <alice@bank.example>"),
	"bob@evil.example alice@bank.example", BAD},
    {SLICE_LIT("ceo@bank.example bob@evil.example"), "-ceo@bank.example -bob@evil.example", BAD},
    {SLICE_LIT("alice@bank.example <bob@evil.example>"), "-alice@bank.example bob@evil.example",
	BAD},
    {SLICE_LIT("<a@bank.example,b@evil.example>"), "a@bank.example -b@evil.example", BAD},
    {SLICE_LIT("<a@bank.example@evil.example>"), "a@bank.example @evil.example", BAD},
    {SLICE_LIT("<a@bank.example><b@evil.example>"), "a@bank.example b@evil.example", BAD},
    {SLICE_LIT("<<a@bank.example>>"), "a@bank.example", BAD},
    {SLICE_LIT("<a@bank.example <b@evil.example>>"), "a@bank.example b@evil.example", BAD},
    {SLICE_LIT("<admin@legitimate.com>\\,<second@attack.com>"),
	"admin@legitimate.com second@attack.com", BAD},
    {SLICE_LIT("=?utf-8?B?PGFkbWluQGxlZ2l0aW1hdGUuY29tPg==?=,<second@attack.com>"),
	"second@attack.com", BAD},
    {SLICE_LIT("admin@legitimate.com,<second@attack.com>"),
	"-admin@legitimate.com second@attack.com", OK},
    {SLICE_LIT("<@attack.com,@any.com:admin@legitimate.com>"), "admin@legitimate.com", OK},
    {SLICE_LIT("<@attack.com,admin@legitimate.com>"), "@attack.com -admin@legitimate.com", BAD},
    {SLICE_LIT("ceo@bank.example; a@evil.example"), "-ceo@bank.example -a@evil.example", BAD},
    {SLICE_LIT("bob ceo@bank.example"), "-ceo@bank.example", BAD},
    {SLICE_LIT("<bob ceo@bank.example>"), "ceo@bank.example", BAD},
    {SLICE_LIT("ceo@bank example"), "-ceo@bank", BAD},
    {SLICE_LIT("ceo@bank.example:a@evil.example;"), "-ceo@bank.example -a@evil.example", BAD},
    {SLICE_LIT("a@legitimate.com'@attack.com"), "-a@legitimate.com' -@attack.com", BAD},
    {SLICE_LIT("a@legitimate.com(.attack.com"), "-a@legitimate.com", BAD},
    {SLICE_LIT("a@bank.example/b@evil.example"), "-a@bank.example/b -@evil.example", BAD},
    /* what has no end, or no beginning */
    {SLICE_LIT("ceo@bank.example>"), "-ceo@bank.example", BAD},
    {SLICE_LIT("CEO <ceo@bank.example"), "ceo@bank.example", BAD},
    {SLICE_LIT("CEO ceo@bank.example>"), "-ceo@bank.example", BAD},
    {SLICE_LIT("\"ceo@bank.example"), "-ceo@bank.example", BAD},
    {SLICE_LIT("\"CEO <ceo@bank.example>"), "ceo@bank.example", BAD},
    {SLICE_LIT("ceo@bank.example (comment"), "-ceo@bank.example", BAD},
    {SLICE_LIT("ceo@bank.example (b@evil.example"), "-ceo@bank.example -b@evil.example", BAD},
    {SLICE_LIT("ceo@bank.example )b@evil.example"), "-ceo@bank.example -b@evil.example", BAD},
    {SLICE_LIT("a@[1.2.3.4"), "-a@", BAD},
    {SLICE_LIT("a@[b@[c]"), "-a@[b@[c]", BAD},
    {SLICE_LIT("Group: a@bank.example"), "-a@bank.example", BAD},
    {SLICE_LIT("G: H: a@bank.example;;"), "-a@bank.example", BAD},
    {SLICE_LIT(": a@bank.example;"), "-a@bank.example", BAD},
    /* no address, no domain, odd bytes */
    {SLICE_LIT("Mailer-Daemon"), "", BAD},
    {SLICE_LIT("Doe, John <j@bank.example>"), "j@bank.example", BAD},
    {SLICE_LIT("<>"), "", BAD},
    {SLICE_LIT("CEO <>"), "", BAD},
    {SLICE_LIT("<ceo>"), "", BAD},
    {SLICE_LIT("@bank.example"), "-@bank.example", BAD},
    {SLICE_LIT("ceo@"), "-ceo@", BAD},
    {SLICE_LIT("<ceo@>"), "ceo@", BAD},
    {SLICE_LIT("@"), "-@", BAD},
    {SLICE_LIT("\\"), "", BAD},
    {SLICE_LIT("ceo@bank\0.example"), "-ceo@bank?.example", BAD},
    {SLICE_LIT("ceo@bank.example\0"), "-ceo@bank.example?", BAD},
    {SLICE_LIT("ceo@bank\x7f.example"), "-ceo@bank?.example", BAD},
    {SLICE_LIT("ceo\0@bank.example"), "-ceo?@bank.example", BAD},
    {SLICE_LIT("\"a\0b\"@bank.example"), "-\"a?b\"@bank.example", BAD},
    {SLICE_LIT("C\0EO <ceo@bank.example>"), "ceo@bank.example", BAD},
    {SLICE_LIT("a\"b\"@bank.example"), "-a\"b\"@bank.example", BAD},
    {SLICE_LIT("a@bank.example."), "-a@bank.example.", BAD},
    {SLICE_LIT("a@bank..example"), "-a@bank..example", BAD},
    {SLICE_LIT("a@.bank.example"), "-a@.bank.example", BAD},
    {SLICE_LIT("John [Jack] <j@bank.example>"), "j@bank.example", BAD},
    {SLICE_LIT("a@\"bank.example\""), "-a@", BAD},
};

static void
test_next(void **state)
{
	char storage[1000];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf got = BUF_OVER(storage);
		struct mailboxes it;
		struct mailbox m;

		print_message("  %.*s\n", SLICE_ARG(rows[i].in));
		mailbox_begin(&it, rows[i].in);
		while (mailbox_next(&it, &m)) {
			buf_add_text(&got, got.n > 0 ? " " : "");
			buf_add_text(&got, m.bracketed ? "" : "-");
			buf_add(&got, m.addr);
			assert_int_equal(m.addr.n, m.local.n + 1 + m.domain.n);
		}
		assert_string_equal(buf_text(&got), rows[i].want);
		assert_int_equal(it.malformed, rows[i].malformed);
		assert_false(mailbox_next(&it, &m));
	}
}

static void
test_parts(void **state)
{
	struct mailboxes it;
	struct mailbox m;

	(void)state;
	mailbox_begin(&it, slice_of("\"a@b\" . c@Bank.example"));
	assert_true(mailbox_next(&it, &m));
	assert_true(slice_eq(m.local, slice_of("\"a@b\".c")));
	assert_true(slice_eq(m.domain, slice_of("Bank.example")));
}

/* More addresses than anybody has, and one that is too long. */
static void
test_bounds(void **state)
{
	char text[6 * (MAILBOXES_MAX + 1)];
	char longer[MAILBOX_MAX_BYTES + 20];
	struct mailboxes it;
	struct mailbox m;

	(void)state;
	for (size_t i = 0; i <= MAILBOXES_MAX; i++)
		memcpy(text + 6 * i, "a@b.c,", 6);
	mailbox_begin(&it, slice_make(text, 6 * MAILBOXES_MAX));
	while (mailbox_next(&it, &m))
		;
	assert_int_equal(it.n, MAILBOXES_MAX);
	assert_false(it.malformed);
	mailbox_begin(&it, slice_make(text, sizeof(text)));
	while (mailbox_next(&it, &m))
		;
	assert_int_equal(it.n, MAILBOXES_MAX);
	assert_true(it.malformed);

	memset(longer, 'x', sizeof(longer));
	memcpy(longer + sizeof(longer) - 30, "@bank.example", 13);
	mailbox_begin(&it, slice_make(longer, sizeof(longer)));
	assert_true(mailbox_next(&it, &m));
	assert_int_equal(m.domain.n, 0);
	assert_true(it.malformed);
}

/* Nothing of what has no end makes reading quadratic: 1 MB of each in well under a second each. */
static void
test_time(void **state)
{
	static const char *const units[] = {
	    "(", "\"\\", "<", "<@a,", "a@", "[", "a@[", "\\", ":", "(()", "@(", "<@(", "<@a("};
	static char text[1024 * 1024];

	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		size_t n = strlen(units[i]);
		struct mailboxes it;
		struct mailbox m;

		for (size_t j = 0; j + n <= sizeof(text); j += n)
			memcpy(text + j, units[i], n);
		print_message("  %s\n", units[i]);
		mailbox_begin(&it, slice_make(text, sizeof(text) / n * n));
		while (mailbox_next(&it, &m))
			;
		assert_true(it.malformed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_next),
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_time),
	};

	return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
