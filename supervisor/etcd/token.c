#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/json.h"
#include "common/log.h"
#include "supervisor/etcd/etcd_internal.h"

#define DENIED_MS      1000 /* after a refusal no token is asked for: each costs etcd a bcrypt */
#define BODY_MAX_BYTES 16384

static void refuse_all(struct etcd *etcd, int error, const char *fault)
{
    struct etcd_call *call, *next;
    struct etcd_stream *stream;

    for (call = TAILQ_FIRST(&etcd->waiting); call != NULL; call = next) {
        next = TAILQ_NEXT(call, link);
        etcd_call_refuse(call, error);
    }
    TAILQ_FOREACH(stream, &etcd->streams, link)
    {
        if (stream->is_waiting)
            etcd_stream_refuse(stream, error, fault);
    }
}

static void denied(struct etcd *etcd, int error, const char *fault)
{
    etcd->token_state = ETCD_TOKEN_NONE;
    etcd->denied_mono_ms = error == AMID_E_UNAVAILABLE ? 0 : clock_mono_ms();
    if (!etcd->denied_told && error != AMID_E_UNAVAILABLE && error != AMID_E_CLOSED) {
        etcd->denied_told = true;
        log_error(&(struct log_about){.event = "cluster"}, "etcd lets the user %s not in: %s",
                  etcd->user, fault);
    }
    refuse_all(etcd, error, fault);
}

static bool is_token(const char *text)
{
    size_t len = text == NULL ? 0 : strlen(text);

    if (len == 0 || len >= ETCD_TOKEN_MAX_BYTES)
        return false;
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~')
            return false;
    }
    return true;
}

static void on_token(void *arg, int error, const struct etcd_answer *answer)
{
    struct etcd *etcd = arg;

    if (etcd->is_closing)
        return;
    const char *token =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer->json, "token"));
    if (error == AMID_E_UNSUPPORTED) { /* authentication is not enabled there */
        etcd->token[0] = '\0';
    } else if (error == 0 && is_token(token)) {
        memcpy(etcd->token, token, strlen(token) + 1);
    } else {
        denied(etcd, error == 0 ? AMID_E_PROTOCOL : error,
               error == 0 ? "a token that is none" : answer->fault);
        return;
    }
    etcd->token_state = ETCD_TOKEN_HELD;
    etcd->token_number++;
    etcd->denied_told = false;
    etcd_pump(etcd);
}

/* Read anew each time, so that it can be changed while amid runs. */
static int password_read(const struct etcd *etcd, char password[ETCD_PASSWORD_MAX_BYTES + 1])
{
    int fd = open(etcd->password_file, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return error_from_errno(errno);
    ssize_t len = read(fd, password, ETCD_PASSWORD_MAX_BYTES + 1);
    int error = len < 0 ? error_from_errno(errno) : 0;
    close(fd);
    if (error == 0 && len > ETCD_PASSWORD_MAX_BYTES)
        error = AMID_E_TOO_LARGE;
    if (error != 0)
        return error;
    password[len] = '\0';
    password[strcspn(password, "\r\n")] = '\0';
    return 0;
}

static int body_make(const struct etcd *etcd, char **ret_body, size_t *ret_len)
{
    char password[ETCD_PASSWORD_MAX_BYTES + 1];
    struct buffer body;
    int error = password_read(etcd, password);

    if (error != 0)
        return error;
    buffer_init(&body, BODY_MAX_BYTES);
    buffer_append_str(&body, "{\"name\":");
    json_append_string(&body, etcd->user, strlen(etcd->user));
    buffer_append_str(&body, ",\"password\":");
    json_append_string(&body, password, strlen(password));
    buffer_append_char(&body, '}');
    sodium_memzero(password, sizeof(password));
    error = buffer_status(&body);
    if (error == 0)
        *ret_body = buffer_take(&body, ret_len);
    buffer_free(&body);
    return error;
}

static void token_ask(struct etcd *etcd)
{
    struct etcd_call *call;
    char *body;
    size_t len;
    int error = body_make(etcd, &body, &len);

    if (error != 0) {
        denied(etcd, error == AMID_E_NOMEM ? error : AMID_E_DENIED,
               "cluster.password_file cannot be read");
        return;
    }
    etcd->token[0] = '\0';
    error =
        etcd_call_new(etcd, ETCD_READ, "/v3/auth/authenticate", body, len, on_token, etcd, &call);
    if (error != 0) {
        denied(etcd, error, error_text(error));
        return;
    }
    call->is_token = true;
    etcd->token_state = ETCD_TOKEN_ASKED;
    TAILQ_REMOVE(&etcd->waiting, call, link);
    TAILQ_INSERT_HEAD(&etcd->waiting, call, link);
}

bool etcd_token_ready(struct etcd *etcd)
{
    if (etcd->user[0] == '\0' || etcd->token_state == ETCD_TOKEN_HELD)
        return true;
    if (etcd->token_state == ETCD_TOKEN_ASKED)
        return false;
    if (etcd->denied_mono_ms != 0 && clock_mono_ms() - etcd->denied_mono_ms < DENIED_MS)
        refuse_all(etcd, AMID_E_DENIED, "refused a moment ago");
    else
        token_ask(etcd);
    return false;
}

void etcd_token_drop(struct etcd *etcd, uint64_t number)
{
    if (etcd->token_state == ETCD_TOKEN_HELD && number == etcd->token_number)
        etcd->token_state = ETCD_TOKEN_NONE;
}
