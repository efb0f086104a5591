#ifndef AMID_AUTH_NODE_WALLET_H
#define AMID_AUTH_NODE_WALLET_H

#include <stddef.h>

#include "supervisor/auth/node_key.h"
#include "wallet/wallet.h"

/*
 * The node's own wallet: made at the first start, its secret as 64 hex digits in
 * <state>/node.wallet (0600), read at every start. The secret leaves this process only as
 * signatures. With a key from outside the state folder it is encrypted, in
 * <state>/node.wallet.sealed: a plain one is sealed and then overwritten and removed at the next
 * start. A file that holds none is AMID_E_CORRUPT and left alone: a new one would be another
 * wallet. reason gets a sentence.
 */
int node_wallet_open(const char *state_folder, const struct node_key *key,
                     struct wallet **ret_wallet, char *reason, size_t reason_size);

#endif
