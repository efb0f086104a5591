#ifndef AMID_SERVE_HEAD_H
#define AMID_SERVE_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buffer.h"

/* Header lines of one answer at most, as they go out. */
#define SERVE_HEAD_MAX_BYTES (32 * 1024)

/* The headers that a script gives its answer. Owns lines; freed with serve_head_free. */
struct serve_head {
    struct buffer lines; /* "name: value" CR LF each, ready to be sent */
    bool has_date;
    bool has_length;
    uint64_t length; /* of a Content-Length, which is not among the lines */
};

/*
 * Reads name, value, name, value …, with LF between, in UTF-8 that stands for Latin-1 as in the
 * fetch standard. Names are tokens, values hold no control characters (RFC 9110 5.5), and there
 * must be exactly count of both, so that none was smuggled in by a line end. Connection,
 * Transfer-Encoding and their like are left out: framing is amid's. 0; AMID_E_INVALID,
 * AMID_E_TOO_LARGE or AMID_E_NOMEM.
 */
int serve_head_read(const char *text, size_t len, size_t count, struct serve_head *ret_head);
void serve_head_free(struct serve_head *head);

#endif
