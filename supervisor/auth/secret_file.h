#ifndef AMID_AUTH_SECRET_FILE_H
#define AMID_AUTH_SECRET_FILE_H

#include <stddef.h>

/*
 * A secret of hex digits in a file of its own in the state folder, mode 0600. what names it in
 * reasons and log lines ("owner token").
 */
struct secret_file {
    int folder; /* of the state */
    const char *what;
    const char *name;
    size_t hex_len;
};

#define SECRET_FILE_HEX_MAX 160

/* Written whole or not at all, and on disk when 0 is returned. Replaces what is there. */
int secret_file_create(const struct secret_file *file, const char *hex, char *reason,
                       size_t reason_size);
/* AMID_E_NOT_FOUND without a reason if there is no such file; AMID_E_CORRUPT if it holds anything
 * but so many hex digits and white space at the end. ret_hex gets a NUL; the caller wipes it. */
int secret_file_load(const struct secret_file *file, char ret_hex[SECRET_FILE_HEX_MAX + 1],
                     char *reason, size_t reason_size);

#endif
