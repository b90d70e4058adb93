/*
 * settings.c - see settings.h.
 */
#include "settings.h"

#include "dnsbl_conf.h"
#include "io/dns.h"
#include "io/files.h"
#include "io/listener.h"
#include "io/log.h"
#include "io/redis.h"
#include "modules.h"
#include "outbound_conf.h"
#include "policy/account_field.h"
#include "policy/direction.h"
#include "returns_conf.h"
#include "web_conf.h"
#include "webhooks_conf.h"

#include <assert.h>

#define NAME_MAX_BYTES 64
#define PATH_BYTES     1024

static const struct option daemon_options[] = {
    OPTION_TEXT(struct daemon_conf, listen, "listen", "unix:/run/gatepost/gatepostd.sock", 1,
	PATH_BYTES, listener_spec_check,
	"Where the MTA finds us: unix:PATH, inet:PORT@HOST or inet6:PORT@HOST."),
    OPTION_OCTAL(struct daemon_conf, socket_mode, "socket_mode", "0660", 0, 0777,
	"Permissions of a unix socket."),
    OPTION_TEXT(struct daemon_conf, socket_group, "socket_group", "", 0, NAME_MAX_BYTES, NULL,
	"Group of a unix socket, so that the MTA may connect; empty: the daemon's own."),
    OPTION_TEXT(struct daemon_conf, user, "user", "", 0, NAME_MAX_BYTES, NULL,
	"When started as root, run as this user (and its groups); empty: stay as started."),
    OPTION_SECONDS(struct daemon_conf, stop_timeout_s, "stop_timeout", "30s", 0, 3600,
	"On SIGTERM, sessions in progress have this long to finish."),
    OPTION_END,
};

const struct conf_section daemon_section = {
    .name = "milter",
    .help = "The daemon itself. Changes here need a restart.",
    .options = daemon_options,
    .size = sizeof(struct daemon_conf),
};

const struct conf_section *const settings_sections[] = {
    &daemon_section,
    &log_section,
    &redis_section,
    &dns_section,
    &direction_section,
    &rdns_section,
    &dnsbl_section,
    &spf_section,
    &dkim_section,
    &dmarc_section,
    &score_section,
    &grey_section,
    &authres_section,
    &verdicts_section,
    &outbound_section,
    &account_section,
    &returns_section,
    &web_section,
    &webhooks_section,
};

const size_t settings_count = sizeof(settings_sections) / sizeof(settings_sections[0]);

/* What sections must agree on. DMARC without one of its two legs would refuse what is right. */
static int
sections_check(const struct conf *conf, const char *name, struct err *err)
{
	const struct module *const legs[] = {&mod_spf, &mod_dkim};

	if (!mod_dmarc.active(settings_of(conf, &dmarc_section)))
		return 0;
	for (size_t i = 0; i < sizeof(legs) / sizeof(legs[0]); i++) {
		if (!legs[i]->active(settings_of(conf, legs[i]->section)))
			return err_set(err, ERR_INVALID,
			    "%s:%u: %s.enabled = no: dmarc needs it; set dmarc { enabled = no }, "
			    "too",
			    name, settings_line(conf, legs[i]->section, "enabled"), legs[i]->name);
	}
	return 0;
}

struct conf *
settings_parse(struct slice text, const char *name, const struct conf_files *files, struct err *err)
{
	struct conf *conf = conf_parse(settings_sections, settings_count, text, name, files, err);

	if (conf != NULL && sections_check(conf, name, err) != 0) {
		conf_free(conf);
		return NULL;
	}
	return conf;
}

struct conf *
settings_read(const char *path, struct err *err)
{
	struct arena text_arena;
	struct slice text;
	struct conf *conf = NULL;

	arena_init(&text_arena, 4096, CONF_FILE_MAX_BYTES + 4096);
	if (files_read(path, CONF_FILE_MAX_BYTES, &text_arena, &text, err) == 0)
		conf = settings_parse(text, path, &files_conf, err);
	arena_fini(&text_arena);
	return conf;
}

void
settings_trial(const struct conf *conf, const char *path,
    void (*denied)(void *arg, const char *why), void *arg)
{
	const struct daemon_conf *daemon = settings_of(conf, &daemon_section);
	struct files_trial trial;
	struct arena arena;
	struct slice text;
	struct err err;

	if (daemon->user[0] == '\0')
		return;
	files_trial_init(&trial, daemon->user, denied, arg);
	files_trial_look(&trial, path);
	arena_init(&arena, 4096, CONF_FILE_MAX_BYTES + 4096);
	if (files_read(path, CONF_FILE_MAX_BYTES, &arena, &text, &err) == 0)
		conf_free(settings_parse(text, path, &trial.files, &err));
	arena_fini(&arena);
}

static size_t
section_index(const struct conf_section *section)
{
	size_t i = 0;

	while (i < settings_count && settings_sections[i] != section)
		i++;
	assert(i < settings_count); /* else: a section that is not in settings_sections */
	return i;
}

const void *
settings_of(const struct conf *conf, const struct conf_section *section)
{
	return conf_section(conf, section_index(section));
}

unsigned
settings_line(const struct conf *conf, const struct conf_section *section, const char *option)
{
	return conf_line(
	    conf, section_index(section), option_find(section->options, slice_of(option)));
}

bool
settings_has_secrets(const struct conf *conf)
{
	const struct redis_conf *redis = settings_of(conf, &redis_section);
	const struct account *all = settings_of(conf, &account_section);
	bool found = redis->password[0] != '\0' || all->webhook_secret[0] != '\0';

	for (size_t i = 0; !found && i < settings_account_count(conf); i++)
		found = settings_account(conf, i)->webhook_secret[0] != '\0';
	return found;
}

size_t
settings_account_count(const struct conf *conf)
{
	return conf_titled_count(conf, section_index(&account_section));
}

const struct account *
settings_account(const struct conf *conf, size_t i)
{
	return conf_titled(conf, section_index(&account_section), i);
}

unsigned
settings_account_line(const struct conf *conf, size_t i, const char *option)
{
	const struct option *row = option == NULL ? NULL : account_row(slice_of(option));

	return conf_titled_line(conf, section_index(&account_section), i, row);
}

struct accounts_conf
settings_accounts(const struct conf *conf)
{
	const struct outbound_conf *outbound = settings_of(conf, &outbound_section);
	struct accounts_conf accounts = {
	    .defaults = settings_of(conf, &account_section),
	    .n = settings_account_count(conf),
	    .default_account = outbound->default_account,
	    .refresh_s = outbound->refresh_s,
	};

	if (accounts.n > 0)
		accounts.v = settings_account(conf, 0);
	return accounts;
}
