/*
 * forget.h - what is kept about a person, without him.
 *
 * An event that names him is written again as an anonymous one, so that what was sent, opened and
 * clicked is still counted: the address goes wherever it stands, and from an event that is about him
 * alone everything else that says, or may say, who it was. The message's id stays, since it is by it
 * that things are counted once. So that it leads nowhere, the message loses its recipients, and the
 * entries about him that stay lose the id: see forget_entry.h.
 */
#ifndef POLICY_FORGET_H
#define POLICY_FORGET_H

#include "base/err.h"
#include "mail/address.h"
#include "policy/grey.h"
#include "policy/suppression.h"

/* What stands in his place, in lists that have an order. */
#define FORGET_MARK "(forgotten)"

struct forget_person {
	struct slice address; /* as suppression_key() writes it; into storage */
	char storage[SUPPRESSION_KEY_BYTES];
	char normal[GREY_ADDRESS_BYTES + 1]; /* in the names of tuples and correspondents */
};

/* 0, or -1 when that is no address of a person. It must not be moved afterwards. */
int forget_person_init(
    struct forget_person *person, const struct address *address, struct err *err);

/* Is that his address? Case does not matter. */
bool forget_is(const struct forget_person *person, struct slice address);

/* Does he stand anywhere in the text, as a word of its own? Also with quotes, and as in other addresses
 * and in URLs: "ann=example.com", "ann%40example.com", "ann%2540example.com". */
bool forget_names(const struct forget_person *person, struct slice text);

/* Appends the text with the mark in his place; true when he was there. */
bool forget_scrub(const struct forget_person *person, struct slice text, struct buf *out);

/* Is he, or somebody who was forgotten, meant by that entry of "a@x, (forgotten)"? */
bool forget_is_gone(const struct forget_person *person, struct slice entry);

/* Whose an event is. */
enum forget_whose {
	FORGET_OTHERS, /* may name him all the same */
	FORGET_MAYBE,  /* of one of several, of whom he is one */
	FORGET_HIS,
};

/* What becomes of a field's value: false when the field goes; else *value_r is what stays, in storage
 * (which must have FORGET_VALUE_BYTES(value->n)) or the value itself. */
#define FORGET_VALUE_BYTES(n) ((n)*5 + 16)
bool forget_field(const struct forget_person *person, enum forget_whose whose, struct slice name,
    struct slice *value, struct buf *storage);

#endif
