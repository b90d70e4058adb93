/*
 * key_ask.c - see key.h: what DNS has of the keys.
 */
#include "key.h"

#include "io/clock.h"
#include "io/dns.h"
#include "policy/lookup.h"
#include "settings.h"

/* Keys asked for at a time: two questions each, at most. */
#define BATCH (DNS_BATCH_MAX / 2)

#define WORDS_BYTES 700

/* One key, on its way. */
struct asked {
	const struct key_entry *entry;
	char name[DNS_NAME_MAX_BYTES + 1];
};

static const struct dns_answer *
answer_wait(struct lookup *lookup, struct slice name)
{
	const struct dns_answer *answer = lookup_ask(lookup, name, DNS_TXT);

	for (; answer->status == DNS_PENDING; answer = lookup_ask(lookup, name, DNS_TXT))
		lookup_wait(lookup);
	return answer;
}

static void
missing_words(struct lookup *lookup, const struct asked *asked, struct buf *words)
{
	char storage[2 * DNS_NAME_MAX_BYTES + 2];
	struct buf twice = BUF_OVER(storage);
	const struct dns_answer *answer;

	/* a form that adds the domain by itself, and was given all of the name */
	buf_add_format(&twice, "%s.%s", asked->name, asked->entry->domain);
	if (twice.n > DNS_NAME_MAX_BYTES)
		return;
	answer = answer_wait(lookup, buf_slice(&twice));
	if (answer->status != DNS_FOUND)
		return;
	buf_reset(words);
	buf_add_format(words,
	    "it is at %s: the domain is there twice; write the name without it, or with a dot at "
	    "its end",
	    buf_text(&twice));
}

static struct key_shown
shown_of(struct lookup *lookup, const struct asked *asked, struct arena *arena)
{
	char storage[WORDS_BYTES];
	struct buf words = BUF_OVER(storage);
	struct key_shown shown;

	shown.state = key_record_check(answer_wait(lookup, slice_of(asked->name)),
	    sign_key_facts(asked->entry->key).kind, asked->entry->public_key, &words);
	if (shown.state == KEY_RECORD_MISSING)
		missing_words(lookup, asked, &words);
	shown.words = arena_text(arena, buf_slice(&words));
	if (shown.words == NULL)
		shown.words = "";
	return shown;
}

static void
batch_ask(struct lookup *lookup, const struct key_entry *const *entries, struct key_shown *shown_r,
    size_t n, struct arena *arena)
{
	struct asked asked[BATCH];

	for (size_t i = 0; i < n; i++) {
		struct buf name = BUF_OVER(asked[i].name);

		asked[i].entry = entries[i];
		(void)key_record_name(
		    slice_of(entries[i]->domain), slice_of(entries[i]->selector), &name);
		(void)buf_text(&name);
		(void)lookup_ask(lookup, slice_of(asked[i].name), DNS_TXT); /* all at once */
	}
	for (size_t i = 0; i < n; i++)
		shown_r[i] = shown_of(lookup, &asked[i], arena);
}

int
key_ask(struct ctl *ctl, const struct key_entry *const *entries, struct key_shown *shown_r,
    size_t n, struct arena *arena)
{
	struct dns_conf conf = *(const struct dns_conf *)settings_of(ctl->conf, &dns_section);
	struct err err;
	struct dns *dns;

	if (ctl->args.value[ARG_RESOLVER] != NULL)
		conf.resolver = ctl->args.value[ARG_RESOLVER];
	dns = dns_unbound_new(&conf, NULL, &err);
	if (dns == NULL)
		return ctl_fail(
		    err.code == ERR_INVALID ? EX_CONFIG : EX_UNAVAILABLE, "dns: %s", err.text);
	for (size_t i = 0; i < n; i += BATCH) {
		struct lookup lookup;

		lookup_init(&lookup, dns, clock_real.mono_ms(&clock_real) + 2 * conf.timeout_ms);
		batch_ask(&lookup, entries + i, shown_r + i, n - i < BATCH ? n - i : BATCH, arena);
		lookup_fini(&lookup);
	}
	dns_unbound_free(dns);
	return CTL_OK;
}
