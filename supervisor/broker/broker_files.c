#include <string.h>

#include "common/error.h"
#include "supervisor/broker/host_call.h"
#include "supervisor/files/files.h"

#define BYTES_PER_MIB (1024u * 1024)
/* A length may be this much; the quota says no long before. */
#define LENGTH_MAX (INT64_C(1) << 40)

static const struct {
    const char *name;
    enum file_op_kind kind;
} changes[] = {
    {"remove", FILE_OP_REMOVE}, {"mkdir", FILE_OP_MKDIR},       {"rename", FILE_OP_RENAME},
    {"copy", FILE_OP_COPY},     {"truncate", FILE_OP_TRUNCATE},
};

/* In Deno's words, as far as scripts know them, with what was asked for. */
static const char *error_words(int error)
{
    switch (error) {
    case AMID_E_NOT_FOUND:
        return "No such file or directory";
    case AMID_E_EXISTS:
        return "File exists";
    case AMID_E_IS_DIRECTORY:
        return "Is a directory";
    case AMID_E_NOT_DIRECTORY:
        return "Not a directory";
    case AMID_E_NOT_EMPTY:
        return "Directory not empty";
    case AMID_E_DENIED:
        return "a worker has its own folder only, and no links, devices or names of amid's in it";
    case AMID_E_TOO_LARGE:
        return "more than 3 MiB in one call, or a path that is too long or too deep";
    case AMID_E_QUOTA:
        return "the quota of this worker's folder is reached (files.quota_mib, files.count)";
    case AMID_E_BUSY:
        return "too many file operations are waiting on this node";
    default:
        return error_text(error);
    }
}

static void fail(struct host_call *call, const struct file_op *op, int error)
{
    const char *between = op->to.depth > 0 ? "' -> '" : "";

    host_call_failf(call, error, "%s: '/%.200s%s%.200s'", error_words(error), op->path.text,
                    between, op->to.text);
}

static void op_done(struct file_op *op, void *arg)
{
    struct host_call *call = arg;

    if (op->error != 0)
        fail(call, op, op->error);
    else
        host_call_done(call, op->json.len > 0 ? op->json.data : NULL,
                       op->kind == FILE_OP_READ ? op->data : NULL,
                       op->kind == FILE_OP_READ ? op->len : 0);
    file_op_free(op);
}

static bool take_path(struct host_call *call, const cJSON *args, const char *name,
                      struct file_path *ret_path)
{
    const char *text = NULL;
    int error;

    if (!host_call_text(call, args, name, FILE_PATH_MAX_BYTES, &text))
        return false;
    error = file_path_parse(text, ret_path);
    if (error == AMID_E_DENIED)
        host_call_deny(call, "files", text);
    else if (error != 0)
        host_call_failf(call, error, "%s: '%.200s'",
                        error == AMID_E_INVALID ? "a path without control characters"
                                                : error_words(error),
                        text);
    return error == 0;
}

/* NULL and the call is over, or the operation with its path. */
static struct file_op *op_begin(struct host_call *call, const cJSON *args, enum file_op_kind kind,
                                const uint8_t *data, size_t len)
{
    const struct broker *broker = call->call.worker->broker;
    struct file_path path;
    struct file_op *op;

    if (broker->files == NULL) {
        host_call_fail(call, AMID_E_UNSUPPORTED, NULL);
        return NULL;
    }
    if (!take_path(call, args, "path", &path))
        return NULL;
    op = len > FILE_OP_DATA_MAX ? NULL : file_op_new(kind, call->call.worker->sid, data, len);
    if (op == NULL) {
        host_call_failf(call, len > FILE_OP_DATA_MAX ? AMID_E_TOO_LARGE : AMID_E_NOMEM, "%s",
                        error_words(len > FILE_OP_DATA_MAX ? AMID_E_TOO_LARGE : AMID_E_NOMEM));
        return NULL;
    }
    op->path = path;
    op->limits =
        (struct usage_limits){.bytes = (uint64_t)broker->config->files_quota_mib * BYTES_PER_MIB,
                              .count = broker->config->files_count};
    op->done = op_done;
    op->arg = call;
    return op;
}

static void op_submit(struct host_call *call, struct file_op *op)
{
    int error = files_submit(call->call.worker->broker->files, op);

    if (error == 0)
        return;
    fail(call, op, error);
    file_op_free(op);
}

static void simple(struct host_call *call, const cJSON *args, enum file_op_kind kind)
{
    struct file_op *op = op_begin(call, args, kind, NULL, 0);

    if (op != NULL)
        op_submit(call, op);
}

static void files_read(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    (void)data;
    (void)len;
    simple(call, args, FILE_OP_READ);
}

static void files_stat(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    (void)data;
    (void)len;
    simple(call, args, FILE_OP_STAT);
}

static void files_list(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    (void)data;
    (void)len;
    simple(call, args, FILE_OP_LIST);
}

static void files_write(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    struct file_op *op = op_begin(call, args, FILE_OP_WRITE, data, len);

    if (op == NULL)
        return;
    if (host_call_flag(call, args, "append", &op->append) &&
        host_call_flag(call, args, "create", &op->create) &&
        host_call_flag(call, args, "createNew", &op->create_new)) {
        op->create = op->create || op->create_new;
        op_submit(call, op);
    } else {
        file_op_free(op);
    }
}

static bool take_change(struct host_call *call, const cJSON *args, struct file_op *op)
{
    bool has_target = op->kind == FILE_OP_RENAME || op->kind == FILE_OP_COPY;

    return (!has_target || take_path(call, args, "to", &op->to)) &&
           host_call_flag(call, args, "recursive", &op->recursive) &&
           host_call_int(call, args, "length", 0, LENGTH_MAX, 0, &op->length);
}

static void files_change(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    const char *name = NULL;
    struct file_op *op;
    size_t i = 0;

    (void)data;
    (void)len;
    if (!host_call_text(call, args, "change", 16, &name))
        return;
    while (i < sizeof(changes) / sizeof(changes[0]) && strcmp(changes[i].name, name) != 0)
        i++;
    if (i == sizeof(changes) / sizeof(changes[0])) {
        host_call_fail(call, AMID_E_INVALID, "no such change of a file");
        return;
    }
    op = op_begin(call, args, changes[i].kind, NULL, 0);
    if (op == NULL)
        return;
    if (take_change(call, args, op))
        op_submit(call, op);
    else
        file_op_free(op);
}

const struct broker_op broker_files_ops[] = {
    {PROTO_FILE_READ, files_read}, {PROTO_FILE_WRITE, files_write},   {PROTO_FILE_STAT, files_stat},
    {PROTO_FILE_LIST, files_list}, {PROTO_FILE_CHANGE, files_change}, {0, NULL},
};
