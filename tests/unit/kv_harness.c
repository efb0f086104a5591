#include "kv_harness.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "supervisor/kv/store_file.h"

static void must(bool truth, const char *what)
{
    if (!truth) {
        fprintf(stderr, "harness: %s\n", what);
        abort();
    }
}

void harness_make(struct harness *harness)
{
    memset(harness, 0, sizeof(*harness));
    snprintf(harness->folder, sizeof(harness->folder), "/tmp/amid-test-XXXXXX");
    must(mkdtemp(harness->folder) != NULL, "mkdtemp");
    snprintf(harness->path, sizeof(harness->path), "%s/%s", harness->folder, STORE_FILE_NAME);
    harness->base = event_base_new();
    must(harness->base != NULL, "event_base_new");
    harness->defer = defer_new(harness->base);
    harness->timers = timers_new(harness->base);
    must(harness->defer != NULL && harness->timers != NULL, "loop");
}

void harness_drop(struct harness *harness)
{
    char path[512];
    harness_close(harness);
    defer_free(harness->defer);
    timers_free(harness->timers);
    event_base_free(harness->base);
    DIR *folder = opendir(harness->folder);
    must(folder != NULL, "opendir");
    for (struct dirent *file = readdir(folder); file != NULL; file = readdir(folder)) {
        snprintf(path, sizeof(path), "%s/%s", harness->folder, file->d_name);
        (void)unlink(path);
    }
    closedir(folder);
    (void)rmdir(harness->folder);
}

int harness_open(struct harness *harness)
{
    return store_open(harness->folder, harness->base, harness->defer, harness->timers,
                      &harness->store, harness->reason, sizeof(harness->reason));
}

void harness_close(struct harness *harness)
{
    store_close(harness->store);
    harness->store = NULL;
}

void harness_wait(struct harness *harness, const bool *flag)
{
    while (!*flag)
        must(event_base_loop(harness->base, EVLOOP_ONCE) == 0, "nothing left to wait for");
}

void answer_commit(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct answer *answer = arg;
    must(!answer->done, "answered twice");
    answer->done = true;
    answer->error = error;
    answer->found = stamp != NULL;
    if (stamp != NULL)
        answer->stamp = *stamp;
}

void answer_get(void *arg, int error, const struct kv_entry *entry)
{
    struct answer *answer = arg;
    must(!answer->done, "answered twice");
    answer->done = true;
    answer->error = error;
    answer->found = entry != NULL;
    if (entry == NULL)
        return;
    must(strlen(entry->value) == entry->value_len, "value and length differ");
    answer->stamp = entry->versionstamp;
    snprintf(answer->value, sizeof(answer->value), "%s", entry->value);
}

struct kv_key key_of(const char *name)
{
    struct kv_key key;
    must(kv_key_of(&key, "t", name, NULL) == 0, "key");
    return key;
}

struct answer harness_commit(struct harness *harness, struct kv *kv, struct kv_atomic *atomic)
{
    struct answer answer = {0};
    int error = kv_commit(kv, atomic, answer_commit, &answer);
    if (error != 0)
        answer.error = error;
    else
        harness_wait(harness, &answer.done);
    return answer;
}

struct answer harness_set(struct harness *harness, struct kv *kv, const char *name,
                          const char *value)
{
    struct kv_key key = key_of(name);
    struct kv_atomic *atomic = kv_atomic_new();
    (void)kv_atomic_set(atomic, &key, value, strlen(value), 0);
    return harness_commit(harness, kv, atomic);
}

struct answer harness_delete(struct harness *harness, struct kv *kv, const char *name)
{
    struct kv_key key = key_of(name);
    struct kv_atomic *atomic = kv_atomic_new();
    (void)kv_atomic_delete(atomic, &key);
    return harness_commit(harness, kv, atomic);
}

struct answer harness_get(struct harness *harness, struct kv *kv, const char *name)
{
    struct answer answer = {0};
    struct kv_key key = key_of(name);
    must(kv_get(kv, &key, answer_get, &answer) == 0, "kv_get");
    must(!answer.done, "answered from inside the call");
    harness_wait(harness, &answer.done);
    return answer;
}

struct counting {
    bool done;
    bool more;
    size_t count;
    struct kv_key last;
};

static void count_page(void *arg, int error, const struct kv_entry *entries, size_t count,
                       bool more)
{
    struct counting *counting = arg;
    must(error == 0, "kv_list");
    counting->done = true;
    counting->more = more;
    counting->count += count;
    if (count > 0) {
        counting->last.len = entries[count - 1].key_len;
        memcpy(counting->last.bytes, entries[count - 1].key, counting->last.len);
    }
}

size_t harness_count(struct harness *harness, struct kv *kv, const struct kv_key *prefix)
{
    struct counting counting = {.more = true};
    struct kv_range range;
    kv_range_of_prefix(&range, prefix);
    while (counting.more) {
        counting.done = false;
        must(kv_list(kv, &range, count_page, &counting) == 0, "kv_list");
        harness_wait(harness, &counting.done);
        range.start = counting.last;
        range.start.bytes[range.start.len++] = 0; /* the next possible key */
    }
    return counting.count;
}
