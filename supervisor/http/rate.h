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

struct http_rate_limit {
    uint32_t burst; /* at least 1 */
    int64_t interval_ms;
};

/* NULL: no memory. */
struct http_rate *http_rate_new(void);
void http_rate_free(struct http_rate *rate);
/* The limit that allows so many in a minute, all of them at once if it must be. */
struct http_rate_limit http_rate_per_minute(uint32_t most);
/* 0 = one more may be done; else the milliseconds until then. Counts nothing. limit may be another
 * each time. now_ms: clock_mono_ms. */
int64_t http_rate_wait(const struct http_rate *rate, const struct http_rate_limit *limit,
                       const char *key, int64_t now_ms);
/* One was done. */
void http_rate_count(struct http_rate *rate, const struct http_rate_limit *limit, const char *key,
                     int64_t now_ms);
/* What Retry-After says for it: whole seconds, at least 1. */
int64_t http_rate_retry_s(int64_t wait_ms);

#endif
