/*
 * out_fields.c - see out_headers.h: what the header of a message says to us.
 */
#include "policy/out_headers_parts.h"

const char *const out_names[OUT_NAMES] = {
    [OUT_ACCOUNT] = "X-Gatepost-Account",
    [OUT_TRACK] = "X-Gatepost-Track",
    [OUT_TAG] = "X-Gatepost-Tag",
    [OUT_SENDER] = "Sender",
    [OUT_LIST_UNSUBSCRIBE] = "List-Unsubscribe",
    [OUT_LIST_UNSUBSCRIBE_POST] = "List-Unsubscribe-Post",
    [OUT_FEEDBACK_ID] = "Feedback-ID",
};

const char *
out_name_text(enum out_name name)
{
	return out_names[name];
}

static bool
is_between(char c)
{
	return ascii_is_space(c) || c == ',' || c == ';';
}

/* The next word of a list; false when there is none. */
static bool
word_next(struct slice *rest, struct slice *word_r)
{
	size_t from = 0, n;

	while (from < rest->n && is_between(rest->p[from]))
		from++;
	*rest = slice_from(*rest, from);
	for (n = 0; n < rest->n && !is_between(rest->p[n]); n++)
		continue;
	*word_r = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return n > 0;
}

static bool
is_one_of(struct slice word, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (slice_eq_nocase(word, slice_of(*words)))
			return true;
	}
	return false;
}

static bool
privacy_parse(struct slice word, int *privacy_r)
{
	static const char *const words[] = {"identified", "pseudonymous", "anonymous", "off"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (slice_eq_nocase(word, slice_of(words[i]))) {
			*privacy_r = (int)i;
			return true;
		}
	}
	return false;
}

/* "opens=off", "clicks=off", "privacy=anonymous", "off". It can only take away. */
static void
track_word(struct out_fields *fields, struct slice word)
{
	static const char *const off[] = {"off", "no", "false", NULL};
	struct slice name = slice_head(word, slice_find(word, '='));
	struct slice value = slice_from(word, name.n + 1);
	bool opens = slice_eq_nocase(name, slice_of("opens"));
	bool clicks = slice_eq_nocase(name, slice_of("clicks"));
	bool all = value.n == 0 && is_one_of(name, off);
	int privacy;

	if (all || ((opens || clicks) && is_one_of(value, off))) {
		fields->opens_off |= opens || all;
		fields->clicks_off |= clicks || all;
	} else if (slice_eq_nocase(name, slice_of("privacy")) && privacy_parse(value, &privacy)) {
		fields->privacy = privacy > fields->privacy ? privacy : fields->privacy;
	} else {
		fields->ignored++;
	}
}

/* What may stand in a log, a key and a Feedback-ID. */
static bool
is_tag(struct slice word)
{
	for (size_t i = 0; i < word.n; i++) {
		char c = ascii_lower(word.p[i]);

		if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) && c != '.' && c != '_' &&
		    c != '-')
			return false;
	}
	return word.n <= OUT_TAG_BYTES;
}

static void
tag_word(struct out_fields *fields, struct arena *a, struct slice word)
{
	struct slice kept;

	for (size_t i = 0; i < fields->ntags; i++) {
		if (slice_eq(fields->tags[i], word))
			return;
	}
	if (!is_tag(word) || fields->ntags == OUT_TAGS_MAX) {
		fields->ignored++;
		return;
	}
	kept = arena_copy(a, word);
	if (kept.p != NULL)
		fields->tags[fields->ntags++] = kept;
}

static void
value_read(struct out_fields *fields, struct arena *a, enum out_name name, struct slice value)
{
	struct slice rest = value, word;

	if (name == OUT_ACCOUNT && fields->count[name] == 1)
		fields->account = arena_copy(
		    a, slice_head(slice_trim(value), ACCOUNT_NAME_BYTES + 1));
	while (name == OUT_TRACK && word_next(&rest, &word))
		track_word(fields, word);
	while (name == OUT_TAG && word_next(&rest, &word))
		tag_word(fields, a, word);
}

void
out_fields_note(struct out_fields *fields, struct arena *a, struct slice name, struct slice value)
{
	for (int i = 0; i < OUT_NAMES; i++) {
		if (slice_eq_nocase(name, slice_of(out_names[i]))) {
			fields->count[i]++;
			value_read(fields, a, (enum out_name)i, value);
			return;
		}
	}
}

struct out_track
out_track_of(const struct account *account, const struct out_fields *fields)
{
	int privacy = fields->privacy > account->privacy ? fields->privacy : account->privacy;
	bool on = privacy != PRIVACY_OFF;

	return (struct out_track){on && account->opens && !fields->opens_off,
	    on && account->clicks && !fields->clicks_off, (enum account_privacy)privacy};
}
