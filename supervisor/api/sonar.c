#include "supervisor/api/sonar.h"

#include <math.h>
#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "supervisor/api/view.h"

/* Members of traders that this node has nothing to say about; the client reads them unasked. */
#define NO_MONEY                                                                                   \
    ",\"accounts\":[],\"exchanges\":[],\"coins\":{},\"liquidity\":0,\"protection\":0,"             \
    "\"margin\":{\"balance\":0,\"initial\":0,\"maintenance\":0},\"rate\":0,\"available\":0"

struct totals {
    uint64_t operations, errors, network_errors, critical_errors;
    size_t total, active, local;
};

static void count_workers(struct api *api, struct totals *totals)
{
    const struct registry *registry = api->needs.registry;
    size_t count = registry_count(registry);

    for (size_t i = 0; i < count; i++) {
        const struct worker *worker = registry_at(registry, i)->worker;
        struct fleet_view view;

        totals->total++;
        totals->active += worker->active;
        totals->local += worker->scope == WORKER_LOCAL;
        if (fleet_view(api->needs.fleet, worker->sid, &view) != 0)
            continue;
        totals->operations += view.executions;
        totals->errors += view.errors;
        totals->network_errors += view.network_errors;
        totals->critical_errors += view.critical_errors;
    }
}

/* Per cent, two decimals at most. */
static double success_rate(const struct totals *totals)
{
    double rate;

    if (totals->operations == 0)
        return 100;
    rate = 100.0 - (double)totals->errors * 100.0 / (double)totals->operations;
    return rate < 0 ? 0 : round(rate * 100.0) / 100.0;
}

static void append_success(struct buffer *out, const struct totals *totals)
{
    buffer_append_str(out, ",\"successRate\":");
    json_append_number(out, success_rate(totals));
}

static void append_workers(struct buffer *out, const struct totals *totals)
{
    buffer_printf(out,
                  ",\"workers\":{\"active\":%zu,\"stopped\":%zu,\"total\":%zu,\"local\":%zu,"
                  "\"network\":%zu}",
                  totals->active, totals->total - totals->active, totals->total, totals->local,
                  totals->total - totals->local);
}

static void append_head(struct buffer *out, const char *channel, int64_t now_ms)
{
    buffer_append_str(out, "\"channel\":");
    view_append_text(out, channel);
    buffer_append_str(out, ",\"module\":\"sonar\"");
    buffer_append_str(out, ",\"widget\":\"\"");
    view_append_member_int(out, "timestamp", now_ms);
}

static void append_node(struct buffer *out, const char *nid, const struct totals *totals,
                        int64_t now_ms)
{
    view_append_text(out, nid);
    buffer_append_str(out, ":{");
    append_head(out, SONAR_CHANNEL, now_ms);
    buffer_append_str(out, ",\"raw\":{\"currentNode\":{\"id\":");
    view_append_text(out, nid);
    buffer_append_str(out, ",\"operations\":{\"total\":");
    json_append_int(out, (int64_t)totals->operations);
    view_append_member_int(out, "errors", (int64_t)totals->errors);
    view_append_member_int(out, "networkErrors", (int64_t)totals->network_errors);
    view_append_member_int(out, "criticalErrors", (int64_t)totals->critical_errors);
    append_success(out, totals);
    buffer_append_char(out, '}');
    append_workers(out, totals);
    buffer_append_char(out, '}');
    append_workers(out, totals);
    buffer_append_str(out, NO_MONEY ",\"connectors\":[],\"uniqueExchange\":0");
    view_append_member_int(out, "timestamp", now_ms);
    buffer_append_str(out, "}}");
}

void sonar_append(struct buffer *out, struct api *api, bool with_node)
{
    struct totals totals = {0};
    int64_t now_ms = clock_real_ms();

    if (with_node)
        count_workers(api, &totals);
    buffer_append_str(out, "{\"value\":{");
    append_head(out, SONAR_CHANNEL, now_ms);
    buffer_append_str(out, ",\"raw\":{\"timestamp\":");
    json_append_int(out, now_ms);
    buffer_append_str(out, with_node ? ",\"totalNodes\":1,\"nodes\":{"
                                     : ",\"totalNodes\":0,\"nodes\":{");
    if (with_node)
        append_node(out, api->needs.config->node_nid, &totals, now_ms);
    buffer_append_str(out, "},\"network\":{\"totalOperations\":");
    json_append_int(out, (int64_t)totals.operations);
    view_append_member_int(out, "totalErrors", (int64_t)totals.errors);
    view_append_member_int(out, "totalWorkers", (int64_t)totals.total);
    view_append_member_int(out, "activeWorkers", (int64_t)totals.active);
    append_success(out, &totals);
    buffer_append_str(out, "}" NO_MONEY "}}}");
}
