/*
 * postfix_view.c - see postfix_view.h.
 */
#include "postfix_view.h"

#include "io/child.h"

#define POSTCONF_MS 5000

/* Runs postconf; words ends in NULL. -1: no Postfix here (ERR_INVALID), or it fails. */
static int
postconf(const struct postfix_view *view, const char *const *words, char *storage,
    struct slice *text_r, struct err *err)
{
	const char *folder = view->folder;
	const char *argv[16] = {"postconf"};
	struct buf out;
	int status;
	int n = 1;

	if (folder != NULL) {
		argv[n++] = "-c";
		argv[n++] = folder;
	}
	while (*words != NULL && n < 15)
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
	    "milter_default_action", "milter_protocol", "milter_connect_timeout",
	    "milter_command_timeout", "queue_directory", "mail_owner", NULL};
	static const char *const services[] = {"-M", NULL};

	if (postconf(view, settings, view->settings_storage, &view->settings, err) != 0 ||
	    postconf(view, services, view->services_storage, &view->services, err) != 0)
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
