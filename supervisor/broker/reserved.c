#include "supervisor/broker/reserved.h"

#include <string.h>

#include "common/error.h"
#include "common/kv_key.h"

static bool is_leader_info(const uint8_t *key, size_t len)
{
    struct kv_key prefix;

    return kv_key_of(&prefix, "leader", "info", NULL) == 0 && len >= prefix.len &&
           memcmp(key, prefix.bytes, prefix.len) == 0;
}

bool reserved_may_write(const uint8_t *key, size_t len)
{
    return !kv_key_starts_with(key, len, "ami") && !kv_key_starts_with(key, len, "leader");
}

bool reserved_may_read(const uint8_t *key, size_t len)
{
    return reserved_may_write(key, len) || is_leader_info(key, len);
}

static int compare(const struct kv_key *a, const struct kv_key *b)
{
    size_t len = a->len < b->len ? a->len : b->len;
    int order = memcmp(a->bytes, b->bytes, len);

    if (order != 0)
        return order;
    return a->len < b->len ? -1 : a->len > b->len;
}

static size_t part_add(const struct kv_range *range, const struct kv_key *start,
                       const struct kv_key *end, struct kv_range *part)
{
    if (compare(start, end) >= 0)
        return 0;
    part->start = *start;
    part->end = *end;
    part->limit = range->limit;
    part->reverse = range->reverse;
    return 1;
}

/* What begins with the prefix; RESERVED keys are short, so this cannot fail. */
static void bounds_of(const struct kv_key *prefix, struct kv_range *ret_range)
{
    ret_range->start = *prefix;
    kv_key_prefix_end(prefix, &ret_range->end);
}

static bool is_within(const struct kv_range *range, const struct kv_range *outer)
{
    return compare(&range->start, &outer->start) >= 0 && compare(&range->end, &outer->end) <= 0;
}

/* "leader" needs no cutting out: nothing but ["leader","info",…] is ever written there. */
int reserved_cut(const struct kv_range *range, struct kv_range parts[RESERVED_PARTS_MAX])
{
    struct kv_range amid, leader, info;
    struct kv_key prefix;
    size_t count;

    kv_key_of(&prefix, "ami", NULL);
    bounds_of(&prefix, &amid);
    kv_key_of(&prefix, "leader", NULL);
    bounds_of(&prefix, &leader);
    kv_key_of(&prefix, "leader", "info", NULL);
    bounds_of(&prefix, &info);
    if (compare(&range->start, &range->end) >= 0)
        return 0;
    if (is_within(range, &amid) || (is_within(range, &leader) && !is_within(range, &info)))
        return AMID_E_DENIED;
    count = part_add(range, &range->start,
                     compare(&range->end, &amid.start) < 0 ? &range->end : &amid.start, parts);
    count += part_add(range, compare(&range->start, &amid.end) > 0 ? &range->start : &amid.end,
                      &range->end, parts + count);
    return (int)count;
}
