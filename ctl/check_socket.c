/*
 * check_socket.c - is gatepostd at its socket, and does the socket look as configured?
 */
#include "check.h"

#include "io/milter_probe.h"
#include "io/socket_access.h"
#include "settings.h"

#define PROBE_MS 3000

/* The mode and the owner, as they are and as milter.conf wants them. */
static void
socket_describe(struct check *check, const struct daemon_conf *conf, const char *path)
{
	char text[SOCKET_ACCESS_BYTES];
	char want[16];
	struct err err;

	if (socket_access_describe(path, text, &err) != 0) {
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

void
check_socket(struct check *check)
{
	const struct daemon_conf *conf = settings_of(check->conf, &daemon_section);
	struct err err = {ERR_NONE, ""};

	if (milter_probe(conf->listen, PROBE_MS, &err) != 0)
		check_say(check, CHECK_FAULT, "socket",
		    "start gatepostd (systemctl start gatepostd), and see what its log says",
		    "no milter answers at %s: %s", conf->listen, err.text);
	else
		check_say(check, CHECK_OK, "socket", NULL, "a milter answers at %s", conf->listen);
	if (conf->listen[0] != 'i' && err.code != ERR_IO)
		socket_describe(check, conf, strchr(conf->listen, ':') + 1);
}
