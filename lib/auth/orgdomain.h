/*
 * orgdomain.h - the organisational domain of a name by the Public Suffix List: the public suffix and
 * one label more, "example.co.uk" for "mail.example.co.uk".
 *
 * The greylist compares senders by it. DMARC finds its own by asking DNS (see dmarc.h) and uses this
 * one only where it is told to be kind to records of the time before.
 *
 * The list is psl_latest(NULL) of libpsl, which reads the newer of Debian's file and what libpsl has
 * built in; opening files is for the programs, so it is handed in. NULL means what is built in.
 */
#ifndef AUTH_ORGDOMAIN_H
#define AUTH_ORGDOMAIN_H

#include "base/buf.h"

struct psl_ctx_st;

/* Appends the organisational domain of a name: lower case, without the dot at the end, A-labels. 0;
 * -1 when there is none, because it is no name or is a public suffix itself ("com"): out then holds
 * a part. out needs DNS_NAME_MAX_BYTES. */
int orgdomain_of(const struct psl_ctx_st *list, struct slice name, struct buf *out);

#endif
