#include "supervisor/fetch/trust.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"

/* Where the distributions keep them: Debian, Fedora and its kin, SUSE, Alpine. */
static const char *const system_files[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

struct trust {
    X509_STORE *store;
};

static int load_file(struct trust *trust, const char *file)
{
    int loaded = X509_STORE_load_file(trust->store, file);

    ERR_clear_error();
    return loaded == 1 ? 0 : AMID_E_INVALID;
}

static void load_system(struct trust *trust)
{
    for (size_t i = 0; i < sizeof(system_files) / sizeof(system_files[0]); i++) {
        if (load_file(trust, system_files[i]) == 0)
            return;
    }
}

int trust_load(const char *ca_file, struct trust **ret_trust, char *reason, size_t reason_size)
{
    struct trust *trust = calloc(1, sizeof(*trust));

    if (trust != NULL)
        trust->store = X509_STORE_new();
    if (trust == NULL || trust->store == NULL) {
        free(trust);
        snprintf(reason, reason_size, "out of memory");
        return AMID_E_NOMEM;
    }
    if (ca_file[0] != '\0' && access(ca_file, R_OK) != 0) {
        snprintf(reason, reason_size, "fetch.ca_file: %s cannot be read: %s", ca_file,
                 strerror(errno));
        trust_free(trust);
        return AMID_E_NOT_FOUND;
    }
    if (ca_file[0] != '\0' && load_file(trust, ca_file) != 0) {
        snprintf(reason, reason_size, "fetch.ca_file: %s holds no PEM certificates", ca_file);
        trust_free(trust);
        return AMID_E_INVALID;
    }
    load_system(trust);
    *ret_trust = trust;
    return 0;
}

void trust_free(struct trust *trust)
{
    if (trust == NULL)
        return;
    X509_STORE_free(trust->store);
    free(trust);
}

int trust_apply(const struct trust *trust, SSL_CTX *context)
{
    if (X509_STORE_up_ref(trust->store) != 1)
        return AMID_E_NOMEM;
    SSL_CTX_set_cert_store(context, trust->store);
    return 0;
}
