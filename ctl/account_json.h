/*
 * account_json.h - accounts as a file of JSON, for `account import` and `account export`:
 *
 *	{"accounts": [
 *	  {"name": "shop", "options": {"opens": "yes", "rate": "200/s"}, "match": ["login:ann"]}
 *	], "shared": {"login:ann": ["agency", "shop"]}}
 *
 * "shared" says which account comes first at a key that several have; without it they are in the
 * order of the file. A list may be an array, a number a number, yes and no true and false.
 */
#ifndef CTL_ACCOUNT_JSON_H
#define CTL_ACCOUNT_JSON_H

#include "account_edit.h"
#include "account_keys.h"

#include <jansson.h>

/* A larger file is a mistake: a hundred thousand accounts with many options fit. */
#define ACCOUNT_FILE_BYTES ((size_t)128 * 1024 * 1024)

/* An account of a file. */
struct account_given {
	struct slice name;
	size_t place;                 /* in the array, from 0 */
	struct account_field *fields; /* sorted by name */
	size_t n;
	struct slice *keys; /* canonical, sorted, each once */
	size_t nkeys;
};

/* Reads the file at path, or standard input when it is NULL or "-". For json_decref(); NULL with the
 * reason. */
json_t *account_json_load(const char *path, struct err *err);

/* What is outside the accounts. 0, or -1 with what is wrong. */
int account_json_check(json_t *file, struct err *err);

/* Tells what is wrong with an account, once for each thing. */
struct account_complaints {
	void *arg;
	void (*say)(void *arg, const struct account_given *given, const char *text);
};

/* The account at that place of the array: 0, or -1 after complaints. Its texts are the file's, or in
 * the arena. */
int account_json_read(const json_t *file, size_t place, struct account_edit *edit,
    const struct account_complaints *complaints, struct account_given *given_r);

/* An account as an object; NULL: it has bytes that JSON cannot hold, or there is no memory. */
json_t *account_json_make(
    const struct store_account *account, const struct account_use *uses, size_t nuses);

#endif
