/*
 * webhooks_tell.c - see webhooks_tell.h.
 */
#include "webhooks_tell.h"

#include "io/log.h"

void
webhooks_tell_outcome(const struct store_webhook_outcome *outcome, int64_t ms)
{
	static const struct {
		const char *word;
		enum log_level level;
	} kinds[] = {[WEBHOOK_DELIVERED] = {"delivered", LOG_LEVEL_DEBUG},
	    [WEBHOOK_AGAIN] = {"again", LOG_LEVEL_INFO},
	    [WEBHOOK_DEAD] = {"dead", LOG_LEVEL_WARNING}};
	struct log_line line;

	if (!log_wants(kinds[outcome->settled].level))
		return;
	log_begin(&line);
	log_add_text(&line, "webhook", kinds[outcome->settled].word);
	log_add_text(&line, "account", outcome->account);
	log_add_text(&line, "event", outcome->entry);
	log_add_number(&line, "tries", outcome->tries);
	log_add_number(&line, "ms", ms);
	if (outcome->settled != WEBHOOK_DELIVERED)
		log_add_text(&line, "reason", outcome->reason);
	if (outcome->settled == WEBHOOK_AGAIN)
		log_add_number(&line, "next_ms", outcome->delay_ms);
	log_write(&line, kinds[outcome->settled].level);
}

void
webhooks_tell_losses(const char *account, const char *word, int64_t events)
{
	struct log_line line;

	if (events <= 0)
		return;
	log_begin(&line);
	log_add_text(&line, "webhook", word);
	log_add_text(&line, "account", account);
	log_add_number(&line, "events", events);
	log_add_text(&line, "reason", "they are kept no more (retention, outbound.events_keep)");
	log_write(&line, LOG_LEVEL_WARNING);
}

void
webhooks_tell_odd(const char *account, const char *why)
{
	struct log_line line;

	log_begin(&line);
	log_add_text(&line, "account", account);
	log_add_text(&line, "reason", why);
	log_write(&line, LOG_LEVEL_WARNING);
}

void
webhooks_tell_redis(const char *why)
{
	struct log_line line;

	log_begin(&line);
	log_add_text(&line, "redis", why == NULL ? "up" : "down");
	if (why != NULL)
		log_add_text(&line, "reason", why);
	log_write(&line, why == NULL ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING);
}
