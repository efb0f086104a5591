#include "supervisor/journal/audit.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/id.h"
#include "common/json.h"
#include "common/log.h"
#include "common/peer.h"
#include "common/utf8.h"
#include "supervisor/journal/audit_limit.h"

#define TRIM_EVERY_ROWS  250 /* half of what one trim takes, so that trimming keeps up */
#define TRIM_EVERY_MS    3600000
#define DAY_MS           INT64_C(86400000)
#define RECORD_MAX_BYTES (2 * AUDIT_TEXT_MAX_BYTES)

struct audit {
    struct store *store;
    const struct config *config;
    struct audit_limit limit;
    struct timer window;
    struct timer trim;
    uint32_t counts[AUDIT_COUNT_MAX]; /* in this window */
    char counted_last[PEER_CLIENT_BYTES];
    bool is_trimming;
    bool is_closing;
};

static void add(struct buffer *out, const char *name, const char *value, size_t max)
{
    if (value == NULL || value[0] == '\0')
        return;
    buffer_printf(out, ",\"%s\":", name);
    json_append_string(out, value, utf8_cut(value, strlen(value), max));
}

/* Members in a fixed order, absent ones left out: the text is what the chain's hash covers. */
int audit_render(const struct audit_entry *entry, struct buffer *out)
{
    static const char *const outcomes[AUDIT_OUTCOME_MAX] = {"done", "refused"};

    buffer_init(out, AUDIT_TEXT_MAX_BYTES);
    buffer_printf(out, "{\"event\":\"%s\",\"outcome\":\"%s\"", entry->event,
                  outcomes[entry->outcome]);
    add(out, "wallet", entry->wallet, AUDIT_MEMBER_MAX_BYTES);
    add(out, "principal", entry->principal, AUDIT_MEMBER_MAX_BYTES);
    add(out, "address", entry->address, AUDIT_MEMBER_MAX_BYTES);
    add(out, "sid", entry->sid, AUDIT_MEMBER_MAX_BYTES);
    add(out, "before", entry->before, AUDIT_MEMBER_MAX_BYTES);
    add(out, "detail", entry->detail, AUDIT_DETAIL_MAX_BYTES);
    buffer_append_char(out, '}');
    return buffer_status(out);
}

static const char *member(const cJSON *json, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
}

static void tell(const char *text, const char *record, const char *trouble)
{
    cJSON *json = cJSON_Parse(text);
    const char *event = member(json, "event");
    const char *outcome = member(json, "outcome");
    const char *wallet = member(json, "wallet");
    const char *principal = member(json, "principal");
    const char *detail = member(json, "detail");
    bool is_done = outcome != NULL && strcmp(outcome, "done") == 0;
    struct log_about about = {.event = event,
                              .sid = member(json, "sid"),
                              .peer = member(json, "address"),
                              .audit = record};

    if (event != NULL)
        log_at(is_done && trouble == NULL ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, &about,
               "audit: %s %s%s%s%s%s%s%s%s%s", event, outcome != NULL ? outcome : "",
               wallet != NULL ? ", wallet " : "", wallet != NULL ? wallet : "",
               principal != NULL ? ", by " : "", principal != NULL ? principal : "",
               detail != NULL ? ": " : "", detail != NULL ? detail : "",
               trouble != NULL ? "; its row could not be written: " : "",
               trouble != NULL ? trouble : "");
    cJSON_Delete(json);
}

static void trim_now(struct audit *audit);

/* The record carries the row's hash: who keeps the journal elsewhere can tell a chain that was made
 * anew as a whole. */
static void row_is_durable(void *arg, const struct chain_row *row)
{
    struct audit *audit = arg;
    char hash[2 * CHAIN_HASH_BYTES + 1], stamp[2 * CHAIN_STAMP_BYTES + 1];
    struct buffer record;

    id_hex(row->hash, CHAIN_HASH_BYTES, hash);
    id_hex(row->stamp, CHAIN_STAMP_BYTES, stamp);
    buffer_init(&record, RECORD_MAX_BYTES);
    buffer_printf(&record, "{\"seq\":%" PRIu64 ",\"time\":%" PRId64, row->seq, row->real_ms);
    buffer_printf(&record, ",\"stamp\":\"%s\",\"hash\":\"%s\",\"row\":", stamp, hash);
    buffer_append(&record, row->text, row->text_len);
    buffer_append_char(&record, '}');
    tell(row->text, buffer_status(&record) == 0 ? record.data : NULL, NULL);
    buffer_free(&record);
    if (row->seq % TRIM_EVERY_ROWS == 0)
        trim_now(audit);
}

static void written(void *arg, int error, const struct kv_versionstamp *stamp)
{
    char *text = arg;

    (void)stamp;
    if (error != 0)
        tell(text, NULL, error_text(error));
    free(text);
}

static void write_row(struct audit *audit, const struct audit_entry *entry)
{
    struct kv_atomic *atomic = kv_atomic_new();
    struct buffer text;
    int error = audit_render(entry, &text);
    char *copy = buffer_take(&text, NULL);

    if (error == 0 && (atomic == NULL || copy == NULL))
        error = AMID_E_NOMEM;
    if (error == 0)
        error = kv_atomic_note(atomic, copy, strlen(copy));
    if (error == 0) {
        error = kv_commit(store_local(audit->store), atomic, written, copy);
        atomic = NULL;
    }
    kv_atomic_free(atomic);
    if (error != 0) {
        if (copy != NULL)
            tell(copy, NULL, error_text(error));
        free(copy);
    }
    buffer_free(&text);
}

