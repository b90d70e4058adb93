/*
 * log.c - see log.h.
 */
#include "io/log.h"

#include "io/log_writer.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

static const char *const target_words[] = {"auto", "syslog", "stderr", NULL};
static const char *const level_words[] = {"error", "warning", "info", "debug", NULL};
static const char *const facility_words[] = {"mail", "daemon", "local0", "local1", "local2",
    "local3", "local4", "local5", "local6", "local7", NULL};
static const int facilities[] = {LOG_MAIL, LOG_DAEMON, LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2,
    LOG_LOCAL3, LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7};
static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};

static const struct option options[] = {
    OPTION_ENUM(struct log_conf, target, "target", "auto", target_words,
	"Where the log goes; auto: stderr with -f, else syslog."),
    OPTION_ENUM(struct log_conf, level, "level", "info", level_words,
	"What is logged: info has one line for each message."),
    OPTION_ENUM(
	struct log_conf, facility, "facility", "mail", facility_words, "The syslog facility."),
    OPTION_END,
};

const struct conf_section log_section = {
    .name = "log",
    .help = "What is logged, and where to.",
    .options = options,
    .size = sizeof(struct log_conf),
};

/* Set before threads start and on reload; a thread may see one before the other. */
static atomic_int current_level = LOG_LEVEL_WARNING;
static atomic_bool to_stderr = true;
static atomic_bool under_journal;

void
log_configure(const char *program, const struct log_conf *conf, bool foreground)
{
	to_stderr = conf->target == LOG_TARGET_STDERR ||
		    (conf->target == LOG_TARGET_AUTO && foreground);
	under_journal = getenv("JOURNAL_STREAM") != NULL;
	current_level = conf->level;
	if (!to_stderr)
		openlog(program, LOG_PID | LOG_NDELAY, facilities[conf->facility]);
	(void)log_writer_start();
}

void
log_finish(void)
{
	log_writer_stop();
}

bool
log_wants(enum log_level level)
{
	return (int)level <= current_level;
}

static bool
is_plain(struct slice value)
{
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c <= ' ' || c > '~' || c == '"' || c == '\\')
			return false;
	}
	return value.n > 0;
}

void
log_escape(struct buf *out, struct slice value)
{
	if (is_plain(value)) {
		buf_add(out, value);
		return;
	}
	buf_add_char(out, '"');
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		if (c < ' ' || c > '~')
			buf_add_format(out, "\\x%02x", c);
		else if (c == '"' || c == '\\')
			buf_add_format(out, "\\%c", c);
		else
			buf_add_char(out, (char)c);
	}
	buf_add_char(out, '"');
}

void
log_begin(struct log_line *line)
{
	buf_init(&line->text, line->storage, sizeof(line->storage));
}

void
log_add(struct log_line *line, const char *key, struct slice value)
{
	if (line->text.n > 0)
		buf_add_char(&line->text, ' ');
	buf_add_text(&line->text, key);
	buf_add_char(&line->text, '=');
	log_escape(&line->text, value);
}

void
log_add_text(struct log_line *line, const char *key, const char *value)
{
	log_add(line, key, slice_of(value));
}

void
log_add_number(struct log_line *line, const char *key, int64_t value)
{
	char digits[24];
	struct buf out = BUF_OVER(digits);

	buf_add_i64(&out, value);
	log_add(line, key, buf_slice(&out));
}

/* What stderr gets before the line: journald takes the level from "<6>"; a person wants to know
 * when. */
static void
prefix_add(struct buf *out, enum log_level level)
{
	time_t now;
	struct tm tm;

	if (under_journal) {
		buf_add_format(out, "<%d>", priorities[level]);
		return;
	}
	now = time(NULL);
	(void)gmtime_r(&now, &tm);
	buf_add_format(out, "%04d-%02d-%02dT%02d:%02d:%02dZ %s ", tm.tm_year + 1900, tm.tm_mon + 1,
	    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, level_words[level]);
}

static void
stderr_sink(int priority, struct slice text)
{
	(void)priority;
	while (text.n > 0) {
		ssize_t n = write(STDERR_FILENO, text.p, text.n);

		if (n <= 0)
			return; /* nowhere to report it */
		text = slice_from(text, (size_t)n);
	}
}

static void
syslog_sink(int priority, struct slice text)
{
	while (text.n > 0) {
		size_t end = slice_find(text, '\n');

		syslog(priority, "%.*s", SLICE_ARG(slice_head(text, end)));
		text = slice_from(text, end + 1);
	}
}

void
log_write(struct log_line *line, enum log_level level)
{
	char storage[LOG_LINE_BYTES + 64];
	struct buf out = BUF_OVER(storage);

	if (!log_wants(level))
		return;
	if (to_stderr)
		prefix_add(&out, level);
	buf_add(&out, buf_slice(&line->text));
	if (line->text.over)
		buf_add_text(&out, " cut=yes");
	buf_add_char(&out, '\n');
	log_writer_put(to_stderr ? stderr_sink : syslog_sink, priorities[level], buf_slice(&out));
}

void
log_event(enum log_level level, const char *event, const char *why)
{
	struct log_line line;

	if (!log_wants(level))
		return;
	log_begin(&line);
	log_add_text(&line, "event", event);
	if (why != NULL)
		log_add_text(&line, "reason", why);
	log_write(&line, level);
}
