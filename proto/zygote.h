#ifndef AMID_PROTO_ZYGOTE_H
#define AMID_PROTO_ZYGOTE_H

#include <stdint.h>

/*
 * amid runs `amid-runner --zygote` (workers) and `amid-runner --zygote=compiler`, each with a
 * SOCK_SEQPACKET control socket as fd 3. A request carries exactly two descriptors (SCM_RIGHTS):
 * the runner's end of its channel (SOCK_STREAM) and its status page. The zygote clones with
 * CLONE_PARENT | CLONE_PIDFD, so that the child is amid's own, and answers with the pidfd. The
 * child waits for the GO frame on its channel. At start the zygote sends one ZYGOTE_READY reply (id
 * 0) when its heap is warm.
 */
#define ZYGOTE_CONTROL_FD 3
/* The node's page (proto/node_page.h), or something else that cannot be mapped. */
#define ZYGOTE_NODE_FD 4
#define ZYGOTE_MAGIC   0x7a79676fu

struct zygote_request {
    uint32_t magic;
    uint32_t id;
};

struct zygote_reply {
    uint32_t magic;
    uint32_t id;
    int32_t error; /* 0 or an errno value */
    int32_t pid;
    uint8_t build_id[32]; /* of the READY reply: SHA-256 of engine configuration, prelude and
                             compiler */
};

#endif
