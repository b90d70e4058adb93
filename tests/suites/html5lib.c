/*
 * html5lib.c - the tokenizer suite of html5lib through lib/mail/html: tests/suites/html5lib [DIR]
 *
 * DIR, else $GATEPOST_DATA, else ../shared/data, has html5lib/tokenizer/, whose README says what a
 * test is. TAP, a line for each state that a test may begin in, every miss named, and what is not
 * claimed with its reason.
 *
 * The suite judges a tokenizer without a tree, so none behind <script> and the like goes over to
 * another state here. What a token says is made of its spans: line ends become LF, NULs U+FFFD where
 * the standard wants it, names lower case.
 *
 * Exit status 0: nothing missed; 1: something; 77: no data.
 */
#include "mail/html_reference.h"

#include "mail/html.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define TEXT_BYTES 65536

/* Members of a file that hold tests, but not for us, and why. */
static const struct {
	const char *member;
	const char *why;
} unclaimed[] = {
    {"xmlViolationTests", "what a tree changes to be an XML infoset; a tokenizer does not"},
};

static struct {
	const char *name;
	enum html_state state;
	unsigned right, of;
} states[] = {
    {"Data state", HTML_DATA, 0, 0},
    {"RCDATA state", HTML_RCDATA, 0, 0},
    {"RAWTEXT state", HTML_RAWTEXT, 0, 0},
    {"Script data state", HTML_SCRIPT, 0, 0},
    {"PLAINTEXT state", HTML_PLAINTEXT, 0, 0},
    {"CDATA section state", HTML_CDATA, 0, 0},
};

static unsigned others; /* tests for states that are not in the table */

/* --- strings of the suite, which may be escaped twice --- */

static void
utf8_add(struct buf *out, unsigned long code)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "&#%lu;", code);

	/* surrogates alone, which no reference can say, in the same form as other characters */
	if (code < 0xd800 || code > 0xdfff) {
		html_decode(out, slice_make(text, (size_t)n), HTML_IN_TEXT);
		return;
	}
	buf_add_char(out, (char)0xed);
	buf_add_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
	buf_add_char(out, (char)(0x80 | (code & 0x3f)));
}

/* HHHH at s.p, or more than any code. */
static unsigned long
hex_read(struct slice s)
{
	char digits[5] = "";

	if (s.n < 6 || s.p[0] != '\\' || s.p[1] != 'u')
		return ~0UL;
	memcpy(digits, s.p + 2, 4);
	return strtoul(digits, NULL, 16);
}

static json_t *
text_unescaped(const json_t *text)
{
	static char storage[TEXT_BYTES];
	struct buf out = BUF_OVER(storage);
	struct slice s = slice_make(json_string_value(text), json_string_length(text));

	while (s.n > 0) {
		unsigned long code = hex_read(s), low = hex_read(slice_from(s, 6));
		bool pair = code >= 0xd800 && code < 0xdc00 && low >= 0xdc00 && low < 0xe000;

		if (code == ~0UL)
			buf_add_char(&out, s.p[0]);
		else if (code == 0)
			buf_add_char(&out, '\0');
		else
			utf8_add(
			    &out, pair ? 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff) : code);
		s = slice_from(s, code == ~0UL ? 1 : pair ? 12 : 6);
	}
	return json_stringn_nocheck(out.p, out.n);
}

/* The same with its strings, but for names of attributes, unescaped if that is said. */
static json_t *
value_unescaped(json_t *value, bool escaped)
{
	json_t *made, *inner;
	const char *key;
	size_t i;

	if (!escaped)
		return json_incref(value);
	if (json_is_string(value))
		return text_unescaped(value);
	if (json_is_object(value)) {
		made = json_object();
		json_object_foreach(value, key, inner)
		{
			(void)json_object_set_new_nocheck(made, key, value_unescaped(inner, true));
		}
		return made;
	}
	if (!json_is_array(value))
		return json_incref(value);
	made = json_array();
	json_array_foreach(value, i, inner)
	{
		(void)json_array_append_new(made, value_unescaped(inner, true));
	}
	return made;
}

/* --- what our tokens say --- */

enum say {
	SAY_NUL = 1, /* as it is */
	SAY_LOWER = 2,
	SAY_TEXT = 4, /* references count */
	SAY_VALUE = 8,
};

