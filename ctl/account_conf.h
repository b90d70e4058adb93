/*
 * account_conf.h - the accounts that milter.conf has: sections account NAME { … }.
 */
#ifndef CTL_ACCOUNT_CONF_H
#define CTL_ACCOUNT_CONF_H

#include "conf/conf.h"
#include "policy/account.h"

size_t account_conf_count(const struct conf *conf);

/* The i-th, without what account_ready() fills in. */
const struct account *account_conf_at(const struct conf *conf, size_t i);

/* The one of that name, or NULL; its index. */
const struct account *account_conf_find(
    const struct conf *conf, struct slice name, size_t *index_r);

/* The first that has that key, which must be canonical, among its own: then what Redis has there does
 * not count. Or NULL. */
const struct account *account_conf_by_key(const struct conf *conf, struct slice key);

/* The line where its section begins. */
unsigned account_conf_line(const struct conf *conf, size_t i);

/* The line of its section that sets the option; 0: the default holds. */
unsigned account_conf_option_line(const struct conf *conf, size_t i, const struct option *row);

#endif
