#ifndef AMID_LIFECYCLE_MODULE_GRAPH_H
#define AMID_LIFECYCLE_MODULE_GRAPH_H

#include <stddef.h>

#include "supervisor/lifecycle/compile.h"
#include "supervisor/loop/timer.h"
#include "supervisor/modules/modules.h"

/*
 * All files of packages that a script needs, found by following what each asks for, compiled, and
 * written down as the runner takes them:
 *   {"links":{"i<specifier>":<file>,…},"modules":[{"id","kind","code","lines","links"} or
 *    {"id","error"},…]}
 * A specifier that leads nowhere has no link: the script gets an error when it gets there, as it
 * does for a file that cannot be compiled. A package that package.json requires and that is not
 * installed is another matter: the worker waits for it.
 */
struct module_graph;

#define MODULE_GRAPH_FILES_MAX 1000
/* Leaves room for the script in one LOAD. */
#define MODULE_GRAPH_BYTES_MAX (3u * 1024 * 1024)

struct module_graph_needs {
    struct modules *modules;
    struct compiler *compiler;
    struct timers *timers;
    enum worker_priority priority;
    char *const *dependencies; /* the record's; read only by start */
    size_t dependency_count;
};

/* error 0: json is the caller's to free. AMID_E_NOT_FOUND: a package is missing or damaged, reason
 * says which; AMID_E_TOO_LARGE; AMID_E_NOMEM; AMID_E_STOPPED. The graph is gone then. */
typedef void (*module_graph_fn)(void *arg, int error, const char *reason, char *json, size_t len);

/* needs_json: as compile_result has it. 0: fn is called once, later, unless the graph is closed
 * before. */
int module_graph_start(const struct module_graph_needs *needs, const char *needs_json, size_t len,
                       module_graph_fn fn, void *arg, struct module_graph **ret_graph);
void module_graph_close(struct module_graph *graph);

#endif
