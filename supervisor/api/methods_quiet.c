#include <string.h>

#include "common/clock.h"
#include "supervisor/api/methods.h"
#include "supervisor/api/view.h"

/*
 * What the web client's other panels ask for at its start. This node keeps no assets and no
 * accounts: each gets the truth in the form in which its panel stays calm.
 */

static void append_context(struct buffer *out, const struct api_call *call)
{
    view_append_member_text(out, "network", call->api->needs.config->node_network);
    view_append_member_int(out, "timestamp", clock_real_ms());
}

void method_asset_list(struct api_call *call)
{
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, "{\"webfix\":\"1.0\",\"result\":{\"success\":true,\"assets\":[]"
                             ",\"total\":0");
    append_context(&body, call);
    buffer_append_str(&body, "}}");
    api_call_answer(call, 200, &body);
}

void method_asset_balances(struct api_call *call)
{
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, "{\"webfix\":\"1.0\",\"result\":{\"success\":true");
    view_append_member_text(&body, "address", api_call_string(call, "address"));
    append_context(&body, call);
    buffer_append_str(&body, ",\"balances\":[],\"total\":0,\"accounts\":[],\"assets\":[]"
                             ",\"recent_transactions\":[]}}");
    api_call_answer(call, 200, &body);
}

void method_asset_balance(struct api_call *call)
{
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, "{\"webfix\":\"1.0\",\"result\":{\"success\":true"
                             ",\"balance\":\"0.000000\",\"decimals\":6");
    view_append_member_text(&body, "currency", api_call_string(call, "token_id"));
    buffer_append_str(&body, "}}");
    api_call_answer(call, 200, &body);
}

void method_asset_transactions(struct api_call *call)
{
    static const char text[] = "{\"webfix\":\"1.0\",\"result\":{\"success\":true"
                               ",\"transactions\":[],\"total\":0}}";
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, text);
    api_call_answer(call, 200, &body);
}

void method_list_accounts(struct api_call *call)
{
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, "[]");
    api_call_answer(call, 200, &body);
}

/* A 2xx because the client's panel breaks on anything else; it says that nothing was kept. */
void method_set_account(struct api_call *call)
{
    struct buffer body;
    buffer_init(&body, API_ANSWER_MAX_BYTES);
    buffer_append_str(&body, "{\"success\":false,\"error\":\"This node keeps no accounts\"}");
    api_call_answer(call, 200, &body);
}
