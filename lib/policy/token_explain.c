/*
 * token_explain.c - see token_explain.h.
 */
#include "policy/token_explain.h"

#include "policy/keyring_time.h"

static const char forged[] =
    "refused: the signature is wrong; it was changed, is of another domain, forged, or made with "
    "another host's keyring";

static const char *
result_words(enum token_result result)
{
	static const char *const words[] = {
	    [TOKEN_GOOD] = "good: signed by a key of this keyring",
	    [TOKEN_MALFORMED] = "refused: no token of ours, or a part is missing",
	    [TOKEN_VERSION] = "refused: of a version that this program does not know",
	    [TOKEN_KEY_UNKNOWN] = "refused: signed by a key that is not in this keyring",
	    [TOKEN_KEY_RETIRED] = "refused: signed by a key that is retired",
	    [TOKEN_FORGED] = forged,
	    [TOKEN_OTHER_KIND] = "refused: of another kind",
	    [TOKEN_OTHER_ACCOUNT] = "refused: of another account",
	    [TOKEN_EXPIRED] = "refused: too old",
	    [TOKEN_FUTURE] = "refused: it will be sent later than today",
	    [TOKEN_NO_MEMORY] = "no memory to look",
	};

	return words[result];
}

static void
key_add(const struct token_reader *reader, unsigned id, struct buf *out)
{
	const struct keyring_key *key = keyring_find(reader->keyring, id);

	buf_add_format(out, "key: %u", id);
	if (key != NULL) {
		buf_add_format(out, ", %s, made ", keyring_state_name(key->state));
		keyring_time_format(out, key->created_s);
	}
	buf_add_char(out, '\n');
}

static void
ids_add(const struct token_reader *reader, const struct token_ids *ids, struct buf *out)
{
	const char *name = reader->map == NULL ? NULL
					       : account_map_by_id(reader->map, ids->account);
	char storage[32];
	struct buf time = BUF_OVER(storage);

	keyring_time_format(&time, (int64_t)ids->day * LIMIT_DAY_S);
	buf_add_format(out,
	    "account: %s (%012llx)\nmessage: ", name == NULL ? "not known here" : name,
	    (unsigned long long)ids->account);
	token_message_format(ids->message, out);
	buf_add_format(out, "\nsent: %.10s\nrecipient: ", buf_text(&time));
	if (ids->rcpt == 0)
		buf_add_text(out, "all of the message\n");
	else
		buf_add_format(out, "number %u of the message\n", ids->rcpt);
}

static enum token_result
envelope_explain(const struct token_reader *reader, struct slice text, struct buf *out)
{
	const struct token_terms terms = {.today = reader->today};
	size_t at = slice_find_last(text, '@');
	struct envelope_text parts = {
	    slice_head(text, at), slice_from(text, at + 1), reader->delimiters};
	struct envelope_id id;
	enum token_result result = envelope_id_open(reader->keyring, &parts, &terms, &id);

	buf_add_format(out, "kind: %s\n%s\n",
	    id.letter == ENVELOPE_BOUNCE        ? "return path"
	    : id.letter == ENVELOPE_UNSUBSCRIBE ? "address to unsubscribe"
						: "ENVID or id header",
	    result_words(result));
	if (id.key != 0)
		key_add(reader, id.key, out);
	if (result != TOKEN_GOOD && result != TOKEN_FUTURE)
		return result;
	ids_add(reader, &id.ids, out);
	if (id.rcpt_n > 0) {
		buf_add_text(out, "delivered to: ");
		buf_add(out, slice_make(id.rcpt, id.rcpt_n));
		buf_add_text(out, " (as the MTA wrote it; not signed)\n");
	}
	return result;
}

static enum token_result
web_explain(const struct token_reader *reader, struct slice text, struct buf *out)
{
	const struct token_terms terms = {.today = reader->today};
	struct token token = {.key = 0};
	enum token_result result = token_open(reader->keyring, text, &terms, &token);
	bool signed_by_us = result == TOKEN_GOOD || result == TOKEN_FUTURE;

	if (signed_by_us)
		buf_add_format(out, "kind: %s\n", token_kind_name(token.kind));
	buf_add_text(out, result_words(result));
	buf_add_char(out, '\n');
	if (token.key != 0)
		key_add(reader, token.key, out);
	if (!signed_by_us)
		return result;
	ids_add(reader, &token.ids, out);
	if (token.kind == TOKEN_CLICK)
		buf_add_format(out, "link: %u\n", token.link);
	if (token.target.n > 0) {
		buf_add_text(out, token.kind == TOKEN_CLICK ? "target: " : "address: ");
		buf_add(out, token.target);
		buf_add_char(out, '\n');
	}
	return result;
}

/* Without what stands around a token where people find it. */
static struct slice
bare(struct slice text)
{
	static const struct slice envid = SLICE_LIT("envid="), mailto = SLICE_LIT("mailto:");

	text = slice_trim(text);
	if (text.n > 1 && text.p[0] == '<' && text.p[text.n - 1] == '>')
		text = slice_make(text.p + 1, text.n - 2);
	if (slice_starts_nocase(text, envid))
		text = slice_from(text, envid.n);
	if (slice_starts_nocase(text, mailto))
		text = slice_from(text, mailto.n);
	if (slice_find(text, '/') < text.n && !envelope_id_is_like(text))
		text = slice_from(text, slice_find_last(text, '/') + 1);
	return slice_head(text, slice_find(text, '?'));
}

bool
token_explain(const struct token_reader *reader, struct slice text, struct buf *out)
{
	text = bare(text);
	/* "b-" may also begin a web token, but only one of a version that there is not yet */
	return (envelope_id_is_like(text) ? envelope_explain(reader, text, out)
					  : web_explain(reader, text, out)) == TOKEN_GOOD;
}
