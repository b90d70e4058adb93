/*
 * load_worker.c - see load_worker.h.
 */
#include "load_worker.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

/* Taken from the kernel at once; more only delays the first of them. */
#define EVENTS_MAX 64

static void
watch(struct load_worker *w, struct load_session *s, int op)
{
	struct epoll_event ev = {.events = EPOLLIN};
	struct err err;

	if (s->full_socket)
		ev.events |= EPOLLOUT;
	s->watches_socket = s->full_socket;
	ev.data.u32 = s->id - w->sessions[0].id;
	if (epoll_ctl(w->epoll, op, s->wire.fd, &ev) == 0)
		return;
	/* Without its place in the set the session would hang. */
	(void)err_set(&err, ERR_IO, "epoll_ctl: %s", strerror(errno));
	load_stats_error(&w->run.stats, &err);
	w->broken = true;
}

static void
pause_session(struct load_worker *w, struct load_session *s)
{
	struct load_pause *p = &w->pauses[(w->pauses_first + w->pauses_n++) % w->n];

	p->session = s->id - w->sessions[0].id;
	p->until_ns = load_now_ns() + (uint64_t)w->run.options->slow_ms * UINT64_C(1000000);
}

/* Before the start, a session that cannot be opened means that the run cannot be. */
static bool
may_reopen(const struct load_worker *w)
{
	return w->started && w->run.left > 0 && !w->run.options->warm;
}

/* Leads a session to where it waits: for the filter, for the start, for its pause to end, or for
 * nothing more. `fresh`: it has had its pause. */
static void
settle(struct load_worker *w, struct load_session *s, enum load_state state, bool fresh)
{
	bool added = false;

	for (;;) {
		switch (state) {
		case LOAD_WAITS:
			if (added || s->full_socket != s->watches_socket)
				watch(w, s, added ? EPOLL_CTL_ADD : EPOLL_CTL_MOD);
			return;
		case LOAD_READY:
			if (added)
				watch(w, s, EPOLL_CTL_ADD);
			added = false;
			if (!w->started) {
				w->ready++;
				return;
			}
			if (w->run.options->slow_ms > 0 && !fresh) {
				pause_session(w, s);
				return;
			}
			state = load_session_begin(s);
			break;
		case LOAD_CLOSED:
			if (!may_reopen(w)) {
				w->active--;
				w->broken = w->broken || !w->started;
				return;
			}
			s->full_socket = false;
			state = load_session_open(s);
			added = s->open;
			break;
		}
	}
}

static void
sessions_open(struct load_worker *w)
{
	enum load_state state;
	unsigned i;

	for (i = 0; i < w->n && !w->broken; i++) {
		state = load_session_open(&w->sessions[i]);
		if (w->sessions[i].open)
			watch(w, &w->sessions[i], EPOLL_CTL_ADD);
		settle(w, &w->sessions[i], state, false);
	}
}

static void
pauses_end(struct load_worker *w)
{
	uint64_t now = load_now_ns();
	struct load_pause p;

	while (w->pauses_n > 0 && w->pauses[w->pauses_first].until_ns <= now) {
		p = w->pauses[w->pauses_first];
		w->pauses_first = (w->pauses_first + 1) % w->n;
		w->pauses_n--;
		settle(w, &w->sessions[p.session], LOAD_READY, true);
	}
}

static int
wait_ms(const struct load_worker *w)
{
	uint64_t now;

	if (w->pauses_n == 0)
		return (int)w->run.options->timeout_s * 1000;
	now = load_now_ns();
	if (w->pauses[w->pauses_first].until_ns <= now)
		return 0;
	return (int)((w->pauses[w->pauses_first].until_ns - now) / 1000000) + 1;
}

/* One turn of the loop. */
static void
events_take(struct load_worker *w)
{
	struct epoll_event ev[EVENTS_MAX];
	struct load_session *s;
	struct err err;
	int i, n = epoll_wait(w->epoll, ev, EVENTS_MAX, wait_ms(w));

	for (i = 0; i < n; i++) {
		s = &w->sessions[ev[i].data.u32];
		if (s->open)
			settle(w, s, load_session_input(s), false);
	}
	if (n == 0 && w->pauses_n == 0) {
		(void)err_set(&err, ERR_TIMEOUT, "the filter has been silent for %u s",
		    w->run.options->timeout_s);
		load_stats_error(&w->run.stats, &err);
		w->broken = true;
	}
	pauses_end(w);
}

void *
load_worker_main(void *arg)
{
	struct load_worker *w = arg;
	unsigned i;

	/* Sessions are opened before the clock starts, unless opening them is what is measured. */
	if (!w->run.options->one_shot) {
		sessions_open(w);
		while (w->ready < w->n && !w->broken)
			events_take(w);
	}
	(void)pthread_barrier_wait(w->barrier);
	w->began_ns = load_now_ns();
	w->started = true;
	if (w->run.options->one_shot)
		sessions_open(w);
	for (i = 0; i < w->ready && !w->broken; i++)
		settle(w, &w->sessions[i], LOAD_READY, false);
	while (w->active > 0 && !w->broken)
		events_take(w);
	w->ended_ns = load_now_ns();
	for (i = 0; i < w->n; i++)
		load_session_close(&w->sessions[i]);
	return NULL;
}

int
load_worker_init(struct load_worker *w, const struct load_options *o, unsigned i)
{
	uint64_t transactions = (o->decisions + o->rcpts - 1) / o->rcpts;
	unsigned k, first = i * (o->sessions / o->threads);

	w->n = o->sessions / o->threads;
	if (i == o->threads - 1)
		w->n = o->sessions - first;
	w->active = w->n;
	w->run.options = o;
	w->run.left = transactions / o->threads;
	if (i == 0)
		w->run.left += transactions % o->threads;
	if (o->warm)
		w->run.left = UINT64_MAX; /* each session knows its end */
	w->run.tuple_next = i * UINT64_C(1000000000) / 8;
	w->run.clients_next = first;
	w->sessions = calloc(w->n, sizeof(*w->sessions));
	w->pauses = calloc(w->n, sizeof(*w->pauses));
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (w->sessions == NULL || w->pauses == NULL || w->epoll < 0)
		return -1;
	for (k = 0; k < w->n; k++) {
		w->sessions[k].run = &w->run;
		w->sessions[k].id = first + k;
	}
	return 0;
}

void
load_worker_fini(struct load_worker *w)
{
	(void)close(w->epoll);
	free(w->sessions);
	free(w->pauses);
}
