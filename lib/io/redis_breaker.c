/*
 * redis_breaker.c - see redis_breaker.h.
 */
#include "io/redis_breaker.h"

#include "base/slice.h"
#include "io/deadline.h"

#include <stdio.h>

void
redis_breaker_init(
    struct redis_breaker *breaker, void (*changed)(void *arg, bool up, const char *why), void *arg)
{
	*breaker = (struct redis_breaker){
	    .lock = PTHREAD_MUTEX_INITIALIZER, .changed = changed, .arg = arg};
}

void
redis_breaker_inherit(struct redis_breaker *breaker, struct redis_breaker *before)
{
	(void)pthread_mutex_lock(&before->lock);
	if (atomic_load(&before->open)) {
		breaker->why = before->why;
		breaker->told = before->told;
		breaker->opened_us = before->opened_us;
		breaker->inherited = true;
		atomic_store(&breaker->open, true);
	}
	(void)pthread_mutex_unlock(&before->lock);
}

void
redis_breaker_fini(struct redis_breaker *breaker)
{
	(void)pthread_mutex_destroy(&breaker->lock);
}

int
redis_breaker_enter(struct redis_breaker *breaker, unsigned *generation_r, struct err *err)
{
	*generation_r = atomic_load_explicit(&breaker->generation, memory_order_relaxed);
	if (!redis_breaker_is_open(breaker))
		return 0;
	(void)pthread_mutex_lock(&breaker->lock);
	(void)err_set(err, ERR_UNAVAILABLE, "%s", breaker->why.text);
	(void)pthread_mutex_unlock(&breaker->lock);
	return -1;
}

void
redis_breaker_passed(struct redis_breaker *breaker)
{
	if (atomic_load_explicit(&breaker->timeouts, memory_order_relaxed) != 0)
		atomic_store_explicit(&breaker->timeouts, 0, memory_order_relaxed);
}

static void
reason_tell(struct redis_breaker *breaker, const struct err *why, int64_t now_us)
{
	breaker->told = *why;
	breaker->told_us = now_us;
	breaker->changed(breaker->arg, false, why->text);
}

void
redis_breaker_failed(struct redis_breaker *breaker, unsigned generation, const struct err *why)
{
	if (why->code != ERR_UNAVAILABLE && why->code != ERR_TIMEOUT)
		return;
	(void)pthread_mutex_lock(&breaker->lock);
	if (generation == atomic_load(&breaker->generation) && !atomic_load(&breaker->open) &&
	    (why->code == ERR_UNAVAILABLE ||
		atomic_fetch_add(&breaker->timeouts, 1) + 1 >= REDIS_BREAKER_TIMEOUTS)) {
		breaker->why = *why;
		breaker->opened_us = deadline_now_us();
		atomic_store(&breaker->open, true);
		reason_tell(breaker, why, 0);
	}
	(void)pthread_mutex_unlock(&breaker->lock);
}

/* The word that Redis refuses with, "NOAUTH", or nothing when it could not be asked. */
static struct slice
kind_of(const struct err *why)
{
	static const struct slice own = SLICE_LIT("Redis: ");
	struct slice text = slice_of(why->text);

	if (!slice_starts(text, own))
		return slice_make(NULL, 0);
	text = slice_from(text, own.n);
	return slice_head(text, slice_find(text, ' '));
}

/* True when there is news; what comes and goes is not news each time. */
static bool
is_news(const struct redis_breaker *breaker, const struct err *why, int64_t now_us)
{
	if (breaker->inherited)
		return true;
	return !slice_eq(kind_of(why), kind_of(&breaker->told)) &&
	       (breaker->told_us == 0 || now_us - breaker->told_us >= REDIS_BREAKER_TELL_US);
}

void
redis_breaker_still(struct redis_breaker *breaker, const struct err *why, int64_t now_us)
{
	(void)pthread_mutex_lock(&breaker->lock);
	breaker->why = *why;
	if (is_news(breaker, why, now_us))
		reason_tell(breaker, why, breaker->inherited ? 0 : now_us);
	breaker->inherited = false;
	(void)pthread_mutex_unlock(&breaker->lock);
}

void
redis_breaker_recovered(struct redis_breaker *breaker)
{
	char text[64];

	(void)pthread_mutex_lock(&breaker->lock);
	if (atomic_load(&breaker->open)) {
		int64_t down_us = deadline_now_us() - breaker->opened_us;

		(void)snprintf(text, sizeof(text), "Redis works again after %lld.%01lld seconds",
		    (long long)(down_us / 1000000), (long long)(down_us / 100000 % 10));
		atomic_store(&breaker->timeouts, 0);
		breaker->inherited = false;
		atomic_fetch_add(&breaker->generation, 1);
		breaker->changed(breaker->arg, true, text);
		atomic_store(&breaker->open, false);
	}
	(void)pthread_mutex_unlock(&breaker->lock);
}
