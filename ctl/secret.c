#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/output.h"
#include "ctl/workers.h"

#define VALUE_MAX_BYTES 16384 /* SECRET_VALUE_MAX_BYTES of supervisor/auth/secrets.h */
#define NAME_MAX_BYTES  64
#define PATH_MAX_BYTES  256

static enum ctl_exit misuse(void)
{
    fprintf(stderr,
            "amictl: secret set NAME < value, secret list or secret remove NAME; a name has "
            "letters, digits, '.', '_' and '-', 64 at most\n");
    return CTL_USAGE;
}

static bool is_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
    return len > 0 && len <= NAME_MAX_BYTES && name[len] == '\0';
}

/* One newline at the end is the terminal's or the editor's, not the value's. */
static bool read_value(char *out, size_t *ret_len)
{
    size_t len = 0;
    ssize_t got = 1;
    while (got != 0 && len <= VALUE_MAX_BYTES) {
        got = read(STDIN_FILENO, out + len, VALUE_MAX_BYTES + 1 - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            fprintf(stderr, "amictl: cannot read the value from stdin: %s\n", strerror(errno));
            return false;
        }
        if (got == 0)
            break;
        len += (size_t)got;
    }
    if (len > 0 && len <= VALUE_MAX_BYTES && out[len - 1] == '\n')
        len--;
    if (len == 0 || len > VALUE_MAX_BYTES) {
        fprintf(stderr, "amictl: the value on stdin must have 1 to %d bytes\n", VALUE_MAX_BYTES);
        return false;
    }
    *ret_len = len;
    return true;
}

static enum ctl_exit send_value(const struct settings *settings, const char *path,
                                const struct client_body *body)
{
    struct client_answer answer;
    enum ctl_exit result = client_send(settings, "POST", path, body, &answer);
    if (result == CTL_OK && answer.status != 200)
        result = workers_refusal(answer.status, answer.body.data);
    buffer_free(&answer.body);
    return result;
}

static enum ctl_exit set(const struct settings *settings, const char *worker, const char *name)
{
    char sid[ID_UUID_LEN + 1] = "";
    char path[PATH_MAX_BYTES];
    enum ctl_exit result = worker ? workers_resolve(settings, worker, sid) : CTL_OK;
    char *value =
        result == CTL_OK && sodium_init() >= 0 ? sodium_malloc(VALUE_MAX_BYTES + 1) : NULL;
    struct client_body body = {.bytes = value};
    if (result != CTL_OK)
        return result;
    snprintf(path, sizeof path, "/api/secrets/%s%s%s", name, worker ? "?worker=" : "", sid);
    if (!value)
        fprintf(stderr, "amictl: out of memory\n");
    result = value && read_value(value, &body.len) ? send_value(settings, path, &body) : CTL_USAGE;
    sodium_free(value);
    return result;
}

static enum ctl_exit list(const struct settings *settings)
{
    cJSON *items = NULL;
    const cJSON *item;
    enum ctl_exit result = workers_ask(settings, "GET", "/api/secrets", &items);
    if (result == CTL_OK && settings->as_json) {
        char *text = cJSON_Print(items);
        if (text)
            puts(text);
        cJSON_free(text);
    } else if (result == CTL_OK) {
        cJSON_ArrayForEach(item, items)
        {
            const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "name"));
            const char *sid =
                cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "worker"));
            output_text(name ? name : "", 0);
            if (sid) {
                printf(" for ");
                output_text(sid, 0);
            }
            putchar('\n');
        }
    }
    cJSON_Delete(items);
    return result;
}

static enum ctl_exit drop(const struct settings *settings, const char *name)
{
    char path[PATH_MAX_BYTES];
    cJSON *answer = NULL;
    snprintf(path, sizeof path, "/api/secrets/%s", name);
    enum ctl_exit result = workers_ask(settings, "DELETE", path, &answer);
    cJSON_Delete(answer);
    return result;
}

enum ctl_exit command_secret(const struct settings *settings, const struct command_line *line,
                             char *const *words)
{
    const char *what = words[0] ? words[0] : "";
    bool is_list = strcmp(what, "list") == 0;
    if (is_list && !words[1])
        return list(settings);
    if (is_list || !words[0] || !words[1] || words[2] || !is_name(words[1]))
        return misuse();
    if (strcmp(what, "set") == 0)
        return set(settings, line->audit.worker, words[1]);
    return strcmp(what, "remove") == 0 ? drop(settings, words[1]) : misuse();
}
