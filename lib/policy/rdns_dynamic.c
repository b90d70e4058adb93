/*
 * rdns_dynamic.c - see rdns_dynamic.h.
 */
#include "policy/rdns_dynamic.h"

#include "policy/rdns_address.h"

enum word_class {
	WORD_MAIL = 1,    /* mail is sent from there */
	WORD_STATIC = 2,  /* a line or a rented server that keeps its address */
	WORD_DYNAMIC = 4, /* says so itself */
	WORD_ACCESS = 8,  /* what a line is made of */
	WORD_MANY = 16,   /* one of many: with any number in the name */
	WORD_VAGUE = 32,  /* the same, but servers are called so, too: with a long number or two */
};

enum word_place {
	WORD_WHOLE, /* the word is that */
	WORD_IN,    /* the word holds that */
};

/* Every row is looked at, and the classes of those that fit add up. */
static const struct word {
	struct slice text;
	enum word_place place;
	enum word_class class;
} words[] = {
    {SLICE_LIT("mail"), WORD_IN, WORD_MAIL},
    {SLICE_LIT("smtp"), WORD_IN, WORD_MAIL},
    {SLICE_LIT("relay"), WORD_IN, WORD_MAIL},
    {SLICE_LIT("outbound"), WORD_IN, WORD_MAIL},
    {SLICE_LIT("smarthost"), WORD_WHOLE, WORD_MAIL},
    {SLICE_LIT("newsletter"), WORD_IN, WORD_MAIL},
    {SLICE_LIT("bounce"), WORD_IN, WORD_MAIL},
    {SLICE_LIT("mx"), WORD_WHOLE, WORD_MAIL},
    {SLICE_LIT("mxout"), WORD_WHOLE, WORD_MAIL},
    {SLICE_LIT("outmx"), WORD_WHOLE, WORD_MAIL},
    {SLICE_LIT("mta"), WORD_WHOLE, WORD_MAIL},
    {SLICE_LIT("mtaout"), WORD_WHOLE, WORD_MAIL},
    {SLICE_LIT("out"), WORD_WHOLE, WORD_MAIL},
    {SLICE_LIT("outgoing"), WORD_WHOLE, WORD_MAIL},
    {SLICE_LIT("exchange"), WORD_WHOLE, WORD_MAIL},
    {SLICE_LIT("postfix"), WORD_WHOLE, WORD_MAIL},
    {SLICE_LIT("send"), WORD_WHOLE, WORD_MAIL},
    {SLICE_LIT("sender"), WORD_WHOLE, WORD_MAIL},
    {SLICE_LIT("list"), WORD_WHOLE, WORD_MAIL},
    {SLICE_LIT("lists"), WORD_WHOLE, WORD_MAIL},

    {SLICE_LIT("static"), WORD_IN, WORD_STATIC},
    {SLICE_LIT("stat"), WORD_WHOLE, WORD_STATIC},
    {SLICE_LIT("sta"), WORD_WHOLE, WORD_STATIC},
    {SLICE_LIT("fixed"), WORD_IN, WORD_STATIC},
    {SLICE_LIT("fix"), WORD_WHOLE, WORD_STATIC},
    {SLICE_LIT("business"), WORD_WHOLE, WORD_STATIC},
    {SLICE_LIT("biz"), WORD_WHOLE, WORD_STATIC},
    {SLICE_LIT("dedicated"), WORD_WHOLE, WORD_STATIC},
    {SLICE_LIT("colo"), WORD_WHOLE, WORD_STATIC},
    {SLICE_LIT("vps"), WORD_WHOLE, WORD_STATIC},
    {SLICE_LIT("vserver"), WORD_WHOLE, WORD_STATIC},
    {SLICE_LIT("compute"), WORD_WHOLE, WORD_STATIC},

    {SLICE_LIT("dynamic"), WORD_IN, WORD_DYNAMIC},
    {SLICE_LIT("dynip"), WORD_IN, WORD_DYNAMIC},
    {SLICE_LIT("dyndsl"), WORD_IN, WORD_DYNAMIC},
    {SLICE_LIT("dyn"), WORD_WHOLE, WORD_DYNAMIC},
    {SLICE_LIT("dialup"), WORD_IN, WORD_DYNAMIC},
    {SLICE_LIT("dialin"), WORD_IN, WORD_DYNAMIC},
    {SLICE_LIT("dial"), WORD_WHOLE, WORD_DYNAMIC},
    {SLICE_LIT("dip"), WORD_WHOLE, WORD_DYNAMIC},
    {SLICE_LIT("dhcp"), WORD_IN, WORD_DYNAMIC},
    {SLICE_LIT("ppp"), WORD_WHOLE, WORD_DYNAMIC},
    {SLICE_LIT("pppoe"), WORD_WHOLE, WORD_DYNAMIC},
    {SLICE_LIT("dinamic"), WORD_IN, WORD_DYNAMIC},
    {SLICE_LIT("dynamique"), WORD_IN, WORD_DYNAMIC},

    {SLICE_LIT("dsl"), WORD_IN, WORD_ACCESS},
    {SLICE_LIT("cable"), WORD_IN, WORD_ACCESS},
    {SLICE_LIT("kabel"), WORD_IN, WORD_ACCESS},
    {SLICE_LIT("catv"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("docsis"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("hfc"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("hsd"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("cpe"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("modem"), WORD_IN, WORD_ACCESS},
    {SLICE_LIT("isdn"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("broadband"), WORD_IN, WORD_ACCESS},
    {SLICE_LIT("bband"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("ftth"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("fttb"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("fttx"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("fttp"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("gpon"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("fios"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("wimax"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("wifi"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("wlan"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("hotspot"), WORD_IN, WORD_ACCESS},
    {SLICE_LIT("wireless"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("mobile"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("gprs"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("umts"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("lte"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("cgn"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("cgnat"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("bras"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("pool"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("pools"), WORD_WHOLE, WORD_ACCESS},
    {SLICE_LIT("residential"), WORD_IN, WORD_ACCESS},
    {SLICE_LIT("subscriber"), WORD_IN, WORD_ACCESS},
    {SLICE_LIT("unassigned"), WORD_WHOLE, WORD_ACCESS},

    {SLICE_LIT("cust"), WORD_WHOLE, WORD_MANY},
    {SLICE_LIT("customer"), WORD_IN, WORD_MANY},
    {SLICE_LIT("client"), WORD_WHOLE, WORD_MANY},
    {SLICE_LIT("clients"), WORD_WHOLE, WORD_MANY},
    {SLICE_LIT("res"), WORD_WHOLE, WORD_MANY},
    {SLICE_LIT("user"), WORD_WHOLE, WORD_MANY},
    {SLICE_LIT("abo"), WORD_WHOLE, WORD_MANY},
    {SLICE_LIT("nat"), WORD_WHOLE, WORD_MANY},
    {SLICE_LIT("ras"), WORD_WHOLE, WORD_MANY},

    {SLICE_LIT("host"), WORD_WHOLE, WORD_VAGUE},
    {SLICE_LIT("ip"), WORD_WHOLE, WORD_VAGUE},
    {SLICE_LIT("home"), WORD_WHOLE, WORD_VAGUE},
    {SLICE_LIT("node"), WORD_WHOLE, WORD_VAGUE},
    {SLICE_LIT("line"), WORD_WHOLE, WORD_VAGUE},
    {SLICE_LIT("port"), WORD_WHOLE, WORD_VAGUE},
    {SLICE_LIT("unknown"), WORD_WHOLE, WORD_VAGUE},
};

/* What registries sell names below, under a country's two letters: "example.co.uk". */
static const struct slice second_levels[] = {
    SLICE_LIT("ac"),
    SLICE_LIT("ad"),
    SLICE_LIT("asn"),
    SLICE_LIT("co"),
    SLICE_LIT("com"),
    SLICE_LIT("edu"),
    SLICE_LIT("go"),
    SLICE_LIT("gov"),
    SLICE_LIT("id"),
    SLICE_LIT("ne"),
    SLICE_LIT("net"),
    SLICE_LIT("or"),
    SLICE_LIT("org"),
};

/* What the words of a name say together. */
struct saying {
	unsigned classes; /* OR of enum word_class */
	size_t numbers;
	size_t longest; /* digits of the longest number */
};

static bool
is_letter(char c)
{
	c = ascii_lower(c);
	return c >= 'a' && c <= 'z';
}

/* Cuts the last label off. */
static struct slice
label_cut(struct slice *name)
{
	size_t dot = slice_find_last(*name, '.');
	struct slice label = dot < name->n ? slice_from(*name, dot + 1) : *name;

	*name = slice_head(*name, dot < name->n ? dot : 0);
	return label;
}

/* The name without what is likely to be the provider's domain. No more than a guess is needed: what
 * hangs on it is whether a provider's own name is read as a word about the line. */
static struct slice
host_part(struct slice name)
{
	struct slice top = label_cut(&name);
	struct slice second = label_cut(&name);

	for (size_t i = 0; top.n == 2 && i < sizeof(second_levels) / sizeof(*second_levels); i++) {
		if (slice_eq_nocase(second, second_levels[i])) {
			(void)label_cut(&name);
			break;
		}
	}
	return name;
}

static bool
word_has(struct slice token, struct slice text)
{
	for (size_t i = 0; i + text.n <= token.n; i++) {
		if (slice_starts_nocase(slice_from(token, i), text))
			return true;
	}
	return false;
}

static unsigned
word_classes(struct slice token)
{
	unsigned classes = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		const struct word *w = &words[i];

		if (token.n < w->text.n)
			continue;
		if (w->place == WORD_IN ? word_has(token, w->text)
					: slice_eq_nocase(token, w->text))
			classes |= w->class;
	}
	return classes;
}

static size_t
run_length(struct slice s, bool (*is)(char))
{
	size_t n = 0;

	while (n < s.n && is(s.p[n]))
		n++;
	return n;
}

static struct saying
words_read(struct slice rest)
{
	struct saying saying = {0};

	while (rest.n > 0) {
		size_t letters = run_length(rest, is_letter);
		size_t digits = letters > 0 ? 0 : run_length(rest, ascii_is_digit);

		if (letters > 0)
			saying.classes |= word_classes(slice_head(rest, letters));
		if (digits > 0)
			saying.numbers++;
		if (digits > saying.longest)
			saying.longest = digits;
		rest = slice_from(rest, letters + digits > 0 ? letters + digits : 1);
	}
	return saying;
}

/* "cust-7", and "host-123" or "host-1-7", but not "host1". */
static bool
is_one_of_many(const struct saying *s)
{
	return ((s->classes & WORD_MANY) != 0 && s->numbers > 0) ||
	       ((s->classes & WORD_VAGUE) != 0 && (s->longest > 2 || s->numbers > 1));
}

enum rdns_look
rdns_look(struct slice name, const struct net_addr *client)
{
	struct slice host = host_part(name);
	struct saying s = words_read(host);
	struct saying domain = words_read(slice_from(name, host.n));
	bool has_address = rdns_has_address(name, client);

	if ((s.classes & WORD_MAIL) != 0 && !(has_address && (s.classes & WORD_DYNAMIC) != 0))
		return RDNS_LOOK_HOST;
	if ((s.classes & WORD_DYNAMIC) != 0)
		return RDNS_LOOK_DYNAMIC;
	if ((s.classes & WORD_STATIC) != 0)
		return RDNS_LOOK_STATIC;
	if ((s.classes & WORD_ACCESS) != 0 || is_one_of_many(&s))
		return RDNS_LOOK_DYNAMIC;
	/* senders of much mail number their hosts by address: "m113-77.mailer.example" */
	return has_address && (domain.classes & WORD_MAIL) == 0 ? RDNS_LOOK_DYNAMIC
								: RDNS_LOOK_HOST;
}
