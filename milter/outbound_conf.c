/*
 * outbound_conf.c - see outbound_conf.h.
 */
#include "outbound_conf.h"

#define PATH_BYTES    1024
#define REFRESH_MAX_S 86400
#define EVENTS_MAX    INT64_C(1000000000)
#define DELIMITERS    2
#define DELIMITER_SET "-+=" /* what Postfix allows: verp_delimiter_filter */

static const char *const on_error_words[] = {"accept", "tempfail", NULL};

static int
delimiters_check(const char *value, struct err *err)
{
	if (strlen(value) == DELIMITERS && strspn(value, DELIMITER_SET) == DELIMITERS &&
	    value[0] != value[1])
		return 0;
	return err_set(err, ERR_INVALID, "write two different ones of %s, as in +=", DELIMITER_SET);
}

static int
path_check(const char *value, struct err *err)
{
	if (value[0] == '/')
		return 0;
	return err_set(err, ERR_INVALID, "write the whole path, beginning with /");
}

static int
default_account_check(const char *value, struct err *err)
{
	return value[0] == '\0' ? 0 : account_name_check(slice_of(value), err);
}

static const struct option options[] = {
    OPTION_BOOL(struct outbound_conf, enabled, "enabled", "yes",
	"Look for the account of mail that leaves, and do what it wants."),
    OPTION_WORDS(struct outbound_conf, precedence, "precedence", "login network from",
	ACCOUNT_SOURCES, "Whose word counts first when they name different accounts."),
    OPTION_TEXT(struct outbound_conf, default_account, "default_account", "", 0, ACCOUNT_NAME_BYTES,
	default_account_check,
	"The account of mail that has no other; empty: none, it leaves as it is."),
    OPTION_ENUM(struct outbound_conf, module.on_error, "on_error", "accept", on_error_words,
	"When the account cannot be told, since Redis is away: accept, or have it tried again."),
    OPTION_SECONDS(struct outbound_conf, refresh_s, "refresh", "60s", 1, REFRESH_MAX_S,
	"How often all accounts are read again where Redis does not tell what changed."),
    OPTION_TEXT(struct outbound_conf, keyring, "keyring", SYSCONFDIR "/gatepost/keyring", 1,
	PATH_BYTES, path_check, "The keys that sign tokens (gatepostctl keyring new)."),
    OPTION_TEXT(struct outbound_conf, keys, "keys", SYSCONFDIR "/gatepost/keys", 1, PATH_BYTES,
	path_check, "Directory of the keys that sign mail: DOMAIN/SELECTOR.key."),
    OPTION_BOOL(struct outbound_conf, require_dns, "require_dns", "no",
	"Sign only with keys whose public half DNS shows."),
    OPTION_TEXT(struct outbound_conf, xverp_delimiters, "xverp_delimiters", "+=", 1, DELIMITERS,
	delimiters_check, "As default_verp_delimiters of Postfix."),
    OPTION_TEXT(struct outbound_conf, spool, "spool", "/var/tmp", 1, PATH_BYTES, path_check,
	"Directory for bodies above 1 MB while they come in; nothing stays there."),
    OPTION_NUMBER(struct outbound_conf, events_keep, "events_keep", "1000000", 1, EVENTS_MAX,
	"Events of an account that are kept, beside its retention."),
    OPTION_END,
};

static int
outbound_check(const void *section, struct err *err)
{
	const struct outbound_conf *conf = section;
	struct account_precedence precedence;
	struct err why;

	if (account_precedence_parse(&conf->precedence, &precedence, &why) != 0)
		return err_set(err, why.code, "precedence: %s", why.text);
	return 0;
}

const struct conf_section outbound_section = {
    .name = "outbound",
    .help = "Mail that leaves: whose it is, and with which keys it is signed.",
    .options = options,
    .size = sizeof(struct outbound_conf),
    .check = outbound_check,
};
