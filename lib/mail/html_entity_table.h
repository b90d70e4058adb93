/*
 * html_entity_table.h - the named character references, sorted by name in byte order.
 */
#ifndef MAIL_HTML_ENTITY_TABLE_H
#define MAIL_HTML_ENTITY_TABLE_H

#include <stddef.h>

struct html_entity {
	const char *name; /* behind the "&"; 106 are there without ";", too */
	char text[8];     /* UTF-8, ends in NUL */
};

extern const struct html_entity html_entities[];
extern const size_t html_entities_n;

#endif
