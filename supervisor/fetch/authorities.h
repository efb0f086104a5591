#ifndef AMID_FETCH_AUTHORITIES_H
#define AMID_FETCH_AUTHORITIES_H

#include <stddef.h>

/*
 * The certificate authorities that fetch believes, the system's and those of fetch.ca_file: copied
 * into a folder that OpenSSL can look through (one file for each, named after a hash of its
 * subject), which is all that libcurl is told. So a connection reads the one or two that it needs;
 * from a file with all of them curl would parse and keep 140 for each worker, and no structure of
 * our OpenSSL is ever seen by the one below libcurl, which may be another.
 */

#define AUTHORITIES_FOLDER "authorities" /* in the state folder */
/* Distributions have about 150. */
#define AUTHORITIES_MAX 2048

/* Whether a file holds certificates (PEM). AMID_E_NOT_FOUND, AMID_E_INVALID, AMID_E_LIMIT or
 * AMID_E_NOMEM, with reason in full. */
int authorities_check(const char *ca_file, char *reason, size_t reason_size);
/*
 * Makes the folder hold what the files do now, and nothing else; what has not changed is not
 * written. ca_file: PEM, or "" for none. A system without authorities is no error: then only those
 * of ca_file are believed. Errors as above, or of the folder, with reason in full.
 */
int authorities_write(const char *folder, const char *ca_file, char *reason, size_t reason_size);

#endif
