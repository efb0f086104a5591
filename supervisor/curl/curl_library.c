#include "supervisor/curl/curl_library.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/error.h"
#include "common/log.h"

struct curl_library libcurl;

static bool speaks(const curl_version_info_data *info, const char *protocol)
{
    for (const char *const *at = info->protocols; *at != NULL; at++) {
        if (strcmp(*at, protocol) == 0)
            return true;
    }
    return false;
}

/* Authorities lie in a folder as OpenSSL and its kin look through it. */
static bool has_openssl(const curl_version_info_data *info)
{
    static const char *const kin[] = {"OpenSSL/", "LibreSSL/", "quictls/", "AWS-LC/", "BoringSSL"};

    for (size_t i = 0; info->ssl_version != NULL && i < sizeof(kin) / sizeof(kin[0]); i++) {
        if (strncmp(info->ssl_version, kin[i], strlen(kin[i])) == 0)
            return true;
    }
    return false;
}

static int check_version(const curl_version_info_data *info, char *fault, size_t fault_size)
{
    if (info->version_num < CURL_LIBRARY_LEAST)
        snprintf(fault, fault_size, "libcurl %.32s is older than %s", info->version,
                 CURL_LIBRARY_LEAST_TEXT);
    else if (!speaks(info, "http") || !speaks(info, "https"))
        snprintf(fault, fault_size, "libcurl %.32s was built without HTTP or TLS", info->version);
    else if (!has_openssl(info))
        snprintf(fault, fault_size, "libcurl %.32s was built with %.64s instead of OpenSSL",
                 info->version, info->ssl_version == NULL ? "no TLS" : info->ssl_version);
    else
        return 0;
    return AMID_E_UNSUPPORTED;
}

/* ISO C has no way from an object's address to a function's; dlsym(3) rests on there being one. */
static bool find(void *handle, const char *name, void *ret_function)
{
    void *symbol = dlsym(handle, name);

    memcpy(ret_function, &symbol, sizeof(symbol));
    return symbol != NULL;
}

static int find_all(void *handle, struct curl_library *ret_library, char *fault, size_t fault_size)
{
    struct curl_library library = {0};
    const char *missing = NULL;

#define X(name)                                                                                    \
    if (missing == NULL && !find(handle, "curl_" #name, &library.name))                            \
        missing = "curl_" #name;
    CURL_LIBRARY_FUNCTIONS(X)
#undef X
    if (missing != NULL) {
        snprintf(fault, fault_size, CURL_LIBRARY_FILE " has no %s", missing);
        return AMID_E_UNSUPPORTED;
    }
    *ret_library = library;
    return 0;
}

int curl_library_load(const char *file, struct curl_library *ret_library, char *fault,
                      size_t fault_size)
{
    void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    __typeof__(curl_version_info) *version_info;
    const curl_version_info_data *info;
    struct curl_library library;
    int error = 0;

    if (handle == NULL) {
        snprintf(fault, fault_size, "%.200s", dlerror());
        return AMID_E_UNSUPPORTED;
    }
    if (!find(handle, "curl_version_info", &version_info)) {
        snprintf(fault, fault_size, CURL_LIBRARY_FILE " is not libcurl");
        return AMID_E_UNSUPPORTED;
    }
    info = version_info(CURLVERSION_NOW);
    error = check_version(info, fault, fault_size);
    if (error == 0)
        error = find_all(handle, &library, fault, fault_size);
    if (error == 0 && library.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        snprintf(fault, fault_size, "libcurl %.32s does not start", info->version);
        error = AMID_E_UNSUPPORTED;
    }
    if (error != 0)
        return error;
    library.has_http2 = (info->features & CURL_VERSION_HTTP2) != 0;
    *ret_library = library;
    return 0;
}

int curl_library_need(char *fault, size_t fault_size)
{
    static char why[CURL_LIBRARY_FAULT_BYTES];
    static bool is_tried;

    if (!is_tried && curl_library_load(CURL_LIBRARY_FILE, &libcurl, why, sizeof(why)) != 0)
        log_warn(&(struct log_about){.event = "no-libcurl"},
                 "fetch, WebSocket and etcd are not to be had until libcurl is there and amid "
                 "started again: %s",
                 why);
    is_tried = true;
    if (why[0] == '\0')
        return 0;
    snprintf(fault, fault_size, "this node has no libcurl to make requests with: %s", why);
    return AMID_E_UNSUPPORTED;
}
