/*
 * mime_parts.h - what the files of mime share; nobody else includes it.
 */
#ifndef MAIL_MIME_PARTS_H
#define MAIL_MIME_PARTS_H

#include "mail/mime.h"

/* Sets what the fields say of the part, and what follows from where it lies. */
void mime_part_describe(
    struct arena *a, const struct mime *mime, size_t index, const struct mime_fields *fields);

/* s without the white space and comments at its beginning (RFC 5322 section 3.2.2). */
struct slice mime_skip_comments(struct slice s);

#endif
