/*
 * milterload.c - a load client that speaks the milter protocol as Postfix does.
 *
 * Holds SESSIONS connections to a filter open and runs transactions through them as fast as the
 * filter answers. One thread with one epoll set does it all, at a few microseconds of CPU per
 * decision, so that a run measures the filter and not its client. Prints one line of JSON.
 *
 * Exit: 0, all was done; 1, there were errors, or fewer decisions than asked for; 2, usage.
 */
#include "load_worker.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static const char usage[] =
    "usage: milterload -s unix:PATH|inet:PORT@HOST [options]\n"
    "  -c, --sessions N   connections held open at once (1)\n"
    "  -n, --decisions N  recipients to ask for (10000)\n"
    "  -r new|known       every tuple new, or taken from a set (new)\n"
    "      --set N        known: tuples in the set (8192)\n"
    "      --warm         known: each tuple of the set once, whatever -n says\n"
    "  -S, --seed N       other addresses for another seed (1)\n"
    "  -m abort|full      ABORT after the recipients, or the message to its end (abort)\n"
    "      --full         -m full\n"
    "      --size N       full: bytes of the body (2304)\n"
    "      --html         full: of HTML, whose lines are indented\n"
    "      --links N      full: so many links in it, evenly (30)\n"
    "      --signature V  full: with a field \"DKIM-Signature:V\"\n"
    "      --message-file FILE  full: that message\n"
    "      --message      print the message, and do nothing\n"
    "      --to FILE      recipients, one a line, in turn, instead of those that are made\n"
    "      --null         MAIL FROM is the null sender\n"
    "  -1, --one-shot     a connection for each transaction\n"
    "      --rcpts N      recipients per transaction (1)\n"
    "      --vanish STAGE close the socket after this step, in every transaction: negotiate,\n"
    "                     connect, helo, mail, rcpt, data, header, eoh, body, eom, abort\n"
    "      --login NAME   the client has logged in by that name\n"
    "      --xverp        MAIL FROM has XVERP\n"
    "      --no-macros    send none\n"
    "      --slow MS      pause of each session before each of its transactions\n"
    "  -t, --threads N    threads that share the sessions (1)\n"
    "      --timeout S    give up when the filter is silent for so long (60)\n";

enum {
	OPT_SET = 256,
	OPT_WARM,
	OPT_RCPTS,
	OPT_VANISH,
	OPT_NO_MACROS,
	OPT_SLOW,
	OPT_TIMEOUT,
	OPT_FULL,
	OPT_SIGNATURE,
	OPT_MESSAGE,
	OPT_SIZE,
	OPT_HTML,
	OPT_LINKS,
	OPT_LOGIN,
	OPT_XVERP,
	OPT_MESSAGE_FILE,
	OPT_TO,
	OPT_NULL,
};

/* What options say of the message. */
struct message_wish {
	const char *signature;
	const char *file; /* it is in; NULL: it is made */
	size_t bytes;
	size_t links;
	bool html;
	bool print; /* it, and do nothing else */
};

static const struct option long_options[] = {
    {"socket", required_argument, NULL, 's'},
    {"sessions", required_argument, NULL, 'c'},
    {"decisions", required_argument, NULL, 'n'},
    {"set", required_argument, NULL, OPT_SET},
    {"warm", no_argument, NULL, OPT_WARM},
    {"seed", required_argument, NULL, 'S'},
    {"full", no_argument, NULL, OPT_FULL},
    {"signature", required_argument, NULL, OPT_SIGNATURE},
    {"message", no_argument, NULL, OPT_MESSAGE},
    {"message-file", required_argument, NULL, OPT_MESSAGE_FILE},
    {"to", required_argument, NULL, OPT_TO},
    {"null", no_argument, NULL, OPT_NULL},
    {"size", required_argument, NULL, OPT_SIZE},
    {"html", no_argument, NULL, OPT_HTML},
    {"links", required_argument, NULL, OPT_LINKS},
    {"login", required_argument, NULL, OPT_LOGIN},
    {"xverp", no_argument, NULL, OPT_XVERP},
    {"one-shot", no_argument, NULL, '1'},
    {"rcpts", required_argument, NULL, OPT_RCPTS},
    {"vanish", required_argument, NULL, OPT_VANISH},
    {"no-macros", no_argument, NULL, OPT_NO_MACROS},
    {"slow", required_argument, NULL, OPT_SLOW},
    {"threads", required_argument, NULL, 't'},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void
die_usage(const char *why, const char *what)
{
	fprintf(stderr, "milterload: %s%s\n%s", why, what, usage);
	exit(2);
}

static unsigned
number(const char *text, unsigned long min, unsigned long max)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || *text == '-' || n < min || n > max)
		die_usage("not a number that will do: ", text);
	return (unsigned)n;
}

