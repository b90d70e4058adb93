/*
 * setup.h - `gatepostctl setup`: what the MTA must be told, for the configuration in force.
 *
 * What is printed are commands for a shell, and comments: it may be pasted as it is. What the MTA has
 * already stands in a comment.
 */
#ifndef CTL_SETUP_H
#define CTL_SETUP_H

#include "ctl.h"
#include "postfix_view.h"
#include "senders.h"

/* Where a setting belongs. */
enum setup_where {
	SETUP_CONF,    /* milter.conf: for a person */
	SETUP_MAIN,    /* main.cf: postconf -e 'NAME = VALUE' */
	SETUP_SERVICE, /* master.cf: postconf -Me 'NAME = VALUE' */
	SETUP_OPTION,  /* master.cf: postconf -Pe 'NAME = VALUE' */
	SETUP_FILE,    /* NAME is a path, VALUE the lines */
	SETUP_MC,      /* sendmail.mc: VALUE is a line */
	SETUP_DNS,     /* NAME is of a record, VALUE its type and data */
	SETUP_OWN,     /* gatepostctl NAME VALUE */
};

enum setup_state {
	SETUP_UNKNOWN, /* there is nothing to compare with */
	SETUP_DONE,    /* it is so already */
	SETUP_MISSING,
	SETUP_OTHER, /* it has another value */
};

struct setup_item {
	enum setup_where where;
	const char *name;
	const char *value;
	const char *why; /* NULL: nothing to say */
	enum setup_state state;
	struct slice now; /* the other value */
};

struct setup {
	struct ctl *ctl;
	const struct conf *conf;
	const struct postfix_view *view; /* NULL: no Postfix here */
	bool only_diff;                  /* what is so already is left out */
	bool shell;                      /* comments begin with '#', else with "dnl" */
	size_t printed;                  /* items */
	size_t missing;                  /* … that the MTA does not have */
	struct senders senders;
	bool has_senders;   /* there was no error in reading them */
	struct arena arena; /* of texts */
};

/* The name of the mail exchanger in what is printed when nobody says it. */
#define SETUP_HOST_UNKNOWN "mx.example.org"

/* Returns CTL_OK, or an exit code after a complaint. */
int setup_begin(struct setup *s, struct ctl *ctl);

/* Gives back what it holds; the exit code. */
int setup_end(struct setup *s);

/* Does gatepostd read what comes to return paths? */
bool setup_reads_returns(const struct conf *conf);

/* A line of comment, wrapped; an empty one is an empty line. Not in JSON. */
void setup_comment(struct setup *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A heading. */
void setup_part(struct setup *s, const char *title);

void setup_item(struct setup *s, const struct setup_item *item);

/* "postconf ", "postconf -c 'DIR' ": the program as it is called for this Postfix. */
void setup_program(struct setup *s, const char *name);

/* What both commands say of the accounts that could not be read. */
void setup_senders_open(struct setup *s);

/* Are all accounts known? What no account seems to need is not said otherwise. */
bool setup_knows_all(const struct setup *s);

/* senders_domains() of the accounts that could be read. */
const struct sender_domain *setup_domains(struct setup *s, size_t *n_r);

/* "shop, news, 3 more": the accounts for which is() holds; their number. */
size_t setup_names(
    const struct setup *s, bool (*is)(const struct account *account), struct buf *out);

/* The parts of `setup postfix`. */
void setup_postfix_attach(struct setup *s);
void setup_postfix_verp(struct setup *s);
void setup_postfix_lanes(struct setup *s);
void setup_postfix_bounces(struct setup *s);
void setup_dns(struct setup *s, const char *host);

/* Both commands: that no check judges mail to the bounce domains. Not needed where gatepostd reads
 * it: what it claims is not judged. */
void setup_optouts(struct setup *s, const struct sender_domain *domains, size_t n);

/* Seconds that the MTA must wait for an answer of ours, at least. */
int64_t setup_command_timeout(const struct conf *conf);

#endif
