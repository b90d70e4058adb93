/*
 * sign_fields.h - the fields of a message that a plan wants signed, in the order of the message.
 */
#ifndef AUTH_SIGN_FIELDS_H
#define AUTH_SIGN_FIELDS_H

#include "auth/signer_plan.h"

/* No mail that people write has as many that are signed; a message that has more is not signed. */
#define SIGN_FIELDS_MAX 256

struct sign_field {
	struct slice name;
	struct slice value;
	size_t which; /* of the plan's names */
};

struct sign_fields {
	const struct signer_plan *plan;
	size_t count[SIGNER_NAMES_MAX]; /* of each name */
	size_t n;
	bool over; /* there were more */
	struct sign_field v[SIGN_FIELDS_MAX];
};

void sign_fields_init(struct sign_fields *fields, const struct signer_plan *plan);

/* Keeps the field if its name is in the plan; name and value must live as long. */
void sign_fields_add(struct sign_fields *fields, struct slice name, struct slice value);

/* The number of fields of that name; 0 for one that is not in the plan. The first of them is at
 * *value_r, which may be NULL. */
size_t sign_fields_find(const struct sign_fields *fields, const char *name, struct slice *value_r);

#endif
