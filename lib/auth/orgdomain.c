/*
 * orgdomain.c - see orgdomain.h.
 */
#include "auth/orgdomain.h"

#include "auth/domain.h"
#include "policy/dns_name.h"

#include <libpsl.h>

int
orgdomain_of(const struct psl_ctx_st *list, struct slice name, struct buf *out)
{
	char storage[DNS_NAME_MAX_BYTES + 1];
	struct buf normal = BUF_OVER(storage);
	const char *found;

	/* libpsl takes both forms, but wants lower case and would keep a dot at the end */
	if (domain_normalise(name, &normal) != 0)
		return -1;
	found = psl_registrable_domain(list != NULL ? list : psl_builtin(), buf_text(&normal));
	if (found == NULL)
		return -1;
	buf_add_text(out, found);
	return out->over ? -1 : 0;
}
