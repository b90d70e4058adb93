/*
 * account_map_key.c - see account_map.h: the keys.
 */
#include "policy/account_map.h"

static const char key_forms[] = "write ip:NETWORK, login:NAME, from:ADDRESS or from:@DOMAIN";

/* What no key holds: it would divide a list of them. */
static bool
has_odd_bytes(struct slice key)
{
	for (size_t i = 0; i < key.n; i++) {
		unsigned char c = (unsigned char)key.p[i];

		if (c <= ' ' || c == 0x7f || c == ',')
			return true;
	}
	return false;
}

static int
from_check(struct slice from, struct err *err)
{
	struct address address = address_parse(from);

	if (from.n > 1 && from.p[0] == '@' && slice_find(slice_from(from, 1), '@') == from.n - 1)
		return 0;
	if (!address.null && !address.malformed && address.local.n > 0 && address.domain.n > 0 &&
	    slice_eq(address.text, from))
		return 0;
	return err_set(err, ERR_INVALID, "that is no address; %s", key_forms);
}

int
account_map_key_format(struct slice key, struct buf *out, struct err *err)
{
	struct slice rest = slice_from(key, slice_find(key, ':') + 1);
	struct net_cidr cidr;

	if (key.n > ACCOUNT_KEY_BYTES || rest.n == 0 || has_odd_bytes(key))
		return err_set(err, ERR_INVALID, "that is no key of the map; %s", key_forms);
	if (slice_starts_nocase(key, slice_of("ip:"))) {
		if (net_cidr_parse(rest, &cidr, err) != 0)
			return -1;
		buf_add_text(out, "ip:");
		if (cidr.bits == net_family_bits(cidr.addr.family))
			net_addr_format(out, &cidr.addr);
		else
			net_cidr_format(out, &cidr);
		return 0;
	}
	if (slice_starts_nocase(key, slice_of("from:"))) {
		if (from_check(rest, err) != 0)
			return -1;
	} else if (!slice_starts_nocase(key, slice_of("login:"))) {
		return err_set(err, ERR_INVALID, "that is no key of the map; %s", key_forms);
	}
	buf_add_lower(out, key);
	return 0;
}

int
account_map_key_check(struct slice key, struct err *err)
{
	char storage[ACCOUNT_KEY_BYTES + NET_CIDR_TEXT_BYTES];
	struct buf out = BUF_OVER(storage);

	return account_map_key_format(key, &out, err);
}
