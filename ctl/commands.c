#include "ctl/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/utf8.h"
#include "ctl/client.h"
#include "ctl/output.h"
#include "ctl/workers.h"

#define WORKERS_PATH   "/api/workers"
#define PATH_MAX_BYTES 128
#define CELL_MAX_BYTES 64
#define COLUMNS        7
#define NOTE_MAX_CHARS 40
/* An event of the log stream: one line of 8 KiB, escaped. */
#define EVENT_MAX_BYTES (256 * 1024)

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

static double number_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

static void print_json(const cJSON *json)
{
    char *text = cJSON_Print(json);
    if (text)
        puts(text);
    cJSON_free(text);
}

/* What a row says of a worker; copies live as long as the table. */
struct row {
    char cells[COLUMNS][CELL_MAX_BYTES];
};

static void fill_row(const cJSON *entry, int sid_len, struct row *row)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(entry, "value");
    const cJSON *raw = cJSON_GetObjectItemCaseSensitive(value, "raw");
    const cJSON *instance = cJSON_GetObjectItemCaseSensitive(entry, "instance");
    const char *note = text_of(raw, "note");
    const char *error = text_of(instance, "lastError");
    int pid = (int)number_of(instance, "pid");

    snprintf(row->cells[0], CELL_MAX_BYTES, "%.*s", sid_len, workers_sid_of(entry));
    snprintf(row->cells[1], CELL_MAX_BYTES, "%s", text_of(entry, "state"));
    snprintf(row->cells[2], CELL_MAX_BYTES, "%s", text_of(raw, "priority"));
    if (pid > 0)
        snprintf(row->cells[3], CELL_MAX_BYTES, "%d", pid);
    else
        strcpy(row->cells[3], "-");
    snprintf(row->cells[4], CELL_MAX_BYTES, "%.0f", number_of(instance, "restarts"));
    snprintf(row->cells[5], CELL_MAX_BYTES, "%.*s",
             (int)utf8_cut(note, strlen(note), NOTE_MAX_CHARS), note);
    snprintf(row->cells[6], CELL_MAX_BYTES, "%.*s",
             (int)utf8_cut(error, strlen(error), CELL_MAX_BYTES - 1), error);
}

static enum ctl_exit print_table(const cJSON *list)
{
    static const struct row head = {
        {"SID", "STATE", "PRIORITY", "PID", "RESTARTS", "NOTE", "LAST ERROR"}};
    size_t count = (size_t)cJSON_GetArraySize(list);
    struct row *rows = calloc(count + 1, sizeof *rows);
    const char **cells = calloc((count + 1) * COLUMNS, sizeof *cells);
    size_t n = 1;
    const cJSON *entry;
    if (!rows || !cells) {
        free(rows);
        free(cells);
        fprintf(stderr, "amictl: out of memory\n");
        return CTL_REFUSED;
    }
    rows[0] = head;
    int sid_len = workers_prefix_len(list);
    cJSON_ArrayForEach(entry, list) fill_row(entry, sid_len, &rows[n++]);
    for (size_t i = 0; i < n * COLUMNS; i++)
        cells[i] = rows[i / COLUMNS].cells[i % COLUMNS];
    output_table(cells, n, COLUMNS);
    free(rows);
    free(cells);
    return CTL_OK;
}

enum ctl_exit command_workers(const struct settings *settings, const struct command_line *line)
{
    cJSON *list = NULL;
    (void)line;
    enum ctl_exit result = workers_ask(settings, "GET", WORKERS_PATH, &list);
    if (result == CTL_OK && settings->as_json)
        print_json(list);
    else if (result == CTL_OK && cJSON_GetArraySize(list) == 0)
        puts("There are no workers.");
    else if (result == CTL_OK)
        result = print_table(list);
    cJSON_Delete(list);
    return result;
}

/* start, stop, restart */
enum ctl_exit command_control(const struct settings *settings, const struct command_line *line)
{
    char sid[ID_UUID_LEN + 1], path[PATH_MAX_BYTES];
    cJSON *entry = NULL;
    enum ctl_exit result = workers_resolve(settings, line->sid, sid);
    if (result != CTL_OK)
        return result;
    snprintf(path, sizeof path, WORKERS_PATH "/%s/%s", sid, line->name);
    result = workers_ask(settings, "POST", path, &entry);
    if (result == CTL_OK && settings->as_json) {
        print_json(entry);
    } else if (result == CTL_OK) {
        const char *reason = text_of(cJSON_GetObjectItemCaseSensitive(entry, "instance"), "reason");
        printf("%s %s", sid, text_of(entry, "state"));
        if (*reason) {
            printf(": ");
            output_text(reason, 0);
        }
        putchar('\n');
    }
    cJSON_Delete(entry);
    return result;
}

