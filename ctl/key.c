/*
 * key.c - see key.h.
 */
#include "key.h"

#include "auth/domain.h"
#include "io/clock.h"
#include "settings.h"

static void
problem_tell(void *arg, const char *text)
{
	(void)arg;
	(void)ctl_fail(0, "%s", text);
}

static int
keys_read(struct key_view *view, bool tell)
{
	const struct keys_notify notify = {NULL, problem_tell};
	struct keys *before = view->keys;
	struct err err;

	view->keys = keys_load(view->directory, before, tell ? &notify : NULL, &err);
	keys_free(before);
	view->table = view->keys == NULL ? NULL : keys_table(view->keys);
	return view->keys == NULL ? ctl_fail(EX_UNAVAILABLE, "%s", err.text) : CTL_OK;
}

int
key_view_init(struct key_view *view, struct ctl *ctl, bool tell)
{
	const struct conf *conf = ctl_conf(ctl);
	const struct outbound_conf *outbound;

	*view = (struct key_view){.ctl = ctl, .now_s = clock_real.now_s(&clock_real)};
	if (conf == NULL)
		return EX_CONFIG;
	outbound = settings_of(conf, &outbound_section);
	view->directory = outbound->keys;
	return keys_read(view, tell);
}

int
key_view_renew(struct key_view *view)
{
	return keys_read(view, false);
}

void
key_view_fini(struct key_view *view)
{
	keys_free(view->keys);
}

const char *
key_path(const struct key_view *view, const char *domain, const char *selector, const char *suffix,
    char storage[KEY_PATH_BYTES])
{
	(void)snprintf(
	    storage, KEY_PATH_BYTES, "%s/%s/%s%s", view->directory, domain, selector, suffix);
	return storage;
}

int
key_domain_typed(const char *text, struct key_typed *typed)
{
	struct buf domain = BUF_OVER(typed->domain);
	struct err err;

	if (domain_normalise(slice_of(text), &domain) == 0 &&
	    key_domain_check(buf_slice(&domain), &err) == 0 && buf_text(&domain) != NULL)
		return CTL_OK;
	return ctl_fail(EX_USAGE, "%s is no domain as in shop.example", text);
}

int
key_selector_typed(const char *text, struct key_typed *typed)
{
	struct buf selector = BUF_OVER(typed->selector);
	char name[DNS_NAME_MAX_BYTES + 1];
	struct buf whole = BUF_OVER(name);
	struct err err;

	buf_add_lower(&selector, slice_of(text));
	if (key_selector_check(buf_slice(&selector), &err) != 0)
		return ctl_fail(EX_USAGE, "%s: %s", text, err.text);
	(void)buf_text(&selector);
	if (key_record_name(slice_of(typed->domain), slice_of(typed->selector), &whole) != 0)
		return ctl_fail(EX_USAGE,
		    "%s: with the domain, the name of the record would have more than %d bytes",
		    text, DNS_NAME_MAX_BYTES);
	return CTL_OK;
}

const char *
key_kind_name(enum sign_kind kind)
{
	return kind == SIGN_RSA ? "rsa" : "ed25519";
}

int
key_kind_given(const struct args *args, struct key_kind *kind)
{
	const char *type = args->value[ARG_TYPE];
	int64_t bits = kind->bits;
	struct err err;

	if (type != NULL && strcmp(type, "rsa") != 0 && strcmp(type, "ed25519") != 0)
		return ctl_fail(EX_USAGE, "--type %s: write rsa or ed25519", type);
	if (type != NULL)
		kind->kind = strcmp(type, "rsa") == 0 ? SIGN_RSA : SIGN_ED25519;
	if (args_number(args, ARG_BITS, SIGN_RSA_MAX_BITS, &bits, &err) != 0)
		return ctl_fail(EX_USAGE, "%s", err.text);
	if (args->value[ARG_BITS] != NULL && kind->kind == SIGN_ED25519)
		return ctl_fail(EX_USAGE, "--bits are for RSA: Ed25519 has one length");
	if (bits < SIGN_RSA_MIN_BITS)
		return ctl_fail(EX_USAGE, "--bits %lld: %d are the least, 2048 usual",
		    (long long)bits, SIGN_RSA_MIN_BITS);
	kind->bits = (unsigned)bits;
	return CTL_OK;
}

static int
file_write(struct key_view *view, const struct key_typed *typed, struct slice pem)
{
	char storage[KEY_PATH_BYTES], folder[KEY_PATH_BYTES];
	const char *path = key_path(view, typed->domain, typed->selector, ".key", storage);
	struct key_owner owner;
	struct err err;
	int status;

	(void)snprintf(folder, sizeof(folder), "%s/%s", view->directory, typed->domain);
	if (key_owner_of(view->ctl, &owner, &err) != 0)
		return ctl_fail(EX_CONFIG, "%s", err.text);
	if (key_directory_make(folder, &owner, &err) != 0)
		return ctl_fail(CTL_NOT_WRITTEN, "%s", err.text);
	status = key_file_create(path, pem, &owner, &err);
	if (status < 0)
		return ctl_fail(CTL_NOT_WRITTEN, "%s", err.text);
	if (status > 0)
		return ctl_fail(CTL_NOT_FOUND,
		    "%s is there already, and stays as it is; `gatepostctl key show %s %s` "
		    "prints its records",
		    path, typed->domain, typed->selector);
	key_owner_tell(&owner, path);
	return CTL_OK;
}

int
key_make(struct key_view *view, const struct key_typed *typed, const struct key_kind *kind)
{
	static char storage[SIGN_PEM_MAX_BYTES];
	struct buf pem = BUF_OVER(storage);
	struct sign_key *key = NULL;
	struct err err;
	int code;

	if (sign_key_generate(kind->kind, kind->bits, &key, &err) != 0)
		return ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	if (sign_key_format(key, &pem, &err) != 0)
		code = ctl_fail(EX_UNAVAILABLE, "%s", err.text);
	else
		code = file_write(view, typed, buf_slice(&pem));
	memset(storage, 0, sizeof(storage));
	sign_key_free(key);
	return code;
}
