/*
 * setup_lanes.c - see setup.h: which way mail leaves Postfix, and what becomes of what comes back.
 */
#include "setup_postfix.h"

#include "io/files.h"

#define PATTERN_BYTES  550 /* of a domain with dots only, and what is around it */
#define LINE_BYTES     900 /* of one domain in a file: a pattern, and a mailbox */
#define FILE_MAX_BYTES ((size_t)8 * 1024 * 1024)
#define NAME_BYTES     80

void
setup_file(struct setup *s, const char *path, const char *lines, const char *why)
{
	struct setup_item item = {SETUP_FILE, path, lines, why, SETUP_UNKNOWN, {NULL, 0}};
	struct arena arena;
	struct slice text;
	struct err err;

	if (!s->senders.book->complete) {
		setup_comment(s, "%s: left out, since Redis could not be read.", path);
		return;
	}
	if (s->view != NULL) {
		arena_init(&arena, 4096, FILE_MAX_BYTES + 4096);
		item.state = SETUP_MISSING;
		if (files_read(path, FILE_MAX_BYTES, &arena, &text, &err) == 0) {
			item.state = slice_eq(text, slice_of(lines)) ? SETUP_DONE : SETUP_OTHER;
			item.now = slice_of("another text");
		}
		arena_fini(&arena);
	}
	setup_item(s, &item);
}

/* The lane's transport: by its name, unless master.cf has something else by that name. */
static void
transport_format(const struct setup *s, const char *lane, struct buf *out)
{
	struct slice command = {NULL, 0};

	if (s->view != NULL)
		command = postfix_command_of(s->view->services, slice_of(lane), "unix");
	if ((command.n > 0 && !slice_eq(command, slice_of("smtp"))) || strcmp(lane, "smtp") == 0)
		buf_add_text(out, "lane-");
	buf_add_lower(out, slice_of(lane));
}

/* Room for a line for each domain, or NULL. */
static bool
lines_begin(struct setup *s, size_t n, struct buf *lines_r)
{
	size_t room = (n + 4) * LINE_BYTES;
	char *storage = arena_alloc(&s->arena, room);

	if (storage == NULL)
		return false;
	buf_init(lines_r, storage, room);
	return true;
}

static void
service_items(struct setup *s, const char *transport)
{
	char name[NAME_BYTES + 32], value[2 * NAME_BYTES], option[2 * NAME_BYTES];
	struct setup_item item = {SETUP_SERVICE, name, value, NULL, SETUP_UNKNOWN, {NULL, 0}};

	(void)snprintf(name, sizeof(name), "%s/unix", transport);
	(void)snprintf(value, sizeof(value), "%s unix - - n - - smtp", transport);
	if (s->view != NULL)
		item.state = postfix_command_of(s->view->services, slice_of(transport), "unix").n >
				     0
				 ? SETUP_DONE
				 : SETUP_MISSING;
	setup_item(s, &item);
	item.where = SETUP_OPTION;
	(void)snprintf(name, sizeof(name), "%s/unix/syslog_name", transport);
	(void)snprintf(value, sizeof(value), "postfix/%s", transport);
	if (s->view != NULL) {
		item.now = postfix_setting(s->view->overrides, name);
		item.state = item.now.n > 0 ? SETUP_DONE : SETUP_MISSING;
	}
	setup_item(s, &item);
	(void)snprintf(option, sizeof(option), "%s/unix/smtp_bind_address", transport);
	if (s->view == NULL || postfix_setting(s->view->overrides, option).n == 0)
		setup_comment(s,
		    "postconf -Pe '%s = 192.0.2.10' and '%s/unix/smtp_helo_name = "
		    "NAME-OF-IT' (its address backwards) give it a source address of its own.",
		    option, transport);
}

/* Each lane's transport once: domains come sorted by name, their lanes do not. */
static bool
lane_is_first(const struct sender_domain *domains, size_t i)
{
	for (size_t k = 0; k < i; k++) {
		if (strcmp(domains[k].lane, domains[i].lane) == 0)
			return false;
	}
	return domains[i].lane[0] != '\0';
}

static bool
lane_is_lost(const struct account *account)
{
	return (account->lane[0] != '\0' || account->overflow[0] != '\0') &&
	       !sender_has_verp(account);
}

