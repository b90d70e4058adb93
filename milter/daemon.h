/*
 * daemon.h - becoming a daemon: the background, and another user.
 */
#ifndef MILTER_DAEMON_H
#define MILTER_DAEMON_H

#include "base/err.h"
#include "settings.h"

/* Forks; only the child returns. The parent waits until daemon_ready() or the child's end, and
 * exits with 0, or with the child's exit code, so that "gatepostd && echo started" tells the truth.
 * 0, or -1. */
int daemon_detach(struct err *err);

/* Lets the waiting parent go, and lets go of the terminal. Nothing when not detached. */
void daemon_ready(void);

/* Reads the file, and whether its user and group exist. NULL with an error that names file, line and
 * option; else the caller frees it. */
struct conf *daemon_conf_read(const char *path, struct err *err);

/* After root's rights are gone: adds to an ERR_DENIED what to do about the file. Nothing to others. */
void daemon_denied_advise(struct err *err);

/* As root with milter.user set: takes on that user, its group and its groups, for good.
 * 0, or -1. */
int daemon_drop_privileges(const struct daemon_conf *conf, struct err *err);

#endif
