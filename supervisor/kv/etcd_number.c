#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "supervisor/kv/etcd_commit_internal.h"

void etcd_numbers_free(struct etcd_commit *commit)
{
    for (size_t i = 0; i < commit->atomic->mutation_count; i++)
        etcd_entry_free(&commit->befores[i].entry);
}

/* The mutation of the same key that comes before, and which it supersedes. */
static struct kv_mutation *mutation_before(struct kv_atomic *atomic, size_t at)
{
    const struct kv_mutation *mutation = &atomic->mutations[at];

    while (at-- > 0) {
        struct kv_mutation *other = &atomic->mutations[at];
        if (other->key_len == mutation->key_len &&
            memcmp(other->key, mutation->key, mutation->key_len) == 0)
            return other;
    }
    return NULL;
}

/* As they were before they were computed, for the first time or again. */
static void numbers_reset(struct etcd_commit *commit)
{
    etcd_numbers_free(commit);
    for (size_t i = 0; i < commit->atomic->mutation_count; i++) {
        struct kv_mutation *mutation = &commit->atomic->mutations[i];
        struct kv_mutation *before = mutation_before(commit->atomic, i);
        if (before != NULL)
            before->superseded = true;
        commit->befores[i] = (struct etcd_before){0};
        if (mutation->kind != KV_MUTATION_NUMBER)
            continue;
        commit->befores[i].is_read = before == NULL;
        free(mutation->computed);
        mutation->computed = NULL;
        mutation->value = (char *)mutation->key + mutation->key_len;
        mutation->value_len = commit->record_lens[i];
    }
}

/* Each number sees what the mutations before it leave. */
static int numbers_compute(struct etcd_commit *commit)
{
    int64_t now_ms = clock_real_ms();
    int error = 0;

    for (size_t i = 0; i < commit->atomic->mutation_count && error == 0; i++) {
        struct kv_mutation *mutation = &commit->atomic->mutations[i];
        const struct kv_mutation *before = mutation_before(commit->atomic, i);
        const struct kv_entry *entry = &commit->befores[i].entry.entry;
        if (mutation->kind != KV_MUTATION_NUMBER)
            continue;
        if (before == NULL)
            error = kv_number_compute(mutation, entry->value, entry->value_len, now_ms);
        else
            error = kv_number_compute(mutation, before->value, before->value_len, now_ms);
    }
    return error;
}

static int befores_read(struct etcd_commit *commit, const cJSON *answer)
{
    const cJSON *responses = cJSON_GetObjectItemCaseSensitive(answer, "responses");
    const cJSON *response = cJSON_IsArray(responses) ? responses->child : NULL;
    int error = 0;

    for (size_t i = 0; i < commit->atomic->mutation_count && error == 0; i++) {
        struct etcd_before *before = &commit->befores[i];
        if (!before->is_read)
            continue;
        const cJSON *range = cJSON_GetObjectItemCaseSensitive(response, "response_range");
        if (response == NULL || !cJSON_IsObject(range))
            return AMID_E_PROTOCOL;
        const cJSON *kv = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(range, "kvs"), 0);
        if (kv != NULL)
            error = etcd_entry_read(commit->op.space, kv, false, &before->entry);
        before->revision = kv == NULL || error != 0 ? 0 : before->entry.revision;
        response = response->next;
    }
    return error;
}

static void numbers_read(void *arg, int error, const struct etcd_answer *answer)
{
    struct etcd_commit *commit = arg;

    if (error == 0)
        error = befores_read(commit, answer->json);
    if (error == 0) {
        int computed = numbers_compute(commit);
        /* A check that fails is told before that. */
        if (computed == AMID_E_INVALID || computed == AMID_E_TOO_LARGE)
            commit->doom = computed;
        else
            error = computed;
    }
    if (error == 0)
        error = etcd_commit_send(commit);
    if (error != 0)
        etcd_order_finish(commit, error);
}

int etcd_numbers_ask(struct etcd_commit *commit)
{
    struct etcd_txn txn = etcd_commit_txn(commit);
    char *body;
    size_t len;

    numbers_reset(commit);
    int error = etcd_txn_read_body(&txn, &body, &len);
    return error != 0 ? error
                      : etcd_call(commit->op.space->etcd, ETCD_READ, "/v3/kv/txn", body, len,
                                  numbers_read, commit);
}
