/*
 * milter_wire.c - see milter_wire.h: the steps, as packets in the output buffer. What moves bytes
 * is in milter_wire_io.c.
 *
 * What is sent when follows Postfix's milter client: the macros of the envelope's stages go out
 * even when the filter did not want the step itself; those of headers and body do not.
 */
#include "milter_wire.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>

/* What the negotiation says about one step. */
struct rule {
	uint32_t never;   /* the filter does not want it */
	uint32_t silent;  /* the filter will not answer it */
	uint32_t version; /* the first that has it */
	int symbols;      /* the number of its macro list, or -1 */
	char command;
	bool macros_alone; /* macros are sent even when it is not */
};

static const struct rule rules[] = {
    {SMFIP_NOCONNECT, SMFIP_NR_CONN, 2, 0, SMFIC_CONNECT, true},
    {SMFIP_NOHELO, SMFIP_NR_HELO, 2, 1, SMFIC_HELO, true},
    {SMFIP_NOMAIL, SMFIP_NR_MAIL, 2, 2, SMFIC_MAIL, true},
    {SMFIP_NORCPT, SMFIP_NR_RCPT, 2, 3, SMFIC_RCPT, true},
    {SMFIP_NODATA, SMFIP_NR_DATA, 4, 4, SMFIC_DATA, true},
    {SMFIP_NOHDRS, SMFIP_NR_HDR, 2, 6, SMFIC_HEADER, false},
    {SMFIP_NOEOH, SMFIP_NR_EOH, 2, 6, SMFIC_EOH, false},
    {SMFIP_NOBODY, SMFIP_NR_BODY, 2, 5, SMFIC_BODY, false},
    {0, 0, 2, 5, SMFIC_BODYEOB, false},
    {SMFIP_NOUNKNOWN, SMFIP_NR_UNKN, 3, -1, SMFIC_UNKNOWN, true},
};

bool
wire_reserve(struct wire *w, struct wire_bytes *b, size_t n)
{
	size_t cap = b->cap == 0 ? 1024 : b->cap;
	char *p;

	if (w->failed)
		return false;
	while (cap - b->n < n)
		cap *= 2;
	if (cap == b->cap)
		return true;
	p = realloc(b->p, cap);
	w->failed = p == NULL;
	if (p == NULL)
		return false;
	b->p = p;
	b->cap = cap;
	return true;
}

static void
put(struct wire *w, const void *p, size_t n)
{
	if (n == 0 || !wire_reserve(w, &w->out, n))
		return;
	memcpy(w->out.p + w->out.n, p, n);
	w->out.n += n;
}

/* With the NUL, as every string of the protocol. */
static void
put_text(struct wire *w, const char *text)
{
	put(w, text, strlen(text) + 1);
}

static void
put_u32(struct wire *w, uint32_t value)
{
	uint32_t net = htonl(value);

	put(w, &net, sizeof(net));
}

/* Returns where the packet starts, for packet_end(). */
static size_t
packet_begin(struct wire *w, char command)
{
	size_t at = w->out.n;

	put_u32(w, 0);
	put(w, &command, 1);
	return at;
}

static void
packet_end(struct wire *w, size_t at)
{
	uint32_t net;

	if (w->failed)
		return;
	net = htonl((uint32_t)(w->out.n - at - sizeof(net)));
	memcpy(w->out.p + at, &net, sizeof(net));
}

/* A macro's name without the braces that long names wear. */
static struct slice
macro_name(struct slice name)
{
	if (name.n > 2 && name.p[0] == '{' && name.p[name.n - 1] == '}')
		return slice_make(name.p + 1, name.n - 2);
	return name;
}

/* Does the filter's list, names between blanks or commas, have this one? NULL has all. */
static bool
symbols_have(const char *symbols, const char *name)
{
	struct slice want = macro_name(slice_of(name));
	const char *p = symbols;
	size_t n;

	if (symbols == NULL)
		return true;
	while (*p != '\0') {
		n = strcspn(p, ", \t");
		if (slice_eq(macro_name(slice_make(p, n)), want))
			return true;
		p += n + strspn(p + n, ", \t");
	}
	return false;
}

static void
put_macros(struct wire *w, const struct rule *rule)
{
	const char *symbols = rule->symbols < 0 ? NULL : w->symbols[rule->symbols];
	size_t at, i;

	if (w->macros == NULL)
		return;
	at = packet_begin(w, SMFIC_MACRO);
	put(w, &rule->command, 1);
	for (i = 0; i < w->macros_n; i++) {
		if (!symbols_have(symbols, w->macros[i].name))
			continue;
		put_text(w, w->macros[i].name);
		put_text(w, w->macros[i].value);
	}
	packet_end(w, at);
}

