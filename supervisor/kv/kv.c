#include "supervisor/kv/kv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/id.h"
#include "supervisor/kv/kv_internal.h"
#include "supervisor/kv/kv_lease.h"

#define FIRST_CAPACITY 4

int kv_get(struct kv *kv, const struct kv_key *key, kv_get_fn fn, void *arg)
{
    if (key->len == 0)
        return AMID_E_INVALID;
    return kv->backend->get(kv, key, fn, arg);
}

int kv_get_many(struct kv *kv, const struct kv_key *keys, size_t count, kv_get_many_fn fn,
                void *arg)
{
    if (count == 0 || count > KV_GET_MANY_MAX)
        return AMID_E_INVALID;
    for (size_t i = 0; i < count; i++) {
        if (keys[i].len == 0)
            return AMID_E_INVALID;
    }
    return kv->backend->get_many(kv, keys, count, fn, arg);
}

int kv_list(struct kv *kv, const struct kv_range *range, kv_list_fn fn, void *arg)
{
    if (range->limit == 0 || range->limit > KV_LIST_MAX)
        return AMID_E_INVALID;
    return kv->backend->list(kv, range, fn, arg);
}

void kv_range_of_prefix(struct kv_range *range, const struct kv_key *prefix)
{
    range->limit = KV_LIST_MAX;
    range->reverse = false;
    range->start = *prefix;
    if (prefix->len == KV_KEY_MAX_BYTES) {
        range->end = *prefix; /* nothing longer exists */
        return;
    }
    range->start.bytes[range->start.len++] = KV_PART_BYTES;
    (void)kv_key_prefix_end(prefix, &range->end);
}

void kv_versionstamp_to_hex(const struct kv_versionstamp *stamp, char *out)
{
    id_hex(stamp->bytes, KV_VERSIONSTAMP_BYTES, out);
}

int kv_versionstamp_from_hex(const char *text, struct kv_versionstamp *ret_stamp)
{
    struct kv_versionstamp stamp;
    if (strlen(text) != KV_VERSIONSTAMP_HEX ||
        id_unhex(text, stamp.bytes, KV_VERSIONSTAMP_BYTES) != 0)
        return AMID_E_INVALID;
    *ret_stamp = stamp;
    return 0;
}

struct kv_atomic *kv_atomic_new(void)
{
    return calloc(1, sizeof(struct kv_atomic));
}

void kv_atomic_free(struct kv_atomic *atomic)
{
    if (atomic == NULL)
        return;
    for (size_t i = 0; i < atomic->check_count; i++)
        free(atomic->checks[i].key);
    for (size_t i = 0; i < atomic->mutation_count; i++) {
        free(atomic->mutations[i].key);
        free(atomic->mutations[i].computed);
    }
    while (atomic->notes != NULL) {
        struct kv_note *note = atomic->notes;
        atomic->notes = note->next;
        free(note);
    }
    free(atomic->checks);
    free(atomic->mutations);
    free(atomic);
}

void kv_atomic_target(struct kv_atomic *atomic, struct kv *kv)
{
    atomic->target = kv;
}

/* Room for one more of count items; capacities are the powers of two from FIRST_CAPACITY. */
static int items_grow(void **items, size_t count, size_t item_bytes)
{
    size_t capacity = 0;
    if (count == 0)
        capacity = FIRST_CAPACITY;
    else if (count >= FIRST_CAPACITY && (count & (count - 1)) == 0)
        capacity = count * 2;
    if (capacity == 0)
        return 0;
    void *grown = realloc(*items, capacity * item_bytes);
    if (grown == NULL)
        return AMID_E_NOMEM;
    *items = grown;
    return 0;
}

static int check_add(struct kv_atomic *atomic, const struct kv_key *key,
                     const struct kv_versionstamp *stamp, bool is_fence)
{
    if (key->len == 0)
        return AMID_E_INVALID;
    /* A fence is amid's own, whatever a script has filled. */
    if (atomic->check_count >= KV_ATOMIC_MAX_CHECKS + (size_t)is_fence)
        return AMID_E_TOO_LARGE;
    void *items = atomic->checks;
    int error = items_grow(&items, atomic->check_count, sizeof(*atomic->checks));
    atomic->checks = items;
    if (error != 0)
        return error;
    struct kv_check check = {
        .kv = atomic->target, .absent = stamp == NULL, .is_fence = is_fence, .key_len = key->len};
    if (stamp != NULL)
        check.stamp = *stamp;
    check.key = malloc(key->len);
    if (check.key == NULL)
        return AMID_E_NOMEM;
    memcpy(check.key, key->bytes, key->len);
    atomic->checks[atomic->check_count++] = check;
    return 0;
}

