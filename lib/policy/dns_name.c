/*
 * dns_name.c - see dns_name.h.
 */
#include "policy/dns_name.h"

static bool
is_label_length(size_t n)
{
	return n > 0 && n <= DNS_LABEL_MAX_BYTES;
}

/* Bytes from `first` to '~' may be in a label. */
static bool
is_label_byte(char c, char first)
{
	return c >= first && c <= '~' && c != '.' && c != '\\';
}

static bool
is_label(struct slice label)
{
	for (size_t i = 0; i < label.n; i++) {
		if (!is_label_byte(label.p[i], '!'))
			return false;
	}
	return is_label_length(label.n);
}

static bool
is_root(struct slice text)
{
	return text.n == 1 && text.p[0] == '.';
}

struct slice
dns_name_without_dot(struct slice name)
{
	return name.n > 1 && name.p[name.n - 1] == '.' ? slice_head(name, name.n - 1) : name;
}

bool
dns_name_is_within(struct slice name, struct slice top)
{
	size_t before = name.n - top.n;

	return top.n > 0 && name.n >= top.n && slice_eq_nocase(slice_from(name, before), top) &&
	       (before == 0 || name.p[before - 1] == '.');
}

/* Cuts the first label off; false when the rest does not begin with one. A dot must have something
 * behind it. */
static bool
label_next(struct slice *rest, struct slice *label_r)
{
	size_t dot = slice_find(*rest, '.');

	*label_r = slice_head(*rest, dot);
	if (!is_label(*label_r) || dot + 1 == rest->n)
		return false;
	*rest = slice_from(*rest, dot + 1);
	return true;
}

/* One walk over the bytes, since every question of every session comes through here. */
static bool
is_name(struct slice name, char first)
{
	size_t label = 0;

	for (size_t i = 0; i < name.n; i++) {
		if (is_label_byte(name.p[i], first))
			label++;
		else if (name.p[i] == '.' && is_label_length(label))
			label = 0;
		else
			return false;
	}
	return is_label_length(label);
}

static int
name_add(struct slice text, char first, struct buf *out)
{
	struct slice name = dns_name_without_dot(text);

	if (name.n > DNS_NAME_MAX_BYTES || !(is_root(text) || is_name(name, first)))
		return -1;
	buf_add_lower(out, name);
	return out->over ? -1 : 0;
}

int
dns_name_normalise(struct slice text, struct buf *out)
{
	return name_add(text, '!', out);
}

int
dns_name_question(struct slice text, struct buf *out)
{
	return name_add(text, ' ', out);
}

int
dns_name_to_wire(struct slice text, struct buf *out)
{
	struct slice rest = dns_name_without_dot(text);
	struct slice label;

	if (rest.n == 0 || rest.n > DNS_NAME_MAX_BYTES)
		return -1;
	if (is_root(text))
		rest.n = 0;
	while (rest.n > 0) {
		if (!label_next(&rest, &label))
			return -1;
		buf_add_char(out, (char)label.n);
		buf_add(out, label);
	}
	buf_add_char(out, '\0');
	return out->over ? -1 : 0;
}

int
dns_name_from_wire(struct slice wire, struct buf *out)
{
	struct slice rest = wire;

	if (wire.n > DNS_NAME_WIRE_BYTES)
		return -1;
	while (rest.n > 0 && rest.p[0] != '\0') {
		size_t n = (unsigned char)rest.p[0];
		struct slice label = slice_head(slice_from(rest, 1), n);

		if (label.n < n || !is_label(label))
			return -1;
		if (rest.n < wire.n)
			buf_add_char(out, '.');
		buf_add_lower(out, label);
		rest = slice_from(rest, 1 + n);
	}
	if (wire.n == 1)
		buf_add_char(out, '.');
	return rest.n != 1 || out->over ? -1 : 0;
}

static void
reverse_bytes(const struct net_addr *addr, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = net_family_bits(addr->family) / 8; i-- > 0;) {
		unsigned byte = addr->bytes[i];

		if (addr->family == NET_IPV4) {
			buf_add_u64(out, byte);
		} else {
			buf_add_char(out, digits[byte & 15]);
			buf_add_char(out, '.');
			buf_add_char(out, digits[byte >> 4]);
		}
		buf_add_char(out, '.');
	}
}

int
dns_name_reverse(const struct net_addr *addr, struct slice zone, struct buf *out)
{
	const char *arpa = addr->family == NET_IPV4 ? "in-addr.arpa" : "ip6.arpa";
	size_t from = out->n;

	if (addr->family == NET_NONE)
		return -1;
	reverse_bytes(addr, out);
	if (dns_name_normalise(zone.n == 0 ? slice_of(arpa) : zone, out) != 0)
		return -1;
	return out->n - from > DNS_NAME_MAX_BYTES ? -1 : 0;
}
