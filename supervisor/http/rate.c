#include "supervisor/http/rate.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAYS      8 /* keys that share a place of the table */
#define PLACES    (HTTP_RATE_KEYS / WAYS)
#define KEY_BYTES 64 /* longer ones are cut */
#define MS_PER_S  1000

/* The generic cell rate algorithm: one time per key instead of a count and a time. */
struct rate_entry {
    uint64_t id;
    int64_t free_ms; /* when nothing is held against the key any more; past = as good as absent */
};

struct http_rate {
    int64_t interval_ms;
    int64_t burst_ms; /* how far free_ms may lie ahead for one more to be allowed */
    unsigned char secret[crypto_shorthash_KEYBYTES]; /* or clients would choose their place */
    struct rate_entry entries[PLACES][WAYS];
};

struct http_rate *http_rate_new(uint32_t burst, int64_t interval_ms)
{
    struct http_rate *rate = calloc(1, sizeof(*rate));

    if (rate == NULL)
        return NULL;
    rate->interval_ms = interval_ms;
    rate->burst_ms = ((int64_t)burst - 1) * interval_ms;
    for (size_t place = 0; place < PLACES; place++) {
        for (size_t way = 0; way < WAYS; way++)
            rate->entries[place][way].free_ms = INT64_MIN;
    }
    randombytes_buf(rate->secret, sizeof(rate->secret));
    return rate;
}

void http_rate_free(struct http_rate *rate)
{
    free(rate);
}

static struct rate_entry *find_entry(struct http_rate *rate, uint64_t id)
{
    struct rate_entry *place = rate->entries[id % PLACES];
    struct rate_entry *least = place;

    for (size_t way = 0; way < WAYS; way++) {
        if (place[way].id == id)
            return &place[way];
        if (place[way].free_ms < least->free_ms)
            least = &place[way];
    }
    *least = (struct rate_entry){.id = id, .free_ms = INT64_MIN};
    return least;
}

int64_t http_rate_take(struct http_rate *rate, const char *key, int64_t now_ms)
{
    uint64_t id;
    struct rate_entry *entry;

    _Static_assert(sizeof(id) == crypto_shorthash_BYTES, "a hash is an id");
    crypto_shorthash((unsigned char *)&id, (const unsigned char *)key, strnlen(key, KEY_BYTES),
                     rate->secret);
    entry = find_entry(rate, id);
    if (entry->free_ms < now_ms)
        entry->free_ms = now_ms;
    if (entry->free_ms - now_ms > rate->burst_ms)
        return entry->free_ms - now_ms - rate->burst_ms;
    entry->free_ms += rate->interval_ms;
    return 0;
}

int64_t http_rate_take_peer(struct http_rate *rate, const char *peer, int64_t now_ms)
{
    char text[KEY_BYTES];
    struct in6_addr v6;
    const char *colon = strrchr(peer, ':');
    int len = colon != NULL ? (int)(colon - peer) : (int)strlen(peer);

    snprintf(text, sizeof(text), "%.*s", len, peer);
    if (text[0] == '[' && text[strlen(text) - 1] == ']') {
        text[strlen(text) - 1] = '\0';
        if (inet_pton(AF_INET6, text + 1, &v6) == 1) {
            memset(v6.s6_addr + 8, 0, 8);
            inet_ntop(AF_INET6, &v6, text, sizeof(text));
        }
    }
    return http_rate_take(rate, text, now_ms);
}

int64_t http_rate_retry_s(int64_t wait_ms)
{
    return wait_ms <= MS_PER_S ? 1 : (wait_ms + MS_PER_S - 1) / MS_PER_S;
}
