/*
 * out_headers.c - see out_headers.h: the edits.
 */
#include "policy/out_headers_parts.h"
#include "policy/presigned.h"

/* The longest value: an unsubscribe URL with an address in its token, and one for mail. */
#define VALUE_BYTES 2048

/* Above all that the message came with. */
#define ON_TOP 0

static const char added[] = "added";
static const char present[] = "present";
static const char off[] = "off";
static const char covered[] = "signed";
static const char null[] = "null"; /* a bounce, an answer by a machine: no list mail */

static int
strip(struct edits *edits, const char *name, unsigned count)
{
	if (count > EDITS_MAX)
		return -1;
	for (int i = (int)count; i > 0; i--) {
		if (edits_delete_header(edits, i, name) != 0)
			return -1;
	}
	return 0;
}

int
out_headers_strip(const struct out_fields *fields, struct edits *edits)
{
	static const enum out_name ours[] = {OUT_ACCOUNT, OUT_TRACK, OUT_TAG};

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		if (strip(edits, out_names[ours[i]], fields->count[ours[i]]) != 0)
			return -1;
	}
	return 0;
}

/* A field that the message does not have. */
static bool
may_add(const struct out_facts *facts, enum out_name name)
{
	return presigned_may_add(facts->presigned, out_names[name]);
}

/* The id's, instead of those that came with it. */
static bool
may_set(const struct out_facts *facts, const char *name)
{
	return presigned_may_add(facts->presigned, name) &&
	       (facts->nids == 0 || presigned_may_remove(facts->presigned, name));
}

struct add {
	const struct out_facts *facts;
	struct edits *edits;
	struct arena *arena;
};

static int
insert(struct add *add, const char *name, const struct buf *value)
{
	if (value->over)
		return -1;
	return edits_insert_header(
	    add->edits, ON_TOP, name, arena_text(add->arena, buf_slice(value)));
}

/* --- Sender --- */

/* A domain that stands for the account: its own, or that of the address it wants in Sender. */
static bool
is_own(const struct account *account, struct slice domain)
{
	struct slice sender = slice_of(account->sender);
	struct slice of_sender = slice_from(sender, slice_find_last(sender, '@') + 1);

	return account_has_domain(account, domain) ||
	       (sender.n > 0 && slice_eq_nocase(of_sender, domain));
}

static bool
from_is_own(const struct out_facts *facts)
{
	for (size_t i = 0; i < facts->nfrom; i++) {
		if (!is_own(facts->account, facts->from[i].domain))
			return false;
	}
	return true;
}

/* Safe to be written into a field as it is. */
static bool
is_plain(const struct address *address)
{
	if (address->null || address->malformed || address->domain.n == 0 ||
	    !address_local_is_plain(address->local))
		return false;
	for (size_t i = 0; i < address->text.n; i++) {
		if (address->text.p[i] <= ' ' || address->text.p[i] > '~')
			return false;
	}
	return true;
}

static int
sender_add(struct add *add, const char **done_r)
{
	const struct out_facts *facts = add->facts;
	char storage[ADDRESS_MAX_BYTES];
	struct buf value = BUF_OVER(storage);

	*done_r = !facts->account->sender_header         ? off
		  : facts->fields->count[OUT_SENDER] > 0 ? present
		  : from_is_own(facts)                   ? "own"
		  : may_add(facts, OUT_SENDER)           ? added
							 : covered;
	if (*done_r != added)
		return 0;
	if (facts->account->sender[0] != '\0')
		buf_add_text(&value, facts->account->sender);
	else if (is_plain(facts->sender) && is_own(facts->account, facts->sender->domain))
		buf_add(&value, facts->sender->text);
	if (value.n == 0) {
		*done_r = "no-address";
		return 0;
	}
	return insert(add, out_names[OUT_SENDER], &value);
}

/* --- List-Unsubscribe --- */

/* "<https://t.shop.example/u/TOKEN>" */
static int
web_way(const struct out_facts *facts, struct buf *value)
{
	struct token token = {.kind = TOKEN_UNSUBSCRIBE, .ids = facts->plan->ids};

	if (is_plain(facts->rcpt))
		token.target = facts->rcpt->text;
	buf_add_text(
	    value, facts->account->track_scheme == SCHEME_HTTPS ? "<https://" : "<http://");
	buf_add_text(value, facts->account->track_domain);
	buf_add_text(value, "/u/");
	if (token_make(facts->keyring, &token, value, NULL) != 0)
		return -1;
	buf_add_char(value, '>');
	return 0;
}

