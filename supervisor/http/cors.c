#include "supervisor/http/cors.h"

#include <string.h>
#include <strings.h>

/* The item of the list that asked is, else NULL. */
static const char *find_origin(const char *origins, const char *asked, size_t *ret_len)
{
    for (const char *item = origins; item != NULL && asked != NULL;) {
        size_t len = strcspn(item, ",");
        if (strlen(asked) == len && strncmp(item, asked, len) == 0) {
            *ret_len = len;
            return item;
        }
        item = item[len] == ',' ? item + len + 1 : NULL;
    }
    return NULL;
}

bool cors_allows(const char *origins, const char *asked)
{
    size_t len;
    return strcmp(origins, "*") == 0 || find_origin(origins, asked, &len) != NULL;
}

void cors_append(struct buffer *out, const char *origins, const char *asked)
{
    bool is_list = strchr(origins, ',') != NULL;
    size_t len = strlen(origins);
    const char *origin = is_list ? find_origin(origins, asked, &len) : origins;
    if (origin) {
        buffer_append_str(out, "Access-Control-Allow-Origin: ");
        buffer_append(out, origin, len);
        buffer_append_str(out, "\r\n");
    }
    if (strcmp(origins, "*") != 0)
        buffer_append_str(out, "Vary: Origin\r\n");
}

bool cors_is_preflight(const struct http_message *message)
{
    return http_message_header(message, "origin") &&
           http_message_header(message, "access-control-request-method");
}

void cors_append_preflight(struct buffer *out, const struct http_message *message)
{
    buffer_append_str(out,
                      "Access-Control-Allow-Methods: GET, POST, DELETE, OPTIONS\r\n"
                      "Access-Control-Allow-Headers: content-type, stels-session, authorization, "
                      "if-match\r\n"
                      "Access-Control-Max-Age: 86400\r\n");
    /* A page from the public web asks before it talks to a machine in a private network. */
    const char *asked = http_message_header(message, "access-control-request-private-network");
    if (asked && strcasecmp(asked, "true") == 0)
        buffer_append_str(out, "Access-Control-Allow-Private-Network: true\r\n");
}
