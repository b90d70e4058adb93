/*
 * answer.c - see ask.h: what a request is answered with.
 */
#include "ask.h"

#include <event2/buffer.h>

#define NO_STORE "no-store, no-cache, must-revalidate, max-age=0"

/* One transparent pixel: GIF89a, the smallest that every program shows. */
static const unsigned char pixel[43] = {0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00,
    0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0x21, 0xf9, 0x04, 0x01, 0x00, 0x00, 0x00,
    0x00, 0x2c, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00,
    0x3b};

static void
header_add(struct ask *ask, const char *name, const char *value)
{
	(void)evhttp_add_header(evhttp_request_get_output_headers(ask->req), name, value);
}

static void
answer_send(struct ask *ask, int code, const char *reason)
{
	struct worker *w = ask->worker;

	header_add(ask, "Date", w->date);
	if (w->draining)
		header_add(ask, "Connection", "close");
	meter_add(&w->meters.requests[ask->kind][meter_code(code)], 1);
	evhttp_send_reply(ask->req, code, reason, NULL);
}

/* HEAD says how long the answer would be; evhttp leaves it out. */
static void
body_add(struct ask *ask, const void *bytes, size_t n)
{
	struct evbuffer *out = evhttp_request_get_output_buffer(ask->req);
	char storage[24];
	struct buf length = BUF_OVER(storage);

	if (ask->method != EVHTTP_REQ_HEAD) {
		(void)evbuffer_add(out, bytes, n);
		return;
	}
	buf_add_u64(&length, n);
	header_add(ask, "Content-Length", buf_text(&length));
}

void
answer_pixel(struct ask *ask)
{
	header_add(ask, "Content-Type", "image/gif");
	header_add(ask, "Cache-Control", NO_STORE);
	body_add(ask, pixel, sizeof(pixel));
	answer_send(ask, 200, "OK");
}

void
answer_redirect(struct ask *ask)
{
	char storage[TOKEN_TARGET_BYTES + 1];
	struct buf location = BUF_OVER(storage);

	buf_add(&location, ask->token.target);
	header_add(ask, "Location", buf_text(&location));
	header_add(ask, "Cache-Control", NO_STORE);
	header_add(ask, "Referrer-Policy", "no-referrer");
	header_add(ask, "X-Robots-Tag", "noindex, nofollow");
	if (ask->method == EVHTTP_REQ_HEAD)
		header_add(ask, "Content-Length", "0");
	answer_send(ask, 302, "Found");
}

static const char *
reason_of(int code)
{
	static const struct {
		int code;
		const char *reason;
	} reasons[] = {{200, "OK"}, {400, "Bad Request"}, {404, "Not Found"},
	    {405, "Method Not Allowed"}, {503, "Service Unavailable"}};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].code == code)
			return reasons[i].reason;
	}
	return "Error";
}

void
answer_page(struct ask *ask, int code, enum page_kind kind)
{
	struct page page = {.kind = kind};
	char storage[PAGE_BYTES];
	struct buf out = BUF_OVER(storage);

	page.language = web_request_language(ask->languages, page_languages, PAGE_LANGUAGES);
	if (ask->account != NULL) {
		page.brand = slice_of(ask->account->brand);
		if (kind == PAGE_ASK || kind == PAGE_DONE)
			page.address = ask->token.target;
	}
	page_make(&out, &page);
	header_add(ask, "Content-Type", "text/html; charset=utf-8");
	header_add(ask, "Content-Language", page_languages[page.language]);
	header_add(ask, "Vary", "Accept-Language");
	header_add(ask, "Cache-Control", NO_STORE);
	header_add(ask, "Content-Security-Policy", page_policy);
	header_add(ask, "Referrer-Policy", "no-referrer");
	header_add(ask, "X-Content-Type-Options", "nosniff");
	header_add(ask, "X-Robots-Tag", "noindex, nofollow");
	if (code == 503)
		header_add(ask, "Retry-After", "60");
	body_add(ask, out.p, out.n);
	answer_send(ask, code, reason_of(code));
}

void
answer_text(struct ask *ask, int code, const char *text)
{
	header_add(ask, "Content-Type", "text/plain; charset=utf-8");
	header_add(ask, "Cache-Control", NO_STORE);
	header_add(ask, "X-Content-Type-Options", "nosniff");
	body_add(ask, text, strlen(text));
	answer_send(ask, code, reason_of(code));
}

void
answer_method(struct ask *ask, const char *allow)
{
	header_add(ask, "Allow", allow);
	answer_text(ask, 405, "Method not allowed\n");
}

void
answer_close(struct ask *ask, int code)
{
	if (!ask->worker->draining)
		header_add(ask, "Connection", "close");
	answer_text(ask, code, "Bad request\n");
}
