/*
 * dns_thread.c - see dns_port.h: the thread that owns the libunbound context.
 *
 * It opens the context, takes what libunbound hands over, and looks now and then whether the context
 * is still good. It is replaced, and everything in flight asked again, when /etc/resolv.conf has
 * changed (libunbound reads it once), when libunbound's worker is gone, or when an answer never
 * came (libunbound drops answers when it is out of memory).
 */
#include "io/dns_port.h"

#include "io/dns_result.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* How often the context is looked at, and how soon one that could not be opened is tried again. */
#define LOOK_EVERY_MS 5000

/* libunbound gives up sooner. */
#define FLIGHT_LOST_MS 120000

/* What the thread alone knows. */
struct watch {
	struct stat resolv_conf; /* as it was when the context was opened */
	int64_t look_ms;         /* when to look again */
	bool broken;             /* libunbound says so */
};

static void
entry_fail(struct dns_unbound *self, struct dns_entry *entry, const char *why)
{
	static const struct dns_answer failed = {.status = DNS_TEMPERROR, .unasked = true};

	dns_port_settle(self, entry, &failed, 0, why);
}

/* Why it is a temporary error, for the log. */
static const char *
result_reason(const struct ub_result *result, char *storage, size_t bytes)
{
	if (result == NULL)
		return "the resolver lost the question";
	if (result->bogus)
		return result->why_bogus != NULL ? result->why_bogus : "DNSSEC says it is forged";
	(void)snprintf(storage, bytes, "%s: no answer (code %d)", result->qname, result->rcode);
	return storage;
}

/* libunbound's callback, in the thread, with no lock held. */
static void
answered(void *arg, int rc, struct ub_result *result)
{
	struct dns_entry *entry = arg;
	struct dns_unbound *self = entry->owner;
	char storage[DNS_NAME_MAX_BYTES + 64];
	size_t bytes;
	struct dns_answer answer = dns_result_answer(rc == 0 ? result : NULL, &bytes);
	const char *why = result_reason(rc == 0 ? result : NULL, storage, sizeof(storage));

	(void)pthread_mutex_lock(&self->lock);
	dns_port_settle(self, entry, &answer, bytes, why);
	(void)pthread_mutex_unlock(&self->lock);
	ub_resolve_free(result);
}

static void
entry_send(struct dns_unbound *self, struct dns_entry *entry)
{
	int rc = ub_resolve_async(
	    self->thread.ctx, entry->name, (int)entry->type, DNS_CLASS_IN, entry, answered, NULL);

	if (rc != 0)
		entry_fail(self, entry, ub_strerror(rc));
}

/* Puts ctx (NULL: none could be opened, because of why) in the place of the one before, which is
 * returned, and sends or fails what is in flight. */
static struct ub_ctx *
context_swap(struct dns_unbound *self, struct ub_ctx *ctx, const char *why)
{
	struct ub_ctx *before;
	struct dns_entry *newer;

	(void)pthread_mutex_lock(&self->lock);
	before = self->thread.ctx;
	self->thread.ctx = ctx;
	self->thread.state = ctx == NULL ? DNS_THREAD_FAILED : DNS_THREAD_READY;
	for (struct dns_entry *entry = self->cache.flight.oldest; entry != NULL; entry = newer) {
		newer = entry->newer;
		entry->at_ms = dns_now_ms();
		if (ctx != NULL)
			entry_send(self, entry);
		else
			entry_fail(self, entry, why);
	}
	(void)pthread_mutex_unlock(&self->lock);
	return before;
}

static void
context_renew(struct dns_unbound *self, struct watch *watch)
{
	struct err err = {.text = ""};
	struct ub_ctx *ctx;

	watch->broken = false;
	if (stat(DNS_RESOLV_CONF, &watch->resolv_conf) != 0)
		watch->resolv_conf = (struct stat){.st_size = 0};
	ctx = dns_context_open(&self->settings, &err);
	/* Deleting one waits for its worker; who asks should not. */
	dns_context_close(context_swap(self, ctx, err.text));
}

static bool
resolv_conf_changed(const struct dns_unbound *self, const struct watch *watch)
{
	const struct stat *was = &watch->resolv_conf;
	struct stat is;

	if (self->settings.resolver.kind != DNS_RESOLVER_SYSTEM)
		return false;
	if (stat(DNS_RESOLV_CONF, &is) != 0)
		return false; /* about to be replaced */
	return is.st_ino != was->st_ino || is.st_size != was->st_size ||
	       is.st_mtim.tv_sec != was->st_mtim.tv_sec ||
	       is.st_mtim.tv_nsec != was->st_mtim.tv_nsec;
}

static bool
flight_lost(struct dns_unbound *self, int64_t now_ms)
{
	bool lost;

	(void)pthread_mutex_lock(&self->lock);
	lost = self->cache.flight.n > 0 &&
	       self->cache.flight.oldest->at_ms < now_ms - FLIGHT_LOST_MS;
	(void)pthread_mutex_unlock(&self->lock);
	return lost;
}

static bool
context_is_good(struct dns_unbound *self, struct watch *watch)
{
	int64_t now_ms = dns_now_ms();

	if (now_ms < watch->look_ms)
		return true;
	watch->look_ms = now_ms + LOOK_EVERY_MS;
	return self->thread.state == DNS_THREAD_READY && !watch->broken &&
	       !resolv_conf_changed(self, watch) && !flight_lost(self, now_ms);
}

static void *
thread_main(void *arg)
{
	struct dns_unbound *self = arg;
	struct watch watch = {.look_ms = 0};

	for (;;) {
		struct pollfd fds[2] = {{.fd = self->thread.stop_pipe[0], .events = POLLIN},
		    {.fd = -1, .events = POLLIN}};

		if (!context_is_good(self, &watch))
			context_renew(self, &watch);
		if (self->thread.ctx != NULL && !watch.broken)
			fds[1].fd = ub_fd(self->thread.ctx);
		(void)poll(fds, 2, LOOK_EVERY_MS);
		if (fds[0].revents != 0)
			return NULL;
		if (fds[1].revents != 0)
			watch.broken = ub_process(self->thread.ctx) != 0;
	}
}

/* With all signals blocked, which libunbound's worker inherits: they are the program's. */
static int
thread_spawn(struct dns_unbound *self)
{
	sigset_t all, before;
	int status;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&self->thread.id, NULL, thread_main, self);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}

static int
thread_start(struct dns_unbound *self)
{
	int *ends = self->thread.stop_pipe;

	if (pipe(ends) != 0)
		return -1;
	(void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	self->thread.state = DNS_THREAD_OPENING;
	if (thread_spawn(self) == 0)
		return 0;
	self->thread.state = DNS_THREAD_NONE;
	(void)close(ends[0]);
	(void)close(ends[1]);
	return -1;
}

void
dns_thread_submit(struct dns_unbound *self, struct dns_entry *entry)
{
	switch (self->thread.state) {
	case DNS_THREAD_NONE:
		if (thread_start(self) != 0)
			entry_fail(self, entry, "no thread could be started");
		break;
	case DNS_THREAD_OPENING:
		break;
	case DNS_THREAD_READY:
		entry_send(self, entry);
		break;
	case DNS_THREAD_FAILED:
		entry_fail(self, entry, "the resolver could not be started");
		break;
	}
}

void
dns_thread_stop(struct dns_unbound *self)
{
	if (self->thread.state == DNS_THREAD_NONE)
		return;
	(void)close(self->thread.stop_pipe[1]);
	(void)pthread_join(self->thread.id, NULL);
	(void)close(self->thread.stop_pipe[0]);
	dns_context_close(self->thread.ctx);
}
