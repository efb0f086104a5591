#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/kv/etcd_space_internal.h"

#define BODY_MAX_BYTES ((KV_GET_MANY_MAX + 1) * (ETCD_RAW_KEY_MAX / 3 * 4 + 128))
/* Entries asked for at once where a whole page was too much: 3 MiB as gRPC, which allows 4. */
#define PIECE_ENTRIES       48
#define PIECE_ENTRIES_LEAST 4 /* where others have written larger values than amid does */
#define LIST_TRIES          3 /* of a list whose revision was compacted while its pieces were read */

struct read_op {
    struct etcd_op op;
    kv_get_fn get;
    kv_get_many_fn get_many;
    kv_list_fn list;
    void *arg;
    struct kv_key *keys; /* owned; of a get_many */
    size_t count;        /* of keys */
    struct kv_range range;
    size_t piece;     /* entries asked for at once; 0 = all that are left */
    int64_t revision; /* that all pieces are read at; 0 = not known yet */
    unsigned tries;
    struct etcd_entry *entries; /* owned */
    size_t found;
    size_t bytes;
    bool more;
};

static void found_drop(struct read_op *read)
{
    for (size_t i = 0; i < read->found; i++)
        etcd_entry_free(&read->entries[i]);
    read->found = 0;
    read->bytes = 0;
    read->revision = 0;
}

static void read_free(struct read_op *read)
{
    found_drop(read);
    free(read->entries);
    free(read->keys);
    free(read);
}

static void read_tell(const struct read_op *read, int error, const struct kv_entry *entries)
{
    size_t count = error == 0 ? read->found : 0;

    if (read->get != NULL)
        read->get(read->arg, error, count == 0 ? NULL : entries);
    else if (read->get_many != NULL)
        read->get_many(read->arg, error, entries, error == 0 ? read->count : 0);
    else
        read->list(read->arg, error, entries, count, error == 0 && read->more);
}

static void read_refuse(struct etcd_op *op, int error)
{
    struct read_op *read = (struct read_op *)op;

    read_tell(read, error, NULL);
    read_free(read);
}

static void read_finish(struct read_op *read)
{
    size_t count = read->get_many != NULL ? read->count : read->found;
    struct kv_entry *entries = calloc(count + 1, sizeof(*entries));
    int error = entries == NULL ? AMID_E_NOMEM : 0;

    for (size_t i = 0; i < count && error == 0; i++) {
        if (read->get_many == NULL || read->entries[i].raw_key != NULL)
            entries[i] = read->entries[i].entry;
        else
            entries[i] =
                (struct kv_entry){.key = read->keys[i].bytes, .key_len = read->keys[i].len};
    }
    read_tell(read, error, error == 0 ? entries : NULL);
    free(entries);
    read_free(read);
}

static int read_send(struct read_op *read, const char *path, struct buffer *body, etcd_fn fn)
{
    size_t len;
    int error = buffer_status(body);
    char *text = error == 0 ? buffer_take(body, &len) : NULL;

    buffer_free(body);
    return error != 0 ? error
                      : etcd_call(read->op.space->etcd, ETCD_READ, path, text, len, fn, read);
}

/* Of a whole answer about one key: 0, and whether it is there. */
static int one_read(struct etcd_space *space, const cJSON *answer, struct etcd_entry *entry,
                    bool *ret_found)
{
    const cJSON *kvs = cJSON_GetObjectItemCaseSensitive(answer, "kvs");
    const cJSON *kv = cJSON_GetArrayItem(kvs, 0);
    int error = kv == NULL ? 0 : etcd_entry_read(space, kv, false, entry);

    if (error == AMID_E_CORRUPT)
        etcd_space_foreign(space);
    if (error == 0)
        *ret_found = kv != NULL;
    return error;
}

static void get_done(void *arg, int error, const struct etcd_answer *answer)
{
    struct read_op *read = arg;
    struct etcd_space *space = read->op.space;
    bool is_found = false;

    if (error == 0)
        error = one_read(space, answer->json, &read->entries[0], &is_found);
    if (error != 0) {
        read_refuse(&read->op, etcd_space_error(space, error));
        return;
    }
    read->found = is_found ? 1 : 0;
    read_finish(read);
}

