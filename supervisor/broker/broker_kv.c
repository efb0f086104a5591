#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/json.h"
#include "proto/wire.h"
#include "supervisor/broker/broker_call.h"
#include "supervisor/broker/permission.h"
#include "supervisor/broker/reserved.h"
#include "supervisor/broker/term.h"

#define UNITS_GET             1
#define UNITS_LIST            8
#define ATOMIC_BYTES_PER_UNIT (16u * 1024)

#define GOT_MAX_BYTES       (KV_VALUE_MAX_BYTES + 1024)
#define COMMITTED_MAX_BYTES 256
/* A page of a list ends here, even if the limit asks for more. */
#define LISTED_PAGE_BYTES (1024u * 1024)
#define LISTED_MAX_BYTES  (LISTED_PAGE_BYTES + KV_VALUE_MAX_BYTES + KV_KEY_MAX_BYTES + 1024)
/* A century; longer than any clock of ours is trusted. */
#define EXPIRE_MAX_MS ((uint64_t)100 * 366 * 86400 * 1000)

static struct kv *space_of(const struct broker_worker *worker, uint8_t space)
{
    return space == 0 ? worker->broker->local : worker->broker->net;
}

static bool read_key(struct wire_reader *reader, struct kv_key *ret_key)
{
    size_t len;
    const uint8_t *bytes = wire_get_bytes(reader, KV_KEY_MAX_BYTES, &len);

    if (bytes == NULL || len == 0 || !kv_key_is_valid(bytes, len))
        return false;
    memcpy(ret_key->bytes, bytes, len);
    ret_key->len = len;
    return true;
}

/* A bound of a list is any string of bytes: what lies just behind a key is no key. */
static bool read_bound(struct wire_reader *reader, struct kv_key *ret_key)
{
    size_t len;
    const uint8_t *bytes = wire_get_bytes(reader, KV_KEY_MAX_BYTES, &len);

    if (bytes == NULL)
        return false;
    memcpy(ret_key->bytes, bytes, len);
    ret_key->len = len;
    return true;
}

#define RESERVED_TEXT "keys that begin with \"ami\" or \"leader\" belong to amid"

const char *broker_kv_forbidden(struct broker_worker *worker, bool is_net, const struct kv_key *key,
                                bool is_write, char text[BROKER_REFUSAL_BYTES])
{
    bool is_reserved = is_write ? !reserved_may_write(key->bytes, key->len)
                                : !reserved_may_read(key->bytes, key->len);
    char what[PERMISSION_WHAT_BYTES];

    if (!is_reserved && permission_kv(worker, is_net, key->bytes, key->len))
        return NULL;
    permission_kv_what(key->bytes, key->len, what);
    permission_denied(worker, permission_kv_name(is_net), what);
    if (is_reserved)
        return RESERVED_TEXT;
    snprintf(text, BROKER_REFUSAL_BYTES, "this worker lacks the permission: %s %s",
             permission_kv_name(is_net), what);
    return text;
}

static void put_ok(struct buffer *payload, size_t max_bytes)
{
    buffer_init(payload, max_bytes);
    wire_put_u32(payload, 0);
    wire_put_text(payload, "");
}

static void put_stamp(struct buffer *payload, const struct kv_versionstamp *stamp)
{
    wire_put_bytes(payload, stamp->bytes, sizeof(stamp->bytes));
}

static void get_done(void *arg, int error, const struct kv_entry *entry)
{
    struct broker_call *call = arg;
    struct buffer payload;

    if (error != 0) {
        broker_call_fail(call, error, NULL);
        return;
    }
    put_ok(&payload, GOT_MAX_BYTES);
    wire_put_u8(&payload, entry != NULL);
    if (entry != NULL) {
        wire_put_bytes(&payload, entry->value, entry->value_len);
        put_stamp(&payload, &entry->versionstamp);
    }
    broker_call_answer(call, &payload);
    buffer_free(&payload);
}

