/*
 * test_mime_header.c - lib/mail/mime_header and mime_param.
 */
#include "mail/mime_header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const struct {
	const char *value;
	const char *type; /* NULL: there is none */
	const char *subtype;
} type_rows[] = {
    {" text/plain", "text", "plain"},
    {" Text/HTML; charset=utf-8", "Text", "HTML"},
    {"text/html;charset=utf-8", "text", "html"},
    {" (a) text (b(c)) / (\\)) plain (d)", "text", "plain"},
    {" text/plain charset=x", "text", "plain"},
    {"\r\n\ttext/plain\r\n", "text", "plain"},
    {"multipart/*", "multipart", "*"},
    {"text", NULL, NULL},
    {"", NULL, NULL},
    {"/plain", NULL, NULL},
    {"text/", NULL, NULL},
    {"text/;", NULL, NULL},
    {"(text/plain", NULL, NULL},
};

static void
test_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(type_rows); i++) {
		struct slice type = {NULL, 0}, subtype = {NULL, 0};
		bool got = mime_type_parse(slice_of(type_rows[i].value), &type, &subtype);

		print_message("  %s\n", type_rows[i].value);
		assert_int_equal(got, type_rows[i].type != NULL);
		assert_true(slice_eq(type, slice_of(type_rows[i].type)));
		assert_true(slice_eq(subtype, slice_of(type_rows[i].subtype)));
	}
}

static const struct {
	const char *value;
	const char *want; /* of "name"; NULL: there is none */
} param_rows[] = {
    {"a/b; name=x", "x"},
    {"a/b;name=x", "x"},
    {"a/b; NAME = \"x y\" ; c=d", "x y"},
    {"a/b; name=x y; c=d", "x y"},
    {"a/b; name=\"a;b=c\"; c=d", "a;b=c"},
    {"a/b; c=\"; name=no\"; name=yes", "yes"},
    {"a/b; name=\"a\\\"b\\\\c\"", "a\"b\\c"},
    {"a/b; name=\"a\r\n b\"", "a b"},
    {"a/b;\r\n\tname=x\r\n", "x"},
    {"a/b; (name=no) name=x", "x"},
    {"a/b; name=\"x", "x"},
    {"a/b; name=\"\"", ""},
    {"a/b; name=x; name=y", "x"},
    {"a/b; filename=x", NULL},
    {"a/b; names=x", NULL},
    {"a/b; name", NULL},
    {"a/b;;; =x; name=y", "y"},
    {"name=x", NULL},
    {"", NULL},
    /* RFC 2231 */
    {"a/b; name*=utf-8'de'a%20b%C3%BC", "a b\xc3\xbc"},
    {"a/b; name*=utf-8''%zz%4", "%zz%4"},
    {"a/b; name*0=ab; name*1=cd", "abcd"},
    {"a/b; name*1=cd; name*0=\"ab\"", "abcd"},
    {"a/b; name*0*=utf-8''a%20; name*1=b%20; name*2*=c%20d", "a b%20c d"},
    {"a/b; name*0=ab; name*2=ef", "ab"},
    {"a/b; name*1=cd", NULL},
    {"a/b; name*0=no; name=yes", "yes"},
};

static const struct {
	const char *value;
	bool want;
} twice_rows[] = {
    {"a/b", false},
    {"a/b; name=x", false},
    {"a/b; name=x; names=y; nam=z", false},
    {"a/b; name=x; NAME=\"x\"", false},
    {"a/b; name=x; name=y", true},
    {"a/b; name=x; Name=X", true},
    {"a/b; name=x; name=x; name=y", true},
    {"a/b; name=x; name*=utf-8''x", true},
    {"a/b; name*0=x; name*1=y", false},
    {"a/b; name*0=x; name*0*=y", true},
    {"a/b; name*1=x; name*1=x", true},
    {"a/b; name=x; name*0=x", true},
    {"a/b; name*0=x; name=x", true},
    {"a/b; name=\"x; name=y\"", false},
    {"a/b; name*19=x; name*19=y", true},
    {"", false},
};

