#ifndef AMID_BROKER_RESOURCE_H
#define AMID_BROKER_RESOURCE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What a script holds open in the supervisor: a response that is being read, a socket, a listener,
 * a watch. Nothing is pushed to a runner: it asks for the next of something with a host call that
 * is answered when there is one. Resources belong to one process and are closed with it, and with
 * the iteration that opened them (RULES 12).
 */
struct broker_worker;
struct resource;

struct resource_kind {
    const char *name; /* for messages: "socket" */
    /* Lets go of everything, the resource's memory and a waiting call included. Called after the
     * resource has left the table. */
    void (*close)(struct resource *resource);
    /* Whether the worker may still hold it, now that its permissions or the node's settings have
     * changed. NULL = whatever changes. */
    bool (*is_allowed)(const struct resource *resource);
};

/* The first member of a family's own structure. */
struct resource {
    const struct resource_kind *kind;
    struct broker_worker *worker;
    struct resource *next; /* of the same bucket */
    uint32_t rid;          /* never 0, not used again by the same process */
};

#define RESOURCE_BUCKETS 16
/* A worker may hold this many; more is AMID_E_LIMIT. */
#define RESOURCES_MAX 512

struct resource_table {
    struct resource *buckets[RESOURCE_BUCKETS];
    uint32_t count;
    uint32_t last_rid;
};

void resource_table_init(struct resource_table *table);
/* 0 and resource->rid is set, or AMID_E_LIMIT and nothing is. */
int resource_open(struct broker_worker *worker, struct resource *resource,
                  const struct resource_kind *kind);
/* NULL for one that is not there or of another kind; kind NULL = any. */
struct resource *resource_find(const struct broker_worker *worker, uint32_t rid,
                               const struct resource_kind *kind);
/* Takes it from the table and calls its kind's close. */
void resource_close(struct resource *resource);
void resource_close_all(struct broker_worker *worker);
/* Those whose kind says that they are not allowed any more. */
void resource_close_disallowed(struct broker_worker *worker);

#endif
