/*
 * snapshot.h - the configuration in force, and everything made from it, as one immutable thing.
 *
 * A session takes the current snapshot when it begins and keeps it to its end. A reload makes a new
 * one beside it and swaps; the old one goes when its last session does. The connection to Redis is
 * handed on when its section, and the files that it names, did not change.
 */
#ifndef MILTER_SNAPSHOT_H
#define MILTER_SNAPSHOT_H

#include "pipeline.h"

struct snapshot;

/* Makes the snapshot of conf, which it owns from then on, also when it fails. before: the snapshot
 * in force, or NULL. Starts the store's thread, so fork and drop privileges first.
 * NULL with the reason in err. */
struct snapshot *snapshot_new(struct conf *conf, const struct snapshot *before, struct err *err);

/* Puts it in force; gives back the reference to the one before. */
void snapshot_install(struct snapshot *s);

/* The one in force, for the caller to release; NULL once snapshot_finish() was called. */
struct snapshot *snapshot_acquire(void);
void snapshot_release(struct snapshot *s);

/* At the end of the process: lets go of the one in force. When no session holds it, what waits for
 * Redis is written, for at most two seconds. */
void snapshot_finish(void);

const struct conf *snapshot_conf(const struct snapshot *s);
const struct pipeline *snapshot_pipeline(const struct snapshot *s);

#endif
