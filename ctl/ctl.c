/*
 * ctl.c - see ctl.h.
 */
#include "ctl.h"

#include "io/files.h"
#include "io/redis.h"
#include "io/store_admin.h"
#include "settings.h"

#include <stdarg.h>

int
ctl_fail(int code, const char *format, ...)
{
	char text[1024];
	char storage[sizeof(text) * 4];
	struct buf escaped = BUF_OVER(storage);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	out_escape(&escaped, slice_of(text));
	(void)fflush(stdout);
	(void)fprintf(stderr, "gatepostctl: %s\n", buf_text(&escaped));
	return code;
}

const struct conf *
ctl_conf_try(struct ctl *ctl, struct err *err)
{
	if (ctl->conf == NULL)
		ctl->conf = settings_read(ctl->conf_path, err);
	return ctl->conf;
}

const char *
ctl_denied_todo(const char *path, enum access_right right, char storage[CTL_TODO_BYTES])
{
	char group[ACCESS_NAME_BYTES];

	access_group(path, right, group);
	if (group[0] != '\0')
		(void)snprintf(
		    storage, CTL_TODO_BYTES, "run this as root, or as a member of group %s", group);
	else
		(void)snprintf(storage, CTL_TODO_BYTES, "run this as root");
	return storage;
}

const struct conf *
ctl_conf(struct ctl *ctl)
{
	struct err err;
	const struct conf *conf = ctl_conf_try(ctl, &err);
	char todo[CTL_TODO_BYTES];

	if (conf != NULL)
		return conf;
	if (err.code == ERR_DENIED)
		(void)ctl_fail(EX_CONFIG, "%s; %s", err.text,
		    ctl_denied_todo(ctl->conf_path, ACCESS_READ, todo));
	else
		(void)ctl_fail(EX_CONFIG, "%s", err.text);
	return NULL;
}

struct store_admin *
ctl_admin(struct ctl *ctl, int *code_r)
{
	const struct conf *conf = ctl_conf(ctl);
	const struct redis_conf *redis;
	struct err err;

	*code_r = EX_CONFIG;
	if (conf == NULL || ctl->admin != NULL)
		return ctl->admin;
	redis = settings_of(conf, &redis_section);
	ctl->admin = store_admin_new(redis, &err);
	*code_r = EX_UNAVAILABLE;
	if (ctl->admin == NULL)
		(void)ctl_fail(EX_UNAVAILABLE, "%s: %s", redis->server, err.text);
	return ctl->admin;
}
