#include "supervisor/lifecycle/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/kv/kv_scan.h"

#define BATCH_MAX       100
#define VALUE_MAX_BYTES 8192

struct ledger {
    struct ledger_needs needs;
    struct timer flush;
    size_t writing;
    bool is_closed;
    void (*settled)(void *arg);
    void *settled_arg;
    struct kv_atomic *batch; /* totals being gathered */
    size_t batch_count;
    bool has_complained;
    /* Loading, one family after the other: */
    struct kv_scan *scan;
    unsigned step;
    bool with_net;
    struct timer retry;
    void (*loaded)(void *arg, int error);
    void *loaded_arg;
};

/* One commit under way. */
struct ledger_write {
    struct ledger *ledger;
    char sid[ID_UUID_LEN + 1]; /* of an outcome; "" = totals */
};

static const struct log_about about = {.event = "ledger"};

static void totals_are_dirty(void *arg, struct instance *instance)
{
    (void)arg;
    instance->stats.is_changed = true;
}

static void write_failed(struct ledger *ledger, const struct ledger_write *write, int error)
{
    struct instance *instance =
        write->sid[0] == '\0' ? NULL : ledger->needs.find(ledger->needs.arg, write->sid);

    if (!ledger->has_complained)
        log_error(&about, "What workers did cannot be written down: %s; trying again",
                  error_text(error));
    ledger->has_complained = true;
    if (instance != NULL)
        instance->memory_is_written = false;
    else if (write->sid[0] == '\0')
        ledger->needs.each(ledger->needs.arg, totals_are_dirty, NULL);
    timer_start(&ledger->flush, LEDGER_RETRY_MS);
}

static void settle(struct ledger *ledger)
{
    void (*settled)(void *arg) = ledger->settled;

    ledger->settled = NULL;
    if (settled != NULL)
        settled(ledger->settled_arg);
}

static void tell(struct ledger *ledger, const char *sid)
{
    struct instance *instance = sid[0] == '\0' ? NULL : ledger->needs.find(ledger->needs.arg, sid);

    if (instance == NULL || !instance->is_telling)
        return;
    instance->is_telling = false;
    ledger->needs.told(ledger->needs.arg, instance);
}

static void write_done(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct ledger_write *write = arg;
    struct ledger *ledger = write->ledger;

    (void)stamp;
    ledger->writing--;
    if (!ledger->is_closed && error != 0)
        write_failed(ledger, write, error);
    else if (error == 0)
        ledger->has_complained = false;
    if (!ledger->is_closed && error == 0)
        tell(ledger, write->sid);
    free(write);
    if (ledger->writing > 0)
        return;
    if (ledger->is_closed)
        free(ledger);
    else
        settle(ledger);
}

/* Consumes atomic. */
static void ledger_commit(struct ledger *ledger, struct kv *kv, struct kv_atomic *atomic,
                          const char *sid)
{
    struct ledger_write *write = calloc(1, sizeof(*write));
    struct ledger_write failed = {.ledger = ledger};
    int error = AMID_E_NOMEM;

    snprintf(failed.sid, sizeof(failed.sid), "%s", sid);
    if (write != NULL) {
        *write = failed;
        error = kv_commit(kv, atomic, write_done, write);
    } else {
        kv_atomic_free(atomic);
    }
    if (error == 0) {
        ledger->writing++;
        return;
    }
    free(write);
    write_failed(ledger, &failed, error);
}

static int put(struct kv_atomic *atomic, const char *family, const char *sid,
               const struct buffer *value)
{
    struct kv_key key;
    int error = buffer_status(value);

    if (error == 0)
        error = kv_key_of(&key, "ami", family, sid, NULL);
    return error != 0 ? error : kv_atomic_set(atomic, &key, value->data, value->len, 0);
}

