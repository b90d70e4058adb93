/*
 * notify.h - tells the service manager how we are: the sd_notify(3) protocol, which is one
 * datagram to the socket named in NOTIFY_SOCKET, without the library.
 */
#ifndef IO_NOTIFY_H
#define IO_NOTIFY_H

/* Sends "READY=1" and the like; lines separated by LF. Does nothing when nobody asked for it. */
void notify_send(const char *state);

/* "RELOADING=1" with the monotonic time that Type=notify-reload wants. */
void notify_reloading(void);

#endif
