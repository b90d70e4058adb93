/*
 * access.c - see access.h.
 */
#define _DEFAULT_SOURCE /* getgrouplist(), realpath() into NULL */
#include "io/access.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUPS_MAX 256

/* The right to pass a directory, beside those of enum access_right. */
#define ENTER 1u

struct somebody {
	char name[ACCESS_NAME_BYTES];
	uid_t uid;
	gid_t groups[GROUPS_MAX];
	int groups_n;
};

/* What is in the way. */
struct refusal {
	char place[PATH_MAX];
	struct stat st;
	unsigned right; /* that is missing there */
};

static int
somebody_find(struct somebody *who, const char *name, struct err *err)
{
	const struct passwd *user = getpwnam(name);

	if (user == NULL)
		return err_set(err, ERR_INVALID, "there is no user %s", name);
	*who = (struct somebody){.uid = user->pw_uid, .groups_n = GROUPS_MAX};
	(void)snprintf(who->name, sizeof(who->name), "%s", name);
	if (getgrouplist(name, user->pw_gid, who->groups, &who->groups_n) < 0)
		who->groups_n = GROUPS_MAX; /* the first of many */
	return 0;
}

/* This process. */
static void
somebody_me(struct somebody *who)
{
	const struct passwd *user = getpwuid(geteuid());
	int n;

	*who = (struct somebody){.uid = geteuid(), .groups = {getegid()}, .groups_n = 1};
	if (user != NULL)
		(void)snprintf(who->name, sizeof(who->name), "%s", user->pw_name);
	else
		(void)snprintf(who->name, sizeof(who->name), "uid %ld", (long)who->uid);
	n = getgroups(GROUPS_MAX - 1, who->groups + 1);
	who->groups_n += n < 0 ? 0 : n;
}

static bool
in_group(const struct somebody *who, gid_t group)
{
	for (int i = 0; i < who->groups_n; i++) {
		if (who->groups[i] == group)
			return true;
	}
	return false;
}

static bool
may(const struct somebody *who, const struct stat *st, unsigned right)
{
	if (who->uid == 0)
		return true;
	if (st->st_uid == who->uid)
		return (st->st_mode & (right << 6)) != 0;
	if (in_group(who, st->st_gid))
		return (st->st_mode & (right << 3)) != 0;
	return (st->st_mode & right) != 0;
}

/* 0 when who may; 1 when not, which refusal then has; -1 with errno. */
static int
place_check(const char *path, const struct somebody *who, unsigned right, struct refusal *refusal)
{
	if (stat(path, &refusal->st) != 0)
		return -1;
	if (may(who, &refusal->st, right))
		return 0;
	(void)snprintf(refusal->place, sizeof(refusal->place), "%s", path);
	refusal->right = right;
	return 1;
}

/* The same for every directory above as well, the topmost first. The path is absolute. */
static int
way_check(const char *path, const struct somebody *who, unsigned right, struct refusal *refusal)
{
	char above[PATH_MAX];
	int status = place_check("/", who, ENTER, refusal);

	(void)snprintf(above, sizeof(above), "%s", path);
	for (char *slash = strchr(above + 1, '/'); slash != NULL && status == 0;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		status = place_check(above, who, ENTER, refusal);
		*slash = '/';
	}
	return status != 0 ? status : place_check(path, who, right, refusal);
}

static void
mode_format(const struct stat *st, char text_r[ACCESS_TEXT_BYTES])
{
	const struct passwd *user = getpwuid(st->st_uid);
	const struct group *group = getgrgid(st->st_gid);

	(void)snprintf(text_r, ACCESS_TEXT_BYTES, "%04o %.32s:%.32s",
	    (unsigned)(st->st_mode & 07777), user == NULL ? "?" : user->pw_name,
	    group == NULL ? "?" : group->gr_name);
}

static const char *
right_name(unsigned right)
{
	return right == ENTER ? "enter" : right == ACCESS_READ ? "read" : "write to";
}

int
access_check(const char *path, const char *user, enum access_right right, struct err *err)
{
	char text[ACCESS_TEXT_BYTES];
	struct refusal refusal;
	struct somebody who;
	char *real;
	int status;

	if (somebody_find(&who, user, err) != 0)
		return -1;
	real = realpath(path, NULL);
	status = real == NULL ? -1 : way_check(real, &who, right, &refusal);
	free(real);
	if (status < 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (status == 0)
		return 0;
	mode_format(&refusal.st, text);
	return err_set(err, ERR_DENIED, "user %s may not %s %s, which is %s", who.name,
	    right_name(refusal.right), refusal.place, text);
}

bool
access_is_denied(const char *path, enum access_right right)
{
	return access(path, right == ACCESS_READ ? R_OK : W_OK) != 0 && errno == EACCES;
}

int
access_denied(const char *path, enum access_right right, struct err *err)
{
	char text[ACCESS_TEXT_BYTES];
	struct refusal refusal;
	struct somebody me;

	somebody_me(&me);
	if (path[0] != '/' || way_check(path, &me, right, &refusal) != 1)
		return err_set(
		    err, ERR_DENIED, "%s: Permission denied: this runs as %s", path, me.name);
	mode_format(&refusal.st, text);
	return err_set(err, ERR_DENIED,
	    "%s: Permission denied: this runs as %s, who may not %s %s (%s)", path, me.name,
	    right_name(refusal.right), strcmp(path, refusal.place) == 0 ? "it" : refusal.place,
	    text);
}

void
access_group(const char *path, enum access_right right, char group_r[ACCESS_NAME_BYTES])
{
	const struct group *group;
	struct refusal refusal;
	struct somebody me;

	group_r[0] = '\0';
	somebody_me(&me);
	if (path[0] != '/' || way_check(path, &me, right, &refusal) != 1 ||
	    refusal.st.st_gid == 0 || (refusal.st.st_mode & (refusal.right << 3)) == 0)
		return;
	group = getgrgid(refusal.st.st_gid);
	if (group != NULL)
		(void)snprintf(group_r, ACCESS_NAME_BYTES, "%s", group->gr_name);
}

int
access_describe(const char *path, char text_r[ACCESS_TEXT_BYTES], struct err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	mode_format(&st, text_r);
	return 0;
}