/* One of two words. */
static bool
word(const char *text, const char *no, const char *yes)
{
	if (strcmp(text, yes) != 0 && strcmp(text, no) != 0)
		die_usage("neither word that will do: ", text);
	return strcmp(text, yes) == 0;
}

/* True when it is one of those about the message. */
static bool
wish_take(struct message_wish *wish, int c, const char *arg)
{
	switch (c) {
	case OPT_SIGNATURE:
		wish->signature = arg;
		return true;
	case OPT_MESSAGE_FILE:
		wish->file = arg;
		return true;
	case OPT_SIZE:
		wish->bytes = number(arg, 0, 1000000000);
		return true;
	case OPT_HTML:
		wish->html = true;
		return true;
	case OPT_LINKS:
		wish->links = number(arg, 0, 100000);
		return true;
	case OPT_MESSAGE:
		wish->print = true;
		return true;
	default:
		return false;
	}
}

static void
option_take(struct load_options *o, int c, const char *arg)
{
	switch (c) {
	case 's':
		o->where = arg;
		break;
	case 'c':
		o->sessions = number(arg, 1, 60000);
		break;
	case 'n':
		o->decisions = number(arg, 1, 1000000000);
		break;
	case 'r':
		o->known = word(arg, "new", "known");
		break;
	case 'S':
		o->seed = number(arg, 0, 4000000000);
		break;
	case 'm':
		o->full = word(arg, "abort", "full");
		break;
	case '1':
		o->one_shot = true;
		break;
	case 't':
		o->threads = number(arg, 1, 64);
		break;
	case OPT_FULL:
		o->full = true;
		break;
	case OPT_SET:
		o->set = number(arg, 1, 100000000);
		break;
	case OPT_WARM:
		o->warm = true;
		break;
	case OPT_RCPTS:
		o->rcpts = number(arg, 1, 100000);
		break;
	case OPT_NO_MACROS:
		o->no_macros = true;
		break;
	case OPT_SLOW:
		o->slow_ms = number(arg, 0, 3600000);
		break;
	case OPT_TIMEOUT:
		o->timeout_s = number(arg, 1, 86400);
		break;
	case OPT_LOGIN:
		o->login = arg;
		break;
	case OPT_XVERP:
		o->xverp = true;
		break;
	case OPT_NULL:
		o->null = true;
		break;
	case OPT_TO:
		if (load_lines_read(&o->to, arg) != 0)
			die_usage("no recipients in ", arg);
		break;
	case OPT_VANISH:
		o->vanish = load_stage_find(arg);
		if (o->vanish == LOAD_STAGES)
			die_usage("no such stage: ", arg);
		break;
	case 'h':
		fputs(usage, stdout);
		exit(0);
	default:
		die_usage("", "");
	}
}

static void
message_make(struct load_options *o, const struct message_wish *wish)
{
	bool made = wish->file != NULL ? load_message_read(&o->message, wish->file)
				       : load_message_make(&o->message, wish->bytes, wish->html,
					     wish->links, wish->signature);

	if (!made) {
		perror("milterload: message");
		exit(1);
	}
	if (wish->print) {
		load_message_print(&o->message, stdout);
		load_message_free(&o->message);
		exit(0);
	}
}

