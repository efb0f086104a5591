#ifndef AMID_TESTS_MEMORY_KV_H
#define AMID_TESTS_MEMORY_KV_H

#include "tests/tools/runner_client.h"

/* Both key-value spaces of one worker, in memory, without expiry: enough to answer a runner. */
struct memory_kv;

struct memory_kv *memory_kv_new(void);
void memory_kv_free(struct memory_kv *kv);
/* Answers KV_GET, KV_LIST and KV_ATOMIC. 1 if the frame was one of them, 0 if not, -1 on a fault.
 */
int memory_kv_answer(struct memory_kv *kv, struct runner_process *process,
                     const struct runner_frame *frame);

#endif
