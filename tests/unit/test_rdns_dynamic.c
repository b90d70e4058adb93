/*
 * test_rdns_dynamic.c - lib/policy/rdns_dynamic. The names are invented, in the shapes that
 * providers use.
 */
#include "policy/rdns_dynamic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The client is 203.0.113.77, or 2001:db8:1:2:a00:27ff:fe4e:66a1. */
#define HOST    RDNS_LOOK_HOST
#define STATIC  RDNS_LOOK_STATIC
#define DYNAMIC RDNS_LOOK_DYNAMIC

static const struct {
	const char *name;
	enum rdns_look want;
} rows[] = {
    /* lines of providers */
    {"c-203-0-113-77.hsd1.ca.bigcable.example", DYNAMIC},
    {"pool-203-0-113-77.washdc.fios.phone.example", DYNAMIC},
    {"cpe-203-0-113-77.nyc.res.rr.example", DYNAMIC},
    {"cpe-0018f8a1b2c3.socal.rr.example", DYNAMIC},
    {"pcb00714d.dip0.telecom.example", DYNAMIC},
    {"p57aa1234.dip.telecom.example", DYNAMIC},
    {"203-0-113-77.dsl.provider.example", DYNAMIC},
    {"dsl-77-113.provider.example", DYNAMIC},
    {"adsl-203-0-113-77.dsl.south.phone.example", DYNAMIC},
    {"adsl2plus-4711.provider.example", DYNAMIC},
    {"vdsl.bras3.provider.example", DYNAMIC},
    {"77.113.0.203.dynamic.jazz.example", DYNAMIC},
    {"static.dynamic.provider.example", DYNAMIC},
    {"dynamic-077-113-000-203.3.0.provider.example", DYNAMIC},
    {"dynamicip-94-1.pppoe.region.provider.example", DYNAMIC},
    {"ppp-203-0-113-77.revip.asian.example", DYNAMIC},
    {"ppp1234.region.provider.example", DYNAMIC},
    {"dyn-77.provider.example", DYNAMIC},
    {"dyn.example", HOST}, /* the provider's own domain is not looked at */
    {"a.dyn.provider.example", DYNAMIC},
    {"dyndsl-203-000-113-077.city.example", DYNAMIC},
    {"host203-0-113-77.range203-0.internet.example", DYNAMIC},
    {"host-77-113.provider.example", DYNAMIC},
    {"host81-144.range81.internet.example", DYNAMIC},
    {"host-4711.provider.example", DYNAMIC},
    {"ip-203-0-113-77.provider.example", DYNAMIC},
    {"ip4da1b2c3.adsl-surfen.provider.example", DYNAMIC},
    {"ip5f5a1b2c.dynamic.kabel.example", DYNAMIC},
    {"203-0-113-77.pool.line.example", DYNAMIC},
    {"pool-98-111.provider.example", DYNAMIC},
    {"cable-203-0-113-77.city.provider.example", DYNAMIC},
    {"cablemodem77.provider.example", DYNAMIC},
    {"modemcable077.113-0-203.mc.video.example", DYNAMIC},
    {"dhcp-113-77.campus.university.example", DYNAMIC},
    {"dhcp.campus.university.example", DYNAMIC},
    {"dialup-4.access.provider.example", DYNAMIC},
    {"dialin-145.city.university.example", DYNAMIC},
    {"isdn-77.provider.example", DYNAMIC},
    {"xdsl-113-77.city.example", DYNAMIC},
    {"broadband-203-0-113-77.ip.rostel.example", DYNAMIC},
    {"catv-203-0-113-77.catv.broad.example", DYNAMIC},
    {"cust-77.network.example", DYNAMIC},
    {"customer-4.provider.example", DYNAMIC},
    {"client-203-0-113-77.speedy.example", DYNAMIC},
    {"client77.provider.example", DYNAMIC},
    {"clients-3.wisp.example", DYNAMIC},
    {"user-12l3c6h.cable.mindspring.example", DYNAMIC},
    {"res-77.provider.example", DYNAMIC},
    {"abo-12.cityname.provider.example", DYNAMIC},
    {"lfbn-par-1-77-113.w203-0.abo.provider.example", DYNAMIC},
    {"203.0.113.77.mobile.3g.example", DYNAMIC},
    {"mobile-internet-4.provider.example", DYNAMIC},
    {"nat-77.provider.example", DYNAMIC},
    {"cgn-203-0-113-77.provider.example", DYNAMIC},
    {"ftth-4711.provider.example", DYNAMIC},
    {"h-113-77.a.priv.broadnet.example", DYNAMIC},
    {"bl20-113-77.dsl.telepac.example", DYNAMIC},
    {"189-77.user.tele.com.br", DYNAMIC},
    {"203000113077.user.veloxzone.com.br", DYNAMIC},
    {"203-0-113-77.tpgi.com.au", DYNAMIC},
    {"softbank203000113077.bbtec.example", DYNAMIC},
    {"3405803853.provider.example", DYNAMIC},
    {"node-113-77.provider.example", DYNAMIC},
    {"unknown-203.provider.example", DYNAMIC},
    {"wimax-12.provider.example", DYNAMIC},
    {"mail-203-0-113-77.dynamic.provider.example", DYNAMIC},
    {"smtp.203-0-113-77.dyn.provider.example", DYNAMIC},
    {"2001-db8-1-2-a00-27ff-fe4e-66a1.pool6.provider.example", DYNAMIC},
    {"p20010db8000100020a0027fffe4e66a1.dip0.telecom.example", DYNAMIC},
    {"dynamic-2001-0db8-0001-0002.v6.provider.example", DYNAMIC},
    {"host-20010db800010002.provider.example", DYNAMIC},

    /* lines and rented servers that keep their address */
    {"static-203-0-113-77.provider.example", STATIC},
    {"static.77.113.0.203.clients.hoster.example", STATIC},
    {"203-0-113-77.static.cable.example", STATIC},
    {"203-0-113-77-static.hfc.businessnet.example", STATIC},
    {"host77-113-static.203-0-b.business.telecom.example", STATIC},
    {"adsl-static-4.provider.example", STATIC},
    {"fixed-203-0-113-77.provider.example", STATIC},
    {"cust-77.fix.provider.example", STATIC},
    {"vps-1a2b3c4d.vps.hoster.example", STATIC},
    {"vps4711.hoster.example", STATIC},
    {"ec2-203-0-113-77.eu-west-1.compute.cloud.example", STATIC},
    {"77-113.dedicated.hoster.example", STATIC},

    /* hosts */
    {"mx1.example.com", HOST},
    {"mail.example.com", HOST},
    {"example.com", HOST},
    {"example", HOST},
    {"www2.example.org", HOST},
    {"server1.example.com", HOST},
    {"host1.hoster.example", HOST},
    {"ns3.example.net", HOST},
    {"edge-21.city.example.net", HOST},
    {"zeus.physics.university.example", HOST},
    {"client.example.com", HOST},
    {"homer.example.com", HOST},
    {"resolver1.example.com", HOST},
    {"cablegram.example", HOST},
    {"gw.cable-and-wire.example", HOST},
    {"shop.dynamic-systems.example", HOST},
    {"gw.dsl.co.uk", HOST},
    {"mail-wr1-f41.bigmail.example", HOST},
    {"mail-dm6nam10on2077.outbound.protection.office.example", HOST},
    {"mail-203-0-113-77.provider.example", HOST},
    {"a113-77.smtp-out.sendservice.example", HOST},
    {"o1678911x77.outbound-mail.grid.example", HOST},
    {"m113-77.mailsender.example", HOST},
    {"mta-203-0-113-77.news.shop.example", HOST},
    {"smtp-out-113-77.provider.example", HOST},
    {"smtp.dsl.provider.example", HOST},
    {"mx.cable.provider.example", HOST},
    {"relay2.pool.provider.example", HOST},
    {"out-77.smtp.forge.example", HOST},
    {"out3-smtp.messagingengine.example", HOST},
    {"sonic304-23.consmr.mail.portal.example", HOST},
    {"mout.gmx-like.example", HOST},
    {"mailout12.t-online.example", HOST},
    {"lists.example.org", HOST},
    {"bounce.newsletter.shop.example", HOST},
    {"mta113-77.pmmta.example", HOST},
    {"k113-77.forum.example", DYNAMIC}, /* no word of ours: the address decides */
    {"k113-77.dsl.mailprovider.example", DYNAMIC},
    {"post.adynal.example", HOST},
    {"static.mx.example.com", HOST},
    {"mx1.v6.example.net", HOST},
};