int broker_kv_get(struct broker_worker *worker, uint32_t id, const uint8_t *payload, size_t len)
{
    struct wire_reader reader;
    struct broker_call *call;
    struct kv_key key;
    char text[BROKER_REFUSAL_BYTES];
    const char *refusal;
    uint8_t space;
    int error;

    wire_read(&reader, payload, len);
    space = wire_get_u8(&reader);
    if (space > 1 || !read_key(&reader, &key) || !wire_end(&reader))
        return AMID_E_PROTOCOL;
    refusal = broker_kv_forbidden(worker, space == 1, &key, false, text);
    if (refusal != NULL) {
        broker_refuse(worker, PROTO_KV_GOT, id, AMID_E_DENIED, refusal);
        return 0;
    }
    call = broker_call_new(worker, sizeof(*call), PROTO_KV_GOT, id, UNITS_GET);
    if (call == NULL) {
        broker_refuse(worker, PROTO_KV_GOT, id, AMID_E_NOMEM, NULL);
        return 0;
    }
    error = kv_get(space_of(worker, space), &key, get_done, call);
    if (error != 0)
        broker_call_fail(call, error, NULL);
    return 0;
}

struct list_call {
    struct broker_call call;
    struct kv *kv;
    struct kv_range *parts; /* owned, in the order they are read */
    int part_count;
    int part;
    uint32_t left;  /* entries still wanted */
    uint32_t count; /* entries in payload */
    struct buffer payload;
    bool more;
};

static void list_answer(struct list_call *list)
{
    struct buffer payload;

    put_ok(&payload, LISTED_MAX_BYTES + 64);
    wire_put_u32(&payload, list->count);
    if (list->payload.len > 0)
        buffer_append(&payload, list->payload.data, list->payload.len);
    wire_put_u8(&payload, list->more);
    payload.failed = payload.failed || list->payload.failed;
    buffer_free(&list->payload);
    free(list->parts);
    broker_call_answer(&list->call, &payload);
    buffer_free(&payload);
}

static void list_fail(struct list_call *list, int error, const char *message)
{
    buffer_free(&list->payload);
    free(list->parts);
    broker_call_fail(&list->call, error, message);
}

static void list_next(struct list_call *list);

static void list_done(void *arg, int error, const struct kv_entry *entries, size_t count, bool more)
{
    struct list_call *list = arg;
    size_t i;

    if (error != 0) {
        list_fail(list, error, NULL);
        return;
    }
    for (i = 0; i < count && list->left > 0 && list->payload.len < LISTED_PAGE_BYTES; i++) {
        wire_put_bytes(&list->payload, entries[i].key, entries[i].key_len);
        wire_put_bytes(&list->payload, entries[i].value, entries[i].value_len);
        put_stamp(&list->payload, &entries[i].versionstamp);
        list->count++;
        list->left--;
    }
    list->more = more || i < count;
    if (!list->more && ++list->part < list->part_count) {
        if (list->left > 0 && list->payload.len < LISTED_PAGE_BYTES) {
            list_next(list);
            return;
        }
        list->more = true; /* there may be: the next page will tell */
    }
    list_answer(list);
}

static void list_next(struct list_call *list)
{
    int error;

    list->parts[list->part].limit = list->left;
    error = kv_list(list->kv, &list->parts[list->part], list_done, list);
    if (error != 0)
        list_fail(list, error, NULL);
}

/* Takes out of the range what is amid's, then what the worker may not read; number of parts. */
static int list_cut(struct list_call *list, bool is_net, const struct kv_range *range)
{
    struct broker_worker *worker = list->call.worker;
    struct kv_range parts[RESERVED_PARTS_MAX];
    char what[PERMISSION_WHAT_BYTES], text[BROKER_REFUSAL_BYTES];
    int count = reserved_cut(range, parts);
    bool is_reserved = count < 0;

    if (count >= 0)
        count = permission_cut(worker, is_net, parts, (size_t)count, &list->parts);
    if (count != AMID_E_DENIED)
        return count;
    permission_kv_what(range->start.bytes, range->start.len, what);
    permission_denied(worker, permission_kv_name(is_net), what);
    snprintf(text, sizeof(text), "this worker lacks the permission: %s %s",
             permission_kv_name(is_net), what);
    list_fail(list, AMID_E_DENIED, is_reserved ? RESERVED_TEXT : text);
    return AMID_E_DENIED;
}

static void turn_round(struct kv_range *parts, int count)
{
    for (int i = 0; i < count / 2; i++) {
        struct kv_range first = parts[i];

        parts[i] = parts[count - 1 - i];
        parts[count - 1 - i] = first;
    }
}

