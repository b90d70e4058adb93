/*
 * web_request.h - what somebody asks of the web server: which token, by way of which host, from
 * which address, in which language. Everything here comes from strangers.
 */
#ifndef POLICY_WEB_REQUEST_H
#define POLICY_WEB_REQUEST_H

#include "base/net.h"

enum web_path {
	WEB_PATH_NONE,        /* we have no such thing */
	WEB_PATH_OPEN,        /* /o/TOKEN */
	WEB_PATH_CLICK,       /* /c/TOKEN */
	WEB_PATH_UNSUBSCRIBE, /* /u/TOKEN */
	WEB_PATH_ROBOTS,      /* /robots.txt */
};

struct web_target {
	enum web_path path;
	struct slice token; /* of the letters that tokens have, and not empty; else empty */
	struct slice host;  /* of "http://HOST/…", as a proxy is asked; else empty */
};

/* Reads a request's target. A token is followed by nothing, or by a query, which does not count;
 * nothing in it is encoded. The slices point into uri. */
struct web_target web_request_target(struct slice uri);

/* May somebody be sent there? http and https only, to a host; no user information, no backslash,
 * nothing but printable ASCII: what a program may read otherwise than we did is refused. */
bool web_request_may_redirect(struct slice url);

/* The name in a Host field, without port. */
struct slice web_request_host(struct slice field);

/* Who asks: the peer; or where that is one of our proxies, the last one of X-Forwarded-For that
 * is none. What is no address there ends the search. peer: NULL for one at a unix socket, which is a
 * proxy; one whose address nobody knows is none. forwarded: the field's value, all of them with commas
 * between. */
struct net_addr web_request_client(
    const struct net_addr *peer, const struct net_set *proxies, struct slice forwarded);

/* Which of the n languages ("en", "de") is wanted most, by Accept-Language; 0 when none is named. */
size_t web_request_language(struct slice accept, const char *const *languages, size_t n);

#endif
