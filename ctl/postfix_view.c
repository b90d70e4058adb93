/*
 * postfix_view.c - see postfix_view.h.
 */
#include "postfix_view.h"

#include "io/child.h"

#include <stdio.h>

#define POSTCONF_MS 5000
#define ARGV_MAX    40

/* Runs postconf; words ends in NULL. -1: no Postfix here (ERR_INVALID), or it fails. */
static int
postconf(const struct postfix_view *view, const char *const *words, char *storage,
    struct slice *text_r, struct err *err)
{
	const char *folder = view->folder;
	const char *argv[ARGV_MAX] = {"postconf"};
	struct buf out;
	int status;
	int n = 1;

	if (folder != NULL) {
		argv[n++] = "-c";
		argv[n++] = folder;
	}
	while (*words != NULL && n < ARGV_MAX - 1)
		argv[n++] = *words++;
	buf_init(&out, storage, POSTCONF_BYTES);
	if (child_run(argv, POSTCONF_MS, &out, &status, err) != 0)
		return -1;
	if (status != 0)
		return err_set(err, ERR_IO, "postconf fails (%d); `postconf -n` says why", status);
	*text_r = buf_slice(&out);
	return 0;
}

int
postfix_view_read(struct postfix_view *view, struct err *err)
{
	static const char *const settings[] = {"-x", "smtpd_milters", "non_smtpd_milters",
	    "internal_mail_filter_classes", "milter_default_action", "milter_protocol",
	    "milter_connect_timeout", "milter_command_timeout", "queue_directory", "mail_owner",
	    "mail_version", "config_directory", "myhostname", "smtpd_command_filter",
	    "smtpd_authorized_verp_clients", "default_verp_delimiters", "verp_delimiter_filter",
	    "sender_dependent_default_transport_maps", "virtual_alias_domains",
	    "virtual_alias_maps", "mydestination", "relay_domains", "virtual_mailbox_domains",
	    NULL};
	static const char *const services[] = {"-M", NULL};
	static const char *const overrides[] = {"-Px", NULL};

	if (postconf(view, settings, view->settings_storage, &view->settings, err) != 0 ||
	    postconf(view, services, view->services_storage, &view->services, err) != 0 ||
	    postconf(view, overrides, view->overrides_storage, &view->overrides, err) != 0)
		return -1;
	view->place.queue_directory = postfix_setting(view->settings, "queue_directory");
	return 0;
}

bool
postfix_entry_find(const struct postfix_view *view, struct slice list, bool chroot,
    struct postfix_milter *milter_r)
{
	while (postfix_milter_next(&list, milter_r)) {
		if (postfix_reaches(&view->place, milter_r->endpoint, chroot))
			return true;
	}
	return false;
}

struct slice
postfix_entry_setting(const struct postfix_view *view, const char *own, const char *global)
{
	struct slice value = postfix_milter_setting(&view->milter, own);

	return value.n > 0 ? value : postfix_setting(view->settings, global);
}

/* The queue directory's own part of our path, or empty when we listen elsewhere. */
static struct slice
path_below(const struct postfix_view *view)
{
	struct slice path = slice_of(strchr(view->place.listen, ':') + 1);
	struct slice folder = view->place.queue_directory;

	if (view->place.listen[0] == 'i' || !slice_starts(path, folder) || path.n <= folder.n ||
	    path.p[folder.n] != '/')
		return slice_make(NULL, 0);
	return slice_from(path, folder.n + 1);
}

/* True when a service that runs smtpd is in the chroot. */
static bool
any_chroot(const struct postfix_view *view)
{
	struct slice text = view->services;
	struct postfix_service service;

	while (postfix_service_next(&text, &service)) {
		if (service.chroot)
			return true;
	}
	return false;
}

void
postfix_entry_suggest(const struct postfix_view *view, struct buf *entry, struct buf *listen_r)
{
	const char *where = strchr(view->place.listen, ':') + 1;
	struct slice below = path_below(view);
	struct slice folder = view->place.queue_directory;
	size_t at = slice_find(slice_of(where), '@');

	if (view->place.listen[0] == 'i') {
		buf_add_format(entry, "inet:%s:%.*s",
		    where[at] == '@' ? where + at + 1 : "127.0.0.1", (int)at, where);
		return;
	}
	if (below.n == 0 && any_chroot(view)) {
		buf_add_format(listen_r, "unix:%.*s/gatepost/gatepostd.sock", SLICE_ARG(folder));
		below = slice_of("gatepost/gatepostd.sock");
	}
	buf_add_text(entry, "unix:");
	buf_add(entry, below.n > 0 ? below : slice_of(where));
}

struct slice
postfix_service_setting(
    const struct postfix_view *view, const struct postfix_service *service, const char *name)
{
	char storage[256];
	struct buf own = BUF_OVER(storage);
	struct slice value;

	buf_add(&own, service->name);
	buf_add_format(&own, "/%.*s/%s", SLICE_ARG(service->type), name);
	value = postfix_setting(view->overrides, buf_text(&own));
	return value.p != NULL ? value : postfix_setting(view->settings, name);
}

int
postfix_table_ask(const struct postfix_view *view, struct slice table, const char *key,
    struct buf *value_r, struct err *err)
{
	const char *argv[8] = {"postmap"};
	char name[512];
	int status;
	int n = 1;

	if (view->folder != NULL) {
		argv[n++] = "-c";
		argv[n++] = view->folder;
	}
	(void)snprintf(name, sizeof(name), "%.*s", SLICE_ARG(table));
	argv[n++] = "-q";
	argv[n++] = key;
	argv[n] = name;
	if (child_run(argv, POSTCONF_MS, value_r, &status, err) != 0)
		return -1;
	return status <= 1 ? 0 : err_set(err, ERR_IO, "postmap -q fails (%d)", status);
}
