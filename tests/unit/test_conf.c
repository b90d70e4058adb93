/*
 * test_conf.c - lib/conf/conf*.c: whole configurations, right ones and wrong ones.
 *
 * With TEST_VERBOSE in the environment it prints every error, to be read by a person.
 */
#include "conf/conf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NAME         "/etc/gatepost/milter.conf"

struct grey {
	int mode;
	int64_t score, block_s, pass_s, max_bytes;
	struct net_set allow_networks;
	struct address_set optout;
	struct option_words zones;
	const char *text;
	bool header;
};

struct redis {
	const char *address, *password;
	int64_t timeout_ms, socket_mode;
};

struct lane {
	const char *title; /* NULL: the defaults */
	int64_t rate, burst;
	struct net_set nets;
	struct address_set froms;
	struct option_words tags;
	const char *text;
};

static const char *const mode_words[] = {"all", "suspicious", "off", NULL};

static int
text_check(const char *value, struct err *err)
{
	if (strchr(value, '%') != NULL)
		return err_set(err, ERR_INVALID, "no %% is allowed");
	return 0;
}

static int
grey_check(const void *section, struct err *err)
{
	const struct grey *grey = section;

	if (grey->pass_s <= grey->block_s)
		return err_set(err, ERR_INVALID, "pass must be longer than block");
	return 0;
}

static int
lane_check(const void *section, struct err *err)
{
	const struct lane *lane = section;

	if (lane->burst < lane->rate)
		return err_set(err, ERR_INVALID, "burst must not be less than rate");
	return 0;
}

static int
lane_title_check(struct slice title, struct err *err)
{
	for (size_t i = 0; i < title.n; i++) {
		if (!(title.p[i] >= 'a' && title.p[i] <= 'z') && !ascii_is_digit(title.p[i]))
			return err_set(err, ERR_INVALID, "\"%.*s\" is no name of a lane: a-z 0-9",
			    SLICE_ARG(slice_head(title, 40)));
	}
	return title.n > 0 ? 0 : err_set(err, ERR_INVALID, "a lane needs a name");
}

static void
lane_entitle(void *section, const char *title)
{
	((struct lane *)section)->title = title;
}

static const struct option lane_rows[] = {
    OPTION_NUMBER(struct lane, rate, "rate", "10", 0, 1000, "How many."),
    OPTION_NUMBER(struct lane, burst, "burst", "100", 0, 1000, "How many at once."),
    OPTION_NETWORKS(struct lane, nets, "nets", "192.0.2.0/24", 4, "From where."),
    OPTION_ADDRESSES(struct lane, froms, "froms", "b.example", 4, "By whom."),
    OPTION_WORDS(struct lane, tags, "tags", "one two", 4, "Of what kind."),
    OPTION_TEXT(struct lane, text, "text", "none", 1, 40, text_check, "What we say."),
    OPTION_END,
};

static const struct option grey_rows[] = {
    OPTION_ENUM(struct grey, mode, "mode", "all", mode_words, "Whom to greylist."),
    OPTION_NUMBER(struct grey, score, "score", "10", -5, 1000, "From this score on."),
    OPTION_SECONDS(struct grey, block_s, "block", "4m", 0, 86400, "Too early."),
    OPTION_SECONDS(struct grey, pass_s, "pass", "6h", 60, 2592000, "Too late."),
    OPTION_BYTES(struct grey, max_bytes, "max_bytes", "1M", 1024, 1 << 30, "A size."),
    OPTION_NETWORKS(
	struct grey, allow_networks, "allow_networks", "127.0.0.0/8 ::1", 6, "Friends."),
    OPTION_ADDRESSES(struct grey, optout, "optout", "", 1000, "Not for these."),
    OPTION_WORDS(struct grey, zones, "zones", "", 1000, "Some words."),
    OPTION_TEXT(struct grey, text, "text", "Try again", 1, 40, text_check, "What we say."),
    OPTION_BOOL(struct grey, header, "header", "yes", "A header."),
    OPTION_END,
};

static const struct option redis_rows[] = {
    OPTION_TEXT(struct redis, address, "address", "127.0.0.1:6379", 1, 100, NULL, "Where."),
    OPTION_SECRET(struct redis, password, "password", "", 0, 16, NULL, "Who."),
    OPTION_MILLIS(struct redis, timeout_ms, "timeout", "500ms", 10, 60000, "How long."),
    OPTION_OCTAL(struct redis, socket_mode, "socket_mode", "0660", 0, 0777, "Who may."),
    OPTION_END,
};

static const struct conf_section grey_section = {
    "greylist", "Greylisting.", grey_rows, sizeof(struct grey), grey_check, NULL};
static const struct conf_section redis_section = {
    "redis", "The store.", redis_rows, sizeof(struct redis), NULL, NULL};
static const struct conf_titles lane_titles = {
    "A lane.", "lane slow {\n}\n", lane_title_check, lane_entitle};
static const struct conf_section lane_section = {
    "lane", "All lanes.", lane_rows, sizeof(struct lane), lane_check, &lane_titles};
static const struct conf_section *const sections[] = {&grey_section, &redis_section, &lane_section};
#define LANE 2

/* List files that exist in here only. */
static int
fake_read(const struct conf_files *files, const char *path, size_t max_bytes, struct arena *a,
    struct slice *text_r, struct err *err)
{
	static const struct {
		const char *path;
		struct slice text;
	} table[] = {
	    {"/lists/networks", SLICE_LIT("# friends\n192.0.2.0/24\n\n  10.1.2.3  # a host\r\n")},
	    {"/lists/no-newline", SLICE_LIT("192.0.2.0/24")},
	    {"/lists/empty", SLICE_LIT("")},
	    {"/lists/comments", SLICE_LIT("# nothing\n\n \t\n#\n")},
	    {"/lists/bad", SLICE_LIT("192.0.2.0/24\n# two\n192.0.2.1/24\n")},
	    {"/lists/words", SLICE_LIT("one\ntwo words\n")},
	    {"/lists/nested", SLICE_LIT("one\n/lists/words\n")},
	    {"/lists/nul", SLICE_LIT("one\ntw\0o\n")},
	    {"/lists/bom", SLICE_LIT("\xef\xbb\xbf"
				     "192.0.2.1\n")},
	    {"/lists/seven", SLICE_LIT("10.0.0.1\n10.0.0.2\n10.0.0.3\n10.0.0.4\n10.0.0.5\n"
				       "10.0.0.6\n10.0.0.7\n")},
	    {"/lists/addresses",
		SLICE_LIT("User@Example.com\nexample.org\n.example.net\nabuse@\n")},
	};

