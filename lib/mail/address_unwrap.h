/*
 * address_unwrap.h - the local part inside what machines on the way have put around it.
 *
 * BATV, Barracuda and SparkPost sign it ("prvs=TAG=user", "prvs=user=TAG", "btv1==TAG==user",
 * "msprvs1=TAG=user"); forwarders pack the whole address into their own by SRS
 * ("SRS0=HASH=DAY=domain=user"); many add an "+extension". Tags, hashes and days change daily.
 * They come in each other, in any order.
 */
#ifndef MAIL_ADDRESS_UNWRAP_H
#define MAIL_ADDRESS_UNWRAP_H

#include "base/buf.h"
#include "base/slice.h"

/* Takes the wrappers off a local part in lower case, without quotes. Appends what tells one
 * forwarded sender from another ("srs0=domain=", "srs1=forwarder==domain=",
 * "mailbox+srs=domain="), and returns the user inside, which is part of `s` and not empty
 * unless `s` is. What was appended and the user together unwrap to themselves. */
struct slice address_unwrap(struct buf *out, struct slice s);

#endif
