#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/log.h"
#include "supervisor/kv/etcd_space_internal.h"

/*
 * The one stream of changes. It begins behind the revision of the first probe, and after a break
 * behind the last revision that was told in full: nothing is missed and nothing told twice. Changes
 * of one revision may come in several messages ("fragment").
 */
#define BODY_MAX_BYTES 1024
#define BEGIN_MS       5000 /* from asking for the stream to its first message */
#define DELAY_FIRST_MS 100
#define DELAY_MAX_MS   2000

static const struct log_about about = {.event = "cluster"};
/* Every type byte of a key's first part, and nothing of the space's own. */
static const uint8_t range_start[] = {KV_PART_BYTES};
static const uint8_t range_end[] = {KV_PART_TRUE + 1};

static void stream_drop(struct etcd_watcher *watcher)
{
    etcd_stream_free(watcher->stream);
    watcher->stream = NULL;
    watcher->is_begun = false;
}

static void try_later(struct etcd_space *space)
{
    struct etcd_watcher *watcher = &space->watcher;

    stream_drop(watcher);
    watcher->delay_ms = watcher->delay_ms == 0 ? DELAY_FIRST_MS : watcher->delay_ms * 2;
    if (watcher->delay_ms > DELAY_MAX_MS)
        watcher->delay_ms = DELAY_MAX_MS;
    if (timer_start(&watcher->timer, watcher->delay_ms) != 0)
        log_error(&about, "no memory for a timer: changes are told again after the next probe");
}

/* What was missed cannot be told any more. */
static void gap(struct etcd_space *space)
{
    space->watcher.is_gap = true;
    timer_stop(&space->watcher.timer);
    stream_drop(&space->watcher);
    etcd_space_probe(space);
}

/* 0, or AMID_E_NOMEM and it was not told. */
static int change_tell(struct etcd_space *space, const cJSON *event)
{
    const cJSON *kv = cJSON_GetObjectItemCaseSensitive(event, "kv");
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(event, "type"));
    bool is_deletion = type != NULL && strcmp(type, "DELETE") == 0;
    struct etcd_entry entry;
    int error = etcd_entry_read(space, kv, is_deletion, &entry);

    if (error == 0) {
        kv_publish(&space->kv, &entry.entry);
        etcd_entry_free(&entry);
    } else if (error == AMID_E_CORRUPT) {
        etcd_space_foreign(space);
    } else if (error != AMID_E_NOMEM) {
        log_warn(&about, "a change in etcd cannot be read: %s", error_text(error));
    }
    return error == AMID_E_NOMEM ? error : 0;
}

/* 0, or an error that ends the stream. */
static int change_take(struct etcd_space *space, const cJSON *event)
{
    struct etcd_watcher *watcher = &space->watcher;
    const cJSON *kv = cJSON_GetObjectItemCaseSensitive(event, "kv");
    int64_t revision;

    if (!cJSON_IsObject(kv) || etcd_member_int64(kv, "mod_revision", &revision) != 0 ||
        revision <= 0)
        return AMID_E_PROTOCOL;
    if (revision <= watcher->seen)
        return 0;
    if (revision < watcher->partial)
        return AMID_E_PROTOCOL;
    if (revision != watcher->partial) {
        if (watcher->partial > watcher->seen)
            watcher->seen = watcher->partial;
        watcher->partial = revision;
        watcher->told = 0;
        watcher->skip = 0;
    }
    if (watcher->skip > 0) {
        watcher->skip--;
        return 0;
    }
    watcher->told++;
    int error = change_tell(space, event);
    if (error != 0)
        watcher->told--;
    return error;
}

static void begun(struct etcd_space *space, int64_t revision)
{
    struct etcd_watcher *watcher = &space->watcher;

    watcher->is_begun = true;
    watcher->delay_ms = 0;
    timer_stop(&watcher->timer);
    /* A member that lags behind, or a store that was put back: reading through all of etcd tells.
     */
    if (revision < watcher->seen)
        etcd_space_probe(space);
}

static void canceled(struct etcd_space *space, const cJSON *result)
{
    const char *why =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(result, "cancel_reason"));
    int64_t compacted = 0;

    (void)etcd_member_int64(result, "compact_revision", &compacted);
    if (compacted > 0) {
        log_warn(&about, "etcd has compacted changes that this node has not heard of: what it "
                         "holds is read again");
        gap(space);
        return;
    }
    log_warn(&about, "etcd ended the stream of changes%s%.128s", why == NULL ? "" : ": ",
             why == NULL ? "" : why);
    try_later(space);
}

