#ifndef AMID_REGISTRY_WORKER_EDIT_H
#define AMID_REGISTRY_WORKER_EDIT_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "supervisor/registry/worker.h"

/*
 * Field-by-field validation of what a client sends (RULES 1, 3, 5). Each returns 0, or
 * AMID_E_INVALID with an English sentence that names the field in reason. The script text is not
 * compiled here: *ret_source is the owner's new text (borrowed from json), or NULL when the script
 * is not to change.
 */

#define WORKER_DEFAULT_VERSION    "1.19.2"
#define WORKER_DEFAULT_DEPENDENCY "gliesereum"
#define WORKER_DEFAULT_SCRIPT     "\nlogger.info(\"Worker script initialized!\");\n"

/* setWorker's body (may be NULL = all defaults) → a new worker with a fresh sid, generation 1;
 * script still empty. */
int worker_edit_create(const cJSON *body, const char *nid, int64_t now_ms,
                       struct worker **ret_worker, const char **ret_source, char *reason,
                       size_t reason_size);
/* updateWorker's raw over the current record: full or partial (RULES 1). *ret_worker is a changed
 * copy with the new generation where RULES 7 asks for one (a changed script raises it too: decided
 * by ret_source != NULL). */
int worker_edit_update(const struct worker *current, const cJSON *raw, int64_t now_ms,
                       struct worker **ret_worker, const char **ret_source, char *reason,
                       size_t reason_size);

/* RULES 5: a local worker cannot be assigned to another node. nid: this node. worker_edit_create
 * has asked this already; after worker_edit_update the caller does. */
int worker_edit_place(const struct worker *worker, const char *nid, char *reason,
                      size_t reason_size);

#endif
