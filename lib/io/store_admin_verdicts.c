/*
 * store_admin_verdicts.c - see store_admin_verdicts.h.
 */
#include "io/store_admin_verdicts.h"

#include "io/store_admin_stream.h"

#include <stdlib.h>

struct store_verdicts {
	struct store_stream stream;
};

struct store_verdicts *
store_admin_verdicts(struct store_admin *admin, struct err *err)
{
	struct store_verdicts *v = calloc(1, sizeof(*v));
	char storage[REDIS_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	if (v == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory");
		return NULL;
	}
	redis_key_verdicts(&key, admin->target.conf.prefix);
	store_stream_init(&v->stream, admin, buf_slice(&key));
	return v;
}

struct store_verdicts *
store_admin_verdicts_from(struct store_admin *admin, int64_t unix_ms, struct err *err)
{
	struct store_verdicts *v = store_admin_verdicts(admin, err);

	if (v != NULL)
		store_stream_range(&v->stream, unix_ms, INT64_MAX, true);
	return v;
}

void
store_verdicts_free(struct store_verdicts *v)
{
	if (v == NULL)
		return;
	store_stream_fini(&v->stream);
	free(v);
}

int
store_verdicts_next(
    struct store_verdicts *v, struct record *record_r, int64_t *kept_ms_r, struct err *err)
{
	return store_stream_next(&v->stream, record_r, kept_ms_r, err);
}
