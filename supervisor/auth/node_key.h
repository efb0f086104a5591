#ifndef AMID_AUTH_NODE_KEY_H
#define AMID_AUTH_NODE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The key that secrets, and the node's wallet if the key comes from elsewhere, are encrypted with
 * at rest (XChaCha20-Poly1305 of libsodium, a random nonce each time). 64 hex digits from, in this
 * order: the file of auth.key_file; the systemd credential amid.key; <state>/node.key, made at the
 * first start. In memory it lies in guarded pages that no core dump has, and is wiped when freed.
 */
struct node_key;

#define NODE_KEY_BYTES      32
#define NODE_KEY_HEX_LEN    64
#define NODE_KEY_CREDENTIAL "amid.key"
#define NODE_KEY_SEAL_BYTES 40 /* what sealing adds: nonce and tag */

/* Before privileges are dropped: the key from outside the state folder, *ret_key NULL if none is
 * configured. path: auth.key_file, "" = none; credentials: $CREDENTIALS_DIRECTORY or NULL. On
 * failure a sentence in reason. */
int node_key_from_outside(const char *path, const char *credentials, struct node_key **ret_key,
                          char *reason, size_t reason_size);
/* The key of the state folder, made if there is none. */
int node_key_from_state(const char *state_folder, struct node_key **ret_key, char *reason,
                        size_t reason_size);
void node_key_free(struct node_key *key); /* NULL = nothing */
/* It does not lie beside what it encrypts. */
bool node_key_is_outside(const struct node_key *key);

/* out: len + NODE_KEY_SEAL_BYTES. about is bound to it: the same is needed to open it. */
int node_key_seal(const struct node_key *key, const char *about, const void *plain, size_t len,
                  uint8_t *out);
/* len: of the sealed bytes; out: len - NODE_KEY_SEAL_BYTES. AMID_E_CORRUPT: another key, another
 * about, or changed. */
int node_key_open_sealed(const struct node_key *key, const char *about, const uint8_t *sealed,
                         size_t len, void *out);

#endif
