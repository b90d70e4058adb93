/*
 * lists.c - see lists.h: which lists there are, and where milter.conf has theirs.
 */
#include "lists.h"

#include "modules.h"
#include "policy/direction.h"
#include "settings.h"

#include <assert.h>

/* A network with a shorter prefix than these is hardly meant. */
#define IPV4_BITS_MIN 8
#define IPV6_BITS_MIN 16

const struct list_family lists_allow = {
    .rows = {{STORE_ALLOW_CLIENTS, &direction_section, "allow_networks", "network"}},
    .n = 1,
    .vast = "no check would judge mail from there",
    .networks_only = "for a sender, whom anybody can write, there is `gatepostctl grey allow` only",
};

const struct list_family lists_optout = {
    .rows = {{STORE_OPTOUT_ALL, &direction_section, "optout", "rcpt"}},
    .n = 1,
};

const struct list_family lists_grey_allow = {
    .rows = {{STORE_ALLOW_NETWORKS, &grey_section, "allow_networks", "network"},
	{STORE_ALLOW_SENDERS, &grey_section, "allow_senders", "sender"}},
    .n = 2,
    .vast = "nobody there would be put off",
};

const struct list_family lists_grey_optout = {
    .rows = {{STORE_OPTOUT, &grey_section, "optout", "rcpt"}},
    .n = 1,
};

static const void *
value_of(const struct conf *conf, const struct list_row *row, enum option_kind kind)
{
	const struct option *option = option_find(row->section->options, slice_of(row->option));

	assert(option != NULL && option->kind == kind);
	return (const char *)settings_of(conf, row->section) + option->offset;
}

const struct net_set *
lists_networks(const struct conf *conf, const struct list_row *row)
{
	return value_of(conf, row, OPTION_KIND_NETWORKS);
}

const struct address_set *
lists_addresses(const struct conf *conf, const struct list_row *row)
{
	return value_of(conf, row, OPTION_KIND_ADDRESSES);
}

bool
lists_is_vast(const struct net_cidr *network)
{
	return network->bits < (network->addr.family == NET_IPV4 ? IPV4_BITS_MIN : IPV6_BITS_MIN);
}
