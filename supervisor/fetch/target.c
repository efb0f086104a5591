#include "supervisor/fetch/target.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/error.h"

#define SCHEME_HTTP  "http"
#define SCHEME_HTTPS "https"

static int fault(const char **ret_fault, const char *text)
{
    *ret_fault = text;
    return AMID_E_INVALID;
}

static int fault_of(CURLUcode code, const char **ret_fault)
{
    switch (code) {
    case CURLUE_OUT_OF_MEMORY:
        return AMID_E_NOMEM;
    case CURLUE_UNSUPPORTED_SCHEME:
        return fault(ret_fault, "only http: and https: addresses can be fetched");
    case CURLUE_BAD_PORT_NUMBER:
        return fault(ret_fault, "the address has a bad port");
    case CURLUE_NO_HOST:
    case CURLUE_BAD_HOSTNAME:
    case CURLUE_BAD_IPV6:
        return fault(ret_fault, "the address has no valid host");
    default:
        return fault(ret_fault, "not a valid absolute address");
    }
}

/* A name whose last label is a number is meant as an IPv4 address, says the URL standard. */
static bool ends_in_number(const char *host)
{
    const char *label = strrchr(host, '.');

    label = label == NULL ? host : label + 1;
    if (label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
        return label[2 + strspn(label + 2, "0123456789abcdefABCDEF")] == '\0';
    return *label != '\0' && label[strspn(label, "0123456789")] == '\0';
}

static bool is_name(const char *host)
{
    if (host[0] == '.' || host[strlen(host) - 1] == '.' || strstr(host, "..") != NULL)
        return false;
    for (const char *at = host; *at != '\0'; at++) {
        if (!islower((unsigned char)*at) && !isdigit((unsigned char)*at) && *at != '-' &&
            *at != '_' && *at != '.')
            return false;
    }
    return true;
}

/* Fills target->host from what curl found, in the form that permissions are checked in. */
static int normalise_host(struct target *target, const char *found, const char **ret_fault)
{
    size_t len = strlen(found);
    struct in6_addr v6;
    struct in_addr v4;

    if (len > 2 && found[0] == '[' && len - 2 < sizeof(target->host)) {
        memcpy(target->host, found + 1, len - 2);
        target->host[len - 2] = '\0';
        if (inet_pton(AF_INET6, target->host, &v6) != 1)
            return fault(ret_fault, "the address has no valid host");
        inet_ntop(AF_INET6, &v6, target->host, sizeof(target->host));
        target->is_address = true;
        return 0;
    }
    if (len > 1 && found[len - 1] == '.')
        len--;
    if (len == 0 || len >= sizeof(target->host))
        return fault(ret_fault, "the address has no valid host");
    for (size_t i = 0; i < len; i++)
        target->host[i] = (char)tolower((unsigned char)found[i]);
    target->host[len] = '\0';
    if (!is_name(target->host))
        return fault(ret_fault, "the host may hold letters, digits, '-', '_' and '.' only; other "
                                "names are written as xn--…");
    target->is_address = ends_in_number(target->host);
    if (target->is_address && inet_pton(AF_INET, target->host, &v4) != 1)
        return fault(ret_fault, "the host ends in a number but is no IPv4 address");
    return 0;
}

static bool has_part(const struct target *target, CURLUPart part)
{
    char *text = NULL;
    bool has = libcurl.url_get(target->url, part, &text, 0) == CURLUE_OK;

    libcurl.free(text);
    return has;
}

/* Host and port, normalised both here and in curl's parts. */
static int take_authority(struct target *target, const char **ret_fault)
{
    char bracketed[sizeof(target->host) + 2];
    char *text = NULL;
    CURLUcode code = libcurl.url_get(target->url, CURLUPART_HOST, &text, 0);
    int error;

    if (code != CURLUE_OK)
        return fault_of(code, ret_fault);
    error = normalise_host(target, text, ret_fault);
    libcurl.free(text);
    if (error != 0)
        return error;
    snprintf(bracketed, sizeof(bracketed), strchr(target->host, ':') != NULL ? "[%s]" : "%s",
             target->host);
    code = libcurl.url_set(target->url, CURLUPART_HOST, bracketed, 0);
    if (code == CURLUE_OK)
        code = libcurl.url_get(target->url, CURLUPART_PORT, &text, CURLU_DEFAULT_PORT);
    if (code != CURLUE_OK)
        return fault_of(code, ret_fault);
    target->port = (uint16_t)strtoul(text, NULL, 10);
    libcurl.free(text);
    return target->port == 0 ? fault(ret_fault, "the address has a bad port") : 0;
}

static int take_scheme(struct target *target, const char **ret_fault)
{
    char *text = NULL;
    CURLUcode code = libcurl.url_get(target->url, CURLUPART_SCHEME, &text, 0);
    int error = 0;

    if (code != CURLUE_OK)
        return fault_of(code, ret_fault);
    target->is_secure = strcmp(text, SCHEME_HTTPS) == 0;
    if (!target->is_secure && strcmp(text, SCHEME_HTTP) != 0)
        error = fault(ret_fault, "only http: and https: addresses can be fetched");
    libcurl.free(text);
    return error;
}

static int examine(struct target *target, const char **ret_fault)
{
    int error = take_scheme(target, ret_fault);

    if (error == 0 && (has_part(target, CURLUPART_USER) || has_part(target, CURLUPART_PASSWORD)))
        error = fault(ret_fault, "an address must not hold a name and a password");
    if (error == 0 && has_part(target, CURLUPART_ZONEID))
        error = fault(ret_fault, "an address must not name a network interface");
    if (error == 0) /* which drops a zone */
        error = take_authority(target, ret_fault);
    if (error == 0 && libcurl.url_set(target->url, CURLUPART_FRAGMENT, NULL, 0) != CURLUE_OK)
        error = AMID_E_NOMEM;
    return error;
}

/* ws: and wss: are what http: and https: are, to all but the script. */
static char *as_http(const char *url, enum target_kind kind, const char **ret_fault)
{
    bool is_secure = strncasecmp(url, "wss:", 4) == 0;
    size_t skip = is_secure ? 4 : 3;
    size_t size = strlen(url) + sizeof(SCHEME_HTTPS ":");
    char *copy;

    if (kind == TARGET_HTTP || (!is_secure && strncasecmp(url, "ws:", 3) != 0))
        return strdup(url);
    *ret_fault = NULL;
    copy = malloc(size);
    if (copy != NULL)
        snprintf(copy, size, "%s:%s", is_secure ? SCHEME_HTTPS : SCHEME_HTTP, url + skip);
    return copy;
}

int target_parse(const char *url, enum target_kind kind, struct target *ret_target,
                 const char **ret_fault)
{
    struct target target = {.url = libcurl.url()};
    char *text;
    CURLUcode code;
    int error;

    if (strlen(url) > TARGET_URL_MAX_BYTES) {
        libcurl.url_cleanup(target.url);
        return fault(ret_fault, "the address is too long");
    }
    text = as_http(url, kind, ret_fault);
    if (target.url == NULL || text == NULL) {
        free(text);
        libcurl.url_cleanup(target.url);
        return AMID_E_NOMEM;
    }
    code = libcurl.url_set(target.url, CURLUPART_URL, text, CURLU_URLENCODE);
    free(text);
    error = code == CURLUE_OK ? examine(&target, ret_fault) : fault_of(code, ret_fault);
    if (error != 0) {
        libcurl.url_cleanup(target.url);
        return error;
    }
    *ret_target = target;
    return 0;
}

int target_follow(const struct target *from, const char *location, struct target *ret_target,
                  const char **ret_fault)
{
    struct target target = {.url = libcurl.url_dup(from->url)};
    CURLUcode code;
    int error;

    if (target.url == NULL)
        return AMID_E_NOMEM;
    if (strlen(location) > TARGET_URL_MAX_BYTES)
        code = CURLUE_MALFORMED_INPUT;
    else
        code = libcurl.url_set(target.url, CURLUPART_URL, location, CURLU_URLENCODE);
    error = code == CURLUE_OK ? examine(&target, ret_fault) : fault_of(code, ret_fault);
    if (error != 0) {
        libcurl.url_cleanup(target.url);
        return error;
    }
    *ret_target = target;
    return 0;
}

void target_free(struct target *target)
{
    libcurl.url_cleanup(target->url);
    *target = (struct target){0};
}

char *target_text(const struct target *target)
{
    char *text = NULL, *copy;

    if (libcurl.url_get(target->url, CURLUPART_URL, &text, 0) != CURLUE_OK)
        return NULL;
    copy = strdup(text);
    libcurl.free(text);
    return copy;
}

char *target_path(const struct target *target)
{
    char *path = NULL, *query = NULL, *text = NULL;
    size_t size;

    if (libcurl.url_get(target->url, CURLUPART_PATH, &path, 0) != CURLUE_OK)
        return NULL;
    if (libcurl.url_get(target->url, CURLUPART_QUERY, &query, 0) == CURLUE_OUT_OF_MEMORY) {
        libcurl.free(path);
        return NULL;
    }
    size = strlen(path) + (query == NULL ? 0 : strlen(query)) + 2;
    text = malloc(size);
    if (text != NULL)
        snprintf(text, size, "%s%s%s", path, query == NULL ? "" : "?", query == NULL ? "" : query);
    libcurl.free(path);
    libcurl.free(query);
    return text;
}

bool target_is_same_origin(const struct target *a, const struct target *b)
{
    return a->is_secure == b->is_secure && a->port == b->port && strcmp(a->host, b->host) == 0;
}