static void
options_read(struct load_options *o, int argc, char **argv)
{
	struct message_wish wish = {.bytes = 2304, .links = 30};
	int c;

	while ((c = getopt_long(argc, argv, "s:c:n:r:S:m:1t:h", long_options, NULL)) != -1) {
		if (!wish_take(&wish, c, optarg))
			option_take(o, c, optarg);
	}
	message_make(o, &wish);
	if (o->where == NULL)
		die_usage("-s SOCKET is missing", "");
	if (optind < argc)
		die_usage("what is this: ", argv[optind]);
	/* A client that vanishes needs another connection, and so is one-shot. */
	if (o->vanish != LOAD_STAGES)
		o->one_shot = true;
	if (o->threads > o->sessions)
		o->threads = o->sessions;
	if (o->known && o->set < o->sessions)
		die_usage("--set is smaller than the number of sessions", "");
	if (o->warm && (!o->known || o->one_shot))
		die_usage("--warm is for -r known, without -1 and --vanish", "");
}

static double
cpu_s(void)
{
	struct rusage ru;

	(void)getrusage(RUSAGE_SELF, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
	       (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

/* Adds the workers up; the whole run lasted from the first start to the last end. */
static void
workers_report(const struct load_worker *w, unsigned n, struct load_stats *sum)
{
	uint64_t began = w[0].began_ns, ended = w[0].ended_ns;
	struct load_times times;
	unsigned i;

	for (i = 0; i < n; i++) {
		load_stats_merge(sum, &w[i].run.stats);
		began = w[i].began_ns < began ? w[i].began_ns : began;
		ended = w[i].ended_ns > ended ? w[i].ended_ns : ended;
	}
	times.seconds = (double)(ended - began) / 1e9;
	times.client_cpu_s = cpu_s();
	load_stats_print(sum, &times, stdout);
}

/* Every recipient was asked for and answered, unless the run's or the filter's ways keep it from
 * that. */
static bool
complete(const struct load_options *o, const struct load_stats *sum)
{
	uint64_t want = o->warm ? o->set / o->sessions * o->sessions * o->rcpts : o->decisions;
	bool less = o->vanish != LOAD_STAGES || sum->refused > 0 ||
		    (sum->protocol & (SMFIP_NORCPT | SMFIP_NR_RCPT)) != 0;

	return sum->errors == 0 && (less || load_stats_decisions(sum) >= want);
}

/* The first worker runs in this thread. */
static void
workers_run(struct load_worker *w, unsigned n)
{
	unsigned i;

	for (i = 1; i < n; i++)
		if (pthread_create(&w[i].thread, NULL, load_worker_main, &w[i]) != 0) {
			perror("milterload: thread");
			exit(1);
		}
	(void)load_worker_main(&w[0]);
	for (i = 1; i < n; i++)
		(void)pthread_join(w[i].thread, NULL);
}

int
main(int argc, char **argv)
{
	struct load_options o = {.sessions = 1,
	    .decisions = 10000,
	    .seed = 1,
	    .set = 8192,
	    .threads = 1,
	    .rcpts = 1,
	    .timeout_s = 60,
	    .vanish = LOAD_STAGES};
	static struct load_stats sum;
	struct load_worker *workers;
	pthread_barrier_t barrier;
	bool whole = true;
	unsigned i;

	options_read(&o, argc, argv);
	workers = calloc(o.threads, sizeof(*workers));
	if (workers == NULL || pthread_barrier_init(&barrier, NULL, o.threads) != 0) {
		perror("milterload");
		exit(1);
	}
	for (i = 0; i < o.threads; i++) {
		if (load_worker_init(&workers[i], &o, i) != 0) {
			perror("milterload");
			exit(1);
		}
		workers[i].barrier = &barrier;
	}
	workers_run(workers, o.threads);
	workers_report(workers, o.threads, &sum);
	for (i = 0; i < o.threads; i++) {
		whole = whole && !workers[i].broken;
		load_worker_fini(&workers[i]);
	}
	free(workers);
	load_message_free(&o.message);
	load_lines_free(&o.to);
	return whole && complete(&o, &sum) ? 0 : 1;
}
