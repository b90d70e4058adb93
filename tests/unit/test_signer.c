/*
 * test_signer.c - lib/auth/signer and sign_fields: which signatures a message gets, in which order,
 * and why not.
 */
#include "auth/signer.h"

#include "sign_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct sign_key *rsa, *ed25519;
static struct arena arena;
static struct signer signer;
static struct signer_key keys[4];
static struct signer_plan plan;

static int
keys_make(void **state)
{
	(void)state;
	arena_init(&arena, 4096, 262144);
	if (sign_key_parse(slice_of(PEM_RSA), &rsa, NULL) != 0 ||
	    sign_key_parse(slice_of(PEM_ED25519), &ed25519, NULL) != 0)
		return -1;
	keys[0] = (struct signer_key){
	    SIGNER_DOMAINKEYS, rsa, slice_of("b.example"), slice_of("dk"), slice_of("")};
	keys[1] = (struct signer_key){
	    SIGNER_DKIM, ed25519, slice_of("b.example"), slice_of("ed"), slice_of("")};
	keys[2] = (struct signer_key){
	    SIGNER_DOMAINKEYS, rsa, slice_of("other.example"), slice_of("dk"), slice_of("")};
	keys[3] = (struct signer_key){
	    SIGNER_DKIM, rsa, slice_of("other.example"), slice_of("rsa"), slice_of("")};
	plan = (struct signer_plan){
	    keys, COUNT(keys), signer_names_default, signer_names_default_n};
	return signer_plan_check(&plan, NULL);
}

static int
keys_free(void **state)
{
	(void)state;
	sign_key_free(rsa);
	sign_key_free(ed25519);
	arena_fini(&arena);
	return 0;
}

struct field {
	const char *name;
	const char *value;
};

/* fields: NULL at the end. The values lie in the arena, the reasons in the signer. */
static size_t
run(const struct field *fields, const char *body, size_t step,
    struct signer_field got_r[SIGNER_KEYS_MAX])
{
	size_t n;

	signer_begin(&signer, &plan, 1700000000, &arena);
	for (; fields->name != NULL; fields++)
		signer_header(&signer, slice_of(fields->name), slice_of(fields->value));
	signer_eoh(&signer);
	for (struct slice left = slice_of(body); left.n > 0; left = slice_from(left, step))
		signer_body(&signer, slice_head(left, step));
	n = signer_finish(&signer, got_r);
	signer_fini(&signer);
	return n;
}

static const struct field ordinary[] = {{"Received", " from x"}, {"From", " A <a@b.example>"},
    {"To", " c@d.example"}, {"Subject", " hello\n there"}, {NULL, NULL}};

#define BODY "Hello,\r\n\r\n\tworld  of \r\nmail.\r\n\r\n"

/* DKIM first, then DomainKeys; one that may not sign says why. */
static void
order(void **state)
{
	struct signer_field got[SIGNER_KEYS_MAX];

	(void)state;
	assert_int_equal(run(ordinary, BODY, 1000, got), 4);
	assert_ptr_equal(got[0].key, &keys[1]);
	assert_ptr_equal(got[1].key, &keys[3]);
	assert_ptr_equal(got[2].key, &keys[0]);
	assert_ptr_equal(got[3].key, &keys[2]);
	assert_string_equal(got[0].name, "DKIM-Signature");
	assert_string_equal(got[3].name, "DomainKey-Signature");
	for (size_t i = 0; i < 3; i++) {
		assert_non_null(got[i].value);
		assert_string_equal(got[i].reason, "");
	}
	assert_null(got[3].value);
	assert_non_null(strstr(got[3].reason, "From is not within other.example"));
	arena_reset(&arena);
}

/* However the body comes. */
static void
any_chunks(void **state)
{
	struct signer_field whole[SIGNER_KEYS_MAX], got[SIGNER_KEYS_MAX];

	(void)state;
	(void)run(ordinary, BODY, 1000, whole);
	for (size_t step = 1; step < 10; step++) {
		(void)run(ordinary, BODY, step, got);
		for (size_t i = 0; i < 3; i++)
			assert_string_equal(got[i].value, whole[i].value);
	}
	(void)run(ordinary, BODY "x", 1000, got);
	for (size_t i = 0; i < 3; i++)
		assert_string_not_equal(got[i].value, whole[i].value);
	arena_reset(&arena);
}

/* Lines end in LF and go on with a tab, none is longer than 78 columns with the name before it. */
static void
folds(void **state)
{
	struct signer_field got[SIGNER_KEYS_MAX];

	(void)state;
	(void)run(ordinary, BODY, 1000, got);
	for (size_t i = 0; i < 3; i++) {
		size_t column = strlen(got[i].name) + 2;

		for (const char *p = got[i].value; *p != '\0'; p++) {
			column = *p == '\n' ? 0 : column + 1;
			assert_true(*p != '\n' || p[1] == '\t');
			assert_true(*p != '\r' && column <= 78);
		}
	}
	arena_reset(&arena);
}

