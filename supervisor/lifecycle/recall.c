#include "supervisor/lifecycle/recall.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"

struct recall {
    struct kv *kv;
    struct kv_range range;
    recall_each_fn each; /* NULL = cancelled */
    recall_done_fn done;
    void *arg;
};

static void recall_entry(struct recall *recall, const struct kv_entry *entry)
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    char sid[KV_KEY_MAX_BYTES + 1];
    struct kv_part part = {.type = KV_PART_FALSE};
    size_t pos = 0;

    while (kv_key_next(entry->key, entry->key_len, &pos, &part, scratch) == 1)
        continue;
    if (part.type != KV_PART_STRING || part.len >= sizeof(sid))
        return;
    memcpy(sid, part.bytes, part.len);
    sid[part.len] = '\0';
    recall->each(recall->arg, sid, entry);
}

static void recall_page(void *arg, int error, const struct kv_entry *entries, size_t count,
                        bool more)
{
    struct recall *recall = arg;

    for (size_t i = 0; i < count && recall->each != NULL; i++)
        recall_entry(recall, &entries[i]);
    if (recall->each != NULL && error == 0 && more && count > 0) {
        const struct kv_entry *last = &entries[count - 1];

        /* The next page begins behind the last key: the smallest key above it is longer by 0. */
        if (last->key_len < KV_KEY_MAX_BYTES) {
            memcpy(recall->range.start.bytes, last->key, last->key_len);
            recall->range.start.bytes[last->key_len] = 0;
            recall->range.start.len = last->key_len + 1;
            error = kv_list(recall->kv, &recall->range, recall_page, recall);
            if (error == 0)
                return;
        }
    }
    if (recall->each != NULL)
        recall->done(recall->arg, error);
    free(recall);
}

int recall_start(struct kv *kv, const struct kv_key *prefix, recall_each_fn each,
                 recall_done_fn done, void *arg, struct recall **ret_recall)
{
    struct recall *recall = calloc(1, sizeof(*recall));
    int error;

    if (recall == NULL)
        return AMID_E_NOMEM;
    *recall = (struct recall){.kv = kv, .each = each, .done = done, .arg = arg};
    kv_range_of_prefix(&recall->range, prefix);
    recall->range.limit = KV_LIST_MAX;
    error = kv_list(kv, &recall->range, recall_page, recall);
    if (error != 0) {
        free(recall);
        return error;
    }
    *ret_recall = recall;
    return 0;
}

void recall_cancel(struct recall *recall)
{
    if (recall != NULL)
        recall->each = NULL;
}
