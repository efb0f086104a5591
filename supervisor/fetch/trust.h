#ifndef AMID_FETCH_TRUST_H
#define AMID_FETCH_TRUST_H

#include <openssl/ssl.h>
#include <stddef.h>

/*
 * The certificate authorities that fetch believes: the system's and those of fetch.ca_file. Read
 * once and shared by every connection; curl by itself would read and keep a copy per worker.
 */
struct trust;

/* ca_file: PEM, or "" for none. AMID_E_NOT_FOUND, AMID_E_INVALID or AMID_E_NOMEM, with reason in
 * full. A system without authorities is no error: then only those of ca_file are believed. */
int trust_load(const char *ca_file, struct trust **ret_trust, char *reason, size_t reason_size);
void trust_free(struct trust *trust);
/* The context holds on to what it uses of the trust. 0 or AMID_E_NOMEM. */
int trust_apply(const struct trust *trust, SSL_CTX *context);

#endif
