#include <math.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/broker/broker_serve.h"
#include "supervisor/serve/head.h"

#define ANSWERS_MAX  SERVE_TAKEN_MAX
#define STATUS_LEAST 200
#define STATUS_MOST  599

/* One of a call's answers: [id, status, headers, their count, body]. The body is a string, the
 * number of its bytes in the data, null for none, true when it follows with SERVE_WRITE, or false
 * for no answer: the request is given back as it was, for the next process. */
struct answer {
    uint32_t id;
    struct http_forward_head head;
    struct serve_head lines;
    const void *body;
    size_t len;
    bool is_begun;
    bool is_given_back;
};

/* What is still unread of the data of a call. */
struct rest {
    const uint8_t *data;
    size_t len;
};

static bool read_number(const cJSON *item, double most, double *ret_number)
{
    if (item == NULL || !cJSON_IsNumber(item) ||
        !(item->valuedouble >= 0 && item->valuedouble <= most) ||
        item->valuedouble != floor(item->valuedouble))
        return false;
    *ret_number = item->valuedouble;
    return true;
}

static bool read_body(const cJSON *item, struct rest *rest, struct answer *answer)
{
    double len;

    if (cJSON_IsString(item)) {
        answer->body = item->valuestring;
        answer->len = strlen(item->valuestring);
        return true;
    }
    if (cJSON_IsTrue(item)) {
        answer->is_begun = true;
        return true;
    }
    if (cJSON_IsFalse(item)) {
        answer->is_given_back = true;
        return true;
    }
    if (cJSON_IsNull(item))
        return true;
    if (!read_number(item, (double)rest->len, &len))
        return false;
    answer->body = rest->data;
    answer->len = (size_t)len;
    rest->data += answer->len;
    rest->len -= answer->len;
    return true;
}

/* Everything but the headers' own text, so that the data stays in step. */
static bool read_answer(const cJSON *item, struct rest *rest, struct answer *ret_answer,
                        const char **ret_headers, size_t *ret_count)
{
    struct answer answer = {0};
    const cJSON *member = cJSON_IsArray(item) ? item->child : NULL;
    double id, status, count;

    if (cJSON_GetArraySize(item) != 5 || !read_number(member, UINT32_MAX, &id))
        return false;
    member = member->next;
    if (!read_number(member, STATUS_MOST, &status))
        return false;
    member = member->next;
    if (!cJSON_IsString(member))
        return false;
    *ret_headers = member->valuestring;
    member = member->next;
    if (!read_number(member, HTTP_HEADER_MAX_BYTES, &count) ||
        !read_body(member->next, rest, &answer))
        return false;
    *ret_count = (size_t)count;
    answer.id = (uint32_t)id;
    answer.head.status = (int)status;
    *ret_answer = answer;
    return true;
}

/* A length that is not the body's would put the client out of step. */
static bool length_is_true(const struct answer *answer, const struct serve_request *request)
{
    bool is_bodiless = http_forward_is_head(request->http) || answer->head.status == 204 ||
                       answer->head.status == 304;

    return answer->is_begun || !answer->lines.has_length || is_bodiless ||
           answer->lines.length == answer->len;
}

static void send_answer(struct serve_request *request, struct answer *answer)
{
    struct http_forward_head *head = &answer->head;

    head->lines = answer->lines.lines.data;
    head->lines_len = answer->lines.lines.len;
    head->has_date = answer->lines.has_date;
    head->has_length = answer->lines.has_length;
    head->length = answer->lines.length;
    if (head->status < STATUS_LEAST || !length_is_true(answer, request))
        serve_request_refuse(request, 500, "This worker's answer contradicts itself");
    else if (!answer->is_begun)
        serve_request_answer(request, head, answer->body, answer->len);
    else if (serve_request_begin(request, head) != 0)
        serve_request_cut(request);
}

static bool respond_to(struct server *server, const cJSON *item, struct rest *rest)
{
    struct serve_request *request;
    struct answer answer;
    const char *headers;
    size_t count;

    if (!read_answer(item, rest, &answer, &headers, &count))
        return false;
    request = serve_port_find(server->port, answer.id);
    if (request == NULL || request->state != SERVE_TAKEN)
        return true; /* its client has gone meanwhile */
    if (answer.is_given_back) {
        serve_request_give_back(request);
        return true;
    }
    if (serve_head_read(headers, strlen(headers), count, &answer.lines) != 0) {
        serve_request_refuse(request, 500, "This worker's answer has headers that cannot be sent");
        return true;
    }
    send_answer(request, &answer);
    serve_head_free(&answer.lines);
    return true;
}

bool server_take_answers(struct server *server, const cJSON *args, const uint8_t *data, size_t len)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(args, "answers");
    struct rest rest = {data, len};
    const cJSON *item;
    size_t count = 0;

    cJSON_ArrayForEach(item, list)
    {
        if (++count > ANSWERS_MAX || !respond_to(server, item, &rest))
            return false;
    }
    return true;
}

void server_respond(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    struct resource *resource;

    if (!host_call_resource(call, args, &server_kind, &resource))
        return;
    if (server_take_answers((struct server *)resource, args, data, len))
        host_call_done(call, NULL, NULL, 0);
    else
        host_call_fail(call, AMID_E_INVALID, "answers holds what is no answer");
}

static void cancel_write(struct broker_call *call, void *arg)
{
    struct serve_request *request = arg;

    request->writer = NULL;
    broker_call_fail(call, AMID_E_STOPPED, NULL);
}

void server_written(struct serve_request *request)
{
    struct host_call *call = request->writer;

    if (call == NULL || http_forward_unsent(request->http) > SERVE_UNSENT_BYTES)
        return;
    request->writer = NULL;
    host_call_done(call, NULL, NULL, 0);
}

static void write_piece(struct host_call *call, struct serve_request *request, const uint8_t *data,
                        size_t len)
{
    int error = http_forward_write(request->http, data, len);

    if (error == AMID_E_TOO_LARGE)
        host_call_fail(call, error, "the body is longer than its Content-Length");
    else if (error != 0)
        host_call_fail(call, error, NULL);
    if (error != 0) {
        serve_request_cut(request);
        return;
    }
    request->writer = call;
    host_call_on_cancel(call, cancel_write, request);
    server_written(request);
}

/* {rid, id, end, cut}: the next piece of an answer, and whether it is the last or the answer
 * breaks off. */
void server_write(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    struct serve_request *request;
    struct resource *resource;
    bool is_end, is_cut;
    int64_t id;

    if (!host_call_resource(call, args, &server_kind, &resource) ||
        !host_call_int(call, args, "id", 0, UINT32_MAX, 0, &id) ||
        !host_call_flag(call, args, "end", &is_end) || !host_call_flag(call, args, "cut", &is_cut))
        return;
    request = serve_port_find(((struct server *)resource)->port, (uint32_t)id);
    if (request == NULL || request->state != SERVE_ANSWERING) {
        host_call_fail(call, AMID_E_CLOSED, "the client has gone");
    } else if (request->writer != NULL) {
        host_call_fail(call, AMID_E_BUSY, "a piece of this answer is being written already");
    } else if (is_cut) {
        serve_request_cut(request);
        host_call_done(call, NULL, NULL, 0);
    } else if (!is_end) {
        write_piece(call, request, data, len);
    } else if (len > 0 && http_forward_write(request->http, data, len) != 0) {
        serve_request_cut(request);
        host_call_fail(call, AMID_E_CLOSED, "the answer was cut");
    } else {
        serve_request_end(request);
        host_call_done(call, NULL, NULL, 0);
    }
}