static void list_start(struct broker_worker *worker, uint32_t id, bool is_net,
                       const struct kv_range *range)
{
    struct list_call *list;
    int count;

    list = broker_call_new(worker, sizeof(*list), PROTO_KV_LISTED, id, UNITS_LIST);
    if (list == NULL) {
        broker_refuse(worker, PROTO_KV_LISTED, id, AMID_E_NOMEM, NULL);
        return;
    }
    buffer_init(&list->payload, LISTED_MAX_BYTES);
    count = list_cut(list, is_net, range);
    if (count < 0) {
        if (count != AMID_E_DENIED)
            list_fail(list, count, NULL);
        return;
    }
    list->kv = space_of(worker, is_net);
    list->part_count = count;
    list->left = (uint32_t)range->limit;
    if (range->reverse)
        turn_round(list->parts, count);
    if (count == 0)
        list_answer(list);
    else
        list_next(list);
}

int broker_kv_list(struct broker_worker *worker, uint32_t id, const uint8_t *payload, size_t len)
{
    struct wire_reader reader;
    struct kv_range range;
    uint8_t reverse;
    uint8_t space;

    wire_read(&reader, payload, len);
    space = wire_get_u8(&reader);
    if (space > 1 || !read_bound(&reader, &range.start) || !read_bound(&reader, &range.end))
        return AMID_E_PROTOCOL;
    range.limit = wire_get_u32(&reader);
    reverse = wire_get_u8(&reader);
    range.reverse = reverse == 1;
    if (!wire_end(&reader) || reverse > 1 || range.limit == 0 || range.limit > KV_LIST_MAX)
        return AMID_E_PROTOCOL;
    list_start(worker, id, space == 1, &range);
    return 0;
}

static void atomic_done(void *arg, int error, const struct kv_versionstamp *stamp)
{
    struct broker_call *call = arg;
    struct broker_worker *worker = call->worker;
    struct buffer payload;

    if (error == AMID_E_LEASE_LOST) {
        broker_call_fail(call, error, NULL);
        if (worker != NULL)
            term_end(worker);
        return;
    }
    if (error != 0 && error != AMID_E_CONFLICT) {
        broker_call_fail(
            call, error,
            error == AMID_E_INVALID
                ? "sum, min and max need a number in the record's raw, and a finite one"
                  " as their result"
                : NULL);
        return;
    }
    put_ok(&payload, COMMITTED_MAX_BYTES);
    wire_put_u8(&payload, error == 0);
    if (error == 0)
        put_stamp(&payload, stamp);
    broker_call_answer(call, &payload);
    buffer_free(&payload);
}

/* What a payload asks for: built as far as it is allowed, refused with the first reason. */
struct atomic_request {
    struct broker_worker *worker;
    bool is_net;
    char text[BROKER_REFUSAL_BYTES]; /* message may point here */
    struct kv_atomic *atomic;
    int error; /* for the script */
    const char *message;
};

static void atomic_refuse(struct atomic_request *request, int error, const char *message)
{
    if (error != 0 && request->error == 0) {
        request->error = error;
        request->message = message;
    }
}

static void atomic_allow(struct atomic_request *request, const struct kv_key *key, bool is_write)
{
    const char *refusal;

    if (request->error != 0)
        return;
    refusal = broker_kv_forbidden(request->worker, request->is_net, key, is_write, request->text);
    if (refusal != NULL)
        atomic_refuse(request, AMID_E_DENIED, refusal);
}

static bool atomic_read_check(struct wire_reader *reader, struct atomic_request *request)
{
    struct kv_versionstamp stamp;
    const uint8_t *bytes = NULL;
    struct kv_key key;
    uint8_t present;
    size_t len = 0;

    if (!read_key(reader, &key))
        return false;
    present = wire_get_u8(reader);
    if (present == 1)
        bytes = wire_get_bytes(reader, sizeof(stamp.bytes), &len);
    if (present > 1 || (present == 1 && (bytes == NULL || len != sizeof(stamp.bytes))))
        return false;
    if (present == 1)
        memcpy(stamp.bytes, bytes, len);
    atomic_allow(request, &key, false);
    atomic_refuse(request, kv_atomic_check(request->atomic, &key, present == 1 ? &stamp : NULL),
                  NULL);
    return true;
}

/* Kinds of a mutation on the wire; those from KIND_NUMBER on are enum kv_number. */
enum { KIND_SET, KIND_DELETE, KIND_NUMBER, KIND_MAX = KIND_NUMBER + KV_NUMBER_MAX };

