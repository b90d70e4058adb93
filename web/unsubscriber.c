/*
 * unsubscriber.c - see unsubscriber.h.
 */
#include "unsubscriber.h"

#include "io/clock.h"
#include "io/deadline.h"
#include "io/monotonic_cond.h"
#include "worker.h"

/* How soon it goes over to another configuration. */
#define TICK_MS 100

static void
wish_end(struct wish *wish, enum wish_outcome outcome)
{
	atomic_store_explicit(&wish->outcome, outcome, memory_order_release);
}

/* No id: who says so twice, after somebody took him off the list, means it twice. */
static void
wish_ask(struct store *store, struct wish *wish)
{
	char storage[SUPPRESSION_EVIDENCE_BYTES];
	struct buf evidence = BUF_OVER(storage);
	struct address rcpt = address_parse(wish->hit.target);
	struct suppress_return what = {.kind = RETURN_UNSUBSCRIBED};
	const struct suppress_request request = {
	    .account = wish->account, .rcpt = &rcpt, .what = &what};
	struct suppress_step step;

	buf_add_text(&evidence, wish->hit.one_click ? "web one-click " : "web form ");
	token_message_format(wish->hit.ids.message, &evidence);
	what.evidence = buf_slice(&evidence);
	if (store->returned(store, &request, &step, &wish->why) == 0)
		wish_end(wish, WISH_KEPT);
	else
		wish_end(wish, WISH_LOST);
}

static void
wish_serve(struct unsubscriber *u, struct wish *wish, bool stopping)
{
	const struct state *state = atomic_load_explicit(&u->state, memory_order_relaxed);
	int64_t waited_ms = clock_real.mono_ms(&clock_real) - wish->since_ms;

	if (!stopping && waited_ms < UNSUBSCRIBE_WAIT_MS) {
		wish_ask(state->store, wish);
		return;
	}
	(void)err_set(&wish->why, ERR_TIMEOUT, "Redis was too slow for those before");
	wish_end(wish, WISH_LOST);
}

/* The one that waits for longest; NULL: none does. Waits a little for one to come. */
static struct wish *
wish_next(struct unsubscriber *u, bool *stopping_r)
{
	struct timespec until = deadline_timespec(deadline_in_ms(TICK_MS));
	struct wish *wish;
	int status = 0;

	(void)pthread_mutex_lock(&u->lock);
	while (u->first == NULL && !u->stopping && status == 0)
		status = pthread_cond_timedwait(&u->filled, &u->lock, &until);
	wish = u->first;
	if (wish != NULL) {
		u->first = wish->queued;
		u->n--;
	}
	*stopping_r = u->stopping;
	(void)pthread_mutex_unlock(&u->lock);
	return wish;
}

static void *
unsubscriber_main(void *arg)
{
	struct unsubscriber *u = arg;
	bool stopping = false;
	struct wish *wish;

	do {
		/* whoever replaced the one so far waits until nobody has it any more */
		atomic_store(&u->state, atomic_load(&u->web->state));
		wish = wish_next(u, &stopping);
		if (wish != NULL)
			wish_serve(u, wish, stopping);
	} while (wish != NULL || !stopping);
	return NULL;
}

bool
unsubscriber_take(struct unsubscriber *u, struct wish *wish)
{
	bool room;

	atomic_init(&wish->outcome, WISH_WAITS);
	wish->queued = NULL;
	(void)pthread_mutex_lock(&u->lock);
	room = u->n < UNSUBSCRIBE_WISHES;
	if (room && u->first == NULL)
		u->first = wish;
	else if (room)
		u->last->queued = wish;
	if (room) {
		u->last = wish;
		u->n++;
		(void)pthread_cond_signal(&u->filled);
	}
	(void)pthread_mutex_unlock(&u->lock);
	return room;
}

int
unsubscriber_start(struct unsubscriber *u, struct web *web, struct err *err)
{
	*u = (struct unsubscriber){.web = web, .lock = PTHREAD_MUTEX_INITIALIZER};
	atomic_store(&u->state, atomic_load(&web->state));
	u->running = monotonic_cond_init(&u->filled) == 0 &&
		     pthread_create(&u->thread, NULL, unsubscriber_main, u) == 0;
	return u->running ? 0 : err_set(err, ERR_NOMEM, "cannot start a thread");
}

void
unsubscriber_stop(struct unsubscriber *u)
{
	if (!u->running)
		return;
	(void)pthread_mutex_lock(&u->lock);
	u->stopping = true;
	(void)pthread_cond_signal(&u->filled);
	(void)pthread_mutex_unlock(&u->lock);
	(void)pthread_join(u->thread, NULL);
	(void)pthread_cond_destroy(&u->filled);
	(void)pthread_mutex_destroy(&u->lock);
	u->running = false;
}
