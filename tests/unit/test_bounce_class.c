/*
 * test_bounce_class.c - lib/policy/bounce_class, bounce_rule, bounce_table, bounce_words.
 */
#include "policy/bounce_class.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* --- words --- */

static const struct {
	const char *text, *want;
} words_rows[] = {
    {"User unknown", "user unknown"},
    {"  550-5.1.1 User\r\n 550 5.1.1  unknown.", "user unknown"},
    {"<ann@example.com>... User unknown", "user unknown"},
    {"user 'ann@example.com' doesn't exist", "user doesnt exist"},
    {"user doesn\342\200\231t exist", "user doesnt exist"},
    {"e-mail rejected", "email rejected"},
    {"over-quota (#5.2.2)", "over quota"},
    {"RESOLVER.ADR.RecipNotFound; not found", "resolver.adr.recipnotfound not found"},
    {"blocked using zen.spamhaus.org; see http://x.example/?p=NoSuchUser",
	"blocked using zen.spamhaus.org see http x.example p nosuchuser"},
    {"host mx.example.com[192.0.2.1] said: 550", "host mx.example.com said"},
    {"Empf\303\244nger unbekannt", "empfanger unbekannt"},
    {"Empf\344nger unbekannt", "empfanger unbekannt"},
    {"bo\303\256te aux lettres pleine", "boite aux lettres pleine"},
    {"\320\277\320\276\320\273\320\275\321\213\320\271 x",
	"\320\277\320\276\320\273\320\275\321\213\320\271 x"},
    {"spam@example.com", ""},
    {"@", ""},
    {"", ""},
};

static void
test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(words_rows); i++) {
		char storage[200];
		struct buf out = BUF_OVER(storage);

		bounce_words(&out, slice_of(words_rows[i].text));
		assert_string_equal(buf_text(&out), words_rows[i].want);
	}
}

/* --- phrases --- */

static const struct {
	const char *words, *phrase;
	bool want;
} phrase_rows[] = {
    {"user unknown", "user unknown", true},
    {"a user unknown b", "user unknown", true},
    {"superuser unknown", "user unknown", false},
    {"user unknowns", "user unknown", false},
    {"user unknowns", "user unknown~", true},
    {"blacklisted by x", "blacklist~ by", true},
    {"zen.spamhaus.org", "spamhaus.org", true},
    {"notspamhaus.org", "spamhaus.org", false},
    {"mailbox of ann is full", "mailbox * full", true},
    {"mailbox full", "mailbox * full", true},
    {"mailbox of ann is careful", "mailbox * full", false},
    {"full mailbox", "mailbox * full", false},
    {"", "user", false},
};

static void
test_phrase(void **state)
{
	char far[BOUNCE_GAP_BYTES + 40];

	(void)state;
	for (size_t i = 0; i < COUNT(phrase_rows); i++)
		assert_int_equal(bounce_phrase_in(slice_of(phrase_rows[i].words),
				     slice_of(phrase_rows[i].phrase)),
		    phrase_rows[i].want);
	memset(far, 'x', sizeof(far));
	memcpy(far, "mailbox ", 8);
	memcpy(far + sizeof(far) - 5, " full", 5);
	assert_false(bounce_phrase_in(slice_make(far, sizeof(far)), slice_of("mailbox * full")));
}

/* --- tables --- */

static const struct {
	const char *name, *text, *want;
} bad_rows[] = {
    {"a word is missing", "recipient hard userunknown *\n", "t:1: five words"},
    {"class", "# x\n\nrecipent hard x * user unknown\n", "t:3: \"recipent\" is no class"},
    {"strength", "recipient maybe x * user unknown\n", "t:1: \"maybe\" is neither"},
    {"hard, and no recipient", "policy hard x * user unknown\n", "t:1: only the class recipient"},
    {"code", "recipient hard x 5.1 user unknown\n", "t:1: \"5.1\" is no code"},
    {"code of success", "recipient hard x 250 user unknown\n", "t:1: \"250\" is no code"},
    {"first number of a code", "recipient hard x *.1.1 user unknown\n", "t:1: \"*.1.1\" is no"},
    {"capitals", "recipient hard x * User unknown\n", "t:1: a phrase has small letters"},
    {"punctuation", "recipient hard x * user, unknown\n", "t:1: a phrase has small letters"},
    {"~ within a word", "recipient hard x * user un~known\n", "t:1: a phrase has small letters"},
    {"too short", "recipient hard x * no\n", "t:1: a phrase begins with 3 letters"},
    {"~ too early", "recipient hard x * us~\n", "t:1: a phrase begins with 3 letters"},
    {"* not alone", "recipient hard x * user* unknown\n", "t:1: a * stands alone"},
    {"nothing behind *", "recipient hard x * user *\n", "t:1: nothing before or behind"},
    {"fits all", "recipient hard x * -\n", "t:1: a rule with neither"},
    {"fits all that is said", "recipient hard x * *\n", "t:1: a rule with neither"},
    {"too many codes", "recipient hard x 5.1.1,5.1.2,5.1.3,5.1.4,5.1.5,5.1.6,5.1.7,5.1.8,5.1.9 -\n",
	"t:1: more than 8 codes"},
    {"too many parts", "recipient hard x * aaa * bbb * ccc * ddd * eee\n", "t:1: more than 4"},
};

static void
test_bad_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_rows); i++) {
		struct bounce_source source = {"t", slice_of(bad_rows[i].text)};
		struct bounce_table table;
		struct arena a;
		struct err err;

		arena_init(&a, 4096, 1024 * 1024);
		assert_int_equal(bounce_table_load(&a, &source, 1, &table, &err), -1);
		if (strncmp(err.text, bad_rows[i].want, strlen(bad_rows[i].want)) != 0)
			fail_msg("%s: got %s", bad_rows[i].name, err.text);
		arena_fini(&a);
	}
}