struct log_reader {
    const struct settings *settings;
    struct buffer event; /* the line being received */
};

static void print_log_line(const struct settings *settings, const cJSON *line)
{
    if (!settings->as_json) {
        output_log_line(line);
        return;
    }
    char *text = cJSON_PrintUnformatted(line);
    if (text) {
        puts(text);
        fflush(stdout);
    }
    cJSON_free(text);
}

static void read_event(struct log_reader *reader)
{
    static const char data[] = "data: ";
    cJSON *line = NULL;
    if (reader->event.len >= sizeof data - 1 &&
        strncmp(reader->event.data, data, sizeof data - 1) == 0 &&
        json_parse(reader->event.data + sizeof data - 1, reader->event.len - sizeof data + 1, &line,
                   NULL) == 0)
        print_log_line(reader->settings, line);
    cJSON_Delete(line);
    buffer_clear(&reader->event);
}

static bool stream_piece(void *arg, const char *bytes, size_t len)
{
    struct log_reader *reader = arg;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\n')
            read_event(reader);
        else
            buffer_append_char(&reader->event, bytes[i]);
    }
    return !ferror(stdout);
}

static enum ctl_exit follow_logs(const struct settings *settings, const char *path)
{
    struct log_reader reader = {.settings = settings};
    struct client_answer answer;
    buffer_init(&reader.event, EVENT_MAX_BYTES);
    enum ctl_exit result = client_exchange(settings, "GET", path, stream_piece, &reader, &answer);
    if (result == CTL_OK && answer.status != 200)
        result = workers_refusal(answer.status, answer.body.data);
    buffer_free(&reader.event);
    buffer_free(&answer.body);
    return result;
}

enum ctl_exit command_logs(const struct settings *settings, const struct command_line *line)
{
    char sid[ID_UUID_LEN + 1], path[PATH_MAX_BYTES];
    cJSON *list = NULL;
    const cJSON *item;
    enum ctl_exit result = workers_resolve(settings, line->sid, sid);
    if (result != CTL_OK)
        return result;
    snprintf(path, sizeof path, WORKERS_PATH "/%s/logs?lines=%u%s", sid, line->lines,
             line->follow ? "&follow=1" : "");
    if (line->follow)
        return follow_logs(settings, path);
    result = workers_ask(settings, "GET", path, &list);
    cJSON_ArrayForEach(item, list) print_log_line(settings, item);
    cJSON_Delete(list);
    return result;
}

static void print_status(const cJSON *stats)
{
    const cJSON *workers = cJSON_GetObjectItemCaseSensitive(stats, "workers");
    const cJSON *http = cJSON_GetObjectItemCaseSensitive(stats, "http");
    const cJSON *state;
    char uptime[32];
    output_duration((int64_t)number_of(stats, "uptimeMs"), uptime, sizeof uptime);
    printf("node     ");
    output_text(text_of(stats, "nid"), 0);
    printf(" of ");
    output_text(text_of(stats, "network"), 0);
    printf("\nversion  %s\nup       %s\nworkers  %.0f", text_of(stats, "version"), uptime,
           number_of(workers, "total"));
    cJSON_ArrayForEach(state, workers)
    {
        if (strcmp(state->string, "total") != 0 && state->valuedouble > 0)
            printf(", %.0f %s", state->valuedouble, state->string);
    }
    printf("\nhttp     %.0f connections, %.0f requests\n", number_of(http, "connections"),
           number_of(http, "requests"));
}

enum ctl_exit command_status(const struct settings *settings, const struct command_line *line)
{
    cJSON *stats = NULL;
    (void)line;
    enum ctl_exit result = workers_ask(settings, "GET", "/api/stats", &stats);
    if (result == CTL_OK && settings->as_json)
        print_json(stats);
    else if (result == CTL_OK)
        print_status(stats);
    cJSON_Delete(stats);
    return result;
}

enum ctl_exit command_audit(const struct settings *settings, const struct command_line *line)
{
    return audit_run(settings, &line->audit);
}
