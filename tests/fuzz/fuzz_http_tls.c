/* Any bytes at a listener that speaks TLS, on the path of a connection that was just accepted: as
 * they are (first byte even), or inside a TLS of its own that the harness makes (odd), cut into
 * records. Whatever comes, the connection is gone when the client is, or
 * at the latest after its time. */
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "supervisor/http/connection.h"
#include "supervisor/http/tls.h"

#define TURNS_MAX    5000 /* far more than any input needs */
#define TURNS_QUIET  100  /* then only a time limit can end it: the clock is moved on */
#define RECORD_BYTES 97   /* so that heads are split between records */
#define INPUT_MAX    65536

static struct event_base *base;
static struct timers *timers;
static struct http_server *server;
static SSL_CTX *client_context;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void answer(void *arg, struct http_request *request)
{
    size_t len = 0;
    const char *body = http_request_body(request, &len);

    (void)arg;
    http_respond(request, 200, "text/plain", body, len);
}

static void write_pair(FILE *chain, FILE *key_file)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();

    must(key != NULL && certificate != NULL);
    X509_set_version(certificate, 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    must(X509_sign(certificate, key, EVP_sha256()) > 0);
    must(PEM_write_X509(chain, certificate) == 1 && fflush(chain) == 0);
    must(PEM_write_PrivateKey(key_file, key, NULL, NULL, 0, NULL, NULL) == 1 &&
         fflush(key_file) == 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static struct http_tls *make_tls(void)
{
    int fds[2] = {memfd_create("chain", 0), memfd_create("key", 0)};
    FILE *files[2] = {fdopen(fds[0], "w"), fdopen(fds[1], "w")};
    char paths[2][64], reason[256];
    struct http_tls *tls;

    must(files[0] != NULL && files[1] != NULL);
    write_pair(files[0], files[1]);
    for (int i = 0; i < 2; i++)
        snprintf(paths[i], sizeof(paths[i]), "/proc/self/fd/%d", fds[i]);
    must(http_tls_new(paths[0], paths[1], &tls, reason, sizeof(reason)) == 0);
    fclose(files[0]);
    fclose(files[1]);
    return tls;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const struct http_limits limits = {.connections = 8, .cors_origin = "*"};
    struct defer *defer;

    (void)argc;
    (void)argv;
    signal(SIGPIPE, SIG_IGN); /* as amid does */
    base = event_base_new();
    must(base != NULL);
    timers = timers_new(base);
    defer = defer_new(base);
    must(timers != NULL && defer != NULL);
    must(http_server_new(base, timers, defer, &limits, &server) == 0);
    must(http_server_route(server, "GET", "/healthz", answer, NULL) == 0);
    must(http_server_route(server, "POST", "/", answer, NULL) == 0);
    http_server_set_tls(server, make_tls());
    client_context = SSL_CTX_new(TLS_client_method());
    must(client_context != NULL);
    return 0;
}

static void turn(void)
{
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static void drop_answers(int fd)
{
    char bytes[4096];

    while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        ;
}

static void send_plain(int fd, const uint8_t *data, size_t size)
{
    for (int i = 0; size > 0 && i < TURNS_MAX; i++) {
        ssize_t sent = send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent > 0) {
            data += sent;
            size -= (size_t)sent;
        }
        turn();
        drop_answers(fd);
    }
}

static void send_in_tls(int fd, const uint8_t *data, size_t size)
{
    SSL *ssl = SSL_new(client_context);
    char bytes[4096];

    must(ssl != NULL && SSL_set_fd(ssl, fd) == 1);
    for (int i = 0; SSL_connect(ssl) != 1; i++) {
        must(i < TURNS_MAX);
        turn();
    }
    for (int i = 0; size > 0 && i < TURNS_MAX; i++) {
        size_t len = size < RECORD_BYTES ? size : RECORD_BYTES;
        int sent = SSL_write(ssl, data, (int)len);

        if (sent > 0) {
            data += sent;
            size -= (size_t)sent;
        }
        turn();
        while (SSL_read(ssl, bytes, sizeof(bytes)) > 0)
            ;
    }
    SSL_shutdown(ssl);
    SSL_free(ssl);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sockaddr_in peer = {.sin_family = AF_INET,
                                     .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    struct http_counts counts;
    int pair[2];

    if (size == 0 || size > INPUT_MAX)
        return 0;
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0);
    must(connection_open(http_server_context(server), pair[0], (const struct sockaddr *)&peer,
                         false) == 0);
    if (data[0] % 2 == 0)
        send_plain(pair[1], data + 1, size - 1);
    else
        send_in_tls(pair[1], data + 1, size - 1);
    close(pair[1]);
    for (int i = 0;; i++) {
        http_server_count(server, &counts);
        if (counts.connections == 0)
            break;
        must(i < TURNS_MAX);
        if (i % TURNS_QUIET == TURNS_QUIET - 1) {
            clock_advance_ms(HTTP_IDLE_TIME_MS);
            timers_advance(timers);
        }
        turn();
    }
    return 0;
}
