#ifndef AMID_AUTH_SIGN_IN_H
#define AMID_AUTH_SIGN_IN_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "wallet/address.h"
#include "wallet/digest.h"

/*
 * What a wallet proves when it signs in or asks to become a developer: the body of the WebFIX call
 * holds a transaction that it signed just now, for this network and this purpose. Pure: what the
 * time is and whether the transaction was seen before is the caller's to say.
 */

/* How far the signer's clock may be from ours, either way. A transaction is remembered for longer
 * than both together. */
#define SIGN_IN_SKEW_MS     120000
#define SIGN_IN_REMEMBER_MS 300000

enum sign_in_kind {
    SIGN_IN_CONNECT,   /* connectionNode */
    SIGN_IN_DEVELOPER, /* requestDeveloperAccess */
    SIGN_IN_KIND_MAX
};

struct sign_in {
    char wallet[ADDRESS_LEN + 1];
    char hash[DIGEST_HEX_LEN + 1]; /* of the transaction, lower-case hex */
};

/*
 * body: of the call, from a strict parse (json_parse). 0; AMID_E_INVALID with a static English
 * sentence; AMID_E_NOMEM. Keys are taken compressed and uncompressed; of the two signatures that
 * hold for each transaction only the one with the lower s.
 */
int sign_in_check(const cJSON *body, enum sign_in_kind kind, const char *network, int64_t now_ms,
                  struct sign_in *ret_sign_in, const char **ret_reason);

#endif
