/*
 * account_conf.c - see account_conf.h.
 */
#include "account_conf.h"

#include "policy/account_map.h"
#include "settings.h"

size_t
account_conf_count(const struct conf *conf)
{
	return settings_account_count(conf);
}

const struct account *
account_conf_at(const struct conf *conf, size_t i)
{
	return settings_account(conf, i);
}

const struct account *
account_conf_find(const struct conf *conf, struct slice name, size_t *index_r)
{
	size_t n = settings_account_count(conf);

	for (size_t i = 0; i < n; i++) {
		const struct account *account = settings_account(conf, i);

		if (!slice_eq(slice_of(account->name), name))
			continue;
		*index_r = i;
		return account;
	}
	return NULL;
}

unsigned
account_conf_line(const struct conf *conf, size_t i)
{
	return settings_account_line(conf, i, NULL);
}

unsigned
account_conf_option_line(const struct conf *conf, size_t i, const struct option *row)
{
	return settings_account_line(conf, i, row->name);
}

static bool
has_key(const struct account *account, struct slice key)
{
	for (size_t i = 0; i < account->match.n; i++) {
		char storage[ACCOUNT_KEY_BYTES + NET_CIDR_TEXT_BYTES];
		struct buf own = BUF_OVER(storage);

		if (account_map_key_format(slice_of(account->match.v[i]), &own, NULL) == 0 &&
		    slice_eq(buf_slice(&own), key))
			return true;
	}
	return false;
}

const struct account *
account_conf_by_key(const struct conf *conf, struct slice key)
{
	size_t n = settings_account_count(conf);

	for (size_t i = 0; i < n; i++) {
		const struct account *account = settings_account(conf, i);

		if (has_key(account, key))
			return account;
	}
	return NULL;
}
