/*
 * dsn_parts.h - what the files of dsn share; nobody else includes it.
 */
#ifndef POLICY_DSN_PARTS_H
#define POLICY_DSN_PARTS_H

#include "mail/mime.h"
#include "policy/dsn.h"
#include "policy/dsn_forms.h"
#include "policy/dsn_part.h"

/* Parts for people that are read; a notification has one or two. */
#define DSN_TEXTS_MAX 8

/* Addresses that are looked at in texts for people. */
#define DSN_MENTIONS_MAX 5000

/* How sure it is that an address in a text is a recipient that failed. */
enum dsn_shape {
	DSN_SHAPE_WEAK,    /* it stands in the text */
	DSN_SHAPE_PROSE,   /* in a sentence that speaks of delivery */
	DSN_SHAPE_COMMAND, /* in a transcript: perhaps another name of one that leads */
	DSN_SHAPE_LEAD,    /* a line begins with it, or with a label for it */
};

/* An address in the text for people, and what is said there. */
struct dsn_mention {
	struct slice address;
	struct slice text; /* from its line to the next address that failed */
	enum dsn_shape shape;
	size_t order;
};

struct dsn_scan {
	struct arena *arena;
	const struct bounce_table *table;
	const struct message *message;
	enum dsn_path path;
	struct mime mime;
	struct dsn *dsn;
	size_t room;           /* of dsn->v */
	size_t work;           /* spent on judging, as bounce_verdict has it */
	struct slice report;   /* text for people */
	struct slice statuses; /* all RFC 3464 parts, an empty line between them */
	struct dsn_copy copy;  /* header of what was returned */
	bool is_report;        /* multipart/report, for delivery statuses */
	bool has_complaint, has_receipt;
	struct slice sender, recipient; /* of the notification: From and To, the first address */
	struct slice sender_name;       /* From as a whole */
	struct slice hint;              /* "To:" in the text for people */
	struct slice subject;           /* decoded */
	struct dsn_mention *mention;    /* sorted by address, then order */
	size_t nmentions;
};

/* Codes in a text. */
struct dsn_codes {
	struct slice status; /* the first that says something, else "5.0.0", else empty */
	unsigned reply;
};
/* class: '4' or '5': others do not count; '\0': all do. */
struct dsn_codes dsn_codes_find(struct slice text, char class);

/* Does it quote a reply of SMTP, "550 5.1.1 …", "said: 550 …", so that it is no other number? */
bool dsn_codes_quoted(struct slice text);

/* "4.x.x" or the reply 4xx: it is temporary. */
bool dsn_codes_permanent(const struct dsn_recipient *r);

/* The next address in *rest ("local@domain", without brackets and quotes); *before_r: what is in
 * front of it. False: there is none, and *rest is at its end. */
bool dsn_address_next(struct slice *rest, struct slice *address_r, struct slice *before_r);

/* Less than, equal to or greater than 0; the case of letters does not count. */
int dsn_address_compare(struct slice a, struct slice b);

/* Fills the texts of the scan. 0, or -1 when the arena is full. */
int dsn_collect(struct dsn_scan *s);

/* Appends what a person sees of HTML, roughly. */
void dsn_html_text(struct buf *out, struct slice html);

/* Adds a recipient; NULL: a bound was reached (dsn->over), or no memory (the arena says so). */
struct dsn_recipient *dsn_recipient_add(struct dsn_scan *s);

/* Leaves out recipients of whom the same was said before. */
void dsn_recipients_unique(struct dsn_scan *s);

/* Reads the RFC 3464 parts. */
void dsn_status_read(struct dsn_scan *s);

/* The notifications of a sending service in JSON (Amazon SES by way of SNS). True: it was one. */
bool dsn_json_read(struct dsn_scan *s);

/* Cuts the text for people where the copy begins, which goes to s->copy if there is no other. */
void dsn_copy_split(struct dsn_scan *s);

/* Takes the text for people apart, without the copy: its addresses become mentions. */
void dsn_text_read(struct dsn_scan *s);

/* The recipients that the text for people names, as there is no RFC 3464 part. */
void dsn_text_recipients(struct dsn_scan *s);

/* The text that the mentions of the address have; the n-th one. Empty: there is none. */
struct slice dsn_mention_text(const struct dsn_scan *s, struct slice address, size_t n);

/* What the returned header says. */
void dsn_returned_read(struct dsn_scan *s);

/* Sets codes and verdict of all recipients. */
void dsn_judge(struct dsn_scan *s);

/* What kind of message it is, before its recipients are known. */
struct dsn_signs {
	bool daemon;    /* sent by somebody who sends notifications */
	bool mailer;    /* MAILER-DAEMON, who sends nothing else */
	bool machine;   /* its sender is no person, by his name */
	bool person;    /* it has a return path, and a person may have this name and subject */
	bool null;      /* the return path is empty */
	bool subject;   /* its subject is that of a notification */
	bool failed;    /* its text says that something could not be delivered */
	bool coded;     /* its text has a number that may be a code of SMTP */
	bool quoted;    /* its text has a reply of SMTP */
	bool delayed;   /* its text or subject says that it will be tried again */
	bool delivered; /* its text says that it was delivered */
	bool named;     /* it has X-Failed-Recipients */
	bool automatic; /* it says that it is an automatic reply */
	bool away;      /* its subject does: only people's programs write that */
	bool challenge; /* it wants something to be proved */
};
struct dsn_signs dsn_signs_read(const struct dsn_scan *s);

#endif
