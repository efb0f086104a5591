#ifndef AMID_FETCH_ANSWER_HEAD_H
#define AMID_FETCH_ANSWER_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"

#define ANSWER_HEAD_MAX_BYTES   (64u * 1024) /* names and values together */
#define ANSWER_HEADERS_MAX      256
#define ANSWER_REASON_MAX_BYTES 128 /* of the text after the status; longer ones are cut */

/*
 * Status and header fields of an answer, read line by line from another machine. A later head
 * (after one of 1xx) takes the place of the one before; what comes after the last is trailers.
 */
struct answer_head {
    int status;
    bool is_complete; /* of the answer proper, not of a 1xx */
    char reason[ANSWER_REASON_MAX_BYTES + 1];
    unsigned count;
    struct buffer fields; /* name NUL value NUL, names in lower case */
};

void answer_head_init(struct answer_head *head);
void answer_head_free(struct answer_head *head);
/* One line with or without its end. 0, AMID_E_TOO_LARGE, AMID_E_PROTOCOL or AMID_E_NOMEM. */
int answer_head_line(struct answer_head *head, const char *line, size_t len);
/* Walks the fields: *at NULL to begin with; false at the end. */
bool answer_head_next(const struct answer_head *head, const char **at, const char **ret_name,
                      const char **ret_value);
/* The first field of that name (lower case), or NULL. */
const char *answer_head_field(const struct answer_head *head, const char *name);

#endif