static void atomic_set(struct atomic_request *request, const struct kv_key *key,
                       const uint8_t *value, size_t len, uint64_t expire_ms)
{
    if (expire_ms > EXPIRE_MAX_MS)
        atomic_refuse(request, AMID_E_INVALID, "expireIn is longer than a century");
    else
        atomic_refuse(
            request,
            kv_atomic_set(request->atomic, key, (const char *)value, len, (int64_t)expire_ms),
            NULL);
}

static void atomic_number(struct atomic_request *request, const struct kv_key *key,
                          enum kv_number number, const uint8_t *value, size_t len, uint64_t bits)
{
    double operand;
    int error;

    memcpy(&operand, &bits, sizeof(operand));
    error = kv_atomic_number(request->atomic, key, number, operand, (const char *)value, len);
    atomic_refuse(request, error,
                  error == AMID_E_INVALID ? "sum, min and max take a finite number" : NULL);
}

static bool atomic_read_mutation(struct wire_reader *reader, struct atomic_request *request)
{
    uint8_t kind = wire_get_u8(reader);
    const uint8_t *value;
    struct kv_key key;
    struct json_fault fault;
    uint64_t more;
    size_t len;

    if (kind >= KIND_MAX || !read_key(reader, &key))
        return false;
    atomic_allow(request, &key, true);
    if (kind == KIND_DELETE) {
        atomic_refuse(request, kv_atomic_delete(request->atomic, &key), NULL);
        return true;
    }
    value = wire_get_bytes(reader, KV_VALUE_MAX_BYTES, &len);
    more = wire_get_u64(reader);
    if (value == NULL || reader->failed)
        return false;
    if (json_check((const char *)value, len, false, &fault) != 0)
        atomic_refuse(request, AMID_E_INVALID, "the value is not JSON that others could read");
    else if (kind == KIND_SET)
        atomic_set(request, &key, value, len, more);
    else
        atomic_number(request, &key, (enum kv_number)(kind - KIND_NUMBER), value, len, more);
    return true;
}

static bool atomic_read(struct wire_reader *reader, struct atomic_request *request)
{
    uint32_t checks = wire_get_u32(reader);
    uint32_t mutations;

    if (checks > KV_ATOMIC_MAX_CHECKS)
        return false;
    for (uint32_t i = 0; i < checks; i++) {
        if (!atomic_read_check(reader, request))
            return false;
    }
    mutations = wire_get_u32(reader);
    if (mutations > KV_ATOMIC_MAX_OPS)
        return false;
    for (uint32_t i = 0; i < mutations; i++) {
        if (!atomic_read_mutation(reader, request))
            return false;
    }
    return wire_end(reader);
}

int broker_kv_atomic(struct broker_worker *worker, uint32_t id, const uint8_t *payload, size_t len)
{
    struct atomic_request request = {.worker = worker, .atomic = kv_atomic_new()};
    struct wire_reader reader;
    struct broker_call *call;
    uint8_t space;
    int error;

    if (request.atomic == NULL) {
        broker_refuse(worker, PROTO_KV_COMMITTED, id, AMID_E_NOMEM, NULL);
        return 0;
    }
    wire_read(&reader, payload, len);
    space = wire_get_u8(&reader);
    request.is_net = space == 1;
    if (space > 1 || !atomic_read(&reader, &request)) {
        kv_atomic_free(request.atomic);
        return AMID_E_PROTOCOL;
    }
    if (request.is_net)
        atomic_refuse(&request, term_fence(worker, request.atomic), NULL);
    call = broker_call_new(worker, sizeof(*call), PROTO_KV_COMMITTED, id,
                           1 + (uint32_t)(len / ATOMIC_BYTES_PER_UNIT));
    if (request.error == 0 && call == NULL)
        request.error = AMID_E_NOMEM;
    if (request.error != 0) {
        kv_atomic_free(request.atomic);
        if (call != NULL)
            broker_call_fail(call, request.error, request.message);
        else
            broker_refuse(worker, PROTO_KV_COMMITTED, id, request.error, request.message);
        return 0;
    }
    error = kv_commit(space_of(worker, space), request.atomic, atomic_done, call);
    if (error != 0)
        broker_call_fail(call, error, NULL);
    return 0;
}