static const struct rule *
rule_of(char command)
{
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].command == command)
			return &rules[i];
	assert(false); /* every step has a rule */
	return NULL;
}

/* Sends the step's macros; the rule to go on by, or NULL when the step is not sent. */
static const struct rule *
step_begin(struct wire *w, char command)
{
	const struct rule *rule = rule_of(command);
	bool wanted = (w->protocol & rule->never) == 0 && w->version >= rule->version;

	if (w->skipped == command)
		return NULL;
	w->skipped = 0;
	if (wanted || (rule->macros_alone && w->version >= rule->version))
		put_macros(w, rule);
	w->macros = NULL;
	return wanted ? rule : NULL;
}

static bool
step_end(struct wire *w, const struct rule *rule, size_t at)
{
	packet_end(w, at);
	if ((w->protocol & rule->silent) != 0)
		return false;
	w->step = rule->command;
	return true;
}

/* A step whose content is n strings. */
static bool
step_texts(struct wire *w, char command, const char *const *v, size_t n)
{
	const struct rule *rule = step_begin(w, command);
	size_t at, i;

	if (rule == NULL)
		return false;
	at = packet_begin(w, command);
	for (i = 0; i < n; i++)
		put_text(w, v[i]);
	return step_end(w, rule, at);
}

void
wire_raw(struct wire *w, char command, struct slice data)
{
	size_t at = packet_begin(w, command);

	put(w, data.p, data.n);
	packet_end(w, at);
}

void
wire_macros(struct wire *w, const struct wire_macro *v, size_t n)
{
	w->macros = v;
	w->macros_n = n;
}

bool
wire_negotiate(struct wire *w)
{
	size_t at = packet_begin(w, SMFIC_OPTNEG);

	put_u32(w, SMFI_PROT_VERSION);
	put_u32(w, SMFI_CURR_ACTS);
	put_u32(w, SMFI_CURR_PROT);
	packet_end(w, at);
	w->step = SMFIC_OPTNEG;
	return true;
}

bool
wire_connect(struct wire *w, const struct wire_client *client)
{
	const struct rule *rule = step_begin(w, SMFIC_CONNECT);
	uint16_t port = htons(client->port);
	size_t at;

	if (rule == NULL)
		return false;
	at = packet_begin(w, SMFIC_CONNECT);
	put_text(w, client->name);
	put(w, &client->family, 1);
	if (client->family != SMFIA_UNKNOWN) {
		put(w, &port, sizeof(port));
		put_text(w, client->addr);
	}
	return step_end(w, rule, at);
}

bool
wire_helo(struct wire *w, const char *name)
{
	return step_texts(w, SMFIC_HELO, &name, 1);
}

bool
wire_mail(struct wire *w, const char *const *argv, size_t n)
{
	return step_texts(w, SMFIC_MAIL, argv, n);
}

bool
wire_rcpt(struct wire *w, const char *const *argv, size_t n)
{
	return step_texts(w, SMFIC_RCPT, argv, n);
}

bool
wire_data(struct wire *w)
{
	return step_texts(w, SMFIC_DATA, NULL, 0);
}

bool
wire_header(struct wire *w, const char *name, const char *value)
{
	const char *texts[2] = {name, value};

	if ((w->protocol & SMFIP_HDR_LEADSPC) == 0 && value[0] == ' ')
		texts[1]++;
	return step_texts(w, SMFIC_HEADER, texts, 2);
}

bool
wire_eoh(struct wire *w)
{
	return step_texts(w, SMFIC_EOH, NULL, 0);
}

bool
wire_body(struct wire *w, struct slice chunk)
{
	const struct rule *rule = step_begin(w, SMFIC_BODY);
	size_t at;

	if (rule == NULL)
		return false;
	at = packet_begin(w, SMFIC_BODY);
	put(w, chunk.p, chunk.n);
	return step_end(w, rule, at);
}

bool
wire_eom(struct wire *w)
{
	return step_texts(w, SMFIC_BODYEOB, NULL, 0);
}

bool
wire_unknown(struct wire *w, const char *command)
{
	return step_texts(w, SMFIC_UNKNOWN, &command, 1);
}

bool
wire_abort(struct wire *w)
{
	wire_raw(w, SMFIC_ABORT, slice_of(NULL));
	w->skipped = 0;
	return false;
}

bool
wire_quit_nc(struct wire *w)
{
	wire_raw(w, SMFIC_QUIT_NC, slice_of(NULL));
	w->skipped = 0;
	return false;
}

bool
wire_quit(struct wire *w)
{
	wire_raw(w, SMFIC_QUIT, slice_of(NULL));
	return false;
}
