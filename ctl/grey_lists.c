/*
 * grey_lists.c - the lists of who is never put off: `grey allow`, `grey allowed`, `grey optout`,
 * `grey optouts`.
 *
 * They are kept in milter.conf and in Redis; both hold. Here Redis's are changed.
 */
#include "grey.h"

#include "io/redis.h"
#include "io/store_lists.h"
#include "modules.h"
#include "settings.h"

#include <inttypes.h>

/* A network with a shorter prefix than these is hardly meant: it is much of the internet. */
#define IPV4_BITS_MIN 8
#define IPV6_BITS_MIN 16

/* An entry, in the form that is added; and the forms that may stand for it in Redis. */
struct entry {
	enum store_list list;
	struct slice forms[4]; /* as typed, as added, … */
	size_t n;
	bool vast; /* a network that is hardly meant */
	char storage[2 * NET_CIDR_TEXT_BYTES];
	struct arena arena;
};

/* The option of milter.conf beside that list. */
static const char *
option_of(enum store_list list)
{
	static const char *const names[STORE_LISTS] = {
	    [STORE_OPTOUT] = "optout",
	    [STORE_ALLOW_NETWORKS] = "allow_networks",
	    [STORE_ALLOW_SENDERS] = "allow_senders",
	};

	return names[list];
}

static bool
looks_like_network(struct slice text)
{
	bool numbers = text.n > 0;

	for (size_t i = 0; i < text.n; i++)
		numbers = numbers && (ascii_is_digit(text.p[i]) || text.p[i] == '.');
	return numbers || slice_find(text, '/') < text.n ||
	       (slice_find(text, ':') < text.n && slice_find(text, '@') == text.n);
}

static int
network_parse(struct entry *entry, struct err *err)
{
	struct buf out = BUF_OVER(entry->storage);
	struct net_cidr cidr;
	size_t n;

	if (net_cidr_parse(entry->forms[0], &cidr, err) != 0)
		return -1;
	entry->vast = cidr.bits < (cidr.addr.family == NET_IPV4 ? IPV4_BITS_MIN : IPV6_BITS_MIN);
	net_cidr_format(&out, &cidr);
	n = out.n;
	entry->forms[entry->n++] = buf_slice(&out);
	if (cidr.bits == net_family_bits(cidr.addr.family)) {
		net_addr_format(&out, &cidr.addr);
		entry->forms[entry->n++] = entry->forms[1];
		entry->forms[1] = slice_from(buf_slice(&out), n); /* without the /32 */
	}
	return 0;
}

static int
pattern_parse(struct entry *entry, struct err *err)
{
	struct slice pattern;

	if (address_pattern_parse(&entry->arena, entry->forms[0], &pattern, err) != 0)
		return -1;
	entry->forms[entry->n++] = pattern;
	if (pattern.p[0] == '@')
		entry->forms[entry->n++] = slice_from(pattern, 1);
	return 0;
}

/* Understands what was typed. -1 with what is wrong. The arena is the caller's to end. */
static int
entry_parse(struct entry *entry, enum store_list list, const char *text, struct err *err)
{
	*entry = (struct entry){.list = list, .forms = {slice_of(text)}, .n = 1};
	arena_init(&entry->arena, 1024, 8192);
	if (list == STORE_ALLOW_SENDERS && looks_like_network(entry->forms[0]))
		entry->list = STORE_ALLOW_NETWORKS;
	if (entry->list == STORE_ALLOW_NETWORKS)
		return network_parse(entry, err);
	return pattern_parse(entry, err);
}

/* The line of milter.conf that has the entry, or 0. */
static unsigned
entry_line(const struct conf *conf, const struct entry *entry)
{
	const struct grey_conf *grey = settings_of(conf, &grey_section);
	const struct address_set *set = entry->list == STORE_OPTOUT ? &grey->optout
								    : &grey->allow_senders;
	struct net_cidr cidr;
	struct err err;
	bool found = false;

	if (entry->n == 1)
		return 0; /* not understood */
	if (entry->list == STORE_ALLOW_NETWORKS &&
	    net_cidr_parse(entry->forms[1], &cidr, &err) == 0) {
		for (size_t i = 0; i < grey->allow_networks.n; i++)
			found = found ||
				(grey->allow_networks.v[i].bits == cidr.bits &&
				    net_addr_eq(&grey->allow_networks.v[i].addr, &cidr.addr));
	}
	for (size_t i = 0; entry->list != STORE_ALLOW_NETWORKS && i < set->n; i++)
		found = found || slice_eq(set->v[i], entry->forms[1]);
	return found ? settings_line(conf, &grey_section, option_of(entry->list)) : 0;
}

