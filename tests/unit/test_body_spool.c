/*
 * test_body_spool.c - lib/io/body_spool, with an allocator and a disk that fail when they are told.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Counts down at each call; the one that finds 1 fails. */
static int calls_left;
static size_t write_max; /* bytes that one write takes; 0: all */
static bool no_tmpfile;  /* a file system that does not know O_TMPFILE */

static bool
fails(void)
{
	return calls_left > 0 && --calls_left == 0;
}

static void *
torn_realloc(void *p, size_t n)
{
	return fails() ? NULL : realloc(p, n);
}

static ssize_t
torn_pwrite(int fd, const void *p, size_t n, off_t at)
{
	static bool interrupted;

	if (fails()) {
		errno = ENOSPC;
		return -1;
	}
	if (write_max == 0)
		return pwrite(fd, p, n, at);
	interrupted = !interrupted;
	errno = EINTR;
	return interrupted ? -1 : pwrite(fd, p, n < write_max ? n : write_max, at);
}

static void *
torn_mmap(void *at, size_t n, int prot, int flags, int fd, off_t offset)
{
	errno = ENOMEM;
	return fails() ? MAP_FAILED : mmap(at, n, prot, flags, fd, offset);
}

static int
torn_open(const char *path, int flags, mode_t mode)
{
	if (no_tmpfile && (flags & O_TMPFILE) == O_TMPFILE) {
		errno = EOPNOTSUPP;
		return -1;
	}
	if (fails()) {
		errno = EMFILE;
		return -1;
	}
	return open(path, flags, mode);
}

#undef _GNU_SOURCE
#define realloc torn_realloc
#define pwrite  torn_pwrite
#define mmap    torn_mmap
#define open    torn_open
#include "io/body_spool.c" /* NOLINT(bugprone-suspicious-include) */

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define KB           ((size_t)1024)
#define MB           ((size_t)1024 * 1024)

static char dir[] = "/tmp/test_body_spool.XXXXXX";

static int
dir_make(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
dir_remove(void **state)
{
	(void)state;
	return rmdir(dir); /* fails when something is left */
}

/* Never the same within 251 bytes, and not in step with any chunk. */
static char
byte_at(size_t at)
{
	return (char)((at + at / 251) % 251);
}

static int
add_all(struct body_spool *s, size_t total, size_t chunk, struct err *err)
{
	char *bytes = malloc(chunk);

	assert_non_null(bytes);
	for (size_t done = 0; done < total;) {
		size_t n = total - done < chunk ? total - done : chunk;

		for (size_t i = 0; i < n; i++)
			bytes[i] = byte_at(done + i);
		if (body_spool_add(s, slice_make(bytes, n), err) != 0) {
			free(bytes);
			return -1;
		}
		done += n;
		assert_int_equal(body_spool_size(s), done);
	}
	free(bytes);
	return 0;
}

static void
assert_whole(struct slice body, size_t total)
{
	assert_int_equal(body.n, total);
	assert_non_null(body.p);
	for (size_t i = 0; i < total; i++) {
		if (body.p[i] != byte_at(i))
			fail_msg("byte %zu of %zu", i, total);
	}
}

static size_t
files_in(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n - 2; /* . and .. */
}

static const struct {
	const char *name;
	size_t total, chunk;
	bool file;
	size_t room_max; /* of memory at the end, before the view */
} rows[] = {
    {"nothing", 0, 1, false, 0},
    {"one byte", 1, 1, false, 1},
    {"a small mail, in one", 2 * KB, 2 * KB, false, 2 * KB},
    {"a small mail, byte by byte", 2 * KB, 1, false, 4 * KB},
    {"odd pieces", 100 * KB, 1001, false, 200 * KB},
    {"just in memory, in one", MB, MB, false, MB},
    {"just in memory, as an MTA sends it", MB, 65535, false, MB},
    {"one byte more", MB + 1, 65535, true, MB},
    {"a first piece that is too large", MB + 1, MB + 1, true, 256 * KB},
    {"a small piece, then large ones", 5 * MB + 1, 2 * MB + 3, true, 256 * KB},
    {"many writes", 5 * MB + 7, 65535, true, 256 * KB},
};

static void
spool_all(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err err = {.code = ERR_NONE};
		struct body_spool s;
		struct slice body;

		print_message("  %s\n", rows[i].name);
		body_spool_init(&s, dir);
		assert_int_equal(add_all(&s, rows[i].total, rows[i].chunk, &err), 0);
		assert_int_equal(s.fd >= 0, rows[i].file);
		assert_true(s.room <= rows[i].room_max);
		assert_int_equal(files_in(dir), 0); /* it has no name */
		assert_int_equal(body_spool_view(&s, &body, &err), 0);
		assert_whole(body, rows[i].total);
		assert_int_equal(body_spool_view(&s, &body, &err), 0);
		assert_whole(body, rows[i].total);
		assert_int_equal(body_spool_size(&s), rows[i].total);
		body_spool_fini(&s);
		body_spool_fini(&s);
	}
}

