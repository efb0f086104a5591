#include "supervisor/api/audit_view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/id.h"
#include "common/json.h"
#include "supervisor/api/call.h"

#define ROWS_DEFAULT  100
#define NUMBER_DIGITS 18
#define BAD_QUERY     "after and limit take numbers, limit from 1 to 500"

static void append_end(struct buffer *out, const char *name, const struct chain_end *end)
{
    char hash[2 * CHAIN_HASH_BYTES + 1];
    id_hex(end->hash, CHAIN_HASH_BYTES, hash);
    buffer_printf(out, "\"%s\":{\"seq\":%" PRIu64 ",\"hash\":\"%s\"},", name, end->seq, hash);
}

/* The text as a string, byte for byte what the hash covers. */
static void append_row(struct buffer *out, const struct chain_row *row)
{
    char hash[2 * CHAIN_HASH_BYTES + 1], stamp[2 * CHAIN_STAMP_BYTES + 1];
    id_hex(row->hash, CHAIN_HASH_BYTES, hash);
    id_hex(row->stamp, CHAIN_STAMP_BYTES, stamp);
    buffer_printf(out, "{\"seq\":%" PRIu64 ",\"time\":%" PRId64 ",\"stamp\":\"%s\",", row->seq,
                  row->real_ms, stamp);
    buffer_printf(out, "\"hash\":\"%s\",\"text\":", hash);
    json_append_string(out, row->text, row->text_len);
    buffer_append_char(out, '}');
}

static void rows_read(void *arg, int error, const struct store_rows *rows)
{
    struct api_call *call = api_wait_end(arg);
    if (!call)
        return;
    if (error) {
        api_call_fail(call, error);
        return;
    }
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_char(&body, '{');
    append_end(&body, "trimmed", &rows->trimmed);
    append_end(&body, "head", &rows->head);
    buffer_append_str(&body, "\"rows\":[");
    for (size_t i = 0; i < rows->count; i++) {
        if (i > 0)
            buffer_append_char(&body, ',');
        append_row(&body, &rows->rows[i]);
    }
    buffer_append_str(&body, "]}");
    api_call_answer(call, 200, &body);
}

/* Digits only; text NULL = what is there already. */
static bool parse_number(const char *text, uint64_t *number)
{
    size_t len = text ? strspn(text, "0123456789") : 0;
    if (!text)
        return true;
    if (len == 0 || len > NUMBER_DIGITS || text[len] != '\0')
        return false;
    *number = strtoull(text, NULL, 10);
    return true;
}

void audit_view(void *arg, struct http_request *request)
{
    struct api *api = arg;
    uint64_t after = 0, limit = ROWS_DEFAULT;
    if (!parse_number(http_request_query(request, "after"), &after) ||
        !parse_number(http_request_query(request, "limit"), &limit) || limit == 0 ||
        limit > STORE_ROWS_MAX) {
        http_respond_error(request, 400, BAD_QUERY);
        return;
    }
    struct api_wait *wait = api_wait_new(api, request);
    if (!wait)
        return;
    int error = store_rows(api->needs.store, after, (size_t)limit, rows_read, wait);
    if (error)
        api_call_fail(api_wait_end(wait), error);
}
