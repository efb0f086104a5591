#include "supervisor/fetch/request.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/error.h"

static bool is_token(const char *text)
{
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (!isalnum((unsigned char)*text) && strchr("!#$%&'*+-.^_`|~", *text) == NULL)
            return false;
    }
    return true;
}

static bool is_value(const char *text)
{
    for (; *text != '\0'; text++) {
        if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f)
            return false;
    }
    return true;
}

bool request_header_is_ours(const char *name)
{
    static const char *const ours[] = {
        "accept-encoding",   "connection", "content-length",     "expect", "host",
        "http2-settings",    "keep-alive", "proxy-connection",   "te",     "trailer",
        "transfer-encoding", "upgrade",    "proxy-authorization"};

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        if (strcasecmp(name, ours[i]) == 0)
            return true;
    }
    return false;
}

static int check_headers(const struct request *request, char *fault, size_t fault_size)
{
    size_t bytes = 0;

    if (request->header_count > REQUEST_HEADERS_MAX) {
        snprintf(fault, fault_size, "more than %d request headers", REQUEST_HEADERS_MAX);
        return AMID_E_TOO_LARGE;
    }
    for (size_t i = 0; i < request->header_count; i++) {
        const struct request_header *header = &request->headers[i];

        if (!is_token(header->name)) {
            snprintf(fault, fault_size, "a request header has an invalid name");
            return AMID_E_INVALID;
        }
        if (request_header_is_ours(header->name)) {
            snprintf(fault, fault_size, "the request header %.64s cannot be set", header->name);
            return AMID_E_INVALID;
        }
        if (!is_value(header->value)) {
            snprintf(fault, fault_size, "the request header %.64s has an invalid value",
                     header->name);
            return AMID_E_INVALID;
        }
        bytes += strlen(header->name) + strlen(header->value);
    }
    if (bytes > REQUEST_HEADERS_MAX_BYTES) {
        snprintf(fault, fault_size, "the request headers are longer than %u bytes",
                 REQUEST_HEADERS_MAX_BYTES);
        return AMID_E_TOO_LARGE;
    }
    return 0;
}

int request_check(const struct request *request, char *fault, size_t fault_size)
{
    static const char *const refused[] = {"CONNECT", "TRACE", "TRACK"};

    if (!is_token(request->method) || strlen(request->method) > REQUEST_METHOD_MAX_BYTES) {
        snprintf(fault, fault_size, "not a valid request method");
        return AMID_E_INVALID;
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (strcasecmp(request->method, refused[i]) == 0) {
            snprintf(fault, fault_size, "the request method %s cannot be used", refused[i]);
            return AMID_E_INVALID;
        }
    }
    if (request->has_body &&
        (strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0)) {
        snprintf(fault, fault_size, "a %s request cannot have a body", request->method);
        return AMID_E_INVALID;
    }
    if (request->body_len > REQUEST_BODY_MAX_BYTES) {
        snprintf(fault, fault_size, "the request body is longer than %u bytes",
                 REQUEST_BODY_MAX_BYTES);
        return AMID_E_TOO_LARGE;
    }
    return check_headers(request, fault, fault_size);
}

int request_header_add(struct curl_slist **list, const char *name, const char *value)
{
    size_t size = strlen(name) + strlen(value) + 4;
    char *line = malloc(size);
    struct curl_slist *longer = NULL;

    if (line != NULL) {
        /* curl takes "name:" as a wish to leave the header out, "name;" as one without value. */
        if (*value == '\0')
            snprintf(line, size, "%s;", name);
        else
            snprintf(line, size, "%s: %s", name, value);
        longer = libcurl.slist_append(*list, line);
        free(line);
    }
    if (longer == NULL)
        return AMID_E_NOMEM;
    *list = longer;
    return 0;
}
