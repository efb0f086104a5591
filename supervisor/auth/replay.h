#ifndef AMID_AUTH_REPLAY_H
#define AMID_AUTH_REPLAY_H

#include "supervisor/kv/kv.h"

/* Makes the commit the first use of a signed transaction: it fails with AMID_E_CONFLICT if another
 * one was. hash: of the transaction, lower-case hex; remembered for SIGN_IN_REMEMBER_MS under
 * ["ami","replay",hash] of the local space, where no script reaches (RULES 23). */
int replay_refuse(struct kv_atomic *atomic, const char *hash);

#endif
