/*
 * host_name.c - see host_name.h.
 */
#include "io/host_name.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
host_name_whole(char name_r[HOST_NAME_BYTES])
{
	struct addrinfo hints = {.ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;

	if (gethostname(name_r, HOST_NAME_BYTES - 1) != 0)
		name_r[0] = '\0';
	name_r[HOST_NAME_BYTES - 1] = '\0';
	if (name_r[0] != '\0' && strchr(name_r, '.') == NULL &&
	    getaddrinfo(name_r, NULL, &hints, &found) == 0) {
		if (found->ai_canonname != NULL)
			(void)snprintf(name_r, HOST_NAME_BYTES, "%s", found->ai_canonname);
		freeaddrinfo(found);
	}
	return strchr(name_r, '.') != NULL ? 0 : -1;
}
