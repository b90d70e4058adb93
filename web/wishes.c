/*
 * wishes.c - see wishes.h.
 */
#include "wishes.h"

#include "hits.h"
#include "io/clock.h"
#include "io/log.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>

static struct slice
text_keep(char *storage, size_t cap, struct slice text)
{
	text = slice_head(text, cap);
	if (text.n > 0)
		memcpy(storage, text.p, text.n);
	return slice_make(storage, text.n);
}

static struct wish *
wish_new(const struct ask *ask, const struct hit *hit)
{
	struct wish *wish;
	struct buf account;

	if (ask->conn == NULL || hit->target.n > sizeof(wish->target))
		return NULL;
	wish = calloc(1, sizeof(*wish));
	if (wish == NULL)
		return NULL;
	wish->since_ms = clock_real.mono_ms(&clock_real);
	wish->hit = *hit;
	wish->hit.target = text_keep(wish->target, sizeof(wish->target), hit->target);
	wish->hit.agent = text_keep(wish->agent, sizeof(wish->agent), hit->agent);
	buf_init(&account, wish->account, sizeof(wish->account));
	buf_add_text(&account, ask->account->name);
	(void)buf_text(&account);
	return wish;
}

/* The connection says when it ends: then nobody is left to answer. Until the answer nothing is read
 * from it, so that what is sent ahead waits. */
static void
wish_hold(struct wish *wish, const struct ask *ask)
{
	wish->conn = ask->conn;
	wish->req = ask->req;
	wish->conn->holder = &wish->conn;
	(void)bufferevent_disable(wish->conn->bev, EV_READ);
}

void
wishes_take(struct ask *ask, const struct hit *hit)
{
	struct worker *w = ask->worker;
	struct wish *wish = wish_new(ask, hit);

	if (wish == NULL || !unsubscriber_take(&w->web->unsubscriber, wish)) {
		free(wish);
		answer_page(ask, 503, PAGE_LATER);
		return;
	}
	wish_hold(wish, ask);
	wish->behind = w->wishes;
	w->wishes = wish;
}

/* --- what became of it --- */

/* Not who, nor by which mail: a recipient may have said that he is not to be named, which is known in
 * Redis only; and what is logged, forget cannot take back. */
static void
wish_log(const struct wish *wish, bool kept)
{
	struct log_line line;

	log_begin(&line);
	log_add_text(&line, "event", kept ? "unsubscribed" : "unsubscribe_lost");
	log_add_text(&line, "account", wish->account);
	log_add_text(&line, "how", wish->hit.one_click ? "one-click" : "form");
	if (!kept)
		log_add_text(&line, "reason", wish->why.text);
	log_write(&line, kept ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR);
}

static void
wish_note(struct worker *w, const struct wish *wish, bool kept)
{
	const struct account *account = directory_find(&w->directory, wish->hit.ids.account);

	wish_log(wish, kept);
	if (kept && account != NULL)
		hits_unsubscribed(w, account, &wish->hit);
}

static void
wish_answer(struct worker *w, struct wish *wish, bool kept)
{
	struct ask ask;

	if (wish->conn == NULL)
		return;
	wish->conn->holder = NULL;
	wish->conn = NULL;
	ask_read(&ask, w, wish->req);
	ask.kind = METER_UNSUBSCRIBE;
	ask.token.target = wish->hit.target;
	ask.account = directory_find(&w->directory, wish->hit.ids.account);
	if (kept)
		answer_page(&ask, 200, PAGE_DONE);
	else
		answer_page(&ask, 503, PAGE_LATER);
}

/* True: there is nothing more to do about it. */
static bool
wish_settle(struct worker *w, struct wish *wish)
{
	int outcome = atomic_load_explicit(&wish->outcome, memory_order_acquire);

	if (outcome != WISH_WAITS) {
		wish_note(w, wish, outcome == WISH_KEPT);
		wish_answer(w, wish, outcome == WISH_KEPT);
		return true;
	}
	if (w->now_ms - wish->since_ms >= UNSUBSCRIBE_WAIT_MS)
		wish_answer(w, wish, false);
	return false;
}

void
wishes_answer(struct worker *w)
{
	struct wish **at = &w->wishes;

	while (*at != NULL) {
		struct wish *wish = *at;

		if (!wish_settle(w, wish)) {
			at = &wish->behind;
			continue;
		}
		*at = wish->behind;
		free(wish);
	}
}

void
wishes_end(struct worker *w)
{
	while (w->wishes != NULL) {
		struct wish *wish = w->wishes;

		wish_note(w, wish, atomic_load(&wish->outcome) == WISH_KEPT);
		if (wish->conn != NULL)
			wish->conn->holder = NULL;
		w->wishes = wish->behind;
		free(wish);
	}
}
