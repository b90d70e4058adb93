/*
 * dsn_signs.c - what kind of message it is, from all but its recipients: who sent it, what its
 * subject is, what its text says. One sign alone proves nothing; dsn.c weighs them.
 */
#include "policy/dsn_parts.h"

#define SUBJECT_MAX_BYTES 1000

/* As much of a text as says what it is about. */
#define OPENING_MAX_BYTES 6000

/* "Re: ", "Fwd: ": somebody else's words. */
static bool
is_forwarded(struct slice words)
{
	static const char *const prefixes[] = {"re ", "fw ", "fwd ", "aw ", "wg ", "sv ", "vs ",
	    "rv ", "tr ", "antw ", "enc ", "forwarded "};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (slice_starts(words, slice_of(prefixes[i])))
			return true;
	return false;
}

static void
subject_read(const struct dsn_scan *s, struct dsn_signs *signs)
{
	char words_bytes[SUBJECT_MAX_BYTES];
	struct buf words = BUF_OVER(words_bytes);

	bounce_words(&words, s->subject);
	signs->away = dsn_form_in(DSN_FORM_AUTO, buf_slice(&words));
	signs->automatic = signs->away;
	if (is_forwarded(buf_slice(&words)))
		return;
	signs->subject = dsn_form_in(DSN_FORM_SUBJECT, buf_slice(&words));
	signs->delayed = bounce_phrase_in(buf_slice(&words), slice_of("delayed")) ||
			 bounce_phrase_in(buf_slice(&words), slice_of("notification delay"));
	signs->delivered = dsn_form_in(DSN_FORM_DELIVERED, buf_slice(&words));
	if (signs->subject && !signs->delayed)
		signs->delayed = bounce_phrase_in(buf_slice(&words), slice_of("warning"));
}

static void
sender_read(const struct dsn_scan *s, struct dsn_signs *signs)
{
	char storage[SUBJECT_MAX_BYTES];
	struct buf words = BUF_OVER(storage);
	struct slice name = slice_head(s->sender_name, SUBJECT_MAX_BYTES / 2);
	struct slice local = slice_head(s->sender, slice_find(s->sender, '@'));

	bounce_words(&words, slice_head(name, slice_find(name, '<')));
	buf_add_char(&words, ' ');
	bounce_words(&words, local);
	signs->daemon = dsn_form_in(DSN_FORM_DAEMON, slice_trim(buf_slice(&words)));
	signs->machine = dsn_form_in(DSN_FORM_MACHINE, slice_trim(buf_slice(&words)));
	signs->mailer = bounce_phrase_in(slice_trim(buf_slice(&words)), slice_of("mailer daemon"));
	/* "bounces@", but no "Ann Bounce" */
	signs->daemon = signs->daemon || slice_starts_nocase(local, slice_of("bounce"));
	signs->null = s->path == DSN_PATH_NULL ||
		      (s->path == DSN_PATH_UNKNOWN && slice_eq(s->sender_name, slice_of("<>")));
	/* "MAILER-DAEMON <>", and one without an address */
	if (s->sender.n == 0 && name.n > 0) {
		buf_reset(&words);
		bounce_words(&words, name);
		signs->daemon = signs->daemon || dsn_form_in(DSN_FORM_DAEMON, buf_slice(&words));
	}
}

enum dsn_path
dsn_path_noted(const struct message *message)
{
	struct slice path = dsn_field(message, "Return-Path");
	struct slice local = slice_head(path, slice_find(path, '@'));
	char storage[SUBJECT_MAX_BYTES];
	struct buf words = BUF_OVER(storage);

	if (path.p == NULL)
		return DSN_PATH_UNKNOWN;
	if (path.n == 0 || slice_starts(path, slice_of("<>")))
		return DSN_PATH_NULL;
	/* what some MTAs write for "<>" */
	bounce_words(&words, slice_head(local, SUBJECT_MAX_BYTES / 2));
	return bounce_phrase_in(buf_slice(&words), slice_of("mailer daemon")) ? DSN_PATH_NULL
									      : DSN_PATH_NAMED;
}

/* RFC 3834 section 5, and what there was before it. */
static bool
is_automatic(const struct message *message)
{
	static const char *const names[] = {"X-Autoreply", "X-Autorespond", "X-Autoresponder",
	    "X-Auto-Reply", "X-Vacation", "X-Auto-Response", "Auto-Reply", "X-AutoReply-From"};
	struct slice precedence = dsn_field(message, "Precedence");
	struct slice submitted = dsn_field(message, "Auto-Submitted");

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (dsn_field(message, names[i]).p != NULL)
			return true;
	return slice_starts_nocase(precedence, slice_of("auto")) ||
	       slice_starts_nocase(submitted, slice_of("auto-replied")) ||
	       slice_starts_nocase(submitted, slice_of("auto-generated"));
}

/* The postmaster writes letters too, and so does somebody whose mailbox is called bounce. */
static void
person_doubt(const struct dsn_scan *s, struct dsn_signs *signs)
{
	signs->person = s->path == DSN_PATH_NAMED && !signs->mailer && !s->is_report;
	if (signs->person && !signs->subject)
		signs->daemon = false;
}

struct dsn_signs
dsn_signs_read(const struct dsn_scan *s)
{
	struct dsn_signs signs = {.daemon = false};
	char storage[OPENING_MAX_BYTES];
	struct buf words = BUF_OVER(storage);
	struct dsn_codes codes = dsn_codes_find(s->report, '\0');

	signs.quoted = dsn_codes_quoted(s->report);
	signs.coded = codes.reply > 0 || codes.status.n > 0;
	subject_read(s, &signs);
	sender_read(s, &signs);
	person_doubt(s, &signs);
	signs.automatic = signs.automatic || is_automatic(s->message);
	signs.named = dsn_field(s->message, "X-Failed-Recipients").n > 0;
	bounce_words(&words, slice_head(s->report, OPENING_MAX_BYTES));
	signs.failed = dsn_form_in(DSN_FORM_FAILED, buf_slice(&words));
	signs.delayed = signs.delayed || dsn_form_in(DSN_FORM_DELAYED, buf_slice(&words));
	signs.delivered = signs.delivered || dsn_form_in(DSN_FORM_DELIVERED, buf_slice(&words));
	signs.challenge = dsn_form_in(DSN_FORM_CHALLENGE, buf_slice(&words));
	buf_reset(&words);
	bounce_words(&words, slice_head(s->statuses, OPENING_MAX_BYTES));
	signs.challenge = signs.challenge || dsn_form_in(DSN_FORM_CHALLENGE, buf_slice(&words));
	return signs;
}
