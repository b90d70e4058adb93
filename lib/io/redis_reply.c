/*
 * redis_reply.c - what an answer means; see redis_conn.h.
 */
#include "io/redis_conn.h"

/* With these Redis says that it does not work for us now, whatever is asked. What is refused until
 * an operator acts (password, rights, memory, role) and what passes by itself (loading, failover)
 * look alike from here: do without, and try again. */
static const struct slice refusals[] = {
    SLICE_LIT("NOAUTH"),
    SLICE_LIT("WRONGPASS"),
    SLICE_LIT("NOPERM"),
    SLICE_LIT("LOADING"),
    SLICE_LIT("READONLY"),
    SLICE_LIT("OOM"),
    SLICE_LIT("MISCONF"),
    SLICE_LIT("NOREPLICAS"),
    SLICE_LIT("MASTERDOWN"),
    SLICE_LIT("CLUSTERDOWN"),
    SLICE_LIT("TRYAGAIN"),
    SLICE_LIT("MOVED"),
    SLICE_LIT("ASK"),
    SLICE_LIT("BUSY"),
};

static bool
is_refusal(struct slice text)
{
	struct slice word = slice_head(text, slice_find(text, ' '));

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (slice_eq(word, refusals[i]))
			return true;
	}
	return false;
}

/* Before version 7, what a script's command was refused with is wrapped: "ERR Error running script
 * (call to f_…): @user_script:9: -READONLY You can't write …". The part from the word on, or all
 * of it. */
static struct slice
unwrap(struct slice text)
{
	static const struct slice wrapped = SLICE_LIT("ERR Error running script");

	if (!slice_starts(text, wrapped))
		return text;
	for (size_t i = 0; i + 2 < text.n; i++) {
		struct slice rest = slice_from(text, i + 2);

		if (text.p[i] == ' ' && text.p[i + 1] == '-' && is_refusal(rest))
			return rest;
	}
	return text;
}

/* Where the word begins in text, or text.n. */
static size_t
word_find(struct slice text, struct slice word)
{
	size_t at = 0;

	while (at < text.n && !slice_starts(slice_from(text, at), word))
		at++;
	return at;
}

/* Rights that miss inside the script have no word of their own: version 7, and version 6. */
static bool
is_acl_failure(struct slice text)
{
	static const struct slice seven = SLICE_LIT("ERR ACL failure in script");
	static const struct slice six = SLICE_LIT("The user executing the script can't");

	return slice_starts(text, seven) || word_find(text, six) < text.n;
}

/* Without the digest and the line of the script, which version 7 adds: "… script: 5b3c…, on
 * @user_script:12." */
static struct slice
without_place(struct slice text)
{
	static const struct slice script = SLICE_LIT(" script: ");
	static const struct slice line = SLICE_LIT(", on @user_script:");
	size_t end = word_find(text, line);
	size_t at = end < text.n ? end : 0;

	while (at > 0 && !slice_starts(slice_from(text, at), script))
		at--;
	return at > 0 ? slice_head(text, at) : text;
}

int
redis_reply_check(const redisReply *reply, struct err *err)
{
	struct slice text;

	if (reply->type != REDIS_REPLY_ERROR)
		return 0;
	text = without_place(unwrap(slice_make(reply->str, reply->len)));
	return err_set(err, is_refusal(text) || is_acl_failure(text) ? ERR_UNAVAILABLE : ERR_IO,
	    "Redis: %.*s", SLICE_ARG(slice_head(text, ERR_TEXT_BYTES)));
}

bool
redis_reply_is_noscript(const redisReply *reply)
{
	static const struct slice word = SLICE_LIT("NOSCRIPT");

	return reply->type == REDIS_REPLY_ERROR &&
	       slice_starts(slice_make(reply->str, reply->len), word);
}

struct slice
redis_reply_text(const redisReply *reply)
{
	if (reply->type != REDIS_REPLY_STRING && reply->type != REDIS_REPLY_STATUS)
		return slice_make(NULL, 0);
	return slice_make(reply->str, reply->len);
}

int
redis_number_next(struct slice *text, int64_t *number_r)
{
	size_t end = slice_find(*text, ' ');
	int64_t number = 0;

	if (end == 0 || end > 18)
		return -1;
	for (size_t i = 0; i < end; i++) {
		if (!ascii_is_digit(text->p[i]))
			return -1;
		number = number * 10 + (text->p[i] - '0');
	}
	*text = slice_from(*text, end + 1);
	*number_r = number;
	return 0;
}
