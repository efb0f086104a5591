#include "supervisor/api/turn.h"

#include <stddef.h>
#include <string.h>

#include "supervisor/api/call.h"

static struct turn *find_from(struct turn *turn, const char *sid)
{
    while (turn && strcmp(turn->sid, sid) != 0)
        turn = turn->next;
    return turn;
}

void turn_ask(struct turn *turn, struct api *api, const char *sid, void (*begin)(void *arg),
              void *arg)
{
    struct turn *before = find_from(api->turns, sid);
    struct turn **last = &api->turns;
    *turn = (struct turn){.api = api, .begin = begin, .arg = arg};
    memcpy(turn->sid, sid, sizeof turn->sid);
    while (*last) {
        turn->previous = *last;
        last = &(*last)->next;
    }
    *last = turn;
    if (!before) {
        turn->state = TURN_HAS_BEGUN;
        begin(arg);
    }
}

/* A loop, because a turn may end in the call that begins it: hundreds in a row must not nest. */
static void begin_next(struct api *api)
{
    struct turn *turn = api->turns;
    if (api->is_turning)
        return;
    api->is_turning = true;
    while (turn) {
        if (turn->state != TURN_IS_NEXT) {
            turn = turn->next;
            continue;
        }
        turn->state = TURN_HAS_BEGUN;
        turn->begin(turn->arg);
        turn = api->turns;
    }
    api->is_turning = false;
}

void turn_end(struct turn *turn)
{
    struct api *api = turn->api;
    if (!api)
        return;
    struct turn *next = find_from(turn->next, turn->sid);
    if (turn->previous)
        turn->previous->next = turn->next;
    else
        api->turns = turn->next;
    if (turn->next)
        turn->next->previous = turn->previous;
    turn->api = NULL;
    if (turn->state == TURN_WAITS || !next || api->is_closing)
        return;
    next->state = TURN_IS_NEXT;
    begin_next(api);
}
