#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl/commands.h"
#include "ctl/output.h"
#include "ctl/workers.h"

#define NODES_PATH    "/api/nodes"
#define COLUMNS       6
#define CELL_MAX      64
#define NODES_MAX     1024 /* as many as a node tells of */
#define MS_PER_SECOND 1000

struct row {
    char workers[CELL_MAX];
    char up[CELL_MAX];
};

static const char *text_of(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text && *text ? text : "-";
}

static double number_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

/* How long it has been what it is. */
static void since(const cJSON *node, bool is_down, char *out, size_t size)
{
    double from_ms = number_of(node, is_down ? "downSince" : "started");
    double now_ms = (double)time(NULL) * MS_PER_SECOND;
    if (from_ms > 0 && from_ms <= now_ms)
        output_duration((int64_t)(now_ms - from_ms), out, size);
    else
        snprintf(out, size, "-");
}

static void fill(const cJSON *node, struct row *row, const char **cells)
{
    const cJSON *workers = cJSON_GetObjectItemCaseSensitive(node, "workers");
    const char *state = text_of(node, "state");
    snprintf(row->workers, sizeof row->workers, "%.0f of %.0f", number_of(workers, "running"),
             number_of(workers, "limit"));
    since(node, strcmp(state, "down") == 0, row->up, sizeof row->up);
    cells[0] = text_of(node, "nid");
    cells[1] = state;
    cells[2] = row->up;
    cells[3] = row->workers;
    cells[4] = text_of(node, "version");
    cells[5] = text_of(node, "address");
}

static void print_nodes(const cJSON *list)
{
    static const char *const head[COLUMNS] = {"NODE",    "STATE",   "FOR",
                                              "RUNNING", "VERSION", "ADDRESS"};
    size_t count = (size_t)cJSON_GetArraySize(list);
    struct row *rows = count > NODES_MAX ? NULL : calloc(count + 1, sizeof *rows);
    const char **cells = rows ? calloc((count + 1) * COLUMNS, sizeof *cells) : NULL;
    const cJSON *node;
    size_t at = 1;
    if (cells) {
        memcpy(cells, head, sizeof head);
        cJSON_ArrayForEach(node, list)
        {
            fill(node, &rows[at - 1], cells + at * COLUMNS);
            at++;
        }
        output_table(cells, count + 1, COLUMNS);
    }
    free(cells);
    free(rows);
}

enum ctl_exit command_nodes(const struct settings *settings, const struct command_line *line)
{
    cJSON *list = NULL;
    (void)line;
    enum ctl_exit result = workers_ask(settings, "GET", NODES_PATH, &list);
    if (result == CTL_OK && settings->as_json) {
        char *text = cJSON_Print(list);
        if (text)
            puts(text);
        cJSON_free(text);
    } else if (result == CTL_OK) {
        print_nodes(list);
    }
    cJSON_Delete(list);
    return result;
}
