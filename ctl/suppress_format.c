/*
 * suppress_format.c - see suppress_format.h.
 */
#include "suppress_format.h"

#define COUNT_MAX INT64_C(1000000000000)
#define MUST_MAX  5

/* A name of a column is compared without case, and without what is between its words. */
struct suppress_format {
	const char *name;
	const char *must[MUST_MAX];            /* the columns by which it is known */
	const char *columns[SUPPRESS_COLUMNS]; /* several names with '|' */
	enum suppression_reason implied;       /* where there is no COLUMN_WHY */
};

#define ANY_ADDRESS "address|email|emailaddress|recipient"
#define ANY_WHY     "why|type|suppressionreason|reason"
#define ANY_TEXT    "evidence|note|notes|detail|description|error"
#define ANY_TIME    "createdat|created|date|timestamp|time|lastupdatetime|updatedat"

/* The first whose columns are all there. Where it is read from: our export; the CSV that SendGrid's
 * suppression pages export; what Mailgun's import wants; Postmark's suppression dump; Amazon SES's
 * list-suppressed-destinations; Mandrill's and SparkPost's exports. */
static const struct suppress_format formats[] = {
    {"gatepost", {"address", "reason", "count", "until", "evidence"},
	{[COLUMN_ADDRESS] = "address",
	    [COLUMN_ACCOUNT] = "account",
	    [COLUMN_WHY] = "reason",
	    [COLUMN_TEXT] = "evidence",
	    [COLUMN_COUNT] = "count",
	    [COLUMN_FIRST] = "first",
	    [COLUMN_LAST] = "last",
	    [COLUMN_UNTIL] = "until"},
	SUPPRESSED_NOT},
    {"sendgrid", {"email", "created", "reason", "status"},
	{[COLUMN_ADDRESS] = "email",
	    [COLUMN_TEXT] = "reason",
	    [COLUMN_CODE] = "status",
	    [COLUMN_LAST] = "created"},
	SUPPRESSED_BOUNCED},
    {"mailgun", {"address", "code", "error"},
	{[COLUMN_ADDRESS] = "address",
	    [COLUMN_TEXT] = "error",
	    [COLUMN_CODE] = "code",
	    [COLUMN_LAST] = "createdat"},
	SUPPRESSED_BOUNCED},
    {"mailgun", {"address", "tags"}, {[COLUMN_ADDRESS] = "address", [COLUMN_LAST] = "createdat"},
	SUPPRESSED_UNSUBSCRIBED},
    {"postmark", {"emailaddress", "suppressionreason"},
	{[COLUMN_ADDRESS] = "emailaddress",
	    [COLUMN_WHY] = "suppressionreason",
	    [COLUMN_TEXT] = "origin",
	    [COLUMN_LAST] = "createdat"},
	SUPPRESSED_NOT},
    {"ses", {"emailaddress", "reason", "lastupdatetime"},
	{[COLUMN_ADDRESS] = "emailaddress",
	    [COLUMN_WHY] = "reason",
	    [COLUMN_LAST] = "lastupdatetime"},
	SUPPRESSED_NOT},
    {"mandrill", {"email", "reason", "detail"},
	{[COLUMN_ADDRESS] = "email",
	    [COLUMN_WHY] = "reason",
	    [COLUMN_TEXT] = "detail",
	    [COLUMN_LAST] = "lasteventat|createdat",
	    [COLUMN_FIRST] = "createdat",
	    [COLUMN_UNTIL] = "expiresat"},
	SUPPRESSED_NOT},
    {"sparkpost", {"recipient", "description"},
	{[COLUMN_ADDRESS] = "recipient",
	    [COLUMN_WHY] = "source",
	    [COLUMN_TEXT] = "description",
	    [COLUMN_LAST] = "updated|created"},
	SUPPRESSED_NOT},
    {"addresses", {NULL},
	{[COLUMN_ADDRESS] = ANY_ADDRESS,
	    [COLUMN_WHY] = ANY_WHY,
	    [COLUMN_TEXT] = ANY_TEXT,
	    [COLUMN_LAST] = ANY_TIME},
	SUPPRESSED_NOT},
};

#define FORMATS (sizeof(formats) / sizeof(*formats))

/* Without a header line: Amazon SES's bulk files, "ADDRESS,BOUNCE". */
static const struct suppress_format ses_bulk = {"ses", {NULL}, {NULL}, SUPPRESSED_NOT};
static const struct suppress_format bare = {"addresses", {NULL}, {NULL}, SUPPRESSED_NOT};

