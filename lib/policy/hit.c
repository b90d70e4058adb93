/*
 * hit.c - see hit.h: was it a person?
 */
#include "policy/hit.h"

#include "crypto/hash.h"
#include "policy/stat.h"

#define DAY_S        86400
#define SECOND_SHIFT 47
#define RANDOM_MASK  ((UINT64_C(1) << SECOND_SHIFT) - 1)

/* Clocks differ. */
#define AHEAD_S 5

static const struct slice bot = SLICE_LIT("bot");

/* Programs that say what they are, by a part of their name in lower case; the more telling ones
 * first. Verified in none of their operators' papers but in what they send. */
static const struct {
	struct slice part;
	enum hit_who who;
} agents[] = {
    {SLICE_LIT("googleimageproxy"), HIT_PROXY},
    {SLICE_LIT("yahoomailproxy"), HIT_PROXY},
    {SLICE_LIT("duckduckgo-imageproxy"), HIT_PROXY},
    {SLICE_LIT("bot"), HIT_BOT},
    {SLICE_LIT("crawler"), HIT_BOT},
    {SLICE_LIT("spider"), HIT_BOT},
    {SLICE_LIT("preview"), HIT_BOT},
    {SLICE_LIT("scanner"), HIT_BOT},
    {SLICE_LIT("barracuda"), HIT_BOT},
    {SLICE_LIT("mimecast"), HIT_BOT},
    {SLICE_LIT("proofpoint"), HIT_BOT},
    {SLICE_LIT("headlesschrome"), HIT_BOT},
    {SLICE_LIT("phantomjs"), HIT_BOT},
    {SLICE_LIT("facebookexternalhit"), HIT_BOT},
    {SLICE_LIT("whatsapp"), HIT_BOT},
    {SLICE_LIT("curl/"), HIT_BOT},
    {SLICE_LIT("wget/"), HIT_BOT},
    {SLICE_LIT("libwww-perl"), HIT_BOT},
    {SLICE_LIT("python-"), HIT_BOT},
    {SLICE_LIT("python/"), HIT_BOT},
    {SLICE_LIT("go-http-client"), HIT_BOT},
    {SLICE_LIT("okhttp"), HIT_BOT},
    {SLICE_LIT("java/"), HIT_BOT},
    {SLICE_LIT("apache-httpclient"), HIT_BOT},
};

const char *
hit_who_name(enum hit_who who)
{
	static const char *const names[] = {[HIT_HUMAN] = "human",
	    [HIT_PROXY] = "proxy",
	    [HIT_BOT] = "bot",
	    [HIT_UNKNOWN] = "unknown"};

	return names[who];
}

const char *
hit_kind_name(enum hit_kind kind)
{
	static const char *const names[] = {[HIT_OPENED] = "opened",
	    [HIT_CLICKED] = "clicked",
	    [HIT_UNSUBSCRIBED] = "unsubscribed"};

	return names[kind];
}

unsigned
hit_stat(const struct hit *hit, const struct hit_verdict *verdict)
{
	static const unsigned stats[] = {[HIT_OPENED] = STAT_OPENED,
	    [HIT_CLICKED] = STAT_CLICKED,
	    [HIT_UNSUBSCRIBED] = STAT_UNSUBSCRIBED};

	return verdict->who == HIT_BOT || verdict->who == HIT_PROXY ? STAT_HITS_MACHINE
								    : stats[hit->kind];
}

/* --- when the message was accepted --- */

uint64_t
hit_message_id(uint64_t random, int64_t now_s)
{
	uint64_t second = now_s > 0 ? (uint64_t)(now_s % DAY_S) : 0;

	random &= RANDOM_MASK;
	return second << SECOND_SHIFT | (random != 0 ? random : 1);
}

int64_t
hit_sent_s(const struct token_ids *ids, int64_t now_s)
{
	int64_t second = (int64_t)(ids->message >> SECOND_SHIFT);
	int64_t sent_s = (int64_t)ids->day * DAY_S + second;

	if (second >= DAY_S || sent_s > now_s + AHEAD_S)
		return -1;
	return sent_s < now_s ? sent_s : now_s;
}

/* --- the verdict --- */

/* Reasons, and the worst that they say. */
struct reasons {
	struct buf out;
	bool bot, proxy;
};