static void
test_long_line(void **state)
{
	static char line[BOUNCE_RULE_MAX_BYTES + 100];
	struct bounce_source source = {"t", {line, sizeof(line)}};
	struct bounce_table table;
	struct arena a;
	struct err err;

	(void)state;
	memset(line, 'x', sizeof(line));
	arena_init(&a, 4096, 1024 * 1024);
	assert_int_equal(bounce_table_load(&a, &source, 1, &table, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	arena_fini(&a);
}

/* --- verdicts --- */

static const char operators[] = "policy soft mine * special words\n";
static const char rules[] = "reputation soft blocked * blocked using\n"
			    "mailbox-full soft full * mailbox * full\n"
			    "recipient soft filtered data user unknown\n"
			    "recipient hard unknown * user unknown\n"
			    "recipient hard unknown 5.1.1,5.1.* -\n"
			    "mailbox-full soft full 552 -\n"
			    "content soft special * special words\n"
			    "policy soft rejected * rejected\n"
			    "infrastructure soft other 5.*.* -\n"
			    "recipient soft maybe 551 *\n"
			    "recipient hard gone 551 -";

static const struct {
	const char *name, *text, *status;
	unsigned reply;
	bool permanent, after_data;
	enum bounce_class class;
	const char *category;
	bool gives_up;
	unsigned line;
} verdict_rows[] = {
    {"phrase", "550 User unknown", "", 550, true, false, BOUNCE_RECIPIENT, "unknown", true, 4},
    {"not for good", "450 User unknown", "4.1.1", 450, false, false, BOUNCE_RECIPIENT, "unknown",
	false, 4},
    {"after data", "550 User unknown", "", 550, true, true, BOUNCE_RECIPIENT, "filtered", false, 3},
    {"the first rule", "User unknown, blocked using x", "5.1.1", 550, true, false,
	BOUNCE_REPUTATION, "blocked", false, 1},
    {"a phrase outranks a code", "550 5.1.1 blocked using x", "5.1.1", 550, true, false,
	BOUNCE_REPUTATION, "blocked", false, 1},
    {"a code outranks a vague phrase", "550 5.1.1 rejected", "5.1.1", 550, true, false,
	BOUNCE_RECIPIENT, "unknown", true, 5},
    {"a vague phrase", "550 rejected", "", 550, true, false, BOUNCE_POLICY, "rejected", false, 8},
    {"any last number", "x", "5.1.77", 550, true, false, BOUNCE_RECIPIENT, "unknown", true, 5},
    {"a reply", "552 x", "", 552, true, false, BOUNCE_MAILBOX_FULL, "full", false, 6},
    {"all that is left", "x", "5.9.9", 550, true, false, BOUNCE_INFRASTRUCTURE, "other", false, 9},
    {"a code with any words", "551 no words of ours", "", 551, true, false, BOUNCE_RECIPIENT,
	"maybe", false, 10},
    {"a code without words", "551 <ann@example.com>:", "", 551, true, false, BOUNCE_RECIPIENT,
	"gone", true, 11},
    {"nothing fits", "x", "", 0, true, false, BOUNCE_UNKNOWN, "unknown", false, 0},
    {"nothing at all", "", "", 0, true, false, BOUNCE_UNKNOWN, "unknown", false, 0},
    {"an operator's first", "special words", "", 0, true, false, BOUNCE_POLICY, "mine", false, 1},
    {"in an address", "<user.unknown@example.com> user@unknown", "", 0, true, false, BOUNCE_UNKNOWN,
	"unknown", false, 0},
};

static void
test_verdict(void **state)
{
	struct bounce_source sources[] = {{"mine", SLICE_LIT(operators)}, {"t", SLICE_LIT(rules)}};
	struct bounce_table table;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, 4096, 1024 * 1024);
	assert_int_equal(bounce_table_load(&a, sources, 2, &table, &err), 0);
	assert_int_equal(table.n, 12);
	for (size_t i = 0; i < COUNT(verdict_rows); i++) {
		struct bounce_facts facts = {slice_of(verdict_rows[i].text),
		    slice_of(verdict_rows[i].status), verdict_rows[i].reply,
		    verdict_rows[i].permanent, verdict_rows[i].after_data};
		struct bounce_verdict verdict;

		bounce_classify(&table, &facts, &verdict);
		if (verdict.class != verdict_rows[i].class ||
		    !slice_eq(verdict.category, slice_of(verdict_rows[i].category)) ||
		    bounce_gives_up(&verdict) != verdict_rows[i].gives_up ||
		    verdict.line != verdict_rows[i].line)
			fail_msg("%s: got %s %.*s line %u", verdict_rows[i].name,
			    bounce_class_name(verdict.class), SLICE_ARG(verdict.category),
			    verdict.line);
	}
	arena_fini(&a);
}

static void
test_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < BOUNCE_CLASSES; i++) {
		const char *name = bounce_class_name((enum bounce_class)i);

		assert_int_equal(bounce_class_of(slice_of(name)), i);
	}
	assert_int_equal(bounce_class_of(slice_of("nonsense")), BOUNCE_CLASSES);
}

static void
test_no_memory(void **state)
{
	struct bounce_source source = {"t", SLICE_LIT(rules)};
	struct bounce_table table;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, 100, 1000);
	assert_int_equal(bounce_table_load(&a, &source, 1, &table, &err), -1);
	assert_int_equal(err.code, ERR_NOMEM);
	arena_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_phrase),
	    cmocka_unit_test(test_bad_table),
	    cmocka_unit_test(test_long_line),
	    cmocka_unit_test(test_verdict),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
