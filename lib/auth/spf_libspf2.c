/*
 * spf_libspf2.c - the other engine: libspf2, behind the same functions and the same limits.
 *
 * libspf2 waits for DNS. So it is given a DNS layer that answers from what was fed; when an answer
 * is missing, the layer notes the question, says "try again" until libspf2 gives up, and the
 * evaluation begins anew when the answer is there. Lookups, voids and questions are counted in that
 * layer, because libspf2 counts each record for itself: ten includes in each of ten included
 * policies are 111 lookups to it.
 *
 * Not told by libspf2, and so missing in the result: the mechanism. A client on a loopback address
 * passes always.
 */
/* libspf2 speaks in the codes of h_errno, which netdb.h hides from POSIX programs. */
#define _DEFAULT_SOURCE

#include "auth/spf_parts.h"
#include "policy/dns_rdata.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <spf2/spf.h>

/* Sender and domain as C strings: each within ADDRESS_MAX_BYTES. */
#define TEXT_BYTES 1100

/* What we give as the default explanation, to know it from one by exp=. */
#define NO_EXPLANATION "-"

struct layer {
	SPF_dns_server_t dns;
	struct spf *spf;
	struct spf_found *found;
	bool canary;
	bool waiting;        /* an answer is missing */
	bool any_txt;        /* the domain's own policy was asked for: it is not counted */
	const char *problem; /* a limit was reached … */
	bool in_txt;         /* … by a TXT question, which may have been for exp= */
};

/* libspf2 calls abort() after its error handler, unless that does not return. What it had allocated
 * is lost then; that is better than the process. */
static _Thread_local jmp_buf *escape;

static void __attribute__((noreturn)) error_escape(const char *file, int line, const char *text)
{
	(void)file;
	(void)line;
	(void)text;
	longjmp(*escape, 1);
}

/* The handlers are globals of libspf2: set once, before there are threads. */
static void __attribute__((constructor)) handlers_set(void)
{
	SPF_error_handler = error_escape;
	SPF_warning_handler = NULL;
	SPF_info_handler = NULL;
	SPF_debug_handler = NULL;
}

/* ---- the DNS layer ---- */

/* True for a host that an MX or PTR answer of this run named: its address is not counted. */
static bool
is_named(const struct spf *spf, struct slice name)
{
	for (const struct spf_entry *e = spf->entries; e != NULL; e = e->next) {
		size_t skip = e->type == DNS_MX ? 2 : 0;

		if ((e->type != DNS_MX && e->type != DNS_PTR) || e->answer == NULL)
			continue;
		for (size_t i = 0; i < e->answer->n; i++) {
			char text[SPF_NAME_ROOM];
			struct buf host = BUF_OVER(text);

			if (dns_name_from_wire(slice_from(e->answer->rdata[i], skip), &host) == 0 &&
			    slice_eq(buf_slice(&host), name))
				return true;
		}
	}
	return false;
}

/* Counts the question; false when it is one too many. */
static bool
question_count(struct layer *layer, struct slice name, enum dns_type type)
{
	bool first = type == DNS_TXT && !layer->any_txt;

	layer->any_txt = layer->any_txt || type == DNS_TXT;
	if (first || ((type == DNS_A || type == DNS_AAAA) && is_named(layer->spf, name)))
		return true;
	if (layer->found->lookups < layer->spf->limits.lookups) {
		layer->found->lookups++;
		return true;
	}
	layer->problem = "the policy costs too many lookups";
	layer->in_txt = type == DNS_TXT;
	return false;
}

/* Policies that are not there are no case for this count: they end the evaluation. */
static bool
void_count(struct layer *layer, const struct dns_answer *answer, enum dns_type type)
{
	if (type == DNS_TXT || (type == DNS_AAAA && answer->status == DNS_NODATA) ||
	    (answer->status != DNS_NXDOMAIN && answer->status != DNS_NODATA))
		return true;
	if (layer->found->voids < layer->spf->limits.voids) {
		layer->found->voids++;
		return true;
	}
	layer->problem = "the policy asks for too much that does not exist";
	return false;
}

static bool
length_check(struct layer *layer, const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->n; i++) {
		if (answer->rdata[i].n > layer->spf->limits.record_bytes)
			layer->problem = "a record is too long";
	}
	return layer->problem == NULL;
}

