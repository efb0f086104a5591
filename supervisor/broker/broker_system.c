#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/json.h"
#include "supervisor/broker/host_call.h"

#define INFO_MAX_BYTES     1024
#define HOSTNAME_MAX_BYTES 256

/* What a confined process cannot read for itself. */
static void system_info(struct host_call *call, const cJSON *args, const uint8_t *data, size_t len)
{
    char hostname[HOSTNAME_MAX_BYTES + 1] = "";
    double load[3] = {0, 0, 0};
    struct buffer json;

    (void)args;
    (void)data;
    (void)len;
    if (getloadavg(load, 3) != 3)
        load[0] = load[1] = load[2] = 0;
    if (gethostname(hostname, HOSTNAME_MAX_BYTES) != 0)
        hostname[0] = '\0';
    buffer_init(&json, INFO_MAX_BYTES);
    buffer_printf(&json, "{\"loadavg\":[%.2f,%.2f,%.2f],\"hostname\":", load[0], load[1], load[2]);
    json_append_string(&json, hostname, strlen(hostname));
    buffer_append_char(&json, '}');
    if (buffer_status(&json) != 0)
        host_call_fail(call, AMID_E_NOMEM, NULL);
    else
        host_call_done(call, json.data, NULL, 0);
    buffer_free(&json);
}

const struct broker_op broker_system_ops[] = {
    {PROTO_SYSTEM_INFO, system_info},
    {0, NULL},
};
