#include "supervisor/kv/kv_scan.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"

struct kv_scan {
    struct kv *kv;
    struct kv_range range;
    kv_scan_each_fn each; /* NULL = cancelled */
    kv_scan_done_fn done;
    void *arg;
};

/* The next page begins behind the last key: the smallest key above it is longer by 0. */
static bool range_go_on(struct kv_range *range, const struct kv_entry *last)
{
    if (last->key_len >= KV_KEY_MAX_BYTES)
        return false;
    memcpy(range->start.bytes, last->key, last->key_len);
    range->start.bytes[last->key_len] = 0;
    range->start.len = last->key_len + 1;
    return true;
}

static void page(void *arg, int error, const struct kv_entry *entries, size_t count, bool more)
{
    struct kv_scan *scan = arg;

    for (size_t i = 0; i < count && scan->each != NULL; i++)
        scan->each(scan->arg, &entries[i]);
    if (scan->each != NULL && error == 0 && more && count > 0) {
        error = range_go_on(&scan->range, &entries[count - 1])
                    ? kv_list(scan->kv, &scan->range, page, scan)
                    : AMID_E_TOO_LARGE;
        if (error == 0)
            return;
    }
    kv_scan_done_fn done = scan->each == NULL ? NULL : scan->done;
    void *done_arg = scan->arg;
    free(scan);
    if (done != NULL)
        done(done_arg, error);
}

int kv_scan_start(struct kv *kv, const struct kv_key *prefix, kv_scan_each_fn each,
                  kv_scan_done_fn done, void *arg, struct kv_scan **ret_scan)
{
    struct kv_scan *scan = calloc(1, sizeof(*scan));

    if (scan == NULL)
        return AMID_E_NOMEM;
    *scan = (struct kv_scan){.kv = kv, .each = each, .done = done, .arg = arg};
    kv_range_of_prefix(&scan->range, prefix);
    int error = kv_list(kv, &scan->range, page, scan);
    if (error != 0) {
        free(scan);
        return error;
    }
    *ret_scan = scan;
    return 0;
}

void kv_scan_cancel(struct kv_scan *scan)
{
    if (scan != NULL)
        scan->each = NULL;
}
