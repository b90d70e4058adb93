/*
 * socket_access.c - see socket_access.h.
 */
#define _DEFAULT_SOURCE /* getgrouplist(), realpath() into NULL */
#include "io/socket_access.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define GROUPS_MAX 256

struct somebody {
	const char *name;
	uid_t uid;
	gid_t groups[GROUPS_MAX];
	int groups_n;
};

static int
somebody_find(struct somebody *who, const char *name, struct err *err)
{
	const struct passwd *user = getpwnam(name);

	if (user == NULL)
		return err_set(err, ERR_INVALID, "there is no user %s", name);
	*who = (struct somebody){.name = name, .uid = user->pw_uid, .groups_n = GROUPS_MAX};
	if (getgrouplist(name, user->pw_gid, who->groups, &who->groups_n) < 0)
		who->groups_n = GROUPS_MAX; /* the first of many */
	return 0;
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

/* right: 1 to pass a directory, 2 to write to a socket. */
static bool
may(const struct somebody *who, const struct stat *st, mode_t right)
{
	if (who->uid == 0)
		return true;
	if (st->st_uid == who->uid)
		return (st->st_mode & (right << 6)) != 0;
	if (in_group(who, st->st_gid))
		return (st->st_mode & (right << 3)) != 0;
	return (st->st_mode & right) != 0;
}

static int
place_check(const char *path, const struct somebody *who, mode_t right, struct err *err)
{
	char text[SOCKET_ACCESS_BYTES];
	struct stat st;

	if (stat(path, &st) != 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (may(who, &st, right))
		return 0;
	if (socket_access_describe(path, text, err) != 0)
		return -1;
	return err_set(err, ERR_UNAVAILABLE, "user %s may not %s %s, which is %s", who->name,
	    right == 1 ? "enter" : "write to", path, text);
}

/* Every directory above, the topmost first. */
static int
way_check(char *real, const struct somebody *who, struct err *err)
{
	if (place_check("/", who, 1, err) != 0)
		return -1;
	for (char *slash = strchr(real + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		int status;

		*slash = '\0';
		status = place_check(real, who, 1, err);
		*slash = '/';
		if (status != 0)
			return -1;
	}
	return place_check(real, who, 2, err);
}

int
socket_access_check(const char *path, const char *user, struct err *err)
{
	struct somebody who = {.name = user};
	char *real;
	int status;

	if (somebody_find(&who, user, err) != 0)
		return -1;
	real = realpath(path, NULL);
	if (real == NULL)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	status = way_check(real, &who, err);
	free(real);
	return status;
}

int
socket_access_describe(const char *path, char text_r[SOCKET_ACCESS_BYTES], struct err *err)
{
	const struct passwd *user;
	const struct group *group;
	struct stat st;

	if (stat(path, &st) != 0)
		return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	user = getpwuid(st.st_uid);
	group = getgrgid(st.st_gid);
	(void)snprintf(text_r, SOCKET_ACCESS_BYTES, "%04o %.32s:%.32s",
	    (unsigned)(st.st_mode & 07777), user == NULL ? "?" : user->pw_name,
	    group == NULL ? "?" : group->gr_name);
	return 0;
}