static void
lanes_items(struct setup *s, const struct sender_domain *domains, size_t n)
{
	const char *path = setup_path(s, "gatepost-lanes");
	struct buf lines;
	char storage[1400];
	struct buf table = BUF_OVER(storage);

	if (path == NULL || !lines_begin(s, n, &lines))
		return;
	buf_add_text(
	    &lines, "# sender_dependent_default_transport_maps: lanes of gatepost's accounts.\n");
	for (size_t i = 0; i < n; i++) {
		char name[NAME_BYTES];
		struct buf transport = BUF_OVER(name);

		if (domains[i].lane[0] == '\0')
			continue;
		transport_format(s, domains[i].lane, &transport);
		buf_add_format(&lines, "@%s %s:\n", domains[i].domain, buf_text(&transport));
		if (lane_is_first(domains, i))
			service_items(s, buf_text(&transport));
	}
	setup_file(s, path, buf_text(&lines), NULL);
	buf_add_format(&table, "texthash:%s", path);
	setup_main_list(s, "sender_dependent_default_transport_maps", buf_text(&table), true,
	    "By the MAIL FROM that gatepost gives. Not asked for mail to relay_domains, nor where "
	    "transport_maps has an entry for the recipient.");
}

void
setup_postfix_lanes(struct setup *s)
{
	size_t n, lost, lanes = 0;
	const struct sender_domain *domains = setup_domains(s, &n);
	char storage[512];
	struct buf names = BUF_OVER(storage);

	if (!s->has_senders)
		return;
	for (size_t i = 0; i < n; i++)
		lanes += domains[i].lane[0] != '\0';
	lost = setup_names(s, lane_is_lost, &names);
	if (lanes == 0 && lost == 0)
		return;
	setup_part(s, "lanes");
	if (lost > 0)
		setup_comment(s,
		    "Without a bounce_domain, or with mail_from = keep, a lane does nothing: %s.",
		    buf_text(&names));
	if (lanes > 0)
		lanes_items(s, domains, n);
}

/* True when Postfix takes mail for it already. */
static bool
is_taken(const struct setup *s, const char *domain)
{
	static const char *const lists[] = {
	    "mydestination", "relay_domains", "virtual_mailbox_domains", "virtual_alias_domains"};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (postfix_list_has(setup_main_now(s, lists[i]), slice_of(domain)))
			return true;
	}
	return false;
}

/* ---- the mailbox that they go to ---- */

#define MAILBOX       "postmaster"
#define MAILBOX_BYTES 300

static void
pattern_add(struct buf *lines, const char *domain)
{
	buf_add_text(lines, "/@");
	for (const char *c = domain; *c != '\0'; c++) {
		if (*c == '.')
			buf_add_char(lines, '\\');
		buf_add_char(lines, *c);
	}
	buf_add_text(lines, "$/");
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* The next line of a table of Postfix's, with those that go on with it; what is left in text. */
static struct slice
logical_line(struct slice *text)
{
	struct slice all = *text;

	do {
		*text = slice_from(*text, slice_find(*text, '\n') + 1);
	} while (text->n > 0 && is_blank(text->p[0]));
	return slice_head(all, all.n - text->n);
}

/* Takes a line "/PATTERN/ MAILBOX" apart. False: it is another, or has a mailbox that is not to be
 * printed, or too long. */
static bool
mailbox_read(struct slice line, struct slice *pattern_r, struct buf *mailbox)
{
	size_t blank = 0;
	struct slice value;

	while (blank < line.n && !is_blank(line.p[blank]))
		blank++;
	*pattern_r = slice_head(line, blank);
	value = slice_trim(slice_from(line, blank));
	buf_reset(mailbox);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (!is_blank(c) && (c < '!' || c > '~'))
			return false;
		if (!is_blank(c))
			buf_add_char(mailbox, c);
		else if (!is_blank(value.p[i - 1])) /* it begins with none */
			buf_add_char(mailbox, ' ');
	}
	return slice_starts(line, slice_of("/")) && value.n > 0 && !mailbox->over;
}

/* What the file that is there has for that pattern, for somebody may have written a mailbox of his into
 * it; or, for a domain that is new, the first that it has. False: neither. */
static bool
mailbox_find(struct slice text, struct slice pattern, struct buf *mailbox)
{
	char storage[MAILBOX_BYTES];
	struct buf first = BUF_OVER(storage);
	struct slice other;

	while (text.n > 0) {
		bool good = mailbox_read(logical_line(&text), &other, mailbox);

		if (slice_starts(other, pattern))
			return good;
		if (good && first.n == 0)
			buf_add(&first, buf_slice(mailbox));
	}
	buf_reset(mailbox);
	buf_add(mailbox, buf_slice(&first));
	return first.n > 0;
}

