/*
 * The KV against a model so simple that it is right: random atomic operations (checks, sets with
 * and without expireIn, deletes, sums, minima, maxima, several on one key, both spaces), many under
 * way at once, then reads of every kind, and the clock moved on. What was answered, what is read
 * and what watchers made of their events must be what the model says; versionstamps only grow.
 * AMID_MODEL_SEED and AMID_MODEL_OPERATIONS in the environment ask for another run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/json_member.h"
#include "kv_harness.h"

#ifdef AMID_MODEL_ETCD
#include "etcd_fixture.h"
/* Over a real etcd: one space, no time that a test could move, answers in an order of their own. */
#define OPERATIONS 4000
#define SPACES     1
#define TIMEOUT_MS 20000
#else
#define OPERATIONS 120000
#define SPACES     2
#endif
#define KEYS      48 /* in two folders, and the folders' own keys */
#define BATCH_MAX 48
#define EPOCH_MS  INT64_C(10000000) /* real time that passes in between does not count beside it */
#define WATCHED   8                 /* keys that are watched one by one */

struct slot { /* of the model, and of a watcher's mirror */
    bool exists;
    bool is_number;
    int64_t number;  /* or the text's number */
    int64_t expires; /* epoch at which it is gone; 0 = never */
    int writer;      /* operation of the batch that wrote it, -1 = an earlier batch's */
    struct kv_versionstamp stamp;
};

struct pending {
    struct model *model;
    bool expects_stamp;
    int expected;
    bool done;
    struct kv_versionstamp stamp;
};

struct mirror {
    struct model *model;
    int space;
    int only; /* this key, or -1 for all */
    struct kv_watch *watch;
    struct slot slots[KEYS];
};

struct model {
#ifdef AMID_MODEL_ETCD
    struct etcd_fixture fixture;
#else
    struct harness harness;
#endif
    struct kv *spaces[SPACES];
    struct kv_key keys[KEYS]; /* in their order */
    struct slot slots[SPACES][KEYS];
    struct mirror all[SPACES];
    struct mirror some[WATCHED];
    struct pending batch[BATCH_MAX];
    struct kv_versionstamp last;
    int64_t epoch;
    uint64_t random;
    size_t operations;
    size_t conflicts;
    size_t refusals;
};

static struct harness *harness_of(struct model *model)
{
#ifdef AMID_MODEL_ETCD
    return &model->fixture.harness;
#else
    return &model->harness;
#endif
}

static uint32_t pick(struct model *model, uint32_t below)
{
    model->random ^= model->random << 13;
    model->random ^= model->random >> 7;
    model->random ^= model->random << 17;
    return (uint32_t)(model->random >> 33) % below;
}

