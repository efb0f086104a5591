#include "supervisor/fetch/attempt.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"

#define BUFFER_BYTES 16384L /* read from a socket at once, and so the longest piece of a body */
#define MAXAGE_S     30L    /* of an idle connection that is used again */
/* "+host:port:" and the addresses with brackets and commas. */
#define RESOLVED_BYTES (HOST_NAME_MAX_BYTES + 16 + RESOLVER_ADDRESSES_MAX * ADDRESS_TEXT_BYTES)

void attempt_init(struct attempt *attempt, struct fetch_client *client,
                  const struct attempt_kind *kind)
{
    *attempt = (struct attempt){.client = client, .kind = kind};
}

void attempt_refuse(struct attempt *attempt, int error, const char *format, ...)
{
    va_list args;

    if (attempt->refusal != 0)
        return;
    attempt->refusal = error;
    va_start(args, format);
    vsnprintf(attempt->fault, sizeof(attempt->fault), format, args);
    va_end(args);
}

static int check_permission(struct attempt *attempt)
{
    const struct target *target = &attempt->target;

    if (attempt->client->may(attempt->client->arg, target->host, target->port))
        return 0;
    attempt_refuse(attempt, AMID_E_DENIED, "%.253s:%u", target->host, (unsigned)target->port);
    return AMID_E_DENIED;
}

/* What really is at the other end, as curl tells it in numbers. */
static int check_peer(struct attempt *attempt, const struct address *address)
{
    char fault[FETCH_FAULT_BYTES];

    if (fetch_may_connect(attempt->client->fetch, &attempt->target, address, fault) == 0)
        return 0;
    attempt_refuse(attempt, AMID_E_DENIED, "%s", fault);
    return AMID_E_DENIED;
}

/* Called by curl for each address that it tries. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct attempt *attempt = arg;
    struct address address;

    if (purpose != CURLSOCKTYPE_IPCXN || address_of(&to->addr, to->addrlen, &address) != 0 ||
        check_peer(attempt, &address) != 0)
        return CURL_SOCKET_BAD;
    return socket(to->family, to->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->protocol);
}

/* Called by curl before each request, on a connection that is used again as well. */
static int before_request(void *arg, char *peer, char *local, int peer_port, int local_port)
{
    struct attempt *attempt = arg;
    struct address address;

    (void)local;
    (void)local_port;
    if (peer_port != attempt->target.port ||
        address_parse(peer, (uint16_t)peer_port, &address) != 0) {
        attempt_refuse(attempt, AMID_E_INTERNAL, "connected to another port than asked for");
        return CURL_PREREQFUNC_ABORT;
    }
    if (check_permission(attempt) != 0 || check_peer(attempt, &address) != 0)
        return CURL_PREREQFUNC_ABORT;
    return CURL_PREREQFUNC_OK;
}

/* What every request has in common, and what nobody may talk curl into. */
static bool set_common_options(struct attempt *attempt)
{
    CURL *curl = attempt->curl;
    int failed = 0;

#define SET(option, value) failed |= libcurl.easy_setopt(curl, option, value) != CURLE_OK
    SET(CURLOPT_CURLU, attempt->target.url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_HTTP_CONTENT_DECODING, 0L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, attempt->client->fetch->authorities);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, attempt);
    SET(CURLOPT_PREREQFUNCTION, before_request);
    SET(CURLOPT_PREREQDATA, attempt);
    SET(CURLOPT_PRIVATE, attempt);
    SET(CURLOPT_ERRORBUFFER, attempt->curl_fault);
    SET(CURLOPT_BUFFERSIZE, BUFFER_BYTES);
    SET(CURLOPT_MAXAGE_CONN, MAXAGE_S);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    if (attempt->resolved != NULL)
        SET(CURLOPT_RESOLVE, attempt->resolved);
#undef SET
    return failed == 0;
}

/* Permission and addresses are in order: hands over to curl. */
static int launch(struct attempt *attempt)
{
    int error = AMID_E_NOMEM;

    attempt->curl = libcurl.easy_init();
    if (attempt->curl != NULL && set_common_options(attempt))
        error = attempt->kind->prepare(attempt);
    if (error == 0)
        error = client_add(attempt->client, attempt->curl);
    if (error != 0) {
        libcurl.easy_cleanup(attempt->curl);
        attempt->curl = NULL;
        attempt_refuse(attempt, error, "%s", error_text(error));
    }
    return error;
}

