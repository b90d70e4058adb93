/*
 * check_socket.c - is gatepostd at its socket, and does the socket look as configured?
 */
#include "check.h"

#include "io/access.h"
#include "io/milter_probe.h"
#include "settings.h"

#include <sys/stat.h>

#define PROBE_MS 3000

/* The mode and the owner, as they are and as milter.conf wants them. */
static void
socket_describe(struct check *check, const struct daemon_conf *conf, const char *path)
{
	char text[ACCESS_TEXT_BYTES];
	char want[16];
	struct err err;

	if (access_describe(path, text, &err) != 0) {
		check_say(
		    check, CHECK_WARNING, "socket", "run this as root to see more", "%s", err.text);
		return;
	}
	(void)snprintf(want, sizeof(want), "%04o", (unsigned)conf->socket_mode);
	if (strncmp(text, want, strlen(want)) != 0)
		check_say(check, CHECK_WARNING, "socket",
		    "milter.socket_mode changes with a restart: systemctl restart gatepostd",
		    "%s is %s; milter.socket_mode says %s", path, text, want);
	else
		check_say(check, CHECK_OK, "socket", NULL, "%s is %s", path, text);
}

/* Whether it is there, only somebody else can tell. */
static void
denied_say(struct check *check, const char *path)
{
	char todo[CTL_TODO_BYTES];
	struct err err;

	(void)access_denied(path, ACCESS_WRITE, &err);
	check_say(check, CHECK_FAULT, "socket", ctl_denied_todo(path, ACCESS_WRITE, todo), "%s",
	    err.text);
}

/* Somebody's file in the place: gatepostd does not start, and does not remove it. */
static bool
is_other_file(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode);
}

void
check_socket(struct check *check)
{
	const struct daemon_conf *conf = settings_of(check->conf, &daemon_section);
	const char *path = strchr(conf->listen, ':') + 1;
	bool is_unix = conf->listen[0] != 'i';
	struct err err = {ERR_NONE, ""};

	if (is_unix && access_is_denied(path, ACCESS_WRITE)) {
		denied_say(check, path);
		return;
	}
	if (is_unix && is_other_file(path)) {
		check_say(check, CHECK_FAULT, "socket",
		    "remove it, or listen elsewhere (milter.listen); then start gatepostd",
		    "%s exists and is no socket: gatepostd does not start", path);
		return;
	}
	if (milter_probe(conf->listen, PROBE_MS, &err) != 0)
		check_say(check, CHECK_FAULT, "socket",
		    "start gatepostd (systemctl start gatepostd), and see what its log says",
		    "no milter answers at %s: %s", conf->listen, err.text);
	else
		check_say(check, CHECK_OK, "socket", NULL, "a milter answers at %s", conf->listen);
	if (is_unix && err.code != ERR_IO)
		socket_describe(check, conf, path);
}
