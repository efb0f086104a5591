#include "supervisor/journal/ring.h"

#include <stdlib.h>
#include <string.h>

#include "common/id.h"

#define BUCKETS_FIRST     64u
#define BUCKETS_MAX       (1u << 17)
#define RINGS_WORKERS_MAX 100000u /* runner.workers cannot be more */

struct ring_line {
    struct ring_line *next;
    size_t bytes; /* what it counts towards JOURNAL_RING_MAX_BYTES */
    struct journal_line line;
    char data[]; /* text, NUL, event, NUL */
};

struct ring {
    struct ring *next_in_bucket;
    char sid[ID_UUID_LEN + 1];
    uint64_t last_sequence;
    size_t count;
    size_t bytes;
    struct ring_line *oldest;
    struct ring_line **newest; /* where the next one is linked */
    struct journal_follow *followers;
};

struct journal_follow {
    struct journal_follow *next;
    struct rings *rings;
    struct ring *ring;
    void (*fn)(void *arg, const struct journal_line *line);
    void *arg;
};

struct rings {
    size_t lines_per_worker;
    size_t count;
    size_t follower_count;
    size_t bucket_count; /* a power of two */
    struct ring **buckets;
};

static size_t sid_hash(const char *sid)
{
    uint64_t hash = 14695981039346656037u;

    for (; *sid != '\0'; sid++)
        hash = (hash ^ (unsigned char)*sid) * 1099511628211u;
    return (size_t)(hash ^ hash >> 32);
}

static struct ring **ring_place(const struct rings *rings, const char *sid)
{
    struct ring **place = &rings->buckets[sid_hash(sid) & (rings->bucket_count - 1)];

    while (*place != NULL && strcmp((*place)->sid, sid) != 0)
        place = &(*place)->next_in_bucket;
    return place;
}

static void rings_grow(struct rings *rings)
{
    size_t bucket_count = rings->bucket_count * 2;
    struct ring **buckets;

    if (rings->count < rings->bucket_count || bucket_count > BUCKETS_MAX)
        return;
    buckets = calloc(bucket_count, sizeof(struct ring *));
    if (buckets == NULL)
        return; /* longer chains, nothing worse */
    for (size_t i = 0; i < rings->bucket_count; i++) {
        struct ring *ring = rings->buckets[i];

        while (ring != NULL) {
            struct ring *next = ring->next_in_bucket;
            struct ring **place = &buckets[sid_hash(ring->sid) & (bucket_count - 1)];

            ring->next_in_bucket = *place;
            *place = ring;
            ring = next;
        }
    }
    free(rings->buckets);
    rings->buckets = buckets;
    rings->bucket_count = bucket_count;
}

static struct ring *ring_get(struct rings *rings, const char *sid)
{
    struct ring **place = ring_place(rings, sid);
    size_t len = strlen(sid);
    struct ring *ring;

    if (*place != NULL)
        return *place;
    if (len > ID_UUID_LEN || rings->count >= RINGS_WORKERS_MAX)
        return NULL;
    ring = calloc(1, sizeof(*ring));
    if (ring == NULL)
        return NULL;
    memcpy(ring->sid, sid, len + 1);
    ring->newest = &ring->oldest;
    *place = ring;
    rings->count++;
    rings_grow(rings);
    return ring;
}

static void ring_drop_oldest(struct ring *ring)
{
    struct ring_line *line = ring->oldest;

    ring->oldest = line->next;
    if (ring->oldest == NULL)
        ring->newest = &ring->oldest;
    ring->count--;
    ring->bytes -= line->bytes;
    free(line);
}

static void ring_free(struct ring *ring)
{
    while (ring->oldest != NULL)
        ring_drop_oldest(ring);
    free(ring);
}

struct rings *rings_new(size_t lines_per_worker)
{
    struct rings *rings = calloc(1, sizeof(*rings));

    if (rings == NULL)
        return NULL;
    rings->lines_per_worker = lines_per_worker;
    rings->bucket_count = BUCKETS_FIRST;
    rings->buckets = calloc(BUCKETS_FIRST, sizeof(struct ring *));
    if (rings->buckets == NULL) {
        free(rings);
        return NULL;
    }
    return rings;
}

void rings_free(struct rings *rings)
{
    if (rings == NULL)
        return;
    for (size_t i = 0; i < rings->bucket_count; i++) {
        struct ring *ring = rings->buckets[i];

        while (ring != NULL) {
            struct ring *next = ring->next_in_bucket;

            /* Who still follows only loses his source. */
            for (struct journal_follow *follow = ring->followers; follow != NULL;
                 follow = follow->next)
                follow->rings = NULL;
            ring_free(ring);
            ring = next;
        }
    }
    free(rings->buckets);
    free(rings);
}