static void trimmed(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct audit *audit = arg;

    (void)stamp;
    audit->is_trimming = false;
    if (error != 0)
        log_warn(&(struct log_about){.event = "audit-trim"},
                 "The audit table could not be trimmed: %s", error_text(error));
}

static void trim_now(struct audit *audit)
{
    int64_t days = audit->config->audit_days;
    struct kv_atomic *atomic;

    if (audit->is_trimming || audit->is_closing)
        return;
    atomic = kv_atomic_new();
    if (atomic == NULL)
        return;
    kv_atomic_trim(atomic, audit->config->audit_rows,
                   days > 0 ? clock_real_ms() - days * DAY_MS : INT64_MIN);
    audit->is_trimming = kv_commit(store_local(audit->store), atomic, trimmed, audit) == 0;
}

static void trim_fire(void *arg)
{
    struct audit *audit = arg;

    trim_now(audit);
    (void)timer_start(&audit->trim, TRIM_EVERY_MS);
}

static void tell_suppressed(void *arg, const char *who, uint32_t suppressed)
{
    char detail[PEER_CLIENT_BYTES + 64];

    snprintf(detail, sizeof(detail), "suppressed %" PRIu32 " more of %s", suppressed,
             who != NULL ? who : "others");
    write_row(arg, &(struct audit_entry){.event = "suppressed",
                                         .outcome = AUDIT_REFUSED,
                                         .address = who,
                                         .detail = detail});
}

static void tell_counts(struct audit *audit)
{
    static const char *const names[AUDIT_COUNT_MAX] = {
        [AUDIT_COUNT_FULL] = "over http.connections",
        [AUDIT_COUNT_ADDRESS] = "over http.connections_per_address",
        [AUDIT_COUNT_HANDSHAKE] = "without a TLS handshake",
    };
    char detail[AUDIT_DETAIL_MAX_BYTES] = "";
    size_t used = 0;

    for (int what = 0; what < AUDIT_COUNT_MAX; what++) {
        if (audit->counts[what] == 0)
            continue;
        used += (size_t)snprintf(detail + used, sizeof(detail) - used, "%s%" PRIu32 " %s",
                                 used > 0 ? ", " : "", audit->counts[what], names[what]);
        audit->counts[what] = 0;
    }
    if (used > 0)
        write_row(audit, &(struct audit_entry){.event = "connections-refused",
                                               .outcome = AUDIT_REFUSED,
                                               .address = audit->counted_last,
                                               .detail = detail});
}

static void window_ends(void *arg)
{
    struct audit *audit = arg;

    tell_counts(audit);
    audit_limit_flush(&audit->limit, tell_suppressed, audit);
}

static void begin_window(struct audit *audit)
{
    if (!timer_is_pending(&audit->window))
        (void)timer_start(&audit->window, AUDIT_WINDOW_MS);
}

void audit_count(struct audit *audit, enum audit_count what, const char *address)
{
    if (audit == NULL || audit->is_closing)
        return;
    begin_window(audit);
    audit->counts[what] += audit->counts[what] < UINT32_MAX;
    peer_client(address, audit->counted_last);
}

bool audit_admits(struct audit *audit, const char *address)
{
    char who[PEER_CLIENT_BYTES];

    if (audit == NULL || audit->is_closing)
        return true;
    peer_client(address, who);
    begin_window(audit);
    return audit_limit_admits(&audit->limit, who);
}

void audit_note(struct audit *audit, const struct audit_entry *entry)
{
    const char *who = entry->address != NULL ? entry->address : entry->sid;

    if (audit == NULL || audit->is_closing)
        return;
    if (entry->outcome == AUDIT_REFUSED && !audit_admits(audit, who != NULL ? who : ""))
        return;
    write_row(audit, entry);
}

int audit_attach(struct audit *audit, struct kv_atomic *atomic, const struct audit_entry *entry)
{
    struct buffer text;
    int error;

    if (audit == NULL)
        return 0;
    error = audit_render(entry, &text);
    if (error == 0)
        error = kv_atomic_note(atomic, text.data, text.len);
    buffer_free(&text);
    return error;
}

int audit_open(struct store *store, struct timers *timers, const struct config *config,
               struct audit **ret_audit)
{
    struct audit *audit = calloc(1, sizeof(*audit));

    if (audit == NULL)
        return AMID_E_NOMEM;
    audit->store = store;
    audit->config = config;
    timer_init(&audit->window, timers, window_ends, audit);
    timer_init(&audit->trim, timers, trim_fire, audit);
    if (timer_start(&audit->trim, TRIM_EVERY_MS) != 0) {
        free(audit);
        return AMID_E_NOMEM;
    }
    store_on_row(store, row_is_durable, audit);
    *ret_audit = audit;
    return 0;
}

void audit_flush(struct audit *audit)
{
    if (audit == NULL)
        return;
    window_ends(audit);
    audit->is_closing = true;
}

void audit_close(struct audit *audit)
{
    if (audit == NULL)
        return;
    timer_stop(&audit->window);
    timer_stop(&audit->trim);
    store_on_row(audit->store, NULL, NULL);
    free(audit);
}
