/*
 * fuzz_canon.c - a body gives the same however it is cut (whole lines go another way than single
 * bytes), and what was made canonical stays as it is. The first byte says where to cut.
 */
#include "auth/canon.h"
#include "base/buf.h"

#include <assert.h>
#include <stdint.h>

static int
put(void *to, struct slice bytes)
{
	buf_add(to, bytes);
	return 0;
}

static struct slice
run(int kind, struct slice body, size_t step, struct buf *out)
{
	struct sink sink = {put, out};
	static struct canon c;

	buf_reset(out);
	canon_init(&c, (enum canon_kind)kind, &sink);
	for (; body.n > 0; body = slice_from(body, step))
		canon_body(&c, slice_head(body, step));
	canon_finish(&c);
	return buf_slice(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct slice body = slice_from(slice_make((const char *)data, n), 1), once;
	static char storage[2][65536];
	struct buf whole = BUF_OVER(storage[0]), cut = BUF_OVER(storage[1]);

	for (int kind = CANON_RELAXED; n > 0 && n < 60000 && kind <= CANON_NOFWS; kind++) {
		once = run(kind, body, body.n, &whole);
		assert(!whole.over);
		assert(slice_eq(once, run(kind, body, 1, &cut)));
		assert(slice_eq(once, run(kind, body, data[0] + (size_t)1, &cut)));
		assert(slice_eq(once, run(kind, once, once.n, &cut)));
	}
	return 0;
}
