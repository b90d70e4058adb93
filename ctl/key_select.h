/*
 * key_select.h - those of the keys that a command is about.
 */
#ifndef CTL_KEY_SELECT_H
#define CTL_KEY_SELECT_H

#include "key.h"

struct key_selected {
	const struct key_entry **v;
	struct key_shown *shown; /* what DNS has of each with a key, after key_selected_ask() */
	size_t n;
	struct arena arena;
};

/* Selects by the operands: [DOMAIN [SELECTOR]]. CTL_OK, or the exit code after a complaint: nothing
 * there by that name. key_selected_fini() in both cases. */
int key_selected_init(struct key_selected *selected, const struct key_view *view);
void key_selected_fini(struct key_selected *selected);

/* Asks DNS about them. CTL_OK, or the exit code after a complaint. */
int key_selected_ask(struct key_selected *selected, struct ctl *ctl);

#endif
