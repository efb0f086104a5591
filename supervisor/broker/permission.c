#include "supervisor/broker/permission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/host_list.h"
#include "common/utf8.h"
#include "supervisor/journal/audit.h"

#define KEY_JSON_MAX_BYTES (8 * KV_KEY_MAX_BYTES)

bool permission_node_fetch(const struct config *config, const char *pattern)
{
    struct host_pattern parsed;

    return host_pattern_parse(pattern, strlen(pattern), &parsed) == NULL &&
           host_list_covers(config->fetch_allow, &parsed);
}

/* The last port of the settings' range that holds port, 0 if there is none. */
static uint16_t node_range_end(const struct config *config, uint32_t port)
{
    const char *item = config->serve_ports;
    struct port_range ports;
    uint16_t end = 0;

    for (size_t len; *item != '\0'; item += len + (item[len] == ',')) {
        len = strcspn(item, ",");
        if (port_range_parse(item, len, &ports) && ports.first <= port && port <= ports.last &&
            ports.last > end)
            end = ports.last;
    }
    return end;
}

bool permission_node_serve(const struct config *config, const struct port_range *ports)
{
    uint32_t port = ports->first;

    while (port <= ports->last) {
        uint16_t end = node_range_end(config, port);

        if (end == 0)
            return false;
        port = (uint32_t)end + 1;
    }
    return true;
}

bool permission_fetch(const struct broker_worker *worker, const char *host, uint16_t port)
{
    return host_list_has(worker->broker->config->fetch_allow, host, port) &&
           permissions_fetch(worker->permissions, host, port);
}

bool permission_serve(const struct broker_worker *worker, uint16_t port)
{
    return node_range_end(worker->broker->config, port) != 0 &&
           permissions_serve(worker->permissions, port);
}

bool permission_kv(const struct broker_worker *worker, bool is_net, const uint8_t *key, size_t len)
{
    return permissions_kv(worker->permissions, is_net, key, len);
}

bool permission_wallet(const struct broker_worker *worker)
{
    return permissions_wallet(worker->permissions);
}

static int compare(const struct kv_key *a, const struct kv_key *b)
{
    int order = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);

    if (order != 0)
        return order;
    return a->len < b->len ? -1 : a->len > b->len;
}

/* What range and the prefix have in common; false if that is nothing. */
static bool overlap(const struct kv_range *range, const struct permission_prefix *prefix,
                    struct kv_range *ret_part)
{
    struct kv_range part = *range;
    struct kv_key start, end;

    start.len = prefix->len;
    memcpy(start.bytes, prefix->bytes, prefix->len);
    if (kv_key_prefix_end(&start, &end) != 0)
        return false;
    if (compare(&part.start, &start) < 0)
        part.start = start;
    if (compare(&part.end, &end) > 0)
        part.end = end;
    if (compare(&part.start, &part.end) >= 0)
        return false;
    *ret_part = part;
    return true;
}

int permission_cut(const struct broker_worker *worker, bool is_net, const struct kv_range *ranges,
                   size_t count, struct kv_range **ret_parts)
{
    const struct permission_prefix *prefixes = NULL;
    size_t prefix_count = 0;
    size_t found = 0;
    bool is_limited = permissions_prefixes(worker->permissions, is_net, &prefixes, &prefix_count);
    /* Prefixes lie apart and so do the ranges: each cut begins one part, each prefix another. */
    struct kv_range *parts = calloc(count + prefix_count + 1, sizeof(*parts));

    if (parts == NULL)
        return AMID_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        if (!is_limited)
            parts[found++] = ranges[i];
        for (size_t p = 0; p < prefix_count; p++) {
            if (overlap(&ranges[i], &prefixes[p], &parts[found]))
                found++;
        }
    }
    if (is_limited && found == 0 && count > 0) {
        free(parts);
        return AMID_E_DENIED;
    }
    *ret_parts = parts;
    return (int)found;
}

const char *permission_kv_name(bool is_net)
{
    return is_net ? "kv.net" : "kv.local";
}

/* The bound of a range is no key, but begins with the parts that were meant. */
static size_t whole_parts(const uint8_t *key, size_t len)
{
    uint8_t scratch[KV_KEY_MAX_BYTES];
    struct kv_part part;
    size_t whole = 0;
    size_t pos = 0;

    while (kv_key_next(key, len, &pos, &part, scratch) == 1)
        whole = pos;
    return whole;
}

void permission_kv_what(const uint8_t *key, size_t len, char what[PERMISSION_WHAT_BYTES])
{
    struct buffer json;
    size_t shown;

    buffer_init(&json, KEY_JSON_MAX_BYTES);
    if (kv_key_to_json(key, whole_parts(key, len), &json) != 0 || json.data == NULL) {
        snprintf(what, PERMISSION_WHAT_BYTES, "of these keys");
    } else {
        shown = utf8_cut(json.data, json.len, PERMISSION_WHAT_BYTES - 4);
        snprintf(what, PERMISSION_WHAT_BYTES, "%.*s%s", (int)shown, json.data,
                 shown < json.len ? "\xe2\x80\xa6" : "");
    }
    buffer_free(&json);
}

void permission_denied_flush(struct broker_worker *worker)
{
    struct log_about about = {.event = "denied", .sid = worker->sid, .instance = worker->instance};

    if (worker->denied_lines > PERMISSION_DENIED_LINES)
        log_warn(&about, "Denied: %u more calls, not noted one by one",
                 (unsigned)(worker->denied_lines - PERMISSION_DENIED_LINES));
    worker->denied_lines = 0;
}

void permission_denied(struct broker_worker *worker, const char *permission, const char *what)
{
    struct log_about about = {.event = "denied", .sid = worker->sid, .instance = worker->instance};
    char detail[AUDIT_DETAIL_MAX_BYTES];
    int64_t now_ms = clock_mono_ms();

    if (now_ms - worker->denied_since_ms >= PERMISSION_DENIED_WINDOW_MS) {
        permission_denied_flush(worker);
        worker->denied_since_ms = now_ms;
    }
    if (worker->denied_lines < UINT32_MAX)
        worker->denied_lines++;
    if (worker->denied_lines <= PERMISSION_DENIED_LINES)
        log_warn(&about, "Denied: %s %s", permission, what);
    snprintf(detail, sizeof(detail), "%s %s", permission, what);
    audit_note(worker->broker->audit, &(struct audit_entry){.event = "permission-denied",
                                                            .outcome = AUDIT_REFUSED,
                                                            .sid = worker->sid,
                                                            .detail = detail});
}

void permission_changed(struct broker_worker *worker, const struct permissions *permissions)
{
    worker->permissions = permissions;
    resource_close_disallowed(worker);
}
