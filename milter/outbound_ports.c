/*
 * outbound_ports.c - see outbound_ports.h.
 */
#include "outbound_ports.h"

#include "io/accounts.h"
#include "io/entropy.h"
#include "io/keys.h"
#include "io/log.h"
#include "outbound_conf.h"
#include "settings.h"

#include <stdlib.h>

/* How long a start waits for Redis's accounts. */
#define WARM_MS 1000

struct outbound_ports {
	struct accounts *accounts;
	struct keys *keys;
	struct keyring keyring;
	bool has_keyring;
};

static void
key_problem(void *arg, const char *text)
{
	(void)arg;
	log_event(LOG_LEVEL_WARNING, "key", text);
}

static void
keyring_open(struct outbound_ports *doors, const struct outbound_conf *conf)
{
	struct err err;

	doors->has_keyring = keys_load_keyring(conf->keyring, &doors->keyring, &err) == 0;
	if (!doors->has_keyring)
		log_event(LOG_LEVEL_WARNING, "keyring", err.text);
}

static int
keys_open(struct outbound_ports *doors, const struct outbound_conf *conf,
    const struct outbound_ports *before, struct err *err)
{
	static const struct keys_notify notify = {NULL, key_problem};

	doors->keys = keys_load(conf->keys, before == NULL ? NULL : before->keys, &notify, err);
	return doors->keys == NULL ? -1 : 0;
}

static int
accounts_open(struct outbound_ports *doors, const struct conf *conf, struct outbound_ports *before,
    struct err *err)
{
	struct accounts_setup setup = {.conf = settings_accounts(conf),
	    .redis = settings_of(conf, &redis_section),
	    .notify = accounts_notify_log};

	doors->accounts = accounts_new(&setup, before == NULL ? NULL : before->accounts, err);
	if (doors->accounts == NULL || accounts_start(doors->accounts, err) != 0)
		return -1;
	if (before == NULL)
		accounts_warm(doors->accounts, WARM_MS);
	return 0;
}

int
outbound_ports_open(const struct conf *conf, struct outbound_ports *before, struct ports *ports,
    struct outbound_ports **opened_r, struct err *err)
{
	const struct outbound_conf *outbound = settings_of(conf, &outbound_section);
	struct outbound_ports *doors;

	*opened_r = NULL;
	ports->random = &random_real;
	if (!outbound->enabled)
		return 0;
	doors = calloc(1, sizeof(*doors));
	if (doors == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	if (keys_open(doors, outbound, before, err) != 0 ||
	    accounts_open(doors, conf, before, err) != 0) {
		outbound_ports_close(doors);
		return -1;
	}
	keyring_open(doors, outbound);
	ports->accounts = doors->accounts;
	ports->keys = keys_table(doors->keys);
	ports->keyring = doors->has_keyring ? &doors->keyring : NULL;
	*opened_r = doors;
	return 0;
}

void
outbound_ports_close(struct outbound_ports *doors)
{
	if (doors == NULL)
		return;
	accounts_free(doors->accounts);
	keys_free(doors->keys);
	if (doors->has_keyring)
		keyring_fini(&doors->keyring);
	free(doors);
}