static struct ring_line *line_new(const struct log_record *record, uint64_t sequence)
{
    const struct log_about *about = record->about;
    size_t event_len = about->event != NULL ? strlen(about->event) : 0;
    size_t bytes = sizeof(struct ring_line) + record->text_len + event_len + 2;
    struct ring_line *line = malloc(bytes);

    if (line == NULL)
        return NULL;
    memcpy(line->data, record->text, record->text_len);
    line->data[record->text_len] = '\0';
    if (event_len > 0)
        memcpy(line->data + record->text_len + 1, about->event, event_len);
    line->data[record->text_len + 1 + event_len] = '\0';
    line->next = NULL;
    line->bytes = bytes;
    line->line = (struct journal_line){
        .sequence = sequence,
        .real_ms = record->real_ms,
        .level = record->level,
        .instance = about->instance,
        .from_script = about->from_script,
        .event = event_len > 0 ? line->data + record->text_len + 1 : NULL,
        .text = line->data,
    };
    return line;
}

void rings_add(struct rings *rings, const struct log_record *record)
{
    struct ring *ring = ring_get(rings, record->about->sid);
    struct ring_line *line;

    if (ring == NULL)
        return;
    line = line_new(record, ++ring->last_sequence);
    if (line == NULL)
        return;
    while (ring->count > 0 && (ring->count >= rings->lines_per_worker ||
                               ring->bytes + line->bytes > JOURNAL_RING_MAX_BYTES))
        ring_drop_oldest(ring);
    *ring->newest = line;
    ring->newest = &line->next;
    ring->count++;
    ring->bytes += line->bytes;
    for (struct journal_follow *follow = ring->followers; follow != NULL;) {
        struct journal_follow *next = follow->next;

        follow->fn(follow->arg, &line->line);
        follow = next;
    }
}

void rings_tail(struct rings *rings, const char *sid, uint64_t after, size_t max,
                void (*each)(void *arg, const struct journal_line *line), void *arg)
{
    const struct ring *ring = *ring_place(rings, sid);
    const struct ring_line *line;
    size_t wanted = 0;

    if (ring == NULL)
        return;
    for (line = ring->oldest; line != NULL; line = line->next)
        wanted += line->line.sequence > after;
    for (line = ring->oldest; line != NULL; line = line->next) {
        if (line->line.sequence <= after)
            continue;
        if (wanted <= max)
            each(arg, &line->line);
        wanted--;
    }
}

static void ring_remove(struct rings *rings, struct ring **place)
{
    struct ring *ring = *place;

    if (ring == NULL)
        return;
    *place = ring->next_in_bucket;
    rings->count--;
    ring_free(ring);
}

void rings_forget(struct rings *rings, const char *sid)
{
    struct ring **place = ring_place(rings, sid);

    if (*place == NULL)
        return;
    if ((*place)->followers == NULL) {
        ring_remove(rings, place);
        return;
    }
    while ((*place)->oldest != NULL)
        ring_drop_oldest(*place);
}

struct journal_follow *rings_follow(struct rings *rings, const char *sid,
                                    void (*fn)(void *arg, const struct journal_line *line),
                                    void *arg)
{
    struct journal_follow *follow;
    struct ring *ring;

    if (rings->follower_count >= JOURNAL_FOLLOWERS_MAX)
        return NULL;
    follow = malloc(sizeof(*follow));
    ring = ring_get(rings, sid);
    if (follow == NULL || ring == NULL) {
        free(follow);
        return NULL;
    }
    *follow = (struct journal_follow){
        .next = ring->followers, .rings = rings, .ring = ring, .fn = fn, .arg = arg};
    ring->followers = follow;
    rings->follower_count++;
    return follow;
}

void rings_unfollow(struct journal_follow *follow)
{
    struct journal_follow **place;

    if (follow->rings != NULL) {
        for (place = &follow->ring->followers; *place != follow; place = &(*place)->next)
            ;
        *place = follow->next;
        follow->rings->follower_count--;
        /* A ring that was made to be followed, or forgotten meanwhile, has nothing to keep. */
        if (follow->ring->followers == NULL && follow->ring->count == 0)
            ring_remove(follow->rings, ring_place(follow->rings, follow->ring->sid));
    }
    free(follow);
}
