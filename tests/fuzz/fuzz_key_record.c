/*
 * fuzz_key_record.c - any bytes as the TXT record of a key, and as a .next file: a state, with words
 * for all but OK, and OK only when the key is in it.
 */
#include "auth/key_record.h"
#include "auth/key_table.h"

#include <assert.h>
#include <stdint.h>

#define KEY "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct slice bytes = {(const char *)data, n};
	struct dns_answer answer = {.status = DNS_FOUND, .rdata = &bytes, .n = 1};
	char storage[300];
	struct buf words = BUF_OVER(storage);
	enum key_record_state state = key_record_check(&answer, SIGN_ED25519, KEY, &words);
	struct key_next next;

	assert(!words.over && (words.n == 0) == (state == KEY_RECORD_OK));
	assert(!key_record_is_shown(state) || n > sizeof(KEY));
	assert(key_record_state_name(state)[0] != '\0');
	if (key_next_parse(bytes, &next, NULL) == 0)
		assert(next.selector.n > 0 && next.at_s >= 0);
	return 0;
}
