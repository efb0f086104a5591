#include "tests/tools/memory_kv.h"

#include <stdlib.h>
#include <string.h>

#include "proto/wire.h"

#define ENTRIES_MAX 4096
#define STAMP_BYTES 10

struct entry {
    uint8_t space;
    uint8_t *key;
    size_t key_len;
    uint8_t *value;
    size_t value_len;
    uint8_t stamp[STAMP_BYTES];
};

struct memory_kv {
    struct entry entries[ENTRIES_MAX]; /* ordered by space and key */
    size_t count;
    uint64_t commits;
};

struct memory_kv *memory_kv_new(void)
{
    return calloc(1, sizeof(struct memory_kv));
}

static void entry_clear(struct entry *entry)
{
    free(entry->key);
    free(entry->value);
}

void memory_kv_free(struct memory_kv *kv)
{
    for (size_t i = 0; i < kv->count; i++)
        entry_clear(&kv->entries[i]);
    free(kv);
}

static uint8_t *copy(const uint8_t *bytes, size_t len)
{
    uint8_t *made = malloc(len + 1);

    if (made == NULL)
        abort();
    memcpy(made, bytes, len);
    return made;
}

static int compare(const struct entry *entry, uint8_t space, const uint8_t *key, size_t len)
{
    size_t shorter = entry->key_len < len ? entry->key_len : len;
    int order = (int)entry->space - (int)space;

    if (order == 0)
        order = memcmp(entry->key, key, shorter);
    if (order == 0)
        order = (entry->key_len > len) - (entry->key_len < len);
    return order;
}

/* Index of the first entry that is not below the key. */
static size_t find(const struct memory_kv *kv, uint8_t space, const uint8_t *key, size_t len)
{
    size_t at = 0;

    while (at < kv->count && compare(&kv->entries[at], space, key, len) < 0)
        at++;
    return at;
}

static struct entry *find_exact(struct memory_kv *kv, uint8_t space, const uint8_t *key, size_t len)
{
    size_t at = find(kv, space, key, len);

    return at < kv->count && compare(&kv->entries[at], space, key, len) == 0 ? &kv->entries[at]
                                                                             : NULL;
}

static void answer_begin(struct buffer *out)
{
    buffer_init(out, PROTO_CODE_MAX);
    wire_put_u32(out, 0);
    wire_put_text(out, "");
}

static int get(struct memory_kv *kv, struct runner_process *process,
               const struct runner_frame *frame)
{
    const struct entry *entry;
    struct wire_reader in;
    struct buffer out;
    const uint8_t *key;
    uint8_t space;
    size_t len;

    wire_read(&in, frame->payload, frame->len);
    space = wire_get_u8(&in);
    key = wire_get_bytes(&in, frame->len, &len);
    if (!wire_end(&in))
        return -1;
    entry = find_exact(kv, space, key, len);
    answer_begin(&out);
    wire_put_u8(&out, entry != NULL);
    if (entry != NULL) {
        wire_put_bytes(&out, entry->value, entry->value_len);
        wire_put_bytes(&out, entry->stamp, STAMP_BYTES);
    }
    return runner_send(process, PROTO_KV_GOT, frame->id, &out) == 0 ? 1 : -1;
}

static void put_entry(struct buffer *out, const struct entry *entry)
{
    wire_put_bytes(out, entry->key, entry->key_len);
    wire_put_bytes(out, entry->value, entry->value_len);
    wire_put_bytes(out, entry->stamp, STAMP_BYTES);
}

static int list(struct memory_kv *kv, struct runner_process *process,
                const struct runner_frame *frame)
{
    const uint8_t *start, *end;
    size_t start_len, end_len, from, to, count;
    struct wire_reader in;
    struct buffer out;
    uint32_t limit;
    uint8_t space, reverse;

    wire_read(&in, frame->payload, frame->len);
    space = wire_get_u8(&in);
    start = wire_get_bytes(&in, frame->len, &start_len);
    end = wire_get_bytes(&in, frame->len, &end_len);
    limit = wire_get_u32(&in);
    reverse = wire_get_u8(&in);
    if (!wire_end(&in))
        return -1;
    from = find(kv, space, start, start_len);
    to = find(kv, space, end, end_len);
    count = to > from ? to - from : 0;
    answer_begin(&out);
    wire_put_u32(&out, (uint32_t)(count < limit ? count : limit));
    for (size_t i = 0; i < count && i < limit; i++)
        put_entry(&out, &kv->entries[reverse ? to - 1 - i : from + i]);
    wire_put_u8(&out, count > limit);
    return runner_send(process, PROTO_KV_LISTED, frame->id, &out) == 0 ? 1 : -1;
}

