/*
 * grey_listed.c - `grey allowed` and `grey optouts`: the lists as they stand, and where.
 */
#include "grey.h"

#include "io/store_lists.h"
#include "modules.h"
#include "settings.h"

#include <stdlib.h>

#define MEMBERS_BYTES ((size_t)64 * 1024 * 1024)

static const struct table_column columns[] = {
    {.title = "KIND", .key = "kind"},
    {.title = "ENTRY", .key = "entry"},
    {.title = "IN FORCE", .key = "in_force"},
    {.title = "FROM", .key = "origin"},
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

/* What Redis has of one list. */
struct members {
	struct arena arena;
	struct slice *v;
	size_t n;
	size_t room;
};

static int
member_keep(struct members *m, struct slice member, struct err *err)
{
	if (m->n == m->room) {
		size_t room = m->room == 0 ? 64 : 2 * m->room;
		struct slice *v = realloc(m->v, room * sizeof(*v));

		if (v == NULL)
			return err_set(err, ERR_NOMEM, "no memory for the list");
		m->v = v;
		m->room = room;
	}
	m->v[m->n] = arena_copy(&m->arena, member);
	if (m->v[m->n].p == NULL)
		return err_set(err, ERR_LIMIT, "the list is too long to be shown in order");
	m->n++;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* Sorted; one may stand twice. */
static int
members_read(struct members *m, struct store_admin *admin, enum store_list list, struct err *err)
{
	struct store_scan *scan = store_admin_list_scan(admin, list, err);
	int status = scan == NULL ? -1 : 1;
	struct slice member;

	while (status > 0) {
		status = store_scan_member(scan, &member, err);
		if (status > 0 && member_keep(m, member, err) != 0)
			status = -1;
	}
	store_scan_free(scan);
	if (m->n > 1)
		qsort(m->v, m->n, sizeof(m->v[0]), compare);
	return status;
}

static void
row_show(struct table *t, const char *kind, struct slice entry, bool in_force, const char *origin)
{
	table_words(t, OUT_NORMAL, kind);
	table_text(t, in_force ? OUT_NORMAL : OUT_BAD, entry);
	table_flag(t, in_force);
	table_words(t, OUT_NORMAL, origin);
	table_row(t);
}

/* "/etc/gatepost/milter.conf:17" */
static void
origin_format(struct buf *out, const struct ctl *ctl, const char *option)
{
	buf_add_text(out, ctl->conf_path);
	buf_add_format(out, ":%u", settings_line(ctl->conf, &grey_section, option));
}

static void
networks_show(struct table *t, const struct net_set *set, const char *origin)
{
	for (size_t i = 0; i < set->n; i++) {
		char storage[NET_CIDR_TEXT_BYTES];
		struct buf text = BUF_OVER(storage);

		if (set->v[i].bits == net_family_bits(set->v[i].addr.family))
			net_addr_format(&text, &set->v[i].addr);
		else
			net_cidr_format(&text, &set->v[i]);
		row_show(t, "network", buf_slice(&text), true, origin);
	}
}

static void
addresses_show(struct table *t, const char *kind, const struct address_set *set, const char *origin)
{
	for (size_t i = 0; i < set->n; i++)
		row_show(t, kind, set->v[i], true, origin);
}

/* Redis's part of a list. CTL_OK, or the exit code after a complaint. */
static int
members_show(struct table *t, const struct grey_view *view, enum store_list list, const char *kind)
{
	struct members m = {.n = 0};
	struct err err;
	int status;

	arena_init(&m.arena, 16384, MEMBERS_BYTES);
	status = members_read(&m, view->admin, list, &err);
	for (size_t i = 0; status == 0 && i < m.n; i++) {
		struct err why;

		if (i > 0 && slice_eq(m.v[i], m.v[i - 1]))
			continue;
		row_show(t, kind, m.v[i], store_lists_check(list, m.v[i], &why) == 0, "redis");
	}
	free(m.v);
	arena_fini(&m.arena);
	return status < 0 ? grey_failed(&err) : CTL_OK;
}

static void
closing_show(const struct table *t)
{
	char storage[64];
	struct buf count = BUF_OVER(storage);

	if (t->out->form != OUT_TERMINAL)
		return;
	grey_count_format(&count, (int64_t)t->rows, "entry", "entries");
	out_print(t->out, OUT_DIM, "%s%s\n", t->rows > 0 ? "\n" : "", buf_text(&count));
}

int
grey_allowed_command(struct ctl *ctl)
{
	char networks_storage[1100], senders_storage[1100];
	struct buf networks = BUF_OVER(networks_storage);
	struct buf senders = BUF_OVER(senders_storage);
	struct grey_view view;
	struct table table;
	int code = grey_view_init(&view, ctl);

	if (code != CTL_OK)
		return code;
	origin_format(&networks, ctl, "allow_networks");
	origin_format(&senders, ctl, "allow_senders");
	table_begin(&table, &ctl->out, columns, COLUMNS);
	networks_show(&table, &view.conf->allow_networks, buf_text(&networks));
	code = members_show(&table, &view, STORE_ALLOW_NETWORKS, "network");
	addresses_show(&table, "sender", &view.conf->allow_senders, buf_text(&senders));
	if (code == CTL_OK)
		code = members_show(&table, &view, STORE_ALLOW_SENDERS, "sender");
	table_end(&table);
	closing_show(&table);
	return code;
}

int
grey_optouts_command(struct ctl *ctl)
{
	char storage[1100];
	struct buf origin = BUF_OVER(storage);
	struct grey_view view;
	struct table table;
	int code = grey_view_init(&view, ctl);

	if (code != CTL_OK)
		return code;
	origin_format(&origin, ctl, "optout");
	table_begin(&table, &ctl->out, columns, COLUMNS);
	addresses_show(&table, "rcpt", &view.conf->optout, buf_text(&origin));
	code = members_show(&table, &view, STORE_OPTOUT, "rcpt");
	table_end(&table);
	closing_show(&table);
	return code;
}
