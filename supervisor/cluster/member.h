#ifndef AMID_CLUSTER_MEMBER_H
#define AMID_CLUSTER_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "common/id.h"
#include "supervisor/kv/kv.h"

/*
 * What a node says of itself under ["ami","node",nid], as long as its lease lives. Written by other
 * machines: whatever does not fit is no record.
 */
#define MEMBER_NID_MAX     64 /* node.nid */
#define MEMBER_ADDRESS_MAX 256
#define MEMBER_VERSION_MAX 32
#define MEMBER_VALUE_MAX   2048

struct member {
    char nid[MEMBER_NID_MAX + 1];
    char instance[ID_UUID_LEN + 1]; /* of its state folder */
    int64_t lease;                  /* the server's number of it */
    char address[MEMBER_ADDRESS_MAX + 1];
    char version[MEMBER_VERSION_MAX + 1];
    int64_t started_ms; /* wall clocks, for display */
    int64_t heartbeat_ms;
    uint32_t running; /* workers, of limit */
    uint32_t limit;
    /* Every change of a leader or exclusive worker up to this one has been carried out there: no
     * process of before is left (RULES 6). All zero = none yet. */
    struct kv_versionstamp settled;
};

void member_to_json(const struct member *member, struct buffer *out);
/* 0 or AMID_E_INVALID, also for one that speaks of another nid. */
int member_from_json(const char *text, size_t len, const char *nid, struct member *ret_member);

#endif
