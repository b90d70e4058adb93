/*
 * web_conf.h - the section `web`: gatepost-web.
 */
#ifndef MILTER_WEB_CONF_H
#define MILTER_WEB_CONF_H

#include "conf/conf.h"

struct web_conf {
	struct option_words listen;     /* specs of http_socket.h */
	struct option_words listen_tls; /* the same, with TLS */
	const char *status;             /* where health and metrics are; empty: nowhere */
	int64_t socket_mode;
	const char *tls_cert, *tls_key;
	struct net_set proxies;
	int64_t threads; /* 0: one for each core */
	int64_t connections;
	int64_t keep_alive_s, request_timeout_s, stop_timeout_s;
	int64_t verdict_delay_ms;
};

extern const struct conf_section web_section;

#endif
