#include "supervisor/http/tls.h"

#include <errno.h>
#include <event2/bufferevent_ssl.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"

struct http_tls {
    SSL_CTX *context;
};

/* OpenSSL would ask at the terminal. */
static int no_passphrase(char *out, int size, int for_writing, void *arg)
{
    (void)out;
    (void)size;
    (void)for_writing;
    (void)arg;
    return -1;
}

/* OpenSSL has no words for what the kernel refuses, and waits for a pipe's other end. */
static int check_file(const char *path, char *reason, size_t reason_size)
{
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        snprintf(reason, reason_size, "%s: %s", path, strerror(errno));
        return AMID_E_INVALID;
    }
    bool is_file = fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode);
    close(fd);
    if (!is_file) {
        snprintf(reason, reason_size, "%s: not a file", path);
        return AMID_E_INVALID;
    }
    return 0;
}

static int file_fault(const char *path, const char *what, char *reason, size_t reason_size)
{
    const char *why = ERR_reason_error_string(ERR_peek_last_error());

    snprintf(reason, reason_size, "%s: %s (%s)", path, what, why != NULL ? why : "unreadable");
    ERR_clear_error();
    return AMID_E_INVALID;
}

static int load_pair(SSL_CTX *context, const char *chain_path, const char *key_path, char *reason,
                     size_t reason_size)
{
    if (check_file(chain_path, reason, reason_size) != 0 ||
        check_file(key_path, reason, reason_size) != 0)
        return AMID_E_INVALID;
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(context, chain_path) != 1)
        return file_fault(chain_path, "no certificate chain in PEM", reason, reason_size);
    if (SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1)
        return file_fault(key_path, "no key in PEM that belongs to the certificate", reason,
                          reason_size);
    return 0;
}

int http_tls_new(const char *chain_path, const char *key_path, struct http_tls **ret_tls,
                 char *reason, size_t reason_size)
{
    struct http_tls *tls = calloc(1, sizeof(*tls));
    int error;

    if (tls == NULL || (tls->context = SSL_CTX_new(TLS_server_method())) == NULL) {
        snprintf(reason, reason_size, "out of memory for TLS");
        http_tls_free(tls);
        return AMID_E_NOMEM;
    }
    SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION);
    /* Renegotiation costs a server far more than its client. */
    SSL_CTX_set_options(tls->context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                          SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(tls->context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(tls->context, SSL_MODE_RELEASE_BUFFERS); /* idle connections are many */
    SSL_CTX_set_default_passwd_cb(tls->context, no_passphrase);
    error = load_pair(tls->context, chain_path, key_path, reason, reason_size);
    if (error != 0) {
        http_tls_free(tls);
        return error;
    }
    *ret_tls = tls;
    return 0;
}

void http_tls_free(struct http_tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

struct bufferevent *http_tls_accept(struct http_tls *tls, struct event_base *base,
                                    evutil_socket_t fd)
{
    SSL *ssl = SSL_new(tls->context);

    if (ssl == NULL)
        return NULL;
    return bufferevent_openssl_socket_new(base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                          BEV_OPT_CLOSE_ON_FREE);
}

void http_tls_say_end(struct bufferevent *stream)
{
    SSL *ssl = bufferevent_openssl_get_ssl(stream);

    if (ssl == NULL || !SSL_is_init_finished(ssl))
        return;
    ERR_clear_error();
    SSL_shutdown(ssl);
    ERR_clear_error();
}
