#ifndef AMID_CURL_CURL_LIBRARY_H
#define AMID_CURL_CURL_LIBRARY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * libcurl is loaded for the first request instead of being linked: a node whose workers make none
 * carries neither it nor its thirty libraries, one where it is missing still starts, and no program
 * of ours asks for the symbol versions that one distribution gives it and another does not.
 */
#define CURL_LIBRARY_FILE "libcurl.so.4" /* its name since 7.16 of 2006 */
/* Of the options that are set, CURLOPT_QUICK_EXIT is the newest. */
#define CURL_LIBRARY_LEAST      0x075700
#define CURL_LIBRARY_LEAST_TEXT "7.87.0"

#define CURL_LIBRARY_FAULT_BYTES 256

#define CURL_LIBRARY_FUNCTIONS(X)                                                                  \
    X(easy_cleanup)                                                                                \
    X(easy_getinfo)                                                                                \
    X(easy_init)                                                                                   \
    X(easy_pause)                                                                                  \
    X(easy_recv)                                                                                   \
    X(easy_send)                                                                                   \
    X(easy_setopt)                                                                                 \
    X(easy_strerror)                                                                               \
    X(free)                                                                                        \
    X(global_init)                                                                                 \
    X(multi_add_handle)                                                                            \
    X(multi_assign)                                                                                \
    X(multi_cleanup)                                                                               \
    X(multi_info_read)                                                                             \
    X(multi_init)                                                                                  \
    X(multi_remove_handle)                                                                         \
    X(multi_setopt)                                                                                \
    X(multi_socket_action)                                                                         \
    X(slist_append)                                                                                \
    X(slist_free_all)                                                                              \
    X(url)                                                                                         \
    X(url_cleanup)                                                                                 \
    X(url_dup)                                                                                     \
    X(url_get)                                                                                     \
    X(url_set)

struct curl_library {
#define X(name) __typeof__(curl_##name)(*(name));
    CURL_LIBRARY_FUNCTIONS(X)
#undef X
    bool has_http2;
};

/* Of no use before curl_library_need has answered 0. */
extern struct curl_library libcurl;

/* Loads it when it is first called; later calls answer the same. From the loop alone. 0, or
 * AMID_E_UNSUPPORTED with a sentence that names what is missing. */
int curl_library_need(char *fault, size_t fault_size);
/* The same for any file and without remembering; never unloaded. ret_library is untouched on
 * failure. */
int curl_library_load(const char *file, struct curl_library *ret_library, char *fault,
                      size_t fault_size);

#endif
