/*
 * sign_fields.c - see sign_fields.h.
 */
#include "auth/sign_fields.h"

void
sign_fields_init(struct sign_fields *fields, const struct signer_plan *plan)
{
	fields->plan = plan;
	fields->n = 0;
	fields->over = false;
	memset(fields->count, 0, sizeof(fields->count));
}

/* The index of a name in the plan, or plan->nnames. */
static size_t
which(const struct signer_plan *plan, struct slice name)
{
	size_t i = 0;

	while (i < plan->nnames && !slice_eq_nocase(plan->names[i].name, name))
		i++;
	return i;
}

void
sign_fields_add(struct sign_fields *fields, struct slice name, struct slice value)
{
	size_t at = which(fields->plan, slice_trim(name));

	if (at == fields->plan->nnames)
		return;
	if (fields->n == SIGN_FIELDS_MAX) {
		fields->over = true;
		return;
	}
	fields->v[fields->n++] = (struct sign_field){name, value, at};
	fields->count[at]++;
}

size_t
sign_fields_find(const struct sign_fields *fields, const char *name, struct slice *value_r)
{
	size_t at = which(fields->plan, slice_of(name));

	if (at == fields->plan->nnames || fields->count[at] == 0)
		return 0;
	for (size_t i = fields->n; value_r != NULL && i > 0; i--)
		if (fields->v[i - 1].which == at)
			*value_r = fields->v[i - 1].value;
	return fields->count[at];
}
