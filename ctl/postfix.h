/*
 * postfix.h - understanding what postconf prints. Nothing is run here.
 */
#ifndef CTL_POSTFIX_H
#define CTL_POSTFIX_H

#include "base/slice.h"

#include <stdint.h>

/* The value in a line "NAME = VALUE" of `postconf NAME …`; empty when there is none. */
struct slice postfix_setting(struct slice text, const char *name);

/* A service that runs smtpd, from a line of `postconf -M`. */
struct postfix_service {
	struct slice name; /* "smtp", "127.0.0.1:10025" */
	struct slice type; /* "inet", "pass", "unix" */
	bool chroot;
	bool overrides;       /* it has an smtpd_milters of its own … */
	struct slice milters; /* … which is this */
	struct slice options; /* the words behind "smtpd" */
};

/* Takes the next off the text; false when there is none. */
bool postfix_service_next(struct slice *text, struct postfix_service *service_r);

/* The command of the service of that name and type in the text of `postconf -M`; empty: there is none. */
struct slice postfix_command_of(struct slice text, struct slice name, const char *type);

/* True when the list, with blanks or commas between, has that word. */
bool postfix_list_has(struct slice list, struct slice word);

/* An entry of smtpd_milters: "unix:gp.sock", or "{ unix:gp.sock, default_action = accept }". */
struct postfix_milter {
	struct slice endpoint;
	struct slice settings; /* the rest between the braces */
};

bool postfix_milter_next(struct slice *list, struct postfix_milter *milter_r);

/* The setting of one milter ("command_timeout"), or empty. */
struct slice postfix_milter_setting(const struct postfix_milter *milter, const char *name);

/* Where we listen (as milter.listen has it), and where Postfix looks for relative paths. */
struct postfix_place {
	const char *listen;
	struct slice queue_directory;
};

/* Does an smtpd, in the chroot or not, come to us by that endpoint? For inet, only the port is
 * compared: the host may have many names. */
bool postfix_reaches(const struct postfix_place *place, struct slice endpoint, bool chroot);

/* "30s", "5m", "1h", "1d", "1w", or seconds. -1 when it is no duration. */
int64_t postfix_seconds(struct slice text);

#endif
