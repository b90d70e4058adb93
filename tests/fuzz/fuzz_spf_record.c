/*
 * fuzz_spf_record.c - an SPF record, or a macro-string: what is accepted is printable, its terms can
 * be read one by one, and its domain-specs expand or do not fit.
 */
#include "auth/spf_macro.h"
#include "auth/spf_record.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
expand(struct slice text, bool valid)
{
	char storage[SPF_EXPANSION_BYTES];
	struct buf out = BUF_OVER(storage);
	struct net_addr client = {NET_IPV6, {0x20, 1, 0xd, 0xb8}};
	struct spf_macros macros = {.local = slice_of("a-b"),
	    .sender_domain = slice_of("a.example"),
	    .domain = slice_of("b.example"),
	    .helo = slice_of("[c]"),
	    .client = &client};

	assert(spf_macro_expand(&macros, text, &out) != 0 || valid);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make((const char *)data, size);
	struct spf_record record;
	struct spf_term term;
	struct err err = {.code = ERR_NONE};

	expand(text, spf_macro_is_string(text, true));
	if (!spf_record_is(text) || spf_record_parse(text, &record, &err) != 0)
		return 0;
	assert(spf_macro_is_string(text, true) || slice_find(text, '%') < text.n);
	while (spf_term_next(&record.terms, &term)) {
		assert(term.bits4 <= 32 && term.bits6 <= 128 && term.text.n > 0);
		assert(term.spec.n == 0 || spf_macro_is_domain_spec(term.spec));
		expand(term.spec, true);
	}
	return 0;
}
