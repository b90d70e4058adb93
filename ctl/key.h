/*
 * key.h - what the commands `key …` share: the directory of keys, and one key in it.
 */
#ifndef CTL_KEY_H
#define CTL_KEY_H

#include "auth/key_record.h"
#include "ctl.h"
#include "io/keys.h"
#include "key_file.h"
#include "outbound_conf.h"

#define KEY_PATH_BYTES 1536

/* A file, or a directory of one, could not be written; that there is one already is CTL_NOT_FOUND, as
 * for all commands that make something. */
#define CTL_NOT_WRITTEN EX_CANTCREAT

/* How long mail that was signed with a key may still be on its way after another took over: the MTA's
 * queue has five days. */
#define KEY_LINGER_S (INT64_C(7) * 86400)

struct key_view {
	struct ctl *ctl;
	const char *directory; /* outbound.keys */
	struct keys *keys;
	const struct key_table *table;
	int64_t now_s;
};

/* Reads configuration and keys; tell: say on stderr which files cannot be used. CTL_OK, or the exit
 * code after a complaint; key_view_fini() in both cases. */
int key_view_init(struct key_view *view, struct ctl *ctl, bool tell);
void key_view_fini(struct key_view *view);

/* Reads the keys again, after a change. */
int key_view_renew(struct key_view *view);

/* The path of a selector's file, in storage, which it returns. */
const char *key_path(const struct key_view *view, const char *domain, const char *selector,
    const char *suffix, char storage[KEY_PATH_BYTES]);

/* A domain and a selector as typed: lower case; a dot at the domain's end, and U-labels, are allowed.
 * CTL_OK, or EX_USAGE after a complaint. */
struct key_typed {
	char domain[DNS_NAME_MAX_BYTES + 1];
	char selector[DNS_NAME_MAX_BYTES + 1];
};
int key_domain_typed(const char *text, struct key_typed *typed);
int key_selector_typed(const char *text, struct key_typed *typed);

/* --type and --bits; what is not given stays as it is. CTL_OK, or EX_USAGE after a complaint. */
struct key_kind {
	enum sign_kind kind;
	unsigned bits;
};
int key_kind_given(const struct args *args, struct key_kind *kind);

/* "rsa", "ed25519". */
const char *key_kind_name(enum sign_kind kind);

/* Makes the key, and its file, which must not be there. CTL_OK, or the exit code after a complaint. */
int key_make(struct key_view *view, const struct key_typed *typed, const struct key_kind *kind);

/* Prints a key's records: for a terminal with words around them, else a line each, name and value. */
void key_records_print(struct out *out, const struct key_entry *entry);

/* Adds the same to an object. */
void key_records_json(json_t *object, const struct key_entry *entry);

/* What DNS has of each of the n keys: asks as configured, or --resolver. The sentences are in the
 * arena. 0, or an exit code after a complaint. */
struct key_shown {
	enum key_record_state state;
	const char *words; /* "" when it is OK */
};
int key_ask(struct ctl *ctl, const struct key_entry *const *entries, struct key_shown *shown_r,
    size_t n, struct arena *arena);

#endif