static void
test_whole(void **state)
{
	(void)state;
	spool_all();
}

static void
test_without_tmpfile(void **state)
{
	(void)state;
	no_tmpfile = true;
	spool_all();
	no_tmpfile = false;
}

static void
test_short_writes(void **state)
{
	(void)state;
	write_max = 10007;
	spool_all();
	write_max = 0;
}

static void
test_file_is_ours(void **state)
{
	struct body_spool s;
	struct stat st;

	(void)state;
	for (int i = 0; i < 2; i++) {
		no_tmpfile = i == 1;
		body_spool_init(&s, dir);
		assert_int_equal(add_all(&s, 2 * MB, 65535, NULL), 0);
		assert_int_equal(fcntl(s.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
		assert_int_equal(fstat(s.fd, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(st.st_nlink, 0);
		body_spool_fini(&s);
	}
	no_tmpfile = false;
}

/* Fails at the nth thing that can, for every n until nothing fails any more. What came through is
 * whole, what did not is told the same way ever after. */
static int
torture(size_t total, size_t chunk)
{
	for (int n = 1;; n++) {
		struct err err = {.code = ERR_NONE}, again;
		struct body_spool s;
		struct slice body;
		bool hit;

		body_spool_init(&s, dir);
		calls_left = n;
		if (add_all(&s, total, chunk, &err) == 0 && body_spool_view(&s, &body, &err) == 0)
			assert_whole(body, total);
		hit = calls_left == 0;
		calls_left = 0;
		if (err.code != ERR_NONE) {
			assert_true(hit);
			assert_true(err.code == ERR_NOMEM || err.code == ERR_IO);
			assert_int_equal(body_spool_add(&s, slice_of("x"), &again), -1);
			assert_string_equal(again.text, err.text);
			assert_int_equal(body_spool_view(&s, &body, &again), -1);
			assert_int_equal(again.code, err.code);
		}
		body_spool_fini(&s);
		if (!hit)
			return n - 1;
	}
}

static void
test_torture(void **state)
{
	(void)state;
	assert_int_equal(torture(2 * KB, 2 * KB), 1);
	assert_int_equal(torture(MB, 65535), 6); /* doubling, not more */
	assert_true(torture(3 * MB, 65535) > 15);
	no_tmpfile = true;
	assert_true(torture(3 * MB, 65535) > 15);
	no_tmpfile = false;
}

static void
test_directory(void **state)
{
	struct body_spool s;
	struct err err;

	(void)state;
	body_spool_init(&s, "/nonexistent/place");
	assert_int_equal(add_all(&s, MB, 65535, &err), 0); /* nobody looked yet */
	assert_int_equal(body_spool_add(&s, slice_of("x"), &err), -1);
	assert_int_equal(err.code, ERR_IO);
	print_message("  %s\n", err.text);
	assert_non_null(strstr(err.text, "/nonexistent/place: No such file"));
	assert_non_null(strstr(err.text, "outbound.spool"));
	body_spool_fini(&s);
}

/* In a child, as nobody when this is root. */
static int
denied_child(void)
{
	struct body_spool s;
	struct err err;

	if (geteuid() == 0 && setuid(65534) != 0)
		return 2;
	body_spool_init(&s, dir);
	if (add_all(&s, 2 * MB, 65535, &err) == 0 || err.code != ERR_DENIED)
		return 3;
	print_message("  %s\n", err.text);
	body_spool_fini(&s);
	return strstr(err.text, dir) != NULL && strstr(err.text, "outbound.spool") != NULL ? 0 : 4;
}

static void
test_denied(void **state)
{
	int status = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(chmod(dir, 0500), 0);
	pid = fork();
	if (pid == 0)
		_exit(denied_child());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(chmod(dir, 0700), 0);
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A disk that is full, as far as that can be had without one. */
static int
full_child(void)
{
	struct rlimit limit = {3 * MB, 3 * MB};
	struct body_spool s;
	struct slice body;
	struct err err, again;

	(void)signal(SIGXFSZ, SIG_IGN);
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		return 2;
	body_spool_init(&s, dir);
	if (add_all(&s, 10 * MB, 65535, &err) == 0 || err.code != ERR_IO)
		return 3;
	print_message("  %s\n", err.text);
	if (body_spool_view(&s, &body, &again) == 0 || strcmp(again.text, err.text) != 0)
		return 4;
	body_spool_fini(&s);
	return strstr(err.text, "make room") != NULL ? 0 : 5;
}

static void
test_full(void **state)
{
	int status = 0;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0)
		_exit(full_child());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A sanitizer keeps what was freed, and clang does not say whether there is one. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
#define MEMORY_MAX_KB LONG_MAX
#else
#define MEMORY_MAX_KB 2048L
#endif

static long
anonymous_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[200];
	long kb = -1;

	assert_non_null(f);
	while (kb < 0 && fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "RssAnon:", 8) == 0)
			kb = strtol(line + 8, NULL, 10);
	}
	(void)fclose(f);
	return kb;
}

/* What 50 MB cost in memory that is ours. */
static void
test_memory(void **state)
{
	static char chunk[65535];
	long before, most = 0, viewed;
	struct body_spool s;
	struct slice body;
	size_t sum = 0;

	(void)state;
	memset(chunk, 'x', sizeof(chunk));
	before = anonymous_kb();
	if (before < 0)
		skip(); /* no such file on this system */
	body_spool_init(&s, dir);
	for (size_t n = 0; n < 50 * MB; n += sizeof(chunk)) {
		assert_int_equal(body_spool_add(&s, slice_make(chunk, sizeof(chunk)), NULL), 0);
		if (n % (MB / 4) < sizeof(chunk) && anonymous_kb() > most)
			most = anonymous_kb();
	}
	assert_int_equal(body_spool_view(&s, &body, NULL), 0);
	for (size_t i = 0; i < body.n; i += 512)
		sum += body.p[i] == 'x';
	viewed = anonymous_kb();
	print_message("  %zu MB: %ld KB while it came in, %ld KB when it had been read\n",
	    body.n / MB, most - before, viewed - before);
	assert_int_equal(sum, (body.n + 511) / 512);
	assert_true(most - before < MEMORY_MAX_KB);
	assert_true(viewed - before < MEMORY_MAX_KB);
	body_spool_fini(&s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_memory), /* first: nothing was freed yet that could be taken */
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_without_tmpfile),
	    cmocka_unit_test(test_short_writes),
	    cmocka_unit_test(test_file_is_ours),
	    cmocka_unit_test(test_torture),
	    cmocka_unit_test(test_directory),
	    cmocka_unit_test(test_denied),
	    cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests_name("body_spool", tests, dir_make, dir_remove);
}
