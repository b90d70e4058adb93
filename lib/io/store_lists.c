/*
 * store_lists.c - see store_lists.h.
 */
#include "io/store_lists.h"

#include <stdlib.h>

struct store_list_content {
	struct arena arena;
	struct net_set networks;      /* STORE_ALLOW_NETWORKS, STORE_ALLOW_CLIENTS */
	struct address_set addresses; /* the others … */
	struct slice *names;          /* … but STORE_DNSBL_OFF: in lower case, sorted */
	size_t n_names;
	int invalid; /* members that were left out */
};

void
store_lists_init(struct store_lists *lists)
{
	*lists = (struct store_lists){.lock = PTHREAD_RWLOCK_INITIALIZER};
}

static void
content_free(struct store_list_content *content)
{
	if (content != NULL)
		arena_fini(&content->arena);
	free(content);
}

void
store_lists_fini(struct store_lists *lists)
{
	for (unsigned i = 0; i < STORE_LISTS; i++)
		content_free(lists->content[i]);
	(void)pthread_rwlock_destroy(&lists->lock);
}

/* Counts an invalid member; the first one's reason stands for all. */
static void
invalid_add(struct store_list_content *c, struct err *err, const struct err *why)
{
	if (c->invalid++ == 0)
		(void)err_set(err, why->code, "%s", why->text);
}

static void
networks_fill(struct store_list_content *c, const struct slice *members, size_t n, struct err *err)
{
	struct net_cidr *v = arena_alloc(&c->arena, n * sizeof(*v));
	size_t valid = 0;

	for (size_t i = 0; v != NULL && i < n; i++) {
		struct err why;

		if (net_cidr_parse(slice_trim(members[i]), &v[valid], &why) == 0)
			valid++;
		else
			invalid_add(c, err, &why);
	}
	net_set_init(&c->networks, v, valid);
}

static void
addresses_fill(struct store_list_content *c, const struct slice *members, size_t n, struct err *err)
{
	struct slice *v = arena_alloc(&c->arena, n * sizeof(*v));
	size_t valid = 0;

	for (size_t i = 0; v != NULL && i < n; i++) {
		struct err why;

		if (address_pattern_parse(&c->arena, slice_trim(members[i]), &v[valid], &why) == 0)
			valid++;
		else
			invalid_add(c, err, &why);
	}
	address_set_init(&c->addresses, v, valid);
}

static int
name_check(struct slice name, struct err *err)
{
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] <= ' ' || name.p[i] > '~')
			return err_set(
			    err, ERR_INVALID, "a name is printable ASCII without blanks");
	}
	if (name.n == 0 || name.n >= DNSBL_NAME_BYTES)
		return err_set(err, ERR_INVALID, "a name has 1 to %d bytes", DNSBL_NAME_BYTES - 1);
	return 0;
}

static int
name_copy(struct arena *a, struct slice name, struct slice *out)
{
	char storage[DNSBL_NAME_BYTES];
	struct buf lower = BUF_OVER(storage);

	buf_add_lower(&lower, name);
	*out = arena_copy(a, buf_slice(&lower));
	return out->p == NULL ? -1 : 0;
}

static int
name_compare(const void *a, const void *b)
{
	return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static void
names_fill(struct store_list_content *c, const struct slice *members, size_t n, struct err *err)
{
	struct slice *v = arena_alloc(&c->arena, n * sizeof(*v));
	size_t valid = 0;

	for (size_t i = 0; v != NULL && i < n; i++) {
		struct err why;

		if (name_check(slice_trim(members[i]), &why) != 0)
			invalid_add(c, err, &why);
		else if (name_copy(&c->arena, slice_trim(members[i]), &v[valid]) == 0)
			valid++;
	}
	if (valid > 0)
		qsort(v, valid, sizeof(*v), name_compare);
	c->names = v;
	c->n_names = valid;
}

static struct store_list_content *
content_new(enum store_list list, const struct slice *members, size_t n, struct err *err)
{
	struct store_list_content *content = calloc(1, sizeof(*content));

	if (content == NULL) {
		(void)err_set(err, ERR_NOMEM, "no memory for a list of %zu", n);
		return NULL;
	}
	arena_init(&content->arena, 4096, STORE_LIST_BYTES);
	if (store_list_has_networks(list))
		networks_fill(content, members, n, err);
	else if (list == STORE_DNSBL_OFF)
		names_fill(content, members, n, err);
	else
		addresses_fill(content, members, n, err);
	if (!content->arena.failed)
		return content;
	(void)err_set(err, ERR_NOMEM, "no memory for a list of %zu", n);
	content_free(content);
	return NULL;
}

int
store_lists_set(struct store_lists *lists, enum store_list list, const struct slice *members,
    size_t n, struct err *err)
{
	struct store_list_content *content = NULL, *old;
	int invalid = 0;

	if (n > 0) {
		content = content_new(list, members, n, err);
		if (content == NULL)
			return -1;
		invalid = content->invalid;
	}
	(void)pthread_rwlock_wrlock(&lists->lock);
	old = lists->content[list];
	lists->content[list] = content;
	atomic_store(&lists->filled[list], content != NULL);
	(void)pthread_rwlock_unlock(&lists->lock);
	content_free(old);
	return invalid;
}

int
store_lists_check(enum store_list list, struct slice member, struct err *err)
{
	struct net_cidr network;
	struct slice pattern;
	struct arena scratch;
	int status;

	if (store_list_has_networks(list))
		return net_cidr_parse(member, &network, err);
	if (list == STORE_DNSBL_OFF)
		return name_check(member, err);
	arena_init(&scratch, 1024, 4096);
	status = address_pattern_parse(&scratch, member, &pattern, err);
	arena_fini(&scratch);
	return status;
}

bool
store_lists_has_network(
    struct store_lists *lists, enum store_list list, const struct net_addr *addr)
{
	bool has;

	if (!atomic_load_explicit(&lists->filled[list], memory_order_acquire))
		return false;
	(void)pthread_rwlock_rdlock(&lists->lock);
	has = lists->content[list] != NULL && net_set_has(&lists->content[list]->networks, addr);
	(void)pthread_rwlock_unlock(&lists->lock);
	return has;
}

bool
store_lists_has_address(struct store_lists *lists, enum store_list list, const struct address *addr)
{
	bool has;

	if (!atomic_load_explicit(&lists->filled[list], memory_order_acquire))
		return false;
	(void)pthread_rwlock_rdlock(&lists->lock);
	has = lists->content[list] != NULL &&
	      address_set_has(&lists->content[list]->addresses, addr);
	(void)pthread_rwlock_unlock(&lists->lock);
	return has;
}

bool
store_lists_has_name(struct store_lists *lists, enum store_list list, struct slice name)
{
	char storage[DNSBL_NAME_BYTES];
	struct buf lower = BUF_OVER(storage);
	const struct store_list_content *c;
	struct slice wanted;
	bool has;

	if (!atomic_load_explicit(&lists->filled[list], memory_order_acquire))
		return false;
	buf_add_lower(&lower, name);
	wanted = buf_slice(&lower);
	(void)pthread_rwlock_rdlock(&lists->lock);
	c = lists->content[list];
	has = c != NULL && c->n_names > 0 && !lower.over &&
	      bsearch(&wanted, c->names, c->n_names, sizeof(wanted), name_compare) != NULL;
	(void)pthread_rwlock_unlock(&lists->lock);
	return has;
}
