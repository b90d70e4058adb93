/*
 * notify.c - see notify.h.
 */
#include "io/notify.h"

#include "base/buf.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void
notify_send(const char *state)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct slice path = slice_of(getenv("NOTIFY_SOCKET"));
	int fd;

	if (path.n == 0 || path.n >= sizeof(addr.sun_path))
		return;
	memcpy(addr.sun_path, path.p, path.n);
	if (addr.sun_path[0] == '@')
		addr.sun_path[0] = '\0'; /* Linux's abstract namespace */
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd < 0)
		return;
	/* nobody listening is not our trouble */
	(void)sendto(fd, state, strlen(state), 0, (struct sockaddr *)&addr,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n));
	(void)close(fd);
}

void
notify_reloading(void)
{
	char storage[80];
	struct buf out = BUF_OVER(storage);
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	buf_add_text(&out, "RELOADING=1\nMONOTONIC_USEC=");
	buf_add_u64(&out, (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
	notify_send(buf_text(&out));
}
