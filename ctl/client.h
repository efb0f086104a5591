#ifndef AMID_CTL_CLIENT_H
#define AMID_CTL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"
#include "ctl/settings.h"

#define CLIENT_ANSWER_MAX_BYTES ((size_t)256 << 20)
#define CLIENT_TIME_MAX_S       30

struct client_body {
    const char *bytes;
    size_t len;
};

/* One exchange over a blocking socket. */
struct client_answer {
    int status;
    struct buffer body; /* freed with buffer_free */
};

/* Called with each piece of a streamed body; false ends the exchange. */
typedef bool (*client_piece_fn)(void *arg, const char *bytes, size_t len);

/*
 * each NULL: the whole body is collected, within CLIENT_TIME_MAX_S of silence. Otherwise the pieces
 * of a 200 go to each for as long as they come. Prints why it failed; CTL_OK also for error
 * statuses.
 */
enum ctl_exit client_exchange(const struct settings *settings, const char *method, const char *path,
                              client_piece_fn each, void *arg, struct client_answer *ret_answer);

/* The same with a body (bytes, not JSON), for a whole answer. */
enum ctl_exit client_send(const struct settings *settings, const char *method, const char *path,
                          const struct client_body *body, struct client_answer *ret_answer);

#endif