	(void)files;
	assert_int_equal(max_bytes, CONF_LIST_MAX_BYTES);
	for (size_t i = 0; i < COUNT(table); i++) {
		if (strcmp(path, table[i].path) == 0) {
			*text_r = arena_copy(a, table[i].text);
			return 0;
		}
	}
	return err_set(err, ERR_IO, "%s: No such file or directory", path);
}

static const struct conf_files fake_files = {fake_read};

static struct conf *
parse(const char *text, struct err *err)
{
	return conf_parse(sections, COUNT(sections), slice_of(text), NAME, &fake_files, err);
}

static struct conf *
parse_right(const char *text)
{
	struct err err = {ERR_NONE, ""};
	struct conf *conf = parse(text, &err);

	if (conf == NULL)
		fail_msg("%s\n%s", text, err.text);
	return conf;
}

/* The option as it is written back. */
static const char *
written(const struct option *row, const void *section)
{
	static char storage[1024];
	struct buf out = BUF_OVER(storage);

	assert_non_null(row);
	option_format(row, section, &out);
	return buf_text(&out);
}

static const char *
value_of(const struct conf *conf, size_t section, const char *name)
{
	return written(
	    option_find(sections[section]->options, slice_of(name)), conf_section(conf, section));
}

static void
test_defaults(void **state)
{
	static const char *const texts[] = {"", "\n", "# nothing\n", "greylist {}", "redis { }\n",
	    "/* a\n * b */ // c\n", "\t\r\n"};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct conf *conf = parse_right(texts[i]);

		for (size_t s = 0; s < COUNT(sections); s++) {
			for (const struct option *row = sections[s]->options; row->name; row++)
				assert_int_equal(conf_line(conf, s, row), 0);
		}
		assert_string_equal(value_of(conf, 0, "block"), "4m");
		assert_string_equal(value_of(conf, 0, "allow_networks"), "{ 127.0.0.0/8, ::1 }");
		assert_string_equal(value_of(conf, 0, "optout"), "{}");
		assert_string_equal(value_of(conf, 0, "text"), "\"Try again\"");
		assert_string_equal(value_of(conf, 1, "address"), "127.0.0.1:6379");
		conf_free(conf);
	}
	conf_free(NULL);
}