static struct slice
said(struct slice raw, unsigned how)
{
	static char plain_storage[TEXT_BYTES], storage[TEXT_BYTES];
	struct buf plain = BUF_OVER(plain_storage), out = BUF_OVER(storage);

	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];

		if (c == '\r' && i + 1 < raw.n && raw.p[i + 1] == '\n')
			continue;
		if (c == '\0' && (how & SAY_NUL) == 0)
			buf_add_text(&plain, "\xef\xbf\xbd");
		else
			buf_add_char(&plain, c == '\r' ? '\n' : c);
	}
	if ((how & SAY_LOWER) != 0)
		buf_add_lower(&out, buf_slice(&plain));
	else if ((how & (SAY_TEXT | SAY_VALUE)) != 0)
		html_decode(
		    &out, buf_slice(&plain), (how & SAY_VALUE) != 0 ? HTML_IN_VALUE : HTML_IN_TEXT);
	else
		out = plain;
	return buf_slice(&out);
}

static json_t *
json_said(const struct html *t, struct html_span span, unsigned how)
{
	struct slice text = said(html_slice(t, span), how);

	return json_stringn_nocheck(text.p, text.n);
}

static json_t *
attrs_said(const struct html *t, const struct html_token *token)
{
	json_t *attrs = json_object();

	for (size_t i = 0; i < token->nattrs; i++) {
		const struct html_attr *attr = &token->attrs[i];
		json_t *name = json_said(t, attr->name, SAY_LOWER);

		if (!attr->duplicate)
			(void)json_object_set_new_nocheck(
			    attrs, json_string_value(name), json_said(t, attr->value, SAY_VALUE));
		json_decref(name);
	}
	return attrs;
}

static json_t *
doctype_said(const struct html *t, const struct html_token *token)
{
	const struct html_doctype *d = &token->doctype;

	return json_pack("[soooo]", "DOCTYPE",
	    token->name.n > 0 ? json_said(t, token->name, SAY_LOWER) : json_null(),
	    d->has_public ? json_said(t, d->public_id, 0) : json_null(),
	    d->has_system ? json_said(t, d->system_id, 0) : json_null(), json_boolean(!d->quirks));
}

/* Adjacent texts are one. */
static void
text_append(json_t *tokens, const struct html *t, const struct html_token *token)
{
	static const unsigned how[HTML_STATES] = {
	    [HTML_DATA] = SAY_NUL | SAY_TEXT, [HTML_RCDATA] = SAY_TEXT, [HTML_CDATA] = SAY_NUL};
	json_t *text = json_said(t, token->text, how[token->state]);
	json_t *last = json_array_get(tokens, json_array_size(tokens) - 1);
	static char storage[2 * TEXT_BYTES];
	struct buf both = BUF_OVER(storage);

	if (json_string_length(text) == 0) {
		json_decref(text);
		return;
	}
	if (last == NULL || strcmp(json_string_value(json_array_get(last, 0)), "Character") != 0) {
		(void)json_array_append_new(tokens, json_pack("[so]", "Character", text));
		return;
	}
	last = json_array_get(last, 1);
	buf_add(&both, slice_make(json_string_value(last), json_string_length(last)));
	buf_add(&both, slice_make(json_string_value(text), json_string_length(text)));
	(void)json_string_setn_nocheck(last, both.p, both.n);
	json_decref(text);
}

static void
token_append(json_t *tokens, const struct html *t, const struct html_token *token)
{
	json_t *said = NULL;

	switch (token->kind) {
	case HTML_TEXT:
		text_append(tokens, t, token);
		return;
	case HTML_START_TAG:
		said = json_pack("[soo]", "StartTag", json_said(t, token->name, SAY_LOWER),
		    attrs_said(t, token));
		if (token->self_closing)
			(void)json_array_append_new(said, json_true());
		break;
	case HTML_END_TAG:
		said = json_pack("[so]", "EndTag", json_said(t, token->name, SAY_LOWER));
		break;
	case HTML_COMMENT:
		said = json_pack("[so]", "Comment", json_said(t, token->text, 0));
		break;
	case HTML_DOCTYPE:
		said = doctype_said(t, token);
		break;
	case HTML_DROPPED:
		return;
	}
	(void)json_array_append_new(tokens, said);
}