/* The answer, or NULL: try again. */
static const struct dns_answer *
layer_ask(struct layer *layer, struct slice name, enum dns_type type)
{
	static const struct dns_answer none = {.status = DNS_NXDOMAIN};
	struct spf_entry *entry;

	if (layer->waiting || layer->problem != NULL || !question_count(layer, name, type))
		return NULL;
	entry = layer->canary ? spf_entry_find(layer->spf, name, type)
			      : spf_entry_get(layer->spf, name, type);
	if (layer->canary && (entry == NULL || entry->answer == NULL))
		return &none;
	if (entry == NULL && layer->spf->arena->failed) {
		layer->waiting = true; /* for nothing: that is what no memory looks like */
		return NULL;
	}
	if (entry == NULL) {
		layer->problem = "the policy costs too many questions to DNS";
		return NULL;
	}
	if (entry->answer == NULL) {
		layer->spf->wanted = entry;
		layer->waiting = true;
		return NULL;
	}
	return void_count(layer, entry->answer, type) && length_check(layer, entry->answer)
		   ? entry->answer
		   : NULL;
}

/* One record in the form that libspf2 keeps it. 0, or -1 when it is to be left out. */
static int
record_add(SPF_dns_rr_t *rr, struct slice rdata, enum dns_type type)
{
	bool address = type == DNS_A || type == DNS_AAAA;
	char *to;
	struct buf text;

	if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, rdata.n + sizeof(struct in6_addr)) !=
	    SPF_E_SUCCESS)
		return -1;
	to = (char *)rr->rr[rr->num_rr];
	buf_init(&text, to, rdata.n + 1);
	if (address && rdata.n != (type == DNS_A ? 4 : 16))
		return -1;
	if (address)
		buf_add(&text, rdata);
	else if (type == DNS_TXT
		     ? dns_txt_join(rdata, &text) != 0
		     : dns_name_from_wire(slice_from(rdata, type == DNS_MX ? 2 : 0), &text) != 0)
		return -1;
	if (!address)
		(void)buf_text(&text);
	rr->num_rr++;
	return 0;
}

static SPF_dns_rr_t *
answer_convert(
    SPF_dns_server_t *dns, const char *domain, ns_type type, const struct dns_answer *answer)
{
	static const SPF_dns_stat_t codes[] = {
	    [DNS_PENDING] = TRY_AGAIN,
	    [DNS_FOUND] = NETDB_SUCCESS,
	    [DNS_NODATA] = NO_DATA,
	    [DNS_NXDOMAIN] = HOST_NOT_FOUND,
	    [DNS_TEMPERROR] = TRY_AGAIN,
	};
	SPF_dns_stat_t code = answer == NULL ? TRY_AGAIN : codes[answer->status];
	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(dns, domain, type, 0, code);

	for (size_t i = 0; rr != NULL && code == NETDB_SUCCESS && i < answer->n; i++)
		(void)record_add(rr, answer->rdata[i], (enum dns_type)type);
	return rr;
}

static SPF_dns_rr_t *
layer_lookup(SPF_dns_server_t *dns, const char *domain, ns_type type, int should_cache)
{
	struct layer *layer = dns->hook;
	char text[SPF_NAME_ROOM];
	struct buf name = BUF_OVER(text);
	static const struct dns_answer none = {.status = DNS_NXDOMAIN};
	const struct dns_answer *answer = &none;

	(void)should_cache;
	if (type != ns_t_a && type != ns_t_aaaa && type != ns_t_mx && type != ns_t_ptr &&
	    type != ns_t_txt)
		return answer_convert(dns, domain, type, &none);
	if (spf_name_make(slice_of(domain), &name) == 0)
		answer = layer_ask(layer, buf_slice(&name), (enum dns_type)type);
	return answer_convert(dns, domain, type, answer);
}

/* ---- one evaluation ---- */

static void
request_fill(SPF_request_t *request, const struct spf *spf, const struct net_addr *client)
{
	char text[TEXT_BYTES];
	struct buf out = BUF_OVER(text);
	struct in_addr ipv4;
	struct in6_addr ipv6;

	memcpy(&ipv4, client->bytes, sizeof(ipv4));
	memcpy(&ipv6, client->bytes, sizeof(ipv6));
	if (client->family == NET_IPV4)
		(void)SPF_request_set_ipv4(request, ipv4);
	else
		(void)SPF_request_set_ipv6(request, ipv6);
	buf_add(&out, spf->helo);
	(void)SPF_request_set_helo_dom(request, buf_text(&out));
	buf_reset(&out);
	buf_add(&out, spf->local);
	buf_add_char(&out, '@');
	buf_add(&out, spf->domain);
	(void)SPF_request_set_env_from(request, buf_text(&out));
}

/* The words of a fail, printable ASCII or none; see spf_explain.c. Debian's 1.2.10 writes '%' for each
 * blank, and leaves the macros behind it as they are: such words are of no use to anybody. */
