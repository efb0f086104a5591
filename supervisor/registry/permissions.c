#include "supervisor/registry/permissions.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/host_pattern.h"

enum { SPACE_LOCAL, SPACE_NET, SPACE_MAX };

struct text_list {
    char **items;
    size_t count;
};

struct permissions {
    unsigned references;
    char *json;
    bool has_hosts, has_ports, is_walletless;
    struct text_list hosts, secrets, exchanges;
    struct port_range *ports;
    size_t port_count;
    struct {
        bool is_limited;
        struct permission_prefix *prefixes;
        size_t count;
    } spaces[SPACE_MAX];
};

/* Keeps the first complaint. */
struct reader {
    const char *prefix;
    char *reason;
    size_t reason_size;
    int error;
};

__attribute__((format(printf, 2, 3))) static void refuse(struct reader *reader, const char *format,
                                                         ...)
{
    va_list args;
    char what[192];

    if (reader->error != 0)
        return;
    reader->error = AMID_E_INVALID;
    va_start(args, format);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, in the line above
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    snprintf(reader->reason, reader->reason_size, "%s.permissions%s", reader->prefix, what);
}

static void no_memory(struct reader *reader)
{
    reader->error = AMID_E_NOMEM;
    snprintf(reader->reason, reader->reason_size, "%s", error_text(AMID_E_NOMEM));
}

static void list_free(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
}

/* False, with a complaint, if it is no list or a long one. */
static bool is_list(struct reader *reader, const cJSON *list, const char *name)
{
    if (!cJSON_IsArray(list))
        refuse(reader, ".%s must be an array", name);
    else if (cJSON_GetArraySize(list) > PERMISSIONS_ITEMS_MAX)
        refuse(reader, ".%s must have at most %d items", name, PERMISSIONS_ITEMS_MAX);
    else
        return true;
    return false;
}

static bool is_plain_name(const char *text)
{
    size_t len = strlen(text);

    if (len == 0 || len > PERMISSIONS_NAME_MAX_BYTES)
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    }
    return true;
}

static void read_texts(struct reader *reader, const cJSON *list, const char *name,
                       bool (*is_valid)(const char *text), const char *what,
                       struct text_list *texts)
{
    const cJSON *item;

    if (!is_list(reader, list, name))
        return;
    texts->items = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(char *));
    if (texts->items == NULL) {
        no_memory(reader);
        return;
    }
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item) || !is_valid(item->valuestring)) {
            refuse(reader, ".%s[%zu] must be %s", name, texts->count, what);
            return;
        }
        texts->items[texts->count] = strdup(item->valuestring);
        if (texts->items[texts->count] == NULL) {
            no_memory(reader);
            return;
        }
        texts->count++;
    }
}

static bool read_port(const cJSON *item, struct port_range *ret_ports)
{
    if (cJSON_IsString(item))
        return port_range_parse(item->valuestring, strlen(item->valuestring), ret_ports);
    if (!cJSON_IsNumber(item) || item->valuedouble < 1 || item->valuedouble > UINT16_MAX ||
        floor(item->valuedouble) != item->valuedouble)
        return false;
    ret_ports->first = ret_ports->last = (uint16_t)item->valuedouble;
    return true;
}

static void read_ports(struct reader *reader, const cJSON *list, struct permissions *permissions)
{
    const cJSON *item;

    if (!is_list(reader, list, "serve"))
        return;
    permissions->has_ports = true;
    permissions->ports = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*permissions->ports));
    if (permissions->ports == NULL) {
        no_memory(reader);
        return;
    }
    cJSON_ArrayForEach(item, list)
    {
        if (!read_port(item, &permissions->ports[permissions->port_count])) {
            refuse(reader,
                   ".serve[%zu] must be a port from 1 to 65535 or a range like \"8000-8099\"",
                   permissions->port_count);
            return;
        }
        permissions->port_count++;
    }
}

static int add_part(struct kv_key *key, const cJSON *item)
{
    struct kv_part part = {.type = KV_PART_TRUE};

    if (cJSON_IsString(item))
        return kv_key_add_string(key, item->valuestring);
    /* 1e999 is a number of JSON, but what it means cannot be written down again. */
    if (cJSON_IsNumber(item) && !isfinite(item->valuedouble))
        return AMID_E_INVALID;
    if (cJSON_IsNumber(item))
        return kv_key_add_number(key, item->valuedouble);
    if (!cJSON_IsBool(item))
        return AMID_E_INVALID;
    part.type = cJSON_IsTrue(item) ? KV_PART_TRUE : KV_PART_FALSE;
    return kv_key_add(key, &part);
}

