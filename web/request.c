/*
 * request.c - see ask.h: from a request to its answer, without waiting for anybody.
 */
#include "ask.h"
#include "hits.h"
#include "policy/web_wish.h"
#include "wishes.h"

#include <event2/buffer.h>
#include <time.h>

static bool
is_read(const struct ask *ask)
{
	return ask->method == EVHTTP_REQ_GET || ask->method == EVHTTP_REQ_HEAD;
}

static void
hit_make(const struct ask *ask, enum hit_kind kind, struct hit *hit)
{
	static const struct net_addr nobody = {.family = NET_NONE};
	const struct net_addr *peer = &nobody;

	if (ask->conn != NULL)
		peer = ask->conn->by_unix ? NULL : &ask->conn->peer;
	*hit = (struct hit){.kind = kind,
	    .time_s = (int64_t)time(NULL),
	    .ids = ask->token.ids,
	    .key = ask->token.key,
	    .link = ask->token.link,
	    .target = ask->token.target,
	    .agent = ask->agent,
	    .prefetch = ask->prefetch};
	hit->client = web_request_client(
	    peer, &ask->state->web->proxies, buf_slice(&ask->forwarded));
}

/* Whoever only asks what there is, or for a part of it, is not counted. */
static void
hit_count(struct ask *ask, enum hit_kind kind)
{
	struct hit hit;

	if (ask->method != EVHTTP_REQ_GET || ask->range)
		return;
	if (ask->account == NULL) {
		meter_add(&ask->worker->meters.unknown_account, 1);
		return;
	}
	hit_make(ask, kind, &hit);
	hits_take(ask->worker, &hit);
}

/* --- what may be asked for --- */

static void
open_answer(struct ask *ask)
{
	hit_count(ask, HIT_OPENED);
	answer_pixel(ask);
}

static void
click_answer(struct ask *ask)
{
	if (!web_request_may_redirect(ask->token.target)) {
		answer_page(ask, 404, PAGE_NOT_FOUND);
		return;
	}
	hit_count(ask, HIT_CLICKED);
	answer_redirect(ask);
}

/* What only looks changes nothing, but tells who looks at everything. */
static void
page_look(struct ask *ask)
{
	struct hit hit;

	if (ask->method == EVHTTP_REQ_GET) {
		hit_make(ask, HIT_CLICKED, &hit);
		hit.link = 0;
		hits_note(ask->worker, &hit);
	}
	answer_page(ask, 200, PAGE_ASK);
}

static enum web_wish
wish_of(const struct ask *ask)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(ask->req);
	size_t n = evbuffer_get_length(body);
	const char *bytes = (const char *)evbuffer_pullup(body, -1);

	return bytes == NULL ? WEB_WISH_NONE : web_wish_read(slice_make(bytes, n));
}

static void
unsubscribe(struct ask *ask)
{
	enum web_wish wish = wish_of(ask);
	struct hit hit;

	if (wish == WEB_WISH_NONE) {
		/* some programs send POST to whatever they find */
		answer_page(ask, 400, PAGE_ASK);
		return;
	}
	ask->kind = METER_UNSUBSCRIBE;
	if (ask->account == NULL) {
		/* the token is good: it will be known again when Redis is */
		meter_add(&ask->worker->meters.unknown_account, 1);
		answer_page(ask, 503, PAGE_LATER);
		return;
	}
	hit_make(ask, HIT_UNSUBSCRIBED, &hit);
	hit.one_click = wish == WEB_WISH_ONE_CLICK;
	wishes_take(ask, &hit);
}

static void
unsubscribe_answer(struct ask *ask)
{
	struct address rcpt = address_parse(ask->token.target);

	if (rcpt.malformed || rcpt.domain.n == 0)
		answer_page(ask, 404, PAGE_NOT_FOUND);
	else if (ask->method == EVHTTP_REQ_POST)
		unsubscribe(ask);
	else
		page_look(ask);
}

/* --- whose it is --- */

/* A token is as good as its MAC, whatever its age: links in mail are clicked years later. */
static bool
token_read(struct ask *ask, enum token_kind kind)
{
	const struct token_terms terms = {.kind = kind};
	enum token_result result = token_open(
	    &ask->state->keyring, ask->target.token, &terms, &ask->token);

	meter_add(&ask->worker->meters.tokens[result], 1);
	if (result != TOKEN_GOOD)
		return false;
	ask->account = directory_find(&ask->worker->directory, ask->token.ids.account);
	if (ask->account == NULL ||
	    directory_allows(&ask->worker->directory, ask->account, ask->host))
		return true;
	meter_add(&ask->worker->meters.other_host, 1);
	return false;
}

static void
not_found(struct ask *ask)
{
	/* a picture is not looked at */
	if (ask->target.path == WEB_PATH_CLICK || ask->target.path == WEB_PATH_UNSUBSCRIBE)
		answer_page(ask, 404, PAGE_NOT_FOUND);
	else
		answer_text(ask, 404, "Not found\n");
}

/* What each path wants. */
struct kind {
	enum token_kind token;
	enum meter_request meter;
	void (*answer)(struct ask *ask);
};

static void
token_answer(struct ask *ask, const struct kind *kind)
{
	bool posts = kind->token == TOKEN_UNSUBSCRIBE;

	ask->kind = kind->meter;
	if (!is_read(ask) && !(posts && ask->method == EVHTTP_REQ_POST)) {
		answer_method(ask, posts ? "GET, HEAD, POST" : "GET, HEAD");
		return;
	}
	if (token_read(ask, kind->token)) {
		kind->answer(ask);
		return;
	}
	ask->account = NULL; /* whose page it is must not be told */
	not_found(ask);
}

static void
path_answer(struct ask *ask)
{
	static const struct kind open = {TOKEN_OPEN, METER_OPEN, open_answer};
	static const struct kind click = {TOKEN_CLICK, METER_CLICK, click_answer};
	static const struct kind page = {TOKEN_UNSUBSCRIBE, METER_PAGE, unsubscribe_answer};

	switch (ask->target.path) {
	case WEB_PATH_OPEN:
		token_answer(ask, &open);
		break;
	case WEB_PATH_CLICK:
		token_answer(ask, &click);
		break;
	case WEB_PATH_UNSUBSCRIBE:
		token_answer(ask, &page);
		break;
	case WEB_PATH_ROBOTS:
		if (is_read(ask))
			answer_text(ask, 200, "User-agent: *\nDisallow: /\n");
		else
			answer_method(ask, "GET, HEAD");
		break;
	case WEB_PATH_NONE:
		not_found(ask);
		break;
	}
}

void
request_handle(struct evhttp_request *req, void *arg)
{
	struct ask ask;

	ask_read(&ask, arg, req);
	if (ask.odd)
		answer_close(&ask, 400);
	else
		path_answer(&ask);
}
