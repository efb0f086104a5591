#ifndef AMID_HTTP_RATE_H
#define AMID_HTTP_RATE_H

#include <stdint.h>

/*
 * How often something may be done: so many times at once, then once per interval, counted for each
 * key (an address, a wallet). The table is bounded: where it is full, the key that has asked least
 * is forgotten, which gives it no more than a fresh start.
 */
#define HTTP_RATE_KEYS 1024

struct http_rate;

/* burst: at least 1. NULL: no memory. */
struct http_rate *http_rate_new(uint32_t burst, int64_t interval_ms);
void http_rate_free(struct http_rate *rate);
/* Counts one attempt. 0 = go on; else it was one too many, is not counted, and the milliseconds
 * until the next may be made. now_ms: clock_mono_ms. */
int64_t http_rate_take(struct http_rate *rate, const char *key, int64_t now_ms);
/* Same for what http_request_peer says, without the port; of IPv6 a /64 is one client. */
int64_t http_rate_take_peer(struct http_rate *rate, const char *peer, int64_t now_ms);
/* What Retry-After says for it: whole seconds, at least 1. */
int64_t http_rate_retry_s(int64_t wait_ms);

#endif
