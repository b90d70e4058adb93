/*
 * dsn_forms.h - how MTAs and providers word what they have to say: tables of phrases, each row with
 * an example, by which it is tested. Adding a form is adding a row.
 *
 * Phrases are compared as those of bounce_class.h: see bounce_words(). The text of a line is looked
 * at alone, except where a row says otherwise.
 */
#ifndef POLICY_DSN_FORMS_H
#define POLICY_DSN_FORMS_H

#include "base/slice.h"

struct dsn_form {
	const char *phrase;  /* words; " * ": anything between */
	const char *example; /* a line in which it is, as it came */
};

enum dsn_forms {
	DSN_FORM_SUBJECT,    /* of a notification about a failure or delay */
	DSN_FORM_FAILED,     /* a sentence that says it could not be delivered */
	DSN_FORM_DELAYED,    /* it was not yet delivered, and is tried again */
	DSN_FORM_DELIVERED,  /* it was */
	DSN_FORM_COPY,       /* below this line is what was returned */
	DSN_FORM_TOLD,       /* what is in front of an address that failed */
	DSN_FORM_CONTACT,    /* what is in a line whose address is for asking */
	DSN_FORM_AUTO,       /* subject of an automatic reply */
	DSN_FORM_CHALLENGE,  /* a text that wants one to prove something */
	DSN_FORM_DAEMON,     /* name or local part of who sends notifications */
	DSN_FORM_MACHINE,    /* name or local part of who is no person */
	DSN_FORM_AFTER_DATA, /* it was refused when it had been sent */
	DSN_FORM_TABLES,
};

extern const struct dsn_form *const dsn_forms[DSN_FORM_TABLES]; /* each ends with a NULL phrase */

/* Is one of the phrases in the words, which bounce_words() made? */
bool dsn_form_in(enum dsn_forms form, struct slice words);

#endif
