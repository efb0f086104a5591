#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "common/error.h"
#include "supervisor/etcd/etcd_internal.h"

#define MAXAGE_S          60L /* of an idle connection that is used again */
#define KEEPALIVE_S       5L  /* silence before a probe, and between two */
#define UNACKNOWLEDGED_MS 15000U
#define HEADER_MAX_BYTES  (ETCD_TOKEN_MAX_BYTES + 32)

static size_t write_answer(char *bytes, size_t size, size_t count, void *arg)
{
    struct etcd_attempt *attempt = arg;

    attempt->data_error = attempt->data(attempt, bytes, size * count);
    return attempt->data_error == 0 ? size * count : CURL_WRITEFUNC_ERROR;
}

/* There is no function to go back with: what curl has taken it cannot send a second time, as it
 * would on a new connection when an old one turns out to be dead. */
static size_t read_body(char *out, size_t size, size_t count, void *arg)
{
    struct etcd_attempt *attempt = arg;
    size_t len = attempt->len - attempt->taken;

    if (len > size * count)
        len = size * count;
    memcpy(out, attempt->body + attempt->taken, len);
    attempt->taken += len;
    return len;
}

/* A server whose machine is gone is noticed without its saying so. */
static int set_socket(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    unsigned int timeout_ms = UNACKNOWLEDGED_MS;

    (void)arg;
    (void)purpose;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms));
    return CURL_SOCKOPT_OK;
}

static bool add_header(struct etcd_attempt *attempt, const char *text)
{
    struct curl_slist *longer = libcurl.slist_append(attempt->headers, text);

    if (longer != NULL)
        attempt->headers = longer;
    return longer != NULL;
}

static bool set_headers(struct etcd_attempt *attempt)
{
    char header[HEADER_MAX_BYTES];
    bool made = add_header(attempt, "Content-Type: application/json") &&
                add_header(attempt, "Expect:") &&
                add_header(attempt, "Grpc-Metadata-hasleader: true");

    if (!made || attempt->etcd->token[0] == '\0')
        return made;
    snprintf(header, sizeof(header), "Authorization: %s", attempt->etcd->token);
    return add_header(attempt, header);
}

static bool set_tls(const struct etcd_attempt *attempt)
{
    const struct etcd *etcd = attempt->etcd;
    CURL *curl = attempt->curl;
    int failed = 0;

#define SET(option, value) failed |= libcurl.easy_setopt(curl, option, value) != CURLE_OK
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (etcd->ca_file[0] != '\0') {
        SET(CURLOPT_CAINFO, etcd->ca_file);
        SET(CURLOPT_CAPATH, NULL);
    }
    if (etcd->cert[0] != '\0') {
        SET(CURLOPT_SSLCERT, etcd->cert);
        SET(CURLOPT_SSLKEY, etcd->key);
    }
    return failed == 0;
}

static bool set_options(struct etcd_attempt *attempt, const char *url, uint32_t timeout_ms)
{
    uint32_t connect_ms = attempt->etcd->timeout_ms / 2;
    CURL *curl = attempt->curl;
    int failed = 0;

    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)attempt->len);
    SET(CURLOPT_READFUNCTION, read_body);
    SET(CURLOPT_READDATA, attempt);
    SET(CURLOPT_WRITEFUNCTION, write_answer);
    SET(CURLOPT_WRITEDATA, attempt);
    SET(CURLOPT_HTTPHEADER, attempt->headers);
    SET(CURLOPT_PRIVATE, attempt);
    SET(CURLOPT_ERRORBUFFER, attempt->curl_fault);
    SET(CURLOPT_SOCKOPTFUNCTION, set_socket);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_TCP_KEEPIDLE, KEEPALIVE_S);
    SET(CURLOPT_TCP_KEEPINTVL, KEEPALIVE_S);
    SET(CURLOPT_MAXAGE_CONN, MAXAGE_S);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(connect_ms == 0 ? 1 : connect_ms));
    SET(CURLOPT_TIMEOUT_MS, (long)timeout_ms);
#undef SET
    return failed == 0 && set_tls(attempt);
}

int etcd_attempt_start(struct etcd_attempt *attempt, const char *path, uint32_t timeout_ms)
{
    char url[ENDPOINT_URL_MAX_BYTES + ETCD_PATH_MAX_BYTES];

    snprintf(url, sizeof(url), "%s%s", attempt->etcd->endpoints.urls[attempt->endpoint], path);
    attempt->taken = 0;
    attempt->data_error = 0;
    attempt->status = 0;
    attempt->curl_fault[0] = '\0';
    attempt->curl = libcurl.easy_init();
    if (attempt->curl != NULL && set_headers(attempt) && set_options(attempt, url, timeout_ms) &&
        curl_loop_add(&attempt->etcd->curl, attempt->curl) == 0)
        return 0;
    libcurl.easy_cleanup(attempt->curl);
    attempt->curl = NULL;
    libcurl.slist_free_all(attempt->headers);
    attempt->headers = NULL;
    return AMID_E_NOMEM;
}

void etcd_attempt_stop(struct etcd_attempt *attempt)
{
    if (attempt->curl == NULL)
        return;
    curl_loop_remove(&attempt->etcd->curl, attempt->curl);
    libcurl.easy_cleanup(attempt->curl);
    attempt->curl = NULL;
    libcurl.slist_free_all(attempt->headers);
    attempt->headers = NULL;
}

void etcd_attempt_ended(CURL *curl, CURLcode result)
{
    struct etcd_attempt *attempt = NULL;
    int error = AMID_E_NETWORK;

    libcurl.easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&attempt);
    libcurl.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &attempt->status);
    if (result == CURLE_OK)
        error = 0;
    else if (attempt->data_error != 0)
        error = attempt->data_error;
    else if (result == CURLE_OUT_OF_MEMORY)
        error = AMID_E_NOMEM;
    else if (result == CURLE_OPERATION_TIMEDOUT)
        error = AMID_E_TIMEOUT;
    if (error != 0 && attempt->curl_fault[0] == '\0')
        snprintf(attempt->curl_fault, sizeof(attempt->curl_fault), "%s",
                 libcurl.easy_strerror(result));
    etcd_attempt_stop(attempt);
    attempt->ended(attempt, error);
}
