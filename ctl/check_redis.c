/*
 * check_redis.c - does Redis answer, is it the right one, will it keep what we give it, and what
 * time has it?
 */
#include "check.h"

#include "io/redis_address.h"
#include "io/store_admin_account.h"
#include "io/store_admin_server.h"
#include "io/store_admin_suppression.h"
#include "settings.h"

#include <inttypes.h>
#include <stdlib.h>

/* Redis's clock decides, ours stands in logs and headers: a difference only confuses. */
#define CLOCK_AHEAD_MAX_MS 5000

/* Part of the time-out that one PING may take before it deserves a word. */
#define LATENCY_PART 5

/* What Redis must allow: doc/redis.md says which is for what. */
#define RIGHTS                                                                                     \
	"+get +set +scard +smembers +hincrby +expire +del +time +hmget +hset +eval +evalsha "      \
	"+script|load +xadd +xtrim +xdel +zrangebyscore +zrem +exists +hlen +hscan +hgetall "      \
	"+hdel +hrandfield +ping +client|id "                                                      \
	"+client|tracking +subscribe &__redis__:invalidate +info +config|get +scan +sscan +ttl "   \
	"+sismember +sadd +srem +xrange +xrevrange +watch +multi +exec +zadd +zscore"

#define TODO_BYTES 1024

static bool
says(const struct err *err, const char *word)
{
	return strstr(err->text, word) != NULL;
}

/* Redis's words for what this user may not do, as they come from a script in versions 6 and 7, and
 * from anything else. */
static bool
is_right_missing(const struct err *err)
{
	return says(err, "Redis: NOPERM") || says(err, "ACL failure in script") ||
	       says(err, "The user executing the script can't");
}

/* What to do about Redis's refusal; `otherwise` when it is no matter of passwords and rights. */
static const char *
refusal_todo(const struct redis_conf *conf, const struct err *err, const char *otherwise,
    char storage[TODO_BYTES])
{
	if (says(err, "Redis: NOAUTH"))
		return "Redis wants a password: write redis { password = ... } into milter.conf, "
		       "and "
		       "user = ... when it is not the default user's";
	if (says(err, "Redis: WRONGPASS"))
		return "redis { password = ... } in milter.conf must be the password of that user "
		       "of "
		       "Redis (ACL SETUSER), or, without redis { user }, its requirepass";
	if (says(err, "Redis: ERR AUTH"))
		return "Redis has no password: take redis { password } out of milter.conf, or set "
		       "requirepass in redis.conf";
	if (!is_right_missing(err))
		return otherwise;
	(void)snprintf(storage, TODO_BYTES,
	    "give Redis's user what gatepost needs: ACL SETUSER %s ~%s* " RIGHTS "%s",
	    conf->user[0] != '\0' ? conf->user : "default", conf->prefix,
	    conf->database != 0 ? " +select" : "");
	return storage;
}

static const char *
role_name(const char *role)
{
	if (strcmp(role, "slave") == 0)
		return "replica";
	return strcmp(role, "master") == 0 ? "primary" : role;
}

static void
eviction_check(struct check *check, const struct store_info *info)
{
	const char *policy = info->maxmemory_policy;
	bool keeps = strcmp(policy, "noeviction") == 0 || strcmp(policy, "volatile-ttl") == 0;

	if (policy[0] == '\0')
		return; /* an old or a hosted Redis that does not say */
	if (!keeps)
		check_say(check, CHECK_WARNING, "redis",
		    "set maxmemory-policy noeviction, or volatile-ttl",
		    "maxmemory-policy is %s: when memory runs out, Redis throws away what is still "
		    "needed",
		    policy);
	else if (info->maxmemory > 0 && info->used_memory > info->maxmemory / 10 * 9)
		check_say(check, CHECK_WARNING, "redis",
		    "raise maxmemory, or shorten greylist.expire",
		    "%" PRId64 " of %" PRId64 " MB are in use; maxmemory-policy is %s",
		    info->used_memory >> 20, info->maxmemory >> 20, policy);
	else
		check_say(check, CHECK_OK, "redis", NULL, "%" PRId64 " MB are in use; %s, %s",
		    info->used_memory >> 20, info->maxmemory > 0 ? "there is a limit" : "no limit",
		    policy);
}

