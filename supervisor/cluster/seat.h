#ifndef AMID_CLUSTER_SEAT_H
#define AMID_CLUSTER_SEAT_H

#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"
#include "supervisor/cluster/member.h"

/*
 * The two records about the leader of a worker. The seat, ["ami","leader",sid], is under the
 * leader's lease and written once, so that its versionstamp is the fencing token. The info,
 * ["leader","info",sid], is for display, advances with each renewal and outlives the seat. Both are
 * written by other machines.
 */
#define SEAT_VALUE_MAX 1024

struct seat {
    char nid[MEMBER_NID_MAX + 1];
    char instance[ID_UUID_LEN + 1];
    int64_t lease;      /* under which it is */
    int64_t elected_ms; /* wall clock */
    uint64_t generation;
};

struct leader_info { /* wall clocks; 0 = never */
    char leader[MEMBER_NID_MAX + 1];
    int64_t elected_ms, renewed_ms, expires_ms;
};

int seat_key(struct kv_key *key, const char *sid);
void seat_to_json(const struct seat *seat, struct buffer *out);
/* Both: 0 or AMID_E_INVALID. */
int seat_from_json(const char *text, size_t len, struct seat *ret_seat);
int leader_info_key(struct kv_key *key, const char *sid);
void leader_info_to_json(const struct leader_info *info, const char *sid, struct buffer *out);
int leader_info_from_json(const char *text, size_t len, struct leader_info *ret_info);

#endif
