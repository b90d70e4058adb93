/*
 * settings.h - every section of milter.conf, in the order in which it is documented.
 */
#ifndef MILTER_SETTINGS_H
#define MILTER_SETTINGS_H

#include "conf/conf.h"
#include "io/accounts.h"

/* SYSCONFDIR comes from configure: /etc with --sysconfdir=/etc, else /usr/local/etc. */
#define SETTINGS_FILE SYSCONFDIR "/gatepost/milter.conf"

/* The section `milter`: the daemon itself. */
struct daemon_conf {
	const char *listen;
	int64_t socket_mode;
	const char *socket_group;
	const char *user;
	int64_t stop_timeout_s;
};

extern const struct conf_section daemon_section;

extern const struct conf_section *const settings_sections[];
extern const size_t settings_count;

/* Parses text by all the sections; see conf_parse(). */
struct conf *settings_parse(
    struct slice text, const char *name, const struct conf_files *files, struct err *err);

/* The same, of the file at path. NULL with file, line and reason in err. */
struct conf *settings_read(const char *path, struct err *err);

/* The line that set the section's option of that name, or 0 when it has its default. */
unsigned settings_line(
    const struct conf *conf, const struct conf_section *section, const char *option);

/* After a start as root gatepostd runs as milter.user, and as that user a reload reads the file at
 * path again: denied() is told of it, and of each file that it names, when that user may not. Reads
 * them all once more. */
void settings_trial(const struct conf *conf, const char *path,
    void (*denied)(void *arg, const char *why), void *arg);

/* The struct of that section. */
const void *settings_of(const struct conf *conf, const struct conf_section *section);

/* Is there a password in it, or the like? */
bool settings_has_secrets(const struct conf *conf);

/* The accounts of the file, account NAME { … }, in its order; each has its name and its id, and what
 * it does not say is as in account { … }. account_build() makes them ready. */
size_t settings_account_count(const struct conf *conf);
const struct account *settings_account(const struct conf *conf, size_t i);

/* The line in it that set the option of that name, 0: it is as in account { … }. NULL: the line where
 * it begins. */
unsigned settings_account_line(const struct conf *conf, size_t i, const char *option);

/* All of them, for accounts_new(); they live as long as conf. */
struct accounts_conf settings_accounts(const struct conf *conf);

#endif
