#ifndef AMID_KV_READER_H
#define AMID_KV_READER_H

#include "supervisor/kv/kv_internal.h"
#include "supervisor/kv/store.h"

/* The loop's own connection: reads what is committed, at the moment it is asked. */
struct reader;

int reader_open(const char *path, struct reader **ret_reader);
void reader_close(struct reader *reader);
/* Each calls fn once, before it returns. After an error the connection is opened anew for the next.
 */
void reader_get(struct reader *reader, int space, const uint8_t *key, size_t key_len, kv_get_fn fn,
                void *arg);
/* In one read transaction. */
void reader_get_many(struct reader *reader, int space, const struct kv_key *keys, size_t count,
                     kv_get_many_fn fn, void *arg);
void reader_list(struct reader *reader, int space, const struct kv_range *range, kv_list_fn fn,
                 void *arg);
/* Rows of the audit table after seq `after`, in one read transaction. */
void reader_rows(struct reader *reader, uint64_t after, size_t limit, store_rows_fn fn, void *arg);
/* The earliest deadline of an entry with expireIn, 0 = none. */
int reader_next_expiry(struct reader *reader, int64_t *ret_ms);

#endif
