/*
 * spf_macro.h - the macros of RFC 7208 section 7: "%{ir}.%{v}._spf.%{d2}".
 */
#ifndef AUTH_SPF_MACRO_H
#define AUTH_SPF_MACRO_H

#include "base/buf.h"
#include "base/net.h"

/* A domain-spec has at most so many bytes: a name has 253, and a macro that makes some of them is
 * not much longer than what it makes. Without a bound, expanding one could be made slow. */
#define SPF_SPEC_BYTES 512

/* What becomes of one when it is expanded, before a name is cut to its last 253 bytes. */
#define SPF_EXPANSION_BYTES 4096

/* What the letters stand for. */
struct spf_macros {
	struct slice local;            /* %{l}; with sender_domain, %{s} */
	struct slice sender_domain;    /* %{o} */
	struct slice domain;           /* %{d} */
	struct slice validated;        /* %{p}; empty: "unknown" */
	struct slice helo;             /* %{h} */
	struct slice receiver;         /* %{r} */
	const struct net_addr *client; /* %{i}, %{v}, %{c} */
	int64_t now_s;                 /* %{t} */
};

/* True when text is a macro-string: printable ASCII without blanks, and macros that are written
 * correctly. With `explains`, an explain-string: blanks, %{c}, %{r} and %{t} are allowed too. */
bool spf_macro_is_string(struct slice text, bool explains);

/* True when text is a domain-spec: a macro-string that ends in a top-level label or in a macro. */
bool spf_macro_is_domain_spec(struct slice text);

/* True when one of the macros has that letter, which is given in lower case. */
bool spf_macro_uses(struct slice text, char letter);

/* True for what may be the last label of a name on the public net: letters, digits and inner
 * hyphens, not digits alone. */
bool spf_macro_is_toplabel(struct slice label);

/* Appends what text expands to. 0, or -1 when it does not fit, or is no explain-string. */
int spf_macro_expand(const struct spf_macros *macros, struct slice text, struct buf *out);

#endif
