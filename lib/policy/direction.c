/*
 * direction.c - see direction.h.
 */
#include "policy/direction.h"

#define SUBMIT_NETWORKS_MAX 10000
#define SUBMIT_DAEMONS_MAX  100
#define LIST_MAX            100000

static const struct option options[] = {
    OPTION_NETWORKS(struct direction_conf, submit_networks, "submit_networks", "127.0.0.0/8 ::1",
	SUBMIT_NETWORKS_MAX, "Networks whose mail is outbound: never greylisted, never scored."),
    OPTION_WORDS(struct direction_conf, submit_daemons, "submit_daemons", "ORIGINATING submission",
	SUBMIT_DAEMONS_MAX,
	"Names of MTA daemons ({daemon_name}) through which only submitters come."),
    OPTION_NETWORKS(struct direction_conf, allow_networks, "allow_networks", "", LIST_MAX,
	"Clients whose mail no check judges: your own relays, a backup MX (also: gatepostctl "
	"allow)."),
    OPTION_ADDRESSES(struct direction_conf, optout, "optout", "", LIST_MAX,
	"Recipients and domains whose mail no check judges, as postmaster and abuse (also: "
	"gatepostctl optout)."),
    OPTION_END,
};

const struct conf_section direction_section = {
    .name = "inbound",
    .help = "What counts as arriving mail, and what of it is judged.",
    .options = options,
    .size = sizeof(struct direction_conf),
};

static bool
words_have(const struct option_words *words, struct slice word)
{
	for (size_t i = 0; i < words->n; i++) {
		if (slice_eq_nocase(slice_of(words->v[i]), word))
			return true;
	}
	return false;
}

struct direction_result
direction_of(const struct direction_conf *conf, const struct direction_facts *facts)
{
	if (facts->login.n > 0)
		return (struct direction_result){DIRECTION_OUTBOUND, "login"};
	if (net_set_has(&conf->submit_networks, facts->client))
		return (struct direction_result){DIRECTION_OUTBOUND, "network"};
	if (facts->account)
		return (struct direction_result){DIRECTION_OUTBOUND, "account"};
	if (facts->client->family == NET_NONE)
		return (struct direction_result){DIRECTION_OUTBOUND, "local"};
	if (facts->daemon.n > 0 && words_have(&conf->submit_daemons, facts->daemon))
		return (struct direction_result){DIRECTION_OUTBOUND, "daemon"};
	return (struct direction_result){DIRECTION_INBOUND, "none"};
}
