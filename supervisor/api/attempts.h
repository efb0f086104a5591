#ifndef AMID_API_ATTEMPTS_H
#define AMID_API_ATTEMPTS_H

#include <stdint.h>

#include "supervisor/config.h"

/*
 * How often it may be tried to sign in. Of an address every try counts, good or bad: each costs us
 * a signature. Of a wallet only what was signed by it and has led to something: a stranger can
 * neither make such a try nor repeat one, so he cannot use up what its owner has.
 */
struct attempts;

/* config is borrowed: both limits may change while amid runs. NULL: no memory. */
struct attempts *attempts_new(const struct config *config);
void attempts_free(struct attempts *attempts);
/* Counts one try. 0 = go on; else it was one too many, is not counted, and the milliseconds until
 * the next. peer: as of http_request_peer. 127.0.0.1, ::1 and the unix socket are never too many:
 * a proxy there speaks for many, and would be an easy way to shut them all out. */
int64_t attempts_take_address(struct attempts *attempts, const char *peer);
/* 0, or the milliseconds until this wallet may sign in again. */
int64_t attempts_wait_wallet(const struct attempts *attempts, const char *wallet);
void attempts_count_wallet(struct attempts *attempts, const char *wallet);

#endif
