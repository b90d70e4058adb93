/*
 * log.h - the log: one line an event, key=value, to syslog or stderr.
 *
 * The only place that writes it, and the one that makes hostile bytes harmless: a value with
 * anything in it but plain printable ASCII is put in quotes, its odd bytes as \xNN.
 */
#ifndef IO_LOG_H
#define IO_LOG_H

#include "base/buf.h"
#include "conf/conf.h"

#include <stdint.h>

/* One line; longer ones are cut and end in " cut=yes". Syslog daemons take 2,048 or more. */
#define LOG_LINE_BYTES 2000

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

enum log_target {
	LOG_TARGET_AUTO, /* stderr when in the foreground, else syslog */
	LOG_TARGET_SYSLOG,
	LOG_TARGET_STDERR,
};

struct log_conf {
	int target; /* enum log_target */
	int level;  /* enum log_level */
	int facility;
};

extern const struct conf_section log_section;

/* Until the first call, warnings and errors go to stderr. From then on a thread writes the lines
 * (log_writer.h), so fork before. Call again after a reload; `foreground` settles what auto means.
 * The program's name must be static. */
void log_configure(const char *program, const struct log_conf *conf, bool foreground);

/* Writes what is waiting; later lines are written at once. */
void log_finish(void);

/* True when lines of that level are written, so that a costly line need not be built. */
bool log_wants(enum log_level level);

struct log_line {
	struct buf text;
	char storage[LOG_LINE_BYTES];
};

void log_begin(struct log_line *line);
void log_add(struct log_line *line, const char *key, struct slice value);
void log_add_text(struct log_line *line, const char *key, const char *value);
void log_add_number(struct log_line *line, const char *key, int64_t value);

void log_write(struct log_line *line, enum log_level level);

/* A line with one event word and a reason: event="why". why may be NULL. */
void log_event(enum log_level level, const char *event, const char *why);

/* The escaped form of value, as log_add() writes it. */
void log_escape(struct buf *out, struct slice value);

#endif
