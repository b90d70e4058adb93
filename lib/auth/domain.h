/*
 * domain.h - domain names as people write them, made comparable.
 */
#ifndef AUTH_DOMAIN_H
#define AUTH_DOMAIN_H

#include "policy/dns_name.h"

/* Appends the name in lower case, without the dot at its end, U-labels as A-labels (RFC 5890; mapped
 * as by UTS 46, which is what mail programs show and ask DNS for): equal names are equal bytes then,
 * and can be asked for. 0, or -1 when it is no such name ("[192.0.2.1]", empty label, broken UTF-8,
 * too long); out then holds a part. out needs DNS_NAME_MAX_BYTES. */
int domain_normalise(struct slice text, struct buf *out);

/* The number of labels of a normalised name. */
size_t domain_labels(struct slice name);

/* The last `keep` labels of a normalised name that has as many, or all of it. */
struct slice domain_tail(struct slice name, size_t keep);

#endif
