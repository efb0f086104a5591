#include "supervisor/http/target.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/error.h"
#include "common/id.h"
#include "common/utf8.h"

/* Decodes len bytes to out, which holds len + 1, and ends them with NUL. False for a bad escape. */
static bool decode(const char *text, size_t len, bool is_query, char *out, size_t *ret_len)
{
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)text[i];
        if (byte == '%') {
            char digits[3] = {0};
            if (len - i < 3)
                return false;
            memcpy(digits, text + i + 1, 2);
            if (id_unhex(digits, &byte, 1) != 0 || byte == 0)
                return false;
            i += 2;
        } else if (byte == '+' && is_query) {
            byte = ' ';
        }
        out[used++] = (char)byte;
    }
    out[used] = '\0';
    *ret_len = used;
    return utf8_is_valid(out, used);
}

static void merge_slashes(char *path)
{
    char *out = path;
    for (const char *in = path; *in; in++) {
        if (*in == '/' && in[1] == '/')
            continue;
        *out++ = *in;
    }
    *out = '\0';
}

/* Skips "http://host" of an absolute target. */
static const char *skip_authority(const char *target, size_t *len)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t scheme_len = strlen(schemes[i]);
        if (*len < scheme_len || strncasecmp(target, schemes[i], scheme_len) != 0)
            continue;
        size_t at = scheme_len;
        while (at < *len && target[at] != '/' && target[at] != '?')
            at++;
        *len -= at;
        return target + at;
    }
    return target;
}

static int parse_query(const char *query, size_t len, char *out, struct http_target *target)
{
    for (size_t at = 0; at < len;) {
        const char *end = memchr(query + at, '&', len - at);
        size_t member_len = end ? (size_t)(end - query) - at : len - at;
        const char *equals = memchr(query + at, '=', member_len);
        size_t name_len = equals ? (size_t)(equals - query) - at : member_len;
        size_t used;
        if (member_len > 0) {
            if (target->query_count == HTTP_QUERY_MAX)
                return AMID_E_INVALID;
            target->query[target->query_count].name = out;
            if (!decode(query + at, name_len, true, out, &used))
                return AMID_E_INVALID;
            out += used + 1;
            target->query[target->query_count].value = out;
            size_t value_len = equals ? member_len - name_len - 1 : 0;
            if (!decode(equals ? equals + 1 : "", value_len, true, out, &used))
                return AMID_E_INVALID;
            out += used + 1;
            target->query_count++;
        }
        at += member_len + 1;
    }
    return 0;
}

int http_target_parse(const char *target, size_t len, struct http_target *ret_target)
{
    struct http_target parsed = {0};
    const char *rest = skip_authority(target, &len);
    const char *question = memchr(rest, '?', len);
    size_t path_len = question ? (size_t)(question - rest) : len;
    size_t used = 0;
    int error = AMID_E_INVALID;

    /* Decoding never lengthens; every part gets a terminator: path, and two per query member. */
    parsed.text = malloc(len + 2 * HTTP_QUERY_MAX + 4);
    if (!parsed.text)
        return AMID_E_NOMEM;
    parsed.path = parsed.text;
    if (path_len == 0 && rest != target) {
        memcpy(parsed.path, "/", 2);
        used = 1;
    } else if (!decode(rest, path_len, false, parsed.path, &used)) {
        goto refuse;
    }
    if (parsed.path[0] != '/' && strcmp(parsed.path, "*") != 0)
        goto refuse;
    if (question) {
        error = parse_query(question + 1, len - path_len - 1, parsed.path + used + 1, &parsed);
        if (error)
            goto refuse;
    }
    merge_slashes(parsed.path);
    *ret_target = parsed;
    return 0;
refuse:
    free(parsed.text);
    return error;
}

void http_target_free(struct http_target *target)
{
    free(target->text);
    *target = (struct http_target){0};
}

const char *http_target_query(const struct http_target *target, const char *name)
{
    for (size_t i = 0; i < target->query_count; i++) {
        if (strcmp(target->query[i].name, name) == 0)
            return target->query[i].value;
    }
    return NULL;
}
