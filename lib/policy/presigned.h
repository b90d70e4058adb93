/*
 * presigned.h - signatures that a message came with: its sender's own (DKIM, DomainKeys), or of those
 * through whom it came (ARC). Who changes what they cover breaks them, and cannot make them again.
 *
 * Either they stay: then the body stays as it is, and of the header only what no signature names is
 * taken out, and nothing is added whose absence one vouches for. Or they are taken out as a whole.
 */
#ifndef POLICY_PRESIGNED_H
#define POLICY_PRESIGNED_H

#include "mail/edit.h"
#include "mail/message.h"

/* Does it have one that covers the body? */
bool presigned_is(const struct message *message);

/* May a field of that name be put above all others, or one be taken out? NULL: a message without
 * signatures, where all may. */
bool presigned_may_add(const struct message *message, const char *name);
bool presigned_may_remove(const struct message *message, const char *name);

/* Takes the signatures out, the whole of ARC with them: how many fields. -1: no room, and the edits are
 * as they were. Authentication-Results stays: it says what was seen then. */
int presigned_strip(const struct message *message, struct edits *edits);

#endif