/* ---- what comes back ---- */

/* A line for each domain, with the mailbox that text has; how many have none. */
static size_t
aliases_add(struct slice text, const struct sender_domain *domains, size_t n, struct buf *lines)
{
	size_t unnamed = 0;

	for (size_t i = 0; i < n; i++) {
		char pattern_storage[PATTERN_BYTES], mailbox_storage[MAILBOX_BYTES];
		struct buf pattern = BUF_OVER(pattern_storage);
		struct buf mailbox = BUF_OVER(mailbox_storage);
		bool named;

		pattern_add(&pattern, domains[i].domain);
		named = mailbox_find(text, buf_slice(&pattern), &mailbox);
		unnamed += !named;
		buf_add(lines, buf_slice(&pattern));
		buf_add_format(lines, " %s\n", named ? buf_text(&mailbox) : MAILBOX);
	}
	return unnamed;
}

/* Return paths, and addresses to unsubscribe; nothing else is taken in. */
static size_t
aliases_format(const struct setup *s, const char *path, const struct sender_domain *domains,
    size_t n, struct buf *lines)
{
	struct slice now = {NULL, 0};
	struct arena arena;
	struct err err;
	size_t unnamed;

	arena_init(&arena, 4096, FILE_MAX_BYTES + 4096);
	if (s->view != NULL && files_read(path, FILE_MAX_BYTES, &arena, &now, &err) != 0)
		now = slice_make(NULL, 0);
	buf_add_text(lines, "# virtual_alias_maps: bounces to gatepost's return paths, and mail to "
			    "unsubscribe; nothing\n# else is there.\nif /^[bu]-[^@]+@/\n");
	unnamed = aliases_add(now, domains, n, lines);
	buf_add_text(lines, "endif\n");
	arena_fini(&arena);
	return unnamed;
}

/* Returns how many of them Postfix takes in already, by another setting. */
static size_t
list_format(const struct setup *s, const struct sender_domain *domains, size_t n, struct buf *lines)
{
	size_t taken = 0;

	buf_add_text(lines, "# virtual_alias_domains: bounce domains of gatepost's accounts.\n");
	for (size_t i = 0; i < n; i++) {
		if (is_taken(s, domains[i].domain))
			taken++;
		else
			buf_add_format(lines, "%s gatepost\n", domains[i].domain);
	}
	return taken;
}

void
setup_postfix_bounces(struct setup *s)
{
	const char *list_path = setup_path(s, "gatepost-bounce-domains");
	const char *aliases_path = setup_path(s, "gatepost-bounces");
	size_t n, taken, unnamed;
	const struct sender_domain *domains = setup_domains(s, &n);
	struct buf list, aliases;
	char table[1400];

	if (n == 0 || list_path == NULL || aliases_path == NULL || !lines_begin(s, n, &list) ||
	    !lines_begin(s, n, &aliases))
		return;
	taken = list_format(s, domains, n, &list);
	unnamed = aliases_format(s, aliases_path, domains, n, &aliases);
	setup_part(s, "what comes back");
	setup_comment(s, "%s The mailbox behind them gets what is passed on.%s",
	    setup_reads_returns(s->conf)
		? "gatepostd reads what comes to these addresses: Postfix has to take it."
		: "gatepostd does not read what comes to these addresses (returns.enabled = no); "
		  "Postfix has to take it all the same.",
	    unnamed > 0 ? " " MAILBOX " stands for yours: what you write there in its place stays."
			: "");
	if (setup_reads_returns(s->conf))
		setup_main_list(s, "internal_mail_filter_classes", "bounce", false,
		    "Shows gatepostd the bounces that this Postfix writes, when the far end "
		    "refuses a recipient or nobody is there.");
	if (taken > 0)
		setup_comment(s, "%zu of the domains have a place in main.cf already.", taken);
	setup_file(s, list_path, buf_text(&list), NULL);
	(void)snprintf(table, sizeof(table), "texthash:%s", list_path);
	setup_main_list(s, "virtual_alias_domains", table, false, NULL);
	setup_file(s, aliases_path, buf_text(&aliases), NULL);
	(void)snprintf(table, sizeof(table), "regexp:%s", aliases_path);
	setup_main_list(s, "virtual_alias_maps", table, false, NULL);
	setup_optouts(s, domains, n);
}
