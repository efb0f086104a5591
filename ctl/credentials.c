#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/json.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/output.h"
#include "ctl/workers.h"

#define PATH_MAX_BYTES 128
#define BODY_MAX_BYTES 4096
#define ID_LEN         16
#define TIME_BYTES     32

static enum ctl_exit misuse(const char *sentence)
{
    fprintf(stderr, "amictl: %s\n", sentence);
    return CTL_USAGE;
}

static void print_json(const cJSON *json)
{
    char *text = cJSON_Print(json);
    if (text)
        puts(text);
    cJSON_free(text);
}

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "-";
}

static void time_of(const cJSON *object, const char *name, char out[TIME_BYTES])
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    struct tm date;
    time_t seconds = cJSON_IsNumber(item) ? (time_t)(item->valuedouble / 1000) : 0;
    if (seconds <= 0 || !gmtime_r(&seconds, &date) ||
        strftime(out, TIME_BYTES, "%Y-%m-%dT%H:%MZ", &date) == 0)
        snprintf(out, TIME_BYTES, "never");
}

static void print_row(const cJSON *item)
{
    char created[TIME_BYTES], expires[TIME_BYTES], seen[TIME_BYTES];
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "name");
    time_of(item, "created", created);
    time_of(item, "expires", expires);
    time_of(item, "seen", seen);
    output_text(text_of(item, "id"), 0);
    if (name)
        printf("  %-9s", text_of(item, "role"));
    printf("  created %s  seen %s  expires %s  wallet ", created, seen, expires);
    output_text(text_of(item, "wallet"), 0);
    if (name && cJSON_IsString(name)) {
        printf("  ");
        output_text(name->valuestring, 0);
    }
    putchar('\n');
}

static enum ctl_exit list(const struct settings *settings, const char *path, const char *none)
{
    cJSON *items = NULL;
    const cJSON *item;
    enum ctl_exit result = workers_ask(settings, "GET", path, &items);
    if (result == CTL_OK && settings->as_json)
        print_json(items);
    else if (result == CTL_OK && cJSON_GetArraySize(items) == 0)
        puts(none);
    else if (result == CTL_OK)
        cJSON_ArrayForEach(item, items) print_row(item);
    cJSON_Delete(items);
    return result;
}

static enum ctl_exit revoke(const struct settings *settings, const char *path, const char *id)
{
    char whole[PATH_MAX_BYTES];
    cJSON *answer = NULL;
    if (!id || strlen(id) != ID_LEN || strspn(id, "0123456789abcdef") != ID_LEN)
        return misuse("which one? Its id is the first column of the list");
    snprintf(whole, sizeof whole, "%s/%s", path, id);
    enum ctl_exit result = workers_ask(settings, "DELETE", whole, &answer);
    if (result == CTL_OK)
        printf("%s is revoked\n", id);
    cJSON_Delete(answer);
    return result;
}

/* "30d", "12h", "45m"; 0: neither. */
static int64_t parse_span(const char *text)
{
    char *end;
    long number = strtol(text, &end, 10);
    int64_t unit_ms = *end == 'd' ? 86400000 : *end == 'h' ? 3600000 : *end == 'm' ? 60000 : 0;
    if (*text < '0' || *text > '9' || number < 1 || number > 1000000 || unit_ms == 0 ||
        end[1] != '\0')
        return 0;
    return number * unit_ms;
}

static void append_member(struct buffer *out, const char *name, const char *text)
{
    if (!text)
        return;
    buffer_printf(out, "%s\"%s\":", out->len > 1 ? "," : "", name);
    json_append_string(out, text, strlen(text));
}