static int get_run(struct etcd_op *op)
{
    struct read_op *read = (struct read_op *)op;
    struct buffer body;

    buffer_init(&body, BODY_MAX_BYTES);
    buffer_append_char(&body, '{');
    etcd_body_key(&body, op->space, "key", read->keys[0].bytes, read->keys[0].len);
    buffer_append_char(&body, '}');
    return read_send(read, "/v3/kv/range", &body, get_done);
}

static void many_done(void *arg, int error, const struct etcd_answer *answer)
{
    struct read_op *read = arg;
    struct etcd_space *space = read->op.space;
    const cJSON *response = cJSON_GetObjectItemCaseSensitive(answer->json, "responses");

    if (error == 0 && (size_t)cJSON_GetArraySize(response) != read->count)
        error = AMID_E_PROTOCOL;
    response = error == 0 ? response->child : NULL;
    for (; response != NULL && error == 0; response = response->next) {
        const cJSON *range = cJSON_GetObjectItemCaseSensitive(response, "response_range");
        struct etcd_entry *entry = &read->entries[read->found];
        bool is_found = false;
        error = range == NULL ? AMID_E_PROTOCOL : one_read(space, range, entry, &is_found);
        if (error == 0)
            read->found++;
    }
    if (error != 0)
        read_refuse(&read->op, etcd_space_error(space, error));
    else
        read_finish(read);
}

static int many_run(struct etcd_op *op)
{
    struct read_op *read = (struct read_op *)op;
    struct buffer body;

    buffer_init(&body, BODY_MAX_BYTES);
    buffer_append_str(&body, "{\"success\":[");
    for (size_t i = 0; i < read->count; i++) {
        buffer_append_str(&body, i == 0 ? "{\"request_range\":{" : ",{\"request_range\":{");
        etcd_body_key(&body, op->space, "key", read->keys[i].bytes, read->keys[i].len);
        buffer_append_str(&body, "}}");
    }
    buffer_append_str(&body, "]}");
    return read_send(read, "/v3/kv/txn", &body, many_done);
}

/* What is left of the range behind the last entry that was read. */
static void range_go_on(struct read_op *read, const cJSON *last)
{
    struct etcd_space *space = read->op.space;
    struct kv_key *bound = read->range.reverse ? &read->range.end : &read->range.start;
    uint8_t *raw;
    size_t len;

    if (etcd_member_bytes(last, "key", ETCD_RAW_KEY_MAX, &raw, &len) != 0)
        return;
    if (len > space->prefix_len && len - space->prefix_len < KV_KEY_MAX_BYTES) {
        bound->len = len - space->prefix_len;
        memcpy(bound->bytes, raw + space->prefix_len, bound->len);
        if (!read->range.reverse)
            bound->bytes[bound->len++] = 0;
    }
    free(raw);
}

/* Takes the entries of an answer, as far as the page goes. */
static int piece_take(struct read_op *read, const cJSON *answer)
{
    struct etcd_space *space = read->op.space;
    const cJSON *kvs = cJSON_GetObjectItemCaseSensitive(answer, "kvs");
    const cJSON *kv = cJSON_IsArray(kvs) ? kvs->child : NULL;
    const cJSON *last = NULL;

    for (; kv != NULL; kv = kv->next) {
        if (read->found == read->range.limit || read->bytes >= KV_LIST_MAX_BYTES)
            break;
        struct etcd_entry *entry = &read->entries[read->found];
        int error = etcd_entry_read(space, kv, false, entry);
        last = kv;
        if (error == AMID_E_CORRUPT) {
            etcd_space_foreign(space);
            continue;
        }
        if (error != 0)
            return error;
        read->bytes += entry->entry.key_len + entry->entry.value_len + 1;
        read->found++;
    }
    read->more = kv != NULL || etcd_member_bool(answer, "more");
    if (last != NULL)
        range_go_on(read, last);
    else if (read->more)
        return AMID_E_PROTOCOL; /* it would never end */
    return 0;
}

static int list_run(struct etcd_op *op);

