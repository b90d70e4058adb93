/*
 * webhook_http.c - see webhook_http.h.
 */
#include "io/webhook_http.h"

#include "io/host_addresses.h"
#include "policy/webhook_guard.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Of an answer so much is read, of its header so much: it is thrown away. */
#define ANSWER_BYTES ((size_t)64 * 1024)
#define HEADER_BYTES ((size_t)64 * 1024)

#define CONNECT_PART 2 /* connecting may take this part of the time */
#define US_PER_MS    1000

/* An address, and what is wrong with it. */
#define REFUSED_BYTES (NET_ADDR_TEXT_BYTES + 48)

#define AGENT "gatepost/" PACKAGE_VERSION

struct webhook_http {
	CURLM *multi;
	struct webhook_http_conf conf;
	char *tls_ca;          /* NULL: the system's */
	struct posting *first; /* of those that were not given back yet */
	int open;
};

/* One POST. */
struct posting {
	struct posting *before, *next;
	CURL *easy;
	struct webhook_http *http;
	struct curl_slist *headers;
	char *body;
	void *arg;
	size_t header_bytes, answer_bytes;
	char refused[REFUSED_BYTES]; /* why it is not connected to; "": it is */
	char error[CURL_ERROR_SIZE];
};

/* --- what libcurl asks us --- */

/* True when that may be connected to; else posting->refused says why not. What the host has is asked
 * anew each time: addresses come and go. */
static bool
addr_judge(struct posting *posting, const struct net_addr *addr)
{
	struct net_set own;
	bool known = host_addresses_read(&own) == 0;
	bool allows = webhook_guard_allows(addr, known ? &own : NULL, posting->http->conf.allowed);
	struct buf text;

	if (known)
		host_addresses_free(&own);
	if (allows)
		return true;
	buf_init(&text, posting->refused, sizeof(posting->refused));
	if (addr->family == NET_NONE)
		buf_add_text(&text, "no IP address");
	else
		net_addr_format(&text, addr);
	buf_add_text(&text, known ? " is internal (webhooks.allow_networks)"
				  : " may be our own: those cannot be read");
	(void)buf_text(&text);
	return false;
}

/* The name was looked up: this is where the connection goes. */
static curl_socket_t
socket_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct net_addr addr = host_address_of(&address->addr);

	if (purpose != CURLSOCKTYPE_IPCXN || !addr_judge(arg, &addr))
		return CURL_SOCKET_BAD;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t
header_take(char *bytes, size_t size, size_t n, void *arg)
{
	struct posting *posting = arg;

	(void)bytes;
	posting->header_bytes += size * n;
	return posting->header_bytes > HEADER_BYTES ? 0 : size * n;
}

/* What breaks it off when there is too much: the status is known by then. */
static size_t
answer_take(char *bytes, size_t size, size_t n, void *arg)
{
	struct posting *posting = arg;

	(void)bytes;
	posting->answer_bytes += size * n;
	return posting->answer_bytes > ANSWER_BYTES ? 0 : size * n;
}

/* --- one POST --- */

static void
posting_free(struct posting *posting)
{
	if (posting == NULL)
		return;
	curl_easy_cleanup(posting->easy);
	curl_slist_free_all(posting->headers);
	free(posting->body);
	free(posting);
}

static void
posting_link(struct posting *posting)
{
	struct webhook_http *http = posting->http;

	posting->next = http->first;
	if (http->first != NULL)
		http->first->before = posting;
	http->first = posting;
	http->open++;
}

/* Takes it out, finished or not. */
static void
posting_end(struct posting *posting)
{
	struct webhook_http *http = posting->http;

	(void)curl_multi_remove_handle(http->multi, posting->easy);
	if (posting->before != NULL)
		posting->before->next = posting->next;
	else
		http->first = posting->next;
	if (posting->next != NULL)
		posting->next->before = posting->before;
	http->open--;
	posting_free(posting);
}

static bool
header_add(struct posting *posting, const char *name, const char *value)
{
	char storage[WEBHOOK_SIGNATURE_BYTES + 64];
	struct buf line = BUF_OVER(storage);
	struct curl_slist *longer;

	buf_add_format(&line, "%s:%s%s", name, value[0] == '\0' ? "" : " ", value);
	longer = curl_slist_append(posting->headers, buf_text(&line));
	if (longer == NULL || line.over)
		return false;
	posting->headers = longer;
	return true;
}

static bool
headers_make(struct posting *posting, const struct webhook_post *post)
{
	char stamp[24];

	(void)snprintf(stamp, sizeof(stamp), "%lld", (long long)post->time_s);
	return header_add(posting, "content-type", "application/json") &&
	       header_add(posting, "webhook-id", post->id) &&
	       header_add(posting, "webhook-timestamp", stamp) &&
	       header_add(posting, "webhook-signature", post->signature) &&
	       header_add(posting, "expect", ""); /* else a long body waits for a 100 */
}

/* Ends a chain of curl_easy_setopt(), any of which may fail. */
static bool
all_done(const CURLcode *codes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (codes[i] != CURLE_OK)
			return false;
	}
	return true;
}

/* What is allowed, and how long. */
static bool
bounds_set(struct posting *posting)
{
	const struct webhook_http *http = posting->http;
	CURL *easy = posting->easy;
	const CURLcode codes[] = {
	    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"),
	    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L),
	    curl_easy_setopt(easy, CURLOPT_PROXY, ""), /* none of the environment's */
	    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L),
	    /* else the end of one whose name server is mute waits for its resolver's thread,
	     * and everybody with it */
	    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L),
	    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)http->conf.timeout_ms),
	    curl_easy_setopt(
		easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(http->conf.timeout_ms / CONNECT_PART)),
	    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, socket_open),
	    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, posting),
	    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_take),
	    curl_easy_setopt(easy, CURLOPT_HEADERDATA, posting),
	    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, answer_take),
	    curl_easy_setopt(easy, CURLOPT_WRITEDATA, posting),
	    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, posting->error),
	    http->tls_ca == NULL ? CURLE_OK : curl_easy_setopt(easy, CURLOPT_CAINFO, http->tls_ca),
	};

	return all_done(codes, sizeof(codes) / sizeof(*codes));
}

