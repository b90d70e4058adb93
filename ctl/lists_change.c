/*
 * lists_change.c - `allow`, `optout`, `grey allow`, `grey optout`: what Redis has of the lists is
 * changed.
 */
#include "grey.h"
#include "io/redis.h"
#include "io/store_admin.h"
#include "lists_entry.h"
#include "settings.h"

#include <inttypes.h>

static bool
networks_have(const struct net_set *set, struct slice text)
{
	struct net_cidr cidr;
	struct err err;

	if (net_cidr_parse(text, &cidr, &err) != 0)
		return false;
	for (size_t i = 0; i < set->n; i++) {
		if (set->v[i].bits == cidr.bits && net_addr_eq(&set->v[i].addr, &cidr.addr))
			return true;
	}
	return false;
}

static bool
addresses_have(const struct address_set *set, struct slice pattern)
{
	for (size_t i = 0; i < set->n; i++) {
		if (slice_eq(set->v[i], pattern))
			return true;
	}
	return false;
}

/* The line of milter.conf that has the entry, or 0. */
static unsigned
entry_line(const struct conf *conf, const struct list_entry *entry)
{
	const struct list_row *row = entry->row;
	bool found;

	if (entry->n == 1)
		return 0; /* not understood */
	found = store_list_has_networks(row->list)
		    ? networks_have(lists_networks(conf, row), entry->forms[1])
		    : addresses_have(lists_addresses(conf, row), entry->forms[1]);
	return found ? settings_line(conf, row->section, row->option) : 0;
}

/* "192.0.2.0/24 was added; gatepostd sees it within 5 s" */
static void
change_report(struct ctl *ctl, const struct list_entry *entry, bool added, bool changed)
{
	const struct redis_conf *redis = settings_of(ctl->conf, &redis_section);
	char storage[ADDRESS_PATTERN_MAX_BYTES + 128];
	struct buf text = BUF_OVER(storage);

	buf_add(&text, entry->forms[entry->n > 1 ? 1 : 0]);
	if (added)
		buf_add_text(&text, changed ? " was added" : " was on the list already");
	else
		buf_add_text(&text, " was taken off");
	if (changed)
		buf_add_format(&text, "; gatepostd sees it within %" PRId64 " s",
		    (redis->lists_refresh_ms + 999) / 1000);
	grey_report(ctl, added ? "added" : "removed", changed, buf_text(&text));
}

static int
entry_add(struct ctl *ctl, const struct list_entry *entry)
{
	struct err err;
	int changed = store_admin_list_add(ctl->admin, entry->row->list, entry->forms[1], &err);

	if (changed < 0)
		return grey_failed(&err);
	change_report(ctl, entry, true, changed > 0);
	return CTL_OK;
}

/* Takes all forms of the entry off one list. 1 when that changed something, 0, or -1. */
static int
forms_remove(
    const struct ctl *ctl, enum store_list list, const struct list_entry *entry, struct err *err)
{
	int changed = 0;

	for (size_t i = 0; i < entry->n; i++) {
		int status = store_admin_list_remove(ctl->admin, list, entry->forms[i], err);

		if (status < 0)
			return -1;
		changed |= status;
	}
	return changed;
}

/* The same on the list where it belongs; what is no entry at all may stand in any of the family. */
static int
entry_take_off(const struct ctl *ctl, const struct list_family *family,
    const struct list_entry *entry, struct err *err)
{
	int changed = forms_remove(ctl, entry->row->list, entry, err);

	for (size_t i = 0; changed == 0 && entry->n == 1 && i < family->n; i++)
		changed = forms_remove(ctl, family->rows[i].list, entry, err);
	return changed;
}

static int
entry_remove(struct ctl *ctl, const struct list_family *family, const struct list_entry *entry)
{
	unsigned line = entry_line(ctl->conf, entry);
	struct err err;
	int changed = entry_take_off(ctl, family, entry, &err);

	if (changed < 0)
		return grey_failed(&err);
	if (changed > 0)
		change_report(ctl, entry, false, true);
	if (line > 0)
		return ctl_fail(CTL_NOT_FOUND,
		    "%.*s stands in %s, option %s.%s (line %u), or in a file named there: "
		    "take it out there",
		    SLICE_ARG(entry->forms[0]), ctl->conf_path, entry->row->section->name,
		    entry->row->option, line);
	if (changed == 0)
		return ctl_fail(
		    CTL_NOT_FOUND, "%.*s is not on the list", SLICE_ARG(entry->forms[0]));
	return CTL_OK;
}

/* Nobody should switch a check off by a slip of the pen. */
static int
vast_check(const struct ctl *ctl, const struct list_family *family, const struct list_entry *entry)
{
	const char *const *value = ctl->args.value;

	if (!entry->vast || value[ARG_REMOVE] != NULL || value[ARG_YES] != NULL)
		return CTL_OK;
	return ctl_fail(EX_USAGE,
	    "%.*s is very much of the internet, and %s; if you mean it, add --yes",
	    SLICE_ARG(entry->forms[1]), family->vast);
}

static int
wrong_fail(const struct list_family *family, struct slice text, const struct err *err)
{
	if (family->networks_only != NULL && !lists_entry_is_network(text))
		return ctl_fail(EX_USAGE, "%s; %s", err->text, family->networks_only);
	return ctl_fail(EX_USAGE, "%s", err->text);
}

static int
list_change(struct ctl *ctl, const struct list_family *family)
{
	bool remove = ctl->args.value[ARG_REMOVE] != NULL;
	struct list_entry entry;
	struct err err;
	int code = CTL_OK, unreached;

	/* what somebody else put in wrongly must be removable */
	if (lists_entry_parse(&entry, family, ctl->operand[0], &err) != 0 && !remove)
		code = wrong_fail(family, entry.forms[0], &err);
	if (code == CTL_OK)
		code = vast_check(ctl, family, &entry);
	if (code == CTL_OK && ctl_admin(ctl, &unreached) == NULL)
		code = unreached;
	if (code == CTL_OK)
		code = remove ? entry_remove(ctl, family, &entry) : entry_add(ctl, &entry);
	lists_entry_fini(&entry);
	return code;
}

int
allow_command(struct ctl *ctl)
{
	return list_change(ctl, &lists_allow);
}

int
optout_command(struct ctl *ctl)
{
	return list_change(ctl, &lists_optout);
}

int
grey_allow_command(struct ctl *ctl)
{
	return list_change(ctl, &lists_grey_allow);
}

int
grey_optout_command(struct ctl *ctl)
{
	return list_change(ctl, &lists_grey_optout);
}