/* The secret alone on stdout, for scripts; what it is on stderr. */
static enum ctl_exit print_made(const struct settings *settings, const struct client_answer *answer)
{
    cJSON *json = NULL;
    if (answer->status != 200)
        return workers_refusal(answer->status, answer->body.data);
    if (json_parse(answer->body.data ? answer->body.data : "", answer->body.len, &json, NULL) != 0)
        return CTL_UNREACHABLE;
    if (settings->as_json) {
        print_json(json);
    } else {
        fprintf(stderr, "token %s; this is shown once:\n", text_of(json, "id"));
        puts(text_of(json, "secret"));
    }
    cJSON_Delete(json);
    return CTL_OK;
}

static enum ctl_exit make(const struct settings *settings, const char *path, struct buffer *text)
{
    struct client_answer answer;
    const struct client_body body = {.bytes = text->data, .len = text->len};
    enum ctl_exit result = client_send(settings, "POST", path, &body, &answer);
    if (result == CTL_OK)
        result = print_made(settings, &answer);
    buffer_free(&answer.body);
    return result;
}

static enum ctl_exit create(const struct settings *settings, const struct command_line *line)
{
    int64_t span_ms = line->expires ? parse_span(line->expires) : 0;
    struct buffer body;
    if (!line->role)
        return misuse("token create needs --role viewer, operator, developer or owner");
    if (line->expires && span_ms == 0)
        return misuse("--expires takes 30d, 12h or 45m");
    buffer_init(&body, BODY_MAX_BYTES);
    buffer_append_char(&body, '{');
    append_member(&body, "role", line->role);
    append_member(&body, "name", line->token_name);
    append_member(&body, "wallet", line->audit.wallet);
    if (span_ms > 0)
        buffer_printf(&body, ",\"expiresIn\":%lld", (long long)span_ms);
    buffer_append_char(&body, '}');
    enum ctl_exit result = CTL_USAGE;
    if (buffer_status(&body) == 0)
        result = make(settings, "/api/tokens", &body);
    buffer_free(&body);
    return result;
}

static enum ctl_exit rotate_owner(const struct settings *settings)
{
    struct buffer body;
    buffer_init(&body, BODY_MAX_BYTES);
    buffer_append_str(&body, "{}");
    enum ctl_exit result =
        buffer_status(&body) == 0 ? make(settings, "/api/owner-token", &body) : CTL_REFUSED;
    buffer_free(&body);
    return result;
}

static enum ctl_exit revoke_owner(const struct settings *settings)
{
    cJSON *answer = NULL;
    enum ctl_exit result = workers_ask(settings, "DELETE", "/api/owner-token", &answer);
    if (result == CTL_OK)
        puts("the owner token is revoked");
    cJSON_Delete(answer);
    return result;
}

enum ctl_exit command_token(const struct settings *settings, const struct command_line *line,
                            char *const *words)
{
    const char *verb = words[0] ? words[0] : "list";
    size_t most = strcmp(verb, "revoke") == 0 ? 2 : 1;
    for (size_t i = 0; i < most && words[i]; i++) {
        if (i + 1 == most && words[most])
            return misuse("too many words; amictl --help tells what there is");
    }
    if (strcmp(verb, "list") == 0)
        return list(settings, "/api/tokens", "There are no tokens.");
    if (strcmp(verb, "create") == 0)
        return create(settings, line);
    if (strcmp(verb, "revoke") == 0)
        return revoke(settings, "/api/tokens", words[1]);
    if (strcmp(verb, "rotate-owner") == 0)
        return rotate_owner(settings);
    if (strcmp(verb, "revoke-owner") == 0)
        return revoke_owner(settings);
    return misuse("token create, list, revoke ID, rotate-owner or revoke-owner");
}

enum ctl_exit command_sessions(const struct settings *settings, char *const *words)
{
    if (!words[0] || (strcmp(words[0], "list") == 0 && !words[1]))
        return list(settings, "/api/sessions", "Nobody is signed in.");
    if (strcmp(words[0], "revoke") == 0 && (!words[1] || !words[2]))
        return revoke(settings, "/api/sessions", words[1]);
    return misuse("sessions list or sessions revoke ID");
}
