/*
 * lists_show.c - `allowed`, `optouts`, `grey allowed`, `grey optouts`: the lists as they stand, and
 * where; and is somebody opted out?
 */
#include "grey.h"
#include "io/store_admin.h"
#include "io/store_lists.h"
#include "lists.h"
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

static void
networks_show(struct table *t, const char *kind, const struct net_set *set, const char *origin)
{
	for (size_t i = 0; i < set->n; i++) {
		char storage[NET_CIDR_TEXT_BYTES];
		struct buf text = BUF_OVER(storage);

		if (set->v[i].bits == net_family_bits(set->v[i].addr.family))
			net_addr_format(&text, &set->v[i].addr);
		else
			net_cidr_format(&text, &set->v[i]);
		row_show(t, kind, buf_slice(&text), true, origin);
	}
}

static void
addresses_show(struct table *t, const char *kind, const struct address_set *set, const char *origin)
{
	for (size_t i = 0; i < set->n; i++)
		row_show(t, kind, set->v[i], true, origin);
}

/* milter.conf's part of a list, with "/etc/gatepost/milter.conf:17". */
static void
configured_show(struct table *t, const struct ctl *ctl, const struct list_row *row)
{
	char storage[1100];
	struct buf origin = BUF_OVER(storage);

	buf_add_text(&origin, ctl->conf_path);
	buf_add_format(&origin, ":%u", settings_line(ctl->conf, row->section, row->option));
	if (store_list_has_networks(row->list))
		networks_show(t, row->kind, lists_networks(ctl->conf, row), buf_text(&origin));
	else
		addresses_show(t, row->kind, lists_addresses(ctl->conf, row), buf_text(&origin));
}

/* Redis's part of a list. CTL_OK, or the exit code after a complaint. */
static int
members_show(struct table *t, const struct ctl *ctl, const struct list_row *row)
{
	struct members m = {.n = 0};
	struct err err;
	int status;

	arena_init(&m.arena, 16384, MEMBERS_BYTES);
	status = members_read(&m, ctl->admin, row->list, &err);
	for (size_t i = 0; status == 0 && i < m.n; i++) {
		struct err why;

		if (i > 0 && slice_eq(m.v[i], m.v[i - 1]))
			continue;
		row_show(
		    t, row->kind, m.v[i], store_lists_check(row->list, m.v[i], &why) == 0, "redis");
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

/* When Redis fails in the midst, what milter.conf has is shown nevertheless. */
static int
family_show(struct ctl *ctl, const struct list_family *family)
{
	struct table table;
	int code;

	if (ctl_admin(ctl, &code) == NULL)
		return code;
	code = CTL_OK;
	table_begin(&table, &ctl->out, columns, COLUMNS);
	for (size_t i = 0; i < family->n; i++) {
		configured_show(&table, ctl, &family->rows[i]);
		if (code == CTL_OK)
			code = members_show(&table, ctl, &family->rows[i]);
	}
	table_end(&table);
	closing_show(&table);
	return code;
}

void
lists_optouts_open(struct lists_optouts *o, const struct conf *conf, struct store_admin *admin)
{
	const struct list_row *row = &lists_optout.rows[0];
	struct members m = {.n = 0};
	struct err err;

	o->conf = lists_addresses(conf, row);
	store_lists_init(&o->redis);
	arena_init(&m.arena, 16384, MEMBERS_BYTES);
	o->complete = admin != NULL && members_read(&m, admin, row->list, &err) == 0 &&
		      store_lists_set(&o->redis, row->list, m.v, m.n, &err) >= 0;
	free(m.v);
	arena_fini(&m.arena);
}

void
lists_optouts_close(struct lists_optouts *o)
{
	store_lists_fini(&o->redis);
}

bool
lists_optouts_has(struct lists_optouts *o, const char *domain)
{
	/* no more than a form: the local part of a return path is never the same twice */
	const struct address address = {.local = SLICE_LIT("b-0"), .domain = slice_of(domain)};

	return address_set_has(o->conf, &address) ||
	       store_lists_has_address(&o->redis, lists_optout.rows[0].list, &address);
}

int
allowed_command(struct ctl *ctl)
{
	return family_show(ctl, &lists_allow);
}

int
optouts_command(struct ctl *ctl)
{
	return family_show(ctl, &lists_optout);
}

int
grey_allowed_command(struct ctl *ctl)
{
	return family_show(ctl, &lists_grey_allow);
}

int
grey_optouts_command(struct ctl *ctl)
{
	return family_show(ctl, &lists_grey_optout);
}
