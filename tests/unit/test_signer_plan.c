/*
 * test_signer_plan.c - lib/auth/signer_plan.
 */
#include "auth/signer_plan.h"

#include "sign_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define LABEL60 "012345678901234567890123456789012345678901234567890123456789"

static struct sign_key *rsa, *ed25519;

static int
keys_make(void **state)
{
	(void)state;
	return sign_key_parse(slice_of(PEM_RSA), &rsa, NULL) != 0 ||
	       sign_key_parse(slice_of(PEM_ED25519), &ed25519, NULL) != 0;
}

static int
keys_free(void **state)
{
	(void)state;
	sign_key_free(rsa);
	sign_key_free(ed25519);
	return 0;
}

static const struct {
	const char *name;
	struct signer_key key; /* its key: NULL for RSA, set for Ed25519 */
	bool ed25519;
	const char *want; /* in the reason; "": good */
} keys[] = {
    {"RSA", {SIGNER_DKIM, NULL, SLICE_LIT("shop.example"), SLICE_LIT("s1"), SLICE_LIT("")}, false,
	""},
    {"Ed25519", {SIGNER_DKIM, NULL, SLICE_LIT("shop.example"), SLICE_LIT("s1"), SLICE_LIT("")},
	true, ""},
    {"DomainKeys",
	{SIGNER_DOMAINKEYS, NULL, SLICE_LIT("shop.example"), SLICE_LIT("a.b"), SLICE_LIT("")},
	false, ""},
    {"DomainKeys, Ed25519",
	{SIGNER_DOMAINKEYS, NULL, SLICE_LIT("shop.example"), SLICE_LIT("s1"), SLICE_LIT("")}, true,
	"needs an RSA key"},
    {"no domain", {SIGNER_DKIM, NULL, SLICE_LIT(""), SLICE_LIT("s1"), SLICE_LIT("")}, false,
	"no domain"},
    {"a dot at the end",
	{SIGNER_DKIM, NULL, SLICE_LIT("shop.example."), SLICE_LIT("s1"), SLICE_LIT("")}, false,
	"no domain"},
    {"a tag in the domain",
	{SIGNER_DKIM, NULL, SLICE_LIT("shop.example; l=0"), SLICE_LIT("s1"), SLICE_LIT("")}, false,
	"no domain"},
    {"no ASCII",
	{SIGNER_DKIM, NULL, SLICE_LIT("k\xc3\xa4se.example"), SLICE_LIT("s1"), SLICE_LIT("")},
	false, "no domain"},
    {"no selector", {SIGNER_DKIM, NULL, SLICE_LIT("shop.example"), SLICE_LIT(""), SLICE_LIT("")},
	false, "no selector"},
    {"a fold in the selector",
	{SIGNER_DKIM, NULL, SLICE_LIT("shop.example"), SLICE_LIT("s\n 1"), SLICE_LIT("")}, false,
	"no selector"},
    {"too long a name for DNS",
	{SIGNER_DKIM, NULL, SLICE_LIT(LABEL60 "." LABEL60 ".example"),
	    SLICE_LIT(LABEL60 "." LABEL60), SLICE_LIT("")},
	false, "no selector"},
    {"an identity",
	{SIGNER_DKIM, NULL, SLICE_LIT("shop.example"), SLICE_LIT("s1"),
	    SLICE_LIT("news;x=y@mail.SHOP.example")},
	false, ""},
    {"a bare identity",
	{SIGNER_DKIM, NULL, SLICE_LIT("shop.example"), SLICE_LIT("s1"), SLICE_LIT("@shop.example")},
	false, ""},
    {"another's identity",
	{SIGNER_DKIM, NULL, SLICE_LIT("shop.example"), SLICE_LIT("s1"),
	    SLICE_LIT("a@bookshop.example")},
	false, "is not within"},
    {"no address",
	{SIGNER_DKIM, NULL, SLICE_LIT("shop.example"), SLICE_LIT("s1"), SLICE_LIT("shop.example")},
	false, "is not within"},
    {"a blank in an identity",
	{SIGNER_DKIM, NULL, SLICE_LIT("shop.example"), SLICE_LIT("s1"),
	    SLICE_LIT("a b@shop.example")},
	false, "is not within"},
};

