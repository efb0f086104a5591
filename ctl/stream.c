#include "ctl/stream.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static void limit_time(int fd, time_t silence_s)
{
    const struct timeval connect_time = {.tv_sec = STREAM_CONNECT_TIME_S};
    const struct timeval silence = {.tv_sec = silence_s};

    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &connect_time, sizeof connect_time);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
}

static int connect_local(const char *path, time_t silence_s)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        limit_time(fd, silence_s);
        snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
            return fd;
    }
    fprintf(stderr, "amictl: cannot reach amid at %s: %s\n", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static int connect_to(const struct settings *settings, time_t silence_s)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int fd = -1;
    int error = getaddrinfo(settings->host, settings->port, &hints, &found);
    if (error != 0) {
        fprintf(stderr, "amictl: %s: %s\n", settings->host, gai_strerror(error));
        return -1;
    }
    for (const struct addrinfo *at = found; at && fd < 0; at = at->ai_next) {
        fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
        if (fd < 0)
            continue;
        limit_time(fd, silence_s);
        if (connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
            int saved = errno;
            close(fd);
            fd = -1;
            errno = saved;
        }
    }
    freeaddrinfo(found);
    if (fd < 0)
        fprintf(stderr, "amictl: cannot reach amid at %s: %s%s\n", settings->url, strerror(errno),
                errno == ECONNREFUSED ? " (is it running, and does it listen there?)" : "");
    return fd;
}

static const char *tls_fault(const struct stream *stream)
{
    long verdict = stream->ssl ? SSL_get_verify_result(stream->ssl) : X509_V_OK;
    const char *why = ERR_reason_error_string(ERR_peek_last_error());

    if (verdict != X509_V_OK)
        return X509_verify_cert_error_string(verdict);
    if (why)
        return why;
    return errno == EAGAIN || errno == EINPROGRESS ? "no answer in time" : "the connection was cut";
}

static bool name_peer(struct stream *stream, const char *host)
{
    struct in6_addr address;
    X509_VERIFY_PARAM *wanted = SSL_get0_param(stream->ssl);

    if (inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(wanted, host) == 1;
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(wanted, host, 0) == 1 &&
           SSL_set_tlsext_host_name(stream->ssl, host) == 1;
}

static bool make_context(struct stream *stream, const char *ca_file)
{
    stream->context = SSL_CTX_new(TLS_client_method());
    if (!stream->context)
        return false;
    SSL_CTX_set_min_proto_version(stream->context, TLS1_2_VERSION);
    SSL_CTX_set_verify(stream->context, SSL_VERIFY_PEER, NULL);
    return ca_file ? SSL_CTX_load_verify_file(stream->context, ca_file) == 1
                   : SSL_CTX_set_default_verify_paths(stream->context) == 1;
}

/* OpenSSL writes without MSG_NOSIGNAL, and its reads may write. */
static int without_signal(int (*call)(SSL *ssl), SSL *ssl)
{
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    int result;

    ERR_clear_error();
    errno = 0;
    result = call(ssl);
    signal(SIGPIPE, before);
    return result;
}

static bool begin_tls(struct stream *stream, const struct settings *settings, time_t silence_s)
{
    const struct timeval limit = {.tv_sec = STREAM_CONNECT_TIME_S};

    ERR_clear_error();
    if (!make_context(stream, settings->ca_file)) {
        fprintf(stderr, "amictl: %s: no certificates of authorities (%s)\n",
                settings->ca_file ? settings->ca_file : "OpenSSL", tls_fault(stream));
        return false;
    }
    stream->ssl = SSL_new(stream->context);
    setsockopt(stream->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (!stream->ssl || !name_peer(stream, settings->host) ||
        SSL_set_fd(stream->ssl, stream->fd) != 1 || without_signal(SSL_connect, stream->ssl) != 1) {
        fprintf(stderr, "amictl: %s: no TLS: %s\n", settings->url, tls_fault(stream));
        return false;
    }
    limit_time(stream->fd, silence_s);
    return true;
}

bool stream_open(struct stream *stream, const struct settings *settings, time_t silence_s)
{
    *stream = (struct stream){.fd = settings->socket ? connect_local(settings->socket, silence_s)
                                                     : connect_to(settings, silence_s)};
    if (stream->fd < 0)
        return false;
    if (!settings->is_tls || settings->socket || begin_tls(stream, settings, silence_s))
        return true;
    stream_close(stream);
    return false;
}

void stream_close(struct stream *stream)
{
    if (stream->ssl && SSL_is_init_finished(stream->ssl))
        without_signal(SSL_shutdown, stream->ssl);
    SSL_free(stream->ssl);
    SSL_CTX_free(stream->context);
    close(stream->fd);
    *stream = (struct stream){.fd = -1};
}

static void keep_fault(struct stream *stream)
{
    const char *why = errno == EAGAIN ? "no answer in time" : strerror(errno);

    if (stream->ssl)
        why = tls_fault(stream);
    snprintf(stream->fault, sizeof stream->fault, "%s", why);
}

static ssize_t write_some(struct stream *stream, const char *bytes, size_t len)
{
    void (*before)(int);
    size_t written = 0;

    if (!stream->ssl)
        return send(stream->fd, bytes, len, MSG_NOSIGNAL);
    before = signal(SIGPIPE, SIG_IGN);
    ERR_clear_error();
    errno = 0;
    int result = SSL_write_ex(stream->ssl, bytes, len, &written);
    signal(SIGPIPE, before);
    return result == 1 ? (ssize_t)written : -1;
}

bool stream_write(struct stream *stream, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = write_some(stream, bytes, len);

        if (sent < 0 && !stream->ssl && errno == EINTR)
            continue;
        if (sent <= 0) {
            keep_fault(stream);
            return false;
        }
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

static ssize_t read_tls(struct stream *stream, char *bytes, size_t size)
{
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    size_t got = 0;

    ERR_clear_error();
    errno = 0;
    int result = SSL_read_ex(stream->ssl, bytes, size, &got);
    signal(SIGPIPE, before);
    if (result == 1)
        return (ssize_t)got;
    return SSL_get_error(stream->ssl, result) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

ssize_t stream_read(struct stream *stream, char *bytes, size_t size)
{
    ssize_t got;

    if (stream->ssl) {
        got = read_tls(stream, bytes, size);
    } else {
        do
            got = recv(stream->fd, bytes, size, 0);
        while (got < 0 && errno == EINTR);
    }
    if (got < 0)
        keep_fault(stream);
    return got;
}