void ledger_outcome(struct ledger *ledger, struct instance *instance)
{
    /* A leader's completion is everybody's; everything else is this node's own (RULES 13, 17). */
    bool is_shared = instance->scope == WORKER_NETWORK && instance->execution == WORKER_LEADER &&
                     instance->memory.state == INSTANCE_COMPLETED;
    struct kv *kv = is_shared ? ledger->needs.net : ledger->needs.local;
    struct kv_atomic *atomic = kv_atomic_new();
    struct buffer value;
    int error;

    instance->is_telling = is_shared;
    if (atomic == NULL) {
        timer_start(&ledger->flush, LEDGER_RETRY_MS);
        return;
    }
    buffer_init(&value, VALUE_MAX_BYTES);
    memory_to_json(&instance->memory, &value);
    error = put(atomic, "state", instance->sid, &value);
    buffer_free(&value);
    instance->memory_is_written = true;
    if (error == 0) {
        ledger_commit(ledger, kv, atomic, instance->sid);
        return;
    }
    kv_atomic_free(atomic);
    log_error(&about, "The outcome of %s cannot be written down: %s", instance->sid,
              error_text(error));
}

static void batch_send(struct ledger *ledger)
{
    struct kv_atomic *atomic = ledger->batch;

    ledger->batch = NULL;
    ledger->batch_count = 0;
    if (atomic != NULL)
        ledger_commit(ledger, ledger->needs.local, atomic, "");
}

static void flush_instance(void *arg, struct instance *instance)
{
    struct ledger *ledger = arg;
    struct buffer value;

    if (!instance->memory_is_written)
        ledger_outcome(ledger, instance);
    instance_sample(instance);
    if (!instance->stats.is_changed || instance->is_deleted)
        return;
    if (ledger->batch == NULL)
        ledger->batch = kv_atomic_new();
    if (ledger->batch == NULL)
        return;
    buffer_init(&value, VALUE_MAX_BYTES);
    stats_to_json(&instance->stats, &value);
    if (put(ledger->batch, "totals", instance->sid, &value) == 0) {
        instance->stats.is_changed = false;
        ledger->batch_count++;
    }
    buffer_free(&value);
    if (ledger->batch_count == BATCH_MAX)
        batch_send(ledger);
}

void ledger_flush(struct ledger *ledger)
{
    timer_start(&ledger->flush, LEDGER_FLUSH_MS);
    ledger->needs.each(ledger->needs.arg, flush_instance, ledger);
    batch_send(ledger);
}

static void flush_due(void *arg)
{
    ledger_flush(arg);
}

void ledger_settle(struct ledger *ledger, void (*done)(void *arg), void *arg)
{
    if (ledger->writing == 0) {
        done(arg);
        return;
    }
    ledger->settled = done;
    ledger->settled_arg = arg;
}

void ledger_forget(struct ledger *ledger, const char *sid)
{
    struct kv *spaces[] = {ledger->needs.local, ledger->needs.net};

    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
        struct kv_atomic *atomic = kv_atomic_new();
        struct kv_key state, totals, lease;

        if (atomic == NULL)
            return;
        if (kv_key_of(&state, "ami", "state", sid, NULL) == 0 &&
            kv_key_of(&totals, "ami", "totals", sid, NULL) == 0 && lease_key(&lease, sid) == 0 &&
            kv_atomic_delete(atomic, &state) == 0 && kv_atomic_delete(atomic, &totals) == 0 &&
            kv_atomic_delete(atomic, &lease) == 0)
            ledger_commit(ledger, spaces[i], atomic, sid);
        else
            kv_atomic_free(atomic);
    }
}

/* --- loading --- */

static void recall_state(struct instance *instance, const struct kv_entry *entry)
{
    struct memory found = {.state = INSTANCE_INACTIVE};

    if (memory_from_json(&found, entry->value, entry->value_len) != 0)
        return;
    /* Both spaces may hold one; the later generation counts. */
    if (instance->memory.reason == NULL || found.generation >= instance->memory.generation) {
        memory_free(&instance->memory);
        instance->memory = found;
    } else {
        memory_free(&found);
    }
}

void ledger_learn(struct instance *instance, const struct kv_entry *entry)
{
    recall_state(instance, entry);
}

static void recall_totals(struct instance *instance, const struct kv_entry *entry)
{
    stats_from_json(&instance->stats, entry->value, entry->value_len);
}

static void recall_lease(struct instance *instance, const struct kv_entry *entry)
{
    lease_recall(&instance->lease, entry->value, entry->value_len);
}

