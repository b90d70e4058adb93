/*
 * host_name.h - what this host is called.
 */
#ifndef IO_HOST_NAME_H
#define IO_HOST_NAME_H

#define HOST_NAME_BYTES 256

/* The name with its domain, as mail servers find their own: that of the host, and when it has no dot,
 * what the resolver has for it, which may wait for DNS. 0, or -1: there is none with a dot. */
int host_name_whole(char name_r[HOST_NAME_BYTES]);

#endif
