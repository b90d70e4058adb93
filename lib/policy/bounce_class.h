/*
 * bounce_class.h - why a mail was not delivered, from what the other side said: a class, a finer
 * category, and whether the recipient is to be given up.
 *
 * The rules are text (bounce_patterns.txt, and what an operator adds), one a line, and the first
 * that fits decides. What a rule may ask for is a phrase, a code, or both: so a phrase that stands
 * above the rule for a code outranks a code that misleads ("550 5.1.1 blocked by …"), and a vague
 * phrase that stands below does not. Codes are those of RFC 3463, RFC 5248 and RFC 5321.
 *
 *	CLASS STRENGTH CATEGORY WHEN PHRASE
 *
 *	recipient    hard  userunknown  *            user unknown
 *	mailbox-full soft  mailboxfull  *            mailbox * full
 *	recipient    soft  filtered     data         user unknown
 *	recipient    hard  userunknown  5.1.1,5.1.*  -
 *
 * STRENGTH   hard: such a recipient will never have mail; it counts for the class recipient only
 * WHEN       "*": always; else one of these, with commas: an enhanced code, whose last two numbers
 *            may be "*"; a reply code (550); "data": said when the message had been sent
 * PHRASE     to the end of the line; "-": none, whatever is said; "*": none, but something is said, in
 *            words. Else words without punctuation, in lower case and without accents, since texts
 *            are compared so: see bounce_words(). "~" at the end of a word: any ending; " * " between
 *            words: up to BOUNCE_GAP_BYTES of anything
 *
 * "#" begins a comment at the beginning of a line.
 */
#ifndef POLICY_BOUNCE_CLASS_H
#define POLICY_BOUNCE_CLASS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* Rules of all files together, and one line of them. */
#define BOUNCE_RULES_MAX      10000
#define BOUNCE_RULE_MAX_BYTES 400

/* What a rule may consist of. */
#define BOUNCE_PIECES_MAX 4
#define BOUNCE_WHENS_MAX  8
#define BOUNCE_GAP_BYTES  80

/* What is read of one text: replies are short, and what is behind that is a copy of something. */
#define BOUNCE_TEXT_MAX_BYTES 8192

enum bounce_class {
	BOUNCE_UNKNOWN,
	BOUNCE_RECIPIENT,      /* there is no such mailbox, or domain; it moved; it is closed */
	BOUNCE_MAILBOX_FULL,   /* no room for more, or for one so large */
	BOUNCE_POLICY,         /* neither content nor repute: authentication, rules, rights */
	BOUNCE_REPUTATION,     /* who sends: address, domain, rate */
	BOUNCE_CONTENT,        /* what is sent: spam, viruses, form, size */
	BOUNCE_INFRASTRUCTURE, /* the way: time-outs, DNS, loops, systems that fail */
	BOUNCE_CONFIGURATION,  /* somebody's mistake: relaying, protocol, MX that does not know */
	BOUNCE_AUTO_REPLY,
	BOUNCE_COMPLAINT,
	BOUNCE_CLASSES,
};

/* One file of rules. */
struct bounce_source {
	const char *name; /* for errors; must live as long as the table */
	struct slice text;
};

struct bounce_table {
	struct bounce_rule *rules; /* in the order in which they are asked */
	size_t n;
	const size_t *bucket; /* by the first bytes of the phrase: index + 1 of the first rule */
};

/* What is known of one failure. */
struct bounce_facts {
	struct slice text;   /* as it came, any bytes */
	struct slice status; /* "5.1.1", or empty */
	unsigned reply;      /* 550, or 0 */
	bool permanent;      /* it will not be tried again */
	bool after_data;     /* said when the message had been sent */
};

struct bounce_verdict {
	enum bounce_class class;
	bool permanent;
	bool hard;    /* permanent, of the class recipient, and it says that there is none */
	bool by_text; /* what was said decided, not the code alone */
	struct slice category; /* a word of the table; "unknown" when no rule fits */
	size_t rank;           /* of the rule, from 0; what stands above outranks what is below */
	const char *source;    /* where it stands; NULL: no rule fits */
	unsigned line;
	bool after_data; /* as in the facts */
	size_t work;     /* what it cost to find out: comparisons, roughly */
};

/* Reads the files, those whose rules are asked first in front: an operator's before ours. 0, or -1
 * with "NAME:LINE: what is wrong". The table lives in the arena, and points into the texts. */
int bounce_table_load(struct arena *a, const struct bounce_source *sources, size_t nsources,
    struct bounce_table *table_r, struct err *err);

void bounce_classify(const struct bounce_table *table, const struct bounce_facts *facts,
    struct bounce_verdict *verdict_r);

/* True when the recipient is to be given up after this one failure. */
bool bounce_gives_up(const struct bounce_verdict *verdict);

/* "recipient", "mailbox-full" …; the class of that name, or BOUNCE_CLASSES. */
const char *bounce_class_name(enum bounce_class class);
enum bounce_class bounce_class_of(struct slice name);

/* Appends the text as phrases are compared with it: words in lower case with one blank between them,
 * accents of Latin letters gone, "doesn't" as "doesnt", "e-mail" as "email"; without addresses,
 * codes and numbers. Names with dots in them stay whole. At most BOUNCE_TEXT_MAX_BYTES are read. */
void bounce_words(struct buf *out, struct slice text);

/* Is the phrase, of the language above, in these words? In one pass over them for its first part. */
bool bounce_phrase_in(struct slice words, struct slice phrase);

#endif
