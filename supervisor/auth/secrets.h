#ifndef AMID_AUTH_SECRETS_H
#define AMID_AUTH_SECRETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/id.h"
#include "supervisor/auth/node_key.h"
#include "supervisor/kv/kv.h"

/*
 * Secrets that the owner keeps for scripts: ["ami","secret",NAME] of the node's own space, where no
 * script can read (broker/reserved.h), encrypted with the node's key. Whether a worker may have one
 * is the broker's business.
 */
struct secrets;

#define SECRET_NAME_MAX_BYTES  64 /* letters, digits, '.', '_' and '-' */
#define SECRET_VALUE_MAX_BYTES 16384
#define SECRETS_MAX            400

struct secret_item {
    char name[SECRET_NAME_MAX_BYTES + 1];
    char sid[ID_UUID_LEN + 1]; /* the only worker that may have it; "" = every one that names it */
    int64_t updated_ms;
};

typedef void (*secrets_done_fn)(void *arg, int error);
/* In order of name. */
typedef void (*secrets_list_fn)(void *arg, int error, const struct secret_item *items,
                                size_t count);
/* value is wiped when the callback returns. AMID_E_NOT_FOUND, or AMID_E_CORRUPT when the node's key
 * is not the one it was encrypted with. */
typedef void (*secrets_get_fn)(void *arg, int error, const char *value, size_t len,
                               const struct secret_item *item);

/* kv and key are borrowed and must live as long as answers may come. */
int secrets_open(struct kv *kv, const struct node_key *key, struct secrets **ret_secrets);
void secrets_close(struct secrets *secrets);

bool secret_name_is_valid(const char *name);
/* note: text of the audit row of the same commit, or NULL; copied. Unless 0 is returned fn is not
 * called. AMID_E_INVALID: the name, an empty value, one that is no UTF-8 or has a NUL;
 * AMID_E_TOO_LARGE; AMID_E_LIMIT (told to fn): there are SECRETS_MAX already. */
int secrets_set(struct secrets *secrets, const char *name, const char *sid, const char *value,
                size_t len, const char *note, secrets_done_fn fn, void *arg);
/* fn is told AMID_E_NOT_FOUND if there is none of that name. */
int secrets_remove(struct secrets *secrets, const char *name, const char *note, secrets_done_fn fn,
                   void *arg);
int secrets_list(struct secrets *secrets, secrets_list_fn fn, void *arg);
int secrets_get(struct secrets *secrets, const char *name, secrets_get_fn fn, void *arg);

#endif
