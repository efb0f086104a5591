#include "common/host_list.h"

#include <ctype.h>
#include <string.h>

/* The next item without the white space around it; false at the end. */
static bool next_item(const char **list, const char **ret_item, size_t *ret_len)
{
    const char *item = *list;
    size_t len;

    if (item == NULL || *item == '\0')
        return false;
    len = strcspn(item, ",");
    *list = item[len] == ',' ? item + len + 1 : NULL;
    while (len > 0 && isspace((unsigned char)*item)) {
        item++;
        len--;
    }
    while (len > 0 && isspace((unsigned char)item[len - 1]))
        len--;
    *ret_item = item;
    *ret_len = len;
    return true;
}

/* The next item that is a pattern. */
static bool next_pattern(const char **list, struct host_pattern *ret_pattern)
{
    const char *item;
    size_t len;

    while (next_item(list, &item, &len)) {
        if (host_pattern_parse(item, len, ret_pattern) == NULL)
            return true;
    }
    return false;
}

const char *host_list_fault(const char *list)
{
    struct host_pattern pattern;
    const char *item, *fault = NULL;
    size_t len;

    while (fault == NULL && next_item(&list, &item, &len))
        fault = host_pattern_parse(item, len, &pattern);
    return fault;
}

bool host_list_has(const char *list, const char *host, uint16_t port)
{
    struct host_pattern pattern;

    while (next_pattern(&list, &pattern)) {
        if (host_pattern_has(&pattern, host, port))
            return true;
    }
    return false;
}

bool host_list_names_port(const char *list, const char *host, uint16_t port)
{
    struct host_pattern pattern;

    while (next_pattern(&list, &pattern)) {
        if (pattern.port != 0 && host_pattern_has(&pattern, host, port))
            return true;
    }
    return false;
}

bool host_list_covers(const char *list, const struct host_pattern *pattern)
{
    struct host_pattern item;

    while (next_pattern(&list, &item)) {
        if (host_pattern_covers(&item, pattern))
            return true;
    }
    return false;
}
