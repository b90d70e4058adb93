/*
 * fuzz_webhook.c - an event of any bytes is JSON that others read; options of any bytes are taken, or
 * not, and what is taken can be used. Lines: an URL, secrets, then a field and its value in turn.
 */
#include "policy/webhook.h"

#include <jansson.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_make((const char *)data, size), lines[2];
	char text[2][WEBHOOK_URL_BYTES + 1] = {"", ""}, signature[WEBHOOK_SIGNATURE_BYTES];
	static char storage[WEBHOOK_BODY_BYTES];
	struct buf body = BUF_OVER(storage), out = BUF_OVER(signature);
	static struct record event;
	json_t *read;

	record_init(&event);
	for (size_t i = 0; i < 2 || rest.n > 0; i++) {
		lines[i % 2] = slice_head(rest, slice_find(rest, '\n'));
		rest = slice_from(rest, lines[i % 2].n + 1);
		if (i < 2)
			memcpy(text[i], lines[i].p, slice_head(lines[i], WEBHOOK_URL_BYTES).n);
		else if (i % 2 == 1 && record_field_name(lines[0]) != NULL)
			record_add(&event, record_field_name(lines[0]), lines[1]);
	}
	(void)webhook_url_check(text[0], NULL);
	webhook_body(&body, slice_of("ev_1"), &event);
	read = json_loadb(body.p, body.n, 0, NULL);
	if (read == NULL || body.over)
		abort();
	json_decref(read);
	if (webhook_secrets_check(text[1], NULL) == 0 &&
	    webhook_sign(&out, text[1], &lines[0], 1) != 0 && strpbrk(text[1], "w") != NULL)
		abort();
	return 0;
}
