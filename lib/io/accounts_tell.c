/*
 * accounts_tell.c - what an operator is told: each thing once, until it changes.
 */
#include "io/accounts_parts.h"

#include "base/siphash.h"

#include <stdarg.h>
#include <stdio.h>

/* Of a text, and what came before it; never 0. */
static uint64_t
digest_add(uint64_t before, const char *text)
{
	const uint64_t chain[2] = {before, 0};
	uint64_t digest = siphash(chain, slice_of(text));

	return digest == 0 ? 1 : digest;
}

static void
problem_tell(struct accounts_port *p, const char *account, const char *option, const char *text)
{
	if (atomic_load(&p->quiet))
		return;
	if (p->told == ACCOUNTS_TOLD_MAX) {
		p->untold++;
		return;
	}
	p->told++;
	p->setup.notify.problem(p->setup.notify.arg, account, option, text);
}

uint64_t
accounts_tell(struct accounts_port *p, const char *account, const struct account_problems *problems,
    uint64_t before)
{
	uint64_t digest = 0;

	for (size_t i = 0; i < problems->n; i++) {
		digest = digest_add(digest, problems->v[i].option);
		digest = digest_add(digest, problems->v[i].text);
	}
	if (digest == before)
		return digest;
	for (size_t i = 0; i < problems->n; i++)
		problem_tell(p, account, problems->v[i].option, problems->v[i].text);
	p->untold += problems->dropped;
	return digest;
}

void
accounts_tell_fault(struct accounts_port *p, struct accounts_slot *slot, const char *text)
{
	uint64_t digest = digest_add(0, text);

	if (digest != slot->fault)
		problem_tell(p, slot->name, "", text);
	slot->fault = digest;
}

void
accounts_tell_missing(struct accounts_port *p, struct accounts_slot *slot, bool known)
{
	static const char text[] = "the map names it, but there is no such account in Redis";

	if (known)
		slot->fault = digest_add(0, text);
	else
		accounts_tell_fault(p, slot, text);
	slot->missing = false;
}

void
accounts_warn(struct accounts_port *p, enum accounts_warning which, const char *format, ...)
{
	char text[2 * ERR_TEXT_BYTES];
	uint64_t digest;
	va_list args;

	va_start(args, format);
	if (vsnprintf(text, sizeof(text), format, args) < 0)
		text[0] = '\0';
	va_end(args);
	digest = digest_add(0, text);
	if (digest != p->warnings[which] && !atomic_load(&p->quiet))
		p->setup.notify.warning(p->setup.notify.arg, text);
	p->warnings[which] = digest;
}

void
accounts_warn_over(struct accounts_port *p, enum accounts_warning which)
{
	p->warnings[which] = 0;
}

void
accounts_told(struct accounts_port *p)
{
	char text[ERR_TEXT_BYTES];

	if (p->untold > 0 && !atomic_load(&p->quiet)) {
		(void)snprintf(text, sizeof(text),
		    "accounts: %zu further problems are not told one by one", p->untold);
		p->setup.notify.warning(p->setup.notify.arg, text);
	}
	p->told = p->untold = 0;
}