static const struct {
    bool is_net;
    const char *first, *second;
    void (*each)(struct instance *instance, const struct kv_entry *entry);
} families[] = {
    {false, "ami", "state", recall_state},   {true, "ami", "state", recall_state},
    {false, "ami", "totals", recall_totals}, {false, "leader", "info", recall_lease},
    {true, "leader", "info", recall_lease},
};

#define FAMILIES (sizeof(families) / sizeof(families[0]))

/* The key's third part, if that is the last and a worker's sid. */
static bool sid_of(const struct kv_entry *entry, char ret_sid[ID_UUID_LEN + 1])
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part = {.type = KV_PART_FALSE};
    size_t pos = 0;

    while (kv_key_next(entry->key, entry->key_len, &pos, &part, scratch) == 1)
        continue;
    if (part.type != KV_PART_STRING || part.len != ID_UUID_LEN)
        return false;
    memcpy(ret_sid, part.bytes, part.len);
    ret_sid[part.len] = '\0';
    return true;
}

static void family_each(void *arg, const struct kv_entry *entry)
{
    struct ledger *ledger = arg;
    char sid[ID_UUID_LEN + 1];
    struct instance *instance =
        sid_of(entry, sid) ? ledger->needs.find(ledger->needs.arg, sid) : NULL;

    if (instance != NULL && !instance->is_recalled)
        families[ledger->step].each(instance, entry);
}

static void family_done(void *arg, int error);

static int family_start(struct ledger *ledger)
{
    struct kv *kv = families[ledger->step].is_net ? ledger->needs.net : ledger->needs.local;
    struct kv_key prefix;
    int error =
        kv_key_of(&prefix, families[ledger->step].first, families[ledger->step].second, NULL);

    return error != 0 ? error
                      : kv_scan_start(kv, &prefix, family_each, family_done, ledger, &ledger->scan);
}

static bool family_is_wanted(const struct ledger *ledger)
{
    return ledger->step < FAMILIES && (ledger->with_net || !families[ledger->step].is_net);
}

static bool net_is_away(const struct ledger *ledger)
{
    return families[ledger->step].is_net && !kv_is_joint(ledger->needs.local, ledger->needs.net);
}

static void load_goes_on(struct ledger *ledger, int error)
{
    if (error != 0 && ledger->step < FAMILIES && net_is_away(ledger)) {
        (void)timer_start(&ledger->retry, LEDGER_RETRY_MS);
        return;
    }
    timer_start(&ledger->flush, LEDGER_FLUSH_MS);
    ledger->loaded(ledger->loaded_arg, error);
}

static void family_again(void *arg)
{
    struct ledger *ledger = arg;
    int error = family_start(ledger);

    if (error != 0)
        load_goes_on(ledger, error);
}

static void family_done(void *arg, int error)
{
    struct ledger *ledger = arg;

    ledger->scan = NULL;
    if (error == 0) {
        do
            ledger->step++;
        while (ledger->step < FAMILIES && !family_is_wanted(ledger));
    }
    if (error == 0 && ledger->step < FAMILIES) {
        error = family_start(ledger);
        if (error == 0)
            return;
    }
    load_goes_on(ledger, error);
}

int ledger_load(struct ledger *ledger, bool with_net, void (*loaded)(void *arg, int error),
                void *arg)
{
    ledger->loaded = loaded;
    ledger->loaded_arg = arg;
    ledger->with_net = with_net;
    ledger->step = 0;
    return family_start(ledger);
}

int ledger_open(const struct ledger_needs *needs, struct ledger **ret_ledger)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger));

    if (ledger == NULL)
        return AMID_E_NOMEM;
    ledger->needs = *needs;
    timer_init(&ledger->flush, needs->timers, flush_due, ledger);
    timer_init(&ledger->retry, needs->timers, family_again, ledger);
    *ret_ledger = ledger;
    return 0;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    timer_stop(&ledger->flush);
    timer_stop(&ledger->retry);
    kv_scan_cancel(ledger->scan);
    ledger->is_closed = true;
    if (ledger->writing == 0)
        free(ledger);
}
