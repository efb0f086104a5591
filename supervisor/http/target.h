#ifndef AMID_HTTP_TARGET_H
#define AMID_HTTP_TARGET_H

#include <stddef.h>

#define HTTP_QUERY_MAX 32 /* members read; a request with more is refused */

/* A request target, decoded. Owns its text; freed with http_target_free. */
struct http_target {
    char *path; /* begins with "/", runs of "/" are one; "*" for OPTIONS * */
    size_t query_count;
    struct {
        const char *name;
        const char *value; /* "" for a member without one */
    } query[HTTP_QUERY_MAX];
    char *text; /* what the pointers above point into */
};

/*
 * Accepts "/path?query" and "http://host/path?query". 0, AMID_E_NOMEM, or AMID_E_INVALID: not one
 * of these, a bad percent escape, an encoded NUL, text that is not UTF-8, too many query members.
 */
int http_target_parse(const char *target, size_t len, struct http_target *ret_target);
void http_target_free(struct http_target *target);
const char *http_target_query(const struct http_target *target, const char *name);

#endif