static void list_done(void *arg, int error, const struct etcd_answer *answer)
{
    struct read_op *read = arg;
    struct etcd_space *space = read->op.space;

    if (error == 0) {
        if (read->revision == 0)
            read->revision = etcd_header_revision(answer->json);
        error = piece_take(read, answer->json);
        bool is_full = read->found == read->range.limit || read->bytes >= KV_LIST_MAX_BYTES;
        if (error == 0 && (!read->more || is_full)) {
            read_finish(read);
            return;
        }
    } else if (error == AMID_E_TOO_LARGE && read->piece != PIECE_ENTRIES_LEAST) {
        read->piece = read->piece == 0 ? PIECE_ENTRIES : PIECE_ENTRIES_LEAST;
        error = 0;
    } else if (error == AMID_E_CONFLICT && ++read->tries < LIST_TRIES) {
        read->revision = 0; /* compacted: what is left is read as it is now */
        error = 0;
    }
    if (error == 0)
        error = list_run(&read->op);
    if (error != 0)
        read_refuse(&read->op, etcd_space_error(space, error));
}

static int list_run(struct etcd_op *op)
{
    struct read_op *read = (struct read_op *)op;
    size_t left = read->range.limit - read->found;
    struct buffer body;

    buffer_init(&body, BODY_MAX_BYTES);
    buffer_append_char(&body, '{');
    etcd_body_key(&body, op->space, "key", read->range.start.bytes, read->range.start.len);
    buffer_append_char(&body, ',');
    etcd_body_key(&body, op->space, "range_end", read->range.end.bytes, read->range.end.len);
    buffer_append_char(&body, ',');
    etcd_body_int64(&body, "limit",
                    (int64_t)(read->piece != 0 && read->piece < left ? read->piece : left));
    if (read->revision != 0) {
        buffer_append_char(&body, ',');
        etcd_body_int64(&body, "revision", read->revision);
    }
    if (read->range.reverse)
        buffer_append_str(&body, ",\"sort_order\":\"DESCEND\",\"sort_target\":\"KEY\"");
    buffer_append_char(&body, '}');
    return read_send(read, "/v3/kv/range", &body, list_done);
}

static struct read_op *read_new(size_t key_count, size_t entry_count, int (*run)(struct etcd_op *))
{
    struct read_op *read = calloc(1, sizeof(*read));

    if (read == NULL)
        return NULL;
    read->op.run = run;
    read->op.refuse = read_refuse;
    read->op.bytes = sizeof(*read) + key_count * sizeof(*read->keys);
    read->keys = calloc(key_count + 1, sizeof(*read->keys));
    read->entries = calloc(entry_count, sizeof(*read->entries));
    read->count = key_count;
    if (read->keys == NULL || read->entries == NULL) {
        read_free(read);
        return NULL;
    }
    return read;
}

static int read_submit(struct kv *kv, struct read_op *read)
{
    int error = etcd_space_submit(kv->store, &read->op);

    if (error != 0)
        read_free(read);
    return error;
}

int etcd_space_get(struct kv *kv, const struct kv_key *key, kv_get_fn fn, void *arg)
{
    struct read_op *read = read_new(1, 1, get_run);

    if (read == NULL)
        return AMID_E_NOMEM;
    read->get = fn;
    read->arg = arg;
    read->keys[0] = *key;
    return read_submit(kv, read);
}

int etcd_space_get_many(struct kv *kv, const struct kv_key *keys, size_t count, kv_get_many_fn fn,
                        void *arg)
{
    struct read_op *read = read_new(count, count, many_run);

    if (read == NULL)
        return AMID_E_NOMEM;
    read->get_many = fn;
    read->arg = arg;
    memcpy(read->keys, keys, count * sizeof(*keys));
    return read_submit(kv, read);
}

int etcd_space_list(struct kv *kv, const struct kv_range *range, kv_list_fn fn, void *arg)
{
    struct read_op *read = read_new(0, range->limit, list_run);

    if (read == NULL)
        return AMID_E_NOMEM;
    read->list = fn;
    read->arg = arg;
    read->range = *range;
    /* What lies before every key is the space's own. */
    if (range->start.len == 0 || range->start.bytes[0] == 0) {
        read->range.start.len = 1;
        read->range.start.bytes[0] = KV_PART_BYTES;
    }
    return read_submit(kv, read);
}
