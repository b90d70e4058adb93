/*
 * redis_target.c - see redis_target.h.
 */
#include "io/redis_target.h"

/* All texts of the section at their longest stay below this. */
#define TEXTS_BYTES 16384

/* Copies the texts of *from, which the options' rows know where to find. */
static int
conf_copy(struct redis_conf *conf, const struct redis_conf *from, struct arena *texts)
{
	*conf = *from;
	for (const struct option *row = redis_options; row->name != NULL; row++) {
		const char **text = (const char **)(void *)((char *)conf + row->offset);

		if (row->kind == OPTION_KIND_TEXT || row->kind == OPTION_KIND_SECRET)
			*text = arena_text(texts, slice_of(*text));
	}
	return texts->failed ? -1 : 0;
}

int
redis_target_init(struct redis_target *target, const struct redis_conf *conf, struct err *err)
{
	*target = (struct redis_target){.tls = NULL};
	if (redis_address_init(&target->address, conf->server, err) != 0)
		return -1;
	arena_init(&target->texts, 512, TEXTS_BYTES);
	if (conf_copy(&target->conf, conf, &target->texts) != 0)
		(void)err_set(err, ERR_NOMEM, "no memory for the settings of Redis");
	else if (conf->tls)
		target->tls = redis_tls_new(conf, target->address.server.host, err);
	if (target->texts.failed || (conf->tls && target->tls == NULL)) {
		redis_target_fini(target);
		return -1;
	}
	(void)redis_address_resolve(&target->address, NULL);
	return 0;
}

void
redis_target_fini(struct redis_target *target)
{
	redis_tls_free(target->tls);
	redis_address_fini(&target->address);
	arena_fini(&target->texts);
}
