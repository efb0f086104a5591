#include "supervisor/broker/fetch_client.h"

#include "common/error.h"
#include "supervisor/broker/permission.h"
#include "supervisor/fetch/fetch.h"

static bool may_fetch(void *arg, const char *host, uint16_t port)
{
    return permission_fetch(arg, host, port);
}

int fetch_client_of(struct broker_worker *worker)
{
    if (worker->broker->fetch == NULL)
        return AMID_E_UNSUPPORTED;
    if (worker->fetch_client == NULL)
        worker->fetch_client = fetch_client_open(worker->broker->fetch, may_fetch, worker);
    return worker->fetch_client == NULL ? AMID_E_NOMEM : 0;
}