static bool read_prefix(const cJSON *parts, struct permission_prefix *ret_prefix)
{
    struct kv_key key;
    const cJSON *item;

    if (!cJSON_IsArray(parts) || cJSON_GetArraySize(parts) > PERMISSIONS_PREFIX_MAX_PARTS)
        return false;
    kv_key_clear(&key);
    cJSON_ArrayForEach(item, parts)
    {
        if (add_part(&key, item) != 0 || key.len > PERMISSIONS_PREFIX_MAX_BYTES)
            return false;
    }
    ret_prefix->len = key.len;
    memcpy(ret_prefix->bytes, key.bytes, key.len);
    return true;
}

static int compare_prefixes(const void *left, const void *right)
{
    const struct permission_prefix *a = left;
    const struct permission_prefix *b = right;
    int order = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);

    if (order != 0)
        return order;
    return a->len < b->len ? -1 : a->len > b->len;
}

/* A part ends at a zero byte that no 0xff follows, and no part begins with 0xff: so what goes on
 * with another byte begins with these whole parts (common/kv_key.h). */
static bool covers(const struct permission_prefix *prefix, const uint8_t *key, size_t len)
{
    return len >= prefix->len && memcmp(key, prefix->bytes, prefix->len) == 0 &&
           (len == prefix->len || key[prefix->len] != 0xff);
}

static void read_space(struct reader *reader, const cJSON *list, const char *name,
                       struct permissions *permissions, int space)
{
    struct permission_prefix *prefixes;
    const cJSON *item;
    size_t count = 0;
    size_t kept = 0;

    if (!is_list(reader, list, name))
        return;
    prefixes = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(*prefixes));
    permissions->spaces[space].is_limited = true;
    permissions->spaces[space].prefixes = prefixes;
    if (prefixes == NULL) {
        no_memory(reader);
        return;
    }
    cJSON_ArrayForEach(item, list)
    {
        if (!read_prefix(item, &prefixes[count])) {
            refuse(reader,
                   ".%s[%zu] must be an array of at most %d strings, numbers and booleans, %d "
                   "bytes in all",
                   name, count, PERMISSIONS_PREFIX_MAX_PARTS, PERMISSIONS_PREFIX_MAX_BYTES);
            return;
        }
        count++;
    }
    qsort(prefixes, count, sizeof(*prefixes), compare_prefixes);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !covers(&prefixes[kept - 1], prefixes[i].bytes, prefixes[i].len))
            prefixes[kept++] = prefixes[i];
    }
    permissions->spaces[space].count = kept;
}

static void read_kv(struct reader *reader, const cJSON *kv, struct permissions *permissions)
{
    const cJSON *item;

    if (!cJSON_IsObject(kv)) {
        refuse(reader, ".kv must be an object with \"net\" and \"local\"");
        return;
    }
    cJSON_ArrayForEach(item, kv)
    {
        if (strcmp(item->string, "net") == 0)
            read_space(reader, item, "kv.net", permissions, SPACE_NET);
        else if (strcmp(item->string, "local") == 0)
            read_space(reader, item, "kv.local", permissions, SPACE_LOCAL);
        else
            refuse(reader, ".kv.%.64s is not a member that amid knows", item->string);
    }
}

static bool is_host(const char *text)
{
    struct host_pattern pattern;

    return host_pattern_parse(text, strlen(text), &pattern) == NULL;
}

static void read_member(struct reader *reader, const cJSON *item, struct permissions *permissions)
{
    const char *name = item->string;

    if (strcmp(name, "fetch") == 0) {
        permissions->has_hosts = true;
        read_texts(reader, item, name, is_host,
                   "a host like \"example.com\", \"*.example.com\" or \"example.com:443\"",
                   &permissions->hosts);
    } else if (strcmp(name, "serve") == 0) {
        read_ports(reader, item, permissions);
    } else if (strcmp(name, "kv") == 0) {
        read_kv(reader, item, permissions);
    } else if (strcmp(name, "wallet") == 0) {
        if (!cJSON_IsBool(item))
            refuse(reader, ".wallet must be true or false");
        permissions->is_walletless = cJSON_IsFalse(item);
    } else if (strcmp(name, "secrets") == 0) {
        read_texts(reader, item, name, is_plain_name, "a name", &permissions->secrets);
    } else if (strcmp(name, "exchanges") == 0) {
        read_texts(reader, item, name, is_plain_name, "a name", &permissions->exchanges);
    } else {
        refuse(reader, ".%.64s is not a member that amid knows", name);
    }
}

