/*
 * fuzz_web_request.c - what a stranger asks for: it leads where one of our tokens was made for, or
 * nowhere. The first line is the target, the second X-Forwarded-For, the third Accept-Language.
 */
#include "policy/page.h"
#include "policy/token.h"
#include "policy/web_request.h"
#include "policy/web_wish.h"
#include "unit/keyring_fixture.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct keyring ring;
	const struct token_terms any = {0};
	const struct net_addr peer = {.family = NET_NONE};
	const struct net_set proxies = {.n = 0};
	struct slice text = slice_make((const char *)data, size);
	struct slice uri = slice_head(text, slice_find(text, '\n'));
	struct slice rest = slice_from(text, uri.n + 1);
	struct slice hops = slice_head(rest, slice_find(rest, '\n'));
	struct web_target target = web_request_target(uri);
	struct token token;

	if (ring.n == 0 && keyring_parse(&ring, slice_of(KEYRING_TEXT), "", NULL) != 0)
		return 0;
	assert((target.token.n > 0) ==
	       (target.path != WEB_PATH_NONE && target.path != WEB_PATH_ROBOTS));
	if (token_open(&ring, target.token, &any, &token) == TOKEN_GOOD &&
	    token.kind == TOKEN_CLICK)
		(void)web_request_may_redirect(token.target);
	if (web_request_may_redirect(uri))
		assert(
		    slice_starts_nocase(uri, slice_of("http")) && slice_find(uri, '\r') == uri.n);
	(void)web_request_client(&peer, &proxies, hops);
	(void)web_request_host(hops);
	assert(web_request_language(slice_from(rest, hops.n), page_languages, PAGE_LANGUAGES) <
	       PAGE_LANGUAGES);
	(void)web_wish_read(text);
	return 0;
}
