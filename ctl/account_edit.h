/*
 * account_edit.h - OPTION=VALUE as an operator types it, or a file has it, applied to the fields of
 * an account.
 *
 *	OPTION=VALUE     sets it
 *	OPTION=          takes it out: the default holds again
 *	OPTION=""        (two quotes) sets it to nothing
 *	OPTION+=VALUE    adds entries to a list, OPTION-=VALUE takes them out of it
 */
#ifndef CTL_ACCOUNT_EDIT_H
#define CTL_ACCOUNT_EDIT_H

#include "io/store_admin_account.h"
#include "policy/account_field.h"

struct account_edit {
	struct arena *arena;            /* of what is kept */
	struct arena *scratch;          /* of what is only tried; may be the same */
	const struct account *defaults; /* where a list begins that the account has not set */
	struct account_field *v;        /* what the account has, in no order */
	size_t n, room;
	uint64_t set; /* bit per row: set by a word */
};

/* Begins with the fields that there are, for so many words. 0, or -1: the arena is full. */
int account_edit_begin(struct account_edit *edit, const struct store_account *store, size_t words);

/* Applies one word, which must live as long. 0, or -1 with what is wrong with it. */
int account_edit_word(struct account_edit *edit, const char *word, struct err *err);

/* Sets an option to that value, whatever it is, also to nothing. 0, or -1 with what is wrong. */
int account_edit_set(
    struct account_edit *edit, struct slice option, struct slice value, struct err *err);

#endif
