/*
 * bare_evhttp.c - the floor that gatepost-web is measured by: evhttp with a pixel for every request,
 * as its documentation has it, one loop for each thread on a SO_REUSEPORT socket. Not tuned.
 *
 *	bare_evhttp PORT THREADS
 */
#define _GNU_SOURCE
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG     4096
#define THREADS_MAX 64

static const char pixel[43] = "GIF89a";
static int port;

static void
on_request(struct evhttp_request *req, void *arg)
{
	struct evkeyvalq *fields = evhttp_request_get_output_headers(req);
	struct evbuffer *body = evbuffer_new();

	(void)arg;
	(void)evhttp_add_header(fields, "Content-Type", "image/gif");
	(void)evhttp_add_header(fields, "Cache-Control", "no-store");
	(void)evbuffer_add(body, pixel, sizeof(pixel));
	evhttp_send_reply(req, 200, "OK", body);
	evbuffer_free(body);
}

static int
listen_open(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int on = 1;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&in, sizeof(in)) != 0 || listen(fd, BACKLOG) != 0)
		return -1;
	return fd;
}

static void *
serve(void *arg)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);

	(void)arg;
	evhttp_set_gencb(http, on_request, NULL);
	if (evhttp_accept_socket(http, listen_open()) != 0)
		perror("bare_evhttp");
	else
		(void)event_base_dispatch(base);
	return NULL;
}

int
main(int argc, char **argv)
{
	pthread_t threads[THREADS_MAX];
	int n = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1;

	port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 8080;
	for (int i = 1; i < n && i < THREADS_MAX; i++)
		(void)pthread_create(&threads[i], NULL, serve, NULL);
	(void)serve(NULL);
	return 1;
}