static void
test_param_twice(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(twice_rows); i++) {
		print_message("  %s\n", twice_rows[i].value);
		assert_int_equal(
		    mime_param_twice(slice_of(twice_rows[i].value), "name"), twice_rows[i].want);
	}
}

static void
test_param(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 4096, 65536);
	for (size_t i = 0; i < COUNT(param_rows); i++) {
		struct slice got = mime_param(&a, slice_of(param_rows[i].value), "name");

		print_message("  %s\n", param_rows[i].value);
		assert_int_equal(got.p != NULL, param_rows[i].want != NULL);
		assert_true(slice_eq(got, slice_of(param_rows[i].want)));
	}
	arena_fini(&a);
	arena_init(&a, 1, 1);
	assert_null(mime_param(&a, slice_of("a/b; name*0=ab"), "name").p);
	assert_true(a.failed);
	arena_fini(&a);
}

static const struct {
	const char *value;
	enum mime_disposition want;
} disposition_rows[] = {
    {"", MIME_DISPOSITION_NONE},
    {" inline", MIME_INLINE},
    {" (so) INLINE; filename=x", MIME_INLINE},
    {"attachment;filename=x", MIME_ATTACHMENT},
    {"other", MIME_ATTACHMENT},
    {"; filename=x", MIME_DISPOSITION_NONE},
};

static void
test_disposition(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(disposition_rows); i++)
		assert_int_equal(mime_disposition_parse(slice_of(disposition_rows[i].value)),
		    disposition_rows[i].want);
}

static const struct {
	const char *lines;
	const char *name; /* NULL: no field */
	const char *value;
} field_rows[] = {
    {"A: b\r\n", "A", " b"},
    {"A: b\r\n c\r\n", "A", " b\r\n c"},
    {"A:", "A", ""},
    {"A \t: b", "A", " b"},
    {"A:b:c\n", "A", "b:c"},
    {"A", NULL, NULL},
    {": b", NULL, NULL},
    {"A b: c", NULL, NULL},
    {" A: b", NULL, NULL},
    {"\xc3\xbc: b", NULL, NULL},
    {"", NULL, NULL},
};

static void
test_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(field_rows); i++) {
		struct message_field field = {{NULL, 0}, {NULL, 0}};
		bool got = mime_field_parse(slice_of(field_rows[i].lines), &field);

		print_message("  %s\n", field_rows[i].lines);
		assert_int_equal(got, field_rows[i].name != NULL);
		assert_true(slice_eq(field.name, slice_of(field_rows[i].name)));
		assert_true(slice_eq(field.value, slice_of(field_rows[i].value)));
	}
}

static void
test_fields(void **state)
{
	static const struct {
		const char *name;
		bool encoding, twice;
	} rows[] = {
	    {"Subject", false, false},
	    {"content-type", false, false},
	    {"Content-Transfer-Encoding", true, false},
	    {"Content-ID", false, false},
	    {"Content-Disposition", false, false},
	    {"Content-Transfer-Encoding", false, true},
	};
	struct mime_fields fields = {.has_type = false};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct message_field field = {slice_of(rows[i].name), slice_of(rows[i].name)};

		assert_int_equal(mime_fields_add(&fields, &field), rows[i].encoding);
		assert_int_equal(fields.twice, rows[i].twice);
	}
	assert_true(slice_eq(fields.type, slice_of("content-type")));
	assert_true(slice_eq(fields.disposition, slice_of("Content-Disposition")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_type),
	    cmocka_unit_test(test_param),
	    cmocka_unit_test(test_param_twice),
	    cmocka_unit_test(test_disposition),
	    cmocka_unit_test(test_field),
	    cmocka_unit_test(test_fields),
	};

	return cmocka_run_group_tests_name("mime_header", tests, NULL, NULL);
}
