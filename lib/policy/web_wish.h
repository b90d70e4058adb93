/*
 * web_wish.h - does somebody who sends a form want no more mail? Whatever else is sent, by programs
 * that try what they find, changes nothing.
 */
#ifndef POLICY_WEB_WISH_H
#define POLICY_WEB_WISH_H

#include "base/slice.h"

/* What the body of a POST wants. */
enum web_wish {
	WEB_WISH_NONE,      /* nothing that we know */
	WEB_WISH_FORM,      /* unsubscribe=yes: the form of our page (page.c) */
	WEB_WISH_ONE_CLICK, /* List-Unsubscribe=One-Click: RFC 8058 */
};

/* Reads any encoding that a form may have, whatever Content-Type says. */
enum web_wish web_wish_read(struct slice body);

#endif
