#include "supervisor/auth/replay.h"

#include "supervisor/auth/sign_in.h"

int replay_refuse(struct kv_atomic *atomic, const char *hash)
{
    static const char value[] = "true";
    struct kv_key key;
    int error = kv_key_of(&key, "ami", "replay", hash, NULL);

    if (error == 0)
        error = kv_atomic_check(atomic, &key, NULL);
    if (error == 0)
        error = kv_atomic_set(atomic, &key, value, sizeof(value) - 1, SIGN_IN_REMEMBER_MS);
    return error;
}
