/*
 * fuzz_net.c - net_cidr_parse() on any bytes: what is a network, written out and read again, is the
 * same one and holds its own address, in a set too; what is none says why.
 */
#include "base/net.h"

#include <assert.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char storage[NET_CIDR_TEXT_BYTES];
	struct buf text = BUF_OVER(storage);
	struct err err = {.code = ERR_NONE};
	struct net_cidr cidr, again;
	struct net_set set;

	if (net_cidr_parse(slice_make((const char *)data, n), &cidr, &err) != 0) {
		assert(err.code == ERR_INVALID && err.text[0] != '\0');
		return 0;
	}
	net_cidr_format(&text, &cidr);
	assert(buf_text(&text)[0] != '\0' && !text.over);
	assert(net_cidr_parse(buf_slice(&text), &again, &err) == 0);
	assert(net_addr_eq(&cidr.addr, &again.addr) && cidr.bits == again.bits);
	net_set_init(&set, &again, 1);
	assert(net_set_has(&set, &cidr.addr) && net_cidr_has(&cidr, &cidr.addr));
	return 0;
}
