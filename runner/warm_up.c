#include "runner/warm_up.h"

/* Of the kind that LOAD brings, with nothing in it. */
static const char sample_config[] = "{\"sid\":\"\",\"mode\":\"\"}";

static duk_ret_t take_sample(duk_context *ctx, void *udata)
{
    duk_push_string(ctx, sample_config);
    duk_json_decode(ctx, -1);
    engine_push_hook(udata, HOOK_TIMERS);
    duk_push_undefined(ctx); /* no time: it would be kept until the next turn */
    duk_call(ctx, 1);
    return 0;
}

void warm_up(struct engine *engine)
{
    engine_turn(engine, take_sample, engine);
}
