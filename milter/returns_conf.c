/*
 * returns_conf.c - see returns_conf.h.
 */
#include "returns_conf.h"

#define DAY_S      INT64_C(86400)
#define PATH_BYTES 1024
#define LIST_MAX   100000

static int
path_check(const char *value, struct err *err)
{
	if (value[0] == '/' || value[0] == '\0')
		return 0;
	return err_set(err, ERR_INVALID, "write the whole path, beginning with /");
}

static const struct option options[] = {
    OPTION_BOOL(struct returns_conf, enabled, "enabled", "yes",
	"Take what comes to return paths of ours: bounces, complaints, mail that unsubscribes."),
    OPTION_SECONDS(struct returns_conf, max_age_s, "max_age", "30d", DAY_S, 3650 * DAY_S,
	"Return paths and identifiers of older mail are refused; keep it below accounts' "
	"retention."),
    OPTION_TEXT(struct returns_conf, patterns, "patterns", "", 0, PATH_BYTES, path_check,
	"File of rules that are asked before those that are built in (gatepostctl bounce)."),
    OPTION_ADDRESSES(struct returns_conf, feedback, "feedback", "", LIST_MAX,
	"Addresses to which providers send complaints (ARF)."),
    OPTION_ADDRESSES(struct returns_conf, strict, "strict", "", LIST_MAX,
	"Addresses and domains that send only with return paths of ours: bounces to them are "
	"backscatter, and are refused."),
    OPTION_BOOL(struct returns_conf, refuse_others, "refuse_others", "no",
	"Refuse what is no return path in accounts' bounce domains; else the MTA decides."),
    OPTION_BOOL(struct returns_conf, by_id, "by_id", "yes",
	"Look into bounces to other addresses for identifiers of ours, too: they come there when "
	"an account has mail_from = keep."),
    OPTION_END,
};

const struct conf_section returns_section = {
    .name = "returns",
    .help = "What comes back: bounces, complaints, unsubscribes.",
    .options = options,
    .size = sizeof(struct returns_conf),
};