#define NAMES_MAX       3 /* in the text; more are only counted */
#define COUNTED_MAX     100000
#define NAMES_BYTES     ((size_t)64 * 1024 * 1024)
#define FORGOTTEN_BYTES 512

/* Appends "the accounts shop, news, mail and 7 more"; nothing without names. */
static void
names_add(struct buf *out, const char *what, const struct slice *names, size_t n)
{
	if (n == 0)
		return;
	buf_add_format(out, "%s%s ", out->n > 0 ? ", and " : "", what);
	for (size_t i = 0; i < n && i < NAMES_MAX; i++)
		buf_add_format(out, "%s%.*s", i > 0 ? ", " : "", SLICE_ARG(names[i]));
	if (n > NAMES_MAX)
		buf_add_format(out, " and %zu more", n - NAMES_MAX);
}

/* What of Redis nothing brings back: accounts, and who wants no more mail. */
static void
irreplaceable_add(struct store_admin *admin, struct buf *out)
{
	struct store_event_accounts lists = {.n = 0};
	struct slice *accounts, shown[NAMES_MAX];
	struct arena arena;
	struct err err;
	size_t n;

	arena_init(&arena, 4096, NAMES_BYTES);
	if (store_admin_account_names(admin, &arena, COUNTED_MAX, &accounts, &n, &err) == 0)
		names_add(out, "the accounts", accounts, n);
	arena_fini(&arena);
	if (store_admin_suppression_lists(admin, &lists, &err) != 0)
		return;
	for (size_t i = 0; i < lists.n && i < NAMES_MAX; i++)
		shown[i] = slice_of(
		    strcmp(lists.v[i], STORE_ALL_ACCOUNTS) == 0 ? "all accounts" : lists.v[i]);
	names_add(out, "who gets no more mail of", shown, lists.n);
	store_event_accounts_free(&lists);
}

static void
forgetful_say(struct check *check, struct store_admin *admin)
{
	char storage[FORGOTTEN_BYTES];
	struct buf forgotten = BUF_OVER(storage);

	irreplaceable_add(admin, &forgotten);
	if (forgotten.n > 0)
		check_say(check, CHECK_WARNING, "redis",
		    "set appendonly yes, appendfsync everysec, before mail depends on it",
		    "it keeps nothing on disk: a restart of Redis forgets %s",
		    buf_text(&forgotten));
	else
		check_say(check, CHECK_WARNING, "redis",
		    "fine for a trial; else set appendonly yes, appendfsync everysec",
		    "it keeps nothing on disk: a restart of Redis forgets everybody");
}

static void
persistence_check(struct check *check, struct store_admin *admin)
{
	struct store_persistence p;
	struct err err;

	if (store_admin_persistence(admin, &p, &err) != 0)
		return; /* what follows will say it better */
	if (p.failing)
		check_say(check, CHECK_WARNING, "redis",
		    "see Redis's log; a full disk, mostly. Redis may refuse to write until then",
		    "the last attempt to write to disk failed");
	else if (!p.aof && p.saves_known && !p.saves)
		forgetful_say(check, admin);
	else
		check_say(check, CHECK_OK, "redis", NULL, "%s",
		    p.aof ? "it writes to disk at once (appendonly)"
			  : "it writes to disk now and then; what came since is lost in a crash");
}

