#ifndef AMID_ETCD_MESSAGES_H
#define AMID_ETCD_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/buffer.h"

/* Splits what a server streams into its JSON objects. Only finds where each ends; what is in it is
 * checked by whoever parses it. */
struct messages {
    struct buffer bytes;
    size_t start; /* what is before it has been taken */
    size_t at;    /* scanned up to here */
    size_t depth;
    bool in_string;
    bool is_escaped;
};

void messages_init(struct messages *messages, size_t max_bytes);
void messages_free(struct messages *messages);
/* 0, AMID_E_TOO_LARGE (more than max_bytes that have not been taken) or AMID_E_NOMEM. Texts told
 * before are gone. */
int messages_add(struct messages *messages, const char *bytes, size_t len);
/* 1 and the next object, which is taken with it; 0 if it is not complete; AMID_E_PROTOCOL for what
 * cannot become one. */
int messages_next(struct messages *messages, const char **ret_text, size_t *ret_len);

#endif
