#ifndef AMID_KV_MIGRATE_H
#define AMID_KV_MIGRATE_H

#include <stddef.h>
#include <stdint.h>

#include "supervisor/kv/etcd_space.h"

/*
 * Moves what a node alone holds of the net space from its file into etcd, while amid does not run
 * on it (the store's lock is taken). Until it is over the network's epoch in etcd names the move,
 * so that no node begins to work with half of the data; a move that was cut short is begun anew and
 * ends the same. It is refused where etcd holds entries of the network already. Everything is read
 * again and compared before the epoch is raised above both stores', so that no versionstamp goes
 * back. The file keeps its entries.
 */
#define MIGRATE_BATCH_ENTRIES 64 /* of one transaction */
#define MIGRATE_BATCH_BYTES   (512 * 1024)

struct migrate_report {
    uint64_t moved;
    uint64_t verified;
    uint16_t epoch;
    int was_done; /* by an earlier run: nothing was touched */
};

struct migrate_settings {
    const char *state_folder;
    struct etcd_space_settings space;
    /* How far it is, after each batch. */
    void (*progress)(void *arg, uint64_t moved);
    void *arg;
};

/* AMID_E_BUSY: amid runs; AMID_E_EXISTS: etcd holds something else; AMID_E_UNAVAILABLE;
 * AMID_E_CORRUPT: what was read again was not what was written; AMID_E_UNSUPPORTED of a build
 * without etcd … with the reason in full. */
int migrate_run(const struct migrate_settings *settings, struct migrate_report *ret_report,
                char *reason, size_t reason_size);

#endif