static void
reason_add(struct reasons *reasons, const char *word)
{
	if (reasons->out.n > 0)
		buf_add_char(&reasons->out, ' ');
	buf_add_text(&reasons->out, word);
}

static void
reason_add_number(struct reasons *reasons, const char *word, int64_t n)
{
	reason_add(reasons, word);
	buf_add_i64(&reasons->out, n);
	reasons->bot = true;
}

/* Robots have it at the end of their name, "bingbot/2.0"; it is no part of "Botswana". There is a brand
 * of telephones that is called CUBOT. */
static bool
is_bot_at(struct slice lower, size_t at)
{
	struct slice before = slice_head(lower, at), behind = slice_from(lower, at + bot.n);
	bool brand = slice_ends(before, slice_of("cu")) &&
		     (at == 2 || !utf8_is_letter(before.p[at - 3]));

	if (slice_starts(behind, slice_of("s")))
		behind = slice_from(behind, 1);
	return !brand && (behind.n == 0 || !utf8_is_letter(behind.p[0]));
}

static bool
has_part(struct slice lower, struct slice part)
{
	bool is_bot = slice_eq(part, bot);

	for (size_t at = 0; at + part.n <= lower.n; at++) {
		at += slice_find(slice_from(lower, at), part.p[0]);
		if (slice_starts(slice_from(lower, at), part) && (!is_bot || is_bot_at(lower, at)))
			return true;
	}
	return false;
}

static void
agent_judge(const struct hit *hit, struct reasons *reasons)
{
	char storage[HIT_AGENT_BYTES];
	struct buf lower = BUF_OVER(storage);

	buf_add_lower(&lower, hit->agent);
	/* Apple's Mail Privacy Protection fetches by a proxy that says just this */
	if (hit->kind == HIT_OPENED && slice_eq(buf_slice(&lower), slice_of("mozilla/5.0"))) {
		reasons->proxy = true;
		reason_add(reasons, "agent:mozilla/5.0");
		return;
	}
	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		if (!has_part(buf_slice(&lower), agents[i].part))
			continue;
		reasons->bot = reasons->bot || agents[i].who == HIT_BOT;
		reasons->proxy = reasons->proxy || agents[i].who == HIT_PROXY;
		reason_add(reasons, "agent:");
		buf_add(&reasons->out, agents[i].part);
		return;
	}
}

static void
time_judge(const struct hit *hit, struct reasons *reasons)
{
	int64_t soon_s = hit->kind == HIT_OPENED ? HIT_SOON_OPEN_S : HIT_SOON_CLICK_S;
	int64_t sent_s = hit_sent_s(&hit->ids, hit->time_s);

	if (sent_s < 0 || hit->time_s - sent_s > soon_s)
		return;
	reason_add(reasons, "soon"); /* how soon would say when it was sent, and so to whom */
	reasons->bot = true;
}

void
hit_judge(const struct hit *hit, struct hit_verdict *verdict_r)
{
	struct reasons reasons = {.bot = false};

	buf_init(&reasons.out, verdict_r->why, sizeof(verdict_r->why) - 1);
	if (hit->kind == HIT_UNSUBSCRIBED) {
		/* what only looks asks with GET */
		reason_add(&reasons, hit->one_click ? "one-click" : "form");
		verdict_r->who = HIT_HUMAN;
		(void)buf_text(&reasons.out);
		return;
	}
	if (hit->trapped)
		reason_add(&reasons, "trap");
	if (hit->burst > 0)
		reason_add_number(&reasons, "burst:", (int64_t)hit->burst);
	time_judge(hit, &reasons);
	if (hit->prefetch)
		reason_add(&reasons, "prefetch");
	agent_judge(hit, &reasons);
	reasons.bot = reasons.bot || hit->trapped || hit->prefetch;
	if (hit->agent.n == 0)
		reason_add(&reasons, "no-agent");
	if (reasons.bot)
		verdict_r->who = HIT_BOT;
	else if (reasons.proxy)
		verdict_r->who = HIT_PROXY;
	else
		verdict_r->who = hit->agent.n == 0 ? HIT_UNKNOWN : HIT_HUMAN;
	(void)buf_text(&reasons.out);
}