static int refusal_keep(struct kv_atomic *atomic, int error)
{
    if (error != 0 && atomic->error == 0)
        atomic->error = error;
    return error;
}

int kv_atomic_check(struct kv_atomic *atomic, const struct kv_key *key,
                    const struct kv_versionstamp *stamp)
{
    return refusal_keep(atomic, check_add(atomic, key, stamp, false));
}

int kv_atomic_fence(struct kv_atomic *atomic, const struct kv_key *key,
                    const struct kv_versionstamp *stamp)
{
    return refusal_keep(atomic, check_add(atomic, key, stamp, true));
}

static bool mutation_is_of(const struct kv_mutation *mutation, const struct kv_atomic *atomic,
                           const uint8_t *key, size_t len)
{
    return mutation->kv == atomic->target && mutation->key_len == len &&
           memcmp(mutation->key, key, len) == 0;
}

/* A set or delete makes the ones of its key before it needless, unless a number stands between:
 * that may still be refused. */
static void mutations_drop(struct kv_atomic *atomic, const uint8_t *key, size_t len)
{
    size_t kept = 0;
    for (size_t i = 0; i < atomic->mutation_count; i++) {
        if (atomic->mutations[i].kind == KV_MUTATION_NUMBER &&
            mutation_is_of(&atomic->mutations[i], atomic, key, len))
            return;
    }
    for (size_t i = 0; i < atomic->mutation_count; i++) {
        struct kv_mutation *mutation = &atomic->mutations[i];
        if (!mutation_is_of(mutation, atomic, key, len)) {
            atomic->mutations[kept++] = *mutation;
            continue;
        }
        atomic->bytes -= mutation->key_len + mutation->value_len;
        free(mutation->key);
    }
    /* Capacities follow from the count: one that has shrunk below its power of two is only
     * allocated again when it has grown as far once more. */
    atomic->mutation_count = kept;
}

/* The key, and the value behind it, in a block of its own. */
static int mutation_fill(struct kv_mutation *mutation, const uint8_t *key, size_t key_len,
                         const char *value, size_t value_len)
{
    if (key_len == 0)
        return AMID_E_INVALID;
    if (value_len > KV_VALUE_MAX_BYTES)
        return AMID_E_TOO_LARGE;
    mutation->key = malloc(key_len + value_len + 1);
    if (mutation->key == NULL)
        return AMID_E_NOMEM;
    memcpy(mutation->key, key, key_len);
    if (value_len > 0)
        memcpy(mutation->key + key_len, value, value_len);
    mutation->key[key_len + value_len] = '\0';
    mutation->key_len = key_len;
    mutation->value = value == NULL ? NULL : (char *)mutation->key + key_len;
    mutation->value_len = value_len;
    return 0;
}

static int mutation_push(struct kv_atomic *atomic, const struct kv_mutation *mutation)
{
    size_t bytes = mutation->key_len + mutation->value_len;
    if (mutation->kind != KV_MUTATION_NUMBER)
        mutations_drop(atomic, mutation->key, mutation->key_len);
    if (atomic->bytes + bytes > KV_ATOMIC_MAX_BYTES || atomic->mutation_count == KV_ATOMIC_MAX_OPS)
        return AMID_E_TOO_LARGE;
    void *items = atomic->mutations;
    int error = items_grow(&items, atomic->mutation_count, sizeof(*atomic->mutations));
    atomic->mutations = items;
    if (error != 0)
        return error;
    atomic->mutations[atomic->mutation_count++] = *mutation;
    atomic->bytes += bytes;
    return 0;
}

static int mutation_add(struct kv_atomic *atomic, struct kv_mutation mutation, const uint8_t *key,
                        size_t key_len, const char *value, size_t value_len)
{
    mutation.kv = atomic->target;
    int error = mutation_fill(&mutation, key, key_len, value, value_len);
    if (error != 0)
        return error;
    error = mutation_push(atomic, &mutation);
    if (error != 0)
        free(mutation.key);
    return error;
}

int kv_atomic_set(struct kv_atomic *atomic, const struct kv_key *key, const char *value, size_t len,
                  int64_t expire_in_ms)
{
    struct kv_mutation set = {.kind = KV_MUTATION_SET, .expire_in_ms = expire_in_ms};
    if (expire_in_ms < 0 || expire_in_ms > KV_EXPIRE_MAX_MS)
        return refusal_keep(atomic, AMID_E_INVALID);
    return refusal_keep(atomic, mutation_add(atomic, set, key->bytes, key->len, value, len));
}