static void
each_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct signer_key key = keys[i].key;
		struct signer_plan plan = {&key, 1, signer_names_default, signer_names_default_n};
		struct err err = {.code = ERR_NONE};
		int status;

		key.key = keys[i].ed25519 ? ed25519 : rsa;
		status = signer_plan_check(&plan, &err);
		if ((status == 0) != (keys[i].want[0] == '\0') ||
		    strstr(err.text, keys[i].want) == NULL)
			fail_msg("%s: %d \"%s\"", keys[i].name, status, err.text);
	}
}

static const struct {
	const char *name;
	struct signer_name names[3];
	const char *want;
} lists[] = {
    {"good", {{SLICE_LIT("From"), true}, {SLICE_LIT("Sender"), false}, {SLICE_LIT("X-A"), false}},
	""},
    {"no From", {{SLICE_LIT("To"), true}, {SLICE_LIT("Sender"), false}, {SLICE_LIT("X-A"), false}},
	"From is not"},
    {"no Sender", {{SLICE_LIT("From"), true}, {SLICE_LIT("To"), false}, {SLICE_LIT("X-A"), false}},
	"needs Sender"},
    {"twice", {{SLICE_LIT("From"), true}, {SLICE_LIT("Sender"), false}, {SLICE_LIT("FROM"), false}},
	"FROM is there twice"},
    {"Received",
	{{SLICE_LIT("From"), true}, {SLICE_LIT("Sender"), false}, {SLICE_LIT("received"), false}},
	"never signed"},
    {"Return-Path",
	{{SLICE_LIT("From"), true}, {SLICE_LIT("Sender"), false},
	    {SLICE_LIT("Return-Path"), false}},
	"never signed"},
    {"empty", {{SLICE_LIT("From"), true}, {SLICE_LIT("Sender"), false}, {SLICE_LIT(""), false}},
	"is no name"},
    {"a colon",
	{{SLICE_LIT("From"), true}, {SLICE_LIT("Sender"), false}, {SLICE_LIT("To:"), false}},
	"is no name"},
    {"a blank",
	{{SLICE_LIT("From"), true}, {SLICE_LIT("Sender"), false}, {SLICE_LIT("a b"), false}},
	"is no name"},
};

static void
each_list(void **state)
{
	const struct signer_key key = {
	    SIGNER_DOMAINKEYS, rsa, SLICE_LIT("a.example"), SLICE_LIT("s"), SLICE_LIT("")};

	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct signer_plan plan = {&key, 1, lists[i].names, COUNT(lists[i].names)};
		struct err err = {.code = ERR_NONE};
		int status = signer_plan_check(&plan, &err);

		if ((status == 0) != (lists[i].want[0] == '\0') ||
		    strstr(err.text, lists[i].want) == NULL)
			fail_msg("%s: %d \"%s\"", lists[i].name, status, err.text);
	}
}

static void
bounds(void **state)
{
	struct signer_plan plan = {NULL, SIGNER_KEYS_MAX + 1, signer_names_default, 1};
	struct err err;

	(void)state;
	assert_int_equal(signer_plan_check(&plan, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	plan = (struct signer_plan){NULL, 0, NULL, SIGNER_NAMES_MAX + 1};
	assert_int_equal(signer_plan_check(&plan, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	plan = (struct signer_plan){NULL, 0, signer_names_default, signer_names_default_n};
	assert_int_equal(signer_plan_check(&plan, &err), 0);
}

/* Against the words of the design, and RFC 8058 section 4: both fields of one-click are signed. */
static void
the_default(void **state)
{
	static const char *const oversigned[] = {
	    "From", "To", "Cc", "Subject", "Date", "Reply-To", "MIME-Version", "Content-Type"};
	static const char *const others[] = {"Sender", "Message-ID", "Content-Transfer-Encoding",
	    "In-Reply-To", "References", "Feedback-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
	    "List-Id", "List-Help", "List-Subscribe", "List-Post", "List-Owner", "List-Archive"};
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < signer_names_default_n; i++) {
		const struct signer_name *n = &signer_names_default[i];

		for (size_t k = 0; k < COUNT(oversigned); k++)
			found += n->oversign && slice_eq(n->name, slice_of(oversigned[k]));
		for (size_t k = 0; k < COUNT(others); k++)
			found += !n->oversign && slice_eq(n->name, slice_of(others[k]));
	}
	assert_int_equal(found, COUNT(oversigned) + COUNT(others));
	assert_int_equal(found, signer_names_default_n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_key),
	    cmocka_unit_test(each_list),
	    cmocka_unit_test(bounds),
	    cmocka_unit_test(the_default),
	};

	return cmocka_run_group_tests_name("signer_plan", tests, keys_make, keys_free);
}
