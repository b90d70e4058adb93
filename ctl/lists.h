/*
 * lists.h - the lists of what is exempt: from greylisting, or from all checks. Each is kept in
 * milter.conf and in Redis; both hold.
 */
#ifndef CTL_LISTS_H
#define CTL_LISTS_H

#include "ctl.h"
#include "io/store_lists.h"
#include "policy/ports.h"

/* One list: networks or addresses, by store_list_has_networks(). */
struct list_row {
	enum store_list list;
	const struct conf_section *section; /* of milter.conf, … */
	const char *option;                 /* … whose option has entries of the same kind */
	const char *kind;                   /* what an entry is called: network, sender, rcpt */
};

/* What one pair of commands is about: one list, or two, of networks and of addresses. */
#define LIST_ROWS_MAX 2
struct list_family {
	struct list_row rows[LIST_ROWS_MAX];
	size_t n;
	const char *vast;          /* what becomes of a network that is hardly meant */
	const char *networks_only; /* what to do with an address; NULL: it is welcome */
};

extern const struct list_family lists_allow;       /* clients that no check judges */
extern const struct list_family lists_optout;      /* recipients that no check judges */
extern const struct list_family lists_grey_allow;  /* clients and senders never put off */
extern const struct list_family lists_grey_optout; /* recipients never put off */

/* What milter.conf has of that list, by the kind of its entries. */
const struct net_set *lists_networks(const struct conf *conf, const struct list_row *row);
const struct address_set *lists_addresses(const struct conf *conf, const struct list_row *row);

/* Whom no check judges, as gatepostd knows it. */
struct lists_optouts {
	const struct address_set *conf;
	struct store_lists redis;
	bool complete; /* Redis could be read */
};

/* admin: NULL when Redis is away. */
void lists_optouts_open(
    struct lists_optouts *o, const struct conf *conf, struct store_admin *admin);
void lists_optouts_close(struct lists_optouts *o);

/* True when mail to that domain, whatever the local part, is not judged. */
bool lists_optouts_has(struct lists_optouts *o, const char *domain);

/* True for a network that is hardly meant: it is much of the internet. */
bool lists_is_vast(const struct net_cidr *network);

#endif
