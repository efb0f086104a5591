#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/buffer.h"
#include "common/error.h"
#include "common/json.h"
#include "common/json_member.h"
#include "supervisor/kv/kv_internal.h"

static double combine(enum kv_number number, double before, double operand)
{
    switch (number) {
    case KV_SUM:
        return before + operand;
    case KV_MIN:
        return fmin(before, operand);
    case KV_MAX:
    case KV_NUMBER_MAX:
        break;
    }
    return fmax(before, operand);
}

/* The record with other values in raw and, if it has a number there, timestamp. */
static void record_edit(const char *record, size_t len, const struct json_span *raw, double number,
                        int64_t now_ms, struct buffer *out)
{
    struct json_span stamp = {0};
    double old;
    bool has_stamp = json_member_find(record, len, "timestamp", &stamp) &&
                     json_span_number(record, &stamp, &old);
    bool stamp_first = has_stamp && stamp.start < raw->start;
    size_t at = 0;
    for (int i = 0; i < 2; i++) {
        bool is_stamp = (i == 0) == stamp_first;
        const struct json_span *span = is_stamp ? &stamp : raw;
        if (is_stamp && !has_stamp)
            continue;
        buffer_append(out, record + at, span->start - at);
        if (is_stamp)
            json_append_int(out, now_ms);
        else
            json_append_number(out, number);
        at = span->start + span->len;
    }
    buffer_append(out, record + at, len - at);
}

int kv_number_compute(struct kv_mutation *mutation, const char *before, size_t before_len,
                      int64_t now_ms)
{
    const char *record = before != NULL ? before : mutation->value;
    size_t record_len = before != NULL ? before_len : mutation->value_len;
    double number = mutation->operand;
    struct json_span raw;
    struct buffer out;
    double old;
    size_t len;
    if (!json_member_find(record, record_len, "raw", &raw) || !json_span_number(record, &raw, &old))
        return AMID_E_INVALID;
    if (before != NULL)
        number = combine(mutation->number, old, mutation->operand);
    if (!isfinite(number))
        return AMID_E_INVALID;
    buffer_init(&out, KV_VALUE_MAX_BYTES);
    record_edit(record, record_len, &raw, number, now_ms, &out);
    int error = buffer_status(&out);
    if (error != 0) {
        buffer_free(&out);
        return error;
    }
    mutation->computed = buffer_take(&out, &len);
    mutation->value = mutation->computed;
    mutation->value_len = len;
    return 0;
}