static void on_message(void *arg, const cJSON *result)
{
    struct etcd_space *space = arg;
    struct etcd_watcher *watcher = &space->watcher;
    const cJSON *events = cJSON_GetObjectItemCaseSensitive(result, "events");
    const cJSON *event = cJSON_IsArray(events) ? events->child : NULL;
    bool has_events = event != NULL;
    int error = 0;

    if (etcd_member_bool(result, "canceled")) {
        canceled(space, result);
        return;
    }
    if (etcd_member_bool(result, "created")) {
        begun(space, etcd_header_revision(result));
        return;
    }
    for (; event != NULL && error == 0; event = event->next)
        error = change_take(space, event);
    if (error != 0) {
        log_warn(&about, "etcd told changes that cannot be taken (%s); asked again",
                 error_text(error));
        try_later(space);
        return;
    }
    if (has_events && !etcd_member_bool(result, "fragment") && watcher->partial > watcher->seen)
        watcher->seen = watcher->partial;
    else if (!has_events && etcd_header_revision(result) > watcher->seen)
        watcher->seen = etcd_header_revision(result); /* "nothing up to here" */
    etcd_commits_heard(space);
}

static void on_ended(void *arg, int error, const char *fault)
{
    struct etcd_space *space = arg;

    (void)error;
    log_info(&about, "the stream of changes from etcd broke: %s", fault);
    etcd_prefer_next(space->etcd);
    try_later(space);
    etcd_space_probe(space);
}

static void stream_open(struct etcd_space *space)
{
    static const struct etcd_stream_fns fns = {.message = on_message, .ended = on_ended};
    struct etcd_watcher *watcher = &space->watcher;
    struct buffer body;
    size_t len;

    watcher->skip = watcher->partial > watcher->seen ? watcher->told : 0;
    buffer_init(&body, BODY_MAX_BYTES);
    buffer_append_str(&body, "{\"create_request\":{");
    etcd_body_key(&body, space, "key", range_start, sizeof(range_start));
    buffer_append_char(&body, ',');
    etcd_body_key(&body, space, "range_end", range_end, sizeof(range_end));
    buffer_append_char(&body, ',');
    etcd_body_int64(&body, "start_revision", watcher->seen + 1);
    buffer_append_str(&body, ",\"fragment\":true,\"progress_notify\":true}}");
    char *text = buffer_take(&body, &len);
    if (text == NULL ||
        etcd_stream_open(space->etcd, "/v3/watch", text, len, &fns, space, &watcher->stream) != 0 ||
        timer_start(&watcher->timer, BEGIN_MS) != 0)
        try_later(space);
}

/* Time to begin is over, or to wait before it is tried again. */
static void timer_over(void *arg)
{
    struct etcd_space *space = arg;

    if (space->watcher.stream != NULL) {
        etcd_prefer_next(space->etcd);
        try_later(space);
    } else {
        stream_open(space);
    }
}

void etcd_watcher_init(struct etcd_space *space)
{
    timer_init(&space->watcher.timer, space->timers, timer_over, space);
}

static void start_at(struct etcd_space *space, int64_t revision)
{
    struct etcd_watcher *watcher = &space->watcher;
    bool was_gap = watcher->is_gap;

    watcher->is_started = true;
    watcher->is_gap = false;
    watcher->seen = revision;
    watcher->partial = 0;
    watcher->told = 0;
    watcher->silent_at = 0;
    stream_open(space);
    if (was_gap)
        kv_publish_gap(&space->kv);
    etcd_commits_heard(space);
}

bool etcd_watcher_is_ahead(const struct etcd_space *space, int64_t revision)
{
    return space->watcher.is_started && revision < space->watcher.seen_at_probe;
}

void etcd_watcher_probed(struct etcd_space *space, int64_t revision)
{
    struct etcd_watcher *watcher = &space->watcher;

    if (etcd_watcher_is_ahead(space, revision)) {
        log_warn(&about, "etcd is at an older revision than before");
        timer_stop(&watcher->timer);
        stream_drop(watcher);
        watcher->is_gap = true;
    }
    if (!watcher->is_started || watcher->is_gap) {
        start_at(space, revision);
        return;
    }
    if (watcher->stream == NULL && !timer_is_pending(&watcher->timer)) {
        stream_open(space);
        return;
    }
    if (!watcher->is_begun || revision <= watcher->seen) {
        watcher->silent_at = 0;
        return;
    }
    /* There is more than was told, and that was so at the probe before: changes of other networks,
     * which nobody tells us, or a stream that has died. */
    if (watcher->silent_at == watcher->seen) {
        watcher->silent_at = 0;
        stream_drop(watcher);
        stream_open(space);
    } else {
        watcher->silent_at = watcher->seen;
    }
}

void etcd_watcher_renew(struct etcd_space *space)
{
    struct etcd_watcher *watcher = &space->watcher;

    if (!watcher->is_begun)
        return;
    stream_drop(watcher);
    stream_open(space);
}

void etcd_watcher_close(struct etcd_space *space)
{
    timer_stop(&space->watcher.timer);
    stream_drop(&space->watcher);
}