int kv_atomic_set_leased(struct kv_atomic *atomic, const struct kv_key *key, const char *value,
                         size_t len, const struct kv_lease *lease)
{
    struct kv_mutation set = {.kind = KV_MUTATION_SET, .lease_id = kv_lease_id(lease)};
    if (set.lease_id == 0)
        return refusal_keep(atomic, AMID_E_LEASE_LOST);
    return refusal_keep(atomic, mutation_add(atomic, set, key->bytes, key->len, value, len));
}

int kv_atomic_delete(struct kv_atomic *atomic, const struct kv_key *key)
{
    struct kv_mutation deletion = {.kind = KV_MUTATION_DELETE};
    return refusal_keep(atomic, mutation_add(atomic, deletion, key->bytes, key->len, NULL, 0));
}

int kv_atomic_number(struct kv_atomic *atomic, const struct kv_key *key, enum kv_number number,
                     double operand, const char *record, size_t len)
{
    struct kv_mutation change = {.kind = KV_MUTATION_NUMBER, .number = number, .operand = operand};
    if (number >= KV_NUMBER_MAX || !isfinite(operand))
        return refusal_keep(atomic, AMID_E_INVALID);
    return refusal_keep(atomic, mutation_add(atomic, change, key->bytes, key->len, record, len));
}

int kv_atomic_note(struct kv_atomic *atomic, const char *text, size_t len)
{
    struct kv_note **tail = &atomic->notes;
    size_t count = 0;
    for (; *tail != NULL; tail = &(*tail)->next)
        count++;
    if (len > KV_NOTE_MAX_BYTES || count == KV_ATOMIC_MAX_NOTES)
        return refusal_keep(atomic, AMID_E_TOO_LARGE);
    struct kv_note *note = malloc(sizeof(*note) + len + 1);
    if (note == NULL)
        return refusal_keep(atomic, AMID_E_NOMEM);
    *note = (struct kv_note){.row = {.text = note->text, .text_len = len}};
    memcpy(note->text, text, len);
    note->text[len] = '\0';
    atomic->bytes += len;
    *tail = note;
    return 0;
}

void kv_atomic_trim(struct kv_atomic *atomic, uint64_t keep, int64_t before_ms)
{
    atomic->trim = (struct kv_trim){.is_wanted = true, .keep = keep, .before_ms = before_ms};
}

int kv_atomic_add_deleted(struct kv_atomic *atomic, struct kv *kv, const uint8_t *key, size_t len)
{
    atomic->target = kv;
    struct kv_mutation deletion = {.kind = KV_MUTATION_DELETE};
    int error = mutation_add(atomic, deletion, key, len, NULL, 0);
    if (error == 0)
        atomic->mutations[atomic->mutation_count - 1].changed = true;
    return error;
}

bool kv_is_joint(const struct kv *a, const struct kv *b)
{
    return a->store == b->store;
}

bool kv_is_reachable(const struct kv *kv)
{
    return !kv->is_unreachable;
}

int kv_on_reach(struct kv *kv, void (*fn)(void *arg, bool is_reachable), void *arg)
{
    if (kv->reach_count == KV_REACH_MAX)
        return AMID_E_LIMIT;
    kv->reach[kv->reach_count++] = (struct kv_reach){.fn = fn, .arg = arg};
    return 0;
}

void kv_set_reachable(struct kv *kv, bool is_reachable)
{
    if (kv->is_unreachable != is_reachable)
        return;
    kv->is_unreachable = !is_reachable;
    for (size_t i = 0; i < kv->reach_count; i++)
        kv->reach[i].fn(kv->reach[i].arg, is_reachable);
}

static int space_fill(struct kv *kv, struct kv **space)
{
    if (*space == NULL)
        *space = kv;
    return (*space)->store == kv->store ? 0 : AMID_E_UNSUPPORTED;
}

int kv_commit(struct kv *kv, struct kv_atomic *atomic, kv_commit_fn fn, void *arg)
{
    int error = atomic->error;
    for (size_t i = 0; i < atomic->check_count && error == 0; i++)
        error = space_fill(kv, &atomic->checks[i].kv);
    for (size_t i = 0; i < atomic->mutation_count && error == 0; i++)
        error = space_fill(kv, &atomic->mutations[i].kv);
    if (error == 0)
        error = kv->backend->commit(kv, atomic, fn, arg);
    if (error != 0)
        kv_atomic_free(atomic);
    return error;
}
