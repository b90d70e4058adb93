/*
 * modules.h - every module there is. Their order is in pipeline.c.
 */
#ifndef MILTER_MODULES_H
#define MILTER_MODULES_H

#include "policy/module.h"

extern const struct module mod_grey;           /* mod_grey.c: puts strangers off */
extern const struct module mod_grey_header;    /* mod_grey.c: X-Greylist on what was put off */
extern const struct module mod_correspondents; /* mod_correspondents.c: whom our users write to */

extern const struct conf_section grey_section;

#endif