static json_t *
tokens_make(struct slice in, enum html_state state, struct slice last)
{
	static struct html_token token;
	json_t *tokens = json_array();
	struct html t;

	html_init(&t, in);
	t.state = state;
	t.last = last;
	while (html_next(&t, &token)) {
		if (token.kind == HTML_START_TAG)
			t.state = HTML_DATA;
		token_append(tokens, &t, &token);
	}
	return tokens;
}

/* --- the tests --- */

static bool
is_right(const char *file, const json_t *test, const json_t *input, const json_t *want, size_t i)
{
	struct slice in = slice_make(json_string_value(input), json_string_length(input));
	json_t *got = tokens_make(in, states[i].state,
	    slice_of(json_string_value(json_object_get(test, "lastStartTag"))));
	bool right = json_equal(got, want);

	if (!right) {
		char *want_text = json_dumps(want, 0), *got_text = json_dumps(got, 0);

		printf("# WRONG, %s, %s, %s: %s wanted, got %s\n", file, states[i].name,
		    json_string_value(json_object_get(test, "description")),
		    want_text != NULL ? want_text : "?", got_text != NULL ? got_text : "?");
		free(want_text);
		free(got_text);
	}
	json_decref(got);
	return right;
}

static void
state_run(const char *file, const json_t *test, const char *name)
{
	bool escaped = json_is_true(json_object_get(test, "doubleEscaped")), known = false;
	json_t *input = value_unescaped(json_object_get(test, "input"), escaped);
	json_t *want = value_unescaped(json_object_get(test, "output"), escaped);

	for (size_t i = 0; i < COUNT(states); i++) {
		if (strcmp(states[i].name, name) != 0)
			continue;
		states[i].of++;
		states[i].right += is_right(file, test, input, want, i);
		known = true;
	}
	if (!known) {
		others++;
		printf("# WRONG, %s: no such state: %s\n", file, name);
	}
	json_decref(input);
	json_decref(want);
}

static void
test_run(const char *file, const json_t *test)
{
	const json_t *names = json_object_get(test, "initialStates");

	if (names == NULL)
		state_run(file, test, "Data state");
	for (size_t i = 0; i < json_array_size(names); i++)
		state_run(file, test, json_string_value(json_array_get(names, i)));
}

static void
unclaimed_print(const char *file, const json_t *suite)
{
	for (size_t i = 0; i < COUNT(unclaimed); i++) {
		const json_t *tests = json_object_get(suite, unclaimed[i].member);

		for (size_t k = 0; k < json_array_size(tests); k++)
			printf("# not claimed, %s, %s: %s\n", file,
			    json_string_value(
				json_object_get(json_array_get(tests, k), "description")),
			    unclaimed[i].why);
	}
}

static void
file_run(const char *folder, const char *name)
{
	char path[1024];
	json_error_t error;
	json_t *suite, *tests;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	suite = json_load_file(path, JSON_ALLOW_NUL, &error);
	if (suite == NULL) {
		others++;
		printf("# WRONG, %s: %s\n", name, error.text);
		return;
	}
	tests = json_object_get(suite, "tests");
	for (size_t i = 0; i < json_array_size(tests); i++)
		test_run(name, json_array_get(tests, i));
	unclaimed_print(name, suite);
	json_decref(suite);
}

static int
is_suite(const struct dirent *entry)
{
	return slice_ends(slice_of(entry->d_name), slice_of(".test"));
}

int
main(int argc, char **argv)
{
	const char *set = getenv("GATEPOST_DATA");
	const char *top = argc > 1 ? argv[1] : set != NULL ? set : "../shared/data";
	unsigned right = 0, of = 0;
	struct dirent **files;
	char folder[512];
	int n;

	(void)snprintf(folder, sizeof(folder), "%s/html5lib/tokenizer", top);
	n = scandir(folder, &files, is_suite, alphasort);
	if (n <= 0) {
		printf("# html5lib: no tests in %s\n", folder);
		return 77;
	}
	printf("1..%zu\n", COUNT(states));
	for (int i = 0; i < n; i++) {
		file_run(folder, files[i]->d_name);
		free(files[i]);
	}
	free(files);
	for (size_t i = 0; i < COUNT(states); i++) {
		printf("%s %zu - html5lib %s: %u of %u right\n",
		    states[i].right == states[i].of ? "ok" : "not ok", i + 1, states[i].name,
		    states[i].right, states[i].of);
		right += states[i].right;
		of += states[i].of;
	}
	printf("# html5lib: %u of %u right\n", right, of + others);
	return right == of + others && of > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
