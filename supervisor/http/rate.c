#include "supervisor/http/rate.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define WAYS      8 /* keys that share a place of the table */
#define PLACES    (HTTP_RATE_KEYS / WAYS)
#define KEY_BYTES 64 /* longer ones are cut */
#define MS_PER_S  1000
#define MINUTE_MS 60000

/* The generic cell rate algorithm: one time per key instead of a count and a time. */
struct rate_entry {
    uint64_t id;
    int64_t free_ms; /* when nothing is held against the key any more; past = as good as absent */
};

struct http_rate {
    unsigned char secret[crypto_shorthash_KEYBYTES]; /* or clients would choose their place */
    struct rate_entry entries[PLACES][WAYS];
};

struct http_rate *http_rate_new(void)
{
    struct http_rate *rate = calloc(1, sizeof(*rate));

    if (rate == NULL)
        return NULL;
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

struct http_rate_limit http_rate_per_minute(uint32_t most)
{
    int64_t interval_ms = most > 0 ? MINUTE_MS / most : MINUTE_MS;

    return (struct http_rate_limit){.burst = most > 0 ? most : 1,
                                    .interval_ms = interval_ms > 0 ? interval_ms : 1};
}

static uint64_t id_of(const struct http_rate *rate, const char *key)
{
    uint64_t id;

    _Static_assert(sizeof(id) == crypto_shorthash_BYTES, "a hash is an id");
    crypto_shorthash((unsigned char *)&id, (const unsigned char *)key, strnlen(key, KEY_BYTES),
                     rate->secret);
    return id;
}

static size_t find_entry(const struct rate_entry *place, uint64_t id)
{
    for (size_t way = 0; way < WAYS; way++) {
        if (place[way].id == id)
            return way;
    }
    return WAYS;
}

static size_t find_least(const struct rate_entry *place)
{
    size_t least = 0;

    for (size_t way = 1; way < WAYS; way++) {
        if (place[way].free_ms < place[least].free_ms)
            least = way;
    }
    return least;
}

int64_t http_rate_wait(const struct http_rate *rate, const struct http_rate_limit *limit,
                       const char *key, int64_t now_ms)
{
    /* How far free_ms may lie ahead for one more to be allowed. */
    int64_t burst_ms = ((int64_t)limit->burst - 1) * limit->interval_ms;
    uint64_t id = id_of(rate, key);
    const struct rate_entry *place = rate->entries[id % PLACES];
    size_t way = find_entry(place, id);

    if (way == WAYS || place[way].free_ms <= now_ms + burst_ms)
        return 0;
    return place[way].free_ms - now_ms - burst_ms;
}

void http_rate_count(struct http_rate *rate, const struct http_rate_limit *limit, const char *key,
                     int64_t now_ms)
{
    uint64_t id = id_of(rate, key);
    struct rate_entry *place = rate->entries[id % PLACES];
    size_t way = find_entry(place, id);

    if (way == WAYS) {
        way = find_least(place);
        place[way] = (struct rate_entry){.id = id, .free_ms = INT64_MIN};
    }
    if (place[way].free_ms < now_ms)
        place[way].free_ms = now_ms;
    place[way].free_ms += limit->interval_ms;
}

int64_t http_rate_retry_s(int64_t wait_ms)
{
    return wait_ms <= MS_PER_S ? 1 : (wait_ms + MS_PER_S - 1) / MS_PER_S;
}
