/*
 * budget.c - see budget.h.
 */
#include "io/budget.h"

#include "io/deadline.h"
#include "io/monotonic_cond.h"

#include <stdlib.h>

struct budget {
	pthread_mutex_t lock;
	pthread_cond_t given;
	size_t all;
	size_t left;
};

struct budget *
budget_new(size_t bytes)
{
	struct budget *budget = calloc(1, sizeof(*budget));

	if (budget == NULL)
		return NULL;
	if (monotonic_cond_init(&budget->given) != 0) {
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
	(void)pthread_cond_destroy(&budget->given);
	free(budget);
}

bool
budget_take(struct budget *budget, size_t bytes, int64_t wait_ms)
{
	struct timespec until = deadline_timespec(deadline_in_ms(wait_ms));
	int status = 0;
	bool taken;

	if (bytes > budget->all)
		return false;
	(void)pthread_mutex_lock(&budget->lock);
	while (budget->left < bytes && status == 0)
		status = pthread_cond_timedwait(&budget->given, &budget->lock, &until);
	taken = budget->left >= bytes;
	if (taken)
		budget->left -= bytes;
	(void)pthread_mutex_unlock(&budget->lock);
	return taken;
}

void
budget_give(struct budget *budget, size_t bytes)
{
	(void)pthread_mutex_lock(&budget->lock);
	budget->left += bytes;
	/* all: one who wants little may go on where the first who waits cannot */
	(void)pthread_cond_broadcast(&budget->given);
	(void)pthread_mutex_unlock(&budget->lock);
}
