#ifndef AMID_LIFECYCLE_WORDS_H
#define AMID_LIFECYCLE_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "supervisor/lifecycle/policy.h"

/*
 * What a runner says in its own words, read with suspicion: each returns 0, or AMID_E_PROTOCOL for
 * a payload that no honest runner writes. Texts come out as one line that is safe to show.
 */
#define WORDS_BUILD_ID_BYTES 32
#define WORDS_TEXT_MAX_BYTES 640

struct words_hello {
    uint32_t version;
    const uint8_t *build_id; /* WORDS_BUILD_ID_BYTES, borrowed from the payload */
    uint32_t confined;       /* enum proto_confined bits */
};

struct words_fatal {
    uint32_t kind; /* enum proto_fatal */
    char text[WORDS_TEXT_MAX_BYTES];
    char *stack; /* to be freed; may be NULL */
};

struct words_error {
    enum policy_class class_of_error;
    char text[WORDS_TEXT_MAX_BYTES]; /* "Name: message (line 3)" */
    char *stack;                     /* to be freed; may be NULL */
};

int words_hello_read(const uint8_t *payload, size_t len, struct words_hello *ret_hello);
int words_fatal_read(const uint8_t *payload, size_t len, struct words_fatal *ret_fatal);
int words_error_read(const uint8_t *payload, size_t len, struct words_error *ret_error);

#endif
