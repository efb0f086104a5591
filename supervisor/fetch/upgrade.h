#ifndef AMID_FETCH_UPGRADE_H
#define AMID_FETCH_UPGRADE_H

#include "common/buffer.h"
#include "supervisor/fetch/answer_head.h"
#include "supervisor/fetch/target.h"

/* The client's side of RFC 6455's opening handshake, as text. */

#define UPGRADE_KEY_BYTES      25 /* base64 of 16 bytes, and a NUL */
#define UPGRADE_HEAD_MAX_BYTES 16384

void upgrade_new_key(char key[UPGRADE_KEY_BYTES]);
/* The request for target, to be sent as it is. 0 or an error of the buffer. */
int upgrade_request(const struct target *target, const char *key, const char *protocols,
                    struct buffer *out);
/* Takes the answer's head from what has come; *ret_used is its length once it is complete, 0
 * before. AMID_E_PROTOCOL or AMID_E_TOO_LARGE. */
int upgrade_read_head(const char *text, size_t len, struct answer_head *head, size_t *ret_used);
/* NULL, or static text that says why the answer is no consent. *ret_protocol is borrowed from head
 * or "". */
const char *upgrade_fault(const struct answer_head *head, const char *key, const char *protocols,
                          const char **ret_protocol);

#endif