static void stamp_write(const struct memory_kv *kv, uint8_t stamp[STAMP_BYTES])
{
    memset(stamp, 0, STAMP_BYTES);
    for (size_t i = 0; i < sizeof(kv->commits); i++)
        stamp[STAMP_BYTES - 1 - i] = (uint8_t)(kv->commits >> (8 * i));
}

static void set(struct memory_kv *kv, uint8_t space, const uint8_t *key, size_t len,
                const uint8_t *value, size_t value_len)
{
    struct entry *entry = find_exact(kv, space, key, len);
    size_t at = find(kv, space, key, len);

    if (entry == NULL) {
        if (kv->count == ENTRIES_MAX)
            return;
        entry = &kv->entries[at];
        memmove(entry + 1, entry, (kv->count - at) * sizeof(*entry));
        *entry = (struct entry){.space = space, .key = copy(key, len), .key_len = len};
        kv->count++;
    }
    free(entry->value);
    entry->value = copy(value, value_len);
    entry->value_len = value_len;
    stamp_write(kv, entry->stamp);
}

static void delete (struct memory_kv *kv, uint8_t space, const uint8_t *key, size_t len)
{
    struct entry *entry = find_exact(kv, space, key, len);

    if (entry == NULL)
        return;
    entry_clear(entry);
    kv->count--;
    memmove(entry, entry + 1, (size_t)(&kv->entries[kv->count] - entry) * sizeof(*entry));
}

static bool check(struct memory_kv *kv, uint8_t space, struct wire_reader *in)
{
    size_t len, stamp_len;
    const uint8_t *key = wire_get_bytes(in, in->left, &len);
    bool present = wire_get_u8(in) != 0;
    const uint8_t *stamp = present ? wire_get_bytes(in, STAMP_BYTES, &stamp_len) : NULL;
    const struct entry *entry = in->failed ? NULL : find_exact(kv, space, key, len);

    return present ? entry != NULL && memcmp(entry->stamp, stamp, STAMP_BYTES) == 0 : entry == NULL;
}

static void mutate(struct memory_kv *kv, uint8_t space, struct wire_reader *in, bool apply)
{
    uint8_t kind = wire_get_u8(in);
    size_t len, value_len = 0;
    const uint8_t *key = wire_get_bytes(in, in->left, &len);
    const uint8_t *value = NULL;

    if (kind == 0) {
        value = wire_get_bytes(in, in->left, &value_len);
        (void)wire_get_u64(in);
    }
    if (in->failed || !apply)
        return;
    if (kind == 0)
        set(kv, space, key, len, value, value_len);
    else
        delete (kv, space, key, len);
}

static int atomic(struct memory_kv *kv, struct runner_process *process,
                  const struct runner_frame *frame)
{
    struct wire_reader in;
    struct buffer out;
    uint8_t stamp[STAMP_BYTES];
    bool ok = true;
    uint8_t space;
    uint32_t count;

    kv->commits++;
    stamp_write(kv, stamp);
    wire_read(&in, frame->payload, frame->len);
    space = wire_get_u8(&in);
    count = wire_get_u32(&in);
    for (uint32_t i = 0; i < count && !in.failed; i++)
        ok = check(kv, space, &in) && ok;
    count = wire_get_u32(&in);
    for (uint32_t i = 0; i < count && !in.failed; i++)
        mutate(kv, space, &in, ok);
    if (!wire_end(&in))
        return -1;
    answer_begin(&out);
    wire_put_u8(&out, ok);
    if (ok)
        wire_put_bytes(&out, stamp, sizeof(stamp));
    return runner_send(process, PROTO_KV_COMMITTED, frame->id, &out) == 0 ? 1 : -1;
}

int memory_kv_answer(struct memory_kv *kv, struct runner_process *process,
                     const struct runner_frame *frame)
{
    switch (frame->type) {
    case PROTO_KV_GET:
        return get(kv, process, frame);
    case PROTO_KV_LIST:
        return list(kv, process, frame);
    case PROTO_KV_ATOMIC:
        return atomic(kv, process, frame);
    default:
        return 0;
    }
}
