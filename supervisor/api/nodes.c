#include "supervisor/api/nodes.h"

#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "supervisor/api/view.h"

struct node_row {
    const struct node_view *view;
};

struct node_list {
    struct node_row rows[MEMBERSHIP_NODES_MAX];
    size_t count;
};

static void gather(void *arg, const struct node_view *node)
{
    struct node_list *list = arg;
    if (list->count < MEMBERSHIP_NODES_MAX)
        list->rows[list->count++].view = node;
}

static int by_nid(const void *a, const void *b)
{
    const struct node_row *one = a;
    const struct node_row *other = b;
    return strcmp(one->view->member.nid, other->view->member.nid);
}

static void append_node(struct buffer *out, const struct node_view *node, const char *own)
{
    const struct member *member = &node->member;
    buffer_append_str(out, "{\"nid\":");
    view_append_text(out, member->nid);
    buffer_printf(out, ",\"self\":%s", strcmp(member->nid, own) == 0 ? "true" : "false");
    view_append_member_text(out, "state", node->is_up ? "up" : "down");
    view_append_member_time(out, "downSince", node->is_up ? 0 : node->down_since_ms);
    view_append_member_text(out, "address", member->address);
    view_append_member_text(out, "version", member->version);
    view_append_member_time(out, "started", member->started_ms);
    view_append_member_time(out, "heartbeat", member->heartbeat_ms);
    buffer_append_str(out, ",\"workers\":{\"running\":");
    buffer_printf(out, "%u", (unsigned)member->running);
    view_append_member_int(out, "limit", member->limit);
    buffer_append_str(out, "}}");
}

void nodes_list(void *arg, struct http_request *request)
{
    struct api *api = arg;
    struct api_call *call = api_call_new(api, request, NULL);
    struct node_list *list;
    struct buffer body;
    if (!call)
        return;
    list = calloc(1, sizeof *list);
    if (!list) {
        api_call_fail(call, AMID_E_NOMEM);
        return;
    }
    membership_each(api->needs.membership, gather, list);
    qsort(list->rows, list->count, sizeof *list->rows, by_nid);
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_char(&body, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0)
            buffer_append_char(&body, ',');
        append_node(&body, list->rows[i].view, api->needs.config->node_nid);
    }
    buffer_append_char(&body, ']');
    free(list);
    api_call_answer(call, 200, &body);
}