/* The words for reasons. */
static const struct {
	const char *words; /* with '|' */
	enum suppression_reason reason;
} whys[] = {
    {"bounced|bounce|hardbounce|hardbounced|permanent|invalid|invalidemail|bouncerule",
	SUPPRESSED_BOUNCED},
    {"complained|complaint|spam|spamcomplaint|spamreport|spamnotification|abuse",
	SUPPRESSED_COMPLAINED},
    {"unsubscribed|unsubscribe|unsub|optout|listunsubscribe|unsubscribelink",
	SUPPRESSED_UNSUBSCRIBED},
    {"manual|manualsuppression|manuallyadded|custom|rule|compliance", SUPPRESSED_MANUAL},
};

static const char soft_words[] = "softbounce|softbounced|soft|transient";

/* --- words --- */

/* Both the same, but for case, blanks, '_' and '-' in the first. */
static bool
word_is(struct slice text, struct slice word)
{
	size_t at = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (strchr(" _-", text.p[i]) != NULL && text.p[i] != '\0')
			continue;
		if (at == word.n || ascii_lower(text.p[i]) != word.p[at++])
			return false;
	}
	return at == word.n && word.n > 0;
}

/* Which of the words, with '|' between them: its place from 0, or -1. */
static int
word_find(struct slice text, const char *words)
{
	struct slice rest = slice_of(words);

	for (int i = 0; rest.n > 0; i++) {
		struct slice word = slice_head(rest, slice_find(rest, '|'));

		if (word_is(text, word))
			return i;
		rest = slice_from(rest, word.n + 1);
	}
	return -1;
}

/* The cell of the header by the first of these names that there is, or -1. */
static int
column_find(const struct csv *header, const char *names)
{
	int found = -1, best = -1;

	for (size_t i = 0; i < header->n; i++) {
		int place = word_find(slice_trim(header->cell[i]), names);

		if (place >= 0 && (found < 0 || place < best)) {
			found = (int)i;
			best = place;
		}
	}
	return found;
}

/* --- the header --- */

static bool
format_fits(const struct suppress_format *format, const struct csv *header)
{
	for (size_t i = 0; i < MUST_MAX && format->must[i] != NULL; i++) {
		if (column_find(header, format->must[i]) < 0)
			return false;
	}
	return column_find(header, format->columns[COLUMN_ADDRESS]) >= 0;
}

static enum suppression_reason
why_of(struct slice text)
{
	for (size_t i = 0; i < sizeof(whys) / sizeof(*whys); i++) {
		if (word_find(text, whys[i].words) >= 0)
			return whys[i].reason;
	}
	return SUPPRESSED_NOT;
}

/* The first row is one already: an address in front, and a reason or nothing behind it. */
static bool
headless_init(struct suppress_file *file, const struct csv *first)
{
	struct slice address = first->n > 0 ? first->cell[0] : slice_make(NULL, 0);

	if (first->n > 2 || slice_find(address, '@') == address.n)
		return false;
	file->headless = true;
	file->format = first->n == 2 ? &ses_bulk : &bare;
	file->at[COLUMN_ADDRESS] = 0;
	file->at[COLUMN_WHY] = first->n == 2 ? 1 : -1;
	return true;
}

int
suppress_file_init(struct suppress_file *file, const struct csv *header,
    enum suppression_reason given, struct err *err)
{
	*file = (struct suppress_file){.given = given};
	for (size_t i = 0; i < SUPPRESS_COLUMNS; i++)
		file->at[i] = -1;
	for (size_t i = 0; file->format == NULL && i < FORMATS; i++)
		file->format = format_fits(&formats[i], header) ? &formats[i] : NULL;
	for (size_t i = 0; file->format != NULL && i < SUPPRESS_COLUMNS; i++) {
		const char *names = file->format->columns[i];

		file->at[i] = names == NULL ? -1 : column_find(header, names);
	}
	if (file->format == NULL && !headless_init(file, header))
		return err_set(err, ERR_INVALID,
		    "the first line must name the columns, one of them address, email, "
		    "emailaddress or recipient");
	file->name = file->format->name;
	if (file->given == SUPPRESSED_NOT)
		file->given = file->format->implied;
	if (file->at[COLUMN_WHY] < 0 && file->given == SUPPRESSED_NOT)
		return err_set(err, ERR_INVALID,
		    "the file does not say why: add --reason bounced, complained, unsubscribed or "
		    "manual");
	return 0;
}

/* --- a row --- */

static struct slice
cell_of(const struct suppress_file *file, const struct csv *row, enum suppress_column column)
{
	int at = file->at[column];

	return at >= 0 && (size_t)at < row->n ? csv_plain(slice_trim(row->cell[at]))
					      : slice_make(NULL, 0);
}

static int
address_read(struct slice text, bool local_too, struct suppress_record *record, struct err *err)
{
	struct address address = address_parse(text);
	struct buf rcpt = BUF_OVER(record->rcpt);

	if (text.n == 0)
		return err_set(err, ERR_INVALID, "there is no address");
	if (address.null || address.malformed || address.text.n == 0 ||
	    (address.domain.n == 0 && !local_too))
		return err_set(
		    err, ERR_INVALID, "\"%.*s\" is no address", SLICE_ARG(slice_head(text, 100)));
	suppression_key(&address, &rcpt);
	record->rcpt_n = rcpt.n;
	return 0;
}