/* Each sets one option; what is then in force, and the line that set it. */
static void
test_right(void **state)
{
	static const struct {
		const char *text;
		size_t section;
		const char *name, *want;
		unsigned line;
	} table[] = {
	    {"greylist { block = 5m }", 0, "block", "5m", 1},
	    {"greylist{block=5m}", 0, "block", "5m", 1},
	    {"greylist\n{\n\tblock = 5m\n}\n", 0, "block", "5m", 3},
	    {"# one\n\n/* two\n three */\ngreylist { // four\n block = 5m # five\n}", 0, "block",
		"5m", 6},
	    {"greylist {\r\n block = 5m\r\n}\r\n", 0, "block", "5m", 2},
	    {"greylist { mode = off block = 1h pass = 2h }", 0, "pass", "2h", 1},
	    {"redis { }\ngreylist { block = 5m }", 0, "block", "5m", 2},
	    {"greylist { block = \"5m\" }", 0, "block", "5m", 1},
	    {"greylist { block = '5m' }", 0, "block", "5m", 1},
	    {"greylist { block = 1h30m }", 0, "block", "90m", 1},
	    {"greylist { score = -5 }", 0, "score", "-5", 1},
	    {"greylist { mode = suspicious }", 0, "mode", "suspicious", 1},
	    {"greylist { max_bytes = 4k }", 0, "max_bytes", "4k", 1},
	    {"greylist { header = off }", 0, "header", "no", 1},
	    {"redis { socket_mode = 0600 }", 1, "socket_mode", "0600", 1},
	    {"redis { timeout = 2s }", 1, "timeout", "2s", 1},
	    {"redis { password = secret }", 1, "password", "(hidden)", 1},
	    {"redis { address = /run/redis/redis.sock }", 1, "address", "/run/redis/redis.sock", 1},
	    {"redis { address = http://host/a//b }", 1, "address", "http://host/a//b", 1},
	    {"redis { address = a/b }", 1, "address", "a/b", 1},
	    {"redis { address = [::1]:6379 }", 1, "address", "\"[::1]:6379\"", 1},
	    {"redis { address = a\\b }", 1, "address", "\"a\\\\b\"", 1},
	    {"redis { address = $a }", 1, "address", "\"\\$a\"", 1},
	    {"greylist { text = \"a \\\"b\\\" \\\\ c\" }", 0, "text", "\"a \\\"b\\\" \\\\ c\"", 1},
	    {"greylist { text = 'a \\'b\\' \\\\ \\c' }", 0, "text", "\"a 'b' \\\\ \\\\c\"", 1},
	    {"greylist { text = \"\\x41\\102\\x43d\" }", 0, "text", "ABCd", 1},
	    {"greylist { text = \"\\$\\{a} \\q\" }", 0, "text", "\"\\${a} q\"", 1},
	    {"greylist { text = '${a}' }", 0, "text", "\"\\${a}\"", 1},
	    {"greylist { text = \"a\\\nb\" header = no }", 0, "text", "ab", 1},
	    {"greylist { text = \"a\\\r\nb\"\r\n}", 0, "text", "ab", 1},
	    {"greylist { text = 'a\\\nb' }", 0, "text", "ab", 1},
	    {"greylist { text = 'a\\\r\nb' }", 0, "text", "ab", 1},
	    {"greylist { text = \"# /* // no comment\" }", 0, "text", "\"# /* // no comment\"", 1},
	    {"greylist { text = \"gr\xc3\xbc\xc3\x9f\" }", 0, "text", "\"gr\xc3\xbc\xc3\x9f\"", 1},
	    {"# \xc3\xbc\ngreylist { text = x } /* \xc3\xbc */", 0, "text", "x", 2},
	    {"greylist { text =\n  \"on the next line\" }", 0, "text", "\"on the next line\"", 1},
	    {"greylist { allow_networks = 10.0.0.0/8 }", 0, "allow_networks", "{ 10.0.0.0/8 }", 1},
	    {"greylist { allow_networks = { 10.0.0.0/8 } }", 0, "allow_networks", "{ 10.0.0.0/8 }",
		1},
	    {"greylist { allow_networks = {} }", 0, "allow_networks", "{}", 1},
	    {"greylist {\n allow_networks = {\n 10.0.0.0/8, # a\n 192.0.2.1, /* b */\n }\n}", 0,
		"allow_networks", "{ 10.0.0.0/8, 192.0.2.1 }", 2},
	    {"greylist { allow_networks =\n{\n10.0.0.1\n}\n}", 0, "allow_networks", "{ 10.0.0.1 }",
		1},
	    {"greylist { allow_networks += 10.0.0.0/8 }", 0, "allow_networks",
		"{ 10.0.0.0/8, 127.0.0.0/8, ::1 }", 1},
	    {"greylist {\n allow_networks = ::2\n block = 5m\n allow_networks += { ::3, ::4 }\n}",
		0, "allow_networks", "{ ::2, ::3, ::4 }", 2},
	    {"greylist { allow_networks = {} allow_networks += ::2 }", 0, "allow_networks",
		"{ ::2 }", 1},
	    {"greylist { allow_networks += {} }", 0, "allow_networks", "{ 127.0.0.0/8, ::1 }", 1},
	    {"greylist { allow_networks += ::2 allow_networks += ::3 }", 0, "allow_networks",
		"{ 127.0.0.0/8, ::1, ::2, ::3 }", 1},
	    {"greylist { optout = { Example.com, User@Example.org, .example.net, abuse@ } }", 0,
		"optout", "{ .example.net, @example.com, abuse@, user@example.org }", 1},
	    {"greylist { optout = \"a+b@example.com\" }", 0, "optout", "{ \"a+b@example.com\" }",
		1},
	    {"greylist { zones = { \"a=127.0.0.[2..11]*3\", 'b c' } }", 0, "zones",
		"{ \"a=127.0.0.[2..11]*3\", \"b c\" }", 1},
	    {"greylist { allow_networks = /lists/networks }", 0, "allow_networks",
		"{ 192.0.2.0/24, 10.1.2.3 }", 1},
	    {"greylist { allow_networks = { /lists/networks, ::2, \"/lists/no-newline\" } }", 0,
		"allow_networks", "{ 192.0.2.0/24, 192.0.2.0/24, 10.1.2.3, ::2 }", 1},
	    {"greylist { allow_networks = /lists/empty }", 0, "allow_networks", "{}", 1},
	    {"greylist { allow_networks = { /lists/comments } }", 0, "allow_networks", "{}", 1},
	    {"greylist { allow_networks += /lists/networks }", 0, "allow_networks",
		"{ 127.0.0.0/8, 192.0.2.0/24, 10.1.2.3, ::1 }", 1},
	    {"greylist { optout = /lists/addresses }", 0, "optout",
		"{ .example.net, @example.org, abuse@, user@example.com }", 1},
	    {"greylist { zones = { /lists/words, three } }", 0, "zones",
		"{ one, \"two words\", three }", 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct conf *conf = parse_right(table[i].text);
		size_t s = table[i].section;
		const struct option *row = option_find(
		    sections[s]->options, slice_of(table[i].name));

		if (strcmp(value_of(conf, s, table[i].name), table[i].want) != 0)
			fail_msg("%s: %s", table[i].text, value_of(conf, s, table[i].name));
		if (conf_line(conf, s, row) != table[i].line)
			fail_msg("%s: line %u", table[i].text, conf_line(conf, s, row));
		conf_free(conf);
	}
}

struct wrong {
	const char *name, *text, *want;
};

static const struct wrong wrong_values[] = {
    {"unit of time", "greylist {\n block = 4x\n}\n",
	NAME ":2: greylist.block = 4x: \"x\" is no unit of time; write seconds or 90s, 4m, 6h, "
	     "36d, 2w"},
    {"after comments", "# a\n/* b\n c */\n\ngreylist { // d\n# e\n block = 4x }",
	":7: greylist.block = 4x"},
    {"no number", "greylist { block = soon }", ":1: greylist.block = soon: that is no number"},
    {"above the limit", "greylist { block = 2d }", ":1: greylist.block = 2d: must be from 0 to 1d"},
    {"below the limit", "greylist { pass = 30s }",
	":1: greylist.pass = 30s: must be from 1m to 30d"},
    {"negative", "greylist { block = -1 }", ":1: greylist.block = -1: that is no number"},
    {"enormous", "greylist { block = 99999999999999999999999 }", "must be from 0 to 1d"},
    {"size", "greylist { max_bytes = 5Q }", "\"Q\" is no unit of size; write bytes or 64k, 4M"},
    {"size too small", "greylist { max_bytes = 1 }", "must be from 1k to 1G"},
    {"bare milliseconds", "redis { timeout = 500 }",
	":1: redis.timeout = 500: a unit is missing at the end; write 500ms, 2s or 1m"},
    {"octal", "redis { socket_mode = 0999 }", ":1: redis.socket_mode = 0999: that is no file mode"},
    {"octal limit", "redis { socket_mode = 01777 }", "must be from 0000 to 0777"},
    {"number", "greylist { score = many }", ":1: greylist.score = many: that is no whole number"},
    {"number limit", "greylist { score = -6 }", "must be from -5 to 1000"},
    {"choice", "greylist { mode = some }",
	":1: greylist.mode = some: no such choice; write one of all, suspicious, off"},
    {"yes or no", "greylist { header = 2 }", ":1: greylist.header = 2: write yes or no"},
    {"empty value", "greylist { block = \"\" }", ":1: greylist.block = \"\": the value is empty"},
    {"empty text", "greylist { text = \"\" }", ":1: greylist.text = \"\": may not be empty"},
    {"text too long", "greylist { text = xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx }",
	"41 bytes; at most 40 are allowed"},
    {"text's own check", "greylist { text = 100% }", ":1: greylist.text = 100%: no % is allowed"},
    {"escaped control", "greylist { text = \"a\\nb\" }", "it holds the control character \\x0a"},
    {"secret is not told in pieces", "redis { password = abc def }", "unexpected text after the"},
    {"secret is not told", "redis { password = abcdefghijklmnopq }",
	":1: redis.password = (hidden): 17 bytes; at most 16 are allowed"},
    {"section check", "redis {}\ngreylist {\n block = 10m\n pass = 5m\n}",
	NAME ":2: section greylist: pass must be longer than block"},
    {"value on the next line", "greylist { text =\n \"100%\" }", ":2: greylist.text = 100%"},
};

static const struct wrong wrong_lists[] = {
    {"no network", "greylist { allow_networks = localhost }",
	":1: greylist.allow_networks: \"localhost\" is no IP address or network"},
    {"line of the entry", "greylist {\n allow_networks = {\n 10.0.0.1,\n 10.0.0.256,\n ::1 } }",
	":4: greylist.allow_networks: \"10.0.0.256\" is no"},
    {"host bits", "greylist { allow_networks = 10.0.0.1/8 }", "did you mean 10.0.0.0/8?"},
    {"prefix", "greylist { allow_networks = 10.0.0.0/33 }", "must be a number from 0 to 32"},
    {"too many", "greylist {\n allow_networks = {::1,::2,::3,::4,::5,::6,::7} }",
	":2: greylist.allow_networks: 7 entries; at most 6 are allowed"},
    {"too many with the default", "greylist { allow_networks += {::1,::2,::3,::4,::5} }",
	"7 entries; at most 6"},
    {"no address", "greylist { optout = someone }",
	":1: greylist.optout: \"someone\": neither address nor domain"},
    {"wildcard", "greylist { optout = \"*@example.com\" }", "* is no wildcard here"},
    {"empty entry", "greylist { zones = { a, \"\" } }",
	":1: greylist.zones: \"\": an entry may not"},
    {"control in an entry", "greylist { zones = { \"\\x07\" } }", "control character \\x07"},
    {"no such file", "greylist {\n allow_networks = { ::1,\n /lists/none } }",
	NAME ":3: greylist.allow_networks: /lists/none: No such file or directory"},
    {"entry of a file", "greylist { allow_networks = { ::1, /lists/networks, /lists/bad } }",
	"/lists/bad:3: \"192.0.2.1/24\" has bits set beyond"},
    {"entry of a file, added", "greylist { allow_networks += /lists/bad }", "/lists/bad:3: "},
    {"entry after a file", "greylist {\n allow_networks = { /lists/networks,\n x } }",
	NAME ":3: greylist.allow_networks: \"x\" is no"},
    {"file too long", "greylist {\n allow_networks = /lists/seven }",
	NAME ":2: greylist.allow_networks: 7 entries; at most 6 are allowed"},
    {"file names a file", "greylist { zones = /lists/nested }",
	"/lists/nested:2: /lists/words: a list file names no other"},
    {"file with NUL", "greylist { zones = /lists/nul }",
	"/lists/nul:2: \"tw\\x00o\": it holds the control character"},
    {"file with BOM", "greylist { allow_networks = /lists/bom }",
	"/lists/bom:1: the file begins with a byte order mark"},
    {"scalar given a list", "greylist {\n block = { 4m } }",
	":2: greylist.block: takes one value, not a list; leave out the braces"},
    {"scalar added to", "greylist { block += 4m }", ":1: greylist.block: += is for lists; write ="},
    {"comma missing", "greylist { zones = { a\n b } }",
	":2: greylist.zones: a comma is missing before \"b\""},
    {"comma without entry", "greylist { zones = { , a } }",
	":1: greylist.zones: an entry is missing before the comma"},
    {"two commas", "greylist { zones = { a,, b } }", "an entry is missing before the comma"},
    {"list in a list", "greylist { zones = { a, { b } } }", ":1: greylist.zones: { within a list"},
    {"list not closed", "greylist {\n zones = { a, b\n block = 5m\n}\n",
	":3: greylist.zones: a comma is missing before \"block\", or the } of the list that begins "
	"in line 2"},
    {"list not closed after comma", "greylist {\n zones = { a, b,\n block = 5m\n}\n",
	":3: greylist.zones: = within the list that begins in line 2; is its } missing?"},
    {"list until the end", "greylist {\n zones = { a, b",
	":2: greylist.zones: the list that begins here is never closed"},
    {"list without braces", "greylist { zones = a, b }",
	":1: unexpected \",\" after the value; put a value with blanks"},
    {"equal sign in an entry", "greylist { zones = { a=b } }", "needs quotes"},
};

static const struct wrong wrong_names[] = {
    {"typing error", "greylist {\n\n blok = 4m }",
	NAME ":3: there is no option \"blok\" in section greylist; did you mean \"block\"?"},
    {"upper case", "greylist { Block = 4m }", "did you mean \"block\"?"},
    {"hyphen", "greylist { allow-networks = ::1 }", "did you mean \"allow_networks\"?"},
    {"half a name", "greylist { networks = ::1 }", "did you mean \"allow_networks\"?"},
    {"beginning of a name", "greylist { allow = ::1 }", "did you mean \"allow_networks\"?"},
    {"another section's", "greylist { timeout = 1s }",
	"did you mean redis.timeout, that is, redis { timeout = ... }?"},
    {"another section's, misspelt", "redis { blocks = 1s }", "did you mean greylist.block"},
    {"unheard of", "greylist { frobnicate = yes }",
	":1: there is no option \"frobnicate\" in section greylist; milter.conf(5) lists them all"},
    {"short and unheard of", "greylist { x = yes }", "milter.conf(5) lists them all"},
    {"outside", "block = 4m\n",
	":1: option \"block\" stands outside of any section; did you mean greylist.block, that is, "
	"greylist { block = ... }?"},
    {"outside, dotted", "greylist.block = 4m", "did you mean greylist.block, that is"},
    {"outside, dotted and misspelt", "greylist.blck = 4m", "did you mean greylist.block, that is"},
    {"outside, unheard of", "frobnicate = 4m", "stands outside of any section; milter.conf(5)"},
    {"dotted within", "greylist { greylist.block = 4m }", "did you mean \"block\"?"},
    {"libconfuse's path", "greylist|block = 4m", ":1: option \"greylist|block\" stands outside"},
    {"section misspelt", "\ngraylist { block = 4m }",
	":2: there is no section \"graylist\"; did you mean \"greylist\"?"},
    {"section's beginning", "grey { block = 4m }", "did you mean \"greylist\"?"},
    {"section unheard of", "milters { }",
	"there is no section \"milters\"; there are greylist, redis, lane"},
    {"section with =", "greylist = { block = 4m }",
	":1: section \"greylist\" takes no =; write greylist { ... }"},
    {"section alone", "greylist\n", ":1: section \"greylist\": { is missing after its name"},
    {"section with a title", "greylist a { }",
	":1: section greylist takes no title; write greylist { ... }"},
    {"section with a title in quotes", "\ngreylist \"a\" { }",
	":2: section greylist takes no title"},
    {"section, then another", "greylist\nredis { }",
	":1: section \"greylist\": { is missing after"},
    {"section, brace missing", "greylist block = 4m }", "section \"greylist\": { is missing after"},
    {"include", "include(\"/etc/passwd\")", ":1: unexpected (; a value with ( in it needs quotes"},
    {"include within", "greylist {\n include(\"/etc/passwd\")\n}", ":2: unexpected ("},
    {"unset", "__unknown = 1", "stands outside"},
    {"colon", "greylist { block: 4m }",
	":1: \"block:\": write = between name and value, not a colon"},
    {"quoted name", "greylist { \"block\" = 4m }",
	"the name of an option should stand here, without quotes"},
    {"quoted section", "\"greylist\" { block = 4m }",
	":1: unexpected \"greylist\"; the name of a section should stand here, without"},
};

static const struct wrong wrong_shapes[] = {
    {"twice", "greylist {\n block = 4m\n block = 5m }",
	NAME ":3: greylist.block is given twice, first in line 2; one of the two must go"},
    {"list twice", "greylist {\n zones = a\n\n zones = b }",
	":4: greylist.zones is given twice, first in line 2; one of the two must go (or add to"},
    {"empty list twice", "greylist {\n zones = {}\n zones = {} }", ":3: greylist.zones is given"},
    {"added, then set", "greylist {\n zones += a\n zones = b }", ":3: greylist.zones is given"},
    {"section twice", "greylist { block = 4m }\nredis { }\ngreylist { pass = 7h }",
	":3: section greylist is given twice, first in line 1; put all its options into one"},
    {"no value", "greylist {\n block =\n pass = 7h\n}",
	":2: greylist.block: there is no value after ="},
    {"no value, brace", "greylist { block = }", ":1: greylist.block: there is no value after ="},
    {"no value, end", "greylist { block =", ":1: greylist.block: there is no value after ="},
    {"no value, comma", "greylist { zones = , a }", "greylist.zones: there is no value after ="},
    {"two signs", "greylist { block = = 4m }", "greylist.block: there is no value after ="},
    {"no sign", "greylist {\n block 4m\n}", ":2: greylist.block: = and a value are missing after"},
    {"name alone", "greylist {\n block\n pass = 7h }", ":2: greylist.block: = and a value are"},
    {"name and brace", "greylist { zones { a } }", "greylist.zones: = and a value are missing"},
    {"name at the end", "greylist { block", "greylist.block: = and a value are missing"},
    {"value alone", "greylist { = 4m }",
	":1: unexpected \"=\"; the name of an option should stand here"},
    {"comma alone", "greylist { , }",
	":1: unexpected \",\"; the name of an option should stand here"},
    {"brace alone", "greylist { { } }",
	":1: unexpected \"{\"; the name of an option should stand here"},
    {"two values", "greylist {\n text = Try again\n}",
	":2: unexpected text after the value; put a value with blanks"},
    {"two values, one quoted", "greylist { text = Try \"again\" }", "after the value"},
    {"equal sign in a value", "greylist { text = a=b }", ":1: unexpected \"=\" after the value"},
    {"comma in a value", "greylist { text = a,b }", ":1: unexpected \",\" after the value"},
    {"brace in a value", "greylist { text = a{b}c }", ":1: unexpected \"{\" after the value"},
    {"section not closed", "\ngreylist {\n block = 4m\n",
	":2: section greylist, which begins here, is never closed: } is missing"},
    {"section not closed before the next", "greylist {\n block = 4m\nredis {\n}\n",
	":3: section \"redis\" begins inside section greylist; a } is missing before it (greylist "
	"begins in line 1)"},
    {"section in a section", "greylist { redis { timeout = 1s } }", ":1: section \"redis\" begins"},
    {"unknown in a section", "greylist { limits { a = 1 } }",
	"there is no option \"limits\" in section"},
    {"brace too many", "greylist { block = 4m } }", ":1: a } that closes nothing"},
    {"brace first", "}\n", ":1: a } that closes nothing"},
    {"brace alone", "{ }", ":1: unexpected \"{\"; the name of a section should"},
    {"value first", "= 4m", ":1: unexpected \"=\"; the name of a section should"},
    {"semicolon", "greylist { block = 4m; }", ":1: lines do not end in ;"},
    {"semicolon after a brace", "greylist { };", ":1: lines do not end in ;"},
};

static const struct wrong wrong_bytes[] = {
    {"string not closed", "greylist {\n text = \"Try again\n block = 4m\n}",
	":2: a string is not closed: \" is missing at the end of the line"},
    {"single quotes not closed", "greylist { text = 'Try again }", "closed: ' is missing"},
    {"string at the end", "greylist { text = \"", ":1: a string is not closed"},
    {"string ends in a backslash", "greylist { text = \"a\\", "is not closed"},
    {"string continued into nothing", "greylist { text = \"a\\\n", ":2: a string"},
    {"comment not closed", "greylist {\n /* block = 4m\n}\n",
	":2: the comment that begins here is never closed: */ is missing"},
    {"comment closed too early", "/*/ greylist { }", "is never closed"},
    {"comment closed too late", "/* */ */ greylist { }",
	":1: unexpected *; a value with * in it needs"},
    {"stray *", "greylist { block = * }", ":1: unexpected *"},
    {"stray +", "greylist { zones = a+b }", ":1: unexpected +; a value with + in it needs quotes"},
    {"stray )", "greylist { text = :) }", ":1: unexpected )"},
    {"comment sticks to a word", "greylist { text = 1#2 }", ":1: a comment needs a blank before"},
    {"C comment sticks to a word", "greylist { block = 4m/* x */ }", "a comment needs a blank"},
    {"apostrophe", "greylist { text = don't }", ":1: a quote inside a value"},
    {"text behind a quote", "greylist { text = \"a\"b }", ":1: text right after a closing quote"},
    {"quote behind a quote", "greylist { text = \"a\"\"b\" }", "right after a closing quote"},
    {"variable", "greylist { text = ${HOME} }", ":1: ${...} is not filled in from the environment"},
    {"variable in a word", "greylist { text = a${HOME} }",
	"${...} is not filled in from the environment"},
    {"variable in quotes", "greylist {\n text = \"in ${HOME}\" }",
	":2: ${...} is not filled in from the environment; write the value itself, or \\${ for"},
    {"variable not closed", "greylist { text = \"${HOME\" }", "${...} is not filled in"},
    {"NUL escape", "greylist { text = \"a\\0b\" }", ":1: an escape for the NUL byte"},
    {"NUL escape, hexadecimal", "greylist { text = \"\\x00\" }", "an escape for the NUL byte"},
    {"NUL escape, long", "greylist { text = \"\\000\" }", "an escape for the NUL byte"},
    {"octal too large", "greylist { text = \"\\400\" }", "an octal escape goes up to \\377"},
    {"octal too long", "greylist { text = \"\\1011\" }", "has at most three digits"},
    {"octal with 8", "greylist { text = \"\\18\" }", "digits from 0 to 7 only"},
    {"hexadecimal empty", "greylist { text = \"\\xg\" }",
	"\\x needs one or two hexadecimal digits"},
    {"control", "greylist {\n block =\x01 4m }", ":2: control character \\x01; remove it"},
    {"control in quotes", "greylist { text = \"\x1b\" }", "control character"},
    {"control in a comment", "# \x0c\n", ":1: control character \\x0c"},
    {"delete", "greylist { text = \x7f }", "control character"},
    {"carriage return", "greylist {\rblock = 4m }", ":1: a carriage return that does not"},
    {"carriage return at the end", "greylist { }\r", "a carriage return that does not"},
    {"not ASCII", "greylist { text = gr\xc3\xbc\xc3\x9f }", "outside of quotes"},
    {"typographic quotes", "greylist { text = \xe2\x80\x9chi\xe2\x80\x9d }", "outside of quotes"},
    {"no-break space", "greylist {\n\xc2\xa0 block = 4m }", ":2: byte \\xc2 outside"},
    {"byte order mark", "\xef\xbb\xbfgreylist { }", ":1: the file begins with a byte order mark"},
};

static const struct wrong wrong_titles[] = {
    {"value", "lane {\n rate = 1 }\nlane slow {\n rate = fast }",
	NAME ":4: lane slow.rate = fast: that is no whole number"},
    {"limit", "lane slow { rate = 1001 }", ":1: lane slow.rate = 1001: must be from 0 to 1000"},
    {"text's own check", "lane slow { text = 100% }", ":1: lane slow.text = 100%: no % is allowed"},
    {"entry", "lane slow {\n nets = { ::1,\n x } }", ":3: lane slow.nets: \"x\" is no IP address"},
    {"entry of a file", "lane slow { nets += /lists/bad }", "/lists/bad:3: \"192.0.2.1/24\" has"},
    {"no such file", "lane slow { nets = /lists/none }",
	":1: lane slow.nets: /lists/none: No such file or directory"},
    {"too many entries", "lane slow { tags = { a, b, c, d, e } }",
	":1: lane slow.tags: 5 entries; at most 4 are allowed"},
    {"too many with the defaults", "lane slow {\n tags += { a }\n}\nlane { tags += { b, c } }",
	":2: lane slow.tags: 5 entries; at most 4 are allowed"},
    {"section check", "lane {\n burst = 20 }\n\nlane slow {\n rate = 21 }",
	NAME ":4: section lane slow: burst must not be less than rate"},
    {"section check of the defaults first", "lane slow { rate = 1 }\nlane { rate = 101 }",
	":2: section lane: burst must not"},
    {"section check of what is inherited", "lane { rate = 50 }\nlane slow { burst = 49 }",
	":2: section lane slow: burst must not"},
    {"name", "lane slow { rat = 1 }",
	":1: there is no option \"rat\" in section lane slow; did you mean \"rate\"?"},
    {"another section's", "lane slow { timeout = 1s }", "did you mean redis.timeout, that is,"},
    {"option twice", "lane slow {\n rate = 1\n rate = 2 }",
	":3: lane slow.rate is given twice, first in line 2; one of the two must go"},
    {"list twice", "lane slow { tags = a tags = b }", "(or add to the first with +=)"},
    {"title twice", "lane slow { }\nlane fast { }\nlane { }\nlane slow { rate = 2 }",
	NAME ":4: section lane slow is given twice, first in line 1; put all its options into one"},
    {"title twice, in quotes", "lane slow { }\nlane \"slow\" { }",
	":2: section lane slow is given twice, first in line 1"},
    {"title three times", "lane a { }\nlane a { }\nlane a { }",
	":2: section lane a is given twice"},
    {"two titles twice", "lane b { }\nlane a { }\nlane b { }\nlane a { }",
	":3: section lane b is given twice, first in line 1"},
    {"defaults twice", "lane { }\nlane slow { }\nlane { }",
	":3: section lane is given twice, first in line 1"},
    {"no title", "lane Slow { }", NAME ":1: \"Slow\" is no name of a lane: a-z 0-9"},
    {"no title, in quotes", "lane 'so so' { }", ":1: \"so so\" is no name of a lane"},
    {"empty title", "lane \"\" { }", ":1: a lane needs a name"},
    {"title with an escape", "lane \"\\x61\" { }", ":1: section lane: a title may not hold a \\"},
    {"title over two lines", "lane \"a\\\nb\" { }", ":1: section lane: a title may not hold a \\"},
    {"title on the next line", "lane\nslow { }",
	":1: section \"lane\": { is missing; write lane { ... } or lane NAME { ... }"},
    {"defaults, then another", "lane\nredis { }", ":1: section \"lane\": { is missing"},
    {"two titles", "lane slow fast { }", ":1: section \"lane\": { is missing; write"},
    {"brace missing", "lane slow\n rate = 1\n}", ":1: section \"lane\": { is missing"},
    {"with =", "lane slow = { rate = 1 }", ":1: section \"lane\": { is missing"},
    {"defaults with =", "lane = { rate = 1 }", ":1: section \"lane\": { is missing; write lane {"},
    {"title alone", "lane slow", ":1: section \"lane\": { is missing"},
    {"title of an unknown section", "lan slow { }",
	":1: there is no section \"lan\"; did you mean \"lane\"?"},
    {"not closed", "\nlane slow {\n rate = 1\n",
	":2: section lane slow, which begins here, is never closed: } is missing"},
    {"not closed before the next", "lane slow {\n rate = 1\nlane fast {\n}\n",
	":3: section \"lane\" begins inside section lane slow; a } is missing before it (lane slow "
	"begins in line 1)"},
    {"not closed before a plain one", "lane slow {\nredis {\n}\n",
	":2: section \"redis\" begins inside section lane slow"},
    {"another not closed before it", "redis {\nlane slow {\n}\n",
	":2: section \"lane\" begins inside section redis; a } is missing before it (redis begins "
	"in "
	"line 1)"},
};

/* Also: every error leaves libconfuse and us able to read a right text next. */
static void
check_wrong(const struct wrong *table, size_t n)
{
	static const char right[] = "greylist { text = \"right again\" }";

	for (size_t i = 0; i < n; i++) {
		struct err err = {ERR_NONE, ""};
		struct conf *conf = parse(table[i].text, &err);

		if (conf != NULL)
			fail_msg("%s: accepted", table[i].name);
		if (strstr(err.text, table[i].want) == NULL)
			fail_msg(
			    "%s: want \"%s\", got \"%s\"", table[i].name, table[i].want, err.text);
		/* nothing cut off, and no control characters */
		assert_true(strlen(err.text) < ERR_TEXT_BYTES - 1);
		for (const char *p = err.text; *p != '\0'; p++)
			assert_true((unsigned char)*p >= ' ');
		if (getenv("TEST_VERBOSE") != NULL)
			print_message("%s\n", err.text);
		conf = parse_right(right);
		assert_string_equal(value_of(conf, 0, "text"), "\"right again\"");
		conf_free(conf);
	}
}

static void
test_wrong(void **state)
{
	(void)state;
	check_wrong(wrong_values, COUNT(wrong_values));
	check_wrong(wrong_lists, COUNT(wrong_lists));
	check_wrong(wrong_names, COUNT(wrong_names));
	check_wrong(wrong_shapes, COUNT(wrong_shapes));
	check_wrong(wrong_bytes, COUNT(wrong_bytes));
	check_wrong(wrong_titles, COUNT(wrong_titles));
}

/* What is in force in the j-th section lane with a title, and the line in it that says so. */
static void
test_titled(void **state)
{
	static const struct {
		const char *text;
		size_t n, j;
		const char *title, *name, *want;
		unsigned line;
	} table[] = {
	    {"lane slow { rate = 1 }", 1, 0, "slow", "rate", "1", 1},
	    {"lane slow{rate=1}", 1, 0, "slow", "rate", "1", 1},
	    {"lane \"slow\" { rate = 1 }", 1, 0, "slow", "rate", "1", 1},
	    {"lane 'slow'{ rate = 1 }", 1, 0, "slow", "rate", "1", 1},
	    {"lane slow # slow\n{\n rate = 1 }", 1, 0, "slow", "rate", "1", 3},
	    {"lane /* so */ slow /* it\n is */ {\r\n rate = 1 }\r\n", 1, 0, "slow", "rate", "1", 3},
	    {"lane lane { rate = 1 }", 1, 0, "lane", "rate", "1", 1},
	    {"lane redis { rate = 1 }\nredis { }", 1, 0, "redis", "rate", "1", 1},
	    {"lane rate { rate = 1 }", 1, 0, "rate", "rate", "1", 1},
	    {"lane slow { }", 1, 0, "slow", "rate", "10", 0},
	    {"lane slow { }", 1, 0, "slow", "tags", "{ one, two }", 0},
	    /* the defaults, above and below */
	    {"lane { rate = 2 text = x }\nlane slow { rate = 1 }", 1, 0, "slow", "rate", "1", 2},
	    {"lane { rate = 2 text = x }\nlane slow { rate = 1 }", 1, 0, "slow", "text", "x", 0},
	    {"lane slow { rate = 1 }\nlane { rate = 2 text = x }", 1, 0, "slow", "rate", "1", 1},
	    {"lane slow { rate = 1 }\nlane { rate = 2 text = x }", 1, 0, "slow", "text", "x", 0},
	    /* several, the defaults among them */
	    {"lane a { rate = 1 }\nlane b { }\nlane { rate = 9 }\nlane c { rate = 3 }", 3, 0, "a",
		"rate", "1", 1},
	    {"lane a { rate = 1 }\nlane b { }\nlane { rate = 9 }\nlane c { rate = 3 }", 3, 1, "b",
		"rate", "9", 0},
	    {"lane a { rate = 1 }\nlane b { }\nlane { rate = 9 }\nlane c { rate = 3 }", 3, 2, "c",
		"rate", "3", 4},
	    /* lists: instead of the defaults, and besides */
	    {"lane slow { tags = three }", 1, 0, "slow", "tags", "{ three }", 1},
	    {"lane slow { tags = {} }", 1, 0, "slow", "tags", "{}", 1},
	    {"lane slow { tags += three }", 1, 0, "slow", "tags", "{ one, two, three }", 1},
	    {"lane slow { tags += {} }", 1, 0, "slow", "tags", "{ one, two }", 1},
	    {"lane slow { tags += three }\nlane { tags = four }", 1, 0, "slow", "tags",
		"{ four, three }", 1},
	    {"lane slow { tags += three }\nlane { tags += four }", 1, 0, "slow", "tags",
		"{ one, two, four, three }", 1},
	    {"lane slow { tags += three }\nlane { tags = {} }", 1, 0, "slow", "tags", "{ three }",
		1},
	    {"lane slow { tags = three\n tags += four }\nlane { tags += five }", 1, 0, "slow",
		"tags", "{ three, four }", 1},
	    {"lane slow { tags += three tags += four }", 1, 0, "slow", "tags",
		"{ one, two, three, four }", 1},
	    {"lane slow { tags += /lists/words }\nlane { tags = x }", 1, 0, "slow", "tags",
		"{ x, one, \"two words\" }", 1},
	    {"lane slow { tags += y }\nlane { tags = /lists/words }", 1, 0, "slow", "tags",
		"{ one, \"two words\", y }", 1},
	    {"lane slow { nets += 10.0.0.0/8 }", 1, 0, "slow", "nets",
		"{ 10.0.0.0/8, 192.0.2.0/24 }", 1},
	    {"lane slow { froms += a.example }\nlane { froms += c@c.example }", 1, 0, "slow",
		"froms", "{ @a.example, @b.example, c@c.example }", 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct conf *conf = parse_right(table[i].text);
		const struct option *row = option_find(lane_rows, slice_of(table[i].name));
		const struct lane *lane;

		assert_int_equal(conf_titled_count(conf, LANE), table[i].n);
		assert_int_equal(conf_titled_count(conf, 0), 0);
		lane = conf_titled(conf, LANE, table[i].j);
		assert_ptr_equal(
		    lane, (const struct lane *)conf_titled(conf, LANE, 0) + table[i].j);
		assert_string_equal(lane->title, table[i].title);
		assert_string_equal(conf_title(conf, LANE, table[i].j), table[i].title);
		assert_null(((const struct lane *)conf_section(conf, LANE))->title);
		if (strcmp(written(row, lane), table[i].want) != 0)
			fail_msg("%s: %s", table[i].text, written(row, lane));
		if (conf_titled_line(conf, LANE, table[i].j, row) != table[i].line)
			fail_msg("%s: line %u", table[i].text,
			    conf_titled_line(conf, LANE, table[i].j, row));
		conf_free(conf);
	}
}

/* One lane does not change another, nor the defaults, and each knows where it begins. */
static void
test_titled_apart(void **state)
{
	struct conf *conf = parse_right(
	    "lane a {\n nets += 10.0.0.0/8\n}\nlane b {\n nets += ::1 }\n"
	    "lane { nets += ::2 }\ngreylist { zones = z }");
	const struct option *row = option_find(lane_rows, slice_of("nets"));
	struct net_addr address;

	(void)state;
	assert_string_equal(value_of(conf, LANE, "nets"), "{ 192.0.2.0/24, ::2 }");
	assert_string_equal(
	    written(row, conf_titled(conf, LANE, 0)), "{ 10.0.0.0/8, 192.0.2.0/24, ::2 }");
	assert_string_equal(written(row, conf_titled(conf, LANE, 1)), "{ 192.0.2.0/24, ::1, ::2 }");
	assert_int_equal(net_addr_parse(slice_of("10.1.2.3"), &address), 0);
	assert_true(
	    net_set_has(&((const struct lane *)conf_titled(conf, LANE, 0))->nets, &address));
	assert_false(
	    net_set_has(&((const struct lane *)conf_titled(conf, LANE, 1))->nets, &address));
	assert_int_equal(conf_line(conf, LANE, row), 6);
	assert_int_equal(conf_titled_line(conf, LANE, 0, row), 2);
	assert_int_equal(conf_titled_line(conf, LANE, 0, NULL), 1);
	assert_int_equal(conf_titled_line(conf, LANE, 1, NULL), 4);
	assert_string_equal(value_of(conf, 0, "zones"), "{ z }");
	conf_free(conf);
}

static void
check_text(struct slice text, const char *want)
{
	struct err err = {ERR_NONE, ""};
	struct conf *conf = conf_parse(sections, COUNT(sections), text, NAME, &fake_files, &err);

	if (want == NULL) {
		if (conf == NULL)
			fail_msg("%s", err.text);
	} else {
		assert_null(conf);
		if (strstr(err.text, want) == NULL)
			fail_msg("want \"%s\", got \"%s\"", want, err.text);
	}
	conf_free(conf);
}

/* Lines and files of exactly the longest length, and one byte more; NUL bytes. */
static void
test_bounds(void **state)
{
	static const char nul[] = "greylist { }\n\n\0";
	size_t room = CONF_FILE_MAX_BYTES + 1;
	char *text = malloc(room);

	(void)state;
	assert_non_null(text);
	check_text(slice_make(nul, sizeof(nul) - 1), ":3: a NUL byte; is this the right file?");
	check_text(slice_make(NULL, 0), NULL);

	text[0] = '#';
	memset(text + 1, 'x', 4200);
	text[4096] = '\n';
	check_text(slice_make(text, 4097), NULL);
	text[4096] = 'x';
	check_text(slice_make(text, 4096), NULL);
	check_text(slice_make(text, 4097), ":1: the line has more than 4096 bytes");

	for (size_t i = 0; i < room; i++)
		text[i] = i % 64 == 63 ? '\n' : '#';
	check_text(slice_make(text, CONF_FILE_MAX_BYTES), NULL);
	check_text(slice_make(text, room), "1048577 bytes, at most 1048576 are allowed");
	free(text);
}

/* Many entries; libconfuse takes a time that grows with their square. */
#define LARGE_BYTES (64 * 1024)

/* The largest list that one file can hold, and the longest file of one-byte tokens. */
static void
test_large(void **state)
{
	static const char begin[] = "greylist { zones = {\n";
	char *text = malloc(LARGE_BYTES);
	size_t n = 0;

	(void)state;
	assert_non_null(text);
	memcpy(text, begin, sizeof(begin) - 1);
	n = sizeof(begin) - 1;
	for (; n + 4 < LARGE_BYTES; n += 2)
		memcpy(text + n, n % 64 < 2 ? "\n," : "a,", 2);
	check_text(slice_make(text, n), "an entry is missing before the comma");
	n = sizeof(begin) - 1;
	for (; n + 5 < LARGE_BYTES; n += 3)
		memcpy(text + n, n % 64 < 3 ? "a,\n" : "a, ", 3);
	memcpy(text + n, "}}", 2);
	check_text(slice_make(text, n + 2), "entries; at most 1000 are allowed");
	free(text);
}

/* As many lanes as there may be, and one more. */
static void
test_titled_many(void **state)
{
	char *text = malloc(CONF_FILE_MAX_BYTES);
	struct err err = {ERR_NONE, ""};
	struct conf *conf;
	struct buf out;

	(void)state;
	assert_non_null(text);
	buf_init(&out, text, CONF_FILE_MAX_BYTES);
	for (unsigned i = 0; i < CONF_TITLED_MAX; i++)
		buf_add_format(
		    &out, "lane n%u { rate = %u burst = 1000 tags += n%u }\n", i, i % 1000, i);
	conf = conf_parse(sections, COUNT(sections), buf_slice(&out), NAME, NULL, &err);
	if (conf == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(conf_titled_count(conf, LANE), CONF_TITLED_MAX);
	for (unsigned i = 0; i < CONF_TITLED_MAX; i++) {
		const struct lane *lane = conf_titled(conf, LANE, i);

		assert_int_equal(lane->rate, i % 1000);
		assert_int_equal(lane->tags.n, 3);
		assert_string_equal(lane->tags.v[2], lane->title);
		assert_int_equal(conf_titled_line(conf, LANE, i, lane_rows), i + 1);
	}
	conf_free(conf);
	buf_add_text(&out, "lane { }\n");
	check_text(buf_slice(&out), NULL);
	buf_add_text(&out, "lane more { }\n");
	check_text(
	    buf_slice(&out), ":10002: more than 10000 sections lane with a title; that many are");
	free(text);
}

static void
test_no_files(void **state)
{
	static const char text[] = "greylist {\n zones = { a, /lists/words } }";
	struct err err = {ERR_NONE, ""};

	(void)state;
	assert_null(conf_parse(sections, COUNT(sections), slice_of(text), "x.conf", NULL, &err));
	assert_string_equal(
	    err.text, "x.conf:2: greylist.zones: /lists/words: list files cannot be read here");
	assert_null(conf_parse(sections, COUNT(sections), slice_of(text), "x.conf", NULL, NULL));
}

/* The environment has no say, whatever the quotes. */
static void
test_environment(void **state)
{
	struct conf *conf;

	(void)state;
	assert_int_equal(setenv("GP_TEST", "leaked", 1), 0);
	conf = parse_right("greylist { text = '${GP_TEST}' }");
	assert_string_equal(value_of(conf, 0, "text"), "\"\\${GP_TEST}\"");
	conf_free(conf);
	conf = parse_right("greylist { text = \"\\${GP_TEST}\" }");
	assert_string_equal(value_of(conf, 0, "text"), "\"\\${GP_TEST}\"");
	conf_free(conf);
}

/* What option_format() writes is read as the same value. */
static void
test_round_trip(void **state)
{
	static const char *const texts[] = {"plain", "two words", "a;", "#", "//x", "/* */", "'",
	    "\"", "\\", "\\n", "${x}", "$", "{}", "a=b", "a+b", "(*)", "\t", "\xc3\xbc", "a,b"};
	char storage[256];

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct grey grey = {.text = texts[i]};
		struct buf out = BUF_OVER(storage);
		const struct option *row = option_find(grey_rows, slice_of("text"));
		struct conf *conf;

		buf_add_text(&out, "greylist { text = ");
		option_format(row, &grey, &out);
		buf_add_text(&out, " }");
		conf = parse_right(buf_text(&out));
		assert_string_equal(((const struct grey *)conf_section(conf, 0))->text, texts[i]);
		conf_free(conf);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_right),
	    cmocka_unit_test(test_wrong),
	    cmocka_unit_test(test_titled),
	    cmocka_unit_test(test_titled_apart),
	    cmocka_unit_test(test_titled_many),
	    cmocka_unit_test(test_bounds),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_no_files),
	    cmocka_unit_test(test_environment),
	    cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
