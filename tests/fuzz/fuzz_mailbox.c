/*
 * fuzz_mailbox.c - reading any From field ends, within bounds; and what it takes for a well-formed
 * address reads as that one address again.
 */
#include "mail/mailbox.h"

#include <assert.h>
#include <stdint.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct mailboxes it, again;
	struct mailbox m, same;
	size_t given = 0;

	mailbox_begin(&it, slice_make((const char *)data, n));
	while (mailbox_next(&it, &m)) {
		assert(++given <= MAILBOXES_MAX && m.addr.n <= MAILBOX_MAX_BYTES);
		assert(m.local.n + m.domain.n <= m.addr.n);
		if (it.malformed)
			continue;
		assert(m.domain.n > 0 && m.local.n > 0 &&
		       memchr(m.domain.p, '\0', m.domain.n) == NULL);
		mailbox_begin(&again, m.addr);
		assert(mailbox_next(&again, &same) && !again.malformed);
		assert(slice_eq(m.addr, same.addr) && slice_eq(m.domain, same.domain));
		assert(!mailbox_next(&again, &same) && !again.malformed);
	}
	return 0;
}