/* "192.0.2.0/24 is on the list; in force within 5 s" */
static void
change_report(struct grey_view *view, const struct entry *entry, bool added, bool changed)
{
	const struct redis_conf *redis = settings_of(view->ctl->conf, &redis_section);
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
	grey_report(view->ctl, added ? "added" : "removed", changed, buf_text(&text));
}

static int
entry_add(struct grey_view *view, const struct entry *entry)
{
	struct err err;
	int changed = store_admin_list_add(view->admin, entry->list, entry->forms[1], &err);

	if (changed < 0)
		return grey_failed(&err);
	change_report(view, entry, true, changed > 0);
	return CTL_OK;
}

/* Takes all forms of the entry off one list. 1 when that changed something, 0, or -1. */
static int
forms_remove(
    const struct grey_view *view, enum store_list list, const struct entry *entry, struct err *err)
{
	int changed = 0;

	for (size_t i = 0; i < entry->n; i++) {
		int status = store_admin_list_remove(view->admin, list, entry->forms[i], err);

		if (status < 0)
			return -1;
		changed |= status;
	}
	return changed;
}

static int
entry_remove(struct grey_view *view, const struct entry *entry)
{
	unsigned line = entry_line(view->ctl->conf, entry);
	struct err err;
	int changed = forms_remove(view, entry->list, entry, &err);

	/* what is no entry at all may have been put into either list */
	if (changed == 0 && entry->n == 1 && entry->list == STORE_ALLOW_SENDERS)
		changed = forms_remove(view, STORE_ALLOW_NETWORKS, entry, &err);
	if (changed < 0)
		return grey_failed(&err);
	if (changed > 0)
		change_report(view, entry, false, true);
	if (line > 0)
		return ctl_fail(CTL_NOT_FOUND,
		    "%.*s stands in %s, option greylist.%s (line %u), or in a file named there: "
		    "take it out there",
		    SLICE_ARG(entry->forms[0]), view->ctl->conf_path, option_of(entry->list), line);
	if (changed == 0)
		return ctl_fail(
		    CTL_NOT_FOUND, "%.*s is not on the list", SLICE_ARG(entry->forms[0]));
	return CTL_OK;
}

/* Nobody should switch greylisting off by a slip of the pen. */
static int
vast_check(const struct ctl *ctl, const struct entry *entry)
{
	const char *const *value = ctl->args.value;

	if (!entry->vast || value[ARG_REMOVE] != NULL || value[ARG_YES] != NULL)
		return CTL_OK;
	return ctl_fail(EX_USAGE,
	    "%.*s is very much of the internet, and nobody there would be put off; if you mean "
	    "it, add --yes",
	    SLICE_ARG(entry->forms[1]));
}

static int
list_change(struct ctl *ctl, enum store_list list)
{
	struct grey_view view;
	struct entry entry;
	struct err err;
	int code = CTL_OK;

	/* what somebody else put in wrongly must be removable */
	if (entry_parse(&entry, list, ctl->operand[0], &err) != 0) {
		entry.n = 1;
		entry.list = list;
		if (ctl->args.value[ARG_REMOVE] == NULL)
			code = ctl_fail(EX_USAGE, "%s", err.text);
	}
	if (code == CTL_OK)
		code = vast_check(ctl, &entry);
	if (code == CTL_OK)
		code = grey_view_init(&view, ctl);
	if (code == CTL_OK && ctl->args.value[ARG_REMOVE] != NULL)
		code = entry_remove(&view, &entry);
	else if (code == CTL_OK)
		code = entry_add(&view, &entry);
	arena_fini(&entry.arena);
	return code;
}

int
grey_allow_command(struct ctl *ctl)
{
	return list_change(ctl, STORE_ALLOW_SENDERS);
}

int
grey_optout_command(struct ctl *ctl)
{
	return list_change(ctl, STORE_OPTOUT);
}
