#include "ctl/workers.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/json.h"
#include "ctl/client.h"
#include "ctl/output.h"

#define SHORT_SID_LEN 8

static void print_error(const char *text)
{
    fflush(stdout);
    fprintf(stderr, "amictl: ");
    for (const char *c = text; *c; c++)
        fputc((unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c, stderr);
    fputc('\n', stderr);
}

enum ctl_exit workers_refusal(int status, const char *body)
{
    cJSON *json = body ? cJSON_Parse(body) : NULL;
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "error"));
    char fallback[64];
    snprintf(fallback, sizeof fallback, "the node answered with HTTP status %d", status);
    if (status == 401 || status == 403)
        print_error("the node does not accept this token; is it the one of its state folder "
                    "(owner.token)?");
    else
        print_error(text ? text : fallback);
    cJSON_Delete(json);
    if (status == 401 || status == 403)
        return CTL_UNAUTHORIZED;
    return status == 404 ? CTL_UNKNOWN : CTL_REFUSED;
}

enum ctl_exit workers_ask(const struct settings *settings, const char *method, const char *path,
                          cJSON **ret_json)
{
    struct client_answer answer;
    enum ctl_exit result = client_exchange(settings, method, path, NULL, NULL, &answer);
    if (result == CTL_OK && (answer.status < 200 || answer.status > 299))
        result = workers_refusal(answer.status, answer.body.data);
    else if (result == CTL_OK && json_parse(answer.body.data ? answer.body.data : "",
                                            answer.body.len, ret_json, NULL) != 0) {
        print_error("the answer is no JSON; is that really amid?");
        result = CTL_UNREACHABLE;
    }
    buffer_free(&answer.body);
    return result;
}

const char *workers_sid_of(const cJSON *entry)
{
    const char *sid =
        cJSON_GetStringValue(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(entry, "key"), 2));
    return sid ? sid : "";
}

static size_t common_prefix(const char *a, const char *b)
{
    size_t len = 0;
    while (a[len] && a[len] == b[len])
        len++;
    return len;
}

int workers_prefix_len(const cJSON *list)
{
    /* The list is in order of sid: those that have most in common are neighbours. */
    const cJSON *entry;
    const char *previous = NULL;
    size_t len = SHORT_SID_LEN;
    cJSON_ArrayForEach(entry, list)
    {
        const char *sid = workers_sid_of(entry);
        if (previous && common_prefix(previous, sid) + 1 > len)
            len = common_prefix(previous, sid) + 1;
        previous = sid;
    }
    return (int)(len < ID_UUID_LEN ? len : ID_UUID_LEN);
}

enum ctl_exit workers_resolve(const struct settings *settings, const char *text, char *out)
{
    cJSON *list = NULL;
    const cJSON *entry;
    size_t found = 0;
    if (id_is_uuid(text)) {
        memcpy(out, text, ID_UUID_LEN + 1);
        return CTL_OK;
    }
    enum ctl_exit result = workers_ask(settings, "GET", "/api/workers", &list);
    if (result != CTL_OK)
        return result;
    cJSON_ArrayForEach(entry, list)
    {
        const char *sid = workers_sid_of(entry);
        if (*text && strncasecmp(sid, text, strlen(text)) == 0 && strlen(sid) == ID_UUID_LEN) {
            memcpy(out, sid, ID_UUID_LEN + 1);
            found++;
        }
    }
    cJSON_Delete(list);
    if (found == 1)
        return CTL_OK;
    fprintf(stderr,
            found == 0 ? "amictl: no worker's sid begins with \"%s\"\n"
                       : "amictl: more than one worker's sid begins with \"%s\"\n",
            text);
    return CTL_UNKNOWN;
}