static int
account_read(struct slice text, struct suppress_record *record, struct err *err)
{
	record->account[0] = '\0';
	if (text.n == 0)
		return 0;
	if (!slice_eq(text, slice_of("*")) && account_name_check(text, err) != 0)
		return -1;
	memcpy(record->account, text.p, text.n);
	record->account[text.n] = '\0';
	return 0;
}

static int
times_read(const struct suppress_file *file, const struct csv *row, struct suppression *entry,
    struct err *err)
{
	static const enum suppress_column columns[] = {COLUMN_FIRST, COLUMN_LAST, COLUMN_UNTIL};
	int64_t *const times[] = {&entry->first_s, &entry->last_s, &entry->until_s};

	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		struct slice text = cell_of(file, row, columns[i]);

		if (suppress_time_parse(text, times[i]) != 0)
			return err_set(err, ERR_INVALID, "\"%.*s\" is no time",
			    SLICE_ARG(slice_head(text, 60)));
	}
	if (file->at[COLUMN_FIRST] < 0)
		entry->first_s = entry->last_s;
	return 0;
}

static int
why_read(const struct suppress_file *file, const struct csv *row, struct suppression *entry,
    struct err *err)
{
	struct slice text = cell_of(file, row, COLUMN_WHY);

	entry->reason = why_of(text);
	if (entry->reason == SUPPRESSED_NOT && word_find(text, soft_words) >= 0) {
		if (entry->until_s == 0)
			return err_set(err, ERR_INVALID,
			    "a soft bounce without an end is no reason to send no more");
		entry->reason = SUPPRESSED_BOUNCED;
	}
	if (entry->reason == SUPPRESSED_NOT)
		entry->reason = file->given;
	if (entry->reason != SUPPRESSED_NOT)
		return 0;
	return err_set(err, ERR_INVALID, "\"%.*s\" is no reason that is known; --reason says one",
	    SLICE_ARG(slice_head(text, 60)));
}

static int
count_read(struct slice text, struct suppression *entry, struct err *err)
{
	int64_t count = text.n == 0 ? 1 : 0;

	for (size_t i = 0; i < text.n && count >= 0; i++) {
		count = ascii_is_digit(text.p[i]) ? count * 10 + (text.p[i] - '0') : -1;
		count = count > COUNT_MAX ? -1 : count;
	}
	entry->count = count;
	if (count >= 0)
		return 0;
	return err_set(err, ERR_INVALID, "\"%.*s\" is no count", SLICE_ARG(slice_head(text, 40)));
}

/* Ours as it is; of others "NAME: CODE TEXT". What is not printable ASCII becomes '?', what is too
 * long is cut. */
static void
evidence_read(const struct suppress_file *file, const struct csv *row, struct suppression *entry)
{
	struct slice code = cell_of(file, row, COLUMN_CODE);
	struct slice text = cell_of(file, row, COLUMN_TEXT);
	struct buf out = BUF_OVER(entry->evidence);

	if (file->at[COLUMN_TEXT] >= 0 && file->format == &formats[0]) {
		text = (size_t)file->at[COLUMN_TEXT] < row->n
			   ? csv_plain(row->cell[file->at[COLUMN_TEXT]])
			   : text;
	} else {
		buf_add_text(&out, file->name);
		buf_add_text(&out, ":");
	}
	if (code.n > 0 && !slice_starts(text, code)) {
		buf_add_char(&out, ' ');
		buf_add(&out, code);
	}
	if (text.n > 0 && out.n > 0)
		buf_add_char(&out, ' ');
	buf_add(&out, text);
	entry->evidence_n = out.n;
	for (size_t i = 0; i < out.n; i++) {
		if (out.p[i] < ' ' || out.p[i] > '~')
			out.p[i] = '?';
	}
}

int
suppress_file_read(const struct suppress_file *file, const struct csv *row,
    struct suppress_record *record_r, struct err *err)
{
	bool ours = file->format == &formats[0];

	if (row->wrong != NULL)
		return err_set(err, ERR_INVALID, "%s", row->wrong);
	record_r->entry = (struct suppression){.reason = SUPPRESSED_NOT};
	if (address_read(cell_of(file, row, COLUMN_ADDRESS), ours, record_r, err) != 0 ||
	    account_read(cell_of(file, row, COLUMN_ACCOUNT), record_r, err) != 0 ||
	    times_read(file, row, &record_r->entry, err) != 0 ||
	    why_read(file, row, &record_r->entry, err) != 0 ||
	    count_read(cell_of(file, row, COLUMN_COUNT), &record_r->entry, err) != 0)
		return -1;
	evidence_read(file, row, &record_r->entry);
	return 0;
}
