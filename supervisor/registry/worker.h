#ifndef AMID_REGISTRY_WORKER_H
#define AMID_REGISTRY_WORKER_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/id.h"
#include "supervisor/registry/permissions.h"

/* A worker record: what an owner wishes to run (W "WorkerScript", RULES 1-7). Immutable once
 * published by the registry. */
enum worker_mode { WORKER_MODE_LOOP, WORKER_MODE_SINGLE, WORKER_MODE_MAX };
enum worker_execution { WORKER_PARALLEL, WORKER_LEADER, WORKER_EXCLUSIVE, WORKER_EXECUTION_MAX };
enum worker_priority {
    WORKER_CRITICAL,
    WORKER_HIGH,
    WORKER_NORMAL,
    WORKER_LOW,
    WORKER_PRIORITY_MAX
};
enum worker_scope { WORKER_LOCAL, WORKER_NETWORK, WORKER_SCOPE_MAX };

#define WORKER_SCRIPT_MAX_BYTES                                                                    \
    65536 /* the record with its minified script must fit a KV value                               \
           */
#define WORKER_SOURCE_MAX_BYTES                                                                    \
    (256 * 1024) /* the owner's text, kept in pieces of one KV value each */
#define WORKER_SCRIPT_WARN_BYTES (50 * 1024)
#define WORKER_NOTE_MAX_BYTES    2048
#define WORKER_LABEL_MAX_BYTES   128 /* nid, version, accountId, assignedNode, dependency names */
#define WORKER_DEPENDENCIES_MAX  32

struct worker {
    char sid[ID_UUID_LEN + 1];
    char *nid; /* label: the node that created it */
    bool active;
    enum worker_mode mode;
    enum worker_execution execution;
    enum worker_priority priority;
    enum worker_scope scope;
    char *owner;         /* the wallet it belongs to, set by amid at its creation; NULL = none */
    char *account_id;    /* NULL = none */
    char *assigned_node; /* NULL = none */
    char *note;
    char *script; /* minified */
    size_t script_len;
    char **dependencies;
    size_t dependency_count;
    struct permissions *permissions; /* NULL = all that the node allows */
    char *version;
    int64_t timestamp_ms; /* wall clock of the last change */
    uint64_t generation;  /* RULES 7 */
};

struct worker *worker_new(void);
void worker_free(struct worker *worker);
struct worker *worker_copy(const struct worker *worker);

/* The KV value, in the documented order of fields: {channel, module, widget, raw:{…}, timestamp,
 * generation}. */
int worker_to_value(const struct worker *worker, struct buffer *out);
/* Reads a KV value, which another node or an older amid may have written: 0 or AMID_E_INVALID with
 * a reason. */
int worker_from_value(const char *value, size_t len, struct worker **ret_worker, char *reason,
                      size_t reason_size);

const char *worker_mode_name(enum worker_mode mode);
const char *worker_execution_name(enum worker_execution execution);
const char *worker_priority_name(enum worker_priority priority);
const char *worker_scope_name(enum worker_scope scope);

#endif