static bool
request_set(struct posting *posting, const struct webhook_post *post)
{
	CURL *easy = posting->easy;
	const CURLcode codes[] = {
	    curl_easy_setopt(easy, CURLOPT_URL, post->url),
	    curl_easy_setopt(easy, CURLOPT_USERAGENT, AGENT),
	    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, posting->headers),
	    curl_easy_setopt(easy, CURLOPT_POST, 1L),
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)post->body.n),
	    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, posting->body),
	    curl_easy_setopt(easy, CURLOPT_PRIVATE, posting),
	};

	return all_done(codes, sizeof(codes) / sizeof(*codes));
}

static char *
bytes_copy(struct slice bytes)
{
	char *copy = malloc(bytes.n + 1);

	if (copy != NULL && bytes.n > 0)
		memcpy(copy, bytes.p, bytes.n);
	if (copy != NULL)
		copy[bytes.n] = '\0';
	return copy;
}

int
webhook_http_post(struct webhook_http *http, const struct webhook_post *post, struct err *err)
{
	struct posting *posting = calloc(1, sizeof(*posting));

	if (posting != NULL) {
		posting->http = http;
		posting->arg = post->arg;
		posting->easy = curl_easy_init();
		posting->body = bytes_copy(post->body);
	}
	if (posting != NULL && posting->easy != NULL && posting->body != NULL &&
	    headers_make(posting, post) && bounds_set(posting) && request_set(posting, post) &&
	    curl_multi_add_handle(http->multi, posting->easy) == CURLM_OK) {
		posting_link(posting);
		return 0;
	}
	posting_free(posting);
	return err_set(err, ERR_NOMEM, "no memory for a request");
}

/* --- answers --- */

static void
reason_make(struct webhook_answer *answer, const struct posting *posting, CURLcode code)
{
	struct buf out;

	buf_init(&out, answer->reason, sizeof(answer->reason));
	if (answer->status / 100 == 3)
		buf_add_format(&out, "HTTP status %ld: redirects are not followed", answer->status);
	else if (code == CURLE_OK || posting->answer_bytes > ANSWER_BYTES)
		buf_add_format(&out, "HTTP status %ld", answer->status);
	else if (posting->refused[0] != '\0' && answer->status == 0)
		buf_add_text(&out, posting->refused);
	else if (posting->header_bytes > HEADER_BYTES)
		buf_add_text(&out, "the header of its answer is too long");
	else
		buf_add_text(
		    &out, posting->error[0] != '\0' ? posting->error : curl_easy_strerror(code));
	(void)buf_text(&out);
}

static void
answer_make(struct webhook_answer *answer_r, const struct posting *posting, CURLcode code)
{
	bool whole = code == CURLE_OK || posting->answer_bytes > ANSWER_BYTES;
	curl_off_t us = 0;

	*answer_r = (struct webhook_answer){.arg = posting->arg};
	(void)curl_easy_getinfo(posting->easy, CURLINFO_RESPONSE_CODE, &answer_r->status);
	(void)curl_easy_getinfo(posting->easy, CURLINFO_TOTAL_TIME_T, &us);
	answer_r->ms = us / US_PER_MS;
	answer_r->delivered = whole && answer_r->status / 100 == 2;
	if (!answer_r->delivered)
		reason_make(answer_r, posting, code);
}

bool
webhook_http_next(struct webhook_http *http, struct webhook_answer *answer_r)
{
	struct posting *posting = NULL;
	CURLMsg *message;
	int left;

	do
		message = curl_multi_info_read(http->multi, &left);
	while (message != NULL && message->msg != CURLMSG_DONE);
	if (message == NULL)
		return false;
	(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&posting);
	answer_make(answer_r, posting, message->data.result);
	posting_end(posting);
	return true;
}

void
webhook_http_work(struct webhook_http *http, int64_t wait_ms)
{
	int running;

	(void)curl_multi_perform(http->multi, &running);
	if (running < http->open)
		return; /* something has ended */
	(void)curl_multi_poll(http->multi, NULL, 0, (int)wait_ms, NULL);
	(void)curl_multi_perform(http->multi, &running);
}

/* --- the door --- */

bool
webhook_http_cancel(struct webhook_http *http, void **arg_r)
{
	if (http->first == NULL)
		return false;
	*arg_r = http->first->arg;
	posting_end(http->first);
	return true;
}

void
webhook_http_free(struct webhook_http *http)
{
	if (http == NULL)
		return;
	while (http->first != NULL)
		posting_end(http->first);
	(void)curl_multi_cleanup(http->multi);
	free(http->tls_ca);
	free(http);
	curl_global_cleanup();
}

struct webhook_http *
webhook_http_new(const struct webhook_http_conf *conf, struct err *err)
{
	struct webhook_http *http = calloc(1, sizeof(*http));

	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	if (http != NULL) {
		http->conf = *conf;
		http->tls_ca = conf->tls_ca[0] == '\0' ? NULL : bytes_copy(slice_of(conf->tls_ca));
		http->multi = curl_multi_init();
		if (http->multi != NULL && (http->tls_ca != NULL || conf->tls_ca[0] == '\0') &&
		    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)conf->connections) ==
			CURLM_OK)
			return http;
	}
	webhook_http_free(http);
	(void)err_set(err, ERR_NOMEM, "libcurl does not begin");
	return NULL;
}
