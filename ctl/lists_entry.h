/*
 * lists_entry.h - an entry of a list, as an operator types it.
 */
#ifndef CTL_LISTS_ENTRY_H
#define CTL_LISTS_ENTRY_H

#include "lists.h"

/* In the form that is added; and in those that may stand for it in Redis. */
struct list_entry {
	const struct list_row *row; /* the list where it belongs */
	struct slice forms[4];      /* as typed, as added, … */
	size_t n;                   /* 1: it was not understood */
	bool vast;                  /* see lists_is_vast() */
	char storage[2 * NET_CIDR_TEXT_BYTES];
	struct arena arena;
};

/* Understands what was typed, which must outlive the entry. -1 with what is wrong; it may be removed
 * nevertheless. lists_entry_fini() in both cases. The entry must not move. */
int lists_entry_parse(
    struct list_entry *entry, const struct list_family *family, const char *text, struct err *err);
void lists_entry_fini(struct list_entry *entry);

/* Is that a network, or meant to be one? */
bool lists_entry_is_network(struct slice text);

#endif
