/*
 * test_dns_public.c - lib/policy/dns_public.
 */
#include "policy/dns_public.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
test_operator(void **state)
{
	static const struct {
		const char *address;
		const char *want; /* NULL: none that is known */
	} rows[] = {
	    {"8.8.8.8", "Google"},
	    {"8.8.4.4", "Google"},
	    {"2001:4860:4860::8844", "Google"},
	    {"1.1.1.1", "Cloudflare"},
	    {"1.0.0.1", "Cloudflare"},
	    {"2606:4700:4700::1111", "Cloudflare"},
	    {"9.9.9.9", "Quad9"},
	    {"9.9.9.10", "Quad9"},
	    {"149.112.112.112", "Quad9"},
	    {"2620:fe::fe", "Quad9"},
	    {"208.67.222.222", "OpenDNS"},
	    {"2620:119:35::35", "OpenDNS"},
	    {"4.2.2.1", "Level 3"},
	    {"4.2.2.6", "Level 3"},
	    {"94.140.15.15", "AdGuard"},
	    {"185.228.169.9", "CleanBrowsing"},
	    {"77.88.8.8", "Yandex"},
	    {"86.54.11.1", "DNS4EU"},
	    {"127.0.0.1", NULL},
	    {"127.0.0.53", NULL},
	    {"::1", NULL},
	    {"192.168.1.1", NULL},
	    {"8.8.9.8", NULL},
	    {"1.1.2.1", NULL},
	    {"4.2.2.8", NULL},
	    {"2620:ff::fe", NULL},
	    {"208.67.221.1", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct net_addr addr;
		const char *got;

		assert_int_equal(net_addr_parse(slice_of(rows[i].address), &addr), 0);
		got = dns_public_operator(&addr);
		if (rows[i].want == NULL ? got != NULL
					 : got == NULL || strcmp(got, rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].address, got != NULL ? got : "none");
	}
}

static void
test_servers(void **state)
{
	static const struct {
		const char *text;
		const char *want; /* the addresses, each with a blank behind it */
	} rows[] = {
	    {"", ""},
	    {"\n\n", ""},
	    {"nameserver 8.8.8.8", "8.8.8.8 "},
	    {"nameserver 8.8.8.8\n", "8.8.8.8 "},
	    {"# nameserver 1.1.1.1\nsearch example.org\nnameserver\t192.0.2.1\nnameserver "
	     "2001:DB8::1\n",
		"192.0.2.1 2001:db8::1 "},
	    {"  nameserver  9.9.9.9  # Quad9\r\n", "9.9.9.9 "},
	    {"; nameserver 1.1.1.1\n;nameserver 1.1.1.1\n", ""},
	    {"nameservers 1.1.1.1\nnameserver\nnameserver \nnameserver1.1.1.1\n", ""},
	    {"nameserver fe80::1%eth0\nnameserver ns.example\nnameserver 192.0.2.2\n",
		"192.0.2.2 "},
	    {"Nameserver 1.1.1.1\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice text = slice_of(rows[i].text);
		char storage[256];
		struct buf got = BUF_OVER(storage);
		struct net_addr server;

		while (dns_public_server_next(&text, &server)) {
			net_addr_format(&got, &server);
			buf_add_char(&got, ' ');
		}
		if (strcmp(buf_text(&got), rows[i].want) != 0)
			fail_msg("row %zu: %s", i, buf_text(&got));
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_operator),
	    cmocka_unit_test(test_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
