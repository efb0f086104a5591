#include "supervisor/cluster/deadline.h"

static int64_t stop_ms(const struct deadline *deadline)
{
    return deadline->confirmed_ms + deadline->ttl_ms - deadline->margin_ms;
}

static int64_t kill_ms(const struct deadline *deadline)
{
    return deadline->confirmed_ms + deadline->ttl_ms - deadline->margin_ms * 2 / 3;
}

enum deadline_phase deadline_phase(const struct deadline *deadline, int64_t now_ms)
{
    if (deadline->confirmed_ms == 0 || now_ms >= kill_ms(deadline))
        return DEADLINE_KILL;
    return now_ms >= stop_ms(deadline) ? DEADLINE_STOP : DEADLINE_FREE;
}

int64_t deadline_next_ms(const struct deadline *deadline, int64_t now_ms)
{
    switch (deadline_phase(deadline, now_ms)) {
    case DEADLINE_FREE:
        return stop_ms(deadline) - now_ms;
    case DEADLINE_STOP:
        return kill_ms(deadline) - now_ms;
    default:
        return 0;
    }
}

int64_t deadline_effect_ms(const struct deadline *deadline, int64_t now_ms)
{
    return deadline_phase(deadline, now_ms) == DEADLINE_FREE ? kill_ms(deadline) - now_ms : 0;
}
