#ifndef AMID_CLUSTER_MIRROR_H
#define AMID_CLUSTER_MIRROR_H

#include <stdbool.h>
#include <stddef.h>

#include "supervisor/kv/kv.h"
#include "supervisor/loop/timer.h"

/*
 * A copy of what is under a prefix of two strings, kept by a watch and, at the beginning and after
 * a gap, by a list: each change is told once and in order, however list and watch overlap. Keys
 * under it are one more string, the name.
 */
#define MIRROR_NAME_MAX 64
#define MIRROR_RETRY_MS 2000

struct mirror;

struct mirror_item {
    struct mirror_item *next;
    struct kv_versionstamp stamp;
    bool is_gone; /* remembered while a list is under way, or for as long as the owner keeps it */
    bool is_kept; /* the owner's: stays when it is gone */
    unsigned round;
    char name[MIRROR_NAME_MAX + 1];
};

struct mirror_needs {
    struct kv *kv;
    struct timers *timers;
    const char *first, *second; /* of the keys; static */
    size_t item_bytes;          /* of a structure that begins with a mirror_item, zeroed when new */
    size_t items_max;           /* more are not seen, which is logged */
    /* entry->value NULL = the key is gone. Entry and item are valid until it returns, the item
     * longer if it is kept. */
    void (*changed)(void *arg, struct mirror_item *item, const struct kv_entry *entry);
    void (*complete)(void *arg); /* after each list; may be NULL */
    void *arg;
};

int mirror_open(const struct mirror_needs *needs, struct mirror **ret_mirror);
void mirror_close(struct mirror *mirror);
/* It has been listed, and since then nothing was missed. */
bool mirror_is_complete(const struct mirror *mirror);
/* Also one that is gone. */
struct mirror_item *mirror_find(const struct mirror *mirror, const char *name);
void mirror_each(struct mirror *mirror, void (*fn)(void *arg, struct mirror_item *item), void *arg);

#endif