static int stamp_order(const struct kv_versionstamp *a, const struct kv_versionstamp *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

static int key_order(const void *a, const void *b)
{
    const struct kv_key *x = a;
    const struct kv_key *y = b;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->bytes, y->bytes, len);
    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static void keys_make(struct model *model)
{
    for (int i = 0; i < KEYS; i++) {
        struct kv_part part = {.type = KV_PART_BYTES, .bytes = (const uint8_t *)"\0\xff", .len = 2};
        struct kv_key *key = &model->keys[i];
        assert_int_equal(kv_key_of(key, i % 2 == 0 ? "a" : "a\x01", NULL), 0);
        if (i < 2)
            continue; /* the folder itself */
        if (i % 5 == 0)
            assert_int_equal(kv_key_add_number(key, i % 3 == 0 ? -i : i / 7.0), 0);
        else if (i % 7 == 0)
            assert_int_equal(kv_key_add(key, &part), 0);
        assert_int_equal(kv_key_add_number(key, i), 0);
    }
    qsort(model->keys, KEYS, sizeof(model->keys[0]), key_order);
}

static int key_index(const struct model *model, const uint8_t *key, size_t len)
{
    for (int i = 0; i < KEYS; i++) {
        if (model->keys[i].len == len && memcmp(model->keys[i].bytes, key, len) == 0)
            return i;
    }
    fail_msg("a key that nobody wrote");
    return 0;
}

static void value_parse(const char *text, size_t len, struct slot *slot)
{
    struct json_span span;
    double number;
    slot->exists = true;
    slot->is_number = json_member_find(text, len, "raw", &span);
    if (!slot->is_number)
        span = (struct json_span){1, len - 2}; /* "12" */
    assert_true(json_span_number(text, &span, &number));
    slot->number = (int64_t)number;
}

/* A watcher's memory: each event is newer than what it knew of the key. */
static void mirror_event(void *arg, const struct kv_entry *entry)
{
    struct mirror *mirror = arg;
    int index = key_index(mirror->model, entry->key, entry->key_len);
    struct slot *slot = &mirror->slots[index];
    assert_true(mirror->only < 0 || mirror->only == index);
    assert_true(stamp_order(&entry->versionstamp, &slot->stamp) > 0);
    slot->stamp = entry->versionstamp;
    slot->exists = false;
    if (entry->value != NULL)
        value_parse(entry->value, entry->value_len, slot);
}

static void mirrors_make(struct model *model)
{
    struct kv_key everything = {.len = 0};
    for (int space = 0; space < SPACES; space++) {
        struct mirror *all = &model->all[space];
        *all = (struct mirror){.model = model, .space = space, .only = -1};
        all->watch = kv_watch_new(model->spaces[space], &everything, mirror_event, all);
        assert_non_null(all->watch);
    }
    for (int i = 0; i < WATCHED; i++) {
        struct mirror *some = &model->some[i];
        *some = (struct mirror){.model = model, .space = i % SPACES, .only = i / SPACES};
        some->watch =
            kv_watch_key(model->spaces[some->space], &model->keys[some->only], mirror_event, some);
        assert_non_null(some->watch);
    }
}

static bool slot_visible(const struct model *model, const struct slot *slot)
{
    return slot->exists && (slot->expires == 0 || slot->expires > model->epoch);
}

static bool mirror_agrees(const struct mirror *mirror)
{
    const struct model *model = mirror->model;
    for (int i = 0; i < KEYS; i++) {
        const struct slot *slot = &model->slots[mirror->space][i];
        const struct slot *seen = &mirror->slots[i];
        if (mirror->only >= 0 && mirror->only != i)
            continue;
        if (slot_visible(model, slot) != seen->exists)
            return false;
        if (seen->exists && (seen->number != slot->number || seen->is_number != slot->is_number ||
                             stamp_order(&seen->stamp, &slot->stamp) != 0))
            return false;
    }
    return true;
}

static bool mirrors_agree(const struct model *model)
{
    for (int space = 0; space < SPACES; space++) {
        if (!mirror_agrees(&model->all[space]))
            return false;
    }
    for (int i = 0; i < WATCHED; i++) {
        if (!mirror_agrees(&model->some[i]))
            return false;
    }
    return true;
}

/* One mutation, on the operation and on a copy of the model that counts if the operation passes. */
static int mutation_make(struct model *model, struct kv_atomic *atomic, struct slot slots[KEYS],
                         int number)
{
    int index = (int)pick(model, KEYS);
    struct slot *slot = &slots[index];
    const struct kv_key *key = &model->keys[index];
    int64_t value = (int64_t)pick(model, 2001) - 1000;
    bool existed = slot_visible(model, slot);
    char text[64];
    switch (pick(model, 8)) {
    case 0:
    case 1:
        assert_int_equal(kv_atomic_delete(atomic, key), 0);
        *slot = (struct slot){.exists = false};
        return 0;
    case 2:
        snprintf(text, sizeof(text), "\"%d\"", (int)value);
        assert_int_equal(kv_atomic_set(atomic, key, text, strlen(text), 0), 0);
        *slot = (struct slot){.exists = true, .number = value, .writer = number};
        return 0;
    case 3:
    case 4: {
        int64_t epochs = pick(model, 3);
        snprintf(text, sizeof(text), "{\"raw\":%d,\"timestamp\":1}", (int)value);
        assert_int_equal(kv_atomic_set(atomic, key, text, strlen(text), epochs * EPOCH_MS), 0);
        *slot = (struct slot){.exists = true,
                              .is_number = true,
                              .number = value,
                              .expires = epochs == 0 ? 0 : model->epoch + epochs,
                              .writer = number};
        return 0;
    }
    default:
        break;
    }
    enum kv_number kind = (enum kv_number)pick(model, KV_NUMBER_MAX);
    assert_int_equal(kv_atomic_number(atomic, key, kind, (double)value, "{\"raw\": 0 }", 11), 0);
    if (existed && !slot->is_number)
        return AMID_E_INVALID;
    if (existed && kind == KV_SUM)
        value += slot->number;
    else if (existed && (kind == KV_MIN) == (slot->number < value))
        value = slot->number;
    *slot = (struct slot){.exists = true, .is_number = true, .number = value, .writer = number};
    return 0;
}

static int check_make(struct model *model, struct kv_atomic *atomic, int space)
{
    int index = (int)pick(model, KEYS);
    const struct slot *slot = &model->slots[space][index];
    bool visible = slot_visible(model, slot);
    bool known = visible && slot->writer < 0; /* its stamp has been answered */
    bool wants_absent = pick(model, 4) == 0 || (!visible && pick(model, 4) != 0);
    struct kv_versionstamp stamp = known ? slot->stamp : model->last;
    assert_int_equal(kv_atomic_check(atomic, &model->keys[index], wants_absent ? NULL : &stamp), 0);
    bool holds = wants_absent ? !visible : known;
    return holds ? 0 : AMID_E_CONFLICT;
}

static void committed(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct pending *pending = arg;
    assert_false(pending->done);
    assert_int_equal(error, pending->expected);
    assert_int_equal(stamp != NULL, error == 0);
    pending->done = true;
    if (stamp == NULL)
        return;
    pending->stamp = *stamp;
    if (stamp_order(stamp, &pending->model->last) > 0)
        pending->model->last = *stamp;
    else
        assert_true(SPACES == 1);
}

static void operation_make(struct model *model, int number)
{
    struct pending *pending = &model->batch[number];
    struct slot after[SPACES][KEYS];
    struct kv_atomic *atomic = kv_atomic_new();
    int space = (int)pick(model, SPACES);
    uint32_t mutations = 1 + pick(model, 4);
    int conflict = 0;
    int refusal = 0;
    memcpy(after, model->slots, sizeof(after));
    for (uint32_t i = pick(model, 8) / 6; i > 0; i--)
        conflict = check_make(model, atomic, space) != 0 ? AMID_E_CONFLICT : conflict;
    for (uint32_t i = 0; i < mutations; i++) {
        int target = i > 0 && pick(model, 5) == 0 ? SPACES - 1 - space : space;
        kv_atomic_target(atomic, model->spaces[target]);
        int error = mutation_make(model, atomic, after[target], number);
        refusal = error != 0 ? error : refusal;
    }
    *pending = (struct pending){.model = model, .expected = conflict != 0 ? conflict : refusal};
    if (pending->expected == 0)
        memcpy(model->slots, after, sizeof(after));
    model->conflicts += conflict != 0;
    model->refusals += conflict == 0 && refusal != 0;
    assert_int_equal(kv_commit(model->spaces[space], atomic, committed, pending), 0);
    model->operations += mutations;
}

/* Operations of one batch are under way together. */
static void batch_run(struct model *model)
{
    int count = 1 + (int)pick(model, BATCH_MAX);
    for (int i = 0; i < count; i++)
        operation_make(model, i);
    for (int i = 0; i < count; i++)
        harness_wait(harness_of(model), &model->batch[i].done);
    for (int space = 0; space < SPACES; space++) {
        for (int i = 0; i < KEYS; i++) {
            struct slot *slot = &model->slots[space][i];
            if (slot->exists && slot->writer >= 0)
                slot->stamp = model->batch[slot->writer].stamp;
            slot->writer = -1;
        }
    }
    if (!mirrors_agree(model))
        fail_msg("a watcher's last state is not what was written");
}

struct reading {
    struct model *model;
    int space;
    bool done;
    bool more;
    size_t count;
    int indices[KV_GET_MANY_MAX];
    int index; /* where the next entry is looked for */
    int step;
};

static void entry_check(const struct model *model, int space, int index,
                        const struct kv_entry *entry)
{
    const struct slot *slot = &model->slots[space][index];
    struct slot read = {.exists = false};
    bool found = entry != NULL && entry->value != NULL;
    assert_int_equal(found, slot_visible(model, slot));
    if (!found)
        return;
    value_parse(entry->value, entry->value_len, &read);
    assert_int_equal(read.is_number, slot->is_number);
    assert_int_equal(read.number, slot->number);
    assert_int_equal(stamp_order(&entry->versionstamp, &slot->stamp), 0);
}

static void got(void *arg, int error, const struct kv_entry *entry)
{
    struct reading *reading = arg;
    assert_int_equal(error, 0);
    entry_check(reading->model, reading->space, reading->indices[0], entry);
    reading->done = true;
}

static void got_many(void *arg, int error, const struct kv_entry *entries, size_t count)
{
    struct reading *reading = arg;
    assert_int_equal(error, 0);
    assert_int_equal(count, reading->count);
    for (size_t i = 0; i < count; i++)
        entry_check(reading->model, reading->space, reading->indices[i], &entries[i]);
    reading->done = true;
}

static void read_keys(struct model *model)
{
    struct reading reading = {.model = model, .space = (int)pick(model, SPACES)};
    struct kv_key keys[KV_GET_MANY_MAX];
    struct kv *kv = model->spaces[reading.space];
    reading.count = 1 + pick(model, KV_GET_MANY_MAX);
    for (size_t i = 0; i < reading.count; i++) {
        reading.indices[i] = (int)pick(model, KEYS);
        keys[i] = model->keys[reading.indices[i]];
    }
    assert_int_equal(kv_get(kv, &keys[0], got, &reading), 0);
    harness_wait(harness_of(model), &reading.done);
    reading.done = false;
    assert_int_equal(kv_get_many(kv, keys, reading.count, got_many, &reading), 0);
    harness_wait(harness_of(model), &reading.done);
}

static void listed(void *arg, int error, const struct kv_entry *entries, size_t count, bool more)
{
    struct reading *reading = arg;
    struct model *model = reading->model;
    assert_int_equal(error, 0);
    for (size_t i = 0; i < count; i++) {
        while (!slot_visible(model, &model->slots[reading->space][reading->index]))
            reading->index += reading->step;
        assert_int_equal(key_index(model, entries[i].key, entries[i].key_len), reading->index);
        entry_check(model, reading->space, reading->index, &entries[i]);
        reading->index += reading->step;
    }
    reading->count = count;
    reading->more = more;
    reading->done = true;
}

/* A random piece of the keys, forwards or backwards, in pages. */
static void read_list(struct model *model)
{
    int a = (int)pick(model, KEYS);
    int b = (int)pick(model, KEYS);
    int low = a < b ? a : b;
    int high = a < b ? b : a; /* left out */
    bool reverse = pick(model, 2) == 0;
    struct kv_range range = {.start = model->keys[low],
                             .end = model->keys[high],
                             .limit = 1 + pick(model, KEYS),
                             .reverse = reverse};
    struct reading reading = {.model = model,
                              .space = (int)pick(model, SPACES),
                              .more = true,
                              .index = reverse ? high - 1 : low,
                              .step = reverse ? -1 : 1};
    while (reading.more) {
        reading.done = false;
        assert_int_equal(kv_list(model->spaces[reading.space], &range, listed, &reading), 0);
        harness_wait(harness_of(model), &reading.done);
        if (reverse && reading.count > 0)
            range.end = model->keys[reading.index + 1];
        else if (reading.count > 0)
            range.start = model->keys[reading.index];
    }
    for (int i = reading.index; reverse ? i >= low : i < high; i += reading.step)
        assert_false(slot_visible(model, &model->slots[reading.space][i]));
}

static void time_pass(struct model *model)
{
#if defined(AMID_TEST_HOOKS) && !defined(AMID_MODEL_ETCD)
    int64_t epochs = 1 + pick(model, 2);
    clock_advance_ms(epochs * EPOCH_MS);
    model->epoch += epochs;
    timers_advance(harness_of(model)->timers);
    /* Gone at once to reads, told to watchers shortly after. */
    read_keys(model);
    while (!mirrors_agree(model))
        event_base_loop(harness_of(model)->base, EVLOOP_ONCE);
#else
    (void)model;
#endif
}

#ifdef AMID_MODEL_ETCD
static void model_make(struct model *model)
{
    etcd_fixture_start(&model->fixture);
}

static void model_open(struct model *model)
{
    etcd_fixture_open(&model->fixture, TIMEOUT_MS);
    model->spaces[0] = model->fixture.kv;
}

static void model_close(struct model *model)
{
    etcd_fixture_close(&model->fixture);
}

static void model_drop(struct model *model)
{
    etcd_fixture_stop(&model->fixture);
}
#else
static void model_make(struct model *model)
{
    harness_make(&model->harness);
}

static void model_open(struct model *model)
{
    assert_int_equal(harness_open(&model->harness), 0);
    model->spaces[0] = store_local(model->harness.store);
    model->spaces[1] = store_net(model->harness.store);
}

static void model_close(struct model *model)
{
    harness_close(&model->harness);
}

static void model_drop(struct model *model)
{
    harness_drop(&model->harness);
}
#endif

static void mirrors_free(struct model *model)
{
    for (int space = 0; space < SPACES; space++)
        kv_watch_free(model->all[space].watch);
    for (int i = 0; i < WATCHED; i++)
        kv_watch_free(model->some[i].watch);
}

static uint64_t wish(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void operations_agree_with_the_model(void **state)
{
    struct model *model = calloc(1, sizeof(*model));
    uint64_t operations = wish("AMID_MODEL_OPERATIONS", OPERATIONS);
    (void)state;
    model->random = wish("AMID_MODEL_SEED", 20261125) | 1;
    keys_make(model);
    model_make(model);
    model_open(model);
    mirrors_make(model);
    while (model->operations < operations) {
        batch_run(model);
        read_keys(model);
        if (pick(model, 4) == 0)
            read_list(model);
        if (pick(model, 25) == 0)
            time_pass(model);
    }
    /* The run was no mere series of refusals. */
    assert_in_range(model->conflicts, 100, operations / 4);
    assert_in_range(model->refusals, 100, operations / 4);
    mirrors_free(model);
    model_close(model);
    model_open(model); /* and all of it is in the store */
    for (int i = 0; i < KEYS; i++)
        read_keys(model);
    model_drop(model);
    free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(operations_agree_with_the_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
