/*
 * test_presigned.c - lib/policy/presigned.
 */
#include "policy/presigned.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct message
message_of(struct arena *a, const char *header)
{
	struct message m;

	assert_int_equal(message_parse(a, slice_of(header), &m), 0);
	return m;
}

static void
test_may(void **state)
{
	static const struct {
		const char *name, *header, *field;
		bool is, add, remove;
	} rows[] = {
	    {"none", "Sender: x\n", "Sender", false, true, true},
	    {"not named", "DKIM-Signature: v=1; h=From:To\nSender: x\n", "Sender", true, true,
		true},
	    {"named", "DKIM-Signature: v=1; h=From:sender\nSender: x\n", "Sender", true, true,
		false},
	    {"named, and absent", "DKIM-Signature: v=1; h=From:Sender\n", "Sender", true, false,
		false},
	    {"once more than there are", "DKIM-Signature: h=A : A\nA: x\n", "A", true, false,
		false},
	    {"less often", "DKIM-Signature: h=A\nA: x\nA: y\n", "A", true, true, false},
	    {"folded", "DKIM-Signature: v=1;\n h=From:\n\tSender ; b=x\n", "Sender", true, false,
		false},
	    {"part of a name", "DKIM-Signature: h=X-Sender:Sender-X\n", "Sender", true, true, true},
	    {"the second of two", "DKIM-Signature: h=From\nDKIM-Signature: h=Sender\n", "Sender",
		true, false, false},
	    {"without a list", "DKIM-Signature: v=1\nSender: x\n", "Sender", true, true, true},
	    {"itself", "DKIM-Signature: h=From:DKIM-Signature\n", "DKIM-Signature", true, false,
		false},
	    {"itself, and another", "DKIM-Signature: h=DKIM-Signature\nDKIM-Signature: h=A\n",
		"DKIM-Signature", true, true, false},
	    {"DomainKeys", "DomainKey-Signature: h=Sender\n", "Sender", true, false, false},
	    {"DomainKeys of all", "DomainKey-Signature: a=rsa-sha1; b=x\nSender: x\n", "Sender",
		true, true, false},
	    {"ARC", "ARC-Message-Signature: i=1; h=Sender\n", "Sender", true, false, false},
	    {"a seal is of no field", "ARC-Seal: i=1; h=Sender\n", "Sender", false, true, true},
	};
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 65536);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct message m = message_of(&a, rows[i].header);

		print_message("  %s\n", rows[i].name);
		assert_int_equal(presigned_is(&m), rows[i].is);
		assert_int_equal(presigned_may_add(&m, rows[i].field), rows[i].add);
		assert_int_equal(presigned_may_remove(&m, rows[i].field), rows[i].remove);
	}
	assert_true(presigned_may_add(NULL, "Sender"));
	assert_true(presigned_may_remove(NULL, "Sender"));
	arena_fini(&a);
}

static void
test_strip(void **state)
{
	static const char header[] =
	    "ARC-Seal: i=2\nARC-Message-Signature: i=2; h=A\nARC-Authentication-Results: i=2; x\n"
	    "ARC-Seal: i=1\nDKIM-Signature: a\nA: x\nDomainKey-Signature: b\nDKIM-Signature: c\n"
	    "Authentication-Results: x\nX-DKIM-Signature: y\n";
	static struct edits edits;
	struct arena a;
	struct message m;
	char storage[1000];
	struct buf out = BUF_OVER(storage);

	(void)state;
	arena_init(&a, 4096, 65536);
	m = message_of(&a, header);
	edits_init(&edits);
	assert_int_equal(presigned_strip(&m, &edits), 7);
	assert_int_equal(message_apply(&a, &m, &edits), 0);
	message_format(&m, &out);
	assert_string_equal(
	    buf_text(&out), "A: x\nAuthentication-Results: x\nX-DKIM-Signature: y\n\n");
	/* no room for the last of them: for none */
	m = message_of(&a, header);
	edits.n = EDITS_MAX - 6;
	assert_int_equal(presigned_strip(&m, &edits), -1);
	assert_int_equal(edits.n, EDITS_MAX - 6);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_may),
	    cmocka_unit_test(test_strip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
