/*
 * budget.c - see budget.h.
 */
#include "io/budget.h"

#include "io/deadline.h"
#include "io/monotonic_cond.h"

#include <stdlib.h>

/* In the frame of the thread that waits. */
struct waiter {
	struct waiter *next;
};

struct budget {
	pthread_mutex_t lock;
	pthread_cond_t moved; /* something was given back, or the queue has another head */
	struct waiter *queue; /* who came first is the first: many who want little do not starve
				 one who wants much */
	size_t all;
	size_t left;
};

struct budget *
budget_new(size_t bytes)
{
	struct budget *budget = calloc(1, sizeof(*budget));

	if (budget == NULL)
		return NULL;
	if (monotonic_cond_init(&budget->moved) != 0) {
		free(budget);
		return NULL;
	}
	(void)pthread_mutex_init(&budget->lock, NULL);
	budget->all = budget->left = bytes;
	return budget;
}

void
budget_free(struct budget *budget)
{
	if (budget == NULL)
		return;
	(void)pthread_mutex_destroy(&budget->lock);
	(void)pthread_cond_destroy(&budget->moved);
	free(budget);
}

static void
queue_join(struct budget *budget, struct waiter *who)
{
	struct waiter **last = &budget->queue;

	while (*last != NULL)
		last = &(*last)->next;
	who->next = NULL;
	*last = who;
}

static void
queue_leave(struct budget *budget, struct waiter *who)
{
	struct waiter **place = &budget->queue;

	while (*place != who)
		place = &(*place)->next;
	*place = who->next;
	(void)pthread_cond_broadcast(&budget->moved);
}

bool
budget_take(struct budget *budget, size_t bytes, int64_t wait_ms)
{
	struct timespec until = deadline_timespec(deadline_in_ms(wait_ms));
	struct waiter me;
	int status = 0;
	bool taken;

	if (bytes > budget->all)
		return false;
	(void)pthread_mutex_lock(&budget->lock);
	queue_join(budget, &me);
	while ((budget->queue != &me || budget->left < bytes) && status == 0)
		status = pthread_cond_timedwait(&budget->moved, &budget->lock, &until);
	taken = budget->queue == &me && budget->left >= bytes;
	if (taken)
		budget->left -= bytes;
	queue_leave(budget, &me);
	(void)pthread_mutex_unlock(&budget->lock);
	return taken;
}

void
budget_give(struct budget *budget, size_t bytes)
{
	(void)pthread_mutex_lock(&budget->lock);
	budget->left += bytes;
	(void)pthread_cond_broadcast(&budget->moved);
	(void)pthread_mutex_unlock(&budget->lock);
}
