/*
 * select.h - which tuples are meant: by options (looked for anywhere), or by operands (the very
 * ones).
 */
#ifndef CTL_SELECT_H
#define CTL_SELECT_H

#include "io/store_admin_grey.h"

enum select_kind {
	SELECT_ANY,
	SELECT_TEXT,    /* somewhere within, or all of it with * and ? */
	SELECT_EXACT,   /* the same as text or as normal */
	SELECT_ADDRESS, /* a network that has this address */
};

/* What one field of a tuple must be. */
struct select_field {
	enum select_kind kind;
	struct slice text;
	char normal[GREY_ADDRESS_BYTES + 1]; /* as the greylist writes that address; or "" */
	struct net_addr addr;
};

struct selector {
	struct select_field identity;
	struct select_field sender;
	struct select_field rcpt;
	struct select_field either; /* sender or recipient */
	bool waiting, passed;       /* which states are wanted */
};

/* Everything. */
void selector_init(struct selector *s);

/* Fields from what --identity, --sender, --rcpt, --state say (NULL: not given). Texts must outlive
 * the selector. -1: the state is none. */
void select_identity(struct select_field *field, const char *text);
void select_mail_address(struct select_field *field, const char *text);
int select_state(struct selector *s, const char *text, struct err *err);

/* The same from the operands, for the very ones. "ADDRESS" is a client's address, a network, a mail
 * address, or a part of one. */
void select_identity_exact(struct select_field *field, const char *text);
void select_mail_exact(struct select_field *field, const char *text);
void select_operand(struct selector *s, const char *text);

bool select_field_has(const struct select_field *field, struct slice value);
bool selector_has(const struct selector *s, const struct store_grey_row *row);

#endif