static const struct {
	const char *name;
	struct field fields[4];
	bool want[4]; /* in the order of the plan */
	const char *reason;
} rows[] = {
    {"no From", {{"To", " a@b.example"}}, {false, false, false, false}, "From"},
    {"another's From", {{"From", " a@c.example"}}, {false, true, false, true}, "not within"},
    {"a Sender", {{"From", " a@c.example"}, {"Sender", " x@other.example"}},
	{false, true, true, true}, "not within"},
    {"two From", {{"From", " a@b.example"}, {"From", " a@b.example"}}, {false, true, false, true},
	"2 From fields"},
};

static void
reasons(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct signer_field got[SIGNER_KEYS_MAX];
		size_t n = run(rows[i].fields, BODY, 1000, got);

		for (size_t k = 0; k < n; k++) {
			bool want = rows[i].want[got[k].key - keys];

			if ((got[k].value != NULL) != want ||
			    (!want && strstr(got[k].reason, rows[i].reason) == NULL))
				fail_msg("%s: key %td: \"%s\"", rows[i].name, got[k].key - keys,
				    got[k].reason);
		}
		arena_reset(&arena);
	}
}

/* As many fields as may be, and one more. */
static void
too_many_fields(void **state)
{
	(void)state;
	for (size_t many = SIGN_FIELDS_MAX - 1; many <= SIGN_FIELDS_MAX; many++) {
		struct signer_field got[SIGNER_KEYS_MAX];

		signer_begin(&signer, &plan, 0, &arena);
		signer_header(&signer, slice_of("From"), slice_of(" a@b.example"));
		for (size_t i = 0; i < many; i++)
			signer_header(&signer, slice_of("References"), slice_of(" <x@y>"));
		for (size_t i = 0; i < 3000; i++)
			signer_header(&signer, slice_of("X-Other"), slice_of(" x"));
		signer_eoh(&signer);
		signer_body(&signer, slice_of(BODY));
		assert_int_equal(signer_finish(&signer, got), 4);
		for (size_t i = 0; i < 3; i++) {
			assert_true((got[i].value != NULL) == (many < SIGN_FIELDS_MAX));
			if (got[i].value == NULL)
				assert_non_null(strstr(got[i].reason, "header fields"));
		}
		signer_fini(&signer);
		arena_reset(&arena);
	}
}

/* No memory for one is none for that one. */
static void
no_memory(void **state)
{
	struct signer_field got[SIGNER_KEYS_MAX];
	struct arena small;

	(void)state;
	for (size_t bytes = 16; bytes < 8192; bytes += 200) {
		arena_init(&small, bytes, bytes);
		signer_begin(&signer, &plan, 0, &small);
		signer_header(&signer, slice_of("From"), slice_of(" a@b.example"));
		signer_eoh(&signer);
		signer_body(&signer, slice_of(BODY));
		assert_int_equal(signer_finish(&signer, got), 4);
		for (size_t i = 0; i < 4; i++)
			assert_true((got[i].value == NULL) == (got[i].reason[0] != '\0'));
		signer_fini(&signer);
		arena_fini(&small);
	}
	for (size_t i = 0; i < 3; i++)
		assert_non_null(got[i].value);
}

/* At any time, and twice. */
static void
ended_early(void **state)
{
	(void)state;
	signer_begin(&signer, &plan, 0, &arena);
	signer_fini(&signer);
	signer_begin(&signer, &plan, 0, &arena);
	signer_header(&signer, slice_of("From"), slice_of(" a@b.example"));
	signer_eoh(&signer);
	signer_body(&signer, slice_of(BODY));
	signer_fini(&signer);
	signer_fini(&signer);
	arena_reset(&arena);
}

static void
no_keys(void **state)
{
	const struct signer_plan none = {NULL, 0, signer_names_default, signer_names_default_n};
	struct signer_field got[SIGNER_KEYS_MAX];

	(void)state;
	signer_begin(&signer, &none, 0, &arena);
	signer_header(&signer, slice_of("From"), slice_of(" a@b.example"));
	signer_eoh(&signer);
	signer_body(&signer, slice_of(BODY));
	assert_int_equal(signer_finish(&signer, got), 0);
	signer_fini(&signer);
}

static void
find(void **state)
{
	static struct sign_fields fields;
	struct slice value = {NULL, 0};

	(void)state;
	sign_fields_init(&fields, &plan);
	sign_fields_add(&fields, slice_of("to "), slice_of("1"));
	sign_fields_add(&fields, slice_of("TO"), slice_of("2"));
	sign_fields_add(&fields, slice_of("X-Other"), slice_of("3"));
	assert_int_equal(fields.n, 2);
	assert_int_equal(sign_fields_find(&fields, "To", &value), 2);
	assert_true(slice_eq(value, slice_of("1")));
	assert_int_equal(sign_fields_find(&fields, "From", &value), 0);
	assert_int_equal(sign_fields_find(&fields, "X-Other", &value), 0);
	assert_int_equal(sign_fields_find(&fields, "To", NULL), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order),
	    cmocka_unit_test(any_chunks),
	    cmocka_unit_test(folds),
	    cmocka_unit_test(reasons),
	    cmocka_unit_test(too_many_fields),
	    cmocka_unit_test(no_memory),
	    cmocka_unit_test(ended_early),
	    cmocka_unit_test(no_keys),
	    cmocka_unit_test(find),
	};

	return cmocka_run_group_tests_name("signer", tests, keys_make, keys_free);
}
