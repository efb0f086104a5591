#include "supervisor/journal/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The location would always be this file. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/log_line.h"

#define NODE_MAX_BYTES   64
#define RECORD_FIELDS    10
#define FIELDS_MAX_BYTES ((size_t)64 * 1024) /* of a script's structured fields */

/* A record that owns its texts: they follow it in the same allocation. */
struct writer_item {
    struct writer_item *next;
    size_t bytes;
    struct log_record record;
    struct log_about about;
    char data[];
};

struct writer {
    pthread_t thread;
    bool to_journald;
    pthread_mutex_t lock; /* guards all that follows */
    pthread_cond_t changed;
    struct writer_item *first;
    struct writer_item **last;
    size_t bytes;
    uint64_t dropped;
    bool is_closing;
    char node[NODE_MAX_BYTES + 1];
};

static const int level_priority[LOG_LEVEL_MAX] = {
    [LOG_LEVEL_DEBUG] = 7, [LOG_LEVEL_INFO] = 6, [LOG_LEVEL_WARN] = 4, [LOG_LEVEL_ERROR] = 3};

static void write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* there is nobody to tell */
        data += n;
        len -= (size_t)n;
    }
}

static void write_to_stderr(const struct log_record *record)
{
    struct buffer line;

    buffer_init(&line, LOG_LINE_MAX_BYTES);
    log_line_format(&line, record);
    if (buffer_status(&line) == 0)
        write_all(STDERR_FILENO, line.data, line.len);
    buffer_free(&line);
}

/* Fields are built in one buffer, NAME=value after NAME=value, and cut into vectors at the end,
 * when it no longer moves. */
struct fields {
    struct buffer text;
    size_t ends[RECORD_FIELDS];
    size_t count;
};

static void fields_end(struct fields *fields)
{
    fields->ends[fields->count++] = fields->text.len;
}

static void fields_add(struct fields *fields, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buffer_printf(&fields->text, "%s=", name);
    log_line_escape(&fields->text, value, strlen(value));
    fields_end(fields);
}

static void fields_of_record(struct fields *fields, const struct log_record *record,
                             const char *node)
{
    const struct log_about *about = record->about;

    buffer_append_str(&fields->text, "MESSAGE=");
    log_line_escape(&fields->text, record->text, record->text_len);
    fields_end(fields);
    buffer_printf(&fields->text, "PRIORITY=%d", level_priority[record->level]);
    fields_end(fields);
    fields_add(fields, "SYSLOG_IDENTIFIER", "amid");
    fields_add(fields, "AMID_NODE", node[0] != '\0' ? node : NULL);
    fields_add(fields, "AMID_EVENT", about->event);
    fields_add(fields, "AMID_PEER", about->peer);
    fields_add(fields, "WORKER_SID", about->sid);
    if (about->instance != 0) {
        buffer_printf(&fields->text, "WORKER_INSTANCE=%" PRIu64, about->instance);
        fields_end(fields);
    }
    /* One field with a name of ours, whatever names the script chose inside. */
    fields_add(fields, "WORKER_FIELDS", about->fields);
    fields_add(fields, "AMID_AUDIT", about->audit);
}

static void write_to_journald(const struct log_record *record, const char *node)
{
    struct fields fields = {.count = 0};
    struct iovec vectors[RECORD_FIELDS];
    size_t start = 0;

    buffer_init(&fields.text, LOG_LINE_MAX_BYTES + 4 * FIELDS_MAX_BYTES);
    fields_of_record(&fields, record, node);
    if (buffer_status(&fields.text) == 0) {
        for (size_t i = 0; i < fields.count; i++) {
            vectors[i].iov_base = fields.text.data + start;
            vectors[i].iov_len = fields.ends[i] - start;
            start = fields.ends[i];
        }
        sd_journal_sendv(vectors, (int)fields.count);
    }
    buffer_free(&fields.text);
}

static void write_record(const struct writer *writer, const struct log_record *record,
                         const char *node)
{
    if (writer->to_journald)
        write_to_journald(record, node);
    else
        write_to_stderr(record);
}

static void report_dropped(const struct writer *writer, uint64_t dropped, const char *node)
{
    char text[96];
    struct log_about about = {.event = "log-dropped"};
    struct log_record record = {
        .level = LOG_LEVEL_WARN, .real_ms = clock_real_ms(), .about = &about, .text = text};

    record.text_len = (size_t)snprintf(
        text, sizeof(text), "%" PRIu64 " log lines were dropped: their reader did not keep up",
        dropped);
    write_record(writer, &record, node);
}

