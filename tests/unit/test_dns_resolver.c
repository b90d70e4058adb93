/*
 * test_dns_resolver.c - lib/io/dns_resolver.
 */
#include "io/dns_resolver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void
test_parse(void **state)
{
	static const struct {
		const char *text;
		int status;
		enum dns_resolver_kind kind;
		const char *server;
	} rows[] = {
	    {"system", 0, DNS_RESOLVER_SYSTEM, ""},
	    {"recursive", 0, DNS_RESOLVER_RECURSIVE, ""},
	    {"192.0.2.1", 0, DNS_RESOLVER_SERVER, "192.0.2.1@53"},
	    {"127.0.0.1@5353", 0, DNS_RESOLVER_SERVER, "127.0.0.1@5353"},
	    {"127.0.0.1@65535", 0, DNS_RESOLVER_SERVER, "127.0.0.1@65535"},
	    {"127.0.0.1@00053", 0, DNS_RESOLVER_SERVER, "127.0.0.1@53"},
	    {"::1", 0, DNS_RESOLVER_SERVER, "::1@53"},
	    {"2001:DB8::0:1@54", 0, DNS_RESOLVER_SERVER, "2001:db8::1@54"},
	    {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255@65535", 0, DNS_RESOLVER_SERVER,
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff@65535"},
	    {"", -1, 0, ""},
	    {"System", -1, 0, ""},
	    {"ns.example", -1, 0, ""},
	    {"127.0.0.1:53", -1, 0, ""},
	    {"[::1]@53", -1, 0, ""},
	    {"127.0.0.1@", -1, 0, ""},
	    {"127.0.0.1@0", -1, 0, ""},
	    {"127.0.0.1@65536", -1, 0, ""},
	    {"127.0.0.1@53x", -1, 0, ""},
	    {"127.0.0.1@-1", -1, 0, ""},
	    {"127.0.0.1@53@54", -1, 0, ""},
	    {"@53", -1, 0, ""},
	    {"system@53", -1, 0, ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dns_resolver resolver;
		struct err err = {.text = ""};

		if (dns_resolver_parse(rows[i].text, &resolver, &err) != rows[i].status)
			fail_msg("\"%s\": %s", rows[i].text, err.text);
		if (rows[i].status != 0) {
			assert_int_equal(err.code, ERR_INVALID);
			assert_true(err.text[0] != '\0');
			continue;
		}
		assert_int_equal(resolver.kind, rows[i].kind);
		assert_string_equal(resolver.server, rows[i].server);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