int permissions_parse(const cJSON *json, const char *prefix, struct permissions **ret_permissions,
                      char *reason, size_t reason_size)
{
    struct reader reader = {.prefix = prefix, .reason = reason, .reason_size = reason_size};
    struct permissions *permissions = calloc(1, sizeof(*permissions));
    const cJSON *item;

    if (permissions == NULL)
        return AMID_E_NOMEM;
    permissions->references = 1;
    if (!cJSON_IsObject(json))
        refuse(&reader, " must be an object");
    cJSON_ArrayForEach(item, json)
    {
        if (reader.error == 0)
            read_member(&reader, item, permissions);
    }
    if (reader.error == 0)
        permissions->json = cJSON_PrintUnformatted(json);
    if (reader.error == 0 && permissions->json == NULL)
        no_memory(&reader);
    if (reader.error == 0 && strlen(permissions->json) > PERMISSIONS_JSON_MAX_BYTES)
        refuse(&reader, " must be at most %d bytes", PERMISSIONS_JSON_MAX_BYTES);
    if (reader.error != 0) {
        permissions_unref(permissions);
        return reader.error;
    }
    *ret_permissions = permissions;
    return 0;
}

struct permissions *permissions_ref(struct permissions *permissions)
{
    if (permissions != NULL)
        permissions->references++;
    return permissions;
}

void permissions_unref(struct permissions *permissions)
{
    if (permissions == NULL || --permissions->references > 0)
        return;
    list_free(&permissions->hosts);
    list_free(&permissions->secrets);
    list_free(&permissions->exchanges);
    for (int space = 0; space < SPACE_MAX; space++)
        free(permissions->spaces[space].prefixes);
    free(permissions->ports);
    cJSON_free(permissions->json);
    free(permissions);
}

const char *permissions_json(const struct permissions *permissions)
{
    return permissions->json;
}

bool permissions_fetch(const struct permissions *permissions, const char *host, uint16_t port)
{
    if (permissions == NULL || !permissions->has_hosts)
        return true;
    for (size_t i = 0; i < permissions->hosts.count; i++) {
        const char *text = permissions->hosts.items[i];
        struct host_pattern pattern;

        if (host_pattern_parse(text, strlen(text), &pattern) == NULL &&
            host_pattern_has(&pattern, host, port))
            return true;
    }
    return false;
}

bool permissions_serve(const struct permissions *permissions, uint16_t port)
{
    if (permissions == NULL || !permissions->has_ports)
        return true;
    for (size_t i = 0; i < permissions->port_count; i++) {
        if (port >= permissions->ports[i].first && port <= permissions->ports[i].last)
            return true;
    }
    return false;
}

bool permissions_kv(const struct permissions *permissions, bool is_net, const uint8_t *key,
                    size_t len)
{
    const struct permission_prefix *prefixes;
    size_t count;

    if (!permissions_prefixes(permissions, is_net, &prefixes, &count))
        return true;
    for (size_t i = 0; i < count; i++) {
        if (covers(&prefixes[i], key, len))
            return true;
    }
    return false;
}

bool permissions_wallet(const struct permissions *permissions)
{
    return permissions == NULL || !permissions->is_walletless;
}

static bool is_named(const struct text_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], name) == 0)
            return true;
    }
    return false;
}

bool permissions_secret(const struct permissions *permissions, const char *name)
{
    return permissions != NULL && is_named(&permissions->secrets, name);
}

bool permissions_exchange(const struct permissions *permissions, const char *name)
{
    return permissions != NULL && is_named(&permissions->exchanges, name);
}

bool permissions_prefixes(const struct permissions *permissions, bool is_net,
                          const struct permission_prefix **ret_prefixes, size_t *ret_count)
{
    int space = is_net ? SPACE_NET : SPACE_LOCAL;

    if (permissions == NULL || !permissions->spaces[space].is_limited)
        return false;
    *ret_prefixes = permissions->spaces[space].prefixes;
    *ret_count = permissions->spaces[space].count;
    return true;
}

size_t permissions_hosts(const struct permissions *permissions, char *const **ret_hosts)
{
    if (permissions == NULL)
        return 0;
    *ret_hosts = permissions->hosts.items;
    return permissions->hosts.count;
}

size_t permissions_ports(const struct permissions *permissions, const struct port_range **ret_ports)
{
    if (permissions == NULL)
        return 0;
    *ret_ports = permissions->ports;
    return permissions->port_count;
}
