#include <stdio.h>

#include "common/error.h"
#include "supervisor/kv/etcd_space.h"
#include "supervisor/kv/migrate.h"

/* Of a build without etcd. */

static const char absent[] = "this amid was built without etcd (AMID_WITH_ETCD)";

int etcd_space_open(struct event_base *base, struct timers *timers,
                    const struct etcd_space_settings *settings, struct etcd_space **ret_space,
                    char *reason, size_t reason_size)
{
    (void)base;
    (void)timers;
    (void)settings;
    (void)ret_space;
    snprintf(reason, reason_size, "%s", absent);
    return AMID_E_UNSUPPORTED;
}

void etcd_space_close(struct etcd_space *space)
{
    (void)space;
}

struct kv *etcd_space_kv(struct etcd_space *space)
{
    (void)space;
    return NULL;
}

int migrate_run(const struct migrate_settings *settings, struct migrate_report *ret_report,
                char *reason, size_t reason_size)
{
    (void)settings;
    (void)ret_report;
    snprintf(reason, reason_size, "%s", absent);
    return AMID_E_UNSUPPORTED;
}
