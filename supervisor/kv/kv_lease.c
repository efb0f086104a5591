#include "supervisor/kv/kv_lease.h"

#include "common/error.h"
#include "supervisor/kv/kv_internal.h"

int kv_lease_new(struct kv *kv, int64_t ttl_ms, int64_t renew_ms, kv_lease_fn fn, void *arg,
                 struct kv_lease **ret_lease)
{
    if (kv->backend->lease_new == NULL)
        return AMID_E_UNSUPPORTED;
    return kv->backend->lease_new(kv, ttl_ms, renew_ms, fn, arg, ret_lease);
}

int kv_lease_end(struct kv *kv, int64_t id, void (*fn)(void *arg, int error), void *arg)
{
    if (kv->backend->lease_end == NULL)
        return AMID_E_UNSUPPORTED;
    return kv->backend->lease_end(kv, id, fn, arg);
}

void kv_lease_free(struct kv_lease *lease)
{
    if (lease != NULL)
        lease->kv->backend->lease_free(lease);
}

int64_t kv_lease_id(const struct kv_lease *lease)
{
    return lease->id;
}

int64_t kv_lease_confirmed_ms(const struct kv_lease *lease)
{
    return lease->id == 0 ? 0 : lease->confirmed_ms;
}

int64_t kv_lease_ttl_ms(const struct kv_lease *lease)
{
    return lease->ttl_ms;
}
