#ifndef AMID_TESTS_RUNNER_CLIENT_H
#define AMID_TESTS_RUNNER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/buffer.h"
#include "proto/message.h"
#include "proto/status_page.h"

/*
 * amid's side of a runner, as small as it can be: for tools and tests that talk to the real
 * amid-runner over the real protocol. Calls block; each returns 0 or -1 with a line on stderr.
 */
struct zygote_client {
    int control_fd;
    pid_t pid;
    uint32_t last_id;
};

struct runner_process {
    int fd;    /* our end of the channel, non-blocking; -1 = none */
    int pidfd; /* -1 = none or reaped */
    pid_t pid;
    struct status_page *status;
    struct buffer in;
    size_t in_used;
};

struct runner_frame {
    enum proto_message type;
    uint32_t id;
    const uint8_t *payload; /* until the next call on the process */
    size_t len;
};

/* The program beside the caller's own, or $AMID_RUNNER. */
int zygote_client_start(struct zygote_client *zygote, bool is_compiler);
void zygote_client_stop(struct zygote_client *zygote);

int runner_process_start(struct zygote_client *zygote, struct runner_process *ret_process);
/* Kills (if it lives), reaps, closes. ret_code: exit code, or -signal. Either may be NULL. */
void runner_process_end(struct runner_process *process, int *ret_code);
/* Waits for its own end. -1 after timeout_ms. */
int runner_process_wait(struct runner_process *process, int timeout_ms, int *ret_code);

/* GO with the usual limits. */
int runner_send_go(struct runner_process *process, uint32_t heap_bytes, uint32_t turn_ms);
/* Sends and frees payload (NULL = empty). */
int runner_send(struct runner_process *process, enum proto_message type, uint32_t id,
                struct buffer *payload);
/* 1 and a frame, 0 when none is whole yet, -1 when the channel is closed or the frame is not one
 * of a runner's. Does not block. */
int runner_next(struct runner_process *process, struct runner_frame *ret_frame);
/* Waits for the next frame. 1, 0 after timeout_ms, -1 as above. */
int runner_wait(struct runner_process *process, int timeout_ms, struct runner_frame *ret_frame);

#endif
