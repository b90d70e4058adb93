/*
 * conf_list.h - the entries of a list option: from the configuration, and from list files.
 */
#ifndef CONF_CONF_LIST_H
#define CONF_CONF_LIST_H

#include "conf/conf_values.h"

struct conf_list {
	const struct conf_given *given;
	const struct conf_values *values;
	const struct conf_files *files; /* NULL: no list files */
	const char *name;               /* of the configuration, for errors */
	const char *where;              /* "SECTION.OPTION", "SECTION TITLE.OPTION" */
};

/* Reads the list files, and sets the option in the struct at `section`, or adds to what the option
 * holds there; its entries are in the arena. 0, or -1 with "NAME:LINE: …", or "PATH:LINE: …" for an entry of a list file. */
int conf_list_set(const struct conf_list *list, void *section, struct arena *a, struct err *err);

#endif
