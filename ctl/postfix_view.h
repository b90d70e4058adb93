/*
 * postfix_view.h - what postconf says of this host's Postfix, asked once.
 */
#ifndef CTL_POSTFIX_VIEW_H
#define CTL_POSTFIX_VIEW_H

#include "base/buf.h"
#include "base/err.h"
#include "postfix.h"

#define POSTCONF_BYTES ((size_t)256 * 1024)

struct check;

struct postfix_view {
	struct check *check;
	const char *folder; /* of main.cf; NULL: the usual one */
	struct postfix_place place;
	struct slice settings;        /* of main.cf, as "NAME = VALUE" */
	struct slice services;        /* of master.cf */
	struct slice overrides;       /* there, as "SERVICE/TYPE/NAME = VALUE" */
	struct postfix_milter milter; /* our entry, where somebody has one */
	char settings_storage[POSTCONF_BYTES];
	char services_storage[POSTCONF_BYTES];
	char overrides_storage[POSTCONF_BYTES];
};

/* Fills settings, services and overrides, and place.queue_directory. 0, or -1: there is no Postfix here
 * (ERR_INVALID), or postconf fails. */
int postfix_view_read(struct postfix_view *view, struct err *err);

/* Our entry in a list of milters, as an smtpd in the chroot or not sees it; false when there is
 * none. */
bool postfix_entry_find(const struct postfix_view *view, struct slice list, bool chroot,
    struct postfix_milter *milter_r);

/* A setting of view->milter ("command_timeout"), or else of main.cf ("milter_command_timeout"). */
struct slice postfix_entry_setting(
    const struct postfix_view *view, const char *own, const char *global);

/* How to attach us: an entry for smtpd_milters. Below the queue directory a relative name is right, in
 * the chroot and not. When that needs another milter.listen, *listen_r (else empty) is it. */
void postfix_entry_suggest(
    const struct postfix_view *view, struct buf *entry, struct buf *listen_r);

/* What that service has for a setting: its own, or else main.cf's. */
struct slice postfix_service_setting(
    const struct postfix_view *view, const struct postfix_service *service, const char *name);

/* What a table says to a key (`postmap -q`): 0 with the value, which is empty for none; or -1. */
int postfix_table_ask(const struct postfix_view *view, struct slice table, const char *key,
    struct buf *value_r, struct err *err);

#endif
