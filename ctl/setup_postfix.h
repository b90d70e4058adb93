/*
 * setup_postfix.h - what the parts of `gatepostctl setup postfix` share, and `check`.
 */
#ifndef CTL_SETUP_POSTFIX_H
#define CTL_SETUP_POSTFIX_H

#include "setup.h"

/* A setting of main.cf as it is; empty when it is, or when there is no Postfix. */
struct slice setup_main_now(const struct setup *s, const char *name);

/* A setting of main.cf; one that is a list, to which the entry is added unless it is there. */
void setup_main(struct setup *s, const char *name, const char *value, const char *why);
void setup_main_list(
    struct setup *s, const char *name, const char *entry, bool first, const char *why);

/* A path in Postfix's directory, in the arena, or NULL. */
const char *setup_path(struct setup *s, const char *name);

/* A file of lines. */
void setup_file(struct setup *s, const char *path, const char *lines, const char *why);

/* True for a service of master.cf that only submitters use. */
bool postfix_is_submission(const struct postfix_view *view, const struct conf *conf,
    const struct postfix_service *service);

/* True when its smtpd_command_filter adds XVERP. */
bool postfix_gives_xverp(const struct postfix_view *view, const struct postfix_service *service);

#endif