static void *writer_run(void *arg)
{
    struct writer *writer = arg;

    pthread_mutex_lock(&writer->lock);
    for (;;) {
        struct writer_item *item = writer->first;
        uint64_t dropped = writer->dropped;
        char node[sizeof(writer->node)];

        if (item == NULL && dropped == 0) {
            if (writer->is_closing)
                break;
            pthread_cond_wait(&writer->changed, &writer->lock);
            continue;
        }
        memcpy(node, writer->node, sizeof(node));
        if (item != NULL) {
            writer->first = item->next;
            if (writer->first == NULL)
                writer->last = &writer->first;
        } else {
            writer->dropped = 0;
        }
        pthread_mutex_unlock(&writer->lock);
        if (item != NULL)
            write_record(writer, &item->record, node);
        else
            report_dropped(writer, dropped, node);
        pthread_mutex_lock(&writer->lock);
        if (item != NULL)
            writer->bytes -= item->bytes;
        free(item);
    }
    pthread_mutex_unlock(&writer->lock);
    return NULL;
}

int writer_open(bool to_journald, struct writer **ret_writer)
{
    struct writer *writer = calloc(1, sizeof(*writer));
    sigset_t all, before;
    int failed;

    if (writer == NULL)
        return AMID_E_NOMEM;
    writer->to_journald = to_journald;
    writer->last = &writer->first;
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->changed, NULL);
    /* Signals belong to the loop's thread. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&writer->thread, NULL, writer_run, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        free(writer);
        return AMID_E_LIMIT;
    }
    pthread_setname_np(writer->thread, "amid-journal");
    *ret_writer = writer;
    return 0;
}

static const char *copy_text(char **to, const char *text, size_t len)
{
    char *copy = *to;

    if (text == NULL)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    *to += len + 1;
    return copy;
}

static size_t text_len(const char *text)
{
    return text != NULL ? strlen(text) : 0;
}

static struct writer_item *item_new(const struct log_record *record)
{
    static const struct log_about nothing;
    const struct log_about *about = record->about != NULL ? record->about : &nothing;
    size_t event_len = text_len(about->event), sid_len = text_len(about->sid);
    size_t peer_len = text_len(about->peer), fields_len = text_len(about->fields);
    size_t audit_len = text_len(about->audit);
    size_t bytes = sizeof(struct writer_item) + record->text_len + event_len + sid_len + peer_len +
                   fields_len + audit_len + 6;
    struct writer_item *item = malloc(bytes);
    char *to;

    if (item == NULL)
        return NULL;
    to = item->data;
    item->next = NULL;
    item->bytes = bytes;
    item->record = *record;
    item->record.about = &item->about;
    item->record.text = copy_text(&to, record->text, record->text_len);
    item->about = *about;
    item->about.event = copy_text(&to, about->event, event_len);
    item->about.sid = copy_text(&to, about->sid, sid_len);
    item->about.peer = copy_text(&to, about->peer, peer_len);
    item->about.fields =
        fields_len <= FIELDS_MAX_BYTES ? copy_text(&to, about->fields, fields_len) : NULL;
    item->about.audit = copy_text(&to, about->audit, audit_len);
    return item;
}

void writer_put(struct writer *writer, const struct log_record *record)
{
    struct writer_item *item = item_new(record);

    pthread_mutex_lock(&writer->lock);
    if (item == NULL || writer->bytes + item->bytes > WRITER_QUEUE_MAX_BYTES) {
        writer->dropped++;
        free(item);
    } else {
        *writer->last = item;
        writer->last = &item->next;
        writer->bytes += item->bytes;
        pthread_cond_signal(&writer->changed);
    }
    pthread_mutex_unlock(&writer->lock);
}

void writer_set_node(struct writer *writer, const char *nid)
{
    pthread_mutex_lock(&writer->lock);
    snprintf(writer->node, sizeof(writer->node), "%s", nid);
    pthread_mutex_unlock(&writer->lock);
}

void writer_close(struct writer *writer)
{
    struct timespec until;

    pthread_mutex_lock(&writer->lock);
    writer->is_closing = true;
    pthread_cond_signal(&writer->changed);
    pthread_mutex_unlock(&writer->lock);
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WRITER_CLOSE_TIME_S;
    /* A thread that hangs in a write still uses the queue: it is left to the end of the process. */
    if (pthread_timedjoin_np(writer->thread, NULL, &until) != 0)
        return;
    pthread_cond_destroy(&writer->changed);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}
