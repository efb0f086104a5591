#include "supervisor/broker/resource.h"

#include <stddef.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/broker/broker.h"

void resource_table_init(struct resource_table *table)
{
    memset(table, 0, sizeof(*table));
}

static struct resource **bucket_of(struct resource_table *table, uint32_t rid)
{
    return &table->buckets[rid % RESOURCE_BUCKETS];
}

int resource_open(struct broker_worker *worker, struct resource *resource,
                  const struct resource_kind *kind)
{
    struct resource_table *table = &worker->resources;
    struct resource **bucket;

    if (table->count >= RESOURCES_MAX || table->last_rid == UINT32_MAX)
        return AMID_E_LIMIT;
    table->count++;
    resource->rid = ++table->last_rid;
    resource->kind = kind;
    resource->worker = worker;
    bucket = bucket_of(table, resource->rid);
    resource->next = *bucket;
    *bucket = resource;
    return 0;
}

struct resource *resource_find(const struct broker_worker *worker, uint32_t rid,
                               const struct resource_kind *kind)
{
    struct resource *resource = worker->resources.buckets[rid % RESOURCE_BUCKETS];

    while (resource != NULL && resource->rid != rid)
        resource = resource->next;
    return resource != NULL && (kind == NULL || resource->kind == kind) ? resource : NULL;
}

void resource_close(struct resource *resource)
{
    struct resource_table *table = &resource->worker->resources;
    struct resource **link = bucket_of(table, resource->rid);

    while (*link != resource)
        link = &(*link)->next;
    *link = resource->next;
    resource->next = NULL;
    table->count--;
    resource->kind->close(resource);
}

void resource_close_all(struct broker_worker *worker)
{
    struct resource_table *table = &worker->resources;

    for (size_t i = 0; i < RESOURCE_BUCKETS; i++) {
        /* Closing one may close another. */
        while (table->buckets[i] != NULL)
            resource_close(table->buckets[i]);
    }
}

static struct resource *find_disallowed(const struct broker_worker *worker)
{
    for (size_t i = 0; i < RESOURCE_BUCKETS; i++) {
        for (struct resource *resource = worker->resources.buckets[i]; resource != NULL;
             resource = resource->next) {
            if (resource->kind->is_allowed != NULL && !resource->kind->is_allowed(resource))
                return resource;
        }
    }
    return NULL;
}

void resource_close_disallowed(struct broker_worker *worker)
{
    struct resource *resource;

    /* Closing one may close another: begin anew after each. */
    while ((resource = find_disallowed(worker)) != NULL)
        resource_close(resource);
}