static void
look_check(const char *name, const char *address, enum rdns_look want)
{
	struct net_addr client;
	enum rdns_look got;

	assert_int_equal(net_addr_parse(slice_of(address), &client), 0);
	got = rdns_look(slice_of(name), &client);
	if (got != want)
		fail_msg("%s: got %d, want %d", name, (int)got, (int)want);
}

static void
test_look(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool v6 = strstr(rows[i].name, "2001") != NULL;

		look_check(rows[i].name, v6 ? "2001:db8:1:2:a00:27ff:fe4e:66a1" : "203.0.113.77",
		    rows[i].want);
	}
}

static void
test_case(void **state)
{
	(void)state;
	look_check("DSL-7.Provider.Example", "203.0.113.77", DYNAMIC);
	look_check("MX1.DSL.Provider.Example", "203.0.113.77", HOST);
	look_check("Static-7.Provider.Example", "203.0.113.77", STATIC);
	look_check("GW.DSL.CO.UK", "203.0.113.77", HOST);
}

/* What no name server should say, but may: any answer will do, but there must be one. */
static void
test_odd(void **state)
{
	static const char *const names[] = {"", ".", "..", "a..b.", "-", "\xff\xfe", "1", "1.2.3"};
	struct net_addr none = {.family = NET_NONE};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_int_equal(rdns_look(slice_of(names[i]), &none), HOST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_look),
	    cmocka_unit_test(test_case),
	    cmocka_unit_test(test_odd),
	};

	return cmocka_run_group_tests_name("rdns_dynamic", tests, NULL, NULL);
}
