/*
 * directory.h - the accounts of a book as the web needs them: by the id in a token, and all hosts
 * that are somebody's track domain.
 */
#ifndef WEB_DIRECTORY_H
#define WEB_DIRECTORY_H

#include "policy/accounts.h"

struct directory {
	const struct account **accounts; /* sorted by id */
	size_t naccounts;
	struct slice *hosts; /* without port; sorted, each once */
	size_t nhosts;
};

/* Of the book, which must outlive it. 0, or -1: no memory, and the directory is empty. */
int directory_make(struct directory *directory_r, const struct account_book *book);
void directory_free(struct directory *directory);

/* The account of that id, or NULL. */
const struct account *directory_find(const struct directory *directory, uint64_t id);

/* May a token of this account be used at that host (without port)? Its own track domain, and any
 * that is nobody's, as one that was given up, or an address; but not another account's, whose good
 * name is not for others' links. */
bool directory_allows(
    const struct directory *directory, const struct account *account, struct slice host);

#endif
