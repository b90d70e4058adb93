/*
 * redis_hit.c - see redis_hit.h.
 */
#include "io/redis_hit.h"

#include "crypto/hash.h"
#include "io/hit_lua.h"
#include "io/redis_command.h"
#include "io/redis_key.h"
#include "policy/consent.h"

#include <time.h>

/* Keys of the script, and its arguments before the fields. */
#define KEYS      4
#define ARGUMENTS 7

/* Each field has its modes behind it. */
#define SCRIPT_BYTES (sizeof(hit_lua) + 5 * (size_t)REDIS_KEY_BYTES + REDIS_EVENT_COMMAND_BYTES)
_Static_assert(SCRIPT_BYTES <= REDIS_OUTBOX_BYTES, "a hit fits an empty outbox");

static const char *
prefix_of(const struct redis_events *events)
{
	return events->writer->link->target.conf.prefix;
}

/* --- the script --- */

/* Every connection is opened with it (redis_open.c), so that its digest will do; the writer loads it
 * anew when Redis has lost it. Where SHA-1 is forbidden it is sent whole, each time. */
static void
digest_make(struct slice script, char sha_r[REDIS_SHA_BYTES])
{
	uint8_t digest[HASH_MAX_BYTES];
	struct hash *hash = hash_new(HASH_SHA1);
	struct buf text;
	size_t n = 0;

	if (hash != NULL) {
		hash_add(hash, script);
		n = hash_finish(hash, digest);
	}
	buf_init(&text, sha_r, REDIS_SHA_BYTES);
	encode_hex(&text, slice_make((const char *)digest, n));
	(void)buf_text(&text);
	hash_free(hash);
}

void
redis_hit_init(struct redis_events *events)
{
	digest_make(slice_make(hit_lua, sizeof(hit_lua) - 1), events->hit_sha);
}

/* EVALSHA DIGEST or EVAL SCRIPT, in a command of so many words more. */
static void
script_begin(struct buf *out, const char *sha, struct slice script, unsigned words)
{
	redis_command_begin(out, 2 + words);
	redis_command_text(out, sha[0] != '\0' ? "EVALSHA" : "EVAL");
	redis_command_word(out, sha[0] != '\0' ? slice_of(sha) : script);
}

static void
keys_add(struct buf *out, const char *prefix, const struct hit_note *note, bool all)
{
	char storage[REDIS_KEY_BYTES], id_storage[TOKEN_MESSAGE_BYTES];
	struct buf key = BUF_OVER(storage), id = BUF_OVER(id_storage);

	redis_key_events(&key, prefix, note->account);
	redis_command_word(out, buf_slice(&key));
	buf_reset(&key);
	token_message_format(note->hit->ids.message, &id);
	redis_key_message(&key, prefix, note->account, buf_slice(&id));
	redis_command_word(out, buf_slice(&key));
	buf_reset(&key);
	redis_key_hits(&key, prefix, note->account, note->hit->time_s);
	redis_command_word(out, buf_slice(&key));
	buf_reset(&key);
	redis_key_consent(&key, prefix, note->account);
	redis_command_word(out, buf_slice(&key));
	if (!all)
		return;
	buf_reset(&key);
	redis_key_consent(&key, prefix, CONSENT_ALL_ACCOUNTS);
	redis_command_word(out, buf_slice(&key));
}

/* By which the script looks up what that recipient agreed to. */
static void
consent_word_add(struct buf *out, const struct hit *hit)
{
	struct address rcpt = address_parse(hit->target);
	char storage[CONSENT_KEY_BYTES];
	struct buf key = BUF_OVER(storage);

	if (hit->kind == HIT_UNSUBSCRIBED)
		consent_key(&rcpt, &key);
	redis_command_word(out, buf_slice(&key));
}

static void
arguments_add(struct buf *out, const struct hit_note *note)
{
	char storage[64], page_storage[TOKEN_TARGET_BYTES];
	struct buf name = BUF_OVER(storage), page = BUF_OVER(page_storage);
	const struct hit *hit = note->hit;

	redis_command_number(out, note->privacy);
	redis_command_number(out, (int64_t)hit->ids.rcpt);
	redis_command_number(out, note->keep);
	redis_command_number(out, note->retention_s);
	buf_add_text(&name, hit_kind_name(hit->kind));
	buf_add_char(&name, ' ');
	buf_add_text(&name, hit_who_name(note->verdict->who));
	redis_command_word(out, buf_slice(&name));
	if (hit->kind == HIT_CLICKED)
		hit_page(hit->target, &page);
	redis_command_word(out, buf_slice(&page));
	consent_word_add(out, hit);
}

static void
script_make(struct buf *out, const struct redis_events *events, const struct hit_note *note,
    const struct hit_fields *fields, bool all)
{
	unsigned keys = KEYS + (all ? 1 : 0);

	script_begin(out, events->hit_sha, slice_make(hit_lua, sizeof(hit_lua) - 1),
	    1 + keys + ARGUMENTS + 3 * (unsigned)fields->n);
	redis_command_number(out, keys);
	keys_add(out, prefix_of(events), note, all);
	arguments_add(out, note);
	for (size_t i = 0; i < fields->n; i++) {
		redis_command_text(out, fields->record.v[i].name);
		redis_command_word(out, fields->record.v[i].value);
		redis_command_number(out, fields->modes[i]);
	}
}

/* --- hits --- */

void
redis_hit_add(struct redis_events *events, const struct hit_note *note)
{
	const struct hit_terms terms = {
	    HIT_IDENTIFIED | HIT_PSEUDONYMOUS, note->account, note->keyring};
	char storage[SCRIPT_BYTES];
	struct buf out = BUF_OVER(storage);
	struct hit_fields fields;

	if (note->privacy == PRIVACY_OFF)
		return;
	/* added up here, and not by the script, all of whose keys are the account's */
	store_counters_add(
	    &events->writer->counters, hit_stat(note->hit, note->verdict), note->hit->time_s, 1);
	if (note->keep <= 0 || note->retention_s <= 0)
		return;
	hit_fields_make(&fields, note->hit, note->verdict, &terms);
	script_make(&out, events, note, &fields, redis_consents_all(&events->writer->consents));
	redis_writer_push(events->writer, buf_slice(&out));
	redis_event_age(events, note->account, note->retention_s);
}