static void
clock_check(struct check *check, const struct redis_conf *conf, struct store_admin *admin)
{
	int64_t now_s, ahead_ms;
	char todo[TODO_BYTES];
	struct err err;

	if (store_admin_time(admin, &now_s, &ahead_ms, &err) != 0)
		check_say(check, CHECK_WARNING, "clock", refusal_todo(conf, &err, NULL, todo), "%s",
		    err.text);
	else if (ahead_ms > CLOCK_AHEAD_MAX_MS || ahead_ms < -CLOCK_AHEAD_MAX_MS)
		check_say(check, CHECK_WARNING, "clock",
		    "set both clocks right: run chrony or ntpd",
		    "Redis's clock is %.1f s %s this host's", (double)llabs(ahead_ms) / 1000.0,
		    ahead_ms > 0 ? "ahead of" : "behind");
	else
		check_say(check, CHECK_OK, "clock", NULL, "Redis and this host agree, to %.3f s",
		    (double)llabs(ahead_ms) / 1000.0);
}

static void
reachable_say(struct check *check, const struct redis_conf *conf, const struct store_info *info)
{
	double ms = (double)info->latency_us / 1000.0;

	if (ms * LATENCY_PART > (double)conf->timeout_ms)
		check_say(check, CHECK_WARNING, "redis",
		    "find out what is slow, or raise redis.timeout",
		    "%s took %.1f ms to answer; redis.timeout is %" PRId64 " ms", conf->server, ms,
		    conf->timeout_ms);
	else
		check_say(check, CHECK_OK, "redis", NULL, "%s answers in %.2f ms: Redis %s, %s",
		    conf->server, ms, info->version, role_name(info->role));
}

static void
server_check(struct check *check, const struct redis_conf *conf, struct store_admin *admin)
{
	char todo[TODO_BYTES];
	struct store_info info;
	struct err err;

	if (store_admin_info(admin, &info, &err) != 0) {
		check_say(check, CHECK_FAULT, "redis",
		    refusal_todo(conf, &err, "see whether Redis is healthy", todo), "%s: %s",
		    conf->server, err.text);
		return;
	}
	reachable_say(check, conf, &info);
	if (strcmp(info.role, "slave") == 0)
		check_say(check, CHECK_FAULT, "redis", "let redis.server name the primary",
		    "%s is a replica: it takes no writes", conf->server);
	else if (store_admin_probe(admin, &err) != 0)
		check_say(check, CHECK_FAULT, "redis",
		    refusal_todo(
			conf, &err, "until then, greylist.on_error decides about mail", todo),
		    "%s: %s", conf->server, err.text);
	else
		check_say(check, CHECK_OK, "redis", NULL,
		    "it takes a trial step: the script is loaded, and may write");
	eviction_check(check, &info);
	persistence_check(check, admin);
	clock_check(check, conf, admin);
}

/* Why there is no connection. */
static void
failure_say(struct check *check, const struct redis_conf *conf, const struct err *err)
{
	struct redis_server server = {.path = ""};
	char todo[TODO_BYTES];
	char group_todo[CTL_TODO_BYTES];
	struct err why;

	(void)redis_server_parse(conf->server, &server, NULL);
	if (server.path[0] != '\0' && access_is_denied(server.path, ACCESS_WRITE)) {
		(void)access_denied(server.path, ACCESS_WRITE, &why);
		check_say(check, CHECK_FAULT, "redis",
		    ctl_denied_todo(server.path, ACCESS_WRITE, group_todo), "%s", why.text);
		return;
	}
	check_say(check, CHECK_FAULT, "redis",
	    refusal_todo(conf, err, "start Redis, or mend the section redis of milter.conf", todo),
	    "%s: %s", conf->server, err->text);
}

void
check_redis(struct check *check)
{
	const struct redis_conf *conf = settings_of(check->conf, &redis_section);
	struct err err;

	check->ctl->admin = store_admin_new(conf, &err);
	if (check->ctl->admin == NULL)
		failure_say(check, conf, &err);
	else
		server_check(check, conf, check->ctl->admin);
}