/* The addresses that may be connected to, as curl is told them; the rest it never hears of. */
static int keep_allowed(struct attempt *attempt, const struct address *addresses, size_t count)
{
    char text[RESOLVED_BYTES], fault[FETCH_FAULT_BYTES] = "";
    size_t kept = 0, at;

    at = (size_t)snprintf(text, sizeof(text), "+%s:%u:", attempt->target.host,
                          (unsigned)attempt->target.port);
    for (size_t i = 0; i < count; i++) {
        char address[ADDRESS_TEXT_BYTES];

        if (fetch_may_connect(attempt->client->fetch, &attempt->target, &addresses[i], fault) != 0)
            continue;
        address_text(&addresses[i], address);
        *strrchr(address, ':') = '\0';
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", kept == 0 ? "" : ",", address);
        kept++;
    }
    if (kept == 0) {
        attempt_refuse(attempt, AMID_E_DENIED, "%s", fault);
        return AMID_E_DENIED;
    }
    attempt->resolved = libcurl.slist_append(NULL, text);
    if (attempt->resolved == NULL) {
        attempt_refuse(attempt, AMID_E_NOMEM, "%s", error_text(AMID_E_NOMEM));
        return AMID_E_NOMEM;
    }
    return 0;
}

static void on_addresses(void *arg, int error, const struct address *addresses, size_t count)
{
    struct attempt *attempt = arg;

    attempt->job = NULL;
    if (error == AMID_E_NOT_FOUND)
        attempt_refuse(attempt, AMID_E_NETWORK, "there is no host %.200s", attempt->target.host);
    else if (error != 0)
        attempt_refuse(attempt, AMID_E_NETWORK, "cannot find out the address of %.200s",
                       attempt->target.host);
    else if (keep_allowed(attempt, addresses, count) == 0)
        launch(attempt);
    if (attempt->refusal != 0)
        attempt->kind->ended(attempt, attempt->refusal);
}

int attempt_begin(struct attempt *attempt, const struct target *target)
{
    struct fetch *fetch = attempt->client->fetch;
    struct address address;
    int error;

    attempt->target = *target;
    attempt->refusal = 0;
    attempt->curl_fault[0] = '\0';
    error = check_permission(attempt);
    if (error == 0 && target->is_address) {
        error = address_parse(target->host, target->port, &address);
        if (error == 0)
            error = check_peer(attempt, &address);
        if (error == 0)
            error = launch(attempt);
    } else if (error == 0) {
        error = resolver_ask(fetch->resolver, target->host, target->port, on_addresses, attempt,
                             &attempt->job);
    }
    if (error != 0) {
        attempt_refuse(attempt, error, "%s", error_text(error));
        attempt_end(attempt);
    }
    return error;
}

void attempt_end(struct attempt *attempt)
{
    if (attempt->job != NULL)
        resolver_forget(attempt->job);
    attempt->job = NULL;
    if (attempt->curl != NULL) {
        client_remove(attempt->client, attempt->curl);
        libcurl.easy_cleanup(attempt->curl);
    }
    attempt->curl = NULL;
    libcurl.slist_free_all(attempt->resolved);
    attempt->resolved = NULL;
    target_free(&attempt->target);
}

static int error_of(CURLcode result)
{
    switch (result) {
    case CURLE_OK:
        return 0;
    case CURLE_OUT_OF_MEMORY:
        return AMID_E_NOMEM;
    case CURLE_OPERATION_TIMEDOUT:
        return AMID_E_TIMEOUT;
    default:
        return AMID_E_NETWORK;
    }
}

void attempt_result(struct attempt *attempt, CURLcode result)
{
    int error = error_of(result);

    if (error != 0) {
        attempt_refuse(attempt, error, "%.120s: %.180s", attempt->target.host,
                       attempt->curl_fault[0] != '\0' ? attempt->curl_fault
                                                      : libcurl.easy_strerror(result));
        /* curl may quote what the other side sent. */
        for (char *at = attempt->fault; *at != '\0'; at++) {
            if (!isprint((unsigned char)*at))
                *at = '?';
        }
    }
    attempt->kind->ended(attempt, error == 0 ? 0 : attempt->refusal);
}
