#include "ctl/audit.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/chain.h"
#include "common/clock.h"
#include "common/id.h"
#include "common/json.h"
#include "ctl/audit_page.h"
#include "ctl/output.h"
#include "ctl/workers.h"

#define PAGE_ROWS      500
#define PATH_MAX_BYTES 96
/* While the node trims, a page may begin behind where the last one ended. */
#define VERIFY_TRIES 3

bool audit_since(const char *text, int64_t now_ms, int64_t *ret_ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}};
    size_t digits = strspn(text, "0123456789");
    struct tm time = {0};
    if (digits > 0 && digits <= 7 && strlen(text) == digits + 1) {
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
            if (text[digits] == units[i].unit) {
                *ret_ms = now_ms - (int64_t)strtol(text, NULL, 10) * units[i].ms;
                return true;
            }
        }
    }
    const char *end = strptime(text, "%Y-%m-%d", &time);
    if (end && *end == 'T')
        end = strptime(end + 1, "%H:%M", &time);
    if (!end || *end != '\0')
        return false;
    *ret_ms = (int64_t)timegm(&time) * 1000;
    return true;
}

static bool is_asked_for(const struct audit_query *query, int64_t since_ms,
                         const struct chain_row *row, const cJSON *said)
{
    return row->real_ms >= since_ms &&
           (!query->worker ||
            strncmp(audit_page_text(said, "sid"), query->worker, strlen(query->worker)) == 0) &&
           (!query->wallet || strcmp(audit_page_text(said, "wallet"), query->wallet) == 0);
}

static void print_member(const cJSON *said, const char *word, const char *name)
{
    const char *text = audit_page_text(said, name);
    if (*text) {
        printf("%s", word);
        output_text(text, 0);
    }
}

static void print_row(const struct chain_row *row, const cJSON *said)
{
    time_t seconds = (time_t)(row->real_ms / 1000);
    char when[32] = "";
    struct tm time;
    if (gmtime_r(&seconds, &time))
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &time);
    printf("%s %" PRIu64, when, row->seq);
    print_member(said, " ", "event");
    print_member(said, " ", "outcome");
    print_member(said, " ", "sid");
    print_member(said, " wallet ", "wallet");
    print_member(said, " by ", "principal");
    print_member(said, " from ", "address");
    print_member(said, ": ", "detail");
    putchar('\n');
}

/* One JSON object a line: the row as it is kept, what it says parsed. */
static void print_json_row(const cJSON *json, cJSON *said)
{
    cJSON *copy = cJSON_Duplicate(json, true);
    cJSON_DeleteItemFromObjectCaseSensitive(copy, "text");
    cJSON_AddItemToObject(copy, "row", said);
    char *text = cJSON_PrintUnformatted(copy);
    if (text)
        puts(text);
    cJSON_free(text);
    cJSON_Delete(copy);
}

static enum ctl_exit page_ask(const struct settings *settings, uint64_t after, cJSON **ret_answer)
{
    char path[PATH_MAX_BYTES];
    snprintf(path, sizeof path, "/api/audit?after=%" PRIu64 "&limit=%d", after, PAGE_ROWS);
    return workers_ask(settings, "GET", path, ret_answer);
}

static enum ctl_exit show(const struct settings *settings, const struct audit_query *query,
                          int64_t since_ms)
{
    uint64_t after = 0;
    int count;
    do {
        cJSON *answer = NULL;
        const cJSON *json;
        enum ctl_exit result = page_ask(settings, after, &answer);
        if (result != CTL_OK)
            return result;
        count = 0;
        cJSON_ArrayForEach(json, cJSON_GetObjectItemCaseSensitive(answer, "rows"))
        {
            struct chain_row row;
            if (!audit_page_row(json, &row) || row.seq <= after)
                break;
            cJSON *said = cJSON_Parse(row.text);
            after = row.seq;
            count++;
            if (!is_asked_for(query, since_ms, &row, said)) {
                cJSON_Delete(said);
            } else if (settings->as_json) {
                print_json_row(json, said);
            } else {
                print_row(&row, said);
                cJSON_Delete(said);
            }
        }
        cJSON_Delete(answer);
    } while (count == PAGE_ROWS);
    return CTL_OK;
}