static void
explanation_take(struct spf_found *found, const char *text)
{
	struct slice said = slice_head(slice_of(text), SPF_EXPLANATION_BYTES);

	if (slice_eq(said, slice_of(NO_EXPLANATION)))
		return;
	for (size_t i = 0; i < said.n; i++) {
		if (said.p[i] < ' ' || said.p[i] > '~' || said.p[i] == '%')
			return;
	}
	memcpy(found->explanation, said.p, said.n);
	found->explanation_n = said.n;
}

static enum spf_code
code_of(SPF_response_t *response, SPF_errcode_t status)
{
	switch (SPF_response_result(response)) {
	case SPF_RESULT_NEUTRAL:
		return SPF_NEUTRAL;
	case SPF_RESULT_PASS:
		return SPF_PASS;
	case SPF_RESULT_FAIL:
		return SPF_FAIL;
	case SPF_RESULT_SOFTFAIL:
		return SPF_SOFTFAIL;
	case SPF_RESULT_NONE:
		return SPF_NONE;
	case SPF_RESULT_TEMPERROR:
		return SPF_TEMPERROR;
	case SPF_RESULT_PERMERROR:
		return SPF_PERMERROR;
	case SPF_RESULT_INVALID:
		break;
	}
	return status == SPF_E_DNS_ERROR ? SPF_TEMPERROR : SPF_PERMERROR;
}

static void
response_take(const struct layer *layer, SPF_response_t *response, SPF_errcode_t status)
{
	struct spf_found *found = layer->found;

	found->code = code_of(response, status);
	if (layer->problem != NULL && !(layer->in_txt && found->code == SPF_FAIL)) {
		found->code = SPF_PERMERROR;
		(void)err_set(&found->problem, ERR_LIMIT, "%s", layer->problem);
	} else if (found->code == SPF_FAIL && response->explanation != NULL) {
		explanation_take(found, response->explanation);
	} else if (found->code != SPF_FAIL) {
		(void)err_set(&found->problem, ERR_INVALID, "%s", SPF_strerror(status));
	}
}

static SPF_server_t *
server_new(struct layer *layer)
{
	SPF_server_t *server = SPF_server_new_dns(&layer->dns, 0);
	SPF_response_t *unused = NULL;
	char text[TEXT_BYTES];
	struct buf receiver = BUF_OVER(text);

	if (server == NULL)
		return NULL;
	buf_add(&receiver, layer->spf->receiver);
	(void)SPF_server_set_rec_dom(server, receiver.n == 0 ? "unknown" : buf_text(&receiver));
	(void)SPF_server_set_explanation(server, NO_EXPLANATION, &unused);
	if (unused != NULL)
		SPF_response_free(unused);
	(void)SPF_server_set_max_dns_mech(server, (int)layer->spf->limits.lookups);
	(void)SPF_server_set_max_dns_mx(server, (int)layer->spf->limits.names);
	(void)SPF_server_set_max_dns_ptr(server, (int)layer->spf->limits.names);
	return server;
}

/* False: libspf2 has no memory. */
static bool
layer_run(struct layer *layer, const struct net_addr *client)
{
	SPF_server_t *server = server_new(layer);
	SPF_request_t *request = server == NULL ? NULL : SPF_request_new(server);
	SPF_response_t *response = NULL;
	SPF_errcode_t status = SPF_E_NO_MEMORY;

	if (request != NULL) {
		request_fill(request, layer->spf, client);
		status = SPF_request_query_mailfrom(request, &response);
	}
	if (response != NULL) {
		response_take(layer, response, status);
		SPF_response_free(response);
	}
	if (request != NULL)
		SPF_request_free(request);
	if (server != NULL)
		SPF_server_free(server);
	return response != NULL;
}

static bool
libspf2_evaluate(
    struct spf *spf, const struct net_addr *client, bool canary, struct spf_found *found_r)
{
	struct layer layer = {
	    .dns = {.lookup = layer_lookup, .name = "fed"},
	    .spf = spf,
	    .found = found_r,
	    .canary = canary,
	};
	jmp_buf here;
	bool run = false;

	*found_r = (struct spf_found){.code = SPF_TEMPERROR};
	layer.dns.hook = &layer;
	escape = &here;
	if (setjmp(here) == 0)
		run = layer_run(&layer, client);
	else
		(void)err_set(&found_r->problem, ERR_INVALID, "libspf2 failed");
	escape = NULL;
	if (run && layer.waiting)
		return false;
	found_r->record = spf->domain;
	return true;
}

const struct spf_engine spf_engine_libspf2 = {"libspf2", libspf2_evaluate};
