#ifndef AMID_API_TURN_H
#define AMID_API_TURN_H

#include "common/id.h"

struct api;

/*
 * Writers of one worker's record take turns, so that a hundred clients who change it at once each
 * read what the one before wrote, instead of losing race after race against each other.
 */
struct turn {
    struct turn *previous, *next; /* all of the API, in order of asking */
    struct api *api;
    char sid[ID_UUID_LEN + 1];
    void (*begin)(void *arg);
    void *arg;
    enum { TURN_WAITS, TURN_IS_NEXT, TURN_HAS_BEGUN } state;
};

/* Embedded in the asker. begin is called at once if nobody else writes this worker, otherwise
 * later, from another's turn_end. */
void turn_ask(struct turn *turn, struct api *api, const char *sid, void (*begin)(void *arg),
              void *arg);
/* Gives the turn to the next, or takes back a request for one. */
void turn_end(struct turn *turn);

#endif