/* The state of one pass over the chain. */
struct pass {
    struct chain_end start, at, head;
    uint64_t rows;
    bool is_over;
    bool is_overtaken; /* by the node's own trimming: begin anew */
    enum chain_fault fault;
};

static enum ctl_exit pass_page(const struct settings *settings, struct pass *pass)
{
    cJSON *answer = NULL;
    const cJSON *json;
    struct chain_end trimmed;
    enum ctl_exit result = page_ask(settings, pass->rows > 0 ? pass->at.seq : 0, &answer);
    if (result != CTL_OK)
        return result;
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(answer, "rows");
    if (!audit_page_end(answer, "trimmed", &trimmed) ||
        !audit_page_end(answer, "head", &pass->head)) {
        cJSON_Delete(answer);
        fprintf(stderr, "amictl: the answer is no audit table; is that really amid?\n");
        return CTL_UNREACHABLE;
    }
    if (pass->rows == 0)
        pass->start = pass->at = trimmed;
    pass->is_overtaken = trimmed.seq > pass->at.seq;
    pass->is_over = pass->is_overtaken || cJSON_GetArraySize(rows) < PAGE_ROWS;
    cJSON_ArrayForEach(json, rows)
    {
        struct chain_row row = {0};
        if (pass->is_overtaken || pass->fault != CHAIN_OK)
            break;
        pass->fault = audit_page_row(json, &row) ? chain_follow(&pass->at, &row) : CHAIN_CHANGED;
        if (pass->fault == CHAIN_OK)
            pass->rows++;
    }
    cJSON_Delete(answer);
    return CTL_OK;
}

static enum ctl_exit judge(const struct settings *settings, const struct pass *pass)
{
    static const char *const faults[CHAIN_FAULT_MAX] = {
        [CHAIN_OK] = "is missing: the chain should go on to it",
        [CHAIN_GAP] = "is missing or out of place",
        [CHAIN_CHANGED] = "was changed, or the row before it"};
    bool is_whole =
        pass->fault == CHAIN_OK && memcmp(&pass->at, &pass->head, sizeof pass->head) == 0;
    char hash[2 * CHAIN_HASH_BYTES + 1];
    id_hex(pass->at.hash, CHAIN_HASH_BYTES, hash);
    if (settings->as_json)
        printf("{\"whole\":%s,\"rows\":%" PRIu64 ",\"firstBroken\":%" PRIu64 ",\"last\":%" PRIu64
               ",\"hash\":\"%s\"}\n",
               is_whole ? "true" : "false", pass->rows, is_whole ? 0 : pass->at.seq + 1,
               pass->at.seq, hash);
    else if (is_whole)
        printf("The chain is whole: %" PRIu64 " rows after row %" PRIu64 ", last hash %s\n",
               pass->rows, pass->start.seq, hash);
    else
        printf("The chain is broken: row %" PRIu64 " %s\n", pass->at.seq + 1, faults[pass->fault]);
    return is_whole ? CTL_OK : CTL_BROKEN;
}

static enum ctl_exit verify(const struct settings *settings)
{
    struct pass pass;
    for (int tries = 0; tries < VERIFY_TRIES; tries++) {
        pass = (struct pass){.is_over = false};
        while (!pass.is_over && pass.fault == CHAIN_OK) {
            enum ctl_exit result = pass_page(settings, &pass);
            if (result != CTL_OK)
                return result;
        }
        if (!pass.is_overtaken)
            return judge(settings, &pass);
    }
    fprintf(stderr, "amictl: the node trims faster than this can read; try again\n");
    return CTL_REFUSED;
}

enum ctl_exit audit_run(const struct settings *settings, const struct audit_query *query)
{
    int64_t since_ms = INT64_MIN;
    if (query->since && !audit_since(query->since, clock_real_ms(), &since_ms)) {
        fprintf(stderr, "amictl: --since takes 30m, 12h, 7d or a date such as 2026-01-31T12:00\n");
        return CTL_USAGE;
    }
    return query->verify ? verify(settings) : show(settings, query, since_ms);
}