/* "<mailto:u-TOKEN@b.shop.example?subject=unsubscribe>" */
static int
mail_way(const struct out_facts *facts, struct buf *value)
{
	struct envelope_id id = {.letter = ENVELOPE_UNSUBSCRIBE, .ids = facts->plan->ids};
	char storage[VERP_DOMAIN_BYTES];
	struct buf domain = BUF_OVER(storage);

	account_bounce_domain(facts->account, facts->lane, &domain);
	if (value->n > 0)
		buf_add_text(value, ",\n ");
	buf_add_text(value, "<mailto:");
	if (domain.over ||
	    envelope_id_make(facts->keyring, &id, buf_slice(&domain), value, NULL) != 0)
		return -1;
	buf_add_char(value, '@');
	buf_add(value, buf_slice(&domain));
	buf_add_text(value, "?subject=unsubscribe>");
	return 0;
}

static const char *
unsubscribe_done(const struct out_facts *facts, bool web, bool mail)
{
	if (!facts->account->list_unsubscribe)
		return off;
	if (facts->sender->null)
		return null;
	if (facts->fields->count[OUT_LIST_UNSUBSCRIBE] > 0)
		return present;
	if (!web && !mail)
		return facts->rcpt == NULL ? "several" : "no-way";
	return may_add(facts, OUT_LIST_UNSUBSCRIBE) && may_add(facts, OUT_LIST_UNSUBSCRIBE_POST)
		   ? added
		   : covered;
}

static int
unsubscribe_add(struct add *add, const char **done_r)
{
	static const char one_click[] = "List-Unsubscribe=One-Click";
	const struct out_facts *facts = add->facts;
	/* a page that does not know who asks is of no use, a mail says it */
	bool web = facts->account->track_domain[0] != '\0' && facts->rcpt != NULL;
	bool mail = facts->account->bounce_domain[0] != '\0';
	char storage[VALUE_BYTES];
	struct buf value = BUF_OVER(storage);

	*done_r = unsubscribe_done(facts, web, mail);
	if (*done_r != added)
		return 0;
	if ((web && web_way(facts, &value) != 0) || (mail && mail_way(facts, &value) != 0))
		return -1;
	/* RFC 8058 section 3.1: one https URI, and the field that says what a POST to it means. */
	if (web && facts->account->track_scheme == SCHEME_HTTPS &&
	    facts->fields->count[OUT_LIST_UNSUBSCRIBE_POST] == 0 &&
	    edits_insert_header(
		add->edits, ON_TOP, out_names[OUT_LIST_UNSUBSCRIBE_POST], one_click) != 0)
		return -1;
	return insert(add, out_names[OUT_LIST_UNSUBSCRIBE], &value);
}

/* --- Feedback-ID, and the id --- */

static void
feedback_word(struct buf *value, struct slice word)
{
	if (word.n == 0)
		return;
	buf_add_lower(value, word);
	buf_add_char(value, ':');
}

/* "welcome:bulk:shop.example:shop": from the least to the most that mail has in common, at most
 * four words; the last is the sender. Nothing in it differs from message to message. */
static int
feedback_add(struct add *add, const char **done_r)
{
	const struct out_facts *facts = add->facts;
	const struct account *account = facts->account;
	char storage[2 * VERP_DOMAIN_BYTES];
	struct buf value = BUF_OVER(storage);

	*done_r = !account->feedback_id                       ? off
		  : facts->sender->null                       ? null
		  : facts->fields->count[OUT_FEEDBACK_ID] > 0 ? present
		  : may_add(facts, OUT_FEEDBACK_ID)           ? added
							      : covered;
	if (*done_r != added)
		return 0;
	if (facts->fields->ntags > 0)
		feedback_word(&value, facts->fields->tags[0]);
	feedback_word(&value, facts->lane);
	if (account->nkeys > 0)
		feedback_word(&value, slice_of(account->keys[0].domain));
	buf_add_text(&value, account->name);
	return insert(add, out_names[OUT_FEEDBACK_ID], &value);
}

static int
id_add(struct add *add, const char **done_r)
{
	const struct out_facts *facts = add->facts;
	const char *name = facts->account->id_header;

	*done_r = slice_eq_nocase(slice_of(name), slice_of(off)) ? off
		  : may_set(facts, name)                         ? added
								 : covered;
	if (*done_r != added)
		return 0;
	if (strip(add->edits, name, facts->nids) != 0)
		return -1;
	return edits_insert_header(
	    add->edits, ON_TOP, name, arena_text(add->arena, slice_of(facts->plan->id)));
}

int
out_headers_add(
    const struct out_facts *facts, struct edits *edits, struct arena *a, struct out_done *done_r)
{
	struct add add = {facts, edits, a};
	size_t before = edits->n;

	*done_r = (struct out_done){NULL, NULL, NULL, NULL};
	if (id_add(&add, &done_r->id) == 0 && feedback_add(&add, &done_r->feedback_id) == 0 &&
	    unsubscribe_add(&add, &done_r->list_unsubscribe) == 0 &&
	    sender_add(&add, &done_r->sender) == 0)
		return 0;
	edits->n = before;
	return -1;
}
