#include "supervisor/http/cors.h"

#include <string.h>
#include <strings.h>

void cors_append(struct buffer *out, const char *origin)
{
    buffer_append_str(out, "Access-Control-Allow-Origin: ");
    buffer_append_str(out, origin);
    buffer_append_str(out, "\r\n");
    if (strcmp(origin, "*") != 0)
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
