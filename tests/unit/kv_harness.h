#ifndef AMID_TESTS_KV_HARNESS_H
#define AMID_TESTS_KV_HARNESS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>

#include "supervisor/kv/store.h"

/* A store on a real file in a temporary folder, with a loop that the test turns itself. */
struct harness {
    char folder[64];
    char path[96]; /* of the database */
    struct event_base *base;
    struct defer *defer;
    struct timers *timers;
    struct store *store;
    char reason[512];
};

struct answer { /* of a commit or a get; zeroed by the helpers below */
    int error;
    bool done;
    bool found;
    struct kv_versionstamp stamp;
    char value[256];
};

void harness_make(struct harness *harness);
/* Removes everything. */
void harness_drop(struct harness *harness);
int harness_open(struct harness *harness);
void harness_close(struct harness *harness);
/* Turns the loop until *flag; a test that would hang is ended by the runner's time limit. */
void harness_wait(struct harness *harness, const bool *flag);

void answer_commit(void *arg, int error, const struct kv_versionstamp *stamp);
void answer_get(void *arg, int error, const struct kv_entry *entry);
/* Each waits for its answer. */
struct answer harness_set(struct harness *harness, struct kv *kv, const char *name,
                          const char *value);
struct answer harness_delete(struct harness *harness, struct kv *kv, const char *name);
struct answer harness_get(struct harness *harness, struct kv *kv, const char *name);
struct answer harness_commit(struct harness *harness, struct kv *kv, struct kv_atomic *atomic);
struct kv_key key_of(const char *name);
size_t harness_count(struct harness *harness, struct kv *kv, const struct kv_key *prefix);

#endif
